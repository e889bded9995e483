"""Reading plans and comparisons, private to their owner, and config templates, which
their owner may show to everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from django.db.models import (
    Avg,
    Count,
    Prefetch,
    Q,
    QuerySet,
    prefetch_related_objects,
)

from common.errors import Forbidden, InvalidInput, Missing
from common.mappings import Values
from fillplanner import states
from fillplanner.models import Comparison, ConfigTemplate, Delivery, NoticeTarget, Plan
from fillplanner.models.notices import EMAIL, WEBHOOK
from workspaces.models import User

Owned = TypeVar("Owned", Plan, Comparison)
# What of plans is long, and left in the database unless it is shown.
LONG_COLUMNS = frozenset(("lots", "config", "trace", "result__activities"))


def plans_of(user: User) -> QuerySet[Plan]:
    """The user's plans, newest first, without their lots; those of comparisons show with these."""
    return (
        Plan.objects.filter(owner=user)
        .alone()
        .without_lots()
        .select_related("result")
        .defer("result__activities")
    )


def plans_with_rules(user: User) -> QuerySet[Plan]:
    """The user's plans, newest first, with their rules but without lots and results."""
    return Plan.objects.filter(owner=user).alone().defer("lots")


def loading(rows: QuerySet[Plan], columns: Collection[str]) -> QuerySet[Plan]:
    """The plans with these of their long columns and no others."""
    return rows.defer(None).defer(*LONG_COLUMNS.difference(columns))


def plan_counts(user: User, column: str) -> dict[str, int]:
    """How many of the user's plans have which state, or which strategy."""
    counted = (
        Plan.objects.filter(owner=user)
        .alone()
        .order_by(column)
        .values_list(column)
        .annotate(Count("pk"))
    )
    return dict(counted)


def plan_numbers(user: User, now: datetime) -> Values:
    """How the user's plans stand: all, those under way, ready and failed in a week, and
    of those ready in 30 days the mean utilization and gap in percent, None for none.
    """
    week = now - timedelta(days=7)
    month = now - timedelta(days=30)
    ready = Q(state=states.COMPLETED)
    lately = ready & Q(ended_at__gte=month)
    numbers: Values = (
        Plan.objects.filter(owner=user)
        .alone()
        .aggregate(
            total=Count("pk"),
            open=Count("pk", filter=Q(state__in=states.UNFINISHED)),
            ready=Count("pk", filter=ready & Q(ended_at__gte=week)),
            failed=Count("pk", filter=Q(state=states.FAILED, ended_at__gte=week)),
            utilization=Avg("result__utilization", filter=lately),
            gap=Avg("result__gap_percent", filter=lately),
        )
    )
    return numbers


def _owned(
    rows: QuerySet[Owned], user: User, key: int, missing: str, kind: str
) -> Owned:
    """The one of the rows with this key. Raises Missing with the text `missing` for an
    unknown one, Forbidden for somebody else's.
    """
    row: Any = rows.filter(pk=key).first()
    if row is None:
        raise Missing(missing)
    if row.owner_id != user.pk:
        raise Forbidden(f"This {kind} belongs to somebody else.")
    return cast(Owned, row)


def access_plan(user: User, plan_id: int) -> Plan:
    """The plan with its result. Raises what `_owned` does."""
    rows = Plan.objects.select_related("result")
    return _owned(rows, user, plan_id, "Schedule not found", "plan")


def own_plan(user: User, plan_id: int) -> Plan | None:
    """The user's plan by its number alone; None for one that is gone or somebody else's."""
    return Plan.objects.filter(owner=user, pk=plan_id).only("pk", "owner").first()


def versions_of(user: User, plan: Plan) -> list[Plan]:
    """The plan and those it was made from or that were made from it, oldest first, with
    figures and without lots.
    """
    if plan.family is None:
        return [plan]
    rows = (
        Plan.objects.filter(owner=user, family=plan.family)
        .without_lots()
        .select_related("result")
    )
    return list(
        rows.defer("lots", "config", "trace", "result__activities").order_by(
            "created_at", "pk"
        )
    )


def access_finished(user: User, plan_id: int) -> Plan:
    """A plan that has its result. Raises InvalidInput, with the reason, for one that has none."""
    plan = access_plan(user, plan_id)
    if plan.state == states.FAILED:
        raise InvalidInput(f"Schedule failed: {plan.error}")
    if plan.state != states.COMPLETED:
        raise InvalidInput("Schedule not completed yet")
    return plan


def comparisons_of(user: User) -> QuerySet[Comparison]:
    """The user's comparisons, newest first, without their lots."""
    return Comparison.objects.filter(owner=user).without_lots()


def access_comparison(user: User, comparison_id: int) -> Comparison:
    """The comparison without its lots. Raises what `_owned` does."""
    rows = Comparison.objects.without_lots()
    return _owned(rows, user, comparison_id, "Comparison not found", "comparison")


def outcomes(comparison: Comparison, activities: bool = False) -> list[Plan]:
    """The plans of a comparison in the order of its strategies, with results, and with
    their activities if wanted.
    """
    rows = comparison.plans.without_lots().select_related("result").order_by("pk")
    return list(rows if activities else rows.defer("result__activities"))


def fetch_outcomes(comparisons: Sequence[Comparison], columns: Collection[str]) -> None:
    """Read the plans of all these comparisons at once, with results and with these of
    their long columns: `comparison.plans.all()` has them then, as `outcomes` orders them.
    """
    rows = Plan.objects.select_related("result").order_by("pk")
    plans = Prefetch("plans", loading(rows, columns))
    prefetch_related_objects(comparisons, plans)


def templates_of(user: User, public_only: bool = False) -> QuerySet[ConfigTemplate]:
    """The user's own config templates and everybody's public ones, newest first."""
    shown = Q(is_public=True) if public_only else Q(is_public=True) | Q(owner=user)
    return ConfigTemplate.objects.filter(shown).select_related("owner")


def access_template(user: User, template_id: int) -> ConfigTemplate:
    """One that the user may read. Raises Missing: others' private templates do not show."""
    template = templates_of(user).filter(pk=template_id).first()
    if template is None:
        raise Missing("Template not found")
    return template


def own_template(user: User, template_id: int) -> ConfigTemplate:
    """One that the user may change. Raises Missing."""
    template = (
        ConfigTemplate.objects.filter(owner=user, pk=template_id)
        .select_related("owner")
        .first()
    )
    if template is None:
        raise Missing("Template not found")
    return template


def default_template(user: User) -> ConfigTemplate | None:
    """The template that the user's new plans begin with; None for none."""
    return ConfigTemplate.objects.chosen_by(user.pk).select_related("owner").first()


def webhooks_of(user: User) -> QuerySet[NoticeTarget]:
    """The user's webhooks, newest first, without their secrets."""
    return NoticeTarget.objects.filter(owner=user, kind=WEBHOOK).defer("secret")


def own_webhook(user: User, webhook_id: int) -> NoticeTarget:
    """One of the user's webhooks. Raises Missing: others' do not show."""
    target = webhooks_of(user).filter(pk=webhook_id).first()
    if target is None:
        raise Missing("Webhook not found")
    return target


def deliveries_to(target: NoticeTarget) -> QuerySet[Delivery]:
    """What was told to the target, newest first."""
    rows = Delivery.objects.filter(target=target)
    return cast("QuerySet[Delivery]", rows)


def recent_deliveries(user: User) -> QuerySet[Delivery]:
    """What was told to the user's webhooks, newest first, without what was said."""
    rows = Delivery.objects.filter(target__owner=user, target__kind=WEBHOOK)
    return cast("QuerySet[Delivery]", rows.defer("body"))


def wants_mail(user: User) -> bool:
    """Whether the user gets mails of their plans."""
    return NoticeTarget.objects.filter(owner=user, kind=EMAIL).exists()
