"""Whatever is sent to a door, allowed or forbidden by the API document, it answers as the
document says: a status that stands there, a body of its schema, and no fault of ours.

`make explore ARGS="-k fuzzed" EXPLORE=100` looks further.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from vials import ROWS

from fillplanner.services import comparisons, configs, plans
from fillplanner.services.notices import subscribe
from scheduling.models import ChannelAccount, ContentItem, Post
from templates_ai.services import create_template
from workspaces.models import User, Workspace
from workspaces.services import users

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).parents[1] / "guards" / "openapi.json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Streams for as long as somebody listens.
ENDLESS = "/api/watcher/stream"
Known = dict[str, Any]

document = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_text()))
document.app = WSGIHandler()
OPERATIONS = [
    found.ok() for found in document.get_all_operations() if found.ok().path != ENDLESS
]


def kinds_for(operation: Any) -> list[GenerationMode]:
    """What may be sent, and where it takes anything at all, what may not."""
    parts = (operation.path_parameters, operation.query, operation.headers)
    takes_something = operation.body or any(len(part) for part in parts)
    return list(GenerationMode) if takes_something else [GenerationMode.POSITIVE]


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The test's connection serves all requests, as with Django's own client."""
    ends = (request_started, request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield
    for end in ends:
        end.connect(close_old_connections)


@pytest.fixture
def known(
    workspace: Workspace,
    manager: User,
    channel: ChannelAccount,
    content: ContentItem,
    draft: Post,
) -> Known:
    """Things that are there, by the names that addresses and queries call them."""
    cache.clear()
    plan = plans.create(manager, plans.PlanRequest(rows=ROWS, name="Fuzzed"))
    comparison = comparisons.create(
        manager,
        comparisons.ComparisonRequest(rows=ROWS, strategies=["spt-pack", "lpt-pack"]),
    )
    template = configs.create(manager, {"name": "Line 1", "config": {}})
    webhook, _ = subscribe(manager, "https://example.com/hook", (), None)
    prompt = create_template(manager, workspace, "Short", "Write.", active=True)
    return {
        "account_id": str(channel.pk),
        "channel_account_id": str(channel.pk),
        "comparison_id": comparison.pk,
        "content_item_id": str(content.pk),
        "item_id": str(content.pk),
        "plan_id": plan.pk,
        "post_id": str(draft.pk),
        "prompt_id": prompt.pk,
        "template_id": template.pk,
        "tenant_id": workspace.slug,
        "webhook_id": webhook.pk,
    }


def fill(case: Any, known: Known) -> None:
    """Name things that are there."""
    for place in (case.path_parameters, case.query):
        for name in set(place or ()) & set(known):
            place[name] = known[name]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
def test_a_fuzzed_door_answers_as_the_document_says(
    operation: Any, known: Known, manager: User
) -> None:
    token = users.access_token(manager)
    # The transport of the application does not unpack answers.
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    for kind in kinds_for(operation):
        cases = operation.as_strategy(generation_mode=kind)

        @settings(max_examples=examples(2), suppress_health_check=list(HealthCheck))
        @given(case=cases, is_known=booleans())
        def answers_as_documented(case: Any, is_known: bool) -> None:
            if is_known:
                fill(case, known)
            case.call_and_validate(headers=headers, checks=CHECKS)

        answers_as_documented()
