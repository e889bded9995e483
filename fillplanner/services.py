"""What people do with plans: make one, delete one, plan again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from common.doorbell import ring
from common.errors import Conflict, InvalidInput, TooLarge
from fillplanner import events, states
from fillplanner.models import Plan
from fillplanner.planning.intake import IntakeReport, read_lots, read_lots_csv
from fillplanner.planning.problem import LineConfig
from fillplanner.planning.rules import ConfigError, read_config, to_wire
from fillplanner.planning.strategies import DEFAULT, UnknownStrategy, resolve_strategy
from fillplanner.selectors import access_plan
from fillplanner.tasks import run_plan
from workspaces import audit
from workspaces.models import User

LONGEST_NAME = 255
MOST_BYTES = 10 * 1024 * 1024


def create_plan(
    user: User,
    *,
    rows: Sequence[Any],
    name: str | None = None,
    strategy: str = DEFAULT,
    config: Mapping[str, Any] | None = None,
    start_time: datetime | None = None,
) -> Plan:
    """Check lots, rules and strategy, keep the plan and ring a worker on commit.

    Raises InvalidInput naming everything that is wrong; then nothing is kept.
    """
    return _create(user, lambda rules, start: read_lots(rows, rules, start), name, strategy, config, start_time)


def create_plan_from_csv(
    user: User,
    *,
    data: bytes,
    name: str | None = None,
    strategy: str = DEFAULT,
    config: Mapping[str, Any] | None = None,
    start_time: datetime | None = None,
) -> Plan:
    """As `create_plan`, from the bytes of a CSV file. Raises TooLarge over 10 MB."""
    if len(data) > MOST_BYTES:
        raise TooLarge("The file is larger than 10 MB.")
    return _create(user, lambda rules, start: read_lots_csv(data, rules, start), name, strategy, config, start_time)


Intake = Callable[[LineConfig, datetime], IntakeReport]


def _create(
    user: User, intake: Intake, name: str | None, strategy: str, config: Mapping[str, Any] | None, start: datetime | None
) -> Plan:
    chosen, rules = checked_strategy(strategy), checked_config(config)
    start = start or timezone.now()
    report = intake(rules, start)
    if report.errors:
        detail = {"message": "Invalid lots data", "errors": report.errors, "warnings": report.warnings}
        raise InvalidInput("Invalid lots data", detail)
    plan = Plan(
        owner=user, name=plan_name(name), strategy=chosen, config=to_wire(rules), start_time=start,
        lots=[_row(asdict(lot)) for lot in report.lots], lots_count=len(report.lots),
    )  # fmt: skip
    with transaction.atomic():
        plan.save()
        after = {"name": plan.name, "strategy": chosen, "lots": plan.lots_count}
        audit.record(user, "created", f"plan:{plan.pk}", after=after)
        events.plan_changed(plan)
        ring(run_plan, plan.pk)
    return plan


def _row(lot: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in lot.items() if value is not None}


def plan_name(name: str | None) -> str:
    """The name without control characters, at most 255 characters; one made of the time for none."""
    cleaned = "".join(sign for sign in name or "" if sign.isprintable()).strip()
    return cleaned[:LONGEST_NAME] or f"Schedule {timezone.now():%Y-%m-%d %H:%M}"


def checked_strategy(name: str) -> str:
    """The strategy's own name. Raises InvalidInput for an unknown one."""
    try:
        return resolve_strategy(name).name
    except UnknownStrategy as error:
        raise InvalidInput(str(error)) from error


def checked_config(config: Mapping[str, Any] | None) -> LineConfig:
    """The rules. Raises InvalidInput with every complaint."""
    try:
        return read_config(config)
    except ConfigError as error:
        raise InvalidInput("Invalid config", {"message": "Invalid config", "errors": error.errors, "warnings": []}) from error


def check_lots(rows: Sequence[Any], config: Mapping[str, Any] | None = None) -> IntakeReport:
    """What would be said of these rows; keeps nothing."""
    return read_lots(rows, checked_config(config), timezone.now())


def delete_plan(user: User, plan_id: int) -> None:
    """Delete a plan with its result in one transaction; a worker that still runs it will find it gone."""
    plan = access_plan(user, plan_id)
    with transaction.atomic():
        audit.record(user, "deleted", f"plan:{plan.pk}", before={"name": plan.name, "state": plan.state})
        events.plan_changed(plan)
        plan.delete()


def plan_again(user: User, plan_id: int, strategy: str | None = None) -> Plan:
    """A new plan with the same lots and rules. Raises Conflict while the old one is unfinished."""
    old = access_plan(user, plan_id)
    if old.state in states.UNFINISHED:
        raise Conflict("This plan is not finished yet.")
    return create_plan(
        user, rows=old.lots, name=old.name, strategy=strategy or old.strategy, config=old.config, start_time=old.start_time
    )
