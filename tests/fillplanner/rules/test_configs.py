"""Choosing a default template: one a person, whoever presses when."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from together import at_once, faults

from fillplanner.models import ConfigTemplate
from fillplanner.services import configs
from workspaces.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def keep(user: User, **values: Any) -> ConfigTemplate:
    return configs.create(
        user, {"name": "Line 3", "config": {"clean_hours": 6}} | values
    )


def test_the_database_refuses_a_second_default(editor: User, manager: User) -> None:
    templates = [keep(editor), keep(editor), keep(manager)]
    for template in (templates[0], templates[2]):
        configs.set_default(template.owner, template.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConfigTemplate.objects.filter(pk=templates[1].pk).update(is_default=True)


@pytest.mark.django_db(transaction=True)
def test_choices_at_the_same_moment_leave_one_default(editor: User) -> None:
    templates = [keep(editor, name=f"T{number}") for number in range(4)]

    def choose(template: ConfigTemplate) -> None:
        for _ in range(5):
            configs.set_default(editor, template.pk)

    assert faults(at_once(*(partial(choose, template) for template in templates))) == []
    assert ConfigTemplate.objects.filter(owner=editor, is_default=True).count() == 1


def test_texts_and_numbers_of_every_kind_come_back_as_they_went_in(
    editor: User,
) -> None:
    config = {
        "Ünïcode ✓": [1.5, 10**20, None, True, {"a\\u0000b": "\\ud800"}],
        "clean_hours": 2,
    }
    template = keep(editor, config=config)
    template.refresh_from_db()
    assert template.config == config
