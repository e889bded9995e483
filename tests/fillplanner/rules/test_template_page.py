"""Rule templates on their page: fields, rows and the table of types, what stays JSON,
and what a save leaves alone.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from markup import tight
from sent_forms import sent_back

from fillplanner.forms import USUAL, ConfigForm
from fillplanner.models import ConfigTemplate
from fillplanner.rules.matrix import MOST_TYPES
from fillplanner.rules.template_checks import SYSTEM_DEFAULT
from fillplanner.rules.template_parts import apart
from fillplanner.services import configs
from workspaces.models import User

pytestmark = pytest.mark.django_db
CALENDAR = {
    "zone": "Europe/Berlin",
    "weekly_off": ["sunday"],
    "days_off": ["2026-12-25"],
    "shifts": [["06:00", "22:00"]],
    "blocked": [
        {"start": "2026-12-02T10:00:00+01:00", "end": "2026-12-02T14:00:00+01:00"}
    ],
}
FIELDS = {
    "name": "Line 3",
    "clean_hours": "4",
    "lines": "2",
    "allow_waiting": "on",
    "calendar_zone": "Europe/Berlin",
    "weekly_off": ["sunday"],
    "days_off_day": ["", "2026-12-25"],
    "shifts_start": ["06:00"],
    "shifts_end": ["22:00"],
    "blocked_start": ["2026-12-02T10:00"],
    "blocked_end": ["2026-12-02T14:00"],
    "priority_levels_name": ["rush", "usual"],
    "priority_levels_weight": ["5", "1"],
    "matrix_type": ["A", "B"],
    "matrix_0_1": "2.5",
    "allowed_strategies": ["lpt-pack"],
    "more_rules": '{"beam_width": 5}',
}
RULES = {
    "clean_hours": 4,
    "lines": 2,
    "allow_waiting": True,
    "calendar": CALENDAR,
    "priority_levels": {"rush": 5, "usual": 1},
    "changeover_matrix": {"A": {"B": 2.5}},
    "allowed_strategies": ["lpt-pack"],
    "beam_width": 5,
}
# Everything that a template may hold: aliases, numbers of either kind, empty places,
# keys that nobody reads.
HELD: list[dict[str, Any]] = [
    RULES,
    SYSTEM_DEFAULT,
    {},
    {
        "max_clean_hours": 6,
        "CHG_SAME_HOURS": 1.0,
        "CHANGEOVER_MATRIX": {"A": {}, "B": {"A": 3}},
    },
    {
        "milp-opt": {"time_limit": 30, "seed": 7},
        "frozen_blocks": [["L1", "L2"]],
        "other_program": {"deep": [1, None]},
    },
    {
        "allowed_strategies": [],
        "allow_waiting": False,
        "milp_time_limit": 7200,
        "clean_hours": 50_000,
    },
    {
        "calendar": {"weekly_off": ["Sunday", "sunday"]},
        "priority_levels": {"a b": 123456.25, "A B": 2},
    },
    {
        "calendar": {"zone": "Asia/Tokyo"},
        "priority_levels": {"high": 3, "medium": 2, "low": 1},
        "lines": 1,
    },
    {
        "changeover_matrix": {
            f"T{n}": {"T0": 0.1 + 0.2} for n in range(MOST_TYPES + 1)
        },
        "clean_hours": 0,
    },
    {
        "changeover_matrix": {" odd name\n": {"A": 1}},
        "priority_levels": {"high": 0.1234567891},
    },
]


@pytest.fixture
def client(browse, editor: User) -> Client:
    made: Client = browse(editor)
    return made


def keep(owner: User, config: dict[str, Any], **values: Any) -> ConfigTemplate:
    return configs.create(owner, {"name": "Line 3", "config": config} | values)


def sent(page: str) -> dict[str, Any]:
    """Every field of the page's form as a browser would send it back unchanged."""
    return sent_back(page.partition("rules-page")[2].partition("</form>")[0])


def test_what_is_typed_becomes_the_templates_rules(client: Client) -> None:
    client.post("/configs/new", FIELDS)
    assert ConfigTemplate.objects.get().config == RULES


@pytest.mark.parametrize("config", HELD)
def test_a_save_without_a_change_leaves_everything_as_it_was(
    client: Client, editor: User, config: dict[str, Any]
) -> None:
    template = keep(editor, config)
    fields = sent(client.get(f"/configs/{template.pk}").content.decode())
    assert client.post(f"/configs/{template.pk}", fields).status_code == 302
    template.refresh_from_db()
    assert template.config == config
    assert repr(sorted(template.config.items())) == repr(sorted(config.items()))


def test_a_change_keeps_the_key_it_was_written_under_and_all_others(
    client: Client, editor: User
) -> None:
    config = {
        "max_clean_hours": 6,
        "CHANGEOVER_MATRIX": {"A": {"B": 2}},
        "kept_for": "another program",
    }
    template = keep(editor, config)
    fields = sent(client.get(f"/configs/{template.pk}").content.decode())
    client.post(
        f"/configs/{template.pk}", fields | {"clean_hours": "7", "matrix_1_0": "1,5"}
    )
    template.refresh_from_db()
    assert template.config == {
        "max_clean_hours": 7,
        "CHANGEOVER_MATRIX": {"A": {"B": 2}, "B": {"A": 1.5}},
        "kept_for": "another program",
    }


def test_what_is_emptied_is_no_rule_of_the_template_any_more(
    client: Client, editor: User
) -> None:
    template = keep(editor, RULES)
    client.post(f"/configs/{template.pk}", {"name": "Bare"})
    template.refresh_from_db()
    assert template.config == {}


def test_a_whole_template_can_be_pasted_and_is_taken_apart(client: Client) -> None:
    client.post(
        "/configs/new",
        {
            "name": "Pasted",
            "more_rules": '{"max_clean_hours": 6, "seed": 7, "lines": 3}',
        },
    )
    template = ConfigTemplate.objects.get()
    assert template.config == {"max_clean_hours": 6, "seed": 7, "lines": 3}
    fields = sent(client.get(f"/configs/{template.pk}").content.decode())
    assert (fields["clean_hours"], fields["lines"]) == (["6"], ["3"])
    assert fields["more_rules"].split() == ["{", '"seed":', "7", "}"]


def test_a_rule_that_is_given_in_two_places_is_refused(client: Client) -> None:
    both = FIELDS | {
        "more_rules": '{"CLEAN_HOURS": 3, "calendar": {}, "changeover_matrix": {}, "seed": 1}'
    }
    answer = client.post("/configs/new", both)
    said = unescape(
        answer.content.decode()
        .partition('id="id_more_rules_error"')[2]
        .partition("</ul>")[0]
    )
    assert answer.status_code == 422
    assert re.findall("“(.*)” is given twice", said) == [
        "CLEAN_HOURS",
        "calendar",
        "changeover_matrix",
    ]


@pytest.mark.parametrize(
    ("fields", "place", "said"),
    [
        (
            {"window_hours": "0"},
            'id="id_window_hours_error',
            "greater than or equal to 0.01",
        ),
        ({"lines": "2.5"}, 'id="id_lines_error', "Enter a whole number"),
        ({"shifts_end": [""]}, "shifts-0", "A shift needs a time from and a time to."),
        (
            {"priority_levels_weight": ["5", "much"]},
            "priority_levels-1",
            "A priority needs a name and a weight",
        ),
        ({"matrix_0_1": "soon"}, 'value="soon"', 'aria-invalid="true"'),
        (
            {"allowed_strategies": ["guess"]},
            'id="id_allowed_strategies_error',
            "guess is not one of the available choices",
        ),
        (
            {"more_rules": '{"frozen_blocks": "all"}'},
            'id="id_more_rules_error',
            "must be a list of lists of lot ids",
        ),
        ({"name": "\u200b"}, 'id="id_name_error', "This field is required."),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_everything_stays(
    client: Client, fields: dict[str, Any], place: str, said: str
) -> None:
    answer = client.post("/configs/new", FIELDS | fields)
    page = unescape(tight(answer.content.decode()))
    assert answer.status_code == 422
    assert said in page.partition(place)[2][:1500]
    back = sent(answer.content.decode())
    for name, texts in (FIELDS | fields).items():
        shown = back.get(name, "")
        assert (
            [t for t in shown if t] == [t for t in texts if t]
            or shown == [texts]
            or texts in (["guess"], "\u200b")
        )
    assert not ConfigTemplate.objects.exists()


def test_rows_and_types_are_added_and_taken_out_on_the_page_and_in_its_piece(
    client: Client, editor: User
) -> None:
    template = keep(editor, RULES)
    fields = sent(client.get(f"/configs/{template.pk}").content.decode()) | {
        "clean_hours": "typed 9"
    }
    for headers in ({}, {"hx-request": "true"}):

        def ask(how: str, headers: Any = headers, **more: Any) -> dict[str, Any]:
            answer = client.post(
                f"/configs/{template.pk}",
                fields | {"edit": how} | more,
                headers=headers,
            )
            assert (answer.status_code, "<html" in answer.content.decode()) == (
                200,
                not headers,
            )
            page = answer.content.decode()
            return sent(page if not headers else f"rules-page{page}")

        assert (
            len(ask("more:shifts")["shifts_start"]) == len(fields["shifts_start"]) + 1
        )
        assert ask("drop:days_off:0")["days_off_day"] == ["", ""]
        types = ask("types", matrix_more='Vial 9, "C, cold", A')
        assert types["matrix_type"] == ["A", "B", "C, cold", "Vial 9"]
        assert (types["matrix_0_1"], types["clean_hours"], types["matrix_more"]) == (
            ["2.5"],
            ["typed 9"],
            [""],
        )
    template.refresh_from_db()
    assert template.config == RULES


def test_types_that_were_not_added_yet_are_not_lost_by_saving(client: Client) -> None:
    page = client.post(
        "/configs/new",
        {"name": "N", "matrix_more": "A, B", "default_changeover_hours": "3"},
    )
    assert sent(page.content.decode())["matrix_type"] == ["A", "B"]
    assert "Nothing was saved yet" in page.content.decode()
    assert 'placeholder="3"' in page.content.decode()
    many = ", ".join(f"T{n}" for n in range(MOST_TYPES + 1))
    page = client.post(
        "/configs/new", {"name": "N", "matrix_more": many, "edit": "types"}
    )
    assert f"The table takes {MOST_TYPES} types" in page.content.decode()
    assert sent(page.content.decode())["matrix_more"] == [many]
    assert not ConfigTemplate.objects.exists()


def test_who_may_only_read_reads_the_rules_in_words(
    browse, client: Client, manager: User
) -> None:
    unread = {"min_lot_spacing_hours": 0.5}
    template = keep(
        manager, RULES | unread, is_public=True, description="For <b>vials</b>"
    )
    page = client.get(f"/configs/{template.pk}").content.decode()
    facts = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", page))
    assert (facts["Clean (h)"], facts["Window (h)"], facts["The line may wait"]) == (
        "4",
        "120",
        "Yes",
    )
    assert facts["Working hours"].startswith(
        "Europe/Berlin time; off every Sunday; shifts 06:00 to 22:00"
    )
    assert (facts["Allowed strategies"], facts["min_lot_spacing_hours"]) == (
        "Longest first",
        "0.5",
    )
    assert "For &lt;b&gt;vials" in page
    assert re.search(r'<th scope="row">A</th><td class="num">2.50</td>', tight(page))


def test_rules_that_no_longer_hold_are_shown_to_both(
    browse, client: Client, editor: User, manager: User
) -> None:
    template = ConfigTemplate.objects.create(
        owner=editor, name="Old", is_public=True, config={"calendar": "always"}
    )
    for who in (client, browse(manager)):
        page = who.get(f"/configs/{template.pk}").content.decode()
        assert "must be an object" in page
        assert "&quot;always&quot;" in page


def test_every_field_of_the_page_has_a_place_in_the_template() -> None:
    """A rule that gets a field is not also left among the JSON."""
    config = {name: 5 for name in USUAL if name != "allow_waiting"} | {
        "allow_waiting": True
    }
    assert apart(config, USUAL, ConfigForm.fits) == (config, {})


def test_the_page_takes_few_queries_however_much_is_in_it(
    client: Client, editor: User, django_assert_max_num_queries
) -> None:
    days = [
        f"2026-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 29)
    ]
    matrix = {
        f"T{n}": {f"T{m}": 1.0 for m in range(MOST_TYPES)} for n in range(MOST_TYPES)
    }
    template = keep(
        editor, {"calendar": {"days_off": days}, "changeover_matrix": matrix}
    )
    with django_assert_max_num_queries(8):
        page = client.get(f"/configs/{template.pk}").content.decode()
    fields = sent(page)
    assert len(fields["days_off_day"]) == len(days) + 2
    assert client.post(f"/configs/{template.pk}", fields).status_code == 302
