"""What both of the app's resources do at the door: read a body."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from workspaces.doors import ApiRequest

TAGS = ["AI templates"]


def read(shape: type[serializers.Serializer[Any]], request: ApiRequest) -> dict[str, Any]:
    """The body's fields. Raises DRF's ValidationError."""
    asked = shape(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
