"""The pages of prompts and of the engine, without scripts."""

from __future__ import annotations

import re

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markup import tight

from templates_ai.generation import generate_metadata
from templates_ai.models import EngineSettings, Generation, PromptTemplate
from templates_ai.services import create_template
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
PROMPT = 'Describe {filename}. Answer as {"title": "..."}'


def test_a_new_template_begins_with_the_built_in_prompt(browse, editor: User) -> None:
    page = browse(editor).get("/ai-templates").content.decode()
    assert "{filename}" in page
    assert "{game_context}" in page
    assert "Without one the built-in prompt is used" in page


def test_the_preview_follows_what_is_typed(browse, viewer: User) -> None:
    client = browse(viewer)
    good = client.post(
        "/ai-templates/preview", {"prompt_text": PROMPT}
    ).content.decode()
    assert (
        "Describe ⟦boat_launch_at_dawn.mp4⟧. Answer as {&quot;title&quot;: &quot;...&quot;}"
        in good
    )
    assert (
        "Unknown: {mood}"
        in client.post(
            "/ai-templates/preview", {"prompt_text": "{mood}"}
        ).content.decode()
    )


def test_a_copy_is_a_beginning(browse, editor: User, workspace: Workspace) -> None:
    made = create_template(editor, workspace, "T", PROMPT)
    page = browse(editor).get(f"/ai-templates?copy={made.pk}").content.decode()
    assert 'value="T (copy)"' in page
    assert browse(editor).get("/ai-templates?copy=x").status_code == 200


def test_a_prompt_is_tried_and_says_what_wrote_it(browse, editor: User) -> None:
    client, body = (
        browse(editor),
        {"prompt_text": PROMPT, "filename": "boat.mp4", "game_context": "the lake"},
    )
    whole = client.post("/ai-templates/try", body).content.decode()
    piece = client.post(
        "/ai-templates/try", body, headers={"hx-request": "true"}
    ).content.decode()
    assert "Boat: the lake" in whole and "Written offline" in whole
    assert "Boat: the lake" in piece and "<html" not in piece
    assert "Written offline: the prompt was not sent to a model." in piece
    assert (
        client.post("/ai-templates/try", body | {"prompt_text": "{mood}"}).status_code
        == 422
    )
    assert not PromptTemplate.objects.exists()


NAMES = st.text(
    st.sampled_from("a{}\"'\\\n\r\t\u202e🎮👩‍🚀שלום⟦⟧<&>/% "), min_size=1, max_size=80
)


@settings(
    max_examples=examples(30),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(NAMES)
def test_no_file_name_breaks_the_page(browse, editor: User, name: str) -> None:
    body = {
        "prompt_text": PROMPT,
        "filename": (name * 4096)[:4096],
        "game_context": f"<b>{name}",
    }
    answer = browse(editor).post("/ai-templates/try", body)
    assert answer.status_code in {200, 422}
    assert "<b>" not in answer.content.decode()


def test_a_manager_chooses_engine_and_budget_and_the_key_stays_secret(
    browse, manager: User, workspace: Workspace
) -> None:
    client = browse(manager)
    form = {
        "engine": "openai-compatible",
        "base_url": "https://llm.example/v1",
        "model": "m",
        "seconds": "30",
        "new_key": "sk-very-secret",
        "price_in": "1",
        "price_out": "2",
        "daily_tokens": "1000",
        "daily_cost": "",
        "needs_approval": "on",
    }
    assert (
        client.post("/ai-templates/engine", form)["Location"] == "/ai-templates/engine"
    )
    kept = EngineSettings.objects.get()
    assert (kept.key.reveal(), kept.daily_tokens, kept.daily_cost) == (
        "sk-very-secret",
        1000,
        None,
    )
    client.post("/ai-templates/engine", form | {"new_key": "", "model": "n"})
    kept.refresh_from_db()
    assert (kept.key.reveal(), kept.model, kept.needs_approval) == (
        "sk-very-secret",
        "n",
        True,
    )
    Generation.objects.create(
        workspace=workspace, engine="openai-compatible", tokens_in=200, tokens_out=50
    )
    page = tight(client.get("/ai-templates/engine").content.decode())
    assert "sk-very-secret" not in page
    assert "250 of 1,000" in page
    assert 'value="25"' in page


def test_an_address_inside_is_refused_beside_its_field(browse, manager: User) -> None:
    form = {
        "engine": "openai-compatible",
        "base_url": "http://127.0.0.1:11434/v1",
        "model": "m",
        "seconds": "30",
        "price_in": "0",
        "price_out": "0",
    }
    answer = browse(manager).post("/ai-templates/engine", form)
    assert (answer.status_code, "private network" in answer.content.decode()) == (
        422,
        True,
    )
    assert not EngineSettings.objects.exists()


def test_the_engine_page_lists_what_was_written(
    browse, manager: User, workspace: Workspace
) -> None:
    generate_metadata(workspace, "boat.mp4", "the lake")
    assert (
        "Written offline"
        in browse(manager).get("/ai-templates/engine").content.decode()
    )


def test_a_difference_is_shown_line_by_line(
    browse, editor: User, workspace: Workspace
) -> None:
    made = create_template(editor, workspace, "T", "One {filename}")
    browse(editor).post(
        f"/ai-templates/{made.pk}", {"name": "T", "prompt_text": "Two {filename}"}
    )
    page = browse(editor).get(f"/ai-templates/{made.pk}/versions/1").content.decode()
    assert re.search(r'diff-out\s*">-Two {filename}', page)
    assert re.search(r'diff-in\s*">\+One {filename}', page)
