"""What people do with plans: make one or several, cancel one, delete one, plan again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from common.doorbell import ring
from common.errors import Conflict, InvalidInput, Problem, TooLarge, Unprocessable
from common.mappings import JsonObject, Record
from common.transitions import try_advance
from fillplanner import comparing, states
from fillplanner.bodies.plans import RowProblemBody
from fillplanner.live import events
from fillplanner.live.frames import failed_frame
from fillplanner.models import Plan
from fillplanner.models.plans import CANCELLED_BY
from fillplanner.notices import outbox
from fillplanner.planning.intake import (
    LIMITS,
    IntakeReport,
    read_kept_lots,
    read_lots,
    read_lots_file,
)
from fillplanner.planning.problem import LineConfig
from fillplanner.planning.rules import ConfigError, read_config, to_wire
from fillplanner.planning.strategies import DEFAULT, UnknownStrategy, resolve_strategy
from fillplanner.selectors import access_plan, own_plan
from fillplanner.services import quotas
from fillplanner.tasks import deliver, run_plan
from workspaces import audit
from workspaces.models import User

LONGEST_NAME = 255
MOST_FAULTS_TOLD = 1000
# Every moment of a plan must be a date in every zone.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
MOST_HOURS = (LATEST - EARLIEST).total_seconds() / 3600 + 1


@dataclass(frozen=True)
class PlanRequest:
    """A plan that is asked for: `rows` of JSON objects, or the bytes of a file in
    `data` (of a workbook the `sheet` of that name); `origin` is the plan that this is a
    new version of. `kept` rows are a plan's own, with target times in hours.
    """

    rows: Sequence[Any] | None = None
    data: bytes | None = None
    name: str | None = None
    strategy: str = DEFAULT
    config: Record | None = None
    start_time: datetime | None = None
    origin: int | None = None
    sheet: str = ""
    kept: bool = False


class WrongLots(InvalidInput):
    """Lots that cannot be planned; `rows` says what is wrong with which."""

    def __init__(self, report: IntakeReport, *, told: bool) -> None:
        detail: JsonObject = {
            "message": "Invalid lots data",
            "errors": report.errors,
            "warnings": report.warnings,
        }
        self.rows = rows_told(report)
        if told:
            detail["rows"] = self.rows
        super().__init__("Invalid lots data", detail)


def create(user: User, request: PlanRequest, actor: User | None = None) -> Plan:
    """Check strategy, rules and lots, keep the plan and ring a worker on commit.

    `actor` is named in the audit trail where it is not the owner. Raises InvalidInput
    naming everything that is wrong, TooLarge for a file over 10 MB, TooMany for a
    person with too many unfinished plans; then nothing is kept.

    user: whose plan it is to be.
    request: lots, rules and start as they were given.
    """
    plan = prepared(user, request)
    origin = own_plan(user, request.origin) if request.origin else None
    with transaction.atomic():
        quotas.make_room(user)
        if origin is not None:
            plan.family = family_of(origin)
        keep(plan, actor or user)
    return plan


def family_of(plan: Plan) -> UUID | None:
    """What the plan and its later versions have in common; it begins with the second.
    In the caller's transaction.
    """
    rows = Plan.objects.filter(pk=plan.pk)
    rows.filter(family=None).update(family=uuid4())
    family: UUID | None = rows.values_list("family", flat=True).get()
    return family


def create_all(
    user: User, requests: Mapping[int, PlanRequest], faults: Mapping[int, list[str]]
) -> list[Plan]:
    """Make a plan of each request, or none of any; `faults` are those of requests
    nobody could read.

    Raises InvalidInput that names every fault under the request's number, TooMany where
    there is no room for all.
    """
    plans = []
    all_faults = dict(faults)
    for number, request in requests.items():
        try:
            plans.append(prepared(user, request))
        except Problem as problem:
            all_faults[number] = faults_in(problem)
    if all_faults:
        errors = [
            {"index": number, "errors": texts}
            for number, texts in sorted(all_faults.items())
        ]
        raise InvalidInput(
            "Invalid schedules",
            {"message": "Invalid schedules", "errors": errors, "warnings": []},
        )
    with transaction.atomic():
        quotas.make_room(user, len(plans))
        for plan in plans:
            keep(plan, user)
    return plans


def faults_in(problem: Problem) -> list[str]:
    """What a problem says, point by point."""
    detail = problem.detail if isinstance(problem.detail, dict) else {}
    return list(detail.get("errors") or [problem.message])


def prepared(user: User, request: PlanRequest) -> Plan:
    """The plan that is asked for, checked and not yet kept."""
    chosen = checked_strategy(request.strategy)
    rules = rules_for_planning(request.config)
    start = request.start_time or timezone.now()
    report = _intake(request, rules, start)
    if report.errors:
        raise WrongLots(report, told=request.data is not None)
    return Plan(
        owner=user,
        name=plan_name(request.name),
        strategy=chosen,
        config=to_wire(rules),
        start_time=start,
        lots=[_row(vars(lot)) for lot in report.lots],
        lots_count=len(report.lots),
    )


def keep(plan: Plan, actor: User) -> None:
    """Write a new plan down and ring a worker on commit; in the caller's transaction."""
    plan.save()
    after = {"name": plan.name, "strategy": plan.strategy, "lots": plan.lots_count}
    audit.record(actor, "created", f"plan:{plan.pk}", after=after)
    events.plan_changed(plan)
    ring(run_plan, plan.pk)


def check(request: PlanRequest) -> IntakeReport:
    """What would be said of these lots; keeps nothing. Raises InvalidInput for bad rules only."""
    return _intake(
        request,
        rules_for_planning(request.config),
        request.start_time or timezone.now(),
    )


def _intake(request: PlanRequest, rules: LineConfig, start: datetime) -> IntakeReport:
    """The lots read, with what is wrong with them and with the calendar."""
    if request.data is None:
        read = read_kept_lots if request.kept else read_lots
        report = read(request.rows or [], rules, start)
    elif len(request.data) > LIMITS.size:
        raise TooLarge("The file is larger than 10 MB.")
    else:
        report = read_lots_file(request.data, rules, start, request.sheet)
    if not EARLIEST <= start <= LATEST - longest_plan(report, rules):
        report.errors.append(
            "The plan would lie outside the calendar, which goes from 1970 to 9000"
        )
    return report


def rows_told(report: IntakeReport) -> list[RowProblemBody]:
    """What is wrong with which field of which row, for programs that mark the places;
    the first thousand.
    """
    return [
        {"row": fault.row, "field": fault.field, "message": fault.message}
        for fault in report.faults[:MOST_FAULTS_TOLD]
    ]


def longest_plan(report: IntakeReport, rules: LineConfig) -> timedelta:
    """No plan of these lots is longer: every lot in a block of its own, and the longest
    changeover besides.
    """
    clean = rules.clean_hours
    change = rules.dearest_changeover
    hours = sum(lot.fill_hours + clean + change for lot in report.lots)
    return timedelta(hours=min(hours, MOST_HOURS))


def _row(lot: JsonObject) -> JsonObject:
    """A lot's fields, those that say nothing left out."""
    return {name: value for name, value in lot.items() if value is not None}


def plan_name(name: str | None, kind: str = "Schedule") -> str:
    """The name without control characters; one made of the time for none. Raises
    Unprocessable for a longer one than 255 characters.
    """
    cleaned = "".join(sign for sign in name or "" if sign.isprintable()).strip()
    check_length("name", cleaned, LONGEST_NAME)
    return cleaned or f"{kind} {timezone.now():%Y-%m-%d %H:%M}"


def check_length(field: str, text: str, most: int) -> None:
    """Raises Unprocessable for a text of more than so many characters."""
    if len(text) > most:
        message = f"The {field} has {len(text):,} characters. At most {most:,} fit."
        raise Unprocessable(message, {field: [message]})


def checked_strategy(name: str) -> str:
    """The strategy's own name. Raises InvalidInput for an unknown one."""
    try:
        return resolve_strategy(name).name
    except UnknownStrategy as error:
        raise InvalidInput(str(error)) from error


def checked_config(config: Record | None) -> LineConfig:
    """The rules. Raises InvalidInput with every complaint."""
    try:
        return read_config(config)
    except ConfigError as error:
        raise InvalidInput(
            "Invalid config",
            {"message": "Invalid config", "errors": error.errors, "warnings": []},
        ) from error


def rules_for_planning(config: Record | None) -> LineConfig:
    """The rules of a plan to be made. Raises InvalidInput with every complaint, and for
    too long a time limit.
    """
    rules = checked_config(config)
    quotas.check_time_limit(rules)
    return rules


def delete_plan(user: User, plan_id: int) -> None:
    """Delete a plan with its result in one transaction; a worker that still runs it
    will find it gone.
    """
    remove(access_plan(user, plan_id), user)


def remove(plan: Plan, actor: User) -> None:
    """Delete a plan on behalf of somebody who may. Raises Conflict for one that a
    comparison is made of.
    """
    if plan.comparison_id is not None:
        raise Conflict(
            "This plan is part of a comparison; delete the comparison instead."
        )
    with transaction.atomic():
        audit.record(
            actor,
            "deleted",
            f"plan:{plan.pk}",
            before={"name": plan.name, "state": plan.state},
        )
        events.plan_changed(plan)
        plan.delete()


def cancel(user: User, plan_id: int) -> Plan:
    """End one's own plan that is not finished. Raises Conflict for one that is."""
    return stop(access_plan(user, plan_id), user)


def stop(plan: Plan, actor: User) -> Plan:
    """End a plan on behalf of somebody who may; a worker that runs it notices within a
    second and records nothing.
    """
    with transaction.atomic():
        stopped = end(plan, actor)
        audit.record(actor, "cancelled", f"plan:{plan.pk}", before={"name": plan.name})
    comparing.ended(stopped)
    return stopped


def end(plan: Plan, actor: User) -> Plan:
    """Move an unfinished plan to its cancelled end and say so; in the caller's
    transaction. Raises Conflict.
    """
    rows = Plan.objects.filter(pk=plan.pk)
    message = f"{CANCELLED_BY}{actor.username}"
    if not try_advance(
        rows,
        states.PLAN,
        states.FAILED,
        error=message,
        ended_at=timezone.now(),
        lease_until=None,
    ):
        raise Conflict("This plan is finished; there is nothing to cancel.")
    stopped: Plan = rows.get()
    events.plan_changed(stopped)
    frame = failed_frame(stopped)
    events.plan_event(stopped, "schedule.failed", frame)
    if stopped.comparison_id is None:
        for delivery in outbox.note(
            stopped.owner_id, "schedule.failed", stopped.topic, frame
        ):
            ring(deliver, delivery.pk)
    return stopped


@dataclass(frozen=True)
class Changes:
    """What a plan that is made again takes instead of the old one's; None keeps it."""

    strategy: str | None = None
    config: Record | None = None
    name: str | None = None


def plan_again(user: User, plan_id: int, changes: Changes | None = None) -> Plan:
    """A new plan with the same lots, and the same rules unless changed. Raises Conflict
    for an unfinished old one.
    """
    return repeat(access_plan(user, plan_id), user, changes)


def repeat(old: Plan, actor: User, changes: Changes | None = None) -> Plan:
    """As `plan_again`, for the same owner on behalf of somebody who may.

    old: the plan whose lots are planned again.
    actor: who does it.
    changes: what the new plan takes instead of the old one's.
    """
    if old.state in states.UNFINISHED:
        raise Conflict("This plan is not finished yet.")
    new = changes or Changes()
    request = PlanRequest(
        rows=old.lots,
        name=new.name or old.name,
        strategy=new.strategy or old.strategy,
        config=old.config if new.config is None else new.config,
        start_time=old.start_time,
        origin=old.pk,
        kept=True,
    )
    return create(old.owner, request, actor)
