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

PAST = timedelta(days=60)
AHEAD = timedelta(days=366)
MOST_EVENTS = 3000
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
    url = ""
    if feed:
        link = reverse("calendar-feed", args=[feed.token])
        path = f"{link}?{query.urlencode()}".rstrip("?")
        url = request.build_absolute_uri(path)
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
    link = feed_in(token)
    now = timezone.now()
    every_post = posts_of(link.user, link.workspace)
    rows = filters_of(request.GET).narrow(every_post)
    near = rows.between(now - PAST, now + AHEAD)
    posts = list(near.order_by("scheduled_at", "pk")[:MOST_EVENTS])

    def address(post: Post) -> str:
        return request.build_absolute_uri(reverse("post", args=[post.pk]))

    file = to_ics(f"{link.workspace.name} posts", posts, address)
    answer = HttpResponse(file, content_type="text/calendar")
    answer["Content-Disposition"] = 'inline; filename="posts.ics"'
    answer["Cache-Control"] = f"private, max-age={FRESH_SECONDS}"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
