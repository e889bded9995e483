"""The queue client's words for prompt templates: seven addresses, their shapes and what
they refuse.
"""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from templates_ai.models import PromptTemplate
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
LIST, ACTIVE, TRY = (
    "/api/ai/templates",
    "/api/ai/templates/active",
    "/api/ai/test-prompt",
)
PROMPT = 'About {filename} and {game_context}: {"title": "...", "hashtags": ["..."]}'


@pytest.fixture
def client(api, editor: User) -> APIClient:
    made: APIClient = api(editor)
    made.default_format = "json"
    return made


def create(client: APIClient, name: str, **more: object) -> int:
    answer = client.post(
        LIST, {"name": name, "prompt_text": PROMPT} | more, format="json"
    )
    assert answer.status_code == 200
    assert set(answer.json()) == {"success", "template_id", "message"}
    assert isinstance(answer.json()["template_id"], int)
    return int(answer.json()["template_id"])


def test_the_list_has_whole_templates_newest_first(client: APIClient) -> None:
    assert client.get(LIST).json() == {"templates": [], "count": 0}
    create(client, "First")
    create(client, "Second")
    listed = client.get(LIST).json()
    assert [row["name"] for row in listed["templates"]] == ["Second", "First"]
    assert listed["count"] == 2
    row = listed["templates"][0]
    assert set(row) == {
        "id",
        "name",
        "prompt_text",
        "is_active",
        "created_at",
        "updated_at",
    }
    assert (row["prompt_text"], row["is_active"]) == (PROMPT, False)
    assert datetime.fromisoformat(row["created_at"]).tzinfo is not None


def test_one_is_active_or_none(client: APIClient) -> None:
    assert client.get(ACTIVE).json() == {
        "template": None,
        "message": "No active template",
    }
    create(client, "A", is_active=True)
    second = create(client, "B", is_active=True)
    assert client.get(ACTIVE).json()["template"]["id"] == second
    assert sum(row["is_active"] for row in client.get(LIST).json()["templates"]) == 1


def test_activating_what_is_not_there_leaves_the_active_one(client: APIClient) -> None:
    number = create(client, "A", is_active=True)
    assert client.post(f"{LIST}/999999/activate").status_code == 404
    assert client.get(ACTIVE).json()["template"]["id"] == number
    again = client.post(f"{LIST}/{number}/activate")
    assert (again.status_code, set(again.json())) == (200, {"success", "message"})


def test_a_change_may_name_one_field_or_two_but_not_none(client: APIClient) -> None:
    number = create(client, "A")
    for body in (
        {"name": "B"},
        {"prompt_text": "Say {filename}"},
        {"name": "C", "prompt_text": "Tell {filename}"},
    ):
        answer = client.put(f"{LIST}/{number}", body, format="json")
        assert (answer.status_code, answer.json()["success"]) == (200, True)
    kept = PromptTemplate.objects.get()
    assert (kept.name, kept.prompt_text) == ("C", "Tell {filename}")
    assert client.put(f"{LIST}/{number}", {}, format="json").status_code == 404
    assert client.put(f"{LIST}/999999", {"name": "X"}, format="json").status_code == 404


def test_deleting_the_active_one_leaves_none_active(client: APIClient) -> None:
    number = create(client, "A", is_active=True)
    assert client.delete(f"{LIST}/{number}").json()["success"] is True
    assert client.delete(f"{LIST}/{number}").status_code == 404
    assert client.get(ACTIVE).json()["template"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "Taken", "prompt_text": PROMPT}, 409),
        ({"name": "", "prompt_text": PROMPT}, 422),
        ({"prompt_text": PROMPT}, 422),
        ({"name": "N"}, 422),
        ({"name": "N", "prompt_text": "{mood}"}, 422),
        ({"name": "N", "prompt_text": "x" * 20_001}, 422),
        ({"name": "n" * 121, "prompt_text": PROMPT}, 422),
    ],
)
def test_what_cannot_be_kept_is_refused_and_not_kept(
    client: APIClient, body: dict[str, str], status: int
) -> None:
    create(client, "Taken")
    answer = client.post(LIST, body, format="json")
    assert (answer.status_code, "detail" in answer.json()) == (status, True)
    assert PromptTemplate.objects.count() == 1


def test_a_prompt_is_tried_and_not_kept(client: APIClient) -> None:
    answer = client.post(
        TRY,
        {"prompt_text": PROMPT, "filename": "epic_gaming_moment.mp4"},
        format="json",
    )
    metadata = answer.json()["metadata"]
    assert (answer.status_code, answer.json()["success"], set(metadata)) == (
        200,
        True,
        {"title", "caption", "hashtags"},
    )
    assert all(tag.startswith("#") for tag in metadata["hashtags"].split(" "))
    assert 10 <= len(metadata["hashtags"].split(" ")) <= 15
    assert len(metadata["title"]) <= 100 and len(metadata["caption"]) <= 2200
    assert answer.json()["engine"] == "offline"
    assert not PromptTemplate.objects.exists()


NAMES = st.one_of(
    st.text(min_size=1, max_size=120),
    st.text(
        st.sampled_from("a{}\"'\\\n\r\t\u202e🎮👩‍🚀שלום⟦⟧<&> "), min_size=1, max_size=60
    ).map(lambda t: (t * 4096)[:4096]),
)


@settings(
    max_examples=examples(40),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(NAMES)
def test_any_file_name_gives_a_text_or_a_plain_refusal(
    client: APIClient, name: str
) -> None:
    answer = client.post(TRY, {"prompt_text": PROMPT, "filename": name}, format="json")
    assert answer.status_code in {200, 422}
    said = json.loads(answer.content)
    assert answer.status_code == 422 or (
        said["metadata"]["title"] and "\n" not in said["metadata"]["title"]
    )


ENGINE = "/api/ai/engine"


def test_managers_choose_the_engine_and_never_see_its_key(
    api, manager: User, workspace: Workspace
) -> None:
    client = api(manager)
    assert client.get(ENGINE).json()["engine"] == "offline"
    body = {
        "engine": "openai-compatible",
        "base_url": "https://llm.example/v1",
        "model": "m",
        "key": "sk-very-secret",
        "daily_tokens": 1000,
        "daily_cost": "1.50",
        "needs_approval": False,
    }
    for answer in (client.put(ENGINE, body, format="json"), client.get(ENGINE)):
        assert answer.status_code == 200
        said = answer.json()
        assert (said["has_key"], said["daily_tokens"], said["daily_cost"]) == (
            True,
            1000,
            1.5,
        )
        assert "sk-very-secret" not in answer.content.decode()
        assert said["today"]["tokens"] == 0
    assert (
        client.put(ENGINE, {"model": "n", "key": ""}, format="json").json()["has_key"]
        is True
    )
    assert (
        client.put(
            ENGINE, {"base_url": "file:///etc/passwd"}, format="json"
        ).status_code
        == 422
    )


def test_engines_are_for_managers(api, editor: User) -> None:
    assert api(editor).get(ENGINE).status_code == 403
    assert (
        api(editor).put(ENGINE, {"engine": "offline"}, format="json").status_code == 403
    )
    assert api(None).get(ENGINE).status_code == 401
