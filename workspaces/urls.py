from __future__ import annotations

from django.contrib.auth import views as auth
from django.urls import path
from django.views.generic import RedirectView

from workspaces.api.urls import urlpatterns as api
from workspaces.views import account, teams

urlpatterns = [
    *api,
    path(
        "login", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"
    ),
    path("logout", auth.LogoutView.as_view(), name="logout"),
    path("password/change", auth.PasswordChangeView.as_view(), name="password_change"),
    path(
        "password/change/done",
        auth.PasswordChangeDoneView.as_view(),
        name="password_change_done",
    ),
    path("password/reset", auth.PasswordResetView.as_view(), name="password_reset"),
    path(
        "password/reset/sent",
        auth.PasswordResetDoneView.as_view(),
        name="password_reset_done",
    ),
    path(
        "password/reset/<uidb64>/<token>",
        auth.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "password/reset/done",
        auth.PasswordResetCompleteView.as_view(),
        name="password_reset_complete",
    ),
    path("register", account.register, name="register"),
    path("account", account.account, name="account"),
    path("profile", RedirectView.as_view(pattern_name="account")),
    path("account/tokens", account.new_token, name="token-new"),
    path("account/tokens/<str:key>/revoke", account.revoke_token, name="token-revoke"),
    path("workspaces/new", teams.new, name="workspace-new"),
    path("workspaces/switch", teams.switch, name="workspace-switch"),
    path("workspaces/settings", teams.settings, name="workspace-settings"),
    path("workspaces/members", teams.members, name="members"),
    path(
        "workspaces/members/<int:member_id>", teams.change_member, name="member-change"
    ),
    path("workspaces/audit", teams.trail, name="audit-trail"),
]
