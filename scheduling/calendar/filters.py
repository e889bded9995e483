"""What somebody wants to see of a calendar: channels, platforms, states, and sets of
posts that other apps know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Protocol, TypeVar
from uuid import UUID

from django.conf import settings
from django.http import QueryDict
from django.utils.module_loading import import_string

from scheduling.domain import states
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.models import ChannelAccount
from scheduling.models.posts import PostQuerySet
from workspaces.models import User, Workspace

T = TypeVar("T")


class PostSet(Protocol):
    """A way to choose posts that an app above knows; `POST_SETS` in the settings names
    them by their parameter.
    """

    label: str

    def choices(self, user: User, workspace: Workspace) -> list[tuple[str, str]]:
        """Keys and names of the sets that the user may see in the workspace."""
        ...

    def narrow(self, rows: PostQuerySet, key: UUID) -> PostQuerySet:
        """Those of the posts that are in the set."""
        ...


def post_sets() -> dict[str, PostSet]:
    """The sets that apps above know, by the name of their parameter."""
    return {name: import_string(path)() for name, path in settings.POST_SETS.items()}


@dataclass(frozen=True)
class Filters:
    """Empty means everything. What cannot be read in an address is left out."""

    channels: frozenset[UUID] = frozenset()
    platforms: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    sets: tuple[tuple[str, UUID], ...] = ()

    @property
    def names(self) -> set[str]:
        """Which parameters narrow something."""
        chosen = {
            "channel": self.channels,
            "platform": self.platforms,
            "state": self.states,
        }
        names = {name for name, values in chosen.items() if values}
        return names | {name for name, _ in self.sets}

    def narrow(self, rows: PostQuerySet, *, by_state: bool = True) -> PostQuerySet:
        """The posts that pass; `by_state=False` keeps every state, to count them."""
        if self.channels:
            rows = rows.filter(account__in=self.channels)
        if self.platforms:
            rows = rows.filter(account__platform__in=self.platforms)
        for name, key in self.sets:
            rows = post_sets()[name].narrow(rows, key)
        return rows.filter(state__in=self.states) if by_state and self.states else rows

    def concerns(self, account: ChannelAccount) -> bool:
        """Whether posts of the channel may pass."""
        if self.channels and account.pk not in self.channels:
            return False
        return not self.platforms or account.platform in self.platforms


def filters_of(query: QueryDict) -> Filters:
    """From `?channel=`, `?platform=`, `?state=`, each as often as wanted, and those of
    `POST_SETS`.
    """
    channels = _read(query.getlist("channel"), UUID)
    platforms = _read(query.getlist("platform"), lambda name: BY_NAME[name].id)
    chosen_states = [
        state for state in query.getlist("state") if state in states.POST.states
    ]
    sets = [
        (name, key)
        for name in settings.POST_SETS
        for key in _read(query.getlist(name), UUID)
    ]
    return Filters(
        frozenset(channels),
        frozenset(platforms),
        frozenset(chosen_states),
        tuple(sets),
    )


def _read(texts: Iterable[str], read: Callable[[str], T]) -> Iterable[T]:
    for text in texts:
        try:
            yield read(text)
        except (ValueError, KeyError):
            continue


@dataclass(frozen=True)
class Choice:
    """A select of the filter form."""

    name: str
    label: str
    every: str
    options: list[tuple[str, str]]
    chosen: str


def choices_of(
    user: User,
    workspace: Workspace,
    accounts: Iterable[ChannelAccount],
    query: Mapping[str, str],
) -> list[Choice]:
    """The selects above the calendar; those with nothing to choose are left out."""
    accounts = list(accounts)
    channels = [(str(account.pk), account.name) for account in accounts]
    platforms = {(account.platform, account.platform_name) for account in accounts}
    by_name = sorted(platforms, key=itemgetter(1))
    selects = [
        ("channel", "Channel", "All channels", channels),
        ("platform", "Platform", "All platforms", by_name),
    ]
    for name, post_set in post_sets().items():
        every = f"Any {post_set.label.lower()}"
        options = post_set.choices(user, workspace)
        selects.append((name, post_set.label, every, options))
    return [
        Choice(name, label, every, options, chosen=query.get(name, ""))
        for name, label, every, options in selects
        if options
    ]


def query_with(query: QueryDict, **changes: str | list[str]) -> str:
    """The address's query with some changes, behind a question mark; an empty value
    takes a parameter away. The page's number and the older name of the day are of the
    past.
    """
    changed = query.copy()
    for name, value in {"month": "", "page": "", **changes}.items():
        changed.setlist(name, [value] if isinstance(value, str) else value)
        if not value:
            del changed[name]
    return f"?{changed.urlencode()}"
