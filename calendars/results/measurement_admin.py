"""Typing a measurement in the admin: it is taken in by the service, so that sums follow
it as any other.
"""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from calendars.models import KpiEvent
from calendars.results.services import NUMBERS, Measurement, fault_of, ingest
from common.admin import NotEdited
from common.errors import Problem
from common.mappings import Values
from workspaces.models import User
from workspaces.roles import Role
from workspaces.selectors import require_role


class MeasurementForm(forms.ModelForm):
    """The fields that a person knows; the rest is derived. Subclasses say who types."""

    user: User

    posted_at = forms.SplitDateTimeField(
        required=False,
        widget=AdminSplitDateTime,
        help_text="When it went out; not needed for a post of ours.",
    )

    content_key = forms.CharField(
        required=False,
        max_length=200,
        help_text="What was measured, where it is no post of ours.",
    )

    class Meta:
        model = KpiEvent
        fields = ("account", "post", "content_key", "event_id", "event_time", *NUMBERS)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in NUMBERS:
            self.fields[name].required = False

    def measurement(self) -> Measurement:
        """What a valid form says was measured."""
        data = self.cleaned_data
        numbers = {name: data[name] for name in NUMBERS if data.get(name) is not None}
        return Measurement(
            data["event_id"],
            data["event_time"],
            data["post"] and data["post"].pk,
            data["account"].pk,
            data["content_key"],
            data["posted_at"],
            numbers,
        )

    def clean(self) -> Values:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        try:
            require_role(self.user, data["account"].workspace, Role.EDITOR)
        except Problem as problem:
            raise forms.ValidationError(
                "Only editors of the channel's workspace add measurements."
            ) from problem
        if data["post"] and data["post"].account_id != data["account"].pk:
            raise forms.ValidationError("That post went out on another channel.")
        if fault := fault_of(self.measurement(), data["post"], data["account"]):
            raise forms.ValidationError(fault.capitalize() + ".")
        if KpiEvent.objects.filter(
            workspace=data["account"].workspace, event_id=data["event_id"]
        ).exists():
            raise forms.ValidationError(
                "A measurement with that event id is there already."
            )
        return data


class KpiEventAdmin(NotEdited, ModelAdmin):
    """Measurements are added through the service and never changed."""

    list_display = (
        "content_key",
        "account",
        "event_time",
        "posted_date",
        "posted_hour",
        "latest",
        "engagement_rate",
    )
    list_filter = ("workspace", "latest")
    list_select_related = ("account",)
    search_fields = ("content_key", "event_id")
    date_hierarchy = "event_time"
    show_full_result_count = False
    autocomplete_fields = ("account", "post")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return cast(User, request.user).has_perm("calendars.add_kpievent")

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,
        **options: Any,
    ) -> Any:
        """A new measurement is typed, an old one only read."""
        if obj is None:
            options["form"] = type(
                "MeasurementForm", (MeasurementForm,), {"user": request.user}
            )
        return super().get_form(request, obj, change, **options)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new one has fields of its own."""
        return (
            super().get_fields(request, obj)
            if obj
            else [*MeasurementForm.Meta.fields, "posted_at"]
        )

    def save_model(
        self, request: HttpRequest, obj: KpiEvent, form: Any, change: bool
    ) -> None:
        workspace = obj.account.workspace
        ingest(form.user, workspace, [form.measurement()])
        obj.pk = KpiEvent.objects.get(workspace=workspace, event_id=obj.event_id).pk
