"""The pages of config templates without scripts, and planning with a template."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cast import person
from common.texts import clean
from fillplanner.models import ConfigTemplate, Plan
from fillplanner.services import configs
from workspaces.models import AuditEntry, User

pytestmark = pytest.mark.django_db
CSV = "Lot ID,Type,Vials\nL1,A,19920\nL2,B,39840\n"
CONFIG = {"max_clean_hours": 6, "changeover_matrix": {"A": {"B": 2}}}


def keep(user: User, **values: Any) -> ConfigTemplate:
    return configs.create(user, {"name": "Line 3", "config": CONFIG} | values)


def form(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Line 3",
        "description": "",
        "more_rules": json.dumps(CONFIG),
    } | fields


@pytest.fixture
def client(browse, editor: User) -> Client:
    made: Client = browse(editor)
    return made


def test_a_template_is_written_changed_and_deleted(
    client: Client, editor: User
) -> None:
    answer = client.post("/configs/new", form(is_public="on"))
    template = ConfigTemplate.objects.get()
    assert answer["Location"] == f"/configs/{template.pk}"
    assert (template.owner, template.config, template.is_public) == (
        editor,
        CONFIG,
        True,
    )
    client.post(
        f"/configs/{template.pk}", form(name="Line 4", more_rules="", clean_hours="3")
    )
    template.refresh_from_db()
    assert (template.name, template.config, template.is_public) == (
        "Line 4",
        {"max_clean_hours": 3},
        False,
    )
    client.post(f"/configs/{template.pk}/delete")
    assert not ConfigTemplate.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "The JSON cannot be used"),
        ("[" * 100_000, "The JSON cannot be used"),
        ("[1]", "must be a JSON object"),
        ('{"max_clean_hours": -1}', "must be at least 0"),
        ('{"x": NaN}', "a number that is not finite"),
    ],
)
def test_bad_json_is_explained_beside_it_and_nothing_typed_is_lost(
    client: Client, text: str, said: str
) -> None:
    answer = client.post(
        "/configs/new", form(more_rules=text, name="Kept name", lines="25")
    )
    page = answer.content.decode()
    assert (answer.status_code, 'value="Kept name"' in page, 'value="25"' in page) == (
        422,
        True,
        True,
    )
    assert said in page.partition('id="id_more_rules_error"')[2].partition("</ul>")[0]
    assert answer.context["form"]["more_rules"].value() == text
    assert not ConfigTemplate.objects.exists()


def test_checking_only_checks(client: Client) -> None:
    page = client.post(
        "/configs/new", form(check="1", more_rules='{"x": 1}')
    ).content.decode()
    assert "These rules can be kept." in page
    assert "&#x27;x&#x27; is kept but not used for planning" in page
    bad = client.post("/configs/new", form(check="1", more_rules='{"window_hours": 0}'))
    assert (bad.status_code, "These rules can be kept." in bad.content.decode()) == (
        422,
        False,
    )
    assert not ConfigTemplate.objects.exists()


def test_a_private_template_is_closed_to_others_and_a_public_one_is_read_only(
    browse, client: Client, manager: User
) -> None:
    private, public = (
        keep(manager, name="Secret"),
        keep(manager, name="<b>Shared</b>", is_public=True),
    )
    listing = client.get("/configs").content.decode()
    assert "Secret" not in listing
    assert "&lt;b&gt;Shared" in listing
    for address in ("", "/export.json"):
        assert client.get(f"/configs/{private.pk}{address}").status_code == 404
        assert client.get(f"/configs/{public.pk}{address}").status_code == 200
    assert client.get(f"/configs/new?from={private.pk}").status_code == 404
    for template in (private, public):
        for address in ("", "/delete", "/default"):
            assert (
                client.post(f"/configs/{template.pk}{address}", form()).status_code
                == 404
            )
    page = client.get(f"/configs/{public.pk}").content.decode()
    assert "<form" not in page.partition("<main")[2].partition("</main")[0]
    assert ConfigTemplate.objects.count() == 2


def test_a_copy_begins_with_the_original(client: Client, manager: User) -> None:
    template = keep(manager, is_public=True)
    page = client.get(f"/configs/new?from={template.pk}").content.decode()
    assert "Line 3 (copy)" in page
    assert re.search(r'name="clean_hours" value="6"', page)


def test_the_default_is_chosen_and_dropped(client: Client, editor: User) -> None:
    first, second = keep(editor), keep(editor, name="Line 9")
    for template in (first, second):
        client.post(f"/configs/{template.pk}/default")
    assert ConfigTemplate.objects.get(is_default=True) == second
    assert (
        f'<option value="{second.pk}" selected>Line 9'
        in client.get("/plans/new").content.decode()
    )
    client.post(f"/configs/{second.pk}/default", {"unset": "1"})
    assert not ConfigTemplate.objects.filter(is_default=True).exists()


def test_an_exported_file_can_be_imported(
    browse, client: Client, editor: User, manager: User
) -> None:
    template = keep(editor, description="For vials")
    answer = client.get(f"/configs/{template.pk}/export.json")
    assert (
        answer["Content-Disposition"]
        == f'attachment; filename="config_{template.pk}.json"'
    )
    browse(manager).post(
        "/configs/import", {"file": SimpleUploadedFile("c.json", answer.content)}
    )
    copy = ConfigTemplate.objects.get(owner=manager)
    assert (copy.name, copy.config, copy.description, copy.is_public) == (
        "Line 3",
        CONFIG,
        "For vials",
        False,
    )


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=20,
    deadline=None,
)
@given(
    name=NAMES.map(lambda text: clean(text).strip()[:255]).filter(bool),
    description=NAMES.map(lambda text: clean(text).strip()),
    hours=st.floats(1, 200),
)
def test_what_goes_out_comes_in_as_it_was(
    browse, editor: User, manager: User, name: str, description: str, hours: float
) -> None:
    ConfigTemplate.objects.all().delete()
    rules = CONFIG | {"window_hours": hours}
    template = keep(editor, name=name, description=description, config=rules)
    exported = browse(editor).get(f"/configs/{template.pk}/export.json").content
    file = SimpleUploadedFile("c.json", exported)
    browse(manager).post("/configs/import", {"file": file})
    copy = ConfigTemplate.objects.get(owner=manager)
    before = (template.name, template.description, template.config)
    assert (copy.name, copy.description, copy.config) == before


def test_parts_of_the_file_that_are_not_used_are_named(client: Client) -> None:
    data = json.dumps({"name": "x", "config": CONFIG, "version": 2, "tags": []})
    file = SimpleUploadedFile("c.json", data.encode())
    page = client.post("/configs/import", {"file": file}, follow=True)
    assert "Not used: tags, version." in page.content.decode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{}", "not an exported template"),
        (b"PK\x03\xff\xfe\x00", "not an exported template"),
        (b"[", "The JSON cannot be used"),
        (b'{"name": "x", "config": {"clean_hours": "y"}}', "clean_hours"),
        (b'{"name": "x", "config": 5}', "config must be an object"),
    ],
)
def test_a_file_that_is_no_template_is_refused(
    client: Client, data: bytes, said: str
) -> None:
    page = client.post(
        "/configs/import", {"file": SimpleUploadedFile("c.json", data)}, follow=True
    ).content.decode()
    assert said in page
    assert not ConfigTemplate.objects.exists()


def test_the_old_address_leads_on(client: Client) -> None:
    assert client.get("/config")["Location"] == "/configs"
    assert 'href="/configs"' in client.get("/plans").content.decode()


def plan(client: Client, **fields: Any):
    return client.post(
        "/plans/new",
        {"strategy": "smart-pack", "lots": CSV, "name": "P"} | fields,
        follow=True,
    )


def test_a_plan_takes_its_rules_from_a_template(client: Client, manager: User) -> None:
    template = keep(
        manager,
        is_public=True,
        config=CONFIG | {"smart_pack": {"beam_width": 5}, "min_lot_spacing_hours": 1},
    )
    page = plan(
        client, template=template.pk, clean_hours=24, window_hours=100
    ).content.decode()
    made = Plan.objects.get()
    assert (
        made.config["clean_hours"],
        made.config["window_hours"],
        made.config["beam_width"],
    ) == (6, 100, 5)
    assert made.config["changeover_matrix"] == {"A": {"B": 2}}
    assert "Not used for planning: min_lot_spacing_hours." in page


def test_what_is_said_with_the_lots_goes_before_the_template(
    client: Client, editor: User
) -> None:
    rows = [{"lot_id": "L1", "lot_type": "A", "vials": 100, "fill_hours": 1}]
    document = json.dumps({"lots": rows, "config": {"CLEAN_HOURS": 3}})
    plan(
        client,
        template=keep(editor, config={"clean_hours": 6, "window_hours": 50}).pk,
        lots=document,
    )
    made = Plan.objects.get()
    assert (made.config["clean_hours"], made.config["window_hours"]) == (3, 50)


def test_a_template_keeps_to_the_strategies_it_allows(
    client: Client, editor: User
) -> None:
    template = keep(editor, config={"allowed_strategies": ["lpt-pack"]})
    answer = plan(client, template=template.pk)
    assert answer.status_code == 422
    assert "allows lpt-pack" in answer.content.decode()
    plan(client, template=template.pk, strategy="lpt-pack")
    assert Plan.objects.get().strategy == "lpt-pack"


def test_a_private_template_of_somebody_else_cannot_be_planned_with(
    client: Client, manager: User
) -> None:
    assert plan(client, template=keep(manager).pk).status_code == 422
    assert not Plan.objects.exists()


def test_a_list_of_many_templates_takes_few_queries(
    client: Client, editor: User, django_assert_max_num_queries
) -> None:
    for number in range(32):
        keep(editor, name=f"T{number:02d}")
    with django_assert_max_num_queries(9):
        page = client.get("/configs").content.decode()
    assert page.count('class="row-link"') == 30
    piece = client.get(
        "/configs?page=2", headers={"hx-request": "true"}
    ).content.decode()
    assert ("T00" in piece, "<html" in piece) == (True, False)


def test_staff_see_templates_and_delete_them_on_the_trail(browse, editor: User) -> None:
    one, two = keep(editor), keep(editor, name="Two")
    staff = browse(person("root", is_staff=True, is_superuser=True))
    assert staff.get("/admin/fillplanner/configtemplate/").status_code == 200
    assert (
        staff.get(f"/admin/fillplanner/configtemplate/{one.pk}/change/").status_code
        == 200
    )
    staff.post(f"/admin/fillplanner/configtemplate/{one.pk}/delete/", {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [two.pk], "post": "yes"}
    staff.post("/admin/fillplanner/configtemplate/", chosen)
    assert not ConfigTemplate.objects.exists()
    assert (
        AuditEntry.objects.filter(
            action="deleted", actor_name="root", thing__startswith="config_tem"
        ).count()
        == 2
    )
