"""Two people have the same form open: the second to save is told what the first has
changed, with both texts, and nothing is lost in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from sent_forms import sent_back
from together import at_once, faults

from calendars.advice import preferences
from calendars.models import Preferences
from cast import join, make_channel, make_content, make_post, person
from common.edits import Seen, digests_of
from common.errors import Overtaken
from fillplanner.models import ConfigTemplate
from fillplanner.services import configs
from scheduling.access import access_post
from scheduling.content import services as content
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, Post, QueueSettings
from scheduling.posts import services as posts
from templates_ai.models import EngineSettings, PromptTemplate
from templates_ai.services import choose_engine, create_template
from workspaces.models import AuditEntry, User, Workspace
from workspaces.roles import Role

pytestmark = pytest.mark.django_db

PROMPT = "Write about {filename}"
IN_DAYS = timezone.now() + timedelta(days=3)
ENGINE = {"engine": "offline", "model": "small", "daily_tokens": 10}


@dataclass
class Things:
    """What the two have in common."""

    workspace: Workspace
    manager: User
    channel: ChannelAccount
    item: ContentItem
    post: Post
    slot: Post
    prompt: PromptTemplate
    rules: ConfigTemplate
    wishes: Preferences


@pytest.fixture
def things(workspace: Workspace, manager: User) -> Things:
    channel = make_channel(
        workspace, publisher="webhook", endpoint="https://one.example"
    )
    item = make_content(workspace)
    choose_engine(manager, workspace, ENGINE)
    rules = {"name": "Line 3", "config": {"clean_hours": 4, "window_hours": 100}}
    return Things(
        workspace,
        manager,
        channel,
        item,
        make_post(channel, item, caption_override="Cold water", at=IN_DAYS),
        make_post(make_channel(workspace, name="Second")),
        create_template(manager, workspace, "House style", PROMPT),
        configs.create(manager, rules),
        preferences.prefer(manager, workspace, {"gap_hours": 2}, own=False),
    )


@dataclass
class Edit:
    """A form of one page, and what two people make of the same field of it.

    field: its name; `theirs` and `mine` are typed, `shown` is how a page says them.
    aside: another field with another value, that only the first changes.
    """

    page: Callable[[Things], str]
    field: str
    theirs: Any
    mine: Any
    stored: Callable[[Things], Any]
    aside: tuple[str, Any, Callable[[Things], Any]] | None = None
    shown: tuple[str, str] | None = None
    is_own: bool = False
    button: dict[str, str] = field(default_factory=dict)
    kept: tuple[Any, Any] | None = None


def fresh(row: Any) -> Any:
    row.refresh_from_db()
    return row


EDITS = {
    "post": Edit(
        lambda things: f"/posts/{things.post.pk}",
        "caption",
        "Anna’s caption",
        "My caption",
        lambda things: fresh(things.post).caption_override,
    ),
    "slot": Edit(
        lambda things: f"/calendar/slots/{things.slot.pk}",
        "caption",
        "Anna’s caption",
        "My caption",
        lambda things: fresh(things.slot).caption_override,
    ),
    "post time": Edit(
        lambda things: f"/posts/{things.post.pk}",
        "time",
        "20:10",
        "21:20",
        lambda things: f"{fresh(things.post).scheduled_at:%H:%M}",
        # On the readers' clock, whose hour is another than the channel's.
        shown=(":10 ", ":20 "),
    ),
    "content": Edit(
        lambda things: f"/content/{things.item.pk}",
        "caption",
        "Anna’s words\nin two lines",
        "My words",
        lambda things: fresh(things.item).caption,
        aside=("link", "https://anna.example", lambda things: things.item.link),
        shown=("Anna’s words in two lines", "My words"),
    ),
    "content hashtags": Edit(
        lambda things: f"/content/{things.item.pk}",
        "hashtags",
        "#pipes #cold",
        "#boilers",
        lambda things: fresh(things.item).hashtags,
        kept=(["pipes", "cold"], ["boilers"]),
    ),
    "channel": Edit(
        lambda things: f"/channels/{things.channel.pk}",
        "name",
        "Anna’s channel",
        "My channel",
        lambda things: fresh(things.channel).name,
        aside=(
            "local_times",
            "10:00, 18:30",
            lambda things: ", ".join(things.channel.local_times),
        ),
    ),
    "channel status": Edit(
        lambda things: f"/channels/{things.channel.pk}",
        "status",
        "paused",
        "unconnected",
        lambda things: fresh(things.channel).status,
        shown=("Paused", "Not connected"),
    ),
    "channel cadence": Edit(
        lambda things: f"/channels/{things.channel.pk}",
        "posts_per_week",
        "5",
        "7",
        lambda things: str(fresh(things.channel).posts_per_week),
        button={"replan": "1"},
    ),
    "connection": Edit(
        lambda things: f"/channels/{things.channel.pk}/connection",
        "endpoint",
        "https://anna.example/hook",
        "https://mine.example/hook",
        lambda things: fresh(things.channel).endpoint,
        button={"secret": "a secret"},
    ),
    "queue": Edit(
        lambda things: "/queue/settings",
        "spacing_hours",
        "5",
        "7",
        lambda things: str(QueueSettings.objects.get().spacing_hours),
        aside=(
            "platforms",
            ["instagram", "x"],
            lambda things: QueueSettings.objects.get().platforms,
        ),
    ),
    "workspace": Edit(
        lambda things: "/workspaces/settings",
        "grace_minutes",
        "15",
        "45",
        lambda things: str(fresh(things.workspace).grace_minutes),
        aside=("name", "Anna’s Water", lambda things: things.workspace.name),
    ),
    "profile": Edit(
        lambda things: "/account",
        "first_name",
        "Anneke",
        "Johanna",
        lambda things: User.objects.get(username="anna").first_name,
        is_own=True,
    ),
    "preferences": Edit(
        lambda things: f"/preferences?edit={things.wishes.pk}",
        "gap_hours",
        "5",
        "7",
        lambda things: str(fresh(things.wishes).gap_hours),
        aside=(
            "hours_off",
            "22-6",
            lambda things: "22-6" * bool(things.wishes.hours_off),
        ),
    ),
    "AI template": Edit(
        lambda things: f"/ai-templates/{things.prompt.pk}",
        "prompt_text",
        "Anna’s {filename}",
        "My {filename}",
        lambda things: fresh(things.prompt).prompt_text,
        aside=("name", "Anna’s style", lambda things: things.prompt.name),
    ),
    "engine": Edit(
        lambda things: "/ai-templates/engine",
        "daily_tokens",
        "500",
        "700",
        lambda things: str(EngineSettings.objects.get().daily_tokens),
        aside=("model", "large", lambda things: EngineSettings.objects.get().model),
    ),
    "engine key": Edit(
        lambda things: "/ai-templates/engine",
        "new_key",
        "sk-anna",
        "sk-mine",
        lambda things: EngineSettings.objects.get().key.reveal(),
        shown=("Not shown", "Not shown"),
    ),
    "rule template": Edit(
        lambda things: f"/configs/{things.rules.pk}",
        "clean_hours",
        "5",
        "7",
        lambda things: f"{fresh(things.rules).config['clean_hours']:g}",
        aside=("description", "By Anna", lambda things: things.rules.description),
        is_own=True,
    ),
}
WITH_ASIDE = [name for name, edit in EDITS.items() if edit.aside]


@pytest.fixture
def anna(workspace: Workspace) -> User:
    return join(person("anna", first_name="Anna"), workspace, Role.MANAGER)


@dataclass
class Opened:
    """A form as somebody has it open."""

    client: Client
    action: str
    fields: dict[str, Any]

    def save(self, changes: dict[str, Any]) -> Any:
        return self.client.post(self.action, self.fields | changes)


def forms_of(markup: str) -> list[str]:
    return re.findall(r"<form.*?</form>", markup, re.S)


def form_in(client: Client, address: str, markup: str, name: str) -> Opened:
    """The form of the page that is guarded and has the field."""
    guarded = [form for form in forms_of(markup) if 'name="seen"' in form]
    (form,) = [form for form in guarded if f'name="{name}"' in form]
    action = re.search(r'<form[^>]*? action="([^"]*)"', form)
    fields = sent_back(form)
    assert all(part != [] for part in fields["seen"])
    return Opened(client, action.group(1) if action else address, fields)


def words_of(markup: str) -> str:
    """What people read of a piece of a page."""
    text = re.sub(r"</?mark>", "", markup)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def opened(client: Client, edit: Edit, things: Things) -> Opened:
    address = edit.page(things)
    page = client.get(address)
    assert page.status_code == 200
    form = form_in(client, address, page.content.decode(), edit.field)
    if edit.page(things).startswith("/calendar/slots"):
        form.fields["content"] = str(things.item.pk)
    return form


@pytest.fixture
def both(
    browse: Callable[[User], Client], things: Things, anna: User
) -> Callable[[Edit], tuple[Opened, Opened]]:
    """The form as the first and the second have it open, both from the same moment."""

    def open_twice(edit: Edit) -> tuple[Opened, Opened]:
        if edit.is_own:
            ConfigTemplate.objects.update(owner=anna)
        second = anna if edit.is_own else things.manager
        return (
            opened(browse(anna), edit, things),
            opened(browse(second), edit, things),
        )

    return open_twice


@pytest.mark.parametrize("name", EDITS)
def test_the_second_to_save_is_told_and_decides(
    name: str, both: Any, things: Things
) -> None:
    edit = EDITS[name]
    first, second = both(edit)
    theirs, mine = edit.kept or (edit.theirs, edit.mine)
    done = first.save({edit.field: edit.theirs} | edit.button)
    assert done.status_code == 302
    assert edit.stored(things) == theirs

    told = second.save({edit.field: edit.mine} | edit.button)
    assert told.status_code == 409
    assert edit.stored(things) == theirs
    text = told.content.decode()
    shown = text
    panel = words_of(shown[shown.index("data-clash") :])
    sentence = r"Anna changed (this .* editing it|these .* editing them)\."
    if edit.is_own:
        sentence = r"You changed this .* in another window\."
    assert re.search(sentence, panel)
    for words in edit.shown or (edit.theirs, edit.mine):
        assert words in panel

    # What was typed is still there, and the next press is deliberate.
    again = form_in(second.client, second.action, text, edit.field)
    # Secrets are never shown, so they are typed again.
    typed = {edit.field: edit.mine} if edit.field == "new_key" else {}
    saved = again.save(typed | edit.button)
    assert saved.status_code == 302
    assert edit.stored(things) == mine


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_stands_in_the_trail_with_who_made_it(
    name: str, both: Any, things: Things, anna: User
) -> None:
    edit = EDITS[name]
    before = AuditEntry.objects.count()
    first, _ = both(edit)
    first.save({edit.field: edit.theirs} | edit.button)
    entries = AuditEntry.objects.order_by("pk")[before:]
    assert {entry.actor for entry in entries} == {anna}
    assert any(entry.after for entry in entries)


@pytest.mark.parametrize("name", EDITS)
def test_who_takes_the_others_text_loses_only_their_own(
    name: str, both: Any, things: Things
) -> None:
    edit = EDITS[name]
    first, second = both(edit)
    theirs, _ = edit.kept or (edit.theirs, edit.mine)
    first.save({edit.field: edit.theirs} | edit.button)
    told = second.save({edit.field: edit.mine} | edit.button)
    again = form_in(second.client, second.action, told.content.decode(), edit.field)
    choices = [key for key in again.fields if key.startswith("stays-")]
    saved = again.save(dict.fromkeys(choices, "theirs") | edit.button)
    assert saved.status_code == 302
    assert edit.stored(things) == theirs


@pytest.mark.parametrize("name", WITH_ASIDE)
def test_what_only_the_first_has_changed_stays_without_a_question(
    name: str, both: Any, things: Things
) -> None:
    edit = EDITS[name]
    first, second = both(edit)
    aside, value, stored = edit.aside
    first.save({aside: value})
    assert second.save({edit.field: edit.mine}).status_code == 302
    assert edit.stored(things) == (edit.kept or ("", edit.mine))[1]
    assert stored(things) == value


@pytest.mark.parametrize("name", WITH_ASIDE)
def test_a_form_that_is_shown_again_has_what_only_the_first_has_changed(
    name: str, both: Any, things: Things
) -> None:
    edit = EDITS[name]
    first, second = both(edit)
    aside, value, stored = edit.aside
    first.save({edit.field: edit.theirs, aside: value})
    told = second.save({edit.field: edit.mine})
    assert told.status_code == 409
    again = form_in(second.client, second.action, told.content.decode(), edit.field)
    assert again.save({}).status_code == 302
    assert edit.stored(things) == (edit.kept or ("", edit.mine))[1]
    assert stored(things) == value


@pytest.mark.parametrize("name", EDITS)
def test_saving_alone_is_never_questioned(name: str, both: Any, things: Things) -> None:
    edit = EDITS[name]
    first, _ = both(edit)
    assert first.save({edit.field: edit.theirs} | edit.button).status_code == 302


def test_nobody_schedules_a_text_that_they_have_not_seen(
    both: Any, things: Things
) -> None:
    edit = EDITS["post"]
    first, second = both(edit)
    first.save({"caption": "Anna’s caption"})
    told = second.save({"schedule": "1"})
    assert told.status_code == 409
    text = told.content.decode()
    assert "Anna’s caption" in text
    assert fresh(things.post).state == states.DRAFT
    assert form_in(second.client, second.action, text, "caption").save(
        {"schedule": "1"}
    )
    post = fresh(things.post)
    assert post.caption_override == "Anna’s caption"


def test_a_note_that_cannot_be_read_lets_no_difference_pass(
    both: Any, things: Things
) -> None:
    edit = EDITS["content"]
    first, second = both(edit)
    first.save({"link": "https://anna.example"})
    told = second.save({"caption": "Mine", "seen": "{broken"})
    assert told.status_code == 409
    assert fresh(things.item).link == "https://anna.example"


def test_a_slot_that_was_filled_meanwhile_keeps_what_was_typed_in_its_dialog(
    both: Any, things: Things
) -> None:
    first, second = both(EDITS["slot"])
    first.save({"caption": "Anna’s caption"})
    headers = {"HX-Request": "true"}
    fields = second.fields | {"caption": "My caption"}
    told = second.client.post(second.action, fields, headers=headers)
    # Pages swap in pieces of this status.
    assert told.status_code == 422
    text = told.content.decode()
    assert "<html" not in text
    assert "My caption" in text


def test_rules_of_two_people_are_put_together_rule_by_rule(
    both: Any, things: Things
) -> None:
    first, second = both(EDITS["rule template"])
    first.save({"window_hours": "90", "lines": "2"})
    assert second.save({"clean_hours": "7"}).status_code == 302
    config = fresh(things.rules).config
    assert config == {"clean_hours": 7, "window_hours": 90, "lines": 2}


def test_a_page_of_rules_that_is_turned_round_remembers_what_it_was_opened_with(
    both: Any, things: Things
) -> None:
    first, second = both(EDITS["rule template"])
    first.save({"clean_hours": "5"})
    turned = second.save({"clean_hours": "7", "edit": "more:calendar"})
    again = form_in(
        second.client, second.action, turned.content.decode(), "clean_hours"
    )
    assert again.save({}).status_code == 409


def test_of_a_role_that_somebody_else_has_changed_the_second_is_told(
    browse: Callable[[User], Client], workspace: Workspace, manager: User, anna: User
) -> None:
    join(person("ben"), workspace, Role.VIEWER)
    row = workspace.memberships.get(user__username="ben")
    address = f"/workspaces/members/{row.pk}"
    pages = [browse(one).get("/workspaces/members") for one in (anna, manager)]
    forms = [
        next(form for form in forms_of(page.content.decode()) if address in form)
        for page in pages
    ]
    first, second = (sent_back(form) for form in forms)
    browse(anna).post(address, first | {"role": "editor"})
    told = browse(manager).post(address, second | {"role": "manager"}, follow=True)
    assert "Anna changed this meanwhile. Nothing was saved." in told.content.decode()
    assert fresh(row).role == Role.EDITOR


def test_what_differs_in_long_texts_is_marked(both: Any, things: Things) -> None:
    first, second = both(EDITS["content"])
    first.save({"caption": "Call us today before winter."})
    told = second.save({"caption": "Call us tomorrow, or write, before winter."})
    marked = re.findall(r"<mark>(.*?)</mark>", told.content.decode())
    assert marked == ["today", "tomorrow, or write,"]


# --- at the same moment


def edits_at_once(
    user: User, item: ContentItem, count: int
) -> list[Callable[[], object]]:
    """So many changes by people who have all seen the same."""
    digests = digests_of(content.stored(item))
    return [
        partial(
            content.change_content,
            user,
            item.pk,
            {"caption": f"Caption {number}"},
            Seen(digests),
        )
        for number in range(count)
    ]


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_many_who_save_at_once_one_is_first_and_the_others_are_told(
    manager: User, workspace: Workspace
) -> None:
    item = make_content(workspace)
    done = at_once(*edits_at_once(manager, item, 8))
    assert faults(done, but=Overtaken) == []
    told = [one for one in done if isinstance(one, Overtaken)]
    (first,) = [one for one in done if isinstance(one, ContentItem)]
    assert len(told) == 7
    assert {one.now["caption"] for one in told} == {first.caption}
    assert {one.by for one in told} == {"manager"}
    assert fresh(item).caption == first.caption


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_many_who_edit_a_post_at_once_one_is_first(
    manager: User, workspace: Workspace
) -> None:
    post = make_post(make_channel(workspace), make_content(workspace))
    digests = digests_of(posts.stored(post))

    def edit(number: int) -> object:
        changes = posts.Changes(caption=f"Caption {number}")
        own = access_post(manager, post.pk, Role.EDITOR)
        return posts.change(manager, own, changes, Seen(digests))

    done = at_once(*(partial(edit, number) for number in range(8)))
    assert faults(done, but=Overtaken) == []
    assert len([one for one in done if isinstance(one, Overtaken)]) == 7


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_changes_of_different_fields_at_once_are_all_kept(
    manager: User, workspace: Workspace
) -> None:
    item = make_content(workspace)
    words = {"title": "New title", "caption": "New caption", "notes": "New notes"}
    changes = [
        partial(content.change_content, manager, item.pk, {name: text})
        for name, text in words.items()
    ]
    assert faults(at_once(*changes)) == []
    assert {name: getattr(fresh(item), name) for name in words} == words
