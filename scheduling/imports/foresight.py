"""What would be refused when rows are placed: closed hours, channels that may not send,
times that are taken, and days that are full. A preview keeps its word by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from common.errors import Problem
from scheduling.closures import SHORTEST, Closures, closures
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.domain.platforms.rules import check_pace, day_limits
from scheduling.imports.table import Row
from scheduling.models import ChannelAccount, Post
from scheduling.posts.fitting import COUNTED
from scheduling.posts.may_go_out import check_may_send, check_time, unconnected_text
from scheduling.posts.transitions import taken_text
from workspaces.models import Workspace

DAY = timedelta(hours=24)
# Of each channel, moments.
Moments = dict[UUID, list[datetime]]


def foresee(workspace: Workspace, rows: Sequence[Row], *, approved: bool) -> None:
    """Add to each row that is right so far what its placing would be refused for, as if
    the right ones before it were placed: a handful of queries for all rows.

    approved: whether posts are scheduled, and not drafts.
    """
    right = [(row.at, row) for row in rows if row.at and not row.errors]
    if not right:
        return
    accounts = {account.pk for _, row in right for account in row.accounts}
    ahead = Ahead(workspace, accounts, [at for at, _ in right], approved)
    for at, row in right:
        problems = [
            text for account in row.accounts for text in ahead.problems(account, at)
        ]
        row.errors += dict.fromkeys(problems)
        if not row.errors:
            ahead.place(row.accounts, at)
            warnings = map(unconnected_text, row.accounts)
            row.warnings += [text for text in warnings if text]


class Ahead:
    """What the channels have ahead of them: closed hours, and posts, those of the file
    among them.
    """

    def __init__(
        self,
        workspace: Workspace,
        accounts: Collection[UUID],
        moments: Sequence[datetime],
        approved: bool,
    ) -> None:
        first = min(moments)
        last = max(moments)
        self.approved = approved
        self.closed: Closures = closures(workspace.pk, first, last + SHORTEST)
        self.taken = _taken(accounts, first, last)
        self.sent = (
            _sent(accounts, first - DAY, last) if approved else defaultdict(list)
        )
        self.refusals: dict[UUID, str] = {}

    def problems(self, account: ChannelAccount, at: datetime) -> list[str]:
        """Why the channel cannot have a post then; none where it can."""
        closure = self.closed.at(account, at)
        problems = [
            closure.text if closure else "",
            taken_text(account) if at in self.taken[account.pk] else "",
            _refusal(lambda: check_time(at)),
        ]
        if self.approved:
            problems += [self._may_not_send(account), self._full_day(account, at)]
        return [text for text in problems if text]

    def place(self, accounts: Iterable[ChannelAccount], at: datetime) -> None:
        """Count a post of each channel among those that are there."""
        for account in accounts:
            self.taken[account.pk].add(at)
            self.sent[account.pk].append(at)

    def _may_not_send(self, account: ChannelAccount) -> str:
        """Why the channel may not send; asked once for each."""
        if account.pk not in self.refusals:
            self.refusals[account.pk] = _refusal(
                lambda: check_may_send(account, unconnected=True)
            )
        return self.refusals[account.pk]

    def _full_day(self, account: ChannelAccount, at: datetime) -> str:
        usual = BY_NAME[account.platform].formats[0]
        if not day_limits(account.platform, usual):
            return ""
        day = [moment for moment in self.sent[account.pk] if at - DAY < moment <= at]
        findings = check_pace(account.platform, usual, len(day))
        return " ".join(finding.message for finding in findings if finding.blocks)


def _refusal(check: Callable[[], None]) -> str:
    """What the check says; blank where it lets pass."""
    try:
        check()
    except Problem as problem:
        return problem.message
    return ""


def _taken(
    accounts: Collection[UUID], first: datetime, last: datetime
) -> dict[UUID, set[datetime]]:
    """The moments from the first to the last at which the channels have posts already."""
    taken: dict[UUID, set[datetime]] = defaultdict(set)
    of_channels = Post.objects.filter(account__in=accounts)
    posts = of_channels.between(first, last + SHORTEST)
    for account_id, at in posts.values_list("account_id", "scheduled_at"):
        if at is not None:
            taken[account_id].add(at)
    return taken


def _sent(accounts: Collection[UUID], after: datetime, until: datetime) -> Moments:
    """When the channels send, (after, until]."""
    sent: Moments = defaultdict(list)
    posts = Post.objects.filter(account__in=accounts, state__in=COUNTED)
    near = posts.filter(scheduled_at__gt=after, scheduled_at__lte=until)
    for account_id, at in near.values_list("account_id", "scheduled_at"):
        if at is not None:
            sent[account_id].append(at)
    return sent
