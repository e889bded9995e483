"""Where everything is: the groups of the sidebar, and what the palette (Ctrl-K) and the
shortcuts lead to.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from common.mappings import TemplateContext


@dataclass(frozen=True)
class Entry:
    """A page by its route's name. `covers` are beginnings of names of routes that
    belong to it; `words` are what else people call it; `key` follows "g" on the
    keyboard.
    """

    label: str
    name: str
    symbol: str
    key: str = ""
    covers: tuple[str, ...] = ()
    words: str = ""

    def answers_to(self, query: str) -> bool:
        """Whether every word of the query begins one of its own."""
        own = f"{self.label} {self.words}".lower().split()
        return all(
            any(word.startswith(part) for word in own) for part in query.lower().split()
        )

    def has(self, route: str) -> bool:
        """Whether a page belongs to the entry, by the name of its route."""
        return route == self.name or route.startswith(self.covers or (f"{self.name}-",))


@dataclass(frozen=True)
class Group:
    label: str
    entries: tuple[Entry, ...]


MENU = (
    Group("", (Entry("Home", "home", "house", "h", words="dashboard overview"),)),
    Group(
        "Posting",
        (
            Entry(
                "Calendar",
                "calendar",
                "calendar-days",
                "c",
                ("calendar", "top-off"),
                "month week slots top off",
            ),
            Entry(
                "Schedule",
                "schedule",
                "calendar-clock",
                "s",
                ("post",),
                "posts queue upcoming",
            ),
            Entry(
                "Needs attention",
                "attention",
                "triangle-alert",
                "x",
                words="failed uncertain trouble retry",
            ),
            Entry(
                "Content",
                "content",
                "file-text",
                "o",
                ("content-item", "content-new", "content-write", "content-media"),
                "library media texts",
            ),
            Entry(
                "Channels",
                "channels",
                "radio-tower",
                "n",
                ("channel",),
                "accounts cadence connections",
            ),
            Entry(
                "AI templates",
                "ai-templates",
                "wand-sparkles",
                "t",
                ("ai-", "writing"),
                "prompts captions engine",
            ),
            Entry("Outbox", "outbox", "inbox", "u", words="published feed"),
        ),
    ),
    Group(
        "Timing",
        (
            Entry(
                "Best times",
                "recommendations",
                "clock-arrow-up",
                "b",
                words="recommendations windows heat",
            ),
            Entry(
                "Content calendars",
                "content-calendars",
                "calendar-range",
                "k",
                ("content-calendar",),
                "campaigns",
            ),
            Entry(
                "Bulk jobs",
                "bulk-jobs",
                "list-video",
                "v",
                words="videos generate import",
            ),
            Entry(
                "Optimise",
                "optimise",
                "sliders-horizontal",
                "i",
                ("optimis",),
                "optimize move better times",
            ),
            Entry(
                "Trials",
                "trials",
                "flask-conical",
                "r",
                ("trial",),
                "experiments a/b test",
            ),
            Entry(
                "Analytics",
                "analytics",
                "chart-line",
                "a",
                ("analytics",),
                "kpi figures engagement",
            ),
            Entry("Preferences", "preferences", "heart", "f", words="wishes times"),
            Entry(
                "Blackouts",
                "blackouts",
                "calendar-off",
                "l",
                ("blackout",),
                "exceptions holidays closed",
            ),
        ),
    ),
    Group(
        "Filling",
        (
            Entry(
                "Plans",
                "plans",
                "chart-gantt",
                "p",
                ("plan",),
                "lots vials gantt schedules",
            ),
            Entry(
                "Comparisons",
                "comparisons",
                "scale",
                "m",
                ("comparison",),
                "compare strategies",
            ),
            Entry(
                "Rule templates",
                "configs",
                "settings-2",
                "e",
                ("config",),
                "config configuration rules",
            ),
        ),
    ),
)
# For whoever runs the installation, after the groups.
ADMIN = Entry("Admin", "admin:index", "shield")
ENTRIES = tuple(entry for group in MENU for entry in group.entries)
# On phones these stand in the bar, the others behind "More".
FIRST = ("home", "calendar", "schedule", "content", "plans")

# What the palette offers beside the pages.
ACTIONS = (
    Entry("New post", "post-new", "plus", words="add schedule"),
    Entry(
        "Import posts from a table",
        "post-imports",
        "upload",
        words="csv spreadsheet upload",
    ),
    Entry("New content", "content-new", "plus", words="add text"),
    Entry(
        "Write texts with AI",
        "content-write",
        "wand-sparkles",
        words="generate captions",
    ),
    Entry(
        "Fill empty slots with texts",
        "writing-new",
        "wand-sparkles",
        words="generate run",
    ),
    Entry("Add a channel", "channel-new", "plus", words="new account"),
    Entry("Add a blackout", "blackout-new", "plus", words="new exception"),
    Entry("New plan", "plan-new", "plus", words="add lots fill schedule"),
    Entry("New comparison", "comparison-new", "plus", words="add compare"),
    Entry("New rule template", "config-new", "plus", words="add configuration"),
    Entry(
        "Text engine and budget",
        "ai-engine",
        "settings",
        words="model key ollama openai",
    ),
    Entry("Account and tokens", "account", "user", words="profile password api zone"),
    Entry("Notifications and webhooks", "notifications", "bell", words="mail"),
    Entry("Members", "members", "users", words="team roles people"),
    Entry("Workspace settings", "workspace-settings", "settings", words="zone name"),
    Entry("Queue settings", "queue-settings", "settings", words="watch folder"),
    Entry("Audit trail", "audit-trail", "scroll-text", words="log history who"),
)


def menu(request: HttpRequest) -> TemplateContext:
    """For templates: the groups, the bar of phones, and the entry that the page shown
    belongs to.
    """
    match = request.resolver_match
    route = (match.url_name or "") if match else ""
    active = next((entry.name for entry in ENTRIES if entry.name == route), None)
    active = active or next(
        (entry.name for entry in ENTRIES if entry.has(route)), route
    )
    return {
        "menu": MENU,
        "admin_entry": ADMIN,
        "active_nav": active,
        "bar": [entry for entry in ENTRIES if entry.name in FIRST],
        "behind_bar": [entry for entry in ENTRIES if entry.name not in FIRST],
    }
