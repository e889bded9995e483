"""What can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import strawberry
from strawberry.scalars import JSON
from strawberry.types.nodes import SelectedField, Selection

from fillplanner.api.requests import narrowed
from fillplanner.graphql.caller import Info
from fillplanner.graphql.inputs import ComparisonId, PlanId, TemplateId, number_of
from fillplanner.graphql.pages import Page, PageNumber, PageSize, page_of
from fillplanner.graphql.types import (
    ComparisonNode,
    ConfigTemplateNode,
    PlanNode,
    Status,
    StrategyNode,
    comparison_of,
    plan_of,
    template_of,
)
from fillplanner.planning.strategies import STRATEGIES
from fillplanner.rules.template_checks import SYSTEM_DEFAULT
from fillplanner.selectors import (
    access_comparison,
    access_plan,
    access_template,
    comparisons_of,
    default_template,
    fetch_outcomes,
    loading,
    plans_of,
    templates_of,
)

NO_PLAN = "Schedule not found"
NO_COMPARISON = "Comparison not found"
NO_TEMPLATE = "Template not found"
# What of a plan is read only for those fields that show it.
COLUMNS = {
    "activities": "result__activities",
    "activitiesCount": "result__activities",
    "config": "config",
}
OUTCOMES = {"plans", "best", "recommendation"}

StatusFilter = Annotated[
    Status | None, strawberry.argument(description="Only those that are so far.")
]
StrategyFilter = Annotated[
    str | None, strawberry.argument(description="Only those made by this strategy.")
]
Search = Annotated[str | None, strawberry.argument(description="Part of the name.")]
PublicOnly = Annotated[bool, strawberry.argument(description="Leave out private ones.")]


@strawberry.type(description="What can be read. All lists are newest first.")
class Query:
    @strawberry.field(description="The strategies that are installed.")
    def strategies(self, info: Info) -> list[StrategyNode]:
        info.context.reading()
        return [
            StrategyNode(
                name=row.name,
                aliases=list(row.aliases),
                description=row.description,
            )
            for row in STRATEGIES
        ]

    @strawberry.field(
        description="The caller's plans; those of comparisons show with these."
    )
    def plans(
        self,
        info: Info,
        page: PageNumber = 1,
        page_size: PageSize = 20,
        status: StatusFilter = None,
        strategy: StrategyFilter = None,
        search: Search = None,
    ) -> Page[PlanNode]:
        rows = loading(plans_of(info.context.reading()), columns_for(info))
        chosen = narrowed(
            rows,
            state=str(status.value) if status else "",
            strategy=strategy or "",
            search=search or "",
        )
        return page_of(chosen, page, page_size, plan_of)

    @strawberry.field(description="One of the caller's plans.")
    def plan(self, info: Info, id: PlanId) -> PlanNode:
        user = info.context.reading()
        return plan_of(access_plan(user, number_of(id, NO_PLAN)))

    @strawberry.field(description="The caller's comparisons.")
    def comparisons(
        self,
        info: Info,
        page: PageNumber = 1,
        page_size: PageSize = 20,
        status: StatusFilter = None,
    ) -> Page[ComparisonNode]:
        rows = comparisons_of(info.context.reading())
        chosen = rows.filter(state=status.value) if status else rows
        comparisons = page_of(chosen, page, page_size, comparison_of)
        read_outcomes(info, comparisons.items)
        return comparisons

    @strawberry.field(description="One of the caller's comparisons.")
    def comparison(self, info: Info, id: ComparisonId) -> ComparisonNode:
        user = info.context.reading()
        row = access_comparison(user, number_of(id, NO_COMPARISON))
        comparison = comparison_of(row)
        read_outcomes(info, [comparison])
        return comparison

    @strawberry.field(description="The caller's config templates and all public ones.")
    def config_templates(
        self,
        info: Info,
        page: PageNumber = 1,
        page_size: PageSize = 20,
        public_only: PublicOnly = False,
    ) -> Page[ConfigTemplateNode]:
        rows = templates_of(info.context.reading(), public_only=public_only)
        return page_of(rows, page, page_size, template_of)

    @strawberry.field(
        description="A config template: the caller's own or a public one."
    )
    def config_template(self, info: Info, id: TemplateId) -> ConfigTemplateNode:
        user = info.context.reading()
        return template_of(access_template(user, number_of(id, NO_TEMPLATE)))

    @strawberry.field(
        description="What the caller's new plans begin with; null for none."
    )
    def default_config_template(self, info: Info) -> ConfigTemplateNode | None:
        template = default_template(info.context.reading())
        return template_of(template) if template else None

    @strawberry.field(description="Rules to begin a config template with.")
    def system_default_config(self, info: Info) -> JSON:
        info.context.reading()
        return JSON(SYSTEM_DEFAULT)


def columns_for(info: Info) -> set[str]:
    """The long columns of plans that the selected fields show."""
    names = set(names_in(info.selected_fields))
    return {column for name, column in COLUMNS.items() if name in names}


def read_outcomes(info: Info, comparisons: list[ComparisonNode]) -> None:
    """Read the plans of all these comparisons at once, where they are selected."""
    if OUTCOMES.intersection(names_in(info.selected_fields)):
        rows = [comparison.row for comparison in comparisons]
        fetch_outcomes(rows, columns_for(info))


def names_in(selections: Iterable[Selection]) -> Iterator[str]:
    """The names of all fields that are selected, however deep."""
    for selection in selections:
        if isinstance(selection, SelectedField):
            yield selection.name
        yield from names_in(selection.selections)
