"""The post state machine through the services, against a model of it; and many hands at
one post.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from together import at_once, faults

from cast import join, make_channel, make_content, make_post, person
from common.errors import Problem
from scheduling import publishing, states
from scheduling.models import Attempt, Post
from scheduling.placing import Order
from scheduling.publishers.base import Published, Refused, Retry, Uncertain
from scheduling.services import placing, posts
from scheduling.topoff import top_off
from workspaces.models import User, Workspace
from workspaces.roles import Role

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]

# What each action of a person makes of each state; a state that is not there refuses and stays.
MODEL = {
    "fill": {"planned": "draft"},
    "edit": {"draft": "draft", "scheduled": "scheduled"},
    "approve": {"draft": "scheduled", "failed": "scheduled"},
    "post_now": {"draft": "scheduled", "scheduled": "scheduled", "failed": "scheduled"},
    "hold": {"scheduled": "draft"},
    "empty": {"draft": "planned"},
    "cancel": {"planned": "canceled", "draft": "canceled", "scheduled": "canceled"},
    "move": {"planned": "planned", "draft": "draft", "scheduled": "scheduled"},
    "retry": {"failed": "scheduled"},
}
OUTCOMES = {
    "published": (Published("id-1", "https://example.org/1"), "published"),
    "refused": (Refused("No."), "failed"),
    "uncertain": (Uncertain("Who knows?"), "uncertain"),
}


class PostMachine(RuleBasedStateMachine):
    """One post, in any order of everything that people and workers do."""

    @initialize()
    def begin(self) -> None:
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        workspace = Workspace.objects.create(slug="machine", name="Machine", zone="UTC")
        self.user = join(person("machinist"), workspace, Role.EDITOR)
        self.channel = make_channel(workspace, platform="mastodon")
        self.content = make_content(workspace)
        self.post = make_post(self.channel, at=timezone.now() + timedelta(days=1)).pk
        self.expected, self.tries, self.minutes = "planned", 0, 0
        self.attempt: Attempt | None = None

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    def act(self, name: str) -> None:
        self.minutes += 1
        later = timezone.now() + timedelta(days=1, minutes=self.minutes)
        actions: dict[str, Callable[[], Any]] = {
            "fill": lambda: posts.fill(self.user, self.post, self.content.pk),
            "edit": lambda: posts.edit(self.user, self.post, caption="Other words"),
            "approve": lambda: posts.approve(self.user, self.post, later),
            "post_now": lambda: posts.post_now(self.user, self.post),
            "hold": lambda: posts.hold(self.user, self.post),
            "empty": lambda: posts.empty(self.user, self.post),
            "cancel": lambda: posts.cancel(self.user, self.post),
            "move": lambda: posts.move(self.user, self.post, later),
            "retry": lambda: placing.retry(self.user, self.post),
        }
        before = Post.objects.filter(pk=self.post).values().get()
        try:
            with transaction.atomic():
                actions[name]()
        except Problem:
            assert self.expected not in MODEL[name], (
                f"{name} was refused in {self.expected}"
            )
            assert Post.objects.filter(pk=self.post).values().get() == before
            return
        assert self.expected in MODEL[name], f"{name} was allowed in {self.expected}"
        self.tries = (
            0
            if name in ("approve", "post_now", "retry") and self.expected != "scheduled"
            else self.tries
        )
        self.expected = MODEL[name][self.expected]

    @rule(name=st.sampled_from(sorted(MODEL)))
    def a_person_acts(self, name: str) -> None:
        self.act(name)

    @rule()
    def a_worker_claims(self) -> None:
        Post.objects.filter(pk=self.post, state=states.SCHEDULED).update(
            due_at=timezone.now() - timedelta(seconds=1)
        )
        attempt = publishing.claim(self.post, "worker")
        assert (attempt is not None) is (self.expected == "scheduled")
        if attempt:
            self.attempt, self.expected, self.tries = (
                attempt,
                "publishing",
                self.tries + 1,
            )
            assert publishing.claim(self.post, "another") is None

    @rule(outcome=st.sampled_from([*OUTCOMES, "retry"]))
    def the_worker_reports(self, outcome: str) -> None:
        if self.attempt is None:
            return
        Attempt.objects.filter(pk=self.attempt.pk, state=states.CLAIMED).update(
            state=states.SENDING
        )
        said = Retry("Later.") if outcome == "retry" else OUTCOMES[outcome][0]
        recorded = publishing.record(self.attempt, said)
        assert (recorded is not None) is (self.expected == "publishing")
        if recorded and outcome == "retry":
            self.expected = (
                "scheduled" if self.tries < publishing.MOST_TRIES else "failed"
            )
        elif recorded:
            self.expected = OUTCOMES[outcome][1]

    @invariant()
    def the_post_is_where_the_model_says(self) -> None:
        if not hasattr(self, "post"):
            return
        post = Post.objects.select_related("content").get(pk=self.post)
        assert post.state == self.expected
        assert post.content.is_placeholder is (
            post.state == "planned" or post.content != self.content
        )
        assert (post.due_at is not None) is (
            post.state == "scheduled"
        ) or post.state == "publishing"
        assert Attempt.objects.filter(
            post=post, state__in=(states.CLAIMED, states.SENDING)
        ).count() == (post.state == "publishing")


def test_people_and_workers_in_any_order_keep_to_the_model(db: None) -> None:
    run_state_machine_as_test(
        PostMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_of_many_workers_one_claims_each_round(
    editor: User, workspace: Workspace
) -> None:
    channel, content = (
        make_channel(workspace, platform="mastodon"),
        make_content(workspace),
    )
    for _ in range(10):
        due = make_post(
            channel,
            content,
            state=states.SCHEDULED,
            at=timezone.now() - timedelta(seconds=1),
        )
        made = at_once(
            *(partial(publishing.claim, due.pk, f"worker {n}") for n in range(8))
        )
        assert faults(made) == []
        assert sum(one is not None for one in made) == 1
        assert Attempt.objects.filter(post=due).count() == 1


def test_of_many_people_one_fills_a_slot(editor: User, workspace: Workspace) -> None:
    channel, content = (
        make_channel(workspace, platform="mastodon"),
        make_content(workspace),
    )
    for n in range(5):
        slot = make_post(channel, at=timezone.now() + timedelta(hours=n + 1))
        made = at_once(*[partial(posts.fill, editor, slot.pk, content.pk)] * 6)
        assert faults(made, but=Problem) == []
        assert sum(not isinstance(one, Exception) for one in made) == 1


def test_topping_off_twice_at_once_makes_no_doubles(workspace: Workspace) -> None:
    for n in range(5):
        make_channel(workspace, name=f"c{n}", posts_per_week=7)
    reports = at_once(*[partial(top_off, workspace)] * 4)
    assert faults(reports) == []
    assert sum(report.created for report in reports) == Post.objects.count() == 140


def test_many_placings_at_the_next_free_slot_all_find_one(
    editor: User, workspace: Workspace
) -> None:
    channels = [
        make_channel(workspace, name=f"c{n}", platform="mastodon") for n in range(3)
    ]
    content, base = make_content(workspace), timezone.now() + timedelta(hours=3)
    order = Order(content.pk, tuple(channel.pk for channel in channels), approved=True)
    made = at_once(
        *[partial(placing.place_next_free, editor, workspace, order, base, 1)] * 4
    )
    assert faults(made) == []
    times = sorted(placement.posts[0].scheduled_at for placement in made)
    assert len(set(times)) == 4
    assert Post.objects.count() == 12
