"""Trials: allotted by chance, moved as strategies say, read at any time, stopped by the
guardrail, adopted.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from calendars import states
from calendars.models import KpiEvent, Preferences, Trial, TrialPost
from calendars.results.services import Measurement, ingest
from calendars.timing.allotting import allot
from calendars.trials import services as trials
from calendars.trials import watch as trying
from calendars.trials.results import results_of
from cast import make_channel, make_content, make_post
from common.errors import Conflict, Forbidden, Missing, Unprocessable
from scheduling.models import Post
from workspaces.models import AuditEntry, User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]
MONDAY = datetime(2027, 3, 1, tzinfo=UTC)
MORNINGS = {
    "name": "mornings",
    "strategy": "windows",
    "windows": [{"weekday": day, "start": 7, "end": 10} for day in range(5)],
}
VARIANTS = [
    {"name": "control", "strategy": "standard"},
    {"name": "best", "strategy": "optimized"},
    {"name": "any", "strategy": "experimental"},
    MORNINGS,
]


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def posts(workspace: Workspace) -> list[Post]:
    """Twelve nights of each of two weeks on each of two platforms."""
    channels = [
        make_channel(workspace),
        make_channel(workspace, name="H2O on X", platform="x"),
    ]
    return [
        make_post(
            channel,
            make_content(workspace),
            at=MONDAY + timedelta(days=week * 7 + n // 2, hours=2 + n % 2),
        )
        for channel in channels
        for week in (1, 2)
        for n in range(12)
    ]


def design(variants: Any = VARIANTS, **more: Any) -> trials.Design:
    return trials.Design(
        "Mornings?", variants, MONDAY, MONDAY + timedelta(days=22), **more
    )


def test_chance_is_even_within_strata_and_repeatable() -> None:
    strata = {str(n): f"s{n % 5}" for n in range(103)}
    given = allot(strata, ["a", "b", "c"], 7)
    assert (
        given == allot(strata, ["a", "b", "c"], 7) != allot(strata, ["a", "b", "c"], 8)
    )
    for stratum in set(strata.values()):
        counts = Counter(given[post] for post in strata if strata[post] == stratum)
        assert max(counts.values()) - min(counts.values()) <= 1
    firsts = Counter(
        allot({"one": "s"}, ["a", "b", "c"], seed)["one"] for seed in range(600)
    )
    assert all(150 < firsts[name] < 250 for name in "abc")


def test_a_trial_moves_posts_as_strategies_say_within_their_week(
    editor: User, workspace: Workspace, posts: list[Post]
) -> None:
    trial = trials.start(editor, trials.create(editor, workspace, design()).pk)
    assert trial.state == states.RUNNING
    rows = list(TrialPost.objects.select_related("post__account"))
    assert Counter((row.stratum, row.variant) for row in rows) == {
        (stratum, name): 3
        for stratum in {row.stratum for row in rows}
        for name in trial.names
    }
    for row in rows:
        assert row.post.scheduled_at == row.time_after
        assert row.time_after.isocalendar()[:2] == row.time_before.isocalendar()[:2]
        if row.variant == "control":
            assert row.time_after == row.time_before
        if row.variant == "mornings":
            assert row.time_after.weekday() < 5 and 7 <= row.time_after.hour < 10
    moved = [row for row in rows if row.time_after != row.time_before]
    assert AuditEntry.objects.filter(action="moved").count() == len(moved) > 24
    best = [row.score for row in rows if row.variant == "best"]
    assert min(best) >= max(
        0.1, *(row.score for row in rows if row.variant == "any" and row.score < 0.2)
    )


def test_posts_are_in_one_running_trial_at_most(
    editor: User, workspace: Workspace, posts: list[Post]
) -> None:
    trials.start(editor, trials.create(editor, workspace, design()).pk)
    second = trials.create(editor, workspace, design())
    with pytest.raises(Conflict, match="needs 4 to"):
        trials.start(editor, second.pk)
    second.refresh_from_db()
    assert second.state == states.DRAFT


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"variants": VARIANTS[:1]}, "variants"),
        ({"variants": [VARIANTS[0]] * 2}, "variants"),
        ({"variants": [VARIANTS[0], {"name": "w", "strategy": "windows"}]}, "variants"),
        (
            {
                "variants": [
                    VARIANTS[0],
                    MORNINGS | {"windows": [{"weekday": 9, "start": 1, "end": 2}]},
                ]
            },
            "variants",
        ),
        ({"variants": [VARIANTS[0], {"name": "w", "strategy": "luck"}]}, "variants"),
        ({"platforms": ["myspace"]}, "platforms"),
        ({"kpi": "fame"}, "kpi"),
        ({"guardrail": 2.0}, "guardrail"),
    ],
)
def test_a_design_that_makes_no_sense_is_refused(
    editor: User, workspace: Workspace, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Unprocessable) as refused:
        trials.create(editor, workspace, design(**change))
    assert list(refused.value.fields) == [field]


def test_trials_are_the_workspaces(
    editor: User, viewer: User, stranger: User, workspace: Workspace
) -> None:
    with pytest.raises(Forbidden):
        trials.create(viewer, workspace, design())
    trial = trials.create(editor, workspace, design())
    for act in (trials.start, trials.stop, trials.adopt):
        with pytest.raises(Missing):
            act(stranger, trial.pk)
        with pytest.raises(Forbidden):
            act(viewer, trial.pk)
    with pytest.raises(Missing):
        results_of(stranger, trial)


# --- results
# --------------------------------------------------------------------------------------------


@pytest.fixture
def running(editor: User, workspace: Workspace) -> Trial:
    """Two variants with 150 posts each, without results."""
    channel = make_channel(workspace)
    content = make_content(workspace)
    made = [
        make_post(channel, content, at=MONDAY + timedelta(days=1, minutes=60 * n))
        for n in range(300)
    ]
    trial = trials.create(
        editor, workspace, design([VARIANTS[0], MORNINGS], guardrail=0.02)
    )
    Trial.objects.filter(pk=trial.pk).update(state=states.RUNNING)
    # In turn: an allotment by chance would make one of some hundred intervals miss the truth.
    TrialPost.objects.bulk_create(
        TrialPost(
            trial=trial, post=post, variant=trial.names[n % 2], stratum="all", score=0.5
        )
        for n, post in enumerate(made)
    )
    trial.refresh_from_db()
    return trial


def measure(
    user: User,
    trial: Trial,
    lifts: dict[str, float],
    rate: float = 0.05,
    part: float = 1.0,
) -> None:
    chance = random.Random(3)
    rows = list(trial.allotted.order_by("pk"))
    ingest(
        user,
        trial.workspace,
        [
            Measurement(
                f"e{row.pk}",
                MONDAY - timedelta(hours=1),
                post_id=row.post_id,
                numbers={
                    "engagement_rate": min(
                        1.0,
                        rate
                        * lifts.get(row.variant, 1.0)
                        * 2.7 ** chance.gauss(0, 0.3),
                    )
                },
            )
            for row in rows[: int(len(rows) * part)]
        ],
    )


def test_a_clear_winner_is_named_and_becomes_the_preference(
    manager: User, running: Trial
) -> None:
    measure(manager, running, {"mornings": 1.6})
    results = results_of(manager, running)
    assert results.winner is not None
    assert results.winner.name == "mornings"
    effect = results.winner.effect
    assert effect is not None
    assert effect.low < 0.6 < effect.high
    assert "mornings gets" in results.sentences[0]
    row = trials.adopt(manager, running.pk)
    assert Preferences.objects.get() == row
    assert (row.user, row.weekdays_off, len(row.hours_off)) == (None, [5, 6], 21)
    running.refresh_from_db()
    assert running.adopted_at is not None


def test_without_a_winner_nothing_is_adopted_and_editors_may_not(
    manager: User, editor: User, running: Trial
) -> None:
    measure(manager, running, {}, part=0.1)
    assert "Not enough data yet" in results_of(manager, running).sentences[0]
    with pytest.raises(Conflict, match="surely better"):
        trials.adopt(manager, running.pk)
    with pytest.raises(Forbidden):
        trials.adopt(editor, running.pk)


def test_only_the_newest_measurement_of_a_post_counts(
    manager: User, running: Trial
) -> None:
    measure(manager, running, {})
    row = running.allotted.first()
    assert row is not None
    later = Measurement(
        "late", MONDAY, post_id=row.post_id, numbers={"engagement_rate": 1.0}
    )
    ingest(manager, running.workspace, [later])
    results = results_of(manager, running)
    assert sum(one.measured for one in results.variants) == 300
    assert KpiEvent.objects.count() == 301


def test_a_variant_that_loses_its_results_is_not_trusted(
    manager: User, running: Trial
) -> None:
    measure(manager, running, {"mornings": 1.6})
    gone = running.allotted.filter(variant="control").values_list("post", flat=True)[
        :110
    ]
    KpiEvent.objects.filter(post__in=list(gone)).delete()
    results = results_of(manager, running)
    assert results.is_mismatched
    assert results.winner is None
    assert "do not trust" in results.sentences[0]


def test_the_guardrail_stops_a_trial(manager: User, running: Trial) -> None:
    measure(manager, running, {"mornings": 0.05})
    trying.look_after()
    running.refresh_from_db()
    assert (running.state, running.stopped_because) == (
        states.STOPPED,
        "mornings fell under the guardrail.",
    )
    assert running.results["variants"][1]["breaks_guardrail"]


def test_a_trial_ends_a_week_after_its_range_and_its_log_is_kept_for_a_time(
    manager: User, running: Trial, settings: Any
) -> None:
    measure(manager, running, {})
    trying.look_after(running.end + timedelta(days=6))
    running.refresh_from_db()
    assert running.state == states.RUNNING
    trying.look_after(running.end + timedelta(days=8))
    running.refresh_from_db()
    assert running.state == states.COMPLETED
    ended = running.ended_at
    assert ended is not None
    settings.TRIAL_DAYS = 100
    trying.look_after(ended + timedelta(days=99))
    assert running.allotted.count() == 300
    trying.look_after(ended + timedelta(days=101))
    assert running.allotted.count() == 0
    running.refresh_from_db()
    assert running.results["variants"][0]["measured"] == 150


def test_stopping_keeps_the_results_of_then(
    editor: User, manager: User, running: Trial
) -> None:
    measure(manager, running, {"mornings": 1.6})
    stopped = trials.stop(editor, running.pk)
    assert (stopped.state, stopped.results["winner"], stopped.stopped_because) == (
        "stopped",
        "mornings",
        "By editor.",
    )
    with pytest.raises(Conflict):
        trials.stop(editor, running.pk)


def test_reading_results_takes_few_queries(
    manager: User, running: Trial, django_assert_max_num_queries
) -> None:
    measure(manager, running, {})
    with django_assert_max_num_queries(5):
        results_of(manager, running)
