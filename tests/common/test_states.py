from __future__ import annotations

import pytest

from common.errors import Conflict
from common.states import table
from common.transitions import advance, try_advance
from scheduling.domain import states
from scheduling.models import Post

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def test_a_table_refuses_targets_that_are_no_states() -> None:
    with pytest.raises(ValueError, match="unknown states"):
        table("thing", "a", a="b", b="c")


def test_a_move_happens_once_however_often_it_is_asked_for(draft: Post) -> None:
    row = Post.objects.filter(pk=draft.pk)
    assert try_advance(row, states.POST, states.SCHEDULED, source=states.DRAFT)
    assert not try_advance(row, states.POST, states.SCHEDULED, source=states.DRAFT)


def test_a_move_sets_its_fields_in_the_same_step(draft: Post) -> None:
    advance(
        Post.objects.filter(pk=draft.pk),
        states.POST,
        states.CANCELED,
        last_error="by rule",
    )
    draft.refresh_from_db()
    assert (draft.state, draft.last_error) == ("canceled", "by rule")


def test_a_move_from_the_wrong_state_says_which_state_stood_in_the_way(
    slot: Post,
) -> None:
    with pytest.raises(
        Conflict, match="This post is planned; it cannot become published"
    ):
        advance(Post.objects.filter(pk=slot.pk), states.POST, states.PUBLISHED)


def test_a_move_that_no_state_allows_is_a_mistake_of_the_program(slot: Post) -> None:
    with pytest.raises(ValueError, match="no move from planned to published"):
        try_advance(
            Post.objects.all(), states.POST, states.PUBLISHED, source=states.PLANNED
        )
