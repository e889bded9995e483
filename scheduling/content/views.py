"""Content items: list, new, change, delete."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import Problem
from common.forms import show_problem, status_of
from common.pages import RefusalsTold, render_page
from common.pagination import paginate
from scheduling.access import access_content, content_of
from scheduling.content import services as content
from scheduling.content.forms import ContentForm, MediaForm
from scheduling.models import ContentItem
from scheduling.models.media import LONGEST_ALT, ContentMedia, media_of
from workspaces.doors import PageRequest, member_page, own_zone
from workspaces.roles import Role

PAGE_SIZE = 50


@member_page(Role.VIEWER)
@require_GET
def listing(request: PageRequest) -> HttpResponse:
    """The content library, newest first; `?q=` searches, `?tag=` is a hashtag."""
    query = request.GET.get("q", "").strip()
    tag = request.GET.get("tag", "").strip()
    items = content_of(request.user, request.workspace, query, tag)
    pictures = Prefetch("media_places", ContentMedia.objects.select_related("media"))
    rows = items.annotate(uses=Count("posts")).prefetch_related(pictures)
    page = paginate(rows, request.GET.get("page"), PAGE_SIZE)
    context = {
        "page": page,
        "items": page.object_list,
        "query": query,
        "tag": tag,
        "as_of": timezone.now(),
    }
    return render_page(
        request, "scheduling/content.html", "scheduling/_content.html", context
    )


@member_page(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """A content item's form."""
    form = ContentForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            item = content.create_content(
                request.user, request.workspace, form.cleaned_data
            )
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, f"“{item.title}” saved.")
            return redirect("content")
    return render(
        request,
        "scheduling/content_edit.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@member_page(Role.VIEWER, writing=Role.EDITOR)
@require_http_methods(["GET", "POST"])
def edit(request: PageRequest, item_id: UUID) -> HttpResponse:
    """A content item with its files and the posts that use it; editors change it here."""
    item = access_content(request.user, item_id)
    form = form_of(item, request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            content.change_content(request.user, item_id, form.cleaned_data, form.seen)
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, "Saved.")
            return redirect("content-item", item_id)
    return item_page(request, item, form, MediaForm())


def form_of(item: ContentItem, data: QueryDict | None = None) -> ContentForm:
    """The form of this item, as it is or as it was sent."""
    values = content.stored(item)
    return ContentForm(data, initial=values, stored=values)


def item_page(
    request: PageRequest, item: ContentItem, form: ContentForm, media_form: MediaForm
) -> HttpResponse:
    """The item's form with its files, and the latest 20 posts that use it; 422 with
    errors.
    """
    context = {
        "form": form,
        "item": item,
        "posts": item.posts.for_display().order_by("-scheduled_at")[:20],
        "media": media_of(item),
        "zone": own_zone(request),
        "media_form": media_form,
        "longest_alt": LONGEST_ALT,
    }
    status = status_of(form, media_form)
    return render(request, "scheduling/content_edit.html", context, status=status)


@member_page(Role.EDITOR)
@require_POST
def delete(request: PageRequest, item_id: UUID) -> HttpResponse:
    """Delete the item, and go back to it where posts use it."""
    with RefusalsTold(request):
        content.remove_content(request.user, item_id)
        messages.success(request, "Content deleted.")
        return redirect("content")
    return redirect("content-item", item_id)
