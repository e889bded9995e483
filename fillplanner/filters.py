"""What somebody wants to see of their plans, as an address says it: state, strategy,
days, a text, an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from common.numbers import whole_number
from common.wall_clocks import day_in
from fillplanner import states
from fillplanner.models import Plan
from fillplanner.planning.strategies import STRATEGIES

LONGEST_TEXT = 100
ORDERS = {
    "name": "name",
    "state": "state",
    "strategy": "strategy",
    "lots": "lots_count",
    "makespan": "result__makespan",
    "utilization": "result__utilization",
    "gap": "result__gap_percent",
    "created": "created_at",
}
NAMES = [strategy.name for strategy in STRATEGIES]


@dataclass(frozen=True)
class Filter:
    """Blank and None keep everything; `sort` is a key of ORDERS, backwards with a minus
    before it. Days are local to `zone`, both included.
    """

    state: str = ""
    strategy: str = ""
    find: str = ""
    first: date | None = None
    last: date | None = None
    sort: str = ""
    zone: str = "UTC"

    @property
    def narrows(self) -> bool:
        """Whether anything but the order is asked for."""
        return any((self.state, self.strategy, self.find, self.first, self.last))

    def chosen(self, rows: QuerySet[Plan]) -> QuerySet[Plan]:
        """Those of the plans, in the order wanted, else newest first."""
        return self.ordered(rows.filter(self.condition()))

    def condition(self) -> Q:
        """What a plan must be like to be shown."""
        condition = Q()
        if self.state:
            condition &= Q(state=self.state)
        if self.strategy:
            condition &= Q(strategy=self.strategy)
        if self.find:
            condition &= Q(name__found=self.find) | self.numbered()
        if self.first:
            condition &= Q(created_at__gte=self.midnight(self.first))
        if self.last:
            condition &= Q(created_at__lt=self.midnight(self.last + timedelta(days=1)))
        return condition

    def numbered(self) -> Q:
        """`12` and `#12` also find the plan with that number."""
        digits = self.find.removeprefix("#")
        return Q(pk=whole_number(digits))

    def midnight(self, day: date) -> datetime:
        """When a day begins on the person's clock, as UTC."""
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)

    def ordered(self, rows: QuerySet[Plan]) -> QuerySet[Plan]:
        """The plans in the order that `sort` names, those without the value last."""
        column = ORDERS.get(self.sort.removeprefix("-"))
        if column is None:
            return rows
        way = (
            F(column).desc(nulls_last=True)
            if self.sort.startswith("-")
            else F(column).asc(nulls_last=True)
        )
        return rows.order_by(way, "-created_at", "-pk")


def filter_of(query: Mapping[str, str], zone: str) -> Filter:
    """What an address says; nonsense counts as nothing."""
    return Filter(
        state=known(query, "state", states.PLAN.states),
        strategy=known(query, "strategy", NAMES),
        find=query.get("find", "").strip()[:LONGEST_TEXT],
        first=day_in(query.get("first", "")),
        last=day_in(query.get("last", "")),
        sort=known(query, "sort", [sign + key for key in ORDERS for sign in ("", "-")]),
        zone=zone,
    )


def known(query: Mapping[str, str], name: str, words: Any) -> str:
    """A word of the address, blank where it is none of these."""
    return query[name] if query.get(name) in words else ""
