"""Which publishers there are."""

from __future__ import annotations

from scheduling.models import ChannelAccount
from scheduling.publishers.base import Publisher
from scheduling.publishers.bluesky import Bluesky
from scheduling.publishers.discord import Discord
from scheduling.publishers.mastodon import Mastodon
from scheduling.publishers.outbox import Outbox
from scheduling.publishers.webhook import Webhook
from scheduling.publishers.wordpress import WordPress

KNOWN: tuple[Publisher, ...] = (
    Outbox(),
    Webhook(),
    Mastodon(),
    WordPress(),
    Bluesky(),
    Discord(),
)
PUBLISHERS: dict[str, Publisher] = {publisher.name: publisher for publisher in KNOWN}

# What a channel must have before a publisher can send for it: its fields, and what
# people call them.
NEEDS: dict[str, tuple[str, ...]] = {
    "webhook": ("endpoint", "credential"),
    "mastodon": ("endpoint", "credential"),
    "wordpress": ("endpoint", "login_name", "credential"),
    "bluesky": ("login_name", "credential"),
    "discord": ("credential",),
}
WORDS = {
    "endpoint": "address",
    "login_name": "name to sign in with",
    "credential": "secret",
}

# These write to our own database, so they send from the thread that has the connection.
LOCAL = frozenset({"outbox"})

NOT_CONNECTED = "not connected: no publisher configured"


def find_publisher(name: str) -> Publisher | None:
    """The publisher called `name`; None for a channel that is connected to nothing."""
    return PUBLISHERS.get(name)


def lacking(account: ChannelAccount) -> list[str]:
    """What the channel's publisher needs and the channel does not have, in people's words."""
    return [
        WORDS[name]
        for name in NEEDS.get(account.publisher, ())
        if not getattr(account, name)
    ]
