"""The queue's settings, in the client's groups."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.errors import Unprocessable
from common.mappings import Values
from scheduling.access import queue_settings_of
from scheduling.api.queue.words import (
    NAMES,
    Platforms,
    QueueSettingsBody,
    settings_body,
)
from scheduling.models.queue import LONGEST_HOURS
from scheduling.watch_folder.services import change_settings, stored
from workspaces.doors import (
    IF_MATCH,
    ApiRequest,
    expected_version,
    read,
    showing_current,
    versioned,
    workspace_of,
)
from workspaces.models import Workspace
from workspaces.selectors import membership_in


class Folders(serializers.Serializer[Any]):
    """The watch folder; its name cannot be changed."""

    watch_enabled = serializers.BooleanField(
        required=False,
        help_text="Whether new files in it are read",
    )


class Pace(serializers.Serializer[Any]):
    """How new files find their times."""

    auto_schedule = serializers.BooleanField(
        required=False,
        help_text="Whether a new file is scheduled by itself",
    )
    schedule_spacing_hours = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LONGEST_HOURS,
        help_text="Hours between two posts of a channel",
    )
    default_post_time_offset = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LONGEST_HOURS,
        help_text="Hours from now to the first time that a new post can have",
    )


class QueueChanges(serializers.Serializer[Any]):
    """Groups and fields to change; what is left out stays."""

    upload_platforms = Platforms(
        required=False,
        help_text=f"Where new files go, at least one of {', '.join(NAMES)}",
    )
    directories = Folders(required=False, help_text="The watch folder")
    scheduling = Pace(required=False, help_text="How new files find their times")


OURS = {
    "auto_schedule": "auto_plan",
    "schedule_spacing_hours": "spacing_hours",
    "default_post_time_offset": "offset_hours",
    "watch_enabled": "watching",
}


class Settings(APIView):
    scope = "posts"

    @extend_schema(operation_id="read_queue_settings", responses=QueueSettingsBody)
    def get(self, request: ApiRequest) -> Response:
        """The queue's settings: platforms, watch folder, pace, and who is asking."""
        return answer(request, workspace_of(request))

    @extend_schema(
        operation_id="change_queue_settings",
        request=QueueChanges,
        parameters=[IF_MATCH],
        responses=QueueSettingsBody,
    )
    def patch(self, request: ApiRequest) -> Response:
        """Change some settings of the queue. Managers only."""
        workspace = workspace_of(request)
        check_names(request.data)
        groups = read(QueueChanges, request)
        fields = {**groups.get("directories", {}), **groups.get("scheduling", {})}
        changes: Values = {OURS[name]: value for name, value in fields.items()}
        if "upload_platforms" in groups:
            changes["platforms"] = list(dict.fromkeys(groups["upload_platforms"]))
        version = expected_version(request)
        with showing_current(lambda: answer(request, workspace).data):
            change_settings(request.user, workspace, changes, version)
        return answer(request, workspace)


def check_names(data: Any) -> None:
    """Raises Unprocessable for groups and fields that nobody may change: a typing error
    must not pass unnoticed.
    """
    shapes = {"directories": Folders, "scheduling": Pace}
    named = data if isinstance(data, dict) else {}
    unknown = [name for name in named if name not in QueueChanges().fields]
    for group, shape in shapes.items():
        inner = named.get(group)
        if isinstance(inner, dict):
            unknown += [
                f"{group}.{name}" for name in inner if name not in shape().fields
            ]
    if unknown:
        raise Unprocessable(
            "Not valid.",
            {f"body.{name}": ["This cannot be changed here."] for name in unknown},
        )


def answer(request: ApiRequest, workspace: Workspace) -> Response:
    """The settings as clients get them, with the person who asks."""
    role = membership_in(request.user, workspace.slug).role
    queue_settings = queue_settings_of(request.user, workspace)
    body = settings_body(queue_settings, request.user, role, workspace)
    return versioned(body, stored(queue_settings))
