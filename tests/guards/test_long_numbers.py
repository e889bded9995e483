"""A number of any length from outside is a row's or none: no fault of ours."""

from __future__ import annotations

import pytest

from scheduling.models import Post
from workspaces.models import User

pytestmark = pytest.mark.django_db
# The second is longer than Python reads as a number.
NUMBERS = ("9" * 30, "9" * 5000)
ADDRESSES = (
    "/plans/new?from={}",
    "/comparisons/new?from={}",
    "/configs/new?from={}",
    "/configs/new?plan={}",
    "/plans?find=%23{}",
    "/plans?page={}",
    "/plans/{}",
    "/comparisons/{}",
    "/configs/{}",
    "/ai-templates?copy={}",
    "/ai-templates/try?template={}",
    "/ai-templates/{}",
    "/analytics?days={}",
    "/recommendations?days={}",
)
FORMS = (
    ("/plans/rules", {"edit": "drop:days_off:{}"}),
    ("/plans/new", {"template": "{}", "edit": "fill"}),
    ("/posts/{post}/write/use", {"title": "Mine", "generation": "{}"}),
)


@pytest.mark.parametrize("number", NUMBERS, ids=len)
@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_take_it_for_none(
    browse, editor: User, address: str, number: str
) -> None:
    answer = browse(editor).get(address.format(number))
    assert answer.status_code in (200, 302, 404)


@pytest.mark.parametrize("number", NUMBERS, ids=len)
@pytest.mark.parametrize(("address", "form"), FORMS)
def test_forms_take_it_for_none(
    browse, editor: User, slot: Post, address: str, form: dict[str, str], number: str
) -> None:
    sent = {name: text.format(number) for name, text in form.items()}
    answer = browse(editor).post(address.format(post=slot.pk), sent)
    assert answer.status_code in (200, 302, 404, 422)
