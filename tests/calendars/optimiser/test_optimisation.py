"""Better times for posts: chosen within every kind of limit, looked at, taken over
once, by workers too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from together import at_once

from calendars import states
from calendars.advice.preferences import prefer
from calendars.advice.recommend import Week
from calendars.models import OptimizationRun, PostingRhythm
from calendars.optimiser import services as optimisation
from calendars.optimiser import worker as optimising
from calendars.optimiser.limits import Limits, PlatformLimits
from calendars.optimiser.question import pose, read_ground
from calendars.timing.assignment import judge
from calendars.timing.optimise import optimise
from cast import make_channel, make_content, make_post
from common.errors import Conflict, Forbidden, Missing, Unprocessable
from scheduling.models import Blackout, ChannelAccount, Post
from scheduling.posts import services as posting
from workspaces.audit import verify
from workspaces.models import AuditEntry, User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]
MONDAY = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


def wanted(posts: Sequence[Post], limits: Limits | None = None) -> optimisation.Request:
    return optimisation.Request([post.pk for post in posts], limits or Limits())


def times(posts: Sequence[Post]) -> list[datetime]:
    rows = dict(
        Post.objects.filter(pk__in=[post.pk for post in posts]).values_list(
            "pk", "scheduled_at"
        )
    )
    return [rows[post.pk] for post in posts]


@pytest.fixture
def night(channel: ChannelAccount) -> list[Post]:
    """Drafts at three o'clock in the night of four days."""
    return [
        make_post(
            channel,
            make_content(channel.workspace, title=f"t{n}"),
            at=MONDAY + timedelta(days=n, hours=3),
        )
        for n in range(1, 5)
    ]


def test_a_preview_moves_nothing_and_applying_moves_all_of_it(
    editor: User, workspace: Workspace, night: list[Post]
) -> None:
    before = times(night)
    run = optimisation.optimise(editor, workspace, wanted(night))
    assert (run.state, run.proof, len(run.moves)) == (states.COMPLETED, "optimal", 4)
    assert times(night) == before
    assert all(change["score_after"] > change["score_before"] for change in run.changes)
    assert (
        run.value is not None
        and run.greedy_value is not None
        and run.value >= run.greedy_value
    )
    applied = optimisation.apply(editor, run.pk)
    assert applied.state == states.APPLIED
    assert [at.isoformat() for at in times(night)] == [
        change["new_time"] for change in run.changes
    ]
    assert AuditEntry.objects.filter(action="moved").count() == 4
    assert AuditEntry.objects.filter(action="applied").count() == 1
    assert optimisation.apply(editor, run.pk).applied_at == applied.applied_at
    assert AuditEntry.objects.filter(action="moved").count() == 4
    assert list(verify()) == []


@pytest.mark.parametrize("act", ["move", "cancel", "newcomer"])
def test_what_changed_since_is_never_overrun(
    editor: User,
    workspace: Workspace,
    channel: ChannelAccount,
    night: list[Post],
    act: str,
) -> None:
    run = optimisation.optimise(editor, workspace, wanted(night))
    if act == "move":
        posting.move(editor, night[0], MONDAY + timedelta(days=2, hours=5))
    elif act == "cancel":
        posting.cancel(editor, night[0])
    else:
        make_post(channel, at=datetime.fromisoformat(run.changes[0]["new_time"]))
    before = times(night)
    with pytest.raises(Conflict, match="changed since"):
        optimisation.apply(editor, run.pk)
    assert times(night) == before
    assert OptimizationRun.objects.get().state == states.COMPLETED


def scene(workspace: Workspace) -> tuple[list[Post], Limits]:
    """Two channels and every kind of constraint: wishes are set by the caller."""
    first = make_channel(workspace, zone="Europe/Berlin")
    second = make_channel(
        workspace, name="H2O on X", platform="x", zone="America/New_York"
    )
    third = make_channel(workspace, name="H2O too on X", platform="x", zone="UTC")
    items = [make_content(workspace, title=f"t{n}") for n in range(6)]
    posts = [
        make_post(
            account,
            item,
            at=MONDAY + timedelta(days=1 + n % 4, hours=3 + 2 * k + n // 4),
        )
        for k, account in enumerate((first, second, third))
        for n, item in enumerate(items)
        if n < 4 or k == 0
    ]
    make_post(
        first,
        make_content(workspace),
        state="scheduled",
        at=MONDAY + timedelta(days=2, hours=12),
    )
    make_post(second, at=MONDAY + timedelta(days=2, hours=15))
    Blackout.objects.create(
        workspace=workspace,
        platform="facebook",
        zone="UTC",
        begins_local="2027-03-03T00:00",
        ends_local="2027-03-04T00:00",
    )
    limits = Limits(
        not_before=MONDAY + timedelta(days=1),
        not_after=MONDAY + timedelta(days=12),
        closed=((MONDAY + timedelta(days=3), MONDAY + timedelta(days=3, hours=18)),),
        platforms={
            "x": PlatformLimits(180, 60, 2, 3),
            "facebook": PlatformLimits(240),
        },
        stagger_minutes=120,
        grid=30,
    )
    return posts, limits


def test_every_kind_of_constraint_is_kept_on_real_rows(
    editor: User, manager: User, workspace: Workspace
) -> None:
    posts, limits = scene(workspace)
    prefer(
        manager,
        workspace,
        {"weekdays_off": [6], "hours_off": [{"start": 22, "end": 6}], "gap_hours": 5},
        own=False,
    )
    prefer(
        editor, workspace, {"per_day_most": 1, "per_week_most": 4}, platform="facebook"
    )
    run = optimisation.optimise(editor, workspace, wanted(posts, limits))
    assert (run.state, run.proof, run.error) == (states.COMPLETED, "optimal", "")
    usual = not run.notes
    known = read_ground(
        editor,
        workspace,
        [post.pk for post in posts],
        limits,
        run.start,
        run.end,
        usual=usual,
    )
    question = pose(known).question
    new = {
        change["post"]: datetime.fromisoformat(change["new_time"])
        for change in run.changes
    }
    assert judge(question, new) == []
    by_id = {str(post.pk): post for post in posts}
    for key, at in new.items():
        account = by_id[key].account
        there = at.astimezone(ZoneInfo(account.zone))
        assert there.weekday() != 6 and 6 <= there.hour < 22 and there.minute in (0, 30)
        assert limits.not_before <= at <= limits.not_after
        assert not (account.platform == "facebook" and at.date().day == 3)
        assert not limits.is_closed(at)
    for account in {post.account for post in posts}:
        mine = sorted(new[str(post.pk)] for post in posts if post.account == account)
        assert all(
            b - a >= timedelta(hours=5) for a, b in zip(mine, mine[1:], strict=False)
        )
    optimisation.apply(editor, run.pk)
    assert times(posts) == [new[str(post.pk)] for post in posts]


def test_posts_that_trade_places_are_moved_in_a_circle() -> None:
    def move(post: str, old: str, new: str) -> dict[str, str]:
        return {"post": post, "channel": "c", "previous_time": old, "new_time": new}

    at = [f"2027-03-0{n}T09:00:00+00:00" for n in range(1, 6)]
    moves = [
        move("a", at[0], at[1]),
        move("b", at[1], at[0]),
        move("c", at[2], at[3]),
        move("d", at[3], at[4]),
    ]
    held = {("c", one["previous_time"]): one["post"] for one in moves}
    for key, new in optimisation.in_order(moves):
        held = {place: post for place, post in held.items() if post != key}
        if new is not None:
            assert ("c", new.isoformat()) not in held
            held["c", new.isoformat()] = key
    assert sorted(held.values()) == ["a", "b", "c", "d"]
    assert {key: place for (_, place), key in held.items()} == {
        one["post"]: one["new_time"] for one in moves
    }


def test_two_posts_really_trade_places(
    editor: User, workspace: Workspace, channel: ChannelAccount
) -> None:
    one, other = (
        make_post(channel, at=MONDAY + timedelta(days=1, hours=n)) for n in (9, 12)
    )
    run = optimisation.optimise(editor, workspace, wanted([one, other]))
    a, b = one.scheduled_at.isoformat(), other.scheduled_at.isoformat()
    for change, new in zip(run.changes, (b, a), strict=True):
        change["new_time"] = new
    run.save()
    optimisation.apply(editor, run.pk)
    assert times([one, other]) == [other.scheduled_at, one.scheduled_at]


def test_a_post_without_any_place_stays_and_says_so(
    editor: User, workspace: Workspace, night: list[Post]
) -> None:
    closed = Limits(closed=((MONDAY, MONDAY + timedelta(days=90)),))
    run = optimisation.optimise(editor, workspace, wanted(night, closed))
    assert run.state == states.COMPLETED
    assert {change["reason"] for change in run.changes} == {"constraints_forbid_move"}
    assert run.moves == []


def test_limits_that_collide_are_named(
    editor: User, workspace: Workspace, night: list[Post]
) -> None:
    limits = Limits(
        MONDAY + timedelta(hours=8),
        MONDAY + timedelta(days=4, hours=12),
        platforms={"facebook": PlatformLimits(max_per_week=2)},
    )
    run = optimisation.optimise(editor, workspace, wanted(night, limits))
    assert (run.state, run.collisions) == (states.FAILED, ["per_week"])
    assert "the posts a week" in run.error
    assert {change["reason"] for change in run.changes} == {"constraints_forbid_move"}
    with pytest.raises(Conflict, match="nothing to apply"):
        optimisation.apply(editor, run.pk)


def test_the_usual_rhythm_holds_where_there_is_room_and_gives_way_where_there_is_none(
    editor: User, workspace: Workspace, night: list[Post]
) -> None:
    PostingRhythm.objects.filter(platform="facebook").delete()
    PostingRhythm.objects.create(
        platform="facebook",
        per_week_least=1,
        per_week_most=9,
        gap_hours=20,
        source="test",
        valid_from="2020-01-01",
    )
    run = optimisation.optimise(editor, workspace, wanted(night))
    placed = sorted(
        datetime.fromisoformat(change["new_time"]) for change in run.changes
    )
    assert min(b - a for a, b in zip(placed, placed[1:], strict=False)) >= timedelta(
        hours=20
    )
    assert run.notes == []
    narrow = Limits(
        MONDAY + timedelta(hours=8),
        MONDAY + timedelta(hours=18),
        closed=((MONDAY + timedelta(hours=19), MONDAY + timedelta(days=30)),),
    )
    run = optimisation.optimise(editor, workspace, wanted(night, narrow))
    assert (run.state, len(run.moves), len(run.notes)) == (states.COMPLETED, 4, 1)


@pytest.mark.parametrize(
    "bad",
    [
        Limits(
            not_before=MONDAY + timedelta(days=3), not_after=MONDAY + timedelta(days=2)
        ),
        Limits(not_after=MONDAY - timedelta(days=1)),
        Limits(not_after=MONDAY + timedelta(days=400)),
        Limits(closed=((MONDAY + timedelta(days=2), MONDAY + timedelta(days=1)),)),
    ],
)
def test_limits_that_contradict_each_other_are_refused(
    editor: User, workspace: Workspace, night: list[Post], bad: Limits
) -> None:
    with pytest.raises(Unprocessable):
        optimisation.optimise(editor, workspace, wanted(night, bad))
    assert not OptimizationRun.objects.exists()


def test_only_editors_of_the_workspace_choose_and_apply(
    editor: User, viewer: User, stranger: User, workspace: Workspace, night: list[Post]
) -> None:
    with pytest.raises(Forbidden):
        optimisation.optimise(viewer, workspace, wanted(night))
    with pytest.raises(Missing):
        optimisation.optimise(stranger, workspace, wanted(night))
    with pytest.raises(Missing):
        optimisation.optimise(
            stranger, stranger.memberships.get().workspace, wanted(night)
        )
    run = optimisation.optimise(editor, workspace, wanted(night))
    with pytest.raises(Forbidden):
        optimisation.apply(viewer, run.pk)
    with pytest.raises(Missing):
        optimisation.apply(stranger, run.pk)


def test_queries_do_not_grow_with_the_posts(
    editor: User,
    workspace: Workspace,
    channel: ChannelAccount,
    django_assert_max_num_queries,
) -> None:
    posts = [
        make_post(channel, at=MONDAY + timedelta(days=1, hours=n)) for n in range(20)
    ]
    with django_assert_max_num_queries(70):
        optimisation.optimise(editor, workspace, wanted(posts))


# --- workers
# --------------------------------------------------------------------------------------------


@pytest.fixture
def pending(
    editor: User, workspace: Workspace, night: list[Post], settings
) -> OptimizationRun:
    """A run that waits for a worker."""
    settings.OPTIMIZE_AT_ONCE = 1
    return optimisation.optimise(editor, workspace, wanted(night))


def test_more_posts_are_a_workers_work(pending: OptimizationRun) -> None:
    assert pending.state == states.PENDING
    optimising.run(pending.pk, "worker-1")
    pending.refresh_from_db()
    assert (pending.state, len(pending.moves), pending.worker) == (
        states.COMPLETED,
        4,
        "worker-1",
    )


def test_a_run_whose_asker_is_gone_fails_with_that_reason(
    pending: OptimizationRun,
) -> None:
    OptimizationRun.objects.filter(pk=pending.pk).update(started_by=None)
    optimising.run(pending.pk, "worker-1")
    pending.refresh_from_db()
    assert (pending.state, pending.error) == (
        states.FAILED,
        "Whoever asked for it is gone.",
    )


def test_a_killed_workers_run_is_picked_up_and_its_late_answer_is_not_taken(
    pending: OptimizationRun,
) -> None:
    dead = optimising.WORK.claim(pending.pk, "worker-1")
    assert dead is not None
    assert optimising.WORK.claim(pending.pk, "worker-2") is None
    assert optimising.WORK.unfinished() == []
    late = timezone.now() + optimising.lease(pending) + timedelta(seconds=1)
    with time_machine.travel(late, tick=False):
        assert optimising.WORK.unfinished() == [pending.pk]
        optimising.run(pending.pk, "worker-2")
    optimising.finish(dead, states.FAILED, error="too late")
    with pytest.raises(optimising.Lost):
        optimising.listener_for(dead)("greedy", 0.0, 0.0)
    pending.refresh_from_db()
    assert (pending.state, pending.worker, pending.losses, pending.error) == (
        states.COMPLETED,
        "worker-2",
        1,
        "",
    )


def test_after_three_dead_workers_it_fails(pending: OptimizationRun) -> None:
    now = timezone.now()
    for number in range(3):
        assert optimising.WORK.claim(pending.pk, f"worker-{number}")
        OptimizationRun.objects.update(lease_until=now - timedelta(seconds=1))
        optimising.WORK.take_back(now)
    pending.refresh_from_db()
    assert (pending.state, pending.error) == (
        states.FAILED,
        "The worker was interrupted three times.",
    )


def test_a_canceled_run_records_nothing(editor: User, pending: OptimizationRun) -> None:
    claimed = optimising.WORK.claim(pending.pk, "worker-1")
    assert claimed is not None
    assert optimisation.cancel(editor, pending.pk).state == states.CANCELED
    known = read_ground(
        editor,
        pending.workspace,
        map(UUID, pending.posts),
        Limits(),
        pending.start,
        pending.end,
    )
    question = pose(known)
    answer = optimise(question.question)
    solution = optimising.Solution(known, question, answer, [])
    optimising.record(claimed, solution)
    pending.refresh_from_db()
    assert (pending.state, pending.changes) == (states.CANCELED, [])
    with pytest.raises(Conflict):
        optimisation.cancel(editor, pending.pk)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_apply_at_once_one_moves_the_posts(
    editor: User, workspace: Workspace, night: list[Post]
) -> None:
    run = optimisation.optimise(editor, workspace, wanted(night))
    applied = at_once(*[partial(optimisation.apply, editor, run.pk)] * 2)
    assert [one.state for one in applied] == [states.APPLIED] * 2
    assert AuditEntry.objects.filter(action="applied").count() == 1
    assert AuditEntry.objects.filter(action="moved").count() == 4


def test_the_run_of_somebody_who_left_fails(
    pending: OptimizationRun, editor: User
) -> None:
    editor.memberships.all().delete()
    optimising.run(pending.pk, "worker-1")
    pending.refresh_from_db()
    assert pending.state == states.FAILED


def test_the_best_of_hours_that_beat_the_table_is_chosen(
    editor: User, workspace: Workspace, night: list[Post]
) -> None:
    post, end = night[0], MONDAY + timedelta(days=7)
    known = read_ground(
        editor, workspace, [post.pk], Limits(), MONDAY, end, usual=False
    )
    good, best = 120 + 18, 144 + 20
    means = {good: 1.1, best: 1.4}

    def lifted(week: Week) -> Week:
        hours = (
            replace(hour, mean=means.get(cell, hour.mean))
            for cell, hour in enumerate(week.hours)
        )
        return replace(week, hours=tuple(hours))

    known = replace(
        known, weeks={kind: lifted(week) for kind, week in known.weeks.items()}
    )
    chosen = optimise(pose(known).question).times[str(post.pk)]
    assert known.hour(post, chosen).mean == means[best]
    assert known.score(post, chosen) == 1.0


def test_an_unknown_post_is_missing(editor: User, workspace: Workspace) -> None:
    with pytest.raises(Missing):
        optimisation.optimise(editor, workspace, optimisation.Request([UUID(int=1)]))
