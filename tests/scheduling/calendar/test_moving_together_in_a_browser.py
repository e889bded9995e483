"""Several posts are carried as one, and one press brings them back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from visits import visit

from cast import make_content, make_post
from scheduling.models import ChannelAccount, Post
from workspaces.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pair(monday: date, channel: ChannelAccount) -> list[Post]:
    """Monday at nine and Tuesday at eleven."""
    content = make_content(channel.workspace)
    return [
        make_post(channel, content, at=on(monday, 9)),
        make_post(channel, content, at=on(monday, 35)),
    ]


def on(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)


def open_chosen(page: Page, site: str, monday: date, posts: list[Post]) -> None:
    visit(page, site, f"/calendar?view=week&date={monday}")
    for post in posts:
        page.locator(f"#slot-{post.pk}").click(modifiers=["Control"])
    expect(page.locator("[data-chosen-count]")).to_have_text(f"{len(posts)}")


def carry(page: Page, post: Post, *keys: str) -> None:
    page.locator(f"#slot-{post.pk}").focus()
    for key in (" ", *keys):
        page.keyboard.press(key)


def stand(posts: list[Post]) -> list[datetime]:
    for post in posts:
        post.refresh_from_db()
    return [post.scheduled_at for post in posts]


def stands_in(page: Page, post: Post, at: datetime) -> None:
    expect(
        page.locator(f'.hour[data-at="{at.isoformat()}"] #slot-{post.pk}')
    ).to_be_visible()


def test_the_mouse_takes_all_that_are_chosen_and_undo_brings_them_back(
    page: Page, asgi_server: str, editor: User, pair: list[Post], monday: date
) -> None:
    open_chosen(page, asgi_server, monday, pair)
    start = page.locator(f"#slot-{pair[0].pk}").bounding_box()
    target = page.locator(f'.hour[data-at="{on(monday, 34).isoformat()}"]')
    end = target.bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 15, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(end["x"] + 30, end["y"] + 4, steps=5)
    expect(page.locator(".cal-ghost")).to_have_attribute("data-count", "2 posts")
    page.mouse.up()
    expect(page.get_by_text("Moved 2 posts.")).to_be_visible()
    stands_in(page, pair[0], on(monday, 34))
    stands_in(page, pair[1], on(monday, 60))
    assert stand(pair) == [on(monday, 34), on(monday, 60)]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Moved 2 posts back.")).to_be_visible()
    stands_in(page, pair[1], on(monday, 35))
    assert stand(pair) == [on(monday, 9), on(monday, 35)]


def test_the_keyboard_takes_them_and_what_is_refused_goes_back_with_its_reason(
    page: Page, asgi_server: str, editor: User, pair: list[Post], monday: date
) -> None:
    make_post(pair[1].account, pair[1].content, at=on(monday, 59))
    open_chosen(page, asgi_server, monday, pair)
    carry(page, pair[0], "ArrowRight")
    expect(page.locator(".cal-ghost")).to_have_attribute("data-count", "2 posts")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Moved 1 post.")).to_be_visible()
    expect(page.locator(".toast-warning")).to_contain_text(
        "already has a post at that time"
    )
    stands_in(page, pair[0], on(monday, 33))
    stands_in(page, pair[1], on(monday, 35))
    assert stand(pair) == [on(monday, 33), on(monday, 35)]


def test_what_is_not_chosen_goes_alone(
    page: Page, asgi_server: str, editor: User, pair: list[Post], monday: date
) -> None:
    open_chosen(page, asgi_server, monday, pair[:1])
    carry(page, pair[1], "ArrowRight", "Enter")
    expect(page.get_by_text("Moved to")).to_be_visible()
    assert stand(pair) == [on(monday, 9), on(monday, 59)]


def test_a_bulk_move_is_taken_back_from_the_notice_of_the_next_page(
    page: Page, asgi_server: str, editor: User, pair: list[Post], monday: date
) -> None:
    open_chosen(page, asgi_server, monday, pair)
    page.get_by_role("button", name="Later", exact=True).click()
    expect(page.get_by_text("Moved 2 posts.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Moved 2 posts back.")).to_be_visible()
    assert f"date={monday}" in page.url
    assert stand(pair) == [on(monday, 9), on(monday, 35)]
