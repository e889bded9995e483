"""Live events of plans and comparisons: pages hear which topics changed, programs hear the
frames of the plan socket."""

from __future__ import annotations

from common.live import announce, announce_change, send
from common.mappings import JsonObject
from fillplanner.models import Comparison, Plan


def user_group(user_id: int) -> str:
    """What changed of a user's plans, for pages."""
    return f"fillplanner.user.{user_id}"


def plan_group(plan_id: int) -> str:
    """The frames of one plan, for programs."""
    return f"fillplanner.plan.{plan_id}"


def comparison_group(comparison_id: int) -> str:
    """The frames of one comparison, for programs."""
    return f"fillplanner.comparison.{comparison_id}"


def feed_group(user_id: int) -> str:
    """The frames of all plans and comparisons of a user, for programs; pages listen to
    `user_group`.
    """
    return f"fillplanner.feed.{user_id}"


def plan_changed(plan: Plan) -> None:
    """A plan of a comparison shows on the comparison's page and not among the plans."""
    list_topic = f"comparison:{plan.comparison_id}" if plan.comparison_id else "plans"
    announce_change([user_group(plan.owner_id)], plan.topic, list_topic)


def comparison_changed(comparison: Comparison) -> None:
    """A comparison shows something else now."""
    announce_change([user_group(comparison.owner_id)], comparison.topic, "comparisons")


def templates_changed(owner_id: int) -> None:
    """One of the owner's rule templates shows something else now."""
    announce_change([user_group(owner_id)], "configs")


def notices_changed(owner_id: int) -> None:
    """The owner's webhooks or what was sent to them show something else now."""
    announce_change([user_group(owner_id)], "notices")


def plan_event(plan: Plan, kind: str, data: JsonObject) -> None:
    """A frame for programs that subscribed to the plan or to its owner, after commit."""
    for group in listening(plan):
        announce(group, kind, data)


def listening(plan: Plan) -> list[str]:
    """Whoever follows the plan; the owner's feed hears of a comparison, not of each plan in it."""
    return [plan_group(plan.pk)] + (
        [] if plan.comparison_id else [feed_group(plan.owner_id)]
    )


def comparison_event(comparison: Comparison, kind: str, data: JsonObject) -> None:
    """A frame for programs that subscribed to the comparison or to its owner, after commit."""
    for group in (comparison_group(comparison.pk), feed_group(comparison.owner_id)):
        announce(group, kind, data)


def progressed(plan: Plan, frame: JsonObject) -> None:
    """How far the run is, at once: progress is written outside of any transaction."""
    for group in listening(plan):
        send(group, "schedule.progress", frame)
    message = {
        "topic": plan.topic,
        "percent": frame["progress"],
        "message": frame["message"],
    }
    send(user_group(plan.owner_id), "progress", message)


def traced(plan: Plan) -> None:
    """The exact optimiser has something better to show; pages fetch the picture, and
    who missed that sees the next.
    """
    send(user_group(plan.owner_id), "changed", {"topics": [f"{plan.topic}:trace"]})
