"""One person's data: what is theirs is written out whole and deleted whole; the rest
stays and still verifies.
"""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from vials import make_plan

from calendars.advice.preferences import prefer
from calendars.models import Preferences
from cast import PASSWORD, make_content
from common.secrets import SealedField
from config import persons
from scheduling.channels.services import create_channel
from scheduling.models import ContentItem
from workspaces import audit
from workspaces.models import AuditEntry, Membership, User, Workspace
from workspaces.services.tokens import create_token

pytestmark = pytest.mark.django_db


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("person_data", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def busy(editor: User, workspace: Workspace) -> User:
    """An editor with a token, wishes and content."""
    create_token(editor, "robot", ["posts:read"], workspace.slug)
    prefer(editor, workspace, {"per_day_most": 2})
    make_content(workspace, owner=editor.username)
    return editor


def test_the_export_has_everything_but_secrets(busy: User) -> None:
    text = command("export", busy.email)
    theirs: dict[str, Any] = json.loads(text)
    assert theirs["account"][0]["email"] == busy.email
    assert [row["name"] for row in theirs["api_tokens"]] == ["robot"]
    assert theirs["preferences"][0]["per_day_most"] == 2
    assert theirs["memberships"][0]["role"] == "editor"
    assert {entry["action"] for entry in theirs["audit_entries"]} >= {"preferred"}
    assert theirs["content_items"][0]["owner"] == busy.username
    assert PASSWORD not in text
    assert "digest" not in text
    assert "pbkdf2" not in text


def test_a_plan_s_end_is_exported_under_its_older_names(editor: User) -> None:
    make_plan(editor)
    [plan] = persons.export(editor)["plans"]
    assert {"error_message", "completed_at"} <= plan.keys()


def test_no_sealed_field_is_ever_written_out(busy: User) -> None:
    fields = [
        field
        for _, rows in persons.rows_of(busy)
        for row in rows
        for field in row._meta.concrete_fields
    ]
    sealed = {field.name for field in fields if isinstance(field, SealedField)}
    assert not sealed & {
        key for rows in persons.export(busy).values() for row in rows for key in row
    }


def test_deleting_leaves_nothing_theirs_and_a_trail_that_verifies(
    busy: User, manager: User, workspace: Workspace
) -> None:
    prefer(manager, workspace, {"per_day_most": 3}, own=False)
    said = command("delete", busy.username, "--yes")
    assert "audit entries say deleted-" in said
    assert not User.objects.filter(username="editor").exists()
    assert not Membership.objects.filter(role="editor").exists()
    assert Preferences.objects.get().user is None
    assert ContentItem.objects.get(is_placeholder=False).owner == ""
    assert "editor" not in set(AuditEntry.objects.values_list("actor_name", flat=True))
    assert AuditEntry.objects.filter(actor_name__startswith="deleted-").exists()
    assert list(audit.verify()) == []
    assert manager.username in set(
        AuditEntry.objects.values_list("actor_name", flat=True)
    )


def test_a_trail_that_was_tampered_with_is_not_signed_anew(busy: User) -> None:
    AuditEntry.objects.filter(action="preferred").update(after={"per_day_most": 99})
    with pytest.raises(CommandError, match="was changed"):
        command("delete", busy.username, "--yes")
    assert User.objects.filter(username=busy.username).exists()


def test_a_team_keeps_a_manager(
    manager: User, editor: User, workspace: Workspace
) -> None:
    with pytest.raises(CommandError, match="would have no manager"):
        command("delete", manager.username, "--yes")
    create_channel(manager, workspace, {"name": "c", "platform": "x"})
    Membership.objects.filter(user=editor).update(role="manager")
    command("delete", manager.username, "--yes")
    assert workspace.channel_accounts.count() == 1


def test_nobody_is_deleted_by_a_misspelt_name_or_without_saying_yes(
    busy: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match="nobody"):
        command("delete", "edittor", "--yes")
    monkeypatch.setattr("builtins.input", lambda text: "")
    command("delete", busy.username)
    assert User.objects.filter(pk=busy.pk).exists()
