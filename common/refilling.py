"""Putting what somebody had typed back into a form of a page that is about to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser

from common.form_keys import FIELD, OWN_FIELDS

Attributes = list[tuple[str, str | None]]
TICKED = ("checkbox", "radio")
# What a form has to be pressed or chosen anew.
UNTYPED = ("file", "submit", "button", "image", "reset", "password")


def refill(
    markup: str, name: str, fields: Mapping[str, list[str]], notice: str
) -> str | None:
    """The page with the values of `fields` in the form that is kept under this name, and
    the notice at the form's beginning; None where the page has no such form.

    Fields of one name are filled in their order. What has no field any more is left out.
    """
    page = Refilled(name, fields, notice)
    page.feed(markup)
    page.close()
    return "".join(page.parts) if page.is_found else None


class Refilled(HTMLParser):
    """Copies a page piece by piece; between the form's key and the form's end, controls
    get other values.
    """

    def __init__(self, name: str, fields: Mapping[str, list[str]], notice: str) -> None:
        super().__init__(convert_charrefs=False)
        self.name = name
        self.left = {name: list(values) for name, values in fields.items()}
        self.notice = notice
        self.parts: list[str] = []
        self.is_found = False
        self.is_inside = False
        # The list whose options come next, and whether the old text of an area is skipped.
        self.select: str | None = None
        self.is_skipping = False

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        if self._is_key(tag, given):
            self._begin(attrs)
        elif self.is_inside:
            self._control(tag, attrs, given)
        else:
            self._copy_tag()

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        if tag == "input":
            self.handle_starttag(tag, attrs)
        else:
            self._copy_tag()

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.is_skipping = False
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._copy(data)

    def handle_entityref(self, name: str) -> None:
        self._copy(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._copy(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._copy(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._copy(f"<!{decl}>")

    def _copy(self, text: str) -> None:
        if not self.is_skipping:
            self.parts.append(text)

    def _copy_tag(self) -> None:
        self.parts.append(self.get_starttag_text() or "")

    def _is_key(self, tag: str, given: Mapping[str, str | None]) -> bool:
        is_named = tag == "input" and given.get("name") == FIELD
        return is_named and given.get("data-draft") == self.name

    def _begin(self, attrs: Attributes) -> None:
        """The key's own form begins: what it holds counts as typed."""
        self.is_found = self.is_inside = True
        self.parts.append(opening("input", [*attrs, ("data-sent", None)]))
        self.parts.append(self.notice)

    def _control(
        self, tag: str, attrs: Attributes, given: Mapping[str, str | None]
    ) -> None:
        name = given.get("name") or ""
        if tag == "input" and name:
            self._input(attrs, given, name)
        elif tag == "textarea" and self.left.get(name):
            self._copy_tag()
            # A line break at the very beginning of an area is not part of its text.
            self.parts.append("\n" + escape(self.left[name].pop(0)))
            self.is_skipping = True
        elif tag == "select":
            self.select = name
            self._copy_tag()
        elif tag == "option" and self.left.get(self.select or ""):
            self._option(attrs, given)
        else:
            self._copy_tag()

    def _input(
        self, attrs: Attributes, given: Mapping[str, str | None], name: str
    ) -> None:
        kind = given.get("type") or "text"
        if name in OWN_FIELDS or kind in UNTYPED:
            self._copy_tag()
        elif kind in TICKED:
            value = given.get("value") or "on"
            is_ticked = value in self.left.get(name, ())
            self.parts.append(opening("input", marked(attrs, "checked", is_ticked)))
        elif self.left.get(name):
            value = self.left[name].pop(0)
            kept = [pair for pair in attrs if pair[0] != "value"]
            self.parts.append(opening("input", [*kept, ("value", value)]))
        else:
            self._copy_tag()

    def _option(self, attrs: Attributes, given: Mapping[str, str | None]) -> None:
        """Chosen where its value was sent."""
        values = self.left[self.select or ""]
        is_chosen = given.get("value") in values
        self.parts.append(opening("option", marked(attrs, "selected", is_chosen)))


def marked(attrs: Attributes, name: str, is_set: bool) -> Attributes:
    """The attributes with this one set or not."""
    others = [pair for pair in attrs if pair[0] != name]
    return [*others, (name, None)] if is_set else others


def opening(tag: str, attrs: Attributes) -> str:
    """The tag that opens an element."""
    words = [tag]
    for name, value in attrs:
        words.append(name if value is None else f'{name}="{escape(value)}"')
    return f"<{' '.join(words)}>"
