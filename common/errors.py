"""What can go wrong, said once; each dialect puts it into its own words (`common.dialects`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any


class Problem(Exception):
    """Something the caller can understand and mend.

    `message` is one plain sentence; `detail` is optional structured data for programs.
    """

    status = 400
    code = "invalid_request"

    def __init__(
        self, message: str, detail: Any = None, *, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        if code:
            self.code = code


class InvalidInput(Problem):
    """Well-formed but wrong: a rule of the domain is broken (HTTP 400)."""


class Unprocessable(Problem):
    """Malformed fields (HTTP 422); `fields` maps a field's path to its messages."""

    status = 422
    code = "validation_error"

    def __init__(
        self, message: str, fields: dict[str, list[str]] | None = None
    ) -> None:
        super().__init__(message)
        self.fields = fields or {}


class NotSignedIn(Problem):
    """No or bad credentials (HTTP 401)."""

    status = 401
    code = "unauthorized"


class Forbidden(Problem):
    """Signed in, but not allowed (HTTP 403)."""

    status = 403
    code = "forbidden"


class Missing(Problem):
    """It does not exist, or the caller may not know that it does (HTTP 404)."""

    status = 404
    code = "not_found"


class Conflict(Problem):
    """The thing is not in a state that allows this (HTTP 409)."""

    status = 409
    code = "conflict"


class Overtaken(Conflict):
    """Somebody else has changed the same things since they were read, so nothing was
    written.

    now: what the thing says now, by name.
    mine: what the refused change would have made of it.
    clashes: the names on which the two do not agree; none where it is enough that
    anything was changed.
    by, at: whose change it was and when, filled in by who knows; blank and None where
    nobody does.
    """

    code = "overtaken"

    def __init__(
        self,
        now: dict[str, Any],
        mine: dict[str, Any],
        clashes: tuple[str, ...] = (),
    ) -> None:
        super().__init__("Somebody else changed this meanwhile. Nothing was saved.")
        self.now = now
        self.mine = mine
        self.clashes = clashes
        self.by = ""
        self.by_id: int | None = None
        self.at: datetime | None = None


class Outdated(Overtaken):
    """As `Overtaken`, for a program that has named the version it knows (HTTP 412).

    current: the thing as the door shows it, filled in there.
    """

    status = 412
    code = "precondition_failed"
    current: Any = None


class TooLarge(Problem):
    """More than this door takes (HTTP 413)."""

    status = 413
    code = "too_large"


class TooMany(Problem):
    """Come back later (HTTP 429); `retry_after` in seconds."""

    status = 429
    code = "rate_limited"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
