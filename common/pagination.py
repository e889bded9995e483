"""Numbered pages of a query or of rows at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


def paginate(
    query: QuerySet[Any] | Sequence[Any], number: str | None, size: int
) -> Page[Any]:
    """The page that an address asks for; nonsense gives the first page, a number past
    the end the last.
    """
    return Paginator(query, size).get_page(number)


def numbered(
    query: QuerySet[Any], number: int, size: int
) -> tuple[list[Any], dict[str, int]]:
    """For programs: the rows of exactly that page (none past the end) and the counts of the whole.

    Two queries. An empty list has one page.
    """
    first = (number - 1) * size
    total = query.count()
    counts = {
        "total": total,
        "page": number,
        "page_size": size,
        "pages": max(1, -(-total // size)),
    }
    return list(query[first : first + size]), counts
