"""Doing a request once: what is stored under a client's key, and when a repeat is the
same request.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from common.errors import Conflict, InvalidInput

KEPT = timedelta(hours=24)
LONGEST_KEY = 200


def fingerprint(payload: Any) -> str:
    """SHA-256 of the payload as JSON with sorted keys: equal requests, equal text."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def checked_key(raw: str | None) -> str | None:
    """The client's key, None when there is none. Raises InvalidInput for one too long to keep."""
    key = (raw or "").strip()
    if len(key) > LONGEST_KEY:
        raise InvalidInput(
            f"Idempotency-Key may be at most {LONGEST_KEY} characters long."
        )
    return key or None


def same_request(stored: str, offered: str) -> None:
    """Raises Conflict when a key comes back with another body."""
    if stored != offered:
        raise Conflict(
            "This Idempotency-Key was already used with a different request.",
            code="idempotency_conflict",
        )
