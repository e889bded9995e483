"""The audit trail: written with the change, chained, and honest about tampering."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from markup import tight

from scheduling.channels import services as channels
from scheduling.models import ChannelAccount, Post
from scheduling.posts import services as posts
from workspaces import audit
from workspaces.models import AuditEntry, AuditHead, User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def three_entries(user: User, workspace: Workspace) -> None:
    for n in range(3):
        audit.record(
            user,
            "changed",
            f"thing:{n}",
            workspace=workspace,
            before={"n": n},
            after={"n": n + 1},
        )


def breaks() -> list[tuple[int, str]]:
    return [(found.number, found.reason) for found in audit.verify()]


def test_a_change_is_recorded_with_before_and_after(
    manager: User, channel: ChannelAccount
) -> None:
    channels.change_channel(manager, channel.pk, {"posts_per_week": 7})
    entry = AuditEntry.objects.get(thing=f"channel:{channel.pk}")
    assert (entry.actor_name, entry.before, entry.after) == (
        "manager",
        {"posts_per_week": 3},
        {"posts_per_week": 7},
    )


def test_a_refused_change_leaves_no_entry(editor: User, slot: Post) -> None:
    before = AuditEntry.objects.count()
    with pytest.raises(Exception, match="Fill the slot"):
        posts.approve(editor, slot)
    assert AuditEntry.objects.count() == before


def test_an_untouched_trail_holds(manager: User, workspace: Workspace) -> None:
    three_entries(manager, workspace)
    assert breaks() == []


def test_a_changed_entry_shows(manager: User, workspace: Workspace) -> None:
    three_entries(manager, workspace)
    AuditEntry.objects.filter(number=2).update(after={"n": 99})
    assert breaks() == [(2, "was changed")]


def test_a_removed_entry_shows(manager: User, workspace: Workspace) -> None:
    three_entries(manager, workspace)
    AuditEntry.objects.filter(number=2).delete()
    assert (2, "is missing") in breaks()


def test_a_cut_off_end_shows(manager: User, workspace: Workspace) -> None:
    three_entries(manager, workspace)
    AuditEntry.objects.filter(number=3).delete()
    assert breaks() == [(3, "the end of the chain was cut off or replaced")]


def test_a_forged_chain_without_the_key_shows(
    manager: User, workspace: Workspace, settings
) -> None:
    three_entries(manager, workspace)
    secret, settings.SECRET_KEY = settings.SECRET_KEY, "a guess " * 8
    entry = AuditEntry.objects.get(number=3)
    entry.actor_name = "somebody else"
    AuditEntry.objects.filter(pk=entry.pk).update(
        actor_name="somebody else", digest=audit.digest(entry)
    )
    AuditHead.objects.update(digest=audit.digest(entry))
    settings.SECRET_KEY = secret
    assert (3, "was changed") in breaks()


def test_the_command_fails_on_tampering_and_names_the_place(
    manager: User, workspace: Workspace, capsys
) -> None:
    three_entries(manager, workspace)
    call_command("verify_audit")
    assert "3 entries, every chain holds" in capsys.readouterr().out
    AuditEntry.objects.filter(number=1).update(action="nothing")
    with pytest.raises(CommandError, match="1 place"):
        call_command("verify_audit")
    assert "entry 1 was changed" in capsys.readouterr().err


def test_a_value_is_told_beside_what_it_was(
    browse, manager: User, workspace: Workspace
) -> None:
    before, after = (
        {"zone": "UTC", "notes": ""},
        {"zone": "Europe/Berlin", "notes": "New", "limit": None},
    )
    audit.record(
        manager, "changed", "thing:1", workspace=workspace, before=before, after=after
    )
    page = tight(browse(manager).get("/workspaces/audit").content.decode())
    assert 'zone:<span class="muted">UTC</span>→ Europe/Berlin<br>' in page
    assert 'notes:<span class="muted">–</span>→ New<br>limit: –<br>' in page
