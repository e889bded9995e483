"""Posts that a person should look at, and what a person decides about them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from common.errors import InvalidInput
from common.pages import RefusalsTold, render_page
from common.pagination import paginate
from scheduling.access import access_post, unsettled_posts
from scheduling.posts import outcomes
from scheduling.posts.forms import OutcomeForm
from scheduling.posts.held import stuck_channels
from workspaces.doors import PageRequest, member_page, own_zone
from workspaces.roles import Role

PAGE_SIZE = 30


@member_page(Role.VIEWER)
@require_GET
def attention(request: PageRequest) -> HttpResponse:
    """Uncertain posts first, then failed ones, each with its tries and what can be done."""
    page = paginate(
        unsettled_posts(request.user, request.workspace),
        request.GET.get("page"),
        PAGE_SIZE,
    )
    context = {
        "page": page,
        "posts": page.object_list,
        "stuck": stuck_channels(request.user, request.workspace),
        "zone": own_zone(request),
        "as_of": timezone.now(),
    }
    return render_page(
        request, "scheduling/attention.html", "scheduling/_attention.html", context
    )


@member_page(Role.EDITOR)
@require_POST
def settle(request: PageRequest, post_id: UUID, decision: str) -> HttpResponse:
    """One of: ask, published, failed."""
    form = OutcomeForm(request.POST)
    with RefusalsTold(request):
        if not form.is_valid():
            raise InvalidInput(
                " ".join(str(text) for texts in form.errors.values() for text in texts)
            )
        messages.success(
            request, _decide(request, post_id, decision, form.cleaned_data)
        )
    return (
        redirect("attention") if "back" in request.POST else redirect("post", post_id)
    )


def _decide(
    request: PageRequest, post_id: UUID, decision: str, data: dict[str, str]
) -> str:
    """Do it, and say so."""
    post = access_post(request.user, post_id, Role.EDITOR)
    if decision == "ask":
        outcomes.ask_again(request.user, post)
        return "The platform is being asked; what it says will appear here."
    if decision == "published":
        outcomes.mark_published(request.user, post, data["url"])
        return "Marked as published."
    if decision == "failed":
        outcomes.mark_failed(request.user, post, data["reason"])
        return "Marked as failed; it can be scheduled again."
    raise InvalidInput("There is no such decision.")
