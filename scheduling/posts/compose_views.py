"""Making a post: what, where and when on one page, with a preview of each channel while typing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import Conflict, Problem
from common.forms import beside, show_problem
from common.mappings import TemplateContext
from common.zones import parse_instant
from scheduling.access import channels_of, content_of, queue_settings_of
from scheduling.content import fetching, media
from scheduling.content import services as content
from scheduling.models import ChannelAccount, ContentItem, MediaFile
from scheduling.models.media import media_of
from scheduling.posts import placements
from scheduling.posts.compose_forms import ComposeForm
from scheduling.posts.free_times import free_instants
from scheduling.posts.place import Order, Placement
from scheduling.posts.previews import Preview, previews
from workspaces.doors import PageRequest, member_page, own_zone
from workspaces.roles import Role


@member_page(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """The form; what its buttons ask for; the previews for those without JavaScript."""
    form = _form(request)
    context: TemplateContext = {"form": form, "zone": _zone(request).key}
    if form.is_bound and form.is_valid() and "preview" not in request.POST:
        placement = _place(request, form)
        if placement:
            _tell(request, placement)
            if len(placement.posts) == 1:
                return redirect("post", placement.posts[0].pk)
            return redirect("schedule")
    if form.is_bound:
        context |= _shown_again(request, form)
    return render(
        request, "scheduling/compose.html", context, status=422 if form.errors else 200
    )


@member_page(Role.EDITOR)
@require_POST
def preview(request: PageRequest) -> HttpResponse:
    """The previews alone, of a form that need not be whole yet."""
    return render(
        request,
        "scheduling/_previews.html",
        {"previews": _previews(request, _form(request))},
    )


def _zone(request: PageRequest) -> ZoneInfo:
    return ZoneInfo(own_zone(request))


def _form(request: PageRequest, data: QueryDict | None = None) -> ComposeForm:
    """Of what was sent, or of `data` in its place."""
    accounts = channels_of(request.user, request.workspace)
    choices = {
        "content": content_of(request.user, request.workspace),
        "accounts": accounts,
    }
    if request.method == "POST":
        return ComposeForm(data or request.POST, **choices)
    return ComposeForm(initial=_offered(request, list(accounts)), **choices)


def _offered(
    request: PageRequest, accounts: Sequence[ChannelAccount]
) -> TemplateContext:
    """What the link that led here fills in: content, channel or platform, and a date or
    an instant (`at`); else the next time that is free on all channels.
    """
    query = request.GET
    named = [account for account in accounts if str(account.pk) == query.get("account")]
    named = (
        named
        or [
            account for account in accounts if account.platform == query.get("platform")
        ][:1]
    )
    at = _instant(query.get("at", "")) or (
        None if query.get("date") else _next_free(request, named or accounts)
    )
    local = at.astimezone(_zone(request)) if at else None
    return {
        "content": query.get("content"),
        "channels": [account.pk for account in named],
        "date": local.date() if local else query.get("date"),
        "time": f"{local:%H:%M}" if local else "09:00",
    }


def _next_free(
    request: PageRequest, accounts: Sequence[ChannelAccount]
) -> datetime | None:
    if not accounts:
        return None
    hours = queue_settings_of(request.user, request.workspace).spacing_hours
    zone = _zone(request).key
    try:
        [instant] = free_instants(accounts, timezone.now(), hours, zone)
    except Conflict:
        return None
    return instant


def _instant(text: str) -> datetime | None:
    try:
        return parse_instant(text)
    except ValueError:
        return None


def _place(request: PageRequest, form: ComposeForm) -> Placement | None:
    """All posts or, with the reasons on the form, none. New content stays in the
    library either way, so that its files need not be chosen again.
    """
    try:
        item = form.cleaned_data["content"] or _new_content(request, form)
        _bring_along(request, form, item)
        order = Order(
            item.pk,
            tuple(account.pk for account in form.cleaned_data["channels"]),
            form.instant(_zone(request).key),
            approved="schedule" in request.POST,
            captions=form.own_texts(),
        )
        return placements.place(request.user, request.workspace, order)
    except Problem as problem:
        _show_refusal(form, problem)
        return None


def _show_refusal(form: ComposeForm, problem: Problem) -> None:
    """What each channel says against it; else the problem itself."""
    detail = problem.detail if isinstance(problem.detail, dict) else {}
    for channel in detail.get("channels", ()):
        if channel["problem"]:
            form.add_error("channels", f"{channel['name']}: {channel['problem']}")
    if not form.errors:
        show_problem(form, problem)


def _new_content(request: PageRequest, form: ComposeForm) -> ContentItem:
    item = content.create_content(
        request.user, request.workspace, form.content_values()
    )
    form.show_as_chosen(item)
    return item


def _bring_along(request: PageRequest, form: ComposeForm, item: ContentItem) -> None:
    """Put what was chosen and named beside the content, also beside content that exists."""
    texts = iter(form.alternative_texts())
    for file in request.FILES.getlist("files"):
        media.add_to_content(request.user, item.pk, file, next(texts, ""))
    form.files_were_kept = True
    if address := form.cleaned_data["address"]:
        with beside("address"):
            fetching.add_to_content(request.user, item.pk, address, next(texts, ""))
    form.clear_files()


def _tell(request: PageRequest, placement: Placement) -> None:
    count = len(placement.posts)
    what = "Scheduled" if "schedule" in request.POST else "Saved as draft"
    messages.success(request, f"{what} on {count} channel{'' if count == 1 else 's'}.")
    for text in placement.warnings:
        messages.warning(request, text)


def _known_files(
    request: PageRequest, item: ContentItem | None
) -> list[MediaFile] | None:
    """The files of the post; None while some are only chosen."""
    if item:
        return media_of(item)
    return [] if not request.FILES and "files" in request.POST else None


def _shown_again(request: PageRequest, form: ComposeForm) -> TemplateContext:
    """What the page shows beside a form that was sent: what each channel will show, and
    the files that are stored already.
    """
    # A field that is refused loses its value on the form; the previews have it all the same.
    as_sent = _form(request, cast(QueryDict, form.data))
    shown = _previews(request, as_sent)
    item = as_sent.cleaned_data.get("content")
    kept_files = media_of(item) if item else []
    return {"previews": shown, "kept_files": kept_files}


def _previews(request: PageRequest, form: ComposeForm) -> list[Preview]:
    """Of what is typed so far. Files that are only chosen are not known yet."""
    form.is_valid()
    data = form.cleaned_data
    item = data.get("content")
    files = None if data.get("address") else _known_files(request, item)
    item = item or ContentItem(workspace=request.workspace, **form.content_values())
    return previews(item, data.get("channels") or (), form.own_texts(), files)
