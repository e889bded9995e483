"""Headings of the document, in the words of the pages."""

from __future__ import annotations

# By the module that a door is in or begins with; the longest counts.
HEADINGS = {
    "calendars.api": "Scheduling",
    "calendars.api.analytics": "Analytics",
    "calendars.api.assignments": "Campaigns",
    "calendars.api.bulk_jobs": "Video batches",
    "calendars.api.calendar": "Campaigns",
    "calendars.api.optimise": "Improve times",
    "calendars.api.performance": "Analytics",
    "calendars.api.preferences": "Saved settings",
    "calendars.api.recommendations": "Best times",
    "calendars.api.trials": "Trials",
    "fillplanner.api": "Fill plans",
    "fillplanner.api.comparisons": "Comparisons",
    "fillplanner.api.configs": "Rules",
    "fillplanner.api.webhooks": "Webhooks",
    "scheduling.api.marketing": "Posts",
    "scheduling.api.marketing.blackouts": "Blackouts",
    "scheduling.api.marketing.channels": "Channels",
    "scheduling.api.marketing.connections": "Channels",
    "scheduling.api.marketing.content": "Content",
    "scheduling.api.marketing.media": "Media",
    "scheduling.api.marketing.replan": "Channels",
    "scheduling.api.marketing.writing": "Texts",
    "scheduling.api.queue": "Posting queue",
    "scheduling.api.queue.watcher": "Watch folder",
    "templates_ai.api": "AI templates",
    "workspaces.api": "Sign-in",
}
# What each is about, in the order that readers find them in.
TAGS = {
    "Sign-in": "Tokens for programs, and who they belong to.",
    "Posts": "Posts and slots of a workspace, and what became of them.",
    "Channels": "Where posts go: channels, their connections and how often they post.",
    "Content": "What posts say.",
    "Media": "Pictures and videos.",
    "Texts": "Texts that an engine writes.",
    "AI templates": "What the engine is asked, and the engine itself.",
    "Blackouts": "When nothing goes out.",
    "Posting queue": "Videos with their platforms and times, in a queue.",
    "Watch folder": "What became of files that were dropped in.",
    "Campaigns": "Sets of posts that are worked through together, called `calendar` here.",
    "Video batches": "Many videos at once, called `bulk job` here.",
    "Best times": "When posts do well, called `recommendations` here.",
    "Improve times": "Better times for posts within limits, called `optimize` here.",
    "Trials": "Posting times that are tested against each other.",
    "Analytics": "What posts came to.",
    "Saved settings": "What people and workspaces prefer.",
    "Scheduling": "What the scheduling API knows, and whether it is up.",
    "Fill plans": "Plans of vial lots on a filling line, called `schedule` here.",
    "Comparisons": "Strategies for the same lots, side by side.",
    "Rules": "Saved rules of a line, called `config` here.",
    "Webhooks": "Who is told when a plan is ready, by webhook or mail.",
}
DESCRIBED = [{"name": name, "description": text} for name, text in TAGS.items()]


def heading_of(module: str) -> str:
    """Under which one the doors of a module stand."""
    names = [name for name in HEADINGS if module.startswith(name)]
    return HEADINGS[max(names, key=len)]
