"""The form in which a post is made: what, where and when in one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import QueryDict

from common.mappings import Values
from common.outgoing import LONGEST_URL
from scheduling.content.forms import ContentChoice, Hashtags
from scheduling.models import ChannelAccount, ContentItem
from scheduling.models.media import LONGEST_ALT
from scheduling.posts.forms import TimeForm

LONGEST_TEXT = 70_000


class ChannelBox(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, account: ChannelAccount) -> str:
        return account.name


@dataclass(frozen=True)
class ChannelRow:
    """One channel on the form: whether it is chosen, and the field for its own text."""

    account: ChannelAccount
    chosen: bool
    text: forms.BoundField


class ComposeForm(TimeForm):
    """Content that exists or is written here, for some channels, each with a text of
    its own if it wants one, at one time on the clock of whoever writes.
    """

    content = ContentChoice(
        queryset=ContentItem.objects.none(), required=False, empty_label="New content"
    )
    title = forms.CharField(required=False, max_length=200)
    caption = forms.CharField(
        label="Text",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    hashtags = Hashtags(
        required=False, help_text="Separated by blanks, with or without #."
    )
    link = forms.URLField(assume_scheme="https", required=False, max_length=1000)
    address = forms.URLField(
        label="Or the address of one",
        assume_scheme="https",
        required=False,
        max_length=LONGEST_URL,
        help_text="It is fetched once and kept in the library.",
    )
    channels = ChannelBox(queryset=ChannelAccount.objects.none())
    longest_alt = LONGEST_ALT
    content_was_kept = False
    files_were_kept = False

    def __init__(self, *args: Any, content: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["content"].queryset = content  # type: ignore[attr-defined]
        self.fields["channels"].queryset = accounts  # type: ignore[attr-defined]
        self.accounts = list(accounts)
        for account in self.accounts:
            self.fields[_text_name(account)] = forms.CharField(
                label=f"Text on {account.name}",
                required=False,
                max_length=LONGEST_TEXT,
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    def clean(self) -> Values:
        data = super().clean() or self.cleaned_data
        if (
            not data.get("content")
            and not data.get("title")
            and "title" not in self.errors
        ):
            self.add_error(
                "title", "Give the new content a title, or choose content that exists."
            )
        return data

    def rows(self) -> Iterator[ChannelRow]:
        """A row for each channel, chosen or not, with the field for its own text."""
        # Rows where the form was sent or filled by us, keys where a link named them.
        values = self["channels"].value() or ()
        chosen = {str(getattr(value, "pk", value)) for value in values}
        for account in self.accounts:
            is_chosen = str(account.pk) in chosen
            yield ChannelRow(account, is_chosen, self[_text_name(account)])

    def own_texts(self) -> dict[UUID, str]:
        """The texts that channels have for themselves."""
        texts = {
            account.pk: self.cleaned_data.get(_text_name(account), "")
            for account in self.accounts
        }
        return {pk: text for pk, text in texts.items() if text}

    def content_values(self) -> Values:
        """What is written here, as fields of new content."""
        return {
            name: self.cleaned_data.get(name) or ""
            for name in ("title", "caption", "link")
        } | {"hashtags": self.cleaned_data.get("hashtags") or []}

    def show_as_chosen(self, item: ContentItem) -> None:
        """Show the content that was just kept as the chosen one: files cannot be typed
        into a form again.
        """
        self._show("content", str(item.pk))
        self.content_was_kept = True

    def alternative_texts(self) -> list[str]:
        """What is typed for the files, in their order, the one behind the address last;
        a blank one at least.
        """
        data = self.data
        return (data.getlist("alt") if isinstance(data, QueryDict) else []) or [""]

    def clear_files(self) -> None:
        """The files and what was behind the address are kept now, with their texts, and
        need not come again.
        """
        self._show("address", "")
        self._show("alt", "")

    def _show(self, name: str, value: str) -> None:
        data = cast(QueryDict, self.data).copy()
        data[name] = value
        self.data = data


def _text_name(account: ChannelAccount) -> str:
    return f"text_{account.pk.hex}"
