"""The outbox: what went live there, newest first."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from common.pages import render_page
from common.pagination import paginate
from scheduling.access import outbox_of
from workspaces.doors import PageRequest, member_page, own_zone
from workspaces.roles import Role

PAGE_SIZE = 30


@member_page(Role.VIEWER)
@require_GET
def feed(request: PageRequest) -> HttpResponse:
    """What went live in the outbox, `?page=` by page."""
    rows = outbox_of(request.user, request.workspace)
    page = paginate(rows, request.GET.get("page"), PAGE_SIZE)
    context = {
        "page": page,
        "live_posts": page.object_list,
        "zone": own_zone(request),
        "as_of": timezone.now(),
    }
    return render_page(
        request, "scheduling/outbox.html", "scheduling/_outbox.html", context
    )
