"""Which publishers there are."""

from __future__ import annotations

from scheduling.models import ChannelAccount
from scheduling.networks.base import Publisher
from scheduling.networks.bluesky.publish import Bluesky
from scheduling.networks.discord.publish import Discord
from scheduling.networks.mastodon.publish import Mastodon
from scheduling.networks.test_feed.publish import Outbox
from scheduling.networks.webhook.publish import Webhook
from scheduling.networks.wordpress.publish import WordPress

ALL_PUBLISHERS: tuple[Publisher, ...] = (
    Outbox(),
    Webhook(),
    Mastodon(),
    WordPress(),
    Bluesky(),
    Discord(),
)
PUBLISHERS: dict[str, Publisher] = {
    publisher.name: publisher for publisher in ALL_PUBLISHERS
}

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


def unknown_text(name: str) -> str:
    """The sentence about a publisher that there is not."""
    return f"There is no publisher “{name}”; known: {', '.join(PUBLISHERS)}."
