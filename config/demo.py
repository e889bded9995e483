"""Demo data: a water company's workspace in the middle of its year, made through the
product's own services.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from calendars.advice.access import weights_of
from calendars.models import Trial
from calendars.results.services import Measurement, ingest
from calendars.timing.learning import cell_of
from calendars.trials import services as trials
from calendars.video_batches.adapt import Source
from calendars.video_batches.services import BulkOrder, Video, generate
from common.mappings import JsonObject
from config import demo_texts
from config.demo_pictures import picture
from fillplanner import runs as planning_runs
from fillplanner.services import plans as planning
from scheduling.channels import services as channels
from scheduling.channels.topoff import HORIZON_DAYS
from scheduling.content import media
from scheduling.content import services as content
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, Post
from scheduling.posts import services as posts
from scheduling.posts import transitions
from scheduling.publishing.publish import publish
from templates_ai.services import activate_template, create_template
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role
from workspaces.services.workspaces import create_workspace

SLUG = "h2o"
PASSWORDS = {
    "manager": "demo-manager",
    "editor": "demo-editor",
    "viewer": "demo-viewer",
}
SEED = 1861
POSTS_A_DAY = 0.5


def load() -> bool:
    """Make everything, or nothing when the workspace is there. Returns whether it was made."""
    if Workspace.objects.filter(slug=SLUG).exists():
        return False
    with transaction.atomic():
        manager, workspace = _people()
        accounts = [
            channels.create_channel(manager, workspace, values)
            for values in demo_texts.CHANNELS
        ]
        items = _content(manager, workspace)
        channels.top_off(manager, workspace, HORIZON_DAYS)
        _fill_slots(manager, workspace, items)
        _templates(manager, workspace)
    _history(manager, accounts, items)
    _results(manager, workspace, accounts)
    _campaign(manager, workspace)
    _trial(manager, workspace)
    _plans(manager)
    return True


def _people() -> tuple[User, Workspace]:
    people = {name: _person(name, password) for name, password in PASSWORDS.items()}
    manager = people["manager"]
    workspace = create_workspace(
        manager, slug=SLUG, name="H2O Services", zone="America/Los_Angeles"
    )
    Membership.objects.create(
        user=people["editor"], workspace=workspace, role=Role.EDITOR
    )
    Membership.objects.create(
        user=people["viewer"], workspace=workspace, role=Role.VIEWER
    )
    return manager, workspace


def _person(name: str, password: str) -> User:
    # The manager is staff too, so that the admin can be seen; the others show what a member may do.
    staff = name == "manager"
    return User.objects.create_user(
        name,
        f"{name}@h2o.example",
        password,
        is_staff=staff,
        is_superuser=staff,
        first_name=demo_texts.NAMES[name][0],
        last_name=demo_texts.NAMES[name][1],
    )


def _content(manager: User, workspace: Workspace) -> list[ContentItem]:
    """Items with a picture each: networks that take no text alone take them."""
    items = []
    for number, values in enumerate(demo_texts.CONTENT):
        item = content.create_content(manager, workspace, values)
        drawing = ContentFile(picture(number), f"drawing-{number + 1}.jpg")
        media.add_to_content(manager, item.pk, drawing, demo_texts.DRAWING)
        items.append(item)
    return items


def _taking_pictures(accounts: list[ChannelAccount]) -> list[ChannelAccount]:
    """The channels that the items can go to; the others want videos."""
    return [
        account for account in accounts if account.platform not in demo_texts.VIDEO_ONLY
    ]


def _fill_slots(manager: User, workspace: Workspace, items: list[ContentItem]) -> None:
    """Fill two in five of the first slots, most of them scheduled, as a team a week
    ahead would have it. Slots for videos stay empty.
    """
    chance = random.Random(SEED)
    planned = Post.objects.filter(workspace=workspace, state=states.PLANNED)
    empty = planned.exclude(account__platform__in=demo_texts.VIDEO_ONLY)
    for post in empty.order_by("scheduled_at")[:40]:
        if chance.random() < 0.4:
            target = states.SCHEDULED if chance.random() < 0.75 else None
            changes = posts.Changes(chance.choice(items), target=target)
            posts.change(manager, post, changes)


def _templates(manager: User, workspace: Workspace) -> None:
    template = create_template(
        manager, workspace, "Short video, friendly", demo_texts.PROMPT
    )
    activate_template(manager, template.pk)


def _history(
    manager: User, accounts: list[ChannelAccount], items: list[ContentItem]
) -> None:
    """The past two weeks: posts really sent to the outbox, and one that failed for want
    of a publisher.
    """
    now = timezone.now()
    pictured = _taking_pictures(accounts)
    for n in range(9):
        account = pictured[n % (len(pictured) - 1)]
        item = items[n]
        _publish_at(
            manager, account, item, now - timedelta(days=13 - 1.4 * n, minutes=37 * n)
        )
    broken = accounts[0]
    ChannelAccount.objects.filter(pk=broken.pk).update(publisher="")
    _publish_at(manager, broken, items[9], now - timedelta(hours=5))
    ChannelAccount.objects.filter(pk=broken.pk).update(publisher="outbox")


def _publish_at(
    manager: User, account: ChannelAccount, item: ContentItem, at: datetime
) -> None:
    """Publish through the real worker code, then move the post and its attempt into the past."""
    when = at.replace(minute=0, second=0, microsecond=0)
    post = posts.create(manager, item, account)
    transitions.try_apply([post], transitions.SEND_NOW, at=timezone.now())
    publish(post.pk, worker="demo")
    ended = when + timedelta(seconds=1)
    transitions.set_back(post, when)
    Post.objects.filter(pk=post.pk, state=states.PUBLISHED).update(published_at=ended)
    post.attempts.update(claimed_at=when, sent_at=when, ended_at=ended)
    account.outbox_posts.filter(dedupe_key=post.dedupe_key).update(went_live_at=ended)


def _results(
    manager: User, workspace: Workspace, accounts: list[ChannelAccount]
) -> None:
    """How twelve weeks of posts did: by the timing tables, and better in the evening
    than those know.
    """
    chance = random.Random(SEED)
    now = timezone.now()
    rows = []
    for account in accounts:
        weights = weights_of(account.platform)
        for day in range(2, 84):
            if chance.random() < POSTS_A_DAY:
                rows.append(_measurement(chance, account, weights, now, day))
    published = Post.objects.filter(workspace=workspace, state=states.PUBLISHED)
    for post in published.order_by("scheduled_at"):
        key = f"demo-{post.dedupe_key}"
        numbers = _seen(chance, 0.7)
        rows.append(Measurement(key, now, post.pk, numbers=numbers))
    ingest(manager, workspace, rows)


def _measurement(
    chance: random.Random,
    account: ChannelAccount,
    weights: Any,
    now: datetime,
    days_ago: int,
) -> Measurement:
    """Of a post that went out at some full hour of that day, measured a day later."""
    day = now - timedelta(days=days_ago)
    at = day.replace(hour=chance.randrange(24), minute=0, second=0, microsecond=0)
    local = at.astimezone(ZoneInfo(account.zone))
    weight = weights[cell_of(local.weekday(), local.hour)]
    is_evening = 18 <= local.hour < 21
    numbers = _seen(chance, 0.8 * weight + 0.4 * is_evening)
    name = f"demo-{account.platform}-{days_ago}"
    measured_at = at + timedelta(days=1)
    return Measurement(name, measured_at, None, account.pk, name, at, numbers)


def _seen(chance: random.Random, liked: float) -> dict[str, float]:
    """Numbers of a post that people like so much (0 to about 2)."""
    views = chance.randrange(300, 6000)
    acts = round(views * min(0.5, chance.lognormvariate(-4.0 + liked, 0.4)))
    return {
        "views": views,
        "clicks": acts // 2,
        "saves": acts // 6,
        "shares": acts // 6,
        "comments": acts // 6,
    }


def _campaign(manager: User, workspace: Workspace) -> None:
    """Four short videos, announced on three platforms each at times chosen for them: a
    calendar with its job.
    """
    videos = [
        Video(name, Source(kind="short", **source))
        for name, source in demo_texts.VIDEOS.items()
    ]
    platforms = ("linkedin", "x", "mastodon")
    generate(
        manager,
        workspace,
        BulkOrder("winter-campaign", videos, platforms, title="Winter campaign"),
    )


def _trial(manager: User, workspace: Workspace) -> None:
    """Evenings against the usual times, just begun: the posts are given out, nothing is
    measured yet.
    """
    begin = timezone.now() + timedelta(days=3)
    evenings = [{"weekday": day, "start": 18, "end": 21} for day in range(7)]
    variants: list[JsonObject] = [
        {"name": "Usual times", "strategy": Trial.Strategy.STANDARD},
        {"name": "Evenings", "strategy": Trial.Strategy.WINDOWS, "windows": evenings},
    ]
    design = trials.Design(
        "Evenings on Instagram",
        variants,
        begin,
        begin + timedelta(days=21),
        ("instagram",),
    )
    trials.start(manager, trials.create(manager, workspace, design).pk)


def _plans(manager: User) -> None:
    """A small plan that fits one screen and a large one, solved by the real worker code."""
    for name, count in (("Autumn campaign, 15 lots", 15), ("Year plan, 500 lots", 500)):
        plan = planning.create(
            manager, planning.PlanRequest(demo_texts.lots(count), name=name)
        )
        planning_runs.run(plan.pk, worker="demo")
