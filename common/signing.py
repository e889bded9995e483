"""Signing what we send, so that whoever receives it knows that it is ours and new."""

from __future__ import annotations

import hashlib
import hmac
import time

TIMESTAMP, SIGNATURE, DELIVERY = (
    "X-Slotline-Timestamp",
    "X-Slotline-Signature",
    "X-Slotline-Delivery",
)
SCHEME = "sha256="
TOLERANCE_SECONDS = 300


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`sha256=` and the hex HMAC-SHA256 of `timestamp.body`."""
    said = str(timestamp).encode() + b"." + body
    return SCHEME + hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def signed_headers(secret: str, body: bytes, delivery: str) -> dict[str, str]:
    """Headers for sending `body` now. `delivery` stays the same when it is sent again."""
    now = int(time.time())
    return {
        TIMESTAMP: str(now),
        SIGNATURE: signature(secret, now, body),
        DELIVERY: delivery,
    }


def is_genuine(
    secret: str, timestamp: str, body: bytes, given: str, now: float | None = None
) -> bool:
    """Whether the signature fits and the timestamp is at most five minutes off."""
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 12:
        return False
    fresh = (
        abs((time.time() if now is None else now) - int(timestamp)) <= TOLERANCE_SECONDS
    )
    return (
        hmac.compare_digest(
            signature(secret, int(timestamp), body).encode(), given.encode()
        )
        and fresh
    )
