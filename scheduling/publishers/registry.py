"""Which publishers there are."""

from __future__ import annotations

from scheduling.publishers.base import Publisher
from scheduling.publishers.mastodon import Mastodon
from scheduling.publishers.outbox import Outbox
from scheduling.publishers.webhook import Webhook

PUBLISHERS: dict[str, Publisher] = {publisher.name: publisher for publisher in (Outbox(), Webhook(), Mastodon())}

# These send to the channel's own address, with its own secret.
OWN_ADDRESS = frozenset({"webhook", "mastodon"})

NOT_CONNECTED = "not connected: no publisher configured"


def find_publisher(name: str) -> Publisher | None:
    """The publisher called `name`; None for a channel that is connected to nothing."""
    return PUBLISHERS.get(name)
