"""Config templates."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from common.pagination import PageCounts


class TemplateBody(TypedDict):
    """A config template: rules of a line to be used again."""

    id: int
    """Its number."""
    user_id: int
    """Whose it is."""
    name: str
    """What its owner calls it."""
    description: str | None
    """What it is for."""
    config: dict[str, Any]
    """The line's rules."""
    is_public: bool
    """Whether everybody may use it."""
    is_default: bool
    """Whether it is its owner's default."""
    created_at: str
    """UTC without offset."""
    updated_at: str
    """UTC without offset."""


class TemplatesBody(PageCounts):
    """A page of config templates."""

    templates: list[TemplateBody]
    """The templates of this page."""


class TemplateFileBody(TypedDict):
    """A config template to keep or to pass on."""

    name: str
    """What its owner calls it."""
    description: str | None
    """What it is for."""
    config: dict[str, Any]
    """The line's rules."""
    created_at: str
    """UTC without offset."""
    updated_at: str
    """UTC without offset."""
