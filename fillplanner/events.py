"""Live events of plans: pages hear which topics changed, programs hear the frames of the plan's own socket."""

from __future__ import annotations

from typing import Any

from common.live import announce, announce_change, send
from fillplanner.models import Plan


def user_group(user_id: int) -> str:
    return f"fillplanner.user.{user_id}"


def plan_group(plan_id: int) -> str:
    return f"fillplanner.plan.{plan_id}"


def feed_group(user_id: int) -> str:
    """The frames of all plans of a user, for programs; pages listen to `user_group`."""
    return f"fillplanner.feed.{user_id}"


def plan_changed(plan: Plan) -> None:
    announce_change([user_group(plan.owner_id)], plan.topic, "plans")


def templates_changed(owner_id: int) -> None:
    announce_change([user_group(owner_id)], "configs")


def notices_changed(owner_id: int) -> None:
    announce_change([user_group(owner_id)], "notices")


def plan_event(plan: Plan, kind: str, data: dict[str, Any]) -> None:
    """A frame for programs that subscribed to the plan or to its owner, after commit."""
    for group in (plan_group(plan.pk), feed_group(plan.owner_id)):
        announce(group, kind, data)


def progressed(plan: Plan, frame: dict[str, Any]) -> None:
    """How far the run is, at once: progress is written outside of any transaction."""
    for group in (plan_group(plan.pk), feed_group(plan.owner_id)):
        send(group, "schedule.progress", frame)
    said = {"topic": plan.topic, "percent": frame["progress"], "message": frame["message"]}
    send(user_group(plan.owner_id), "progress", said)
