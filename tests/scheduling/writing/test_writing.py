"""Writing texts for posts: variants, one slot, and runs over a range of slots."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from chat_servers import GOOD, ChatServer, chat_server
from django.utils import timezone
from together import at_once, faults

from cast import fresh, make_channel, make_post
from common.errors import Conflict, Forbidden, InvalidInput, Missing, TooMany
from scheduling.content.services import change_content
from scheduling.domain.platforms.catalogue import PLATFORMS
from scheduling.domain.platforms.rules import Draft, check
from scheduling.models import ChannelAccount, ContentItem, Post, WritingRun, WritingSlot
from scheduling.posts import services as posts
from scheduling.publishing import publish as publishing
from scheduling.writing import services
from scheduling.writing import text as texts
from scheduling.writing import worker as writing
from scheduling.writing.brief import Brief, Place, limits_for, place_of
from templates_ai.models import Generation
from templates_ai.services import choose_engine, create_template
from workspaces.audit import verify
from workspaces.models import AuditEntry, User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]
ABOUT = Brief(about="the first boat of the year", filename="boat_launch.mp4")


@pytest.fixture
def channel(workspace: Workspace) -> ChannelAccount:
    return make_channel(workspace, platform="bluesky", name="H2O on Bluesky")


@pytest.fixture
def slots(channel: ChannelAccount) -> list[Post]:
    now = timezone.now()
    return [make_post(channel, at=now + timedelta(hours=4 * n + 2)) for n in range(5)]


def start(
    user: User, workspace: Workspace, brief: Brief = ABOUT, days: int = 7
) -> WritingRun:
    now = timezone.now()
    return services.start_run(user, workspace, brief, now, now + timedelta(days=days))


def slot_states(run: WritingRun) -> list[str]:
    return [slot.state for slot in run.slots.all()]


@pytest.fixture
def server(settings, manager: User, workspace: Workspace) -> Iterator[ChatServer]:
    settings.OUTGOING_ALLOW_PRIVATE = True
    with chat_server() as running:
        values = {
            "engine": "openai-compatible",
            "base_url": running.url,
            "model": "m",
            "seconds": 5,
        }
        choose_engine(manager, workspace, values)
        yield running


@pytest.mark.parametrize("platform", [platform.id for platform in PLATFORMS])
def test_offline_texts_fit_every_platform(workspace: Workspace, platform: str) -> None:
    for link in ("", "https://h2o.example/boats"):
        brief = Brief(
            about="the first boat " * 60,
            filename="boat.mp4",
            audience="everybody",
            link=link,
        )
        place = Place(
            platform, next(p.formats[0] for p in PLATFORMS if p.id == platform)
        )
        draft = texts.write(workspace, brief, place).draft
        found = check(Draft(platform, place.format, draft.title, draft.text(link)))
        assert [finding for finding in found if finding.blocks] == []
        limits = limits_for(platform, place.format)
        assert limits.fewest_hashtags <= len(draft.hashtags) <= limits.most_hashtags


def test_an_engine_is_held_to_the_platforms_own_counting(
    server: ChatServer, workspace: Workspace
) -> None:
    server.answers = [json.dumps(GOOD | {"caption": "🎮" * 200, "hashtags": ["a"]})]
    draft = texts.write(workspace, ABOUT, Place("x", "post")).draft
    assert check(Draft("x", "post", draft.title, draft.text())) == []
    assert draft.caption.endswith("…")


def test_variants_differ_and_nothing_is_kept(editor: User, slot: Post) -> None:
    found = services.suggest_for_post(editor, slot.pk, ABOUT, 4)
    assert len({result.draft.title for result in found}) == 4
    assert {result.engine for result in found} == {"offline"}
    assert not ContentItem.objects.real().exists()
    slot.refresh_from_db()
    assert slot.state == "planned"


def test_each_variant_is_asked_to_differ_from_the_others(
    server: ChatServer, editor: User, slot: Post
) -> None:
    services.suggest_for_post(editor, slot.pk, ABOUT, 2)
    assert (
        "Take another angle than these did: ⟦Dawn launch⟧"
        in server.asked[-1]["messages"][1]["content"]
    )
    assert "⟦H2O on Bluesky⟧" not in server.asked[-1]["messages"][0]["content"]


def test_an_engine_that_hangs_is_waited_for_once(
    server: ChatServer, manager: User, editor: User, workspace: Workspace, slot: Post
) -> None:
    server.answers = ["hang"]
    choose_engine(manager, workspace, {"seconds": 1})
    found = services.suggest_for_post(editor, slot.pk, ABOUT, 4)
    assert len(server.asked) == 1
    assert [result.engine for result in found] == ["offline"] * 4
    assert "within 1 seconds" in found[0].notes[0]
    assert "failed just now" in found[3].notes[0]


def test_a_slot_is_filled_as_a_draft_that_a_person_approves(
    server: ChatServer, editor: User, slot: Post
) -> None:
    post = services.write_slot(editor, slot.pk, ABOUT)
    assert (post.state, post.content.stage) == ("draft", "Needs Approval")
    engine = "openai-compatible"
    assert post.content.generation and post.content.generation.engine == engine
    assert publishing.due_posts(timezone.now() + timedelta(days=1)) == []
    entry = AuditEntry.objects.get(action="written")
    assert (entry.thing, entry.after["engine"]) == (f"post:{post.pk}", engine)
    assert posts.approve(editor, post).state == "scheduled"


def test_an_outline_goes_out_only_once_it_is_written(
    manager: User, editor: User, workspace: Workspace, slot: Post
) -> None:
    choose_engine(manager, workspace, {"needs_approval": False})
    post = services.write_slot(editor, slot.pk, ABOUT)
    assert (post.state, post.content.stage) == ("draft", "Idea")
    with pytest.raises(InvalidInput, match="This is an outline"):
        posts.approve(editor, post)
    with pytest.raises(InvalidInput, match="This is an outline"):
        posts.post_now(editor, post)
    change_content(editor, post.content_id, {"caption": "Our first boat is out."})
    assert posts.approve(editor, fresh(post)).state == "scheduled"


def test_without_the_need_for_approval_it_is_scheduled_at_once(
    server: ChatServer, manager: User, editor: User, workspace: Workspace, slot: Post
) -> None:
    choose_engine(manager, workspace, {"needs_approval": False})
    post = services.write_slot(editor, slot.pk, ABOUT)
    assert (post.state, post.due_at) == ("scheduled", slot.scheduled_at)


@pytest.mark.parametrize(
    "fields", [{"status": "paused"}, {"publisher": ""}, {"publisher": "webhook"}]
)
def test_what_cannot_go_out_stays_a_draft(
    manager: User,
    editor: User,
    workspace: Workspace,
    slot: Post,
    fields: dict[str, str],
) -> None:
    choose_engine(manager, workspace, {"needs_approval": False})
    ChannelAccount.objects.update(**fields)
    assert services.write_slot(editor, slot.pk, ABOUT).state == "draft"


def test_only_empty_slots_are_written(
    editor: User, viewer: User, stranger: User, draft: Post, slot: Post
) -> None:
    with pytest.raises(Conflict, match="only empty slots"):
        services.write_slot(editor, draft.pk, ABOUT)
    with pytest.raises(Forbidden):
        services.write_slot(viewer, slot.pk, ABOUT)
    with pytest.raises(Missing):
        services.write_slot(stranger, slot.pk, ABOUT)
    with pytest.raises(InvalidInput, match="what the text is about"):
        services.write_slot(editor, slot.pk, Brief())
    assert not Generation.objects.exists()


def test_somebody_elses_template_does_not_exist(
    editor: User, stranger: User, slot: Post
) -> None:
    other = create_template(
        stranger, stranger.memberships.get().workspace, "T", "Say {filename}"
    )
    with pytest.raises(Missing):
        services.write_slot(editor, slot.pk, Brief(about="x", template_id=other.pk))


def test_a_chosen_variant_becomes_the_posts_content(editor: User, slot: Post) -> None:
    result = services.suggest_for_post(editor, slot.pk, ABOUT)[0]
    chosen = services.Chosen(
        "My own title", "Caption", "#a b", "", result.generation.pk
    )
    post = services.use_text(editor, slot, chosen)
    assert (post.state, post.content.title, post.content.hashtags) == (
        "draft",
        "My own title",
        ["a", "b"],
    )
    assert post.content.generation_id == result.generation.pk
    posts.approve(editor, post)
    with pytest.raises(Conflict, match="make it a draft"):
        services.use_text(editor, fresh(slot), chosen)


def test_a_run_writes_every_empty_slot_of_its_range(
    editor: User,
    workspace: Workspace,
    slots: list[Post],
    django_capture_on_commit_callbacks,
) -> None:
    far = make_post(slots[0].account, at=timezone.now() + timedelta(days=30))
    with django_capture_on_commit_callbacks(execute=True):
        run = start(editor, workspace)
    run.refresh_from_db()
    assert (run.state, slot_states(run)) == ("completed", ["written"] * 5)
    assert set(Post.objects.exclude(pk=far.pk).values_list("state", flat=True)) == {
        "draft"
    }
    assert Post.objects.get(pk=far.pk).state == "planned"
    assert ContentItem.objects.real().count() == 5


def test_a_run_leaves_what_somebody_filled_meanwhile(
    editor: User, workspace: Workspace, slots: list[Post], content: ContentItem
) -> None:
    run = start(editor, workspace)
    posts.fill(editor, slots[1], content)
    assert writing.run(run.pk, "a") is False
    assert slot_states(run) == ["written", "skipped", "written", "written", "written"]
    slots[1].refresh_from_db()
    assert slots[1].content == content


def test_a_run_that_is_taken_twice_writes_once(
    editor: User, workspace: Workspace, slots: list[Post]
) -> None:
    run = start(editor, workspace)
    writing.run(run.pk, "a")
    writing.run(run.pk, "b")
    assert Generation.objects.count() == 5
    with pytest.raises(InvalidInput, match="no empty slots"):
        start(editor, workspace)


class Killed(BaseException):
    """Ends a worker as nothing that it could catch would."""


def test_a_dead_workers_run_is_gone_on_with(
    editor: User,
    workspace: Workspace,
    slots: list[Post],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, writes = start(editor, workspace), writing.write

    def die_at_the_third(*args, **kwargs):
        if WritingSlot.objects.filter(state="written").count() == 2:
            raise Killed
        return writes(*args, **kwargs)

    monkeypatch.setattr(writing, "write", die_at_the_third)
    with pytest.raises(Killed):
        writing.run(run.pk, "dead")
    monkeypatch.setattr(writing, "write", writes)
    assert writing.WORK.unfinished() == []
    WritingRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    later = timezone.now() + timedelta(seconds=10)
    assert writing.WORK.unfinished(later) == [run.pk]
    assert writing.WORK.unfinished(later) == []
    writing.run(run.pk, "alive")
    assert slot_states(run) == ["written"] * 5
    assert (Generation.objects.count(), ContentItem.objects.real().count()) == (5, 5)


def test_a_run_that_kills_three_workers_fails(
    editor: User, workspace: Workspace, slots: list[Post]
) -> None:
    run = start(editor, workspace)
    for _ in range(3):
        assert writing.WORK.claim(run.pk, "w")
        WritingRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        writing.WORK.take_back(timezone.now())
    run.refresh_from_db()
    assert (run.state, "three times" in run.error) == ("failed", True)


def test_a_worker_that_lost_its_run_writes_nothing_more(
    editor: User,
    workspace: Workspace,
    slots: list[Post],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, writes = start(editor, workspace), writing.write

    def be_canceled(*args, **kwargs):
        if WritingSlot.objects.filter(state="written").count() == 2:
            services.cancel_run(editor, run.pk)
        return writes(*args, **kwargs)

    monkeypatch.setattr(writing, "write", be_canceled)
    writing.run(run.pk, "late")
    run.refresh_from_db()
    assert (run.state, slot_states(run)) == (
        "canceled",
        ["written"] * 2 + ["waiting"] * 3,
    )
    assert Post.objects.filter(state="planned").count() == 3
    assert ContentItem.objects.real().count() == 2
    with pytest.raises(Conflict):
        services.cancel_run(editor, run.pk)


def test_a_long_run_gives_others_their_turn(
    editor: User,
    workspace: Workspace,
    slots: list[Post],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = start(editor, workspace)
    monkeypatch.setattr(writing, "TURN_SECONDS", 0)
    assert writing.run(run.pk, "a") is True
    run.refresh_from_db()
    assert (run.state, run.losses) == ("pending", 0)
    monkeypatch.setattr(writing, "TURN_SECONDS", 60)
    assert writing.run(run.pk, "b") is False
    run.refresh_from_db()
    assert run.state == "completed"


def test_a_spent_budget_stops_the_run_politely(
    server: ChatServer,
    manager: User,
    editor: User,
    workspace: Workspace,
    slots: list[Post],
) -> None:
    server.answers = [json.dumps(GOOD | {"hashtags": ["a"]})]
    choose_engine(manager, workspace, {"daily_tokens": 300})
    run = start(editor, workspace)
    writing.run(run.pk, "a")
    run.refresh_from_db()
    assert (run.state, "budget" in run.error) == ("failed", True)
    assert slot_states(run) == ["written"] * 2 + ["waiting"] * 3
    with pytest.raises(TooMany):
        services.write_slot(editor, slots[4].pk, ABOUT)


def test_an_engine_that_fails_is_replaced_and_the_slots_say_so(
    server: ChatServer, editor: User, workspace: Workspace, slots: list[Post]
) -> None:
    server.answers = [401]
    run = start(editor, workspace)
    writing.run(run.pk, "a")
    assert slot_states(run) == ["written"] * 5
    assert "Written offline: The engine answered 401." in run.slots.first().note
    assert len(server.asked) == 3


def test_two_open_runs_share_no_slot(
    editor: User, workspace: Workspace, slots: list[Post]
) -> None:
    start(editor, workspace)
    with pytest.raises(InvalidInput, match="no empty slots"):
        start(editor, workspace)


def test_a_run_keeps_to_its_channels(
    editor: User, workspace: Workspace, slots: list[Post]
) -> None:
    other = make_post(make_channel(workspace, name="Other", platform="x"))
    now = timezone.now()
    run = services.start_run(
        editor, workspace, ABOUT, now, now + timedelta(days=7), [other.account_id]
    )
    assert [slot.post_id for slot in run.slots.all()] == [other.pk]


def test_a_person_approves_what_a_run_wrote(
    server: ChatServer,
    editor: User,
    viewer: User,
    workspace: Workspace,
    slots: list[Post],
) -> None:
    run = start(editor, workspace)
    writing.run(run.pk, "a")
    with pytest.raises(Forbidden):
        services.approve_run(viewer, run.pk)
    Post.objects.filter(pk=slots[0].pk).update(
        scheduled_at=timezone.now() - timedelta(hours=2)
    )
    done, reasons = services.approve_run(editor, run.pk)
    assert (done, len(reasons)) == (4, 1)
    assert "passed" in reasons[0]
    assert Post.objects.filter(state="scheduled").count() == 4


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_write_each_slot_once(
    editor: User, workspace: Workspace, slots: list[Post]
) -> None:
    run = start(editor, workspace)
    assert (
        faults(at_once(*(partial(writing.run, run.pk, f"w{n}") for n in range(5))))
        == []
    )
    run.refresh_from_db()
    assert (
        run.state,
        Generation.objects.count(),
        ContentItem.objects.real().count(),
    ) == ("completed", 5, 5)


@pytest.mark.django_db(transaction=True)
def test_people_and_workers_at_once_never_wait_for_each_other(
    editor: User, workspace: Workspace, slots: list[Post], content: ContentItem
) -> None:
    run, other = (
        start(editor, workspace, days=1),
        make_channel(workspace, name="Other", platform="x"),
    )
    now = timezone.now()
    for n in range(4):
        make_post(other, at=now + timedelta(hours=n + 3))
    acts = [
        *(partial(writing.run, run.pk, f"w{n}") for n in range(2)),
        *(partial(posts.fill, editor, slot, content) for slot in slots),
        *(
            partial(
                services.start_run,
                editor,
                workspace,
                ABOUT,
                now,
                now + timedelta(days=3),
            )
            for _ in range(3)
        ),
        partial(services.cancel_run, editor, run.pk),
    ]
    # Somebody else may have been first, and it is said so.
    assert faults(at_once(*acts), but=(Conflict, InvalidInput)) == []
    assert list(verify()) == []
    waiting = WritingSlot.objects.filter(
        state="waiting", run__state__in=("pending", "running")
    )
    assert len(set(waiting.values_list("post", flat=True))) == waiting.count()


def test_the_wire_starts_a_run_and_tells_how_far_it_is(
    api, editor: User, stranger: User, workspace: Workspace, slots: list[Post]
) -> None:
    client, now = api(editor), timezone.now()
    body = {
        "tenant_id": workspace.slug,
        "about": "boats",
        "start": now,
        "end": now + timedelta(days=7),
    }
    unwanted = client.post("/api/v1/marketing/writing-runs", body, format="json").json()
    ended = client.post(f"/api/v1/marketing/writing-runs/{unwanted['id']}/cancel")
    assert (ended.status_code, ended.json()["status"]) == (200, "canceled")
    made = client.post("/api/v1/marketing/writing-runs", body, format="json")
    address = f"/api/v1/marketing/writing-runs/{made.json()['id']}"
    assert (made.status_code, made.json()["status"], made.json()["total"]) == (
        202,
        "pending",
        5,
    )
    writing.run(UUID(made.json()["id"]), "a")
    said = client.get(address).json()
    assert (said["status"], said["done"], said["percent"]) == ("completed", 5, 100)
    assert {row["status"] for row in said["slots"]} == {"written"}
    assert client.post(f"{address}/cancel").status_code == 409
    assert (
        client.get(f"/api/v1/marketing/writing-runs?tenant_id={workspace.slug}").json()[
            "count"
        ]
        == 2
    )
    assert api(stranger).get(address).status_code == 404
    assert (
        client.post(
            "/api/v1/marketing/writing-runs", body | {"about": ""}, format="json"
        ).status_code
        == 400
    )


def test_the_wire_writes_variants_and_slots(
    api, editor: User, viewer: User, workspace: Workspace, slot: Post
) -> None:
    body = {
        "tenant_id": workspace.slug,
        "about": "boats",
        "platforms": ["x", "linkedin"],
        "count": 2,
    }
    said = api(editor).post("/api/v1/marketing/texts", body, format="json").json()
    assert said["count"] == 4
    assert {text["engine"] for text in said["texts"]} == {"offline"}
    assert len(said["texts"][0]["hashtags"]) <= 2
    address = f"/api/v1/marketing/post-instances/{slot.pk}"
    assert (
        api(editor)
        .post(f"{address}/texts", {"about": "boats"}, format="json")
        .json()["count"]
        == 1
    )
    assert (
        api(viewer)
        .post(f"{address}/write", {"about": "boats"}, format="json")
        .status_code
        == 403
    )
    assert (
        api(editor)
        .post(f"{address}/write", {"about": "boats"}, format="json")
        .json()["status"]
        == "Draft"
    )
    assert (
        api(editor)
        .post(f"{address}/write", {"about": "boats"}, format="json")
        .status_code
        == 409
    )


def test_the_place_is_told_on_the_channels_clock(slot: Post) -> None:
    place = place_of(slot)
    assert (place.platform, place.channel) == ("bluesky", "H2O on Bluesky")
    assert f"{slot.scheduled_at:%d %B %Y}" in place.date
