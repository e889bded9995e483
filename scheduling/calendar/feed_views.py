"""The calendar for other programs: a person's link is made, shown, renewed and ended,
and answers with iCalendar.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from common.pages import render_page
from scheduling.access import feed_in, feed_of, posts_of
from scheduling.calendar import feeds
from scheduling.calendar.filters import filters_of
from scheduling.calendar.ics import to_ics
from scheduling.models import Post
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

PAST, AHEAD, MOST_EVENTS = timedelta(days=60), timedelta(days=366), 3000
FRESH_SECONDS = 300


@member_page(Role.VIEWER)
@require_http_methods(["GET", "POST"])
def subscription(request: PageRequest) -> HttpResponse:
    """The person's own link, with the filters of the page that led here; `make` makes
    or renews it, `end` ends it.
    """
    if request.method == "POST":
        if "end" in request.POST:
            feeds.end_feed(request.user, request.workspace)
            messages.success(
                request, "The link is ended: programs that have it read nothing more."
            )
        else:
            feeds.make_feed(request.user, request.workspace)
            messages.success(request, "This is your link. Older ones no longer work.")
        return redirect(request.get_full_path())
    feed = feed_of(request.user, request.workspace)
    query = request.GET.copy()
    for name in ("view", "date", "month", "zone", "page"):
        query.pop(name, None)
    link = reverse("calendar-feed", args=[feed.token]) if feed else ""
    url = (
        request.build_absolute_uri(f"{link}?{query.urlencode()}".rstrip("?"))
        if feed
        else ""
    )
    context = {"feed": feed, "url": url, "is_narrowed": bool(query)}
    return render_page(
        request,
        "scheduling/subscription.html",
        "scheduling/_subscription.html",
        context,
    )


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Two months back and a year ahead, for whoever has the link: as long as it holds
    and its person belongs here.
    """
    found = feed_in(token)
    now = timezone.now()
    rows = (
        filters_of(request.GET)
        .narrow(posts_of(found.user, found.workspace))
        .between(now - PAST, now + AHEAD)
    )
    posts = list(rows.order_by("scheduled_at", "pk")[:MOST_EVENTS])

    def address(post: Post) -> str:
        return request.build_absolute_uri(reverse("post", args=[post.pk]))

    answer = HttpResponse(
        to_ics(f"{found.workspace.name} posts", posts, address),
        content_type="text/calendar",
    )
    answer["Content-Disposition"] = 'inline; filename="posts.ics"'
    answer["Cache-Control"] = f"private, max-age={FRESH_SECONDS}"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
