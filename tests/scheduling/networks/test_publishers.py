"""The webhook and Mastodon publishers against a platform that misbehaves: live once, or
known to be unclear.
"""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.utils import timezone
from platforms import (
    DROP_AFTER,
    FAIL_AFTER,
    FAIL_BEFORE,
    HANG_AFTER,
    LIMIT,
    REFUSE,
    SLOW,
    Platform,
)
from scheduling_parts import SECRET, due_on, resolved, run, run_and_wait_for, try_again

from cast import fresh
from common.errors import InvalidInput
from common.signing import is_genuine
from scheduling.domain import states
from scheduling.models import Attempt, ChannelAccount, Post
from scheduling.networks import http
from scheduling.posts import services as posts
from scheduling.publishing import publish as publishing
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db]

UNCLEAR = (HANG_AFTER, FAIL_AFTER, DROP_AFTER)


@pytest.fixture(params=["webhook", "mastodon", "wordpress", "bluesky"])
def sending(
    request: pytest.FixtureRequest, platform: Platform, workspace: Workspace
) -> Post:
    """A due post of a channel with each of the publishers."""
    return due_on(request.param, platform, workspace)


@pytest.fixture
def hooked(platform: Platform, workspace: Workspace) -> Post:
    return due_on("webhook", platform, workspace)


@pytest.fixture
def tooting(platform: Platform, workspace: Workspace) -> Post:
    return due_on("mastodon", platform, workspace)


def test_a_post_goes_live_once_with_its_id_and_address(
    sending: Post, platform: Platform
) -> None:
    post = run(sending)
    assert (
        post.state == "published" and post.external_id and post.url.startswith("http")
    )
    assert list(platform.live.values()) == [1]


def test_slow_is_not_lost(sending: Post, platform: Platform) -> None:
    platform.script = [SLOW]
    assert (run(sending).state, platform.live.total()) == ("published", 1)


@pytest.mark.parametrize("step", UNCLEAR)
def test_what_is_unclear_after_sending_is_uncertain_and_found_out(
    sending: Post, platform: Platform, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.script = [step]
    with monkeypatch.context() as impatient:
        if step == HANG_AFTER:
            impatient.setattr(http, "SECONDS", 1.0)
        assert run(sending).state == "uncertain"
    assert publishing.publish(sending.pk, "another") is None
    post = resolved(sending)
    assert post.state == "published" and post.url.startswith("http")
    assert list(platform.live.values()) == [1]


def test_an_error_before_accepting_is_uncertain_and_cleared_up(
    sending: Post, platform: Platform
) -> None:
    platform.script = [FAIL_BEFORE]
    assert (run(sending).state, platform.live.total()) == ("uncertain", 0)
    post = resolved(sending)
    # The webhook's receiver says it never came, so it is sent again; Mastodon takes the
    # same key at once.
    post = post if post.state == "published" else try_again(post)
    assert (post.state, list(platform.live.values())) == ("published", [1])


def test_a_rate_limit_is_waited_for(sending: Post, platform: Platform) -> None:
    platform.script, platform.retry_after = [LIMIT], "600"
    post = run_and_wait_for(sending, 600, 600)
    assert (post.state, platform.live.total()) == ("scheduled", 0)
    assert try_again(post).state == "published"
    assert list(platform.live.values()) == [1]


def test_a_retry_sends_the_same_key(tooting: Post, platform: Platform) -> None:
    platform.script = [LIMIT]
    run(tooting)
    try_again(tooting)
    assert [asked.headers["idempotency-key"] for asked in platform.posts()] == [
        tooting.dedupe_key
    ] * 2


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [("nonsense", 20, 40), ("-5", 20, 40), ("9" * 30, 86_000, 86_400), ("", 20, 40)],
)
def test_odd_waits(
    hooked: Post, platform: Platform, said: str, least: int, most: int
) -> None:
    platform.script, platform.retry_after = [LIMIT], said
    run_and_wait_for(hooked, least, most)


def test_a_wait_may_be_a_date(hooked: Post, platform: Platform) -> None:
    platform.script = [LIMIT]
    until = (timezone.now() + timedelta(minutes=5)).replace(microsecond=0)
    platform.retry_after = format_datetime(until, usegmt=False)
    assert abs(run(hooked).due_at - until) <= timedelta(minutes=1)


def test_a_refusal_is_final_and_told(sending: Post, platform: Platform) -> None:
    platform.script = [REFUSE]
    post = run(sending)
    assert (post.state, post.last_error) == (
        "failed",
        "The platform answered 422. no: refuse",
    )
    assert platform.live.total() == 0


def test_nobody_listening_is_tried_again(sending: Post, platform: Platform) -> None:
    ChannelAccount.objects.update(endpoint="http://127.0.0.1:1")
    assert (run(sending).state, sending.tries) == ("scheduled", 1)


def test_private_addresses_are_refused(
    sending: Post, platform: Platform, settings: Any
) -> None:
    settings.OUTGOING_ALLOW_PRIVATE = False
    assert (run(sending).state, platform.asked) == ("failed", [])


def test_without_a_secret_or_its_key_nothing_is_sent(
    sending: Post, platform: Platform, settings: Any
) -> None:
    settings.FIELD_KEYS = ["another"]
    assert run(sending).last_error == http.UNREADABLE
    ChannelAccount.objects.update(credential="")
    Post.objects.update(
        state=states.SCHEDULED, due_at=timezone.now(), tries=0, last_error=""
    )
    held = run(sending)
    assert (held.state, held.tries, held.last_error) == ("scheduled", 0, "")
    assert platform.asked == []


def test_the_webhook_is_signed_and_says_it_all(
    hooked: Post, platform: Platform
) -> None:
    run(hooked)
    asked = platform.asked[0]
    stamp, given = (
        asked.headers["x-slotline-timestamp"],
        asked.headers["x-slotline-signature"],
    )
    assert is_genuine(SECRET, stamp, asked.body, given) and not is_genuine(
        SECRET, stamp, asked.body + b" ", given
    )
    assert json.loads(asked.body) == {
        "post_id": str(hooked.pk),
        "channel_id": str(hooked.account_id),
        "platform": "webhook",
        "title": "Five signs",
        "text": "A rumble, a drip.\n\n#heating\n\nhttps://h2o.example/signs",
        "link": "https://h2o.example/signs",
        "idempotency_key": hooked.dedupe_key,
        "media": [],
    }


def test_asking_what_became_of_a_post_is_signed_too(
    hooked: Post, platform: Platform
) -> None:
    platform.script = [FAIL_AFTER]
    run(hooked)
    resolved(hooked)
    asked = platform.asked[-1]
    stamp, given = (
        asked.headers["x-slotline-timestamp"],
        asked.headers["x-slotline-signature"],
    )
    assert asked.method == "GET" and is_genuine(
        SECRET, stamp, hooked.dedupe_key.encode(), given
    )


def test_a_receiver_that_tells_nothing_leaves_it_to_people(
    hooked: Post, platform: Platform
) -> None:
    platform.tells, platform.remembers, platform.script = False, False, [DROP_AFTER]
    run(hooked)
    assert resolved(hooked).state == "uncertain"
    assert platform.live == {hooked.dedupe_key: 1}


def test_mastodon_gets_a_token_and_the_text(tooting: Post, platform: Platform) -> None:
    run(tooting)
    asked = platform.asked[0]
    assert (asked.path, asked.headers["authorization"]) == (
        "/api/v1/statuses",
        f"Bearer {SECRET}",
    )
    assert json.loads(asked.body) == {"status": tooting.text}


def test_mastodon_is_not_asked_once_its_key_is_forgotten(
    tooting: Post, platform: Platform
) -> None:
    platform.script = [DROP_AFTER]
    run(tooting)
    Attempt.objects.update(sent_at=timezone.now() - timedelta(minutes=51))
    platform.remembers = False
    assert resolved(tooting).state == "uncertain"
    assert platform.live == {tooting.dedupe_key: 1}


def test_the_secret_is_encrypted_and_shown_nowhere(
    hooked: Post, platform: Platform, admin_client, caplog
) -> None:
    run(hooked)
    raw = ChannelAccount.objects.extra(select={"kept": "credential"}).values_list(
        "kept", flat=True
    )[0]
    assert (
        raw
        and SECRET not in str(raw)
        and SECRET not in repr(publishing.job_of(Attempt.objects.get()))
    )
    page = admin_client.get(
        f"/admin/scheduling/channelaccount/{hooked.account_id}/change/"
    ).content.decode()
    assert SECRET not in page and SECRET not in caplog.text


def test_a_channel_without_address_or_secret_refuses_at_scheduling_time(
    editor: User, hooked: Post
) -> None:
    Post.objects.update(
        state=states.DRAFT,
        due_at=None,
        scheduled_at=timezone.now() + timedelta(hours=1),
    )
    ChannelAccount.objects.update(credential="")
    with pytest.raises(InvalidInput, match="not connected: it has no secret"):
        posts.approve(editor, fresh(hooked))


def test_staff_replace_a_secret_and_a_blank_keeps_it(
    hooked: Post, admin_client
) -> None:
    url = f"/admin/scheduling/channelaccount/{hooked.account_id}/change/"
    channel = hooked.account
    fields = {
        "workspace": channel.workspace_id,
        "platform": channel.platform,
        "name": channel.name,
        "status": "active",
        "publisher": "webhook",
        "endpoint": channel.endpoint,
        "posts_per_week": 3,
        "zone": "UTC",
        "local_times": '["09:00"]',
    }
    assert admin_client.post(url, fields).status_code == 302
    channel.refresh_from_db()
    assert channel.credential.reveal() == SECRET
    admin_client.post(url, fields | {"new_credential": "another secret"})
    channel.refresh_from_db()
    assert channel.credential.reveal() == "another secret"
