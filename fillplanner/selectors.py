"""Reading plans: private to their owner."""

from __future__ import annotations

from django.db.models import QuerySet

from common.errors import Forbidden, Missing
from fillplanner.models import Plan
from workspaces.models import User


def plans_of(user: User) -> QuerySet[Plan]:
    """The user's plans, newest first, without their lots."""
    return Plan.objects.filter(owner=user).without_lots().select_related("result").defer("result__activities")


def access_plan(user: User, plan_id: int) -> Plan:
    """The plan with its result. Raises Missing for an unknown one, Forbidden for somebody else's."""
    plan = Plan.objects.filter(pk=plan_id).select_related("result").first()
    if plan is None:
        raise Missing("Schedule not found")
    if plan.owner_id != user.pk:
        raise Forbidden("This plan belongs to somebody else.")
    return plan
