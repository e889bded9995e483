"""The design system's template tags: what they say, and how assistive technology hears it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import get_template
from django.test import RequestFactory

from common.templatetags import marks

ROOT = Path(__file__).resolve().parents[2]
STATES = [
    "planned",
    "draft",
    "scheduled",
    "publishing",
    "published",
    "uncertain",
    "failed",
    "canceled",
    "pending",
    "running",
    "completed",
]


def rendered(source: str, **context: object) -> str:
    return Template("{% load look %}" + source).render(Context(context))


class PostForm(forms.Form):
    title = forms.CharField(help_text="Shown first.")
    posts = forms.IntegerField(label="Posts per week", max_value=21)
    kind = forms.ChoiceField(
        choices=[("now", "Now"), ("later", "Later")], widget=forms.RadioSelect
    )
    note = forms.CharField(required=False)

    def clean(self) -> None:
        raise forms.ValidationError("The channel is <paused>.")


# --- states and platforms
# --------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
def test_a_badge_says_its_state_in_text_shape_and_colour(state: str) -> None:
    html = rendered("{% state_badge state %}", state=state)
    assert f'class="badge badge-{state}"' in html
    assert f'<span class="badge-text">{state.capitalize()}</span>' in html
    assert "<svg" in html and 'aria-hidden="true"' in html


def test_no_two_states_of_a_post_share_a_shape() -> None:
    icons = [marks.state_mark(state).icon for state in STATES[:8]]
    assert len(set(icons)) == len(icons)


def test_only_states_with_work_going_on_turn() -> None:
    turning = {
        state
        for state in STATES
        if "spin" in rendered("{% state_badge state %}", state=state)
    }
    assert turning == {"publishing", "running"}


@pytest.mark.parametrize("state", [*marks.STATES, "never_heard_of"])
def test_every_badge_class_has_colours_in_the_style_sheet(state: str) -> None:
    styles = (ROOT / "static/css/states.css").read_text()
    css = marks.state_class(state)
    assert css == "other" or f".badge-{css}" in styles


def test_a_state_without_a_mark_is_shown_by_its_own_name() -> None:
    html = rendered("{% state_badge 'on_hold' %}")
    assert "badge-other" in html and "On hold" in html


@pytest.mark.parametrize("platform", marks.PLATFORMS)
def test_a_platform_has_a_name_a_mark_and_an_edge(platform: str) -> None:
    html = rendered("{% platform_mark platform %}", platform=platform)
    assert f"edge-{platform}" in html and marks.PLATFORMS[platform].name in html
    assert f".edge-{platform}" in (ROOT / "static/css/states.css").read_text()


def test_a_platform_without_a_visible_name_keeps_it_for_screen_readers() -> None:
    assert '<span class="visually-hidden">YouTube</span>' in rendered(
        "{% platform_mark 'youtube' name=False %}"
    )


def test_an_icon_is_silent_unless_it_is_named() -> None:
    assert 'aria-hidden="true"' in rendered("{% icon 'x' %}")
    named = rendered("{% icon 'x' label=label %}", label='Close "all"')
    assert 'aria-label="Close &quot;all&quot;"' in named and "aria-hidden" not in named


# --- forms
# -----------------------------------------------------------------------------------------------


def test_a_field_with_errors_is_marked_and_tied_to_error_and_help() -> None:
    form = PostForm({"title": "", "posts": "40"})
    html = rendered("{% field form.title %}", form=form)
    assert (
        'aria-invalid="true"' in html
        and 'aria-describedby="id_title_error id_title_helptext"' in html
    )
    assert 'id="id_title_error"' in html and "This field is required." in html
    assert (
        'id="id_title_helptext"' in html
        and '<label class="field-label" for="id_title">' in html
    )


def test_a_field_without_errors_is_not_marked() -> None:
    html = rendered("{% field form.title %}", form=PostForm())
    assert "aria-invalid" not in html and "field-errors" not in html
    assert 'aria-describedby="id_title_helptext"' in html


def test_a_group_of_choices_is_a_fieldset_with_a_legend() -> None:
    html = rendered("{% field form.kind %}", form=PostForm({}))
    assert (
        "<fieldset" in html
        and "<legend" in html
        and 'aria-describedby="id_kind_error"' in html
    )
    assert "<label class=" not in html


def test_only_fields_that_may_stay_empty_say_optional() -> None:
    assert "optional" in rendered("{% field form.note %}", form=PostForm())
    assert "optional" not in rendered("{% field form.title %}", form=PostForm())
    assert "optional" not in rendered(
        "{% field form.note mark_optional=False %}", form=PostForm()
    )


def test_what_was_typed_stays_after_an_error() -> None:
    assert 'value="40"' in rendered(
        "{% field form.posts %}", form=PostForm({"posts": "40"})
    )


def test_errors_are_summed_at_the_top_with_links_to_their_fields() -> None:
    html = rendered(
        "{% form_errors form %}", form=PostForm({"title": "x", "posts": "40"})
    )
    assert 'role="alert"' in html and '<a href="#id_posts">Posts per week</a>' in html
    assert '<a href="#id_kind">' in html and "#id_title" not in html
    assert "The channel is &lt;paused&gt;." in html


def test_a_form_without_errors_has_no_summary() -> None:
    assert rendered("{% form_errors form %}", form=PostForm()).strip() == ""


# --- lists
# -----------------------------------------------------------------------------------------------


def test_an_empty_state_escapes_its_words_and_offers_one_action() -> None:
    html = rendered(
        "{% empty_state title text '/add' 'Add one' %}",
        title="<b>None</b>",
        text="a & b",
    )
    assert (
        "&lt;b&gt;None&lt;/b&gt;" in html and "a &amp; b" in html and "<b>" not in html
    )
    assert html.count("<a ") == 1 and 'href="/add"' in html


def test_an_empty_state_without_an_action_has_no_link() -> None:
    assert "<a " not in rendered("{% empty_state 'Nothing' %}")


def test_pagination_keeps_the_other_parameters_and_marks_the_page() -> None:
    request = RequestFactory().get("/", {"q": "tap & sink", "page": "2"})
    html = rendered(
        "{% pagination page %}", page=Paginator(range(95), 10).page(2), request=request
    )
    assert 'href="?q=tap+%26+sink&amp;page=3"' in html and 'rel="prev"' in html
    assert html.count("aria-current") == 1 and "11–20 of 95" in html


def test_a_single_page_needs_no_pagination() -> None:
    request = RequestFactory().get("/")
    assert (
        rendered(
            "{% pagination page %}",
            page=Paginator(range(3), 10).page(1),
            request=request,
        ).strip()
        == ""
    )


@pytest.mark.parametrize(
    ("query", "order", "link"),
    [
        ("", "", "?q=x&amp;sort=when"),
        ("when", "ascending", "?q=x&amp;sort=-when"),
        ("-when", "descending", "?q=x&amp;sort=when"),
    ],
)
def test_a_sort_header_turns_round_and_starts_at_the_first_page(
    query: str, order: str, link: str
) -> None:
    request = RequestFactory().get(
        "/", {"q": "x", "page": "4"} | ({"sort": query} if query else {})
    )
    html = rendered("{% sort_header 'when' 'When' %}", request=request)
    assert f'href="{link}"' in html
    assert (f'aria-sort="{order}"' in html) if order else ("aria-sort" not in html)


def test_a_captured_piece_can_be_asked_whether_it_is_empty() -> None:
    shown = "{% if piece %}[{{ piece }}]{% else %}nothing{% endif %}"
    source = "{% capture as piece %} {{ words }} {% endcapture %}" + shown
    assert rendered(source, words="") == "nothing"
    assert rendered(source, words="<i>") == "[&lt;i&gt;]"


# --- figures and notices
# ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "there"), [('key="done"', True), ("", False), ('key=""', False)]
)
def test_a_figure_flashes_only_under_a_stable_name(key: str, there: bool) -> None:
    shown = rendered(f"{{% kpi label 3 {key} %}}", label="<Done>")
    assert ('data-flash="kpi-done"' in shown, "data-flash" in shown) == (there, there)
    assert "&lt;Done&gt;" in shown


def test_progress_that_nobody_knows_has_no_value() -> None:
    source = '{% progress "Writing" percent topic="run:1" %}'
    assert 'value="13"' in rendered(source, percent=12.6)
    unknown = rendered(source, percent=None)
    assert "value=" not in unknown and 'data-progress="run:1"' in unknown


@pytest.mark.parametrize(
    ("arguments", "css", "symbol"),
    [
        ("", "notice", "info"),
        ('"error" "It stopped"', "notice notice-error", "triangle-alert"),
        ('"success" symbol="trophy"', "notice notice-success", "trophy"),
    ],
)
def test_a_notice_has_the_icon_of_its_level_or_one_of_its_own(
    arguments: str, css: str, symbol: str
) -> None:
    shown = rendered(
        f"{{% notice {arguments} %}}<p>{{{{ said }}}}</p>{{% endnotice %}}", said="<b>"
    )
    assert f'class="{css}"' in shown and "<p>&lt;b&gt;</p>" in shown
    assert rendered(f'{{% icon "{symbol}" size=18 %}}') in shown
    assert ("notice-title" in shown) == ("stopped" in shown)


def test_only_a_message_with_a_ticket_can_be_taken_back() -> None:
    assert "<form" not in rendered('{% toast "success" "Moved" %}')
    assert 'value="t1"' in rendered('{% toast "success" "Moved" ticket="t1" %}')


# --- templates
# -------------------------------------------------------------------------------------------


def shared_templates() -> list[str]:
    root = ROOT / "templates"
    folders = [root, root / "components", root / "errors", root / "registration"]
    return sorted(
        str(path.relative_to(root))
        for folder in folders
        for path in folder.glob("*.html")
    )


@pytest.mark.parametrize("name", shared_templates())
def test_every_shared_template_compiles_and_needs_no_inline_script_or_style(
    name: str,
) -> None:
    get_template(name)
    source = re.sub(
        r"\{%.*?%\}", "", (ROOT / "templates" / name).read_text(), flags=re.DOTALL
    )
    assert (
        "style=" not in source and "<style" not in source and " onclick" not in source
    )
    assert "<script>" not in source and source.count("<script") == source.count('src="')


def test_the_page_for_a_broken_server_needs_neither_request_nor_database() -> None:
    html = get_template("500.html").render()
    assert "Something broke on our side" in html and "Error 500" in html
