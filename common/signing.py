"""Signing what we send, so that whoever receives it knows that it is ours and new."""

from __future__ import annotations

import hashlib
import hmac
import time

TIMESTAMP = "X-Slotline-Timestamp"
SIGNATURE = "X-Slotline-Signature"
DELIVERY = "X-Slotline-Delivery"
SCHEME = "sha256="
TOLERANCE_SECONDS = 300


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`sha256=` and the hex HMAC-SHA256 of `timestamp.body`."""
    message = str(timestamp).encode() + b"." + body
    return SCHEME + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def signed_headers(secret: str, body: bytes, delivery: str) -> dict[str, str]:
    """Headers for sending `body` now. `delivery` stays the same when it is sent again."""
    now = int(time.time())
    return {
        TIMESTAMP: str(now),
        SIGNATURE: signature(secret, now, body),
        DELIVERY: delivery,
    }


def is_genuine(
    secret: str, timestamp: str, body: bytes, received: str, now: float | None = None
) -> bool:
    """Whether the signature fits and the timestamp is at most five minutes off."""
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 12:
        return False
    seconds = time.time() if now is None else now
    is_fresh = abs(seconds - int(timestamp)) <= TOLERANCE_SECONDS
    right = signature(secret, int(timestamp), body)
    # The comparison comes first, so that it takes as long for an old one.
    return hmac.compare_digest(right.encode(), received.encode()) and is_fresh
