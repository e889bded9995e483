"""The chip that stands for a post in a calendar."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django import template
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.html import format_html

from common.templatetags.look import person_zone, state_class, state_icon, state_text
from scheduling.models import Post

register = template.Library()


@register.simple_tag(takes_context=True)
def slot_chip(context: RequestContext, post: Post) -> str:
    """A link with state icon, local time and title; built as a string because a month shows hundreds."""
    if post.scheduled_at is None:
        return ""
    at = post.scheduled_at.astimezone(ZoneInfo(context.get("zone") or person_zone(context)))
    there = post.scheduled_at.astimezone(ZoneInfo(post.account.zone))
    title = "Empty slot" if post.is_empty else post.content.title
    hint = f"{title}, {post.account.name}, {there:%H:%M} {post.account.zone}"
    return format_html(
        '<a class="slot slot-{} edge-{}" href="{}" title="{}" id="slot-{}" data-flash="slot-{}">{}'
        '<time class="slot-time" datetime="{}">{}</time><span class="slot-title">{}</span>'
        '<span class="visually-hidden">, {}, {}</span></a>',
        state_class(post.state), post.account.platform, reverse("post", args=[post.pk]), hint, post.pk,
        post.pk, state_icon(post.state), post.scheduled_at.isoformat(), f"{at:%H:%M}",
        post.account.name if post.is_empty else title, post.account.name, state_text(post.state),
    )  # fmt: skip
