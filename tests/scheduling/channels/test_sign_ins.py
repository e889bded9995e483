"""A platform that no longer accepts a channel's sign-in: noted with the channel, its
posts held, its managers told once, and all of it over with the next connection.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from platforms import FORBIDDEN, REFUSE, REVOKED, Platform
from scheduling_parts import due_on, platform, run

from cast import fresh, make_content, make_post
from scheduling.channels import connections, sign_ins
from scheduling.channels.connections import ConnectionRequest
from scheduling.domain import states
from scheduling.models import Attempt, ChannelAccount, Post
from scheduling.posts import held
from scheduling.posts.fitting import misfits
from scheduling.publishing import publish as publishing
from scheduling.publishing.tasks import find_due
from workspaces.models import AuditEntry, User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]

PUBLISHERS = ["webhook", "mastodon", "wordpress", "bluesky", "discord"]
NOT_ACCEPTED = "The platform does not accept the channel's sign-in"
__all__ = ["platform"]


def beside(post: Post, minutes: int) -> Post:
    """Another post of the channel, so many minutes later."""
    at = timezone.now() + timedelta(minutes=minutes)
    content = make_content(post.workspace, title=f"In {minutes}")
    return make_post(post.account, content, state=states.SCHEDULED, at=at)


def revoked(publisher: str, platform: Platform, workspace: Workspace) -> Post:
    """A post whose channel was refused while it was published."""
    post = due_on(publisher, platform, workspace)
    platform.script = [REVOKED]
    return run(post)


def reconnect(user: User, account: ChannelAccount) -> ChannelAccount:
    return connections.connect(
        user,
        account.pk,
        ConnectionRequest(account.publisher, account.endpoint, "h2o", "a new secret"),
    )


@pytest.mark.parametrize("step", [REVOKED, FORBIDDEN])
@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_the_channel_says_so_and_holds_its_posts(
    publisher: str, step: str, platform: Platform, workspace: Workspace
) -> None:
    post = due_on(publisher, platform, workspace)
    if publisher == "discord":
        post.account.credential = f"{platform.url}/api/webhooks/5/token"
        post.account.endpoint = ""
        post.account.save()
    later = beside(post, 1)
    platform.script = [step]
    run(post)
    account = ChannelAccount.objects.get(pk=post.account_id)
    assert account.sign_in_error.startswith(NOT_ACCEPTED)
    assert (post.state, post.tries) == (states.SCHEDULED, 0)
    assert post.last_error == account.sign_in_error
    assert Attempt.objects.get(post=post).state == states.ATTEMPT_REFUSED
    post = Post.objects.select_related("account").get(pk=post.pk)
    assert held.is_held(post)
    assert "must be reconnected: The platform" in held.cause_text(account)
    Post.objects.filter(pk=later.pk).update(due_at=timezone.now())
    find_due()
    assert publishing.due_posts() == []
    assert fresh(later).state == states.SCHEDULED
    assert not platform.live


def test_another_refusal_is_the_posts_own(
    platform: Platform, workspace: Workspace
) -> None:
    post = due_on("mastodon", platform, workspace)
    platform.script = [REFUSE]
    assert run(post).state == states.FAILED
    assert not ChannelAccount.objects.get(pk=post.account_id).sign_in_error


def test_a_sign_in_that_ends_while_preparing_is_noted_as_well(
    platform: Platform, workspace: Workspace
) -> None:
    post = due_on("bluesky", platform, workspace)
    platform.early = [REVOKED]
    assert run(post).state == states.SCHEDULED
    assert ChannelAccount.objects.get(pk=post.account_id).sign_in_error


def test_posts_go_out_once_the_channel_is_connected_anew(
    platform: Platform, workspace: Workspace, manager: User
) -> None:
    post = revoked("mastodon", platform, workspace)
    assert reconnect(manager, post.account).sign_in_error == ""
    find_due()
    assert fresh(post).state == states.PUBLISHED
    assert sum(platform.live.values()) == 1


def test_a_test_that_works_lets_the_channel_send(
    platform: Platform, workspace: Workspace, manager: User
) -> None:
    post = revoked("bluesky", platform, workspace)
    connections.try_connection(manager, post.account_id)
    assert not ChannelAccount.objects.get(pk=post.account_id).sign_in_error


def test_a_server_is_asked_what_it_takes(
    platform: Platform, workspace: Workspace, manager: User
) -> None:
    post = due_on("mastodon", platform, workspace)
    Post.objects.filter(pk=post.pk).update(caption_override="x" * 800)
    [finding] = misfits(fresh(post))
    assert "takes 500 characters" in finding.message
    platform.configuration = {
        "statuses": {"max_characters": 5000, "max_media_attachments": 16},
        "media_attachments": {"image_size_limit": "no number"},
    }
    connections.try_connection(manager, post.account_id)
    account = ChannelAccount.objects.get(pk=post.account_id)
    assert account.server_limits == {"caption_length": 5000, "images": 16}
    assert account.server_limits_at is not None
    assert misfits(fresh(post)) == []
    other = ConnectionRequest("mastodon", f"{platform.url}/other", "h2o", "secret")
    assert connections.connect(manager, account.pk, other).server_limits == {}


def test_a_new_connection_is_not_judged_by_an_old_answer(
    platform: Platform, workspace: Workspace, manager: User
) -> None:
    post = due_on("mastodon", platform, workspace)
    as_read = ChannelAccount.objects.get(pk=post.account_id)
    reconnect(manager, post.account)
    assert not sign_ins.note_refused(as_read, "The token was revoked.")
    assert not ChannelAccount.objects.get(pk=post.account_id).sign_in_error


def test_managers_are_told_once(
    platform: Platform,
    workspace: Workspace,
    manager: User,
    editor: User,
    django_capture_on_commit_callbacks,
) -> None:
    post = due_on("mastodon", platform, workspace)
    second = beside(post, 0)
    platform.script = [REVOKED, REVOKED]
    with django_capture_on_commit_callbacks(execute=True):
        run(post)
    [told] = mail.outbox
    assert told.to == [manager.email]
    assert post.account.name in told.subject
    assert f"/channels/{post.account_id}/connection" in told.body
    run(second)
    assert not sign_ins.tell_managers(post.account_id)
    assert sign_ins.untold() == []
    assert len(mail.outbox) == 1
    reconnect(manager, fresh(post).account)
    with django_capture_on_commit_callbacks(execute=True):
        sign_ins.note_refused(fresh(post).account, "Again.")
    assert len(mail.outbox) == 2


def test_what_nobody_was_told_is_found_by_the_sweep(
    platform: Platform, workspace: Workspace, manager: User
) -> None:
    post = revoked("mastodon", platform, workspace)
    assert sign_ins.untold() == [post.account_id]
    assert sign_ins.tell_managers(post.account_id)
    assert sign_ins.untold() == []


def test_pages_the_api_and_the_trail_say_so(
    platform: Platform, workspace: Workspace, manager: User, browse, api
) -> None:
    post = revoked("mastodon", platform, workspace)
    client = browse(manager)
    assert "Sign in again" in client.get("/channels").content.decode()
    page = client.get(f"/channels/{post.account_id}/connection").content.decode()
    assert "does not accept the channel" in page
    page = client.get(f"/channels/{post.account_id}").content.decode()
    assert "Sign in again" in page
    for address in ("/", "/calendar"):
        assert "no longer accepts" in client.get(address).content.decode()
    assert "Held: reconnect" in client.get(f"/posts/{post.pk}").content.decode()
    assert "must be reconnected" in client.get("/attention").content.decode()
    address = f"/api/v1/marketing/channel-accounts/{post.account_id}/connection"
    body = api(manager).get(address).json()
    assert (body["connected"], body["sign_in_error"]) == (
        False,
        post.last_error,
    )
    assert AuditEntry.objects.filter(
        action="sign-in refused", thing=f"channel:{post.account_id}"
    ).exists()
