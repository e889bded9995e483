"""Forms of the account and workspace pages."""

from __future__ import annotations

from django import forms

from common.forms import EditForm, ZoneField
from workspaces.models.tokens import SCOPES
from workspaces.roles import Role


class RegisterForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        strip=False,
        max_length=1000,
        help_text="At least 8 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class WorkspaceForm(forms.Form):
    name = forms.CharField(max_length=120)
    slug = forms.SlugField(
        max_length=40,
        label="Short name",
        help_text="In addresses and on the wire, for example h2o.",
    )
    zone = ZoneField(label="Time zone", initial="UTC")


class WorkspaceSettingsForm(EditForm, forms.Form):
    thing = "this workspace"
    name = forms.CharField(max_length=120)
    zone = ZoneField(label="Time zone")
    grace_minutes = forms.IntegerField(
        min_value=0,
        max_value=7 * 24 * 60,
        label="Grace period in minutes",
        help_text="How late a post may still go out after an interruption.",
    )


class MemberForm(forms.Form):
    login = forms.CharField(label="E-mail address or user name", max_length=254)
    role = forms.ChoiceField(choices=Role.choices)


class ProfileForm(EditForm, forms.Form):
    thing = "this profile"
    first_name = forms.CharField(max_length=150, required=False)
    last_name = forms.CharField(max_length=150, required=False)
    zone = ZoneField(
        label="Time zone",
        required=False,
        blank="The workspace's",
        help_text="Times are shown on this clock.",
    )


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=80, help_text="What will use it, for example “reporting script”."
    )
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
    )
    workspace = forms.ChoiceField(
        required=False, help_text="A token bound to one workspace sees only that one."
    )
    days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=3650,
        label="Days until it ends",
        help_text="Blank lasts until you revoke it.",
    )

    def __init__(
        self, *args: object, workspaces: list[tuple[str, str]], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through as they came
        self.fields["workspace"].choices = [("", "All of mine"), *workspaces]  # type: ignore[attr-defined]
