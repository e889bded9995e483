from __future__ import annotations

from django.urls import path

from workspaces.api import auth, queue_auth, schema  # noqa: F401 - the schema module registers itself by being imported

urlpatterns = [
    path("api/v1/auth/register", auth.Register.as_view()),
    path("api/v1/auth/login", auth.Login.as_view()),
    path("api/v1/auth/me", auth.Me.as_view()),
    path("api/v1/auth/logout", auth.Logout.as_view()),
    path("auth/register", queue_auth.QueueRegister.as_view()),
    path("auth/login", queue_auth.QueueLogin.as_view()),
    path("auth/me", queue_auth.QueueMe.as_view()),
    path("api/v1/login", auth.MarketingLogin.as_view()),
]
