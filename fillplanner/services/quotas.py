"""How much planning one person may ask for, so that nobody's plans keep everybody
else's waiting.
"""

from __future__ import annotations

from django.conf import settings

from common.errors import InvalidInput, TooMany
from fillplanner import states
from fillplanner.models import Plan
from fillplanner.planning.problem import LineConfig
from workspaces.models import User

# When to ask again whether a plan has finished, in seconds.
RETRY_AFTER = 30


def check_time_limit(rules: LineConfig) -> None:
    """Raises InvalidInput for an exact optimiser that may take longer than PLAN_MOST_SECONDS."""
    seconds = rules.tunables.milp_time_limit
    most = settings.PLAN_MOST_SECONDS
    if seconds <= most:
        return
    error = f"'milp_time_limit' is {seconds:,g} seconds; at most {most:,} seconds are allowed"
    raise InvalidInput(
        "Invalid config",
        {"message": "Invalid config", "errors": [error], "warnings": []},
    )


def make_room(owner: User, more: int = 1) -> None:
    """Raises TooMany where so many new plans would give the person more than
    PLANS_OPEN_PER_PERSON unfinished ones.

    In the caller's transaction: two requests at once must not both find the last place.
    """
    User.objects.select_for_update().get(pk=owner.pk)
    unfinished = Plan.objects.filter(owner=owner, state__in=states.UNFINISHED).count()
    most = settings.PLANS_OPEN_PER_PERSON
    if unfinished + more <= most:
        return
    new = "this plan" if more == 1 else f"these {more} plans"
    raise TooMany(
        f"You have {unfinished} unfinished plans, and at most {most} are "
        f"allowed at a time, so {new} cannot be added. "
        "Wait until some have finished, or cancel some.",
        RETRY_AFTER,
    )
