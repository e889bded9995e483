"""Pages of lists, bounded as in the REST interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Generic, TypeVar

import strawberry
from django.db.models import QuerySet

from common import pagination
from common.errors import Unprocessable
from fillplanner.api.requests import LARGEST_PAGE, LAST_PAGE

Shown = TypeVar("Shown")
PageNumber = Annotated[int, strawberry.argument(description="From 1.")]
PageSize = Annotated[int, strawberry.argument(description="1 to 100.")]


@strawberry.type(description="A page of a list.")
class Page(Generic[Shown]):
    items: list[Shown] = strawberry.field(description="What is on this page.")
    total: int = strawberry.field(description="How many there are on all pages.")
    page: int = strawberry.field(description="The page's number, from 1.")
    page_size: int = strawberry.field(description="How many a page has at most.")
    pages: int = strawberry.field(
        description="How many pages there are; an empty list has one."
    )


def page_of(
    rows: QuerySet[pagination.Row],
    page: int,
    size: int,
    shown: Callable[[pagination.Row], Shown],
) -> Page[Shown]:
    """A page of a list. Raises Unprocessable for one that there cannot be.

    shown: what is answered of a row.
    """
    check_range("page", page, 1, LAST_PAGE)
    check_range("pageSize", size, 1, LARGEST_PAGE)
    found, counts = pagination.numbered(rows, page, size)
    return Page(items=[shown(row) for row in found], **counts)


def check_range(name: str, number: int, least: int, most: int) -> None:
    """Raises Unprocessable for a number that the argument cannot have."""
    if not least <= number <= most:
        text = f"Input should be a whole number from {least} to {most}"
        raise Unprocessable("Not valid.", {name: [text]})
