"""Generated texts: variants for a post or for content, and runs that fill a range of slots."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import Problem
from common.forms import show_problem
from common.mappings import TemplateContext
from common.numbers import whole_number
from common.pages import RefusalsTold, render_page
from common.pagination import paginate
from scheduling.access import (
    access_post,
    access_writing_run,
    channels_of,
    writing_runs_of,
    writing_slots_of,
)
from scheduling.domain import states
from scheduling.writing import services as writing
from scheduling.writing.forms import (
    BriefForm,
    PlatformVariantsForm,
    VariantsForm,
    WritingRunForm,
)
from templates_ai.engines.outlines import HEADING
from templates_ai.selectors import templates_of
from workspaces.doors import PageRequest, member_page, own_zone
from workspaces.roles import Role

PAGE_SIZE = 40
DAYS = 7


@member_page(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def post_texts(request: PageRequest, post_id: UUID) -> HttpResponse:
    """Variants for a post to choose from; the other button fills an empty slot with the
    first at once.
    """
    post = access_post(request.user, post_id, Role.EDITOR)
    form = VariantsForm(
        request.POST or None, templates=templates_of(request.user, post.workspace)
    )
    context: TemplateContext = {"form": form, "post": post, "results": []}
    if form.is_bound and form.is_valid():
        try:
            if "fill" in request.POST:
                writing.write_slot(request.user, post_id, form.brief())
                return redirect_with_notice(
                    request,
                    reverse("post", args=[post_id]),
                    "Filled. Have a look before it goes out.",
                )
            context["results"] = writing.suggest_for_post(
                request.user, post_id, form.brief(), form.cleaned_data["count"]
            )
        except Problem as problem:
            show_problem(form, problem)
    return texts_page(
        request,
        form,
        "scheduling/post_texts.html",
        "scheduling/_post_texts.html",
        context,
    )


def texts_page(
    request: PageRequest,
    form: BriefForm,
    page: str,
    piece: str,
    context: TemplateContext,
) -> HttpResponse:
    """The page, or the piece with the variants; 422 with errors."""
    return render_page(
        request, page, piece, context, status=422 if form.errors else 200
    )


def redirect_with_notice(
    request: PageRequest, address: str, message: str
) -> HttpResponse:
    """To another page, also from a piece of a page."""
    messages.success(request, message)
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def chosen_text(request: PageRequest) -> writing.Chosen:
    """The variant whose button was pressed, as it may have been changed on the page."""
    words = {
        name: request.POST.get(name, "")
        for name in ("title", "caption", "hashtags", "link")
    }
    generation_id = whole_number(request.POST.get("generation", ""))
    return writing.Chosen(**words, generation_id=generation_id)


@member_page(Role.EDITOR)
@require_POST
def use_text(request: PageRequest, post_id: UUID) -> HttpResponse:
    """Take one of the variants for the post."""
    post = access_post(request.user, post_id, Role.EDITOR)
    with RefusalsTold(request):
        writing.use_text(request.user, post, chosen_text(request))
        messages.success(
            request, "The post has this text now. Schedule it when you have read it."
        )
    return redirect("post", post_id)


@member_page(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def content_texts(request: PageRequest) -> HttpResponse:
    """Variants for some platforms, each to be kept as content."""
    form = PlatformVariantsForm(
        request.POST or None, templates=templates_of(request.user, request.workspace)
    )
    context: TemplateContext = {"form": form, "results": []}
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            context["results"] = writing.suggest_on(
                request.user,
                request.workspace,
                form.brief(),
                data["platforms"],
                data["count"],
            )
        except Problem as problem:
            show_problem(form, problem)
    return texts_page(
        request,
        form,
        "scheduling/content_texts.html",
        "scheduling/_content_texts.html",
        context,
    )


@member_page(Role.EDITOR)
@require_POST
def keep_text(request: PageRequest) -> HttpResponse:
    """Keep one of the variants as content."""
    with RefusalsTold(request):
        item = writing.keep_text(request.user, request.workspace, chosen_text(request))
        messages.success(request, f"“{item.title}” kept.")
        return redirect("content-item", item.pk)
    return redirect("content-write")


@member_page(Role.VIEWER)
@require_GET
def runs(request: PageRequest) -> HttpResponse:
    """The workspace's writing runs, newest first."""
    page = paginate(
        writing_runs_of(request.user, request.workspace),
        request.GET.get("page"),
        PAGE_SIZE,
    )
    context = {"page": page, "runs": page.object_list, "as_of": timezone.now()}
    return render_page(
        request,
        "scheduling/writing_runs.html",
        "scheduling/_writing_runs.html",
        context,
    )


@member_page(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def new_run(request: PageRequest) -> HttpResponse:
    """Which days and channels to fill, and what about."""
    zone = own_zone(request)
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    choices = {
        "templates": templates_of(request.user, request.workspace),
        "channels": channels_of(request.user, request.workspace),
    }
    initial = {"first": today, "last": today + timedelta(days=DAYS - 1)}
    form = WritingRunForm(request.POST or None, initial=initial, **choices)
    if form.is_bound and form.is_valid():
        chosen = [channel.pk for channel in form.cleaned_data["channels"]]
        try:
            run = writing.start_run(
                request.user,
                request.workspace,
                form.brief(),
                *form.range_in(zone),
                channels=chosen,
            )
            return redirect("writing-run", run.pk)
        except Problem as problem:
            show_problem(form, problem)
    context = {"form": form, "zone": zone}
    return render(
        request,
        "scheduling/writing_new.html",
        context,
        status=422 if form.errors else 200,
    )


@member_page(Role.VIEWER)
@require_GET
def run(request: PageRequest, run_id: UUID) -> HttpResponse:
    """One run, slot by slot, live while it lasts."""
    writing_run = access_writing_run(request.user, run_id)
    slots = writing_slots_of(request.user, writing_run)
    page = paginate(slots, request.GET.get("page"), PAGE_SIZE)
    done = slots.exclude(state=states.WAITING).count()
    total = slots.count()
    drafts = slots.filter(state=states.WRITTEN, post__state=states.DRAFT)
    outlines = drafts.filter(post__content__caption__startswith=HEADING).count()
    context = {
        "run": writing_run,
        "page": page,
        "slots": page.object_list,
        "done": done,
        "total": total,
        "as_of": timezone.now(),
        "percent": 100 * done / total if total else 100,
        "drafts": drafts.count() - outlines,
        "outlines": outlines,
    }
    return render_page(
        request, "scheduling/writing_run.html", "scheduling/_writing_run.html", context
    )


@member_page(Role.EDITOR)
@require_POST
def cancel(request: PageRequest, run_id: UUID) -> HttpResponse:
    """End the run; what was written stays."""
    with RefusalsTold(request):
        writing.cancel_run(request.user, run_id)
        messages.success(request, "Canceled. What was written stays.")
    return redirect("writing-run", run_id)


@member_page(Role.EDITOR)
@require_POST
def approve(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Schedule the drafts that a run wrote."""
    done, reasons = writing.approve_run(request.user, run_id)
    messages.success(request, f"Scheduled {done} post{'' if done == 1 else 's'}.")
    for reason in reasons:
        messages.warning(request, f"Left as a draft: {reason}")
    return redirect("writing-run", run_id)
