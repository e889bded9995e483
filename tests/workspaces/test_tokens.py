"""API tokens: scopes, one workspace, revoking."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from cast import join
from common.errors import InvalidInput, Missing
from workspaces.models import ApiToken, User, Workspace
from workspaces.roles import Role
from workspaces.services.tokens import create_token, revoke_token

pytestmark = pytest.mark.django_db
CONTENT = "/api/v1/marketing/content-items?tenant_id="


def with_token(text: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def test_a_token_does_what_its_scopes_allow_and_no_more(editor: User) -> None:
    _, text = create_token(editor, "report", ["posts:read"])
    client = with_token(text)
    assert client.get(f"{CONTENT}h2o").status_code == 200
    refused = client.post(
        CONTENT, {"tenant_id": "h2o", "title": "New", "owner": "me"}, format="json"
    )
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "This token lacks the scope posts:write.",
    )


def test_only_a_digest_is_kept(editor: User) -> None:
    token, text = create_token(editor, "report", ["posts:read"])
    stored = " ".join(
        str(value) for value in ApiToken.objects.filter(pk=token.pk).values_list().get()
    )
    assert text.startswith("slt_")
    assert text not in stored


def test_a_revoked_token_is_locked_out_at_once(editor: User) -> None:
    token, text = create_token(editor, "report", ["posts:read"])
    revoke_token(editor, token.token_key)
    assert with_token(text).get(f"{CONTENT}h2o").status_code == 401


def test_nobody_revokes_somebody_elses_token(editor: User, viewer: User) -> None:
    token, _ = create_token(editor, "report", ["posts:read"])
    with pytest.raises(Missing):
        revoke_token(viewer, token.token_key)


def test_a_token_bound_to_one_workspace_sees_only_that_one(editor: User) -> None:
    join(editor, Workspace.objects.create(slug="second", name="Second"), Role.EDITOR)
    _, text = create_token(editor, "report", ["posts:read"], "second")
    client = with_token(text)
    assert client.get(f"{CONTENT}second").status_code == 200
    assert client.get(f"{CONTENT}h2o").status_code == 404


def test_a_token_ends_on_its_day(editor: User) -> None:
    _, text = create_token(editor, "report", ["posts:read"], days=3)
    with time_machine.travel(timedelta(days=4)):
        assert with_token(text).get(f"{CONTENT}h2o").status_code == 401


def test_unknown_scopes_are_refused(editor: User) -> None:
    with pytest.raises(InvalidInput, match="posts:read"):
        create_token(editor, "report", ["everything"])


def test_the_page_shows_a_new_token_once(browse, editor: User) -> None:
    client: Client = browse(editor)
    made = client.post(
        "/account/tokens",
        {"name": "report", "scopes": ["posts:read"], "workspace": "h2o"},
    )
    text = ApiToken.objects.get().token_key
    assert text.encode() in made.content
    assert b"not shown again" in made.content
    assert b"not shown again" not in client.get("/account").content
