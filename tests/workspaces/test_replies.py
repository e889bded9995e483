"""Doing a keyed request once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from common.errors import Conflict, InvalidInput
from workspaces.housekeeping import forget_old_replies
from workspaces.models import StoredReply, User, Workspace
from workspaces.services.replies import Reply, once

pytestmark = [pytest.mark.django_db, pytest.mark.services]


class Act:
    """Counts how often it was done."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> Reply:
        self.done += 1
        return Reply(201, {"number": self.done})


def test_a_repeat_gets_the_first_answer_and_does_nothing(editor: User) -> None:
    act = Act()
    first = once(editor, "door", "k1", {"a": 1}, act)
    second = once(editor, "door", "k1", {"a": 1}, act)
    assert (first.body, second.body, second.status, act.done) == (
        {"number": 1},
        {"number": 1},
        201,
        1,
    )
    assert second.replayed


def test_the_same_key_with_another_body_is_a_conflict(editor: User) -> None:
    once(editor, "door", "k1", {"a": 1}, Act())
    with pytest.raises(Conflict) as refusal:
        once(editor, "door", "k1", {"a": 2}, Act())
    assert refusal.value.code == "idempotency_conflict"


def test_keys_belong_to_one_owner_and_one_door(
    editor: User, viewer: User, workspace: Workspace
) -> None:
    act = Act()
    owned = [(editor, "door"), (viewer, "door"), (editor, "other"), (workspace, "door")]
    for owner, door in owned:
        once(owner, door, "k1", {}, act)
    assert act.done == 4


def test_without_a_key_every_request_counts(editor: User) -> None:
    act = Act()
    once(editor, "door", None, {}, act)
    once(editor, "door", " ", {}, act)
    assert act.done == 2


def test_a_failed_act_leaves_the_key_free(editor: User) -> None:
    def fail() -> Reply:
        raise InvalidInput("no")

    with pytest.raises(InvalidInput):
        once(editor, "door", "k1", {}, fail)
    assert once(editor, "door", "k1", {}, Act()).body == {"number": 1}


def test_answers_are_kept_for_a_day(editor: User) -> None:
    act = Act()
    once(editor, "door", "k1", {}, act)
    with time_machine.travel(timedelta(hours=25)):
        assert forget_old_replies() == 1
        once(editor, "door", "k1", {}, act)
    assert (act.done, StoredReply.objects.count()) == (2, 1)


def test_a_key_may_not_be_longer_than_what_is_kept(editor: User) -> None:
    with pytest.raises(InvalidInput, match="200"):
        once(editor, "door", "k" * 201, {}, Act())
