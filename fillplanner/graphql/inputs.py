"""What the fields take, and how it becomes what the REST interface reads."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON

from common.errors import Missing
from common.mappings import JsonObject, Values
from common.numbers import whole_number
from common.texts import clean_all
from fillplanner.api.requests import NAME, RULES, START

Key = Annotated[
    str | None,
    strawberry.argument(description="Repeats with the same key are done once."),
]
PlanId = Annotated[strawberry.ID, strawberry.argument(description="The plan's number.")]
ComparisonId = Annotated[
    strawberry.ID, strawberry.argument(description="The comparison's number.")
]
TemplateId = Annotated[
    strawberry.ID, strawberry.argument(description="The config template's number.")
]
STRATEGY = "A strategy's name or alias, see `strategies`"


@strawberry.input(description="Vials of one product that are filled without a break.")
class LotInput:
    lot_id: str = strawberry.field(description="Its name; no two lots have the same.")
    lot_type: str = strawberry.field(
        description="What is filled; between types the line changes over."
    )
    vials: int = strawberry.field(description="How many are filled.")
    fill_hours: float = strawberry.field(description="How long that takes.")
    target_start: str | None = strawberry.field(
        default=None,
        description="Not to be filled earlier: ISO 8601, without offset UTC.",
    )
    target_end: str | None = strawberry.field(
        default=None,
        description="To be filled by then: ISO 8601, without offset UTC.",
    )
    priority: str | None = strawberry.field(
        default=None, description="One of the `priority_levels` of the rules."
    )


@strawberry.input(description="A plan to be made.")
class PlanInput:
    lots: list[LotInput] = strawberry.field(
        description="At least one, each `lotId` once."
    )
    name: str | None = strawberry.field(default=None, description=f"{NAME}.")
    strategy: str | None = strawberry.field(
        default=None, description=f"{STRATEGY}; default smart-pack."
    )
    config: JSON | None = strawberry.field(default=None, description=f"{RULES}.")
    start_time: str | None = strawberry.field(default=None, description=f"{START}.")


@strawberry.input(description="What a plan that is made again takes instead.")
class PlanChanges:
    name: str | None = strawberry.field(default=None, description=f"{NAME}.")
    strategy: str | None = strawberry.field(default=None, description=f"{STRATEGY}.")
    config: JSON | None = strawberry.field(
        default=None, description="Replaces all rules."
    )


@strawberry.input(description="Lots as for a plan, and the strategies to compare.")
class ComparisonInput:
    lots: list[LotInput] = strawberry.field(
        description="At least one, each `lotId` once."
    )
    strategies: list[str] = strawberry.field(
        description="At least two, by name or alias, see `strategies`."
    )
    name: str | None = strawberry.field(default=None, description=f"{NAME}.")
    config: JSON | None = strawberry.field(default=None, description=f"{RULES}.")
    start_time: str | None = strawberry.field(default=None, description=f"{START}.")


@strawberry.input(description="A config template to be kept.")
class ConfigTemplateInput:
    name: str = strawberry.field(description="What the owner calls it.")
    config: JSON = strawberry.field(description=f"{RULES}.")
    description: str | None = strawberry.field(
        default=None, description="What it is for."
    )
    is_public: bool = strawberry.field(
        default=False, description="Whether everybody may use it."
    )


@strawberry.input(description="What is to be changed; what is missing or null stays.")
class ConfigTemplateChanges:
    name: str | None = strawberry.field(
        default=None, description="What the owner calls it."
    )
    config: JSON | None = strawberry.field(
        default=None, description="Replaces all rules."
    )
    description: str | None = strawberry.field(
        default=None, description="What it is for."
    )
    is_public: bool | None = strawberry.field(
        default=None, description="Whether everybody may use it."
    )


def body_of(given: Any) -> JsonObject:
    """An input as the REST interface takes it: in its words, with clean texts, without
    what is null.
    """
    body = dict(vars(given))
    if "lots" in body:
        body["lots_data"] = [stated(vars(lot)) for lot in body.pop("lots")]
    cleaned: JsonObject = clean_all(stated(body))
    return cleaned


def stated(values: Values) -> JsonObject:
    """Those that are not null."""
    return {name: value for name, value in values.items() if value is not None}


def number_of(key: strawberry.ID, missing: str) -> int:
    """The number that an id is. Raises Missing with the text `missing` for another."""
    number = whole_number(key)
    if number is None:
        raise Missing(missing)
    return number
