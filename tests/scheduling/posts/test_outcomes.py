"""What people decide about posts in doubt, and that nothing late can change it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from platforms import FAIL_AFTER, FAIL_BEFORE, Platform
from scheduling_parts import due_on, run

from cast import make_channel, make_content, make_post
from common.errors import Conflict, Forbidden, InvalidInput
from scheduling.domain import states
from scheduling.models import Attempt, ChannelAccount, ContentItem, Post
from scheduling.networks.base import Published, Retry
from scheduling.posts import outcomes
from scheduling.posts import services as posts
from scheduling.publishing import publish as publishing
from scheduling.publishing import resolve
from scheduling.publishing.tasks import find_due
from workspaces.models import AuditEntry, User, Workspace

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def unclear(platform: Platform, workspace: Workspace) -> Post:
    platform.script, platform.tells = [FAIL_AFTER], False
    post = run(due_on("webhook", platform, workspace))
    assert post.state == "uncertain"
    return post


def test_a_person_finds_it_live(editor: User, unclear: Post) -> None:
    post = outcomes.mark_published(editor, unclear, "https://h2o.example/1")
    assert (post.state, post.url, post.published_by_hand, post.last_error) == (
        "published",
        "https://h2o.example/1",
        True,
        "",
    )
    entry = AuditEntry.objects.get(action="marked as published")
    assert (entry.before["state"], entry.after["state"], entry.actor) == (
        "uncertain",
        "published",
        editor,
    )


def test_a_person_finds_it_missing_and_sends_it_again_under_a_new_key(
    editor: User, unclear: Post, platform: Platform
) -> None:
    assert outcomes.mark_failed(editor, unclear, "Not there").last_error == "Not there"
    posts.post_now(editor, unclear)
    run(unclear)
    assert (unclear.state, unclear.dedupe_key[-2:]) == ("published", ":2")
    assert len({asked.headers["idempotency-key"] for asked in platform.posts()}) == 2


@pytest.mark.parametrize(
    "late", [Published("9", "https://late.example"), Retry("not there", 0)]
)
def test_an_answer_that_comes_after_the_decision_changes_nothing(
    editor: User, unclear: Post, late: Published | Retry
) -> None:
    attempt = Attempt.objects.select_related("post").get()
    outcomes.mark_failed(editor, unclear, "Not there")
    assert publishing.record(attempt, late) is None
    assert resolve.unclear_posts(timezone.now() + timedelta(days=1)) == []
    unclear.refresh_from_db()
    assert (unclear.state, unclear.last_error) == ("failed", "Not there")


@pytest.mark.parametrize("state", ["planned", "publishing", "published", "canceled"])
def test_states_without_doubt_are_not_decided(
    editor: User, channel: ChannelAccount, content: ContentItem, state: str
) -> None:
    post = make_post(channel, content, state=state)
    with pytest.raises(Conflict):
        outcomes.mark_failed(editor, post)
    with pytest.raises(Conflict):
        outcomes.mark_published(editor, post)
    with pytest.raises(Conflict):
        outcomes.ask_again(editor, post)
    post.refresh_from_db()
    assert post.state == state and not AuditEntry.objects.exists()


@pytest.mark.parametrize("state", ["draft", "scheduled", "failed"])
def test_what_was_posted_by_hand_goes_out_no_more(
    editor: User, channel: ChannelAccount, content: ContentItem, state: str
) -> None:
    post = make_post(
        channel, content, state=state, at=timezone.now() - timedelta(minutes=1)
    )
    outcomes.mark_published(editor, post)
    assert publishing.publish(post.pk, "worker") is None
    assert not Attempt.objects.exists()


def test_odd_addresses_and_times_are_refused(editor: User, unclear: Post) -> None:
    for url in ("javascript:alert(1)", "https://u:p@h2o.example/", "nothing"):
        with pytest.raises(InvalidInput):
            outcomes.mark_published(editor, unclear, url)
    with pytest.raises(InvalidInput, match="future"):
        outcomes.mark_published(
            editor, unclear, at=timezone.now() + timedelta(minutes=1)
        )


def test_viewers_decide_nothing(viewer: User, unclear: Post) -> None:
    for act in (outcomes.mark_failed, outcomes.mark_published, outcomes.ask_again):
        with pytest.raises(Forbidden):
            act(viewer, unclear)


def test_asking_again_asks_at_once(
    editor: User,
    unclear: Post,
    platform: Platform,
    api,
    django_capture_on_commit_callbacks,
) -> None:
    platform.tells = True
    with django_capture_on_commit_callbacks(execute=True):
        answer = api(editor).post(
            f"/api/v1/marketing/post-instances/{unclear.pk}/resolve"
        )
    assert answer.status_code == 202
    unclear.refresh_from_db()
    assert (unclear.state, list(platform.live.values())) == ("published", [1])


def test_the_api_marks_and_lists_tries(api, editor: User, unclear: Post) -> None:
    client, root = api(editor), f"/api/v1/marketing/post-instances/{unclear.pk}"
    tries = client.get(f"{root}/attempts").json()
    assert [
        (row["number"], row["state"], row["worker"], row["questions"]) for row in tries
    ] == [(1, "uncertain", "worker", 0)]
    assert (
        tries[0]["duration_seconds"] >= 0
        and tries[0]["dedupe_key"] == unclear.dedupe_key
    )
    assert client.post(f"{root}/mark-failed").status_code == 422
    assert (
        client.post(f"{root}/mark-failed?error_message=gone").json()["last_error"]
        == "gone"
    )
    marked = client.post(
        f"{root}/mark-posted", {"post_url": "https://h2o.example/2"}, format="json"
    ).json()
    assert (marked["status"], marked["posted_manually"], marked["post_url"]) == (
        "Posted",
        True,
        "https://h2o.example/2",
    )


def test_the_page_shows_doubts_first_and_takes_decisions(
    browse, editor: User, unclear: Post, workspace: Workspace
) -> None:
    failed = make_post(
        unclear.account, make_content(workspace, title="Broken"), state=states.FAILED
    )
    page = browse(editor).get("/attention").content.decode()
    assert (
        page.index(str(unclear.pk)) < page.index(str(failed.pk))
        and "the last by worker" in page
    )
    after = browse(editor).post(
        f"/posts/{unclear.pk}/settle/published", {"back": "1"}, follow=True
    )
    assert after.redirect_chain[0][0] == "/attention"
    unclear.refresh_from_db()
    assert unclear.state == "published"
    bad = browse(editor).post(
        f"/posts/{failed.pk}/settle/published", {"url": "javascript:x"}, follow=True
    )
    failed.refresh_from_db()
    assert failed.state == "failed" and "valid URL" in bad.content.decode()


def test_the_page_asks_as_often_for_many_as_for_few(
    browse,
    viewer: User,
    workspace: Workspace,
    platform: Platform,
    django_assert_max_num_queries,
) -> None:
    channel = make_channel(workspace)
    for number in range(12):
        at = timezone.now() - timedelta(hours=number)
        post = make_post(channel, make_content(workspace), state=states.FAILED, at=at)
        now = timezone.now()
        Attempt.objects.create(
            post=post,
            number=1,
            worker="w",
            claimed_at=now,
            lease_until=now,
            dedupe_key=str(number),
        )
    client = browse(viewer)
    client.get("/attention")
    with django_assert_max_num_queries(10):
        assert client.get("/attention").content.decode().count("the last by w") == 12


def test_staff_see_tries_and_can_ask_but_not_change(
    admin_client, unclear: Post, platform: Platform, django_capture_on_commit_callbacks
) -> None:
    attempt = Attempt.objects.get()
    address = f"/admin/scheduling/attempt/{attempt.pk}/change/"
    assert "readonly" in admin_client.get(address).content.decode()
    admin_client.post(address, {"state": "published"})
    attempt.refresh_from_db()
    assert attempt.state == "uncertain"
    platform.tells = True
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(
            "/admin/scheduling/attempt/",
            {"action": "ask_now", "_selected_action": [attempt.pk]},
        )
    unclear.refresh_from_db()
    assert unclear.state == "published"


def test_beat_asks_when_the_time_has_come(
    platform: Platform, workspace: Workspace, django_capture_on_commit_callbacks
) -> None:
    platform.script = [FAIL_BEFORE]
    post = run(due_on("webhook", platform, workspace))
    find_due()
    post.refresh_from_db()
    assert post.state == "uncertain"
    Attempt.objects.update(next_question_at=timezone.now())
    find_due()
    post.refresh_from_db()
    assert (post.state, platform.live.total()) == ("scheduled", 0)
    find_due()
    post.refresh_from_db()
    assert (post.state, list(platform.live.values())) == ("published", [1])
