"""What would be refused when rows are placed: closed hours, channels that may not send
or take no text alone, times that are taken, and days that are full. A preview keeps its
word by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from common.errors import Problem
from scheduling.closures import SHORTEST, Closures, closures
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.domain.platforms.rules import (
    MINIMUMS,
    Draft,
    check,
    check_pace,
    day_limits,
)
from scheduling.imports.table import Row
from scheduling.models import ChannelAccount, Post
from scheduling.models.posts import PostQuerySet
from scheduling.posts.fitting import COUNTED, errors_of
from scheduling.posts.may_go_out import check_may_send, check_time, unconnected_text
from scheduling.posts.transitions import taken_text
from workspaces.models import Workspace

DAY = timedelta(hours=24)
# Moments by channel.
Moments = dict[UUID, set[datetime]]


def foresee(workspace: Workspace, rows: Sequence[Row], *, approved: bool) -> None:
    """Add to each row that is right so far what its placing would be refused for, as if
    the right ones before it were placed: a handful of queries for all rows.

    approved: whether posts are scheduled, and not drafts.
    """
    right = [(row.at, row) for row in rows if row.at and not row.errors]
    if not right:
        return
    accounts = {account.pk for _, row in right for account in row.accounts}
    ahead = look_ahead(workspace, accounts, [at for at, _ in right], approved)
    for at, row in right:
        problems = [
            text for account in row.accounts for text in ahead.problems(account, at)
        ]
        row.errors += dict.fromkeys(problems)
        if not row.errors:
            ahead.place(row.accounts, at)
            warnings = map(unconnected_text, row.accounts)
            row.warnings += [text for text in warnings if text]
        if not approved:
            unfinished = map(text_alone, row.accounts)
            row.warnings += dict.fromkeys(text for text in unfinished if text)


@dataclass
class Ahead:
    """What the channels have ahead of them: closed hours, and posts, those of the file
    among them.
    """

    closed: Closures
    taken: Moments
    sent: Moments
    approved: bool
    refusals: dict[UUID, str] = field(default_factory=dict)

    def problems(self, account: ChannelAccount, at: datetime) -> list[str]:
        """Why the channel cannot have a post then; none where it can."""
        texts = [self._closed_text(account, at), self._taken_text(account, at)]
        texts.append(_refusal(lambda: check_time(at)))
        if self.approved:
            texts.append(self._unable_text(account))
            texts.append(text_alone(account))
            texts.append(self._full_day_text(account, at))
        return [text for text in texts if text]

    def place(self, accounts: Iterable[ChannelAccount], at: datetime) -> None:
        """Count a post of each channel among those that are there."""
        for account in accounts:
            self.taken[account.pk].add(at)
            self.sent[account.pk].add(at)

    def _closed_text(self, account: ChannelAccount, at: datetime) -> str:
        closure = self.closed.at(account, at)
        return closure.text if closure else ""

    def _taken_text(self, account: ChannelAccount, at: datetime) -> str:
        is_taken = at in self.taken[account.pk]
        return taken_text(account) if is_taken else ""

    def _unable_text(self, account: ChannelAccount) -> str:
        """Why the channel may not send; asked once for each."""
        if account.pk not in self.refusals:
            self.refusals[account.pk] = _refusal(
                lambda: check_may_send(account, unconnected=True)
            )
        return self.refusals[account.pk]

    def _full_day_text(self, account: ChannelAccount, at: datetime) -> str:
        usual = BY_NAME[account.platform].formats[0]
        if not day_limits(account.platform, usual):
            return ""
        begin = at - DAY
        day = [moment for moment in self.sent[account.pk] if begin < moment <= at]
        findings = check_pace(account.platform, usual, len(day))
        return errors_of(findings)


def text_alone(account: ChannelAccount) -> str:
    """Why the channel takes no post without images or videos; blank where it does. Rows
    of a table have none.
    """
    usual = BY_NAME[account.platform].formats[0]
    findings = check(Draft(account.platform, usual, media=()))
    return errors_of([finding for finding in findings if finding.rule in MINIMUMS])


def look_ahead(
    workspace: Workspace,
    accounts: Collection[UUID],
    moments: Sequence[datetime],
    approved: bool,
) -> Ahead:
    """What the channels have from the first of the moments to the last: a query each."""
    first = min(moments)
    last = max(moments)
    until = last + SHORTEST
    posts = Post.objects.filter(account__in=accounts)
    taken = posts.between(first, until)
    sent = posts.filter(state__in=COUNTED).between(first - DAY, until)
    return Ahead(
        closed=closures(workspace.pk, first, until),
        taken=_moments_of(taken),
        sent=_moments_of(sent) if approved else defaultdict(set),
        approved=approved,
    )


def _moments_of(posts: PostQuerySet) -> Moments:
    """When there are posts, by channel."""
    moments: Moments = defaultdict(set)
    for account_id, at in posts.values_list("account_id", "scheduled_at"):
        if at is not None:
            moments[account_id].add(at)
    return moments


def _refusal(check: Callable[[], None]) -> str:
    """What the check says; blank where it lets pass."""
    try:
        check()
    except Problem as problem:
        return problem.message
    return ""
