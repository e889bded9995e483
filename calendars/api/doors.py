"""How a call of the scheduling dialect begins and ends: rates, bodies, queries."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from calendars.vocabulary import stamp
from common.errors import InvalidInput, TooMany, Unprocessable
from common.numbers import whole_number
from common.rates import Rate, Spent, spend
from workspaces.doors import ApiRequest, workspace_of

__all__ = [
    "DialectView",
    "bad_parameter",
    "caller",
    "general_rate",
    "not_valid",
    "number",
    "optimize_rate",
    "stamp",
    "word",
    "words",
    "workspace_of",
]

PAGE_SIZE = 50
LEAST_PAGE = 10
MOST_PAGE = 200


def general_rate() -> Rate:
    """So many requests a second on average; a burst may use up the window's at once."""
    window = max(1, settings.SCHEDULING_BURST // settings.SCHEDULING_PER_SECOND)
    return Rate("scheduling", settings.SCHEDULING_BURST, window)


def optimize_rate() -> Rate:
    """How often one caller may optimise in a minute."""
    return Rate("optimize", settings.SCHEDULING_OPTIMIZE_PER_MINUTE, 60)


class DialectView(APIView):
    """A view of the scheduling dialect: every answer says what is left of the caller's rate.

    `rates` are counted for each call; the tightest one is told.
    """

    scope = "schedules"
    spent: Spent | None = None

    def rates(self) -> tuple[Rate, ...]:
        """What each call is counted for."""
        return (general_rate(),)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count the call before anything else. Raises TooMany where a rate is used up."""
        counted = [spend(rate, caller(request)) for rate in self.rates()]
        self.spent = min(counted, key=lambda spent: spent.left)
        waits = [spent.retry_after for spent in counted if spent.is_over]
        if waits:
            raise TooMany("Too many requests; slow down.", max(waits))
        super().initial(request, *args, **kwargs)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Tell of the rate that has least left."""
        answer: Response = super().finalize_response(request, response, *args, **kwargs)
        if self.spent:
            tell_rate(answer, self.spent)
        return answer


def tell_rate(answer: Response, spent: Spent) -> None:
    """Put into the headers what is left of a rate."""
    answer["X-RateLimit-Limit"] = str(spent.rate.most)
    answer["X-RateLimit-Remaining"] = str(spent.left)
    answer["X-RateLimit-Reset"] = str(spent.resets_at)


def caller(request: Request) -> str:
    """Who is counted together: a token, else a browser's session, else an address."""
    return hashlib.sha256(_proof_of(request).encode()).hexdigest()[:32]


def _proof_of(request: Request) -> str:
    """What the caller shows, which is secret."""
    return (
        request.headers.get("Authorization")
        or request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        or request.META.get("REMOTE_ADDR", "")
    )


def number(request: ApiRequest, name: str, default: int, least: int, most: int) -> int:
    """A whole number in [least, most]. Raises Unprocessable otherwise."""
    value = whole_number(request.query_params.get(name, str(default)))
    if value is None or not least <= value <= most:
        raise not_valid(name, f"Give a whole number from {least} to {most}.")
    return value


def words(request: ApiRequest, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """A repeated parameter, commas allowed, each word known and once. Raises
    Unprocessable otherwise.
    """
    chosen = [
        word.strip()
        for text in request.query_params.getlist(name)
        for word in text.split(",")
        if word.strip()
    ]
    if unknown := [word for word in chosen if word not in allowed]:
        known = ", ".join(filter(None, allowed))
        raise not_valid(name, f"“{unknown[0][:40]}” is none of: {known}.")
    return tuple(dict.fromkeys(chosen))


def word(request: ApiRequest, name: str, allowed: tuple[str, ...]) -> str:
    """One word, the first of `allowed` when it is left out. Raises Unprocessable for another."""
    return next(iter(words(request, name, allowed)), allowed[0])


def not_valid(name: str, message: str) -> Unprocessable:
    """The dialect's answer to a parameter that is none of what may be given."""
    return Unprocessable("Not valid.", {f"query.{name}": [message]})


def bad_parameter(name: str, message: str) -> InvalidInput:
    """The dialect's answer to a parameter that cannot be understood at all."""
    return InvalidInput(message, {"parameter": name}, code="invalid_parameter")
