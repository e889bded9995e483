"""Live events of plans: pages hear which topics changed, programs hear the frames of the plan's own socket."""

from __future__ import annotations

from typing import Any

from common.live import announce, announce_change, send
from fillplanner.models import Plan


def user_group(user_id: int) -> str:
    return f"fillplanner.user.{user_id}"


def plan_group(plan_id: int) -> str:
    return f"fillplanner.plan.{plan_id}"


def plan_changed(plan: Plan) -> None:
    announce_change([user_group(plan.owner_id)], plan.topic, "plans")


def plan_event(plan: Plan, kind: str, data: dict[str, Any]) -> None:
    """A frame of the plan's own socket, after commit."""
    announce(plan_group(plan.pk), kind, data)


def progressed(plan: Plan, frame: dict[str, Any]) -> None:
    """How far the run is, at once: progress is written outside of any transaction."""
    send(plan_group(plan.pk), "schedule.progress", frame)
    said = {"topic": plan.topic, "percent": frame["progress"], "message": frame["message"]}
    send(user_group(plan.owner_id), "progress", said)
