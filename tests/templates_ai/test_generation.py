"""Writing texts: prompt, engine, limits, repair, budget, and what happens when an engine fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from chat_servers import GOOD, ChatServer, chat_server
from django.db import connection
from django.utils import timezone
from together import at_once, faults

from common.errors import Forbidden, Missing, TooMany, Unprocessable
from templates_ai.generation import approval_needed, generate_metadata
from templates_ai.limits import Limits
from templates_ai.models import EngineSettings, Generation, PromptTemplate, Reservation
from templates_ai.services import (
    activate_template,
    change_template,
    choose_engine,
    create_template,
)
from workspaces.models import AuditEntry, User, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings, manager: User, workspace: Workspace) -> Iterator[ChatServer]:
    settings.OUTGOING_ALLOW_PRIVATE = True
    with chat_server() as running:
        values = {
            "engine": "openai-compatible",
            "base_url": running.url,
            "model": "m",
            "key": "sk-secret",
            "seconds": 5,
        }
        choose_engine(manager, workspace, values | {"price_in": 10, "price_out": 20})
        yield running


def asked(server: ChatServer) -> str:
    return str(server.asked[-1]["messages"][1]["content"])


def test_without_an_engine_texts_are_written_offline(workspace: Workspace) -> None:
    result = generate_metadata(workspace, "boat_launch.mp4", "the lake")
    assert (result.engine, result.draft.title) == ("offline", "Boat Launch: the lake")


def test_the_given_template_then_the_active_one_then_the_built_in(
    server: ChatServer, editor: User, workspace: Workspace
) -> None:
    generate_metadata(workspace, "a.mp4", "x")
    assert "The file is called ⟦a.mp4⟧" in asked(server)
    first, second = (
        create_template(editor, workspace, name, f"{name} {{filename}}")
        for name in ("A", "B")
    )
    activate_template(editor, first.pk)
    change_template(editor, first.pk, "A", "A2 {filename}")
    row = generate_metadata(workspace, "a.mp4", "x").generation
    assert asked(server) == "A2 ⟦a.mp4⟧"
    assert row.version and row.version.number == 2
    generate_metadata(workspace, "a.mp4", "x", second.pk)
    assert asked(server) == "B ⟦a.mp4⟧"
    with pytest.raises(Missing):
        generate_metadata(workspace, "a.mp4", "x", 999_999)


def test_tokens_and_cost_are_recorded(server: ChatServer, workspace: Workspace) -> None:
    row = generate_metadata(workspace, "a.mp4", "x").generation
    row.refresh_from_db()
    assert (row.engine, row.model, row.tokens_in, row.tokens_out) == (
        "openai-compatible",
        "m",
        100,
        50,
    )
    assert float(row.cost) == pytest.approx(0.002)


def test_an_answer_over_the_limits_is_repaired_once(
    server: ChatServer, workspace: Workspace
) -> None:
    server.answers = [json.dumps(GOOD | {"title": "t" * 200}), json.dumps(GOOD)]
    result = generate_metadata(workspace, "a.mp4", "x")
    assert (result.draft.title, result.notes) == (
        "Dawn launch",
        ("The engine repaired its answer once.",),
    )
    assert result.generation.tokens_in == 200


TEXTLESS = json.dumps(GOOD | {"caption": ""})
LINK_ALONE = json.dumps(GOOD | {"caption": "https://evil.example/login"})
EXAMPLE = json.dumps(GOOD | {"title": "...", "caption": "…"})
JSON_IN_IT = json.dumps(GOOD | {"caption": json.dumps({"title": "A", "caption": "B"})})
UNTITLED = json.dumps(GOOD | {"title": ""})


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([TEXTLESS], "The caption is empty."),
        ([LINK_ALONE], "The caption is empty."),
        (["Sure! Here is a post.", TEXTLESS], "The caption is empty."),
        (["Sure! Here is a post."], "The answer is not JSON."),
        ([EXAMPLE], "The answer holds neither title nor caption."),
        ([JSON_IN_IT], "The text has JSON in it."),
    ],
)
def test_an_answer_without_a_text_gives_way_to_the_offline_one(
    server: ChatServer, workspace: Workspace, answers: list[str | int], why: str
) -> None:
    server.answers = answers
    result = generate_metadata(workspace, "boat.mp4", "the lake")
    assert (result.engine, result.draft.caption) == ("offline", "Boat. The lake.")
    written = f"Written offline: The engine's answer cannot be used: {why}"
    assert result.notes[0] == written
    row = result.generation
    assert (len(server.asked), row.tokens_in, row.tokens_out) == (2, 200, 100)
    assert float(row.cost) == pytest.approx(0.004)


@pytest.mark.parametrize("first", ["no JSON", UNTITLED, TEXTLESS])
def test_what_cannot_be_used_is_sent_back_once(
    server: ChatServer, workspace: Workspace, first: str
) -> None:
    server.answers = [first, json.dumps(GOOD)]
    result = generate_metadata(workspace, "boat.mp4", "the lake")
    assert (result.draft.title, result.draft.caption) == (
        GOOD["title"],
        GOOD["caption"],
    )
    assert result.notes == ("The engine repaired its answer once.",)


@pytest.mark.parametrize("second", [TEXTLESS, "no JSON", 500])
def test_a_repair_that_is_worse_does_not_count(
    server: ChatServer, workspace: Workspace, second: str | int
) -> None:
    server.answers = [UNTITLED, second]
    result = generate_metadata(workspace, "boat.mp4", "the lake")
    assert (result.engine, result.draft.caption) == (
        "openai-compatible",
        GOOD["caption"],
    )
    assert result.draft.title == GOOD["caption"]
    assert result.notes[-1] == "The title is the beginning of the text."


GERMAN = GOOD | {
    "caption": "Das ist der erste Start des Jahres und wir sind mit euch auf dem See."
}
ENGLISH = GOOD | {
    "caption": "This is the first launch of the year and we are with you on the lake."
}


def test_an_answer_in_the_wrong_language_is_asked_for_again(
    server: ChatServer, workspace: Workspace
) -> None:
    server.answers = [json.dumps(ENGLISH), json.dumps(GERMAN)]
    result = generate_metadata(workspace, "a.mp4", "x", values={"language": "German"})
    assert result.draft.caption == GERMAN["caption"]
    assert "The text is not in German." in server.asked[-1]["messages"][-1]["content"]
    server.answers = [json.dumps(ENGLISH)]
    assert (
        "The text is not in German."
        in generate_metadata(workspace, "a", "x", values={"language": "German"}).notes
    )


def test_links_come_from_people_only(server: ChatServer, workspace: Workspace) -> None:
    caption = "See https://ours.example/shop or https://given.example or https://evil.example/login"
    server.answers = [json.dumps(GOOD | {"caption": caption})]
    prompt = "Say {filename} and name https://ours.example/shop"
    values = {"link": "https://given.example"}
    result = generate_metadata(
        workspace, "https://evil.example/login", "x", prompt_text=prompt, values=values
    )
    assert (
        result.draft.caption
        == "See https://ours.example/shop or https://given.example or"
    )


def test_what_stays_too_long_is_cut_visibly(
    server: ChatServer, workspace: Workspace
) -> None:
    server.answers = [json.dumps(GOOD | {"title": "t" * 200})]
    result = generate_metadata(workspace, "a.mp4", "x", limits=Limits(title=20))
    assert result.draft.title == "t" * 19 + "…"
    assert "The text was cut to the platform's limits." in result.notes
    assert len(server.asked) == 2


def test_a_failing_engine_is_replaced_and_then_rests(
    server: ChatServer, workspace: Workspace
) -> None:
    server.answers = [401]
    for _ in range(3):
        result = generate_metadata(workspace, "boat.mp4", "x")
        assert (result.engine, result.notes[0]) == (
            "offline",
            "Written offline: The engine answered 401.",
        )
    assert "rests" in generate_metadata(workspace, "boat.mp4", "x").notes[0]
    assert len(server.asked) == 3
    server.answers = [json.dumps(GOOD)]
    EngineSettings.objects.update(resting_until=timezone.now() - timedelta(seconds=1))
    assert generate_metadata(workspace, "boat.mp4", "x").engine == "openai-compatible"


@pytest.mark.parametrize("limit", [{"daily_tokens": 150}, {"daily_cost": "0.002"}])
def test_a_spent_budget_refuses_until_the_next_day(
    server: ChatServer, manager: User, workspace: Workspace, limit: dict[str, object]
) -> None:
    choose_engine(manager, workspace, limit)
    generate_metadata(workspace, "a.mp4", "x")
    with pytest.raises(TooMany, match="budget") as refusal:
        generate_metadata(workspace, "a.mp4", "x")
    assert 0 < refusal.value.retry_after <= 25 * 3600
    Generation.objects.update(made_at=timezone.now() - timedelta(days=2))
    assert generate_metadata(workspace, "a.mp4", "x").engine == "openai-compatible"


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", [{"daily_tokens": 300}, {"daily_cost": "0.004"}])
def test_texts_written_side_by_side_pass_the_budget_by_none(
    server: ChatServer, manager: User, workspace: Workspace, limit: dict[str, object]
) -> None:
    choose_engine(manager, workspace, limit)
    server.seconds = 0.2
    done = at_once(*[partial(generate_metadata, workspace, "a.mp4", "x")] * 8)
    assert faults(done, but=TooMany) == []
    assert 1 <= len(server.asked) == Generation.objects.count() <= 2
    assert Reservation.objects.count() == 0


def test_what_a_dead_worker_set_aside_counts_until_its_answer_was_due(
    server: ChatServer, manager: User, workspace: Workspace
) -> None:
    choose_engine(manager, workspace, {"daily_tokens": 1000})
    dead = Reservation.objects.create(
        workspace=workspace,
        tokens=2000,
        cost=0,
        until=timezone.now() + timedelta(minutes=1),
    )
    with pytest.raises(TooMany, match="being written") as refusal:
        generate_metadata(workspace, "a.mp4", "x")
    assert refusal.value.retry_after == 5
    Reservation.objects.filter(pk=dead.pk).update(until=timezone.now())
    assert generate_metadata(workspace, "a.mp4", "x").engine == "openai-compatible"
    assert Reservation.objects.count() == 0


def test_the_key_is_encrypted_and_in_no_trail(
    server: ChatServer, workspace: Workspace
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM templates_ai_enginesettings")
        assert "sk-secret" not in cursor.fetchone()[0]
    assert "sk-secret" not in str(list(AuditEntry.objects.values()))
    generate_metadata(workspace, "a.mp4", "x")
    assert server.keys == ["Bearer sk-secret"]


def test_generated_texts_need_approval_unless_told(
    manager: User, workspace: Workspace
) -> None:
    assert approval_needed(workspace)
    choose_engine(manager, workspace, {"engine": "offline"})
    assert approval_needed(workspace)
    choose_engine(manager, workspace, {"needs_approval": False})
    assert not approval_needed(workspace)


@pytest.mark.parametrize(
    "values",
    [
        {"base_url": ""},
        {"model": ""},
        {"base_url": "ftp://x"},
        {"base_url": "http://127.0.0.1/v1"},
        {"seconds": 0},
    ],
)
def test_an_engine_that_cannot_work_is_not_kept(
    manager: User, workspace: Workspace, values: dict[str, object]
) -> None:
    good = {
        "engine": "openai-compatible",
        "base_url": "https://llm.example/v1",
        "model": "m",
    }
    with pytest.raises(Unprocessable) as refusal:
        choose_engine(manager, workspace, good | values)
    assert set(refusal.value.fields) == set(values)
    assert not EngineSettings.objects.exists()


def test_engines_are_a_managers_choice(
    editor: User, manager: User, workspace: Workspace
) -> None:
    with pytest.raises(Forbidden):
        choose_engine(editor, workspace, {"engine": "offline"})
    with pytest.raises(Unprocessable):
        choose_engine(manager, workspace, {"engine": "magic"})


def test_the_wire_keeps_lists_activates_and_deletes(api, editor: User) -> None:
    client = api(editor)
    assert client.get("/api/ai/templates/active").json() == {
        "template": None,
        "message": "No active template",
    }
    body = {
        "name": "T",
        "prompt_text": 'Say {filename} as {"title": ""}',
        "is_active": True,
    }
    made = client.post("/api/ai/templates", body, format="json")
    number = made.json()["template_id"]
    assert (made.status_code, made.json()["success"]) == (200, True)
    assert client.post("/api/ai/templates", body, format="json").status_code == 409
    listed = client.get("/api/ai/templates").json()
    assert (listed["count"], set(listed["templates"][0])) == (
        1,
        {"id", "name", "prompt_text", "is_active", "created_at", "updated_at"},
    )
    assert client.get("/api/ai/templates/active").json()["template"]["id"] == number
    assert client.put(
        f"/api/ai/templates/{number}", {"name": "U"}, format="json"
    ).json()["success"]
    assert (
        client.put(f"/api/ai/templates/{number}", {}, format="json").status_code == 404
    )
    assert client.post(f"/api/ai/templates/{number}/activate").status_code == 200
    assert PromptTemplate.objects.get().name == "U"
    assert client.delete(f"/api/ai/templates/{number}").status_code == 200
    assert client.delete(f"/api/ai/templates/{number}").status_code == 404


def test_the_wire_tries_a_prompt(api, editor: User, viewer: User) -> None:
    body = {"prompt_text": "Say {filename}", "filename": "epic_gaming_moment.mp4"}
    answer = api(editor).post("/api/ai/test-prompt", body, format="json").json()
    assert answer["success"] and answer["engine"] == "offline"
    assert answer["metadata"]["title"] == "Epic Gaming Moment"
    assert answer["notes"] == [
        "Written offline: the prompt was not sent to a model.",
        "Only the file name, the context and hashtags are used; the rest of the prompt "
        "is not followed.",
    ]
    assert answer["metadata"]["hashtags"].startswith("#epic #gaming")
    wrong = api(editor).post(
        "/api/ai/test-prompt", body | {"prompt_text": "{mood}"}, format="json"
    )
    assert (
        wrong.status_code,
        "Known variables" in wrong.json()["detail"][0]["msg"],
    ) == (422, True)
    assert (
        api(viewer).post("/api/ai/test-prompt", body, format="json").status_code == 403
    )
    assert api(None).get("/api/ai/templates").status_code == 401


def test_the_wire_hides_other_workspaces(
    api, editor: User, stranger: User, workspace: Workspace
) -> None:
    number = create_template(editor, workspace, "T", "Say {filename}").pk
    client = api(stranger)
    assert client.get("/api/ai/templates").json()["count"] == 0
    for answer in (
        client.put(f"/api/ai/templates/{number}", {"name": "U"}, format="json"),
        client.delete(f"/api/ai/templates/{number}"),
        client.post(f"/api/ai/templates/{number}/activate"),
        client.get("/api/ai/templates", headers={"x-workspace": workspace.slug}),
    ):
        assert answer.status_code == 404


def test_the_admin_shows_generations_read_only_and_never_a_key(
    browse, server: ChatServer, workspace: Workspace
) -> None:
    client = browse(
        User.objects.create_superuser(
            "root", "root@example.org", "correct horse battery"
        )
    )
    made = generate_metadata(workspace, "a.mp4", "x").generation
    for address in (
        "/admin/templates_ai/enginesettings/",
        f"/admin/templates_ai/enginesettings/{EngineSettings.objects.get().pk}/change/",
        "/admin/templates_ai/generation/",
        f"/admin/templates_ai/generation/{made.pk}/change/",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "sk-secret" not in answer.content.decode()
    client.post(
        f"/admin/templates_ai/generation/{made.pk}/change/", {"engine": "forged"}
    )
    client.post(f"/admin/templates_ai/generation/{made.pk}/delete/", {"post": "yes"})
    made.refresh_from_db()
    assert made.engine == "openai-compatible"
