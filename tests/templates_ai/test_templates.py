"""Prompt templates: substitution by name, one active, an editor's work."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import IntegrityError, transaction
from together import at_once, faults

from common.errors import Conflict, Forbidden, Missing, Unprocessable
from templates_ai.models import PromptTemplate
from templates_ai.rendering import render, unknown_variables
from templates_ai.services import (
    activate_template,
    change_template,
    create_template,
    delete_template,
)
from workspaces.audit import verify
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]
PROMPT = 'Describe {filename}. Answer as {"title": "..."}'


def test_literal_braces_survive() -> None:
    assert (
        render(PROMPT, {"filename": "a.mp4"})
        == 'Describe a.mp4. Answer as {"title": "..."}'
    )
    assert unknown_variables(PROMPT) == []


def test_a_value_is_not_read_again() -> None:
    assert (
        render(
            "{filename} {game_context}",
            {"filename": "{game_context}", "game_context": "x"},
        )
        == "{game_context} x"
    )


def test_unknown_variables_are_named_with_the_known_ones(
    editor: User, workspace: Workspace
) -> None:
    with pytest.raises(Unprocessable) as refusal:
        create_template(editor, workspace, "T", "Say {file} and {mood}")
    [text] = refusal.value.fields["prompt_text"]
    assert "{file}, {mood}" in text
    assert "{filename}" in text
    assert not PromptTemplate.objects.exists()


def test_exactly_one_is_active(editor: User, workspace: Workspace) -> None:
    first, second = (
        create_template(editor, workspace, name, PROMPT) for name in ("A", "B")
    )
    activate_template(editor, first.pk)
    activate_template(editor, second.pk)
    assert [row.name for row in PromptTemplate.objects.filter(is_active=True)] == ["B"]


def test_activating_an_unknown_one_leaves_the_active_one(
    editor: User, workspace: Workspace
) -> None:
    first = create_template(editor, workspace, "A", PROMPT)
    activate_template(editor, first.pk)
    with pytest.raises(Missing):
        activate_template(editor, 999_999)
    assert PromptTemplate.objects.get(pk=first.pk).is_active


def test_the_database_refuses_a_second_active_one(
    editor: User, workspace: Workspace
) -> None:
    for name in ("A", "B"):
        create_template(editor, workspace, name, PROMPT)
    with pytest.raises(IntegrityError), transaction.atomic():
        PromptTemplate.objects.update(is_active=True)


@pytest.mark.django_db(transaction=True)
def test_activations_at_once_leave_one_active(
    editor: User, workspace: Workspace
) -> None:
    made = [create_template(editor, workspace, f"T{n}", PROMPT) for n in range(50)]
    assert (
        faults(
            at_once(
                *(partial(activate_template, editor, template.pk) for template in made)
            )
        )
        == []
    )
    assert PromptTemplate.objects.filter(is_active=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_whatever_people_do_at_once_nobody_waits_for_ever(
    editor: User, workspace: Workspace
) -> None:
    made = [create_template(editor, workspace, f"T{n}", PROMPT) for n in range(30)]
    done = at_once(
        *(partial(activate_template, editor, template.pk) for template in made[:10]),
        *(
            partial(change_template, editor, template.pk, f"C{template.pk}", PROMPT)
            for template in made[5:20]
        ),
        *(partial(delete_template, editor, template.pk) for template in made[20:]),
        *(
            partial(create_template, editor, workspace, f"N{n}", PROMPT, active=True)
            for n in range(10)
        ),
    )
    assert faults(done) == []
    assert PromptTemplate.objects.filter(is_active=True).count() == 1
    assert PromptTemplate.objects.count() == 30
    assert list(verify()) == []


def test_names_are_unique_in_a_workspace(editor: User, workspace: Workspace) -> None:
    create_template(editor, workspace, "T", PROMPT)
    with pytest.raises(Conflict, match="already a template"):
        create_template(editor, workspace, "T", PROMPT)


def test_viewers_do_not_write_and_strangers_see_nothing(
    editor: User, viewer: User, stranger: User, workspace: Workspace
) -> None:
    template = create_template(editor, workspace, "T", PROMPT)
    with pytest.raises(Forbidden):
        change_template(viewer, template.pk, "U", PROMPT)
    with pytest.raises(Missing):
        delete_template(stranger, template.pk)


def test_the_page_writes_previews_activates_and_deletes(browse, editor: User) -> None:
    client = browse(editor)
    bad = client.post("/ai-templates", {"name": "T", "prompt_text": "Say {mood}"})
    assert (bad.status_code, "Unknown: {mood}" in bad.content.decode()) == (422, True)
    made = client.post("/ai-templates", {"name": "T", "prompt_text": PROMPT})
    page = client.get(made["Location"]).content.decode()
    assert "Describe ⟦boat_launch_at_dawn.mp4⟧" in page
    template = PromptTemplate.objects.get()
    client.post(f"/ai-templates/{template.pk}/activate")
    assert "Active" in client.get("/ai-templates").content.decode()
    client.post(f"/ai-templates/{template.pk}/delete")
    assert not PromptTemplate.objects.exists()
