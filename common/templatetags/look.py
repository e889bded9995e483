"""Template tags of the design system: icons, badges, marks, times, fields, lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from common.form_keys import FIELD, new_key, read_key
from common.mappings import TemplateContext
from common.stylesheet import composed
from common.templatetags import marks, moments

register = template.Library()


@register.simple_tag
def stylesheet_url() -> str:
    """Where all style sheets that a page waits for are one."""
    return reverse("stylesheet", args=[composed()[0]])


# --- words and marks
# -------------------------------------------------------------------------------------


@register.filter
def as_typed(text: object) -> str:
    """What a person wrote, amid other words: it runs in its own direction and turns
    nothing around it.
    """
    return format_html('<bdi dir="auto">{}</bdi>', text)


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "", size: int = 16, css: str = "") -> str:
    """An outline icon; hidden from assistive technology unless `label` names it.

    Raises lucide.IconDoesNotExist for a name that the icon set does not have.
    """
    attributes: dict[str, object] = {
        "class": f"icon {css}".strip(),
        "focusable": "false",
    }
    if label:
        attributes |= {"role": "img", "aria_label": label}
    else:
        attributes["aria_hidden"] = "true"
    return lucide(name, size=size, **attributes)


@register.inclusion_tag("components/badge.html")
def state_badge(state: str, label: str = "") -> TemplateContext:
    """A post's or plan's state as text, shape and colour; `label` replaces the text."""
    mark = marks.state_mark(state)
    return {"css": marks.state_class(state), "mark": mark, "text": label or mark.text}


@register.simple_tag
def state_icon(state: str) -> str:
    """The icon of a state, without text: for places that name the state beside it."""
    mark = marks.state_mark(state)
    return icon(mark.icon, size=14, css="spin" if mark.turning else "")


@register.filter
def state_text(state: str) -> str:
    """The words for a state: `Published`."""
    return marks.state_mark(state).text


@register.filter
def state_class(state: str) -> str:
    """The last part of `badge-…` and `slot-…` for a state."""
    return marks.state_class(state)


@register.filter
def platform_name(platform: str) -> str:
    """The proper name of a platform: `YouTube`."""
    return marks.platform_mark(platform).name


@register.inclusion_tag("components/platform.html")
def platform_mark(platform: str, name: bool = True) -> TemplateContext:
    """Two letters and the name, the brand's colour at the edge; `name=False` hides the
    name from sight.
    """
    return {
        "platform": platform,
        "mark": marks.platform_mark(platform),
        "show_name": name,
    }


# --- time
# ------------------------------------------------------------------------------------------------


def person_zone(context: template.Context) -> str:
    """The zone the person chose, else the workspace's, else UTC; an IANA name."""
    request = context.get("request")
    own_zone = getattr(getattr(request, "user", None), "zone", "")
    workspace_zone = getattr(getattr(request, "workspace", None), "zone", "")
    return own_zone or workspace_zone or "UTC"


@register.inclusion_tag("components/moment.html", takes_context=True)
def local_time(
    context: template.Context,
    instant: datetime | None,
    zone: str = "",
    local_zone: str = "",
    style: str = "full",
    beside: bool = False,
) -> TemplateContext:
    """An aware instant on the wall clock of `zone` (default: the person's); a dash for
    None.

    `local_zone` is the channel's: where its clocks differ the title says so, and with
    `beside` the text too. `style` is full, date, time or second. Raises ValueError for
    a naive datetime.
    """
    if instant is None:
        return {"moment": None}
    described = moments.moment(
        instant, zone or person_zone(context), local_zone, style, timezone.now()
    )
    return {"moment": described, "beside": beside}


@register.simple_tag
def countdown(instant: datetime | None) -> str:
    """How long until or since an aware instant, ticked by a script on the server's
    clock; a dash for None.
    """
    if instant is None:
        return "–"
    iso = moments.iso_utc(instant)
    words = moments.countdown_words(instant, timezone.now())
    return format_html(
        '<span class="countdown" data-countdown="{}">{}</span>', iso, words
    )


@register.simple_tag
def server_time() -> str:
    """Now as ISO 8601 in UTC with milliseconds: from it scripts learn how far the
    browser's clock is off.
    """
    return timezone.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


@register.inclusion_tag("components/as_of.html", takes_context=True)
def as_of(
    context: template.Context, instant: datetime | None = None, zone: str = ""
) -> TemplateContext:
    """When the surrounding piece was last true; default: now."""
    return local_time(context, instant or timezone.now(), zone, style="second")


# --- forms
# -----------------------------------------------------------------------------------------------


def _kind(bound_field: forms.BoundField) -> str:
    """How a field is laid out: hidden, checkbox (label beside), group (fieldset), file, or text."""
    widget = bound_field.field.widget
    if bound_field.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.FileInput):
        return "file"
    return "group" if widget.use_fieldset else "text"


def _takes_words(widget: forms.Widget) -> bool:
    """Whether people write into it in their own language."""
    is_line = isinstance(widget, forms.TextInput) and widget.input_type == "text"
    return is_line or isinstance(widget, forms.Textarea)


@register.inclusion_tag("components/field.html")
def field(
    bound_field: forms.BoundField,
    label: str = "",
    help_text: str = "",
    mark_optional: bool = True,
) -> TemplateContext:
    """A form field: label above, help under and errors beside, tied together for
    assistive technology.

    `help_text` may hold markup, as Django's own help texts do: never pass what a person
    typed.
    """
    kind = _kind(bound_field)
    name = bound_field.auto_id
    help_text = help_text or str(bound_field.help_text)
    described_by = []
    if bound_field.errors:
        described_by.append(f"{name}_error")
    if help_text:
        described_by.append(f"{name}_helptext")
    described = " ".join(described_by)
    attributes: dict[str, str | bool] = {}
    if _takes_words(bound_field.field.widget):
        attributes["dir"] = "auto"
    if described and kind != "group":
        attributes["aria-describedby"] = described
    if bound_field.errors and kind != "group":
        attributes["aria-invalid"] = "true"
    is_required = bound_field.field.required
    return {
        "field": bound_field,
        "kind": kind,
        "label": label or bound_field.label,
        "help_text": help_text,
        "described": described,
        "optional": mark_optional and not is_required and kind != "checkbox",
        "widget": bound_field.as_widget(attrs=attributes),
    }


@register.inclusion_tag("components/form_key.html", takes_context=True)
def form_key(
    context: template.Context, draft: str = "", thing: object = "", kept: bool = False
) -> TemplateContext:
    """Lets a form be sent twice without harm; with a `draft` (what it edits; `thing` is
    the id of which) the browser keeps what is typed into it until it is saved.

    kept: whether the files that were chosen are already stored, though the form was refused.
    """
    request = context["request"]
    is_answer = request.method == "POST"
    page = request.get_full_path()
    before = read_key(request.POST.get(FIELD, "")) if is_answer else None
    name = f"{draft}:{thing}" if thing else draft
    workspace = getattr(request.workspace, "slug", "")
    came_from = before.page if before else page
    return {
        "key": new_key(request.user.pk, workspace, name, came_from),
        "sent": is_answer,
        "files_kept": kept,
        "zone": person_zone(context),
    }


@register.inclusion_tag("components/edit_guard.html", takes_context=True)
def edit_guard(context: template.Context, form: Any) -> TemplateContext:
    """What an `EditForm` was opened with, for the service to compare when it comes back,
    and, where somebody else was quicker, both texts to choose from.
    """
    reader = getattr(context.get("request"), "user", None)
    own = form.clash and form.clash.by_id == getattr(reader, "pk", None)
    return {"form": form, "is_own": own, "zone": person_zone(context)}


@register.inclusion_tag("components/form_errors.html")
def form_errors(
    *bound_forms: forms.BaseForm,
    title: str = "Please check the form. Nothing was saved.",
) -> TemplateContext:
    """Every error of the given forms at the top of the page, each with a link to its field."""
    general = [error for form in bound_forms for error in form.non_field_errors()]
    rows = [row for form in bound_forms for row in _field_errors(form)]
    return {"general": general, "fields": rows, "title": title}


def _field_errors(form: forms.BaseForm) -> Iterator[dict[str, str]]:
    for bound_field in form:
        target = bound_field.id_for_label or bound_field.auto_id
        for error in bound_field.errors:
            yield {
                "target": target,
                "label": str(bound_field.label),
                "error": str(error),
            }


# --- figures and notices
# ---------------------------------------------------------------------------------


@register.inclusion_tag("components/kpi.html")
def kpi(
    label: str,
    value: object,
    key: str = "",
    hint: str = "",
    unit: str = "",
    url: str = "",
) -> dict[str, object]:
    """A figure of a `<dl class="kpis">`; with a `key`, a stable name, the value flashes
    when it changes.
    """
    return {
        "label": label,
        "value": value,
        "key": key,
        "hint": hint,
        "unit": unit,
        "url": url,
    }


@register.inclusion_tag("components/progress.html")
def progress(
    label: str, percent: float | None, topic: str = "", message: str = ""
) -> dict[str, object]:
    """How far something is, None for unknown; a live `topic` moves it."""
    return {"label": label, "percent": percent, "topic": topic, "message": message}


TOAST_ICONS = {
    "success": "circle-check",
    "warning": "triangle-alert",
    "error": "circle-x",
}


@register.inclusion_tag("components/toast.html")
def toast(level: str, text: object = "", ticket: str = "") -> dict[str, object]:
    """A message that goes away; with a `ticket`, what it tells of can be undone."""
    symbol = TOAST_ICONS.get(level, "info")
    return {"level": level, "text": text, "ticket": ticket, "symbol": symbol}


# The icon that a notice of a level has when none is given.
NOTICE_ICONS = {
    "": "info",
    "success": "circle-check",
    "warning": "triangle-alert",
    "error": "triangle-alert",
}


@register.simple_block_tag
def notice(
    content: SafeString, level: str = "", title: str = "", symbol: str = ""
) -> SafeString:
    """A box that says something about the page: `level` is success, warning, error or
    none, `symbol` replaces the level's icon.
    """
    context = {
        "level": level,
        "title": title,
        "symbol": symbol or NOTICE_ICONS[level],
        "content": content,
    }
    return render_to_string("components/notice.html", context)


# --- lists
# -----------------------------------------------------------------------------------------------


@register.inclusion_tag("components/empty_state.html")
def empty_state(
    title: str, text: str = "", url: str = "", label: str = "", icon: str = "inbox"
) -> dict[str, str]:
    """What to show where nothing is yet, with the one useful action when `url` and
    `label` are given.
    """
    return {"title": title, "text": text, "url": url, "label": label, "icon": icon}


def _query(request: HttpRequest, **changes: str) -> str:
    """The page's own query with `changes`; an empty value removes the parameter."""
    params = request.GET.copy()
    for name, value in changes.items():
        if value:
            params[name] = value
        else:
            params.pop(name, None)
    return f"?{params.urlencode()}"


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(
    context: template.Context, page: Page[Any], param: str = "page"
) -> TemplateContext:
    """Links to a paginator's pages that keep every other query parameter; nothing for a
    single page.
    """
    request = context["request"]

    def link(number: int) -> str:
        return _query(request, **{param: str(number)})

    numbers = page.paginator.get_elided_page_range(
        page.number, on_each_side=1, on_ends=1
    )
    links = [
        {"number": number, "url": link(number) if isinstance(number, int) else ""}
        for number in numbers
    ]
    return {
        "page": page,
        "links": links,
        "previous": link(page.previous_page_number()) if page.has_previous() else "",
        "next": link(page.next_page_number()) if page.has_next() else "",
    }


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: template.Context,
    key: str,
    label: str,
    numeric: bool = False,
    param: str = "sort",
) -> TemplateContext:
    """A `<th>` that sorts by `?sort=key` and turns round to `?sort=-key`."""
    request = context["request"]
    current = request.GET.get(param, "")
    order = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    next_key = f"-{key}" if order == "ascending" else key
    url = _query(request, page="", **{param: next_key})
    return {"label": label, "order": order, "url": url, "numeric": numeric}


@register.simple_block_tag
def capture(content: SafeString) -> SafeString:
    """The rendered content as a variable (`{% capture as name %}`): a layout can ask
    whether it is empty.
    """
    return SafeString(content.strip())
