"""API tokens of a user."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from common.errors import InvalidInput, Missing
from workspaces import audit
from workspaces.models import ApiToken, User
from workspaces.models.tokens import SCOPES
from workspaces.selectors import membership_in, tokens_of


def create_token(
    user: User,
    name: str,
    scopes: Sequence[str],
    workspace_slug: str = "",
    days: int | None = None,
) -> tuple[ApiToken, str]:
    """Make a token and return it with its text, which is shown this once. `days` None
    lasts until revoked.
    """
    unknown = set(scopes) - set(SCOPES)
    if unknown or not scopes:
        raise InvalidInput(f"Choose at least one scope of: {', '.join(SCOPES)}.")
    if not name.strip():
        raise InvalidInput("Give the token a name that says what uses it.")
    workspace = (
        membership_in(user, workspace_slug).workspace if workspace_slug else None
    )
    expiry = timedelta(days=days) if days else None
    with transaction.atomic():
        token, text = ApiToken.objects.create(
            user,
            expiry=expiry,
            name=name.strip(),
            scopes=sorted(scopes),
            workspace=workspace,
        )
        audit.record(
            user,
            "created token",
            f"token:{token.token_key}",
            workspace=workspace,
            after={"name": name, "scopes": list(scopes)},
        )
    return token, text


def revoke_token(user: User, key: str) -> None:
    """End one of the user's tokens, named by its first characters. Raises Missing."""
    with transaction.atomic():
        token = tokens_of(user).filter(token_key=key).first()
        if token is None:
            raise Missing("There is no such token.")
        audit.record(
            user,
            "revoked token",
            f"token:{key}",
            workspace=token.workspace,
            before={"name": token.name},
        )
        token.delete()
