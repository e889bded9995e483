"""The list of posts and the page of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import InvalidInput, Problem
from common.pages import RefusalsTold, render_page
from common.pagination import paginate
from common.zones import parse_instant
from scheduling import states
from scheduling.fitting import findings
from scheduling.forms import FillForm, NewPostForm, TimeForm
from scheduling.models import Post
from scheduling.models.media import media_of
from scheduling.selectors import (
    access_post,
    attempts_of,
    channels_of,
    content_of,
    posts_of,
)
from scheduling.services import placing, posts
from workspaces.doors import PageRequest, member_page
from workspaces.models import User
from workspaces.roles import Role

PAGE_SIZE = 50
TABS = {
    "next": ("Next", (states.DRAFT, states.SCHEDULED, states.PUBLISHING)),
    "empty": ("Empty slots", (states.PLANNED,)),
    "trouble": ("Needs attention", (states.FAILED, states.UNCERTAIN)),
    "done": ("Published", (states.PUBLISHED,)),
    "canceled": ("Canceled", (states.CANCELED,)),
}


@member_page(Role.VIEWER)
@require_GET
def listing(request: PageRequest) -> HttpResponse:
    """Posts by what they wait for; `?show=`, `?channel=`, `?page=`."""
    show = request.GET.get("show", "next")
    label, wanted = TABS.get(show, TABS["next"])
    rows = posts_of(request.user, request.workspace).filter(state__in=wanted)
    accounts = channels_of(request.user, request.workspace)
    channel = next((account for account in accounts if str(account.pk) == request.GET.get("channel")), None)
    if channel:
        rows = rows.filter(account=channel)
    if show in ("next", "empty"):
        rows = rows.exclude(scheduled_at__lt=timezone.now(), state=states.PLANNED)
    rows = rows.order_by("scheduled_at" if show in ("next", "empty") else "-scheduled_at", "pk")
    page = paginate(rows, request.GET.get("page"), PAGE_SIZE)
    context = {
        "tabs": TABS, "show": show, "label": label, "page": page, "posts": page.object_list, "accounts": accounts,
        "channel": channel, "zone": request.user.zone or request.workspace.zone, "as_of": timezone.now(),
    }  # fmt: skip
    return render_page(request, "scheduling/posts.html", "scheduling/_posts.html", context)


@member_page(Role.VIEWER)
@require_GET
def detail(request: PageRequest, post_id: UUID) -> HttpResponse:
    post = access_post(request.user, post_id)
    return render_page(request, "scheduling/post.html", "scheduling/_post.html", context_of(request, post))


def context_of(
    request: PageRequest, post: Post, fill_form: forms.Form | None = None, time_form: forms.Form | None = None
) -> dict[str, Any]:
    content = content_of(request.user, post.workspace)
    local = post.scheduled_at.astimezone(ZoneInfo(post.account.zone)) if post.scheduled_at else None
    chosen = None if post.content.is_placeholder else post.content
    return {
        "post": post,
        "attempts": attempts_of(request.user, post),
        "fill_form": fill_form
        or FillForm(content=content, initial={"content": chosen, "caption": post.caption_override}),
        "time_form": time_form
        or TimeForm(initial={"date": local and local.date(), "time": local and f"{local:%H:%M}"}),
        "may_edit": Role(request.membership.role).covers(Role.EDITOR),
        "media": media_of(post.content),
        "may_change": post.state in states.OPEN,
        "settled_by_people": (states.UNCERTAIN, states.FAILED, states.DRAFT, states.SCHEDULED),
        "findings": findings(post) if post.state in states.OPEN else [],
        "may_send": post.state in posts.BY_PEOPLE or post.state == states.SCHEDULED,
        "zone": request.user.zone or post.workspace.zone,
        "as_of": timezone.now(),
    }


@member_page(Role.EDITOR)
@require_POST
def fill(request: PageRequest, post_id: UUID) -> HttpResponse:
    """Choose the content; the button pressed says whether the post is scheduled too."""
    post = access_post(request.user, post_id, Role.EDITOR)
    form = FillForm(request.POST, content=content_of(request.user, post.workspace))
    if form.is_valid():
        target = states.SCHEDULED if "schedule" in request.POST else None
        wanted = posts.Changes(form.cleaned_data["content"].pk, form.cleaned_data["caption"], None, target)
        try:
            posts.change(request.user, post_id, wanted)
        except Problem as problem:
            form.add_error(None, problem.message)
        else:
            messages.success(request, "Scheduled." if target else "Saved.")
            return redirect("post", post_id)
    return render(request, "scheduling/post.html", context_of(request, post, fill_form=form), status=422)


@member_page(Role.EDITOR)
@require_POST
def move(request: PageRequest, post_id: UUID) -> HttpResponse:
    """Another time, on the channel's clock."""
    post = access_post(request.user, post_id, Role.EDITOR)
    form = TimeForm(request.POST)
    if form.is_valid():
        try:
            posts.move(request.user, post_id, form.instant(post.account.zone))
        except Problem as problem:
            form.add_error(None, problem.message)
        else:
            messages.success(request, "Moved.")
            return redirect("post", post_id)
    return render(request, "scheduling/post.html", context_of(request, post, time_form=form), status=422)


ACTIONS: dict[str, tuple[Callable[[User, UUID], Post], str]] = {
    "schedule": (posts.approve, "Scheduled."),
    "now": (posts.post_now, "On its way."),
    "cancel": (posts.cancel, "Canceled."),
    "hold": (posts.hold, "Held as a draft."),
    "empty": (posts.empty, "The slot is empty again."),
    "retry": (placing.retry, "Another try is on its way."),
    "duplicate": (placing.duplicate, "This is the copy: a draft without a time."),
}


@member_page(Role.EDITOR)
@require_POST
def act(request: PageRequest, post_id: UUID, action: str) -> HttpResponse:
    """One of the buttons: schedule, now, cancel, hold, empty, retry, duplicate."""
    if action not in ACTIONS:
        raise InvalidInput("There is no such action.")
    service, said = ACTIONS[action]
    with RefusalsTold(request):
        post_id = service(request.user, post_id).pk
        messages.success(request, said)
    return redirect("post", post_id)


@member_page(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """A post outside the cadence: channel, content, date and time."""
    choices = {
        "content": content_of(request.user, request.workspace),
        "accounts": channels_of(request.user, request.workspace),
    }
    initial = _offered(request, choices["accounts"])
    form = NewPostForm(request.POST, **choices) if request.method == "POST" else NewPostForm(initial=initial, **choices)
    if form.is_bound and form.is_valid():
        made = _create(request, form)
        if made:
            return redirect("post", made.pk)
    return render(request, "scheduling/post_new.html", {"form": form}, status=422 if form.errors else 200)


def _offered(request: PageRequest, accounts: Iterable[Any]) -> dict[str, Any]:
    """What the link that led here fills in: content, channel or platform, and a date or an instant (`at`)."""
    asked = request.GET
    platform, named = asked.get("platform"), asked.get("account")
    account = next((one for one in accounts if str(one.pk) == named or one.platform == platform), None)
    initial: dict[str, Any] = {"date": asked.get("date"), "time": "09:00", "content": asked.get("content")}
    if account is not None:
        initial["account"] = account.pk
    at = _instant(asked.get("at", ""))
    if at is not None:
        local = at.astimezone(ZoneInfo(account.zone if account else request.user.zone or request.workspace.zone))
        initial |= {"date": local.date(), "time": f"{local:%H:%M}"}
    return initial


def _instant(text: str) -> datetime | None:
    try:
        return parse_instant(text)
    except ValueError:
        return None


def _create(request: PageRequest, form: NewPostForm) -> Post | None:
    data = form.cleaned_data
    try:
        return posts.create_post(
            request.user, data["content"].pk, data["account"].pk, at=form.instant(), caption=data["caption"],
            approved="schedule" in request.POST,
        )  # fmt: skip
    except Problem as problem:
        form.add_error(None, problem.message)
        return None
