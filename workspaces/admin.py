"""Staff pages: people, workspaces, tokens, the audit trail (read only)."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from common.admin import NotAdded, ReadOnly
from workspaces.models import ApiToken, AuditEntry, Membership, User, Workspace

admin.site.unregister(Group)


class MembershipInline(TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user", "workspace")


@admin.register(User)
class PeopleAdmin(UserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "is_staff", "is_active", "last_login")
    search_fields = ("username", "email", "first_name", "last_name")
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("username", "email", "password")}),
        (
            "Person",
            {"fields": ("first_name", "last_name", "zone", "default_workspace")},
        ),
        (
            "Rights",
            {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")},
        ),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "email", "password1", "password2"),
            },
        ),
    )
    list_filter = ("is_staff", "is_active")
    filter_horizontal = ("user_permissions",)
    readonly_fields = ("last_login", "date_joined")


@admin.register(Workspace)
class WorkspaceAdmin(ModelAdmin):
    list_display = ("name", "slug", "zone", "grace_minutes", "created_at")
    search_fields = ("name", "slug")
    inlines = (MembershipInline,)


@admin.register(ApiToken)
class ApiTokenAdmin(NotAdded, ModelAdmin):
    """Tokens can be seen and revoked here, never made or read: their text exists only
    where it was shown.
    """

    list_display = (
        "name",
        "user",
        "workspace",
        "token_key",
        "created",
        "expiry",
        "last_used_at",
    )
    list_select_related = ("user", "workspace")
    search_fields = ("name", "user__username")
    fields = (
        "name",
        "user",
        "workspace",
        "scopes",
        "created",
        "expiry",
        "last_used_at",
    )
    readonly_fields = fields


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, ModelAdmin):
    list_display = ("at", "actor_name", "action", "thing", "workspace")
    list_filter = ("action", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("thing", "actor_name")
    date_hierarchy = "at"
