"""Dialogs of the calendar, pages of their own without scripts: an empty slot is filled,
a post is added.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import Problem
from common.forms import beside, show_problem, status_of
from common.mappings import TemplateContext, Values
from common.pages import render_page
from common.zones import parse_instant
from scheduling.access import access_post, channels_of, content_of
from scheduling.calendar.forms import CalendarPostForm, UploadForm
from scheduling.calendar.views import zone_of
from scheduling.domain import states
from scheduling.models import ContentItem, Post
from scheduling.posts import services as posts
from scheduling.posts import uploads
from scheduling.posts.forms import FillForm
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

MOST_ITEMS = 20


def finished(request: PageRequest, message: str, to: str) -> HttpResponse:
    """Where a dialog was open it closes with a notice; elsewhere the next page shows it."""
    if not request.htmx:
        messages.success(request, message)
        return redirect(to)
    events = {
        "close-dialog": "",
        "toast": {"message": message, "level": "success"},
        "live:posts": "",
    }
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(events)})


def content_choices(request: PageRequest, form: forms.Form) -> TemplateContext:
    """What the search finds, newest first, and what was chosen before in any case."""
    search = request.GET.get("q", "").strip()
    matches = content_of(request.user, request.workspace, search)
    items: list[ContentItem] = list(matches[:MOST_ITEMS])
    chosen = form.data.get("content", "")
    if chosen and chosen not in {str(item.pk) for item in items}:
        every_item = content_of(request.user, request.workspace)
        chosen_items = [item for item in every_item if str(item.pk) == chosen]
        items = [*chosen_items, *items]
    return {"items": items, "search": search, "chosen": chosen, "most": MOST_ITEMS}


@member_page(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def fill(request: PageRequest, post_id: UUID) -> HttpResponse:
    """Choose content for an empty slot; the button pressed says whether it is scheduled
    too. `?q=` searches.
    """
    post = access_post(request.user, post_id, Role.EDITOR)
    form = FillForm(
        request.POST or None,
        content=content_of(request.user, post.workspace),
        stored=posts.stored(post),
    )
    if form.is_bound and form.is_valid():
        target = states.SCHEDULED if form.schedules else None
        data = form.cleaned_data
        try:
            changes = posts.Changes(data["content"], data["caption"], target=target)
            posts.change(request.user, post, changes, form.seen)
        except Problem as problem:
            show_problem(form, problem)
        else:
            return finished(
                request,
                "Filled and scheduled." if target else "Filled; it is a draft.",
                back_to(post),
            )
    return _fill_page(request, post, form, UploadForm())


@member_page(Role.EDITOR)
@require_POST
def upload(request: PageRequest, post_id: UUID) -> HttpResponse:
    """Fill an empty slot with a file that was brought along or is fetched."""
    post = access_post(request.user, post_id, Role.EDITOR)
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        data = form.cleaned_data
        try:
            _fill_from(request, post, data)
        except Problem as problem:
            show_problem(form, problem)
        else:
            return finished(request, "Filled; it is a draft.", back_to(post))
    fill_form = FillForm(
        content=content_of(request.user, post.workspace), stored=posts.stored(post)
    )
    return _fill_page(request, post, fill_form, form)


def _fill_from(request: PageRequest, post: Post, data: Values) -> None:
    if data["file"]:
        uploads.fill_with_file(
            request.user, post, data["file"], data["title"], data["caption"]
        )
        return
    with beside("address"):
        uploads.fill_from_address(
            request.user, post, data["address"], data["title"], data["caption"]
        )


def _fill_page(
    request: PageRequest, post: Post, form: FillForm, upload_form: UploadForm
) -> HttpResponse:
    context = {
        "post": post,
        "form": form,
        "upload_form": upload_form,
        "zone": zone_of(request),
        "is_offered": post.is_empty or form.clash,
        **content_choices(request, form),
    }
    return render_page(
        request,
        "scheduling/slot_fill.html",
        "scheduling/_slot_fill.html",
        context,
        status_of(form, upload_form),
    )


def back_to(post: Post) -> str:
    """Where the page goes when a dialog about this post is done."""
    return reverse("post", args=[post.pk])


@member_page(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """A post at a time of the clock that the calendar shows: `?at=` an instant or
    `?date=`, `?channel=`, `?q=`.
    """
    zone = zone_of(request)
    accounts = channels_of(request.user, request.workspace)
    form = CalendarPostForm(
        request.POST or None,
        initial=_offered(request, zone),
        zone=zone,
        accounts=accounts,
        content=content_of(request.user, request.workspace),
    )
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        is_approved = "schedule" in request.POST
        try:
            post = posts.create(
                request.user,
                data["content"],
                data["account"],
                at=form.instant(),
                caption=data["caption"],
                approved=is_approved,
            )
        except Problem as problem:
            show_problem(form, problem)
        else:
            return finished(
                request,
                "Scheduled." if is_approved else "Added as a draft.",
                back_to(post),
            )
    context = {"form": form, "zone": zone, **content_choices(request, form)}
    status = 422 if form.errors else 200
    return render_page(
        request,
        "scheduling/calendar_new.html",
        "scheduling/_calendar_new.html",
        context,
        status,
    )


def _offered(request: PageRequest, zone: str) -> TemplateContext:
    """The instant or the day of the link that led here; the next full hour without either."""
    channel = request.GET.get("channel")
    at = _instant(request.GET.get("at", ""), zone)
    day = request.GET.get("date", "") if "new" in request.GET else ""
    if day and not at:
        return {"account": channel, "date": day, "time": "09:00"}
    this_hour = timezone.now().astimezone(ZoneInfo(zone)).replace(minute=0)
    local = at or this_hour + timedelta(hours=1)
    return {"account": channel, "date": local.date(), "time": f"{local:%H:%M}"}


def _instant(text: str, zone: str) -> datetime | None:
    try:
        return parse_instant(text).astimezone(ZoneInfo(zone))
    except ValueError:
        return None
