"""Runs of the optimiser: claim one, choose times, record them, pick up what dead workers left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from calendars import states
from calendars.campaigns.events import Frame, tell
from calendars.campaigns.follow import follow
from calendars.models import ContentCalendar, OptimizationRun
from calendars.optimiser.limits import Limits
from calendars.optimiser.question import Ground, PosedQuestion, pose, read_ground
from calendars.timing.optimise import INFEASIBLE, Answer, optimise
from calendars.timing.staying import broken_rule, stayed
from common.errors import Forbidden, Missing
from common.live import announce_change, send
from common.mappings import JsonObject, Values
from common.runs import Lost, Work
from scheduling.events import workspace_group
from scheduling.models import Post

log = structlog.get_logger(__name__)

# Phases and how far a run is in them, in percent.
PROGRESS = {"reading": 10, "greedy": 40, "optimise": 80}
FORBIDDEN = "constraints_forbid_move"
BEST = "already_at_best_time"
MADE_ROOM = "makes_room_for_others"
LEFT_BLACKOUT = "leaves_blackout"
LEFT_TIME_OFF = "leaves_time_off"
# Why a post could not stay, by the kind of rule that it broke.
BROKEN_RULES = {
    "min_interval": "keeps_min_interval",
    "per_day": "keeps_max_per_day",
    "per_week": "keeps_max_per_week",
    "platform_interval": "keeps_platform_interval",
    "stagger": "keeps_content_apart",
}
WITHOUT_RHYTHM = (
    "The platforms' usual rhythm could not be kept; only limits and preferences were."
)
RULES = {
    "min_interval": "the time between two posts of a channel",
    "per_day": "the posts a day",
    "per_week": "the posts a week",
    "platform_interval": "the time between posts of a platform",
    "stagger": "the time between posts of the same content",
    "times": "the hours that are left",
    "time": "time",
}


def changed(run_: OptimizationRun) -> None:
    """Tell pages that show the run."""
    announce_change([workspace_group(run_.workspace_id)], run_.topic, "optimizations")


def lease(_: OptimizationRun) -> timedelta:
    """How long a worker may be silent: the solver says nothing while it works, and may
    be asked twice.
    """
    return timedelta(
        seconds=3 * settings.OPTIMIZE_SECONDS + settings.OPTIMIZE_LEASE_SECONDS
    )


WORK = Work(OptimizationRun, states.OPTIMIZATION, lease, changed)


def run(run_id: UUID, worker: str, seconds: float | None = None) -> None:
    """Claim a run, choose times for at most so many seconds, and record them."""
    claimed = WORK.claim(run_id, worker, "workspace", "started_by")
    if claimed is None:
        return
    try:
        solution = solution_for(claimed, seconds or settings.OPTIMIZE_SECONDS)
        record(claimed, solution)
    except Lost:
        log.info("optimization_lost", run=str(run_id), fence=claimed.fence)
    except (Missing, Forbidden) as problem:
        finish(claimed, states.FAILED, error=problem.message)


def listener_for(claimed: OptimizationRun) -> Callable[[str, float, float], None]:
    """Keeps the lease and tells pages how far it is, at once: that is outside of any
    transaction.
    """

    def listen(phase: str, value: float, bound: float) -> None:
        WORK.keep(claimed)
        message = {
            "topic": claimed.topic,
            "percent": PROGRESS[phase],
            "message": f"{len(claimed.posts)} posts",
        }
        send(workspace_group(claimed.workspace_id), "progress", message)

    return listen


@dataclass(frozen=True)
class Solution:
    """What was known, asked and answered, and what to say about it."""

    ground: Ground
    posed: PosedQuestion
    answer: Answer
    notes: list[str]

    @property
    def has_answer(self) -> bool:
        """Whether there are times that keep every rule."""
        return self.answer.status != INFEASIBLE


def solution_for(claimed: OptimizationRun, seconds: float) -> Solution:
    """Where the usual rhythms of platforms leave no answer, or posts without a place,
    they are left out. Raises Lost.
    """
    first = solve(claimed, seconds, usual=True)
    if first.has_answer and not first.posed.stuck:
        return first
    second = solve(claimed, seconds, usual=False)
    places_more = len(second.posed.stuck) < len(first.posed.stuck)
    helps = places_more or not first.has_answer
    return second if helps and second.has_answer else first


def solve(claimed: OptimizationRun, seconds: float, *, usual: bool) -> Solution:
    """Read what there is, and find the best times for it.

    seconds: how long the search may take.
    usual: whether the workspace's usual rules hold besides those of the run.
    Raises Missing where whoever asked has been deleted.
    """
    asker = claimed.started_by
    if asker is None:
        raise Missing("Whoever asked for it is gone.")
    listen = listener_for(claimed)
    listen("reading", 0.0, 0.0)
    ground = read_ground(
        asker,
        claimed.workspace,
        [UUID(key) for key in claimed.posts],
        Limits.read(claimed.limits),
        claimed.start,
        claimed.end,
        usual=usual,
    )
    posed = pose(ground)
    best = optimise(posed.question, seconds, listen)
    answer = stayed(posed.question, posed.standing, best)
    return Solution(ground, posed, answer, [] if usual else [WITHOUT_RHYTHM])


def record(claimed: OptimizationRun, solution: Solution) -> None:
    """Keep the answer with the run, completed or, where no times keep the rules,
    failed.
    """
    answer = solution.answer
    facts: Values = {
        "changes": list(changes_of(claimed, solution)),
        "proof": answer.status,
        "notes": solution.notes,
        "collisions": list(answer.collisions),
        "fingerprint": solution.ground.fingerprint,
        "value": answer.value,
        "bound": answer.bound,
        "greedy_value": answer.greedy_value,
        "seconds": answer.seconds,
    }
    if solution.has_answer:
        finish(claimed, states.COMPLETED, **facts)
    else:
        finish(claimed, states.FAILED, error=collision_text(answer.collisions), **facts)


def collision_text(kinds: tuple[str, ...]) -> str:
    """In words which rules cannot be kept together.

    kinds: of rules; `time` alone where the search ended before anything was found.
    """
    rules = " and ".join(RULES[kind] for kind in kinds)
    if kinds == ("time",):
        return (
            "No times that keep every rule were found in the time there was; ask "
            "for fewer posts at once."
        )
    return (
        f"No times keep every rule: {rules} cannot be kept together with the rest. "
        "Loosen one of them."
    )


def changes_of(claimed: OptimizationRun, solution: Solution) -> Iterator[Values]:
    """A row for each post, in the order asked for; times in UTC, scores 0..1."""
    posts = solution.ground.posts
    times = solution.answer.times
    for key in claimed.posts:
        if key in posts:
            post = posts[key]
            new = times.get(key, post.scheduled_at)
            reason = reason_for(solution, post, new)
            yield change_of(solution.ground, post, new, reason, claimed.names.get(key))


def reason_for(solution: Solution, post: Post, new: datetime | None) -> str:
    """Why the post gets that time: what keeps it from the old one, or else what the new
    one is better for.
    """
    ground = solution.ground
    standing = solution.posed.standing
    key = str(post.pk)
    old = post.scheduled_at
    if key in solution.posed.stuck or not solution.has_answer:
        return FORBIDDEN
    if old is None or new is None or new == old:
        return BEST
    if ground.is_closed(post, old):
        return LEFT_BLACKOUT
    if not ground.is_wished(post, old):
        return LEFT_TIME_OFF
    if ground.score(post, new) > ground.score(post, old):
        return ground.reason(post, new)
    target = next(target for target in standing.targets if target.id == key)
    return BROKEN_RULES.get(broken_rule(standing, target), MADE_ROOM)


def change_of(
    ground: Ground, post: Post, new: datetime | None, reason: str, name: str | None
) -> JsonObject:
    """What is kept of one post: times in ISO 8601, scores and confidence from 0 to 1.

    name: the content's name among the client's, where it has one.
    """
    previous = post.scheduled_at
    return {
        "post": str(post.pk),
        "channel": str(post.account_id),
        "content_id": name or str(post.content_id),
        "platform": post.account.platform,
        "previous_time": previous.isoformat() if previous else None,
        "new_time": new.isoformat() if new else None,
        "score_before": ground.score(post, previous) if previous else 0.0,
        "score_after": ground.score(post, new) if new else 0.0,
        "reason": reason,
        "confidence": round(ground.confidence(post, new), 4) if new else 0.0,
    }


def finish(claimed: OptimizationRun, state: str, **facts: Any) -> None:
    """Put the run down as completed or failed, if the claim still holds, and tell those
    who follow its calendar.
    """
    with transaction.atomic():
        ours = WORK.finish(claimed, state, updated_at=timezone.now(), **facts)
        key = claimed.calendar_key
        if ours and key:
            follow(key)
        if ours and key and state == states.COMPLETED:
            tell_calendar(claimed, key, facts["changes"])


def tell_calendar(claimed: OptimizationRun, key: UUID, changes: list[Values]) -> None:
    """Those who follow the calendar hear of it, if it is still there."""
    calendar = ContentCalendar.objects.filter(pk=key).first()
    if calendar is not None:
        count = sum(change["new_time"] != change["previous_time"] for change in changes)
        data = {
            "opt_id": claimed.wire_id,
            "schedule_id": calendar.wire_id,
            "changes_count": count,
        }
        tell(calendar, [Frame("optimization.completed", data)])
