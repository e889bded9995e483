"""What both of the app's resources do at the door: read a body, find the workspace."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.errors import Missing
from workspaces.doors import ApiRequest
from workspaces.models import Workspace
from workspaces.selectors import access_workspace, current_membership

TAGS = ["AI templates"]


def read(shape: type[serializers.Serializer[Any]], request: ApiRequest) -> dict[str, Any]:
    """The body's fields. Raises DRF's ValidationError."""
    asked = shape(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def workspace_of(request: ApiRequest) -> Workspace:
    """The one named by `X-Workspace`, else the caller's default, else the first. Raises Missing."""
    if named := request.headers.get("X-Workspace"):
        return access_workspace(request.user, named)
    membership = current_membership(request.user, None)
    if membership is None:
        raise Missing("You belong to no workspace.")
    return membership.workspace
