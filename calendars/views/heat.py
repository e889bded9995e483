"""How good the hours of the week are, for the posting calendar to tint its week with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.http import JsonResponse
from django.views.decorators.http import require_GET

from calendars.recommendations import PLATFORMS, weeks_about
from calendars.timing.learning import HOURS, Array
from scheduling.filters import Filters, filters_of
from scheduling.selectors import channels_of
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

# Of the week's 168 hours the best twelfth gets the strongest tint, the best quarter the faintest.
SHARES = (0.25, 1 / 6, 1 / 12)
KEPT_SECONDS = 300


@member_page(Role.VIEWER)
@require_GET
def heat(request: PageRequest) -> JsonResponse:
    """`{"hours": [[weekday, hour, tint, score], …]}` of the best hours, by the calendar's filters: weekday 0 is Monday,
    tint 1 to 3, score of 100."""
    platforms = asked_platforms(request, filters_of(request.GET))
    weeks = weeks_about(request.user, request.workspace, platforms) if platforms else {}
    means = [week.belief.mean for week in weeks.values()]
    answer = JsonResponse({"hours": tinted(np.mean(means, axis=0)) if means else []})
    answer["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return answer


def asked_platforms(request: PageRequest, filters: Filters) -> Sequence[str]:
    """Those of the channels that pass the filters and of which timing is known."""
    accounts = channels_of(request.user, request.workspace)
    wanted = {account.platform for account in accounts if filters.concerns(account)}
    return [platform for platform in PLATFORMS if platform in wanted]


def tinted(scores: Array) -> list[tuple[int, int, int, int]]:
    """The best hours that are better than the usual one, each with its tint and its score; equal hours are alike."""
    bounds, usual = [float(np.quantile(scores, 1 - share)) for share in SHARES], float(np.median(scores))
    better = [(cell, score) for cell, score in enumerate(scores.tolist()) if score > usual and score >= bounds[0]]
    return [(*divmod(cell, HOURS), sum(score >= one for one in bounds), round(100 * score)) for cell, score in better]
