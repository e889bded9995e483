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
MOST_DIGITS = 12


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`sha256=` and the hex HMAC-SHA256 of `timestamp.body`."""
    message = b"%d.%b" % (timestamp, body)
    digest = hmac.digest(secret.encode(), message, hashlib.sha256)
    return SCHEME + digest.hex()


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
    """Whether the signature fits and the timestamp is at most five minutes off.

    secret: what both sides know.
    timestamp: seconds since 1970, as its header says it.
    received: the signature's header.
    now: seconds since 1970, the clock's for None.
    """
    if not is_timestamp(timestamp):
        return False
    expected = signature(secret, int(timestamp), body)
    # The signature is compared first, so that it takes as long for an old one.
    fits = hmac.compare_digest(expected.encode(), received.encode())
    seconds = time.time() if now is None else now
    return fits and abs(seconds - int(timestamp)) <= TOLERANCE_SECONDS


def is_timestamp(text: str) -> bool:
    """Whether it is a number of seconds, and no longer than one can be."""
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
