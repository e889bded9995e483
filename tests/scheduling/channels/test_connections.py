"""Connecting channels: by managers, to addresses that may be sent to, with secrets that
nobody sees again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from platforms import Platform

from cast import fresh, make_channel, make_content, make_post
from common.errors import Forbidden, InvalidInput, Unprocessable
from scheduling.channels import connections
from scheduling.channels.connections import ConnectionRequest
from scheduling.models import ChannelAccount
from scheduling.posts import services as posts
from workspaces.models import AuditEntry, User, Workspace

pytestmark = [pytest.mark.django_db]
SECRET = "s3cret of the account"


@pytest.fixture
def channel(workspace: Workspace) -> ChannelAccount:
    return make_channel(
        workspace, platform="mastodon", name="Toots", publisher="", status="unconnected"
    )


def wanted(platform: Platform, **more: Any) -> ConnectionRequest:
    return ConnectionRequest(
        **{"publisher": "mastodon", "endpoint": platform.url, "secret": SECRET} | more
    )


def test_a_connected_channel_is_active_and_takes_posts(
    manager: User, channel: ChannelAccount, platform: Platform
) -> None:
    draft = make_post(
        channel,
        make_content(channel.workspace, hashtags=[]),
        at=timezone.now() + timedelta(hours=2),
    )
    with pytest.raises(InvalidInput, match="not connected: no publisher configured"):
        posts.approve(manager, fresh(draft))
    connections.connect(manager, channel.pk, wanted(platform))
    assert posts.approve(manager, fresh(draft)).state == "scheduled"
    channel.refresh_from_db()
    assert (channel.status, channel.credential.reveal()) == ("active", SECRET)


def test_only_managers_connect_and_disconnect(
    editor: User, channel: ChannelAccount, platform: Platform
) -> None:
    for act in (
        lambda: connections.connect(editor, channel.pk, wanted(platform)),
        lambda: connections.disconnect(editor, channel.pk),
        lambda: connections.try_connection(editor, channel.pk),
    ):
        with pytest.raises(Forbidden):
            act()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"publisher": "carrier pigeon"}, "publisher"),
        ({"endpoint": ""}, "endpoint"),
        ({"endpoint": "ftp://h2o.example"}, "endpoint"),
        ({"endpoint": "https://user:pass@h2o.example"}, "endpoint"),
        ({"secret": ""}, "secret"),
        ({"publisher": "wordpress"}, "login_name"),
        ({"publisher": "bluesky", "login_name": "h2o.example", "secret": ""}, "secret"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    manager: User,
    channel: ChannelAccount,
    platform: Platform,
    more: dict[str, str],
    field: str,
) -> None:
    with pytest.raises(Unprocessable) as refused:
        connections.connect(manager, channel.pk, wanted(platform, **more))
    assert list(refused.value.fields) == [field]
    channel.refresh_from_db()
    assert (channel.publisher, channel.status) == ("", "unconnected")


def test_private_addresses_are_refused(manager: User, channel: ChannelAccount) -> None:
    with pytest.raises(Unprocessable) as refused:
        connections.connect(
            manager,
            channel.pk,
            ConnectionRequest("webhook", "http://127.0.0.1:9", secret="x"),
        )
    assert "private network" in refused.value.fields["endpoint"][0]


def test_a_blank_keeps_the_secret_only_for_the_same_place(
    manager: User, channel: ChannelAccount, platform: Platform
) -> None:
    connections.connect(manager, channel.pk, wanted(platform))
    connections.connect(manager, channel.pk, wanted(platform, secret=""))
    channel.refresh_from_db()
    assert channel.credential.reveal() == SECRET
    with pytest.raises(Unprocessable):
        connections.connect(
            manager,
            channel.pk,
            wanted(platform, secret="", endpoint="https://elsewhere.example"),
        )
    channel.refresh_from_db()
    assert (channel.endpoint, channel.credential.reveal()) == (platform.url, SECRET)


def test_the_secret_shows_nowhere(
    manager: User, channel: ChannelAccount, platform: Platform, browse, api, caplog
) -> None:
    form = {
        "publisher": "mastodon",
        "endpoint": platform.url,
        "login_name": "",
        "secret": SECRET,
    }
    shown = (
        browse(manager)
        .post(f"/channels/{channel.pk}/connection", form, follow=True)
        .content.decode()
    )
    assert "kept, encrypted" in shown
    body = api(manager).get(
        f"/api/v1/marketing/channel-accounts/{channel.pk}/connection"
    )
    assert body.json() == {
        "publisher": "mastodon",
        "endpoint": platform.url,
        "login_name": None,
        "has_secret": True,
        "status": "active",
        "missing": [],
        "sign_in_error": None,
        "server_limits": {},
        "server_limits_at": None,
        "connected": True,
    }
    entry = AuditEntry.objects.get(action="connected")
    assert entry.after["secret"] == "replaced"
    trail = str(list(AuditEntry.objects.values()))
    assert all(
        SECRET not in text
        for text in (
            shown,
            body.content.decode(),
            trail,
            caplog.text,
            repr(wanted(platform)),
        )
    )


@pytest.mark.parametrize(
    ("publisher", "name"),
    [("mastodon", "@h2o"), ("wordpress", "H2O"), ("bluesky", "@h2o.example")],
)
def test_a_connection_can_be_tried_without_posting(
    manager: User,
    channel: ChannelAccount,
    platform: Platform,
    publisher: str,
    name: str,
) -> None:
    connections.connect(
        manager, channel.pk, wanted(platform, publisher=publisher, login_name="h2o")
    )
    assert (
        connections.try_connection(manager, channel.pk)
        == f"It works: signed in as {name}."
    )
    assert platform.posts() == [] and platform.live.total() == 0


@pytest.mark.parametrize("publisher", ["mastodon", "wordpress", "bluesky"])
def test_a_connection_that_does_not_work_says_why(
    manager: User, channel: ChannelAccount, platform: Platform, publisher: str
) -> None:
    connections.connect(
        manager, channel.pk, wanted(platform, publisher=publisher, login_name="h2o")
    )
    ChannelAccount.objects.update(endpoint="http://127.0.0.1:1")
    with pytest.raises(InvalidInput, match="The connection does not work"):
        connections.try_connection(manager, channel.pk)


def test_a_webhook_can_only_be_tried_by_posting(
    manager: User, channel: ChannelAccount, platform: Platform
) -> None:
    connections.connect(manager, channel.pk, wanted(platform, publisher="webhook"))
    with pytest.raises(InvalidInput, match="only be tried by posting"):
        connections.try_connection(manager, channel.pk)


def test_disconnecting_forgets_the_secret(
    manager: User, channel: ChannelAccount, platform: Platform, api
) -> None:
    client, address = (
        api(manager),
        f"/api/v1/marketing/channel-accounts/{channel.pk}/connection",
    )
    put = {"publisher": "mastodon", "endpoint": platform.url, "secret": SECRET}
    assert client.put(address, put, format="json").json()["connected"] is True
    assert client.post(f"{address}/test").json() == {
        "ok": True,
        "message": "It works: signed in as @h2o.",
    }
    assert client.delete(address).json()["has_secret"] is False
    channel.refresh_from_db()
    assert (channel.publisher, bool(channel.credential), channel.status) == (
        "",
        False,
        "unconnected",
    )


def test_the_pages_connect_try_and_disconnect(
    manager: User, channel: ChannelAccount, platform: Platform, browse
) -> None:
    client, address = browse(manager), f"/channels/{channel.pk}/connection"
    wrong = client.post(
        address, {"publisher": "wordpress", "endpoint": platform.url, "secret": SECRET}
    )
    assert (
        wrong.status_code,
        "Give the name to sign in with." in wrong.content.decode(),
    ) == (422, True)
    client.post(
        address, {"publisher": "mastodon", "endpoint": platform.url, "secret": SECRET}
    )
    assert (
        "signed in as @h2o"
        in client.post(f"{address}/test", follow=True).content.decode()
    )
    assert (
        "the secret is forgotten"
        in client.post(f"{address}/delete", follow=True).content.decode()
    )
