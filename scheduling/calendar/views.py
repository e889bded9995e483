"""The posting calendar as month, week, day and list: every channel's slots and posts on
one wall clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from common.errors import InvalidInput
from common.mappings import TemplateContext
from common.numbers import whole_number
from common.pages import RefusalsTold, render_page
from common.pagination import paginate
from common.zones import parse_instant
from scheduling.access import channels_of, count_states, posts_of
from scheduling.calendar.filters import Filters, choices_of, filters_of, query_with
from scheduling.calendar.grid import Box, Grid, days_of, grid
from scheduling.channels import services as channels
from scheduling.channels.topoff import HORIZON_DAYS
from scheduling.domain import states
from scheduling.domain.hours import (
    LIST,
    MONTH,
    ONE_DAY,
    VIEWS,
    Frame,
    clock_note,
    frame_of,
)
from scheduling.models import ChannelAccount
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

LIST_SIZE = 100
MOST_BESIDE = 200
WORKSPACE = "workspace"
# Keys of this page for the list of shortcuts, and those of people who may edit.
KEYS = [("Later, earlier, today", "jkt"), ("Month, week, day, list", "mwdl")]
EDITING_KEYS = [
    ("New post", "n"),
    ("On a post: take it up, and put it down again", ("Space",)),
    ("Carry it by days, in hours by quarters", ("←", "→", "↑", "↓")),
    ("Carry it by an hour", ("Shift", "↑", "↓")),
    ("On a post: choose it, to change many at once", "x"),
]
# What the form of filters carries along.
CARRIED = ("view", "date", "month", "zone", "state")
# What names the day, which going to another replaces.
DAYS = ("date", "month", "page")


@dataclass(frozen=True)
class Link:
    """One of a few ways to see the page."""

    text: str
    url: str
    current: bool = False
    count: int = 0


@member_page(Role.VIEWER)
@require_GET
def calendar(request: PageRequest) -> HttpResponse:
    """`?view=month|week|day|list`, `?date=2026-11-21` or `?month=2026-11`,
    `?zone=own|workspace`, filters.
    """
    zone = zone_of(request)
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    frame = frame_of(chosen_view(request.GET), chosen_day(request.GET, today), zone)
    filters = filters_of(request.GET)
    accounts = list(channels_of(request.user, request.workspace))
    if frame.view == LIST:
        posts_context = _listed(request, frame, filters)
    else:
        posts_context = _gridded(request, frame, filters, accounts)
    context = {
        "frame": frame,
        "today": today,
        "zone": zone,
        "as_of": timezone.now(),
        "filters": filters,
        "now": timezone.now(),
        "quarter": timezone.now().minute // 15,
        "notes": [note for day in frame.days if (note := clock_note(day, zone))],
        "has_channels": bool(accounts),
        "signed_out": [account for account in accounts if account.sign_in_error],
        "horizon": HORIZON_DAYS,
        "query": request.GET.urlencode(),
        "new_url": reverse("calendar-new"),
        "carried": _parameters(request, CARRIED),
        "elsewhere": _parameters(
            request, [name for name in request.GET if name not in DAYS]
        ),
        "choices": choices_of(request.user, request.workspace, accounts, request.GET),
        "page_keys": _page_keys(request),
        **_ways(request, frame, today),
        **posts_context,
    }
    return render_page(
        request, "scheduling/calendar.html", "scheduling/_calendar.html", context
    )


def _parameters(request: PageRequest, names: Iterable[str]) -> list[tuple[str, str]]:
    """These parameters of the address, each as often as it is there."""
    return [(name, value) for name in names for value in request.GET.getlist(name)]


def _page_keys(request: PageRequest) -> list[tuple[str, Sequence[str]]]:
    may_edit = Role(request.membership.role).covers(Role.EDITOR)
    return [*KEYS, *EDITING_KEYS] if may_edit else [*KEYS]


def zone_of(request: PageRequest) -> str:
    """The zone whose days and hours are shown: the person's own, unless they ask for
    the workspace's or have none.
    """
    own = "" if request.GET.get("zone") == WORKSPACE else request.user.zone
    return own or request.workspace.zone


def chosen_view(query: QueryDict) -> str:
    """The view in the address, a month without one. Raises InvalidInput for another
    word.
    """
    view = query.get("view") or MONTH
    if view not in VIEWS:
        raise InvalidInput(
            f"“{view[:20]}” is not a view; there are {', '.join(VIEWS)}."
        )
    return view


def chosen_day(query: QueryDict, today: date) -> date:
    """The day in the address; today without one. Raises InvalidInput for nonsense."""
    text = query.get("date")
    month = query.get("month")
    if not text and not month:
        return today
    try:
        chosen = date.fromisoformat(text or f"{month}-01")
    except ValueError:
        expected = "a month; write it like 2026-11"
        if text:
            expected = "a day; write it like 2026-11-21"
        nonsense = (text or month or "")[:20]
        raise InvalidInput(f"“{nonsense}” is not {expected}.") from None
    if not 1990 <= chosen.year <= 2100:
        raise InvalidInput("The calendar shows the years 1990 to 2100.")
    return chosen


def address(request: PageRequest, **changes: str | list[str]) -> str:
    """The calendar with the page's own query and some changes."""
    return f"{reverse('calendar')}{query_with(request.GET, **changes)}".rstrip("?")


def _ways(request: PageRequest, frame: Frame, today: date) -> TemplateContext:
    """The links that lead to other days, views and zones."""
    day = "" if frame.day == today else f"{frame.day}"
    nothing = dict.fromkeys(("channel", "platform", "state", *settings.POST_SETS), "")
    return {
        "previous": address(request, date=f"{frame.previous}"),
        "following": address(request, date=f"{frame.following}"),
        "to_today": address(request, date=""),
        "everything": address(request, **nothing),
        "views": [
            Link(name, address(request, view=view, date=day), view == frame.view)
            for view, name in VIEWS.items()
        ],
        "zones": _zones(request),
    }


def _zones(request: PageRequest) -> list[Link]:
    """Nothing to choose for somebody whose own zone is the workspace's."""
    own = request.user.zone
    theirs = request.workspace.zone
    if not own or own == theirs:
        return []
    is_theirs = zone_of(request) == theirs
    return [
        Link(f"Yours, {_city(own)}", address(request, zone=""), not is_theirs),
        Link(
            f"Workspace, {_city(theirs)}", address(request, zone=WORKSPACE), is_theirs
        ),
    ]


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _legend(
    request: PageRequest, filters: Filters, counts: dict[str, int]
) -> list[Link]:
    """The states that there are, each a link that adds it to the filter or takes it away."""
    legend_states = [
        state
        for state in states.POST.states
        if counts.get(state) or state in filters.states
    ]
    links = []
    for state in legend_states:
        url = address(request, state=sorted(filters.states ^ {state}))
        is_chosen = state in filters.states
        links.append(Link(state, url, is_chosen, counts.get(state, 0)))
    return links


def _gridded(
    request: PageRequest,
    frame: Frame,
    filters: Filters,
    accounts: Sequence[ChannelAccount],
) -> TemplateContext:
    page = grid(request.user, request.workspace, frame, filters, accounts)
    legend = {
        "legend": _legend(request, filters, page.counts),
        "total": sum(box.total for box in page.boxes),
    }
    if frame.view == MONTH:
        boxes = page.boxes
        weeks = [boxes[first : first + 7] for first in range(0, len(boxes), 7)]
        return {**legend, "weeks": weeks}
    return {**legend, "rows": hour_rows(frame, page), "narrow": frame.view == ONE_DAY}


def hour_rows(frame: Frame, page: Grid) -> list[tuple[str, list[list[Box]]]]:
    """A row for each hour of the wall clock: in each day none, one or two boxes, as its
    clocks have it.
    """
    boxes: dict[tuple[date, int], list[Box]] = defaultdict(list)
    for box in page.boxes:
        boxes[box.day, box.hour].append(box)
    rows = []
    for hour in range(24):
        in_each_day = [boxes.get((day, hour), []) for day in frame.days]
        rows.append((f"{hour:02}:00", in_each_day))
    return rows


def _listed(request: PageRequest, frame: Frame, filters: Filters) -> TemplateContext:
    every_post = posts_of(request.user, request.workspace)
    rows = every_post.between(frame.start, frame.end).order_by("scheduled_at", "pk")
    counts = count_states(filters.narrow(rows, by_state=False))
    page = paginate(filters.narrow(rows), request.GET.get("page"), LIST_SIZE)
    groups = days_of(page.object_list, ZoneInfo(frame.zone))
    return {
        "page": page,
        "groups": groups,
        "legend": _legend(request, filters, counts),
        "total": page.paginator.count,
    }


@member_page(Role.VIEWER)
@require_GET
def more(request: PageRequest) -> HttpResponse:
    """All posts of a crowded day or hour, `?from=` to `?to=` (instants), as a piece to
    be shown beside it.
    """
    try:
        start = parse_instant(request.GET.get("from", ""))
        end = parse_instant(request.GET.get("to", ""))
    except ValueError as error:
        raise InvalidInput("Say from when to when.") from error
    every_post = posts_of(request.user, request.workspace)
    rows = filters_of(request.GET).narrow(every_post).between(start, end)
    posts = list(rows.order_by("scheduled_at", "pk")[: MOST_BESIDE + 1])
    context = {
        "posts": posts[:MOST_BESIDE],
        "is_cut": len(posts) > MOST_BESIDE,
        "start": start,
        "zone": zone_of(request),
    }
    return render(request, "scheduling/_more.html", context)


def horizon(text: str | None) -> int:
    """How many days to top off; 28 for none. Raises InvalidInput for what is no number."""
    if not text:
        return HORIZON_DAYS
    days = whole_number(text, 4)
    if days is None:
        raise InvalidInput(f"“{text[:20]}” is not a number of days.")
    return days


@member_page(Role.EDITOR)
@require_POST
def top_off(request: PageRequest) -> HttpResponse:
    """The button above the calendar; the query is the page's own, to which it leads back."""
    with RefusalsTold(request):
        report = channels.top_off(
            request.user, request.workspace, horizon(request.POST.get("days"))
        )
        messages.success(request, report.message)
        for left_out in report.problems:
            messages.warning(request, f"Left out {left_out}")
    return redirect(address(request))
