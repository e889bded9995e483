"""The chip that stands for a post in a calendar, and links to other ways of seeing one."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django import template
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.html import format_html

from common.mappings import TemplateContext
from common.templatetags.look import (
    person_zone,
    state_badge,
    state_class,
    state_icon,
    state_text,
)
from scheduling.calendar.filters import query_with
from scheduling.calendar.grid import Box
from scheduling.domain import states
from scheduling.domain.hours import wall_time
from scheduling.models import Post
from scheduling.posts import held

register = template.Library()


def display_state(post: Post) -> tuple[str, str]:
    """The state that a post is shown in and its words: a held one says why."""
    if held.is_held(post):
        return "held", f"Held: {held.cause_of(post.account)}"
    return post.state, state_text(post.state)


@register.inclusion_tag("components/badge.html")
def post_badge(post: Post) -> TemplateContext:
    """The state of a post as text, shape and colour."""
    return state_badge(*display_state(post))


@register.filter
def slot_title(post: Post) -> str:
    """What is in a slot: the title of its content."""
    return "Empty slot" if post.is_empty else post.content.title


@register.simple_tag(takes_context=True)
def slot_chip(context: RequestContext, post: Post, prefix: str = "slot") -> str:
    """A link with state icon, local time and title; built as a string because a month
    shows hundreds.

    `prefix` keeps ids apart where the same post stands twice on a page. Whoever may
    edit can take hold of an open post.
    """
    if post.scheduled_at is None:
        return ""
    at = wall_time(post.scheduled_at, context.get("zone") or person_zone(context))
    there = post.scheduled_at.astimezone(ZoneInfo(post.account.zone))
    title = slot_title(post)
    state, state_words = display_state(post)
    hint = (
        f"{title}, {post.account.name}, {state_words}, {there:%H:%M} "
        f"{post.account.zone}"
    )
    is_open = context.get("may_edit") and post.state in states.OPEN
    return format_html(
        '<a class="slot slot-{} edge-{}{}" href="{}" title="{}" id="{}-{}" '
        'data-flash="{}-{}" data-post="{}">{}'
        '<time class="slot-time" datetime="{}">{}</time>'
        '<span class="slot-title" dir="auto">{}</span>'
        '<span class="visually-hidden">, {}, {}</span></a>',
        state_class(state),
        post.account.platform,
        " is-open" if is_open else "",
        reverse("post", args=[post.pk]),
        hint,
        prefix,
        post.pk,
        prefix,
        post.pk,
        post.pk,
        state_icon(state),
        post.scheduled_at.isoformat(),
        at,
        post.account.name if post.is_empty else title,
        post.account.name,
        state_words,
    )


@register.simple_tag(takes_context=True)
def day_classes(context: RequestContext, box: Box) -> str:
    """The classes of a day in a month, for the style sheet."""
    marks = {
        "day-outside": box.day.month != context["frame"].day.month,
        "day-today": box.day == context["today"],
        "day-empty": not box.total,
        "day-weekend": box.day.isoweekday() > 5,
        f"closed-{box.closed}": bool(box.closed),
    }
    return " ".join(["day", "box", *(name for name, holds in marks.items() if holds)])


@register.simple_tag(takes_context=True)
def calendar_link(context: RequestContext, **changes: object) -> str:
    """The page's query with other parameters: `{% calendar_link view="day" date=box.day %}`."""
    return query_with(
        context["request"].GET, **{name: f"{value}" for name, value in changes.items()}
    )
