"""Every edit of a template keeps what it said before."""

from __future__ import annotations

from functools import partial

import pytest
from together import at_once, faults

from common.errors import Forbidden, Missing
from templates_ai.models import PromptTemplate, TemplateVersion
from templates_ai.selectors import access_version, difference, versions_of
from templates_ai.services import change_template, create_template, restore_version
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def template(editor: User, workspace: Workspace) -> PromptTemplate:
    made = create_template(editor, workspace, "T", "One {filename}")
    return change_template(editor, made.pk, "T2", "Two {filename}")


def test_an_edit_keeps_what_was_said(editor: User, template: PromptTemplate) -> None:
    kept = versions_of(editor, template.pk).values_list("number", "name", "prompt_text")
    assert list(kept) == [(2, "T2", "Two {filename}"), (1, "T", "One {filename}")]


def test_restoring_is_a_new_version(editor: User, template: PromptTemplate) -> None:
    restored = restore_version(editor, template.pk, 1)
    assert (restored.name, restored.prompt_text, restored.version) == (
        "T",
        "One {filename}",
        3,
    )
    assert versions_of(editor, template.pk).count() == 3


def test_the_difference_shows_what_restoring_does(
    editor: User, template: PromptTemplate
) -> None:
    lines = difference(access_version(editor, template.pk, 1), template)
    assert lines[3:] == ["-name: T2", "-Two {filename}", "+name: T", "+One {filename}"]
    assert difference(access_version(editor, template.pk, 2), template) == []


def test_versions_are_as_private_as_the_template(
    viewer: User, stranger: User, editor: User, template: PromptTemplate
) -> None:
    with pytest.raises(Forbidden):
        restore_version(viewer, template.pk, 1)
    with pytest.raises(Missing):
        access_version(stranger, template.pk, 1)
    with pytest.raises(Missing, match="Version"):
        access_version(editor, template.pk, 9)


@pytest.mark.django_db(transaction=True)
def test_edits_at_once_lose_none(editor: User, template: PromptTemplate) -> None:
    edits = (
        partial(change_template, editor, template.pk, "T", f"Edit {number}")
        for number in range(8)
    )
    assert faults(at_once(*edits)) == []
    assert sorted(TemplateVersion.objects.values_list("number", flat=True)) == list(
        range(1, 11)
    )
    newest = TemplateVersion.objects.first()
    assert newest and newest.prompt_text == PromptTemplate.objects.get().prompt_text


def test_the_page_shows_and_restores(
    browse, editor: User, viewer: User, template: PromptTemplate
) -> None:
    client = browse(editor)
    assert "Version 1" in client.get(f"/ai-templates/{template.pk}").content.decode()
    page = f"/ai-templates/{template.pk}/versions/1"
    assert "+One {filename}\n" not in client.get(page).content.decode().split("<pre")[0]
    assert "+One {filename}" in client.get(page).content.decode()
    assert browse(viewer).post(page + "/restore").status_code == 403
    assert client.post(page + "/restore")["Location"] == f"/ai-templates/{template.pk}"
    assert PromptTemplate.objects.get().name == "T"
