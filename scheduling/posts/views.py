"""The list of posts and the page of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from common.errors import Conflict, InvalidInput, Problem
from common.forms import show_problem, status_of
from common.mappings import TemplateContext
from common.pages import RefusalsTold, render_page
from common.pagination import paginate
from scheduling.access import (
    access_group,
    access_post,
    attempts_of,
    channels_of,
    content_of,
    posts_of,
)
from scheduling.domain import states
from scheduling.models import ChannelAccount, MediaFile, Post
from scheduling.models.media import ContentMedia, media_of
from scheduling.models.posts import PostQuerySet
from scheduling.posts import groups, transitions
from scheduling.posts import services as posts
from scheduling.posts.fitting import findings
from scheduling.posts.forms import FillForm, TimeForm
from scheduling.posts.held import HELD, StuckChannel, is_held, stuck_channels
from workspaces.doors import PageRequest, member_page, own_zone
from workspaces.models import User
from workspaces.roles import Role

PAGE_SIZE = 50
UPCOMING = ("next", "empty")
TABS = {
    "next": ("Next", (states.DRAFT, states.SCHEDULED, states.PUBLISHING)),
    "empty": ("Empty slots", (states.PLANNED,)),
    "trouble": ("Needs attention", (states.FAILED, states.UNCERTAIN)),
    "done": ("Published", (states.PUBLISHED,)),
    "canceled": ("Canceled", (states.CANCELED,)),
}
# A person may say of a post in one of these what became of it.
SETTLED_BY_PEOPLE = (states.UNCERTAIN, states.FAILED, states.DRAFT, states.SCHEDULED)


@dataclass(frozen=True)
class Card:
    """A post on the list, its time on the channel's clock, and its first image or video."""

    post: Post
    local: datetime | None
    media: MediaFile | None


@member_page(Role.VIEWER)
@require_GET
def listing(request: PageRequest) -> HttpResponse:
    """Posts by what they wait for, day by day; `?show=`, `?channel=`, `?page=`."""
    show = request.GET.get("show", "next")
    show = show if show in TABS else "next"
    accounts = channels_of(request.user, request.workspace)
    key = request.GET.get("channel")
    channel = next((account for account in accounts if str(account.pk) == key), None)
    page = paginate(_rows(request, show, channel), request.GET.get("page"), PAGE_SIZE)
    zone = ZoneInfo(own_zone(request))
    days = [
        (day, [_card(post) for post in posts])
        for day, posts in groupby(page.object_list, _day_in(zone))
    ]
    context = {
        "tabs": TABS,
        "show": show,
        "label": TABS[show][0],
        "page": page,
        "accounts": accounts,
        "channel": channel,
        "days": days,
        "today": timezone.now().astimezone(zone).date(),
        "numbers": _numbers(request, zone),
        "stuck": stuck_channels(request.user, request.workspace),
        "zone": zone.key,
        "as_of": timezone.now(),
    }
    return render_page(
        request, "scheduling/posts.html", "scheduling/_posts.html", context
    )


def _rows(
    request: PageRequest, show: str, channel: ChannelAccount | None
) -> PostQuerySet:
    rows = posts_of(request.user, request.workspace).filter(state__in=TABS[show][1])
    if channel:
        rows = rows.filter(account=channel)
    if show in UPCOMING:
        rows = rows.exclude(scheduled_at__lt=timezone.now(), state=states.PLANNED)
    pictures = Prefetch(
        "content__media_places", ContentMedia.objects.select_related("media")
    )
    return rows.prefetch_related(pictures).order_by(
        "scheduled_at" if show in UPCOMING else "-scheduled_at", "pk"
    )


def _day_in(zone: ZoneInfo) -> Callable[[Post], date | None]:
    return lambda post: (
        post.scheduled_at.astimezone(zone).date() if post.scheduled_at else None
    )


def _card(post: Post) -> Card:
    media = media_of(post.content)
    return Card(post, _channel_time(post), media[0] if media else None)


def _channel_time(post: Post) -> datetime | None:
    """When the post is, on its channel's clock; None without a time."""
    if post.scheduled_at is None:
        return None
    return post.scheduled_at.astimezone(ZoneInfo(post.account.zone))


def _numbers(request: PageRequest, zone: ZoneInfo) -> dict[str, int]:
    """Waiting in all; of today, on the reader's clock: still to go, and gone out; and
    in trouble: one query.
    """
    today = datetime.combine(timezone.now().astimezone(zone).date(), time(0), zone)
    of_today = Q(scheduled_at__gte=today, scheduled_at__lt=today + timedelta(days=1))
    waits = Q(state__in=(states.SCHEDULED, states.PUBLISHING))
    done = Q(state=states.PUBLISHED)
    rows = posts_of(request.user, request.workspace).order_by()
    return rows.aggregate(
        scheduled=Count("pk", waits),
        today=Count("pk", waits & of_today),
        done=Count("pk", done & of_today),
        trouble=Count("pk", Q(state__in=TABS["trouble"][1])),
    )


@member_page(Role.VIEWER)
@require_GET
def detail(request: PageRequest, post_id: UUID) -> HttpResponse:
    """One post with its tries, its files, and what can be done to it now."""
    post = access_post(request.user, post_id)
    return render_page(
        request,
        "scheduling/post.html",
        "scheduling/_post.html",
        context_of(request, post),
    )


def context_of(
    request: PageRequest,
    post: Post,
    fill_form: forms.Form | None = None,
    time_form: forms.Form | None = None,
) -> TemplateContext:
    """What the page of a post shows; a form that was refused takes the place of a fresh
    one.
    """
    is_open = post.state in states.OPEN
    return {
        "post": post,
        "attempts": attempts_of(request.user, post),
        "fill_form": fill_form or _fill_form(request, post),
        "time_form": time_form or _time_form(post),
        "stuck": _stuck_beside(request, post),
        "drafts_together": _drafts_together(post),
        "media": media_of(post.content),
        "may_change": is_open,
        "settled_by_people": SETTLED_BY_PEOPLE,
        "findings": findings(post) if is_open else [],
        "may_send": post.state in transitions.SEND_NOW.sources,
        "zone": request.user.zone or post.workspace.zone,
        "as_of": timezone.now(),
    }


def _fill_form(request: PageRequest, post: Post) -> FillForm:
    words = posts.stored(post)
    return FillForm(
        content=content_of(request.user, post.workspace), stored=words, initial=words
    )


def _time_form(post: Post) -> TimeForm:
    local = _channel_time(post)
    initial = {} if local is None else {"date": local.date(), "time": f"{local:%H:%M}"}
    return TimeForm(stored=posts.stored(post), initial=initial)


def _drafts_together(post: Post) -> int:
    """How many posts of its group wait for approval with it; 0 for what is no draft of a
    group.
    """
    if post.state != states.DRAFT or post.group_id is None:
        return 0
    return Post.objects.filter(group=post.group_id, state=states.DRAFT).count()


def _schedule_together(user: User, post: Post) -> Post:
    """Schedule what waits for approval with the post. Raises Conflict for a post of its
    own.
    """
    if post.group_id is None:
        raise Conflict("This post goes out by itself.")
    groups.approve(user, access_group(user, post.group_id))
    return post


def _stuck_beside(request: PageRequest, post: Post) -> list[StuckChannel]:
    """The post's channel with all that is stuck there, when this post is."""
    if not (is_held(post) or post.last_error.startswith(HELD)):
        return []
    return stuck_channels(request.user, post.workspace, account=post.account)


@member_page(Role.EDITOR)
@require_POST
def fill(request: PageRequest, post_id: UUID) -> HttpResponse:
    """Choose the content; the button pressed says whether the post is scheduled too."""
    post = access_post(request.user, post_id, Role.EDITOR)
    form = FillForm(
        request.POST,
        content=content_of(request.user, post.workspace),
        stored=posts.stored(post),
    )
    if form.is_valid():
        target = states.SCHEDULED if form.schedules else None
        data = form.cleaned_data
        changes = posts.Changes(data["content"], data["caption"], target=target)
        try:
            posts.change(request.user, post, changes, form.seen)
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, "Scheduled." if target else "Saved.")
            return redirect("post", post_id)
    return render(
        request,
        "scheduling/post.html",
        context_of(request, post, fill_form=form),
        status=status_of(form),
    )


@member_page(Role.EDITOR)
@require_POST
def move(request: PageRequest, post_id: UUID) -> HttpResponse:
    """Another time, on the channel's clock."""
    post = access_post(request.user, post_id, Role.EDITOR)
    form = TimeForm(request.POST, stored=posts.stored(post))
    if form.is_valid():
        changes = posts.Changes(at=form.instant(post.account.zone))
        try:
            posts.change(request.user, post, changes, form.seen)
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, "Moved.")
            return _back(request, post_id)
    return render(
        request,
        "scheduling/post.html",
        context_of(request, post, time_form=form),
        status=status_of(form),
    )


ACTIONS: dict[str, tuple[Callable[[User, Post], Post], str]] = {
    "schedule": (posts.approve, "Scheduled."),
    "schedule-together": (_schedule_together, "Scheduled on every channel."),
    "now": (posts.post_now, "On its way."),
    "cancel": (posts.cancel, "Canceled."),
    "hold": (posts.unschedule, "It is a draft again."),
    "empty": (posts.empty, "The slot is empty again."),
    "retry": (posts.retry, "Another try is on its way."),
    "duplicate": (posts.duplicate, "This is the copy: a draft without a time."),
}


@member_page(Role.EDITOR)
@require_POST
def act(request: PageRequest, post_id: UUID, action: str) -> HttpResponse:
    """One of the buttons, by its name in ACTIONS."""
    if action not in ACTIONS:
        raise InvalidInput("There is no such action.")
    service, message = ACTIONS[action]
    with RefusalsTold(request):
        post = access_post(request.user, post_id, Role.EDITOR)
        post_id = service(request.user, post).pk
        messages.success(request, message)
    return _back(request, post_id)


def _back(request: PageRequest, post_id: UUID) -> HttpResponse:
    """To the list, where that is where the button was, else to the post."""
    show = request.POST.get("back", "")
    return (
        redirect(f"{reverse('schedule')}?show={show}")
        if show in TABS
        else redirect("post", post_id)
    )
