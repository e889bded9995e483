"""The post state machine through the services, against a model of it; and many hands at
one post.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from examples import examples
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
from scheduling.access import access_group, access_post
from scheduling.channels.topoff import top_off
from scheduling.domain import states
from scheduling.models import Attempt, ChannelAccount, Post, PostGroup
from scheduling.networks.base import Published, Refused, Retry, Uncertain
from scheduling.posts import groups, outcomes
from scheduling.posts import services as posts
from scheduling.posts.place import Order
from scheduling.posts.placements import place_next_free
from scheduling.publishing import publish as publishing
from workspaces.models import User, Workspace
from workspaces.roles import Role

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]

OUTCOMES = {
    "published": Published("id-1", "https://example.org/1"),
    "refused": Refused("No."),
    "uncertain": Uncertain("Who knows?"),
    "retry": Retry("Later."),
}
LATE = timedelta(hours=3)
GRACE = "more than the workspace's grace period."


@dataclass
class Expected:
    """What the model says of a post; `at` None says that it is some time about now."""

    state: str
    at: datetime | None
    tries: int = 0
    error: str = ""
    epoch: int = 1

    def goes(self, at: datetime | None) -> None:
        """Scheduled anew for a time."""
        self.epoch += self.state == "failed"
        self.state, self.at, self.tries, self.error = "scheduled", at, 0, ""

    def moves(self, at: datetime) -> None:
        self.at = at
        if self.state == "scheduled":
            self.tries, self.error = 0, ""

    def rests(self, state: str) -> None:
        """No longer scheduled, without having been tried."""
        self.state, self.tries, self.error = state, 0, ""

    def ends(self, state: str, error: str = "") -> None:
        self.state, self.error = state, error


OPEN = {"planned", "draft", "scheduled"}
# The states in which an action of a person is not refused.
STARTS = {
    "fill": {"planned"},
    "edit": {"draft", "scheduled"},
    "approve": {"draft", "failed"},
    "post_now": {"draft", "scheduled", "failed"},
    "unschedule": {"scheduled"},
    "empty": {"draft"},
    "cancel": OPEN,
    "move": OPEN,
    "retry": {"failed"},
    "mark_published": {"draft", "scheduled", "uncertain", "failed"},
    "mark_failed": {"scheduled", "uncertain"},
}
# What a channel must be able to send for.
SENDING = {"approve", "post_now", "retry"}
GROUP_ACTS = ("force", "cancel", "move", "retry")


class PostMachine(RuleBasedStateMachine):
    """A post and its neighbour, one group on two channels, in any order of everything
    that people and workers do, while the post's channel is paused now and then.
    """

    @initialize()
    def begin(self) -> None:
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        workspace = Workspace.objects.create(slug="machine", name="Machine", zone="UTC")
        self.user = join(person("machinist"), workspace, Role.EDITOR)
        self.content = make_content(workspace)
        self.group = PostGroup.objects.create(workspace=workspace, content=self.content)
        at = timezone.now() + timedelta(days=1)
        first, second = (
            make_channel(workspace, platform="mastodon", name=name) for name in "ab"
        )
        empty = make_post(first, at=at, group=self.group)
        other = make_post(
            second, self.content, at=at, group=self.group, state="scheduled"
        )
        self.channel, self.minutes, self.paused = first, 0, False
        self.post, self.other = empty.pk, other.pk
        self.expected = Expected("planned", at)
        self.neighbour = Expected("scheduled", at)
        self.attempts: dict[UUID, Attempt] = {}

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    @property
    def both(self) -> dict[UUID, Expected]:
        return {self.post: self.expected, self.other: self.neighbour}

    def later(self) -> datetime:
        """A time that nothing else has."""
        self.minutes += 1
        return timezone.now() + timedelta(days=1, minutes=self.minutes)

    def refused(self, act: Callable[[], Any]) -> bool:
        """Do it; whether it was refused, and then nothing may have changed."""
        rows = Post.objects.filter(pk__in=self.both).order_by("pk")
        before = list(rows.values())
        try:
            with transaction.atomic():
                act()
        except Problem:
            assert list(rows.values()) == before
            return True
        return False

    @rule(name=st.sampled_from(sorted(STARTS)))
    def a_person_acts(self, name: str) -> None:
        user, at, now = self.user, self.later(), timezone.now()
        post = access_post(user, self.post)
        actions: dict[str, Callable[[], Any]] = {
            "fill": lambda: posts.fill(user, post, self.content),
            "edit": lambda: posts.edit(user, post, caption="Other words"),
            "approve": lambda: posts.approve(user, post, at),
            "post_now": lambda: posts.post_now(user, post),
            "unschedule": lambda: posts.unschedule(user, post),
            "empty": lambda: posts.empty(user, post),
            "cancel": lambda: posts.cancel(user, post),
            "move": lambda: posts.move(user, post, at),
            "retry": lambda: posts.retry(user, post),
            "mark_published": lambda: outcomes.mark_published(user, post),
            "mark_failed": lambda: outcomes.mark_failed(user, post, "Not there."),
        }
        expected, ahead = self.expected, post.scheduled_at and post.scheduled_at > now
        allowed = expected.state in STARTS[name]
        allowed = allowed and not (self.paused and name in SENDING)
        assert self.refused(actions[name]) is not allowed, (name, expected)
        if not allowed:
            return
        effects: dict[str, Callable[[], None]] = {
            "fill": lambda: expected.rests("draft"),
            "edit": lambda: None,
            "approve": lambda: expected.goes(at),
            "post_now": lambda: expected.goes(None),
            "unschedule": lambda: expected.rests("draft"),
            "empty": lambda: setattr(expected, "state", "planned"),
            "cancel": lambda: expected.ends("canceled"),
            "move": lambda: expected.moves(at),
            "retry": lambda: expected.goes(expected.at if ahead else None),
            "mark_published": lambda: expected.ends("published"),
            "mark_failed": lambda: expected.ends("failed", "Not there."),
        }
        effects[name]()

    @rule(name=st.sampled_from(GROUP_ACTS))
    def a_client_of_the_queue_acts(self, name: str) -> None:
        at = self.later()
        group = access_group(self.user, self.group.pk)
        state = states.group_state([one.state for one in self.both.values()])
        starts = {"force": {"scheduled"}, "retry": {"failed"}}.get(name, OPEN)
        moving = {key: one for key, one in self.both.items() if one.state in starts}
        sending = name in ("force", "retry")
        right_time = state != "processing" if name == "retry" else state == "pending"
        held = sending and self.paused and self.post in moving
        allowed = bool(moving) and right_time and not held
        act: Any = getattr(groups, name)
        more = (at,) if name == "move" else ()
        assert self.refused(lambda: act(self.user, group, *more)) is not allowed
        for expected in moving.values() if allowed else ():
            if sending:
                expected.goes(None)
            elif name == "cancel":
                expected.ends("canceled")
            else:
                expected.moves(at)

    @rule()
    def a_manager_pauses_the_channel_or_ends_the_pause(self) -> None:
        self.paused = not self.paused
        status = "paused" if self.paused else "active"
        ChannelAccount.objects.filter(pk=self.channel.pk).update(status=status)

    @rule(which=st.sampled_from(["post", "other"]))
    def a_worker_claims(self, which: str) -> None:
        key = getattr(self, which)
        expected = self.both[key]
        past = timezone.now() - timedelta(seconds=1)
        Post.objects.filter(pk=key, state="scheduled").update(due_at=past)
        is_held = key == self.post and self.paused
        is_due = expected.state == "scheduled"
        # Both are due together where the group was sent.
        assert (key in publishing.due_posts()) <= (is_due and not is_held)
        attempt = publishing.claim(key, "worker")
        assert (attempt is not None) is (is_due and not is_held)
        if attempt:
            self.attempts[key] = attempt
            expected.state, expected.tries = "publishing", expected.tries + 1
            assert publishing.claim(key, "another") is None

    @rule(
        which=st.sampled_from(["post", "other"]), outcome=st.sampled_from([*OUTCOMES])
    )
    def the_worker_reports(self, which: str, outcome: str) -> None:
        key = getattr(self, which)
        attempt, expected = self.attempts.get(key), self.both[key]
        if attempt is None:
            return
        claimed = Attempt.objects.filter(pk=attempt.pk, state=states.CLAIMED)
        claimed.update(state=states.SENDING)
        # What was unclear may become clear; that it is unclear was said already.
        news = expected.state == "publishing" or (
            expected.state == "uncertain" and outcome != "uncertain"
        )
        recorded = publishing.record(attempt, OUTCOMES[outcome])
        assert (recorded is not None) is news
        if recorded is None:
            return
        error = getattr(OUTCOMES[outcome], "reason", "")
        again = outcome == "retry" and expected.tries < publishing.MOST_TRIES
        ends = {"refused": "failed", "retry": "scheduled" if again else "failed"}
        expected.ends(ends.get(outcome, outcome), error)

    @rule()
    def hours_pass_while_the_channel_is_paused(self) -> None:
        if not self.paused or self.expected.state != "scheduled":
            return
        past = timezone.now() - LATE
        Post.objects.filter(pk=self.post).update(due_at=past, scheduled_at=past)
        self.expected.at = past
        assert publishing.fail_held() == 1
        reason = "Held: a is paused. 180 minutes late"
        self.expected.ends("failed", f"{reason}, {GRACE}")

    @invariant()
    def the_posts_are_where_the_model_says(self) -> None:
        for key, expected in self.both.items() if hasattr(self, "post") else ():
            post = Post.objects.select_related("content").get(pk=key)
            assert post.state == expected.state
            assert (post.tries, post.last_error) == (expected.tries, expected.error)
            assert post.epoch == expected.epoch
            assert expected.at in (None, post.scheduled_at)
            assert (post.due_at is not None) is (
                post.state in ("scheduled", "publishing")
            )
            assert post.content.is_placeholder is (
                post.state == "planned" or post.content != self.content
            )
            working = Attempt.objects.filter(
                post=post, state__in=(states.CLAIMED, states.SENDING)
            )
            assert working.count() == (post.state == "publishing")


@pytest.mark.hypothesis
def test_people_and_workers_in_any_order_keep_to_the_model(db: None) -> None:
    run_state_machine_as_test(
        PostMachine,
        settings=settings(
            max_examples=examples(25),
            stateful_step_count=25,
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

        def fill(key: UUID = slot.pk) -> Post:
            return posts.fill(editor, access_post(editor, key), content)

        made = at_once(*[fill] * 6)
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
    made = at_once(*[partial(place_next_free, editor, workspace, order, base, 1)] * 4)
    assert faults(made) == []
    times = sorted(placement.posts[0].scheduled_at for placement in made)
    assert len(set(times)) == 4
    assert Post.objects.count() == 12
