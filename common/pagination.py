"""Numbered pages of a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
LAST_PAGE = 100_000


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows; `number` counts from 1, `pages` is at least 1 so that an empty list has a page."""

    rows: list[Row]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    def counts(self) -> dict[str, Any]:
        return {"total": self.total, "page": self.number, "page_size": self.size, "pages": self.pages}


def page_number(text: str | None) -> int:
    """The page asked for in an address; 1 for nothing and for nonsense."""
    return int(text) if text and text.isdigit() and 0 < int(text) <= LAST_PAGE else 1


def paginate(query: QuerySet[Row], number: int, size: int) -> Page[Row]:
    """Two queries: the count and the rows. A number past the end gives an empty page."""
    first = (number - 1) * size
    return Page(list(query[first : first + size]), query.count(), number, size)
