"""Numbered pages of a query or of rows at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from typing_extensions import TypedDict

Row = TypeVar("Row", bound=Model)


class PageCounts(TypedDict):
    """Which page it is of how many."""

    total: int
    """How many there are on all pages."""
    page: int
    """The page's number, from 1."""
    page_size: int
    """How many a page has at most."""
    pages: int
    """How many pages there are; an empty list has one."""


def paginate(
    query: QuerySet[Any] | Sequence[Any], number: str | None, size: int
) -> Page[Any]:
    """The page that an address asks for; nonsense gives the first page, a number past
    the end the last.
    """
    return Paginator(query, size).get_page(number)


def numbered(
    query: QuerySet[Row], number: int, size: int
) -> tuple[list[Row], PageCounts]:
    """For programs: the rows of exactly that page (none past the end) and the counts of the whole.

    Two queries. An empty list has one page.
    """
    first = (number - 1) * size
    total = query.count()
    counts: PageCounts = {
        "total": total,
        "page": number,
        "page_size": size,
        "pages": max(1, -(-total // size)),
    }
    return list(query[first : first + size]), counts
