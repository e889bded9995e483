"""What people do with comparisons: make one, cancel it, delete it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from common.doorbell import ring
from common.errors import Conflict, InvalidInput, Unprocessable
from common.mappings import Record
from fillplanner import comparing, states
from fillplanner.live import events
from fillplanner.models import Comparison, Plan
from fillplanner.planning.strategies import STRATEGIES
from fillplanner.results.ranking import FEWEST, chosen_strategies
from fillplanner.selectors import access_comparison, outcomes
from fillplanner.services import plans, quotas
from fillplanner.tasks import run_plan
from workspaces import audit
from workspaces.models import User

MOST = len(STRATEGIES)


@dataclass(frozen=True)
class ComparisonRequest:
    """A comparison that is asked for: `rows` of JSON objects, or the bytes of a file in
    `data` (of a workbook the `sheet` of that name).
    """

    strategies: Sequence[str]
    rows: Sequence[Any] | None = None
    data: bytes | None = None
    name: str | None = None
    config: Record | None = None
    start_time: datetime | None = None
    sheet: str = ""


def create(user: User, request: ComparisonRequest) -> Comparison:
    """Check everything, keep the comparison with a plan for each strategy, and ring a
    worker for each on commit.

    Raises InvalidInput naming everything that is wrong, Unprocessable for too few or
    too many strategies, TooLarge for a file over 10 MB, TooMany for a person with too
    many unfinished plans; then nothing is kept.
    """
    names = checked_strategies(request.strategies)
    first_request = plans.PlanRequest(
        request.rows,
        request.data,
        request.name,
        names[0],
        request.config,
        request.start_time,
        sheet=request.sheet,
    )
    first = plans.prepared(user, first_request)
    comparison = Comparison(
        owner=user,
        name=plans.plan_name(request.name, "Comparison"),
        strategies=names,
        lots=first.lots,
        lots_count=first.lots_count,
        lots_hash=hash_of(first.lots),
        config=first.config,
        start_time=first.start_time,
    )
    with transaction.atomic():
        quotas.make_room(user, len(names))
        comparison.save()
        for name in names:
            ring(run_plan, planned(comparison, name).pk)
        after = {
            "name": comparison.name,
            "strategies": names,
            "lots": comparison.lots_count,
        }
        audit.record(user, "created", comparison.topic, after=after)
        events.comparison_changed(comparison)
    return comparison


def planned(comparison: Comparison, strategy: str) -> Plan:
    """The plan of one strategy, kept."""
    name = f"{comparison.name[: plans.LONGEST_NAME - len(strategy) - 3]} ({strategy})"
    plan: Plan = Plan.objects.create(
        owner_id=comparison.owner_id,
        comparison=comparison,
        name=name,
        strategy=strategy,
        lots=comparison.lots,
        lots_count=comparison.lots_count,
        config=comparison.config,
        start_time=comparison.start_time,
    )
    return plan


def checked_strategies(names: Sequence[str]) -> list[str]:
    """The strategies' own names. Raises Unprocessable for a wrong number, InvalidInput
    for unknown ones and doubles.
    """
    if not FEWEST <= len(names) <= MOST:
        raise Unprocessable(
            "Not valid.", {"body.strategies": [f"Choose {FEWEST} to {MOST} strategies"]}
        )
    try:
        return chosen_strategies(names)
    except ValueError as error:
        raise InvalidInput(str(error)) from error


def hash_of(lots: Sequence[Record]) -> str:
    """SHA-256 of the lots as JSON with sorted keys, in hex."""
    return hashlib.sha256(json.dumps(lots, sort_keys=True).encode()).hexdigest()


def cancel(user: User, comparison_id: int) -> Comparison:
    """End one's own comparison; what is planned already stays. Raises Conflict for a
    finished one.
    """
    return stop(access_comparison(user, comparison_id), user)


def stop(comparison: Comparison, actor: User) -> Comparison:
    """As `cancel`, on behalf of somebody who may."""
    if comparison.state not in states.UNFINISHED:
        raise Conflict("This comparison is finished; there is nothing to cancel.")
    with transaction.atomic():
        for plan in outcomes(comparison):
            # Finished or just being finished: that one stays as it is.
            with suppress(Conflict):
                plans.end(plan, actor)
        audit.record(
            actor, "cancelled", comparison.topic, before={"name": comparison.name}
        )
        events.comparison_changed(comparison)
    comparing.settle(comparison.pk)
    return Comparison.objects.without_lots().get(pk=comparison.pk)


def delete(user: User, comparison_id: int) -> None:
    """Delete a comparison with its plans; workers that still run them will find them gone."""
    remove(access_comparison(user, comparison_id), user)


def remove(comparison: Comparison, actor: User) -> None:
    """Delete a comparison on behalf of somebody who may."""
    with transaction.atomic():
        audit.record(
            actor,
            "deleted",
            comparison.topic,
            before={"name": comparison.name, "state": comparison.state},
        )
        events.comparison_changed(comparison)
        comparison.delete()
