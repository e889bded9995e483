"""The calendar in a real browser: posts are dragged and carried, others see it, and
what is refused snaps back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from visits import visit

from cast import make_content, make_post
from scheduling.models import ChannelAccount, Post
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post(monday: date, channel: ChannelAccount) -> Post:
    return make_post(channel, make_content(channel.workspace), at=on(monday, 9))


def on(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def open_calendar(page: Page, site: str, query: str, name: str = "editor") -> None:
    visit(page, site, f"/calendar?{query}", name)


def chip(page: Page, post: Post) -> Locator:
    return page.locator(f"#slot-{post.pk}")


def hour(page: Page, at: datetime) -> Locator:
    return page.locator(f'.hour[data-at="{at.isoformat()}"]')


def stands(post: Post) -> datetime:
    post.refresh_from_db()
    return post.scheduled_at


def drag(page: Page, what: Locator, to: Locator, share: float = 0.1) -> None:
    what.scroll_into_view_if_needed()
    to.scroll_into_view_if_needed()
    start, end = what.bounding_box(), to.bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 20, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(
        end["x"] + end["width"] / 2, end["y"] + end["height"] * share, steps=6
    )
    expect(page.locator(".is-drop")).to_have_count(1)
    page.mouse.up()


def test_a_post_is_dragged_to_another_hour_and_back_by_undo(
    page: Page, asgi_server: str, editor: User, post: Post, monday: date
) -> None:
    open_calendar(page, asgi_server, f"view=week&date={monday}")
    target = on(monday + timedelta(days=2), 11)
    drag(page, chip(page, post), hour(page, target), share=0.6)
    expect(hour(page, target).locator(f"#slot-{post.pk}")).to_be_visible()
    expect(page.get_by_text("Moved to")).to_be_visible()
    assert stands(post) == target + timedelta(minutes=30)
    expect(chip(page, post).locator("time")).to_have_text("11:30")
    assert "/calendar" in page.url
    page.get_by_role("button", name="Undo").click()
    expect(hour(page, on(monday, 9)).locator(f"#slot-{post.pk}")).to_be_visible()
    assert stands(post) == on(monday, 9)


def test_a_post_is_dragged_to_another_day_of_the_month(
    page: Page, asgi_server: str, editor: User, post: Post, monday: date
) -> None:
    open_calendar(page, asgi_server, f"view=month&date={monday}")
    day = page.locator(f'.day[data-day="{monday + timedelta(days=3)}"]')
    drag(page, chip(page, post), day, share=0.5)
    expect(day.locator(f"#slot-{post.pk}")).to_be_visible()
    expect(page.get_by_text("Moved to")).to_be_visible()
    assert stands(post) == on(monday + timedelta(days=3), 9)


def test_what_the_server_refuses_snaps_back_and_says_why(
    page: Page, asgi_server: str, editor: User, post: Post, monday: date
) -> None:
    open_calendar(page, asgi_server, f"view=week&date={monday}")
    target = on(monday + timedelta(days=1), 10)
    make_post(post.account, post.content, at=target)
    drag(page, chip(page, post), hour(page, target), share=0.1)
    expect(page.locator(".toast-error")).to_contain_text(
        "already has a post at that time"
    )
    expect(hour(page, on(monday, 9)).locator(f"#slot-{post.pk}")).to_be_visible()
    assert stands(post) == on(monday, 9)


def test_a_post_that_somebody_moved_meanwhile_is_shown_where_they_put_it(
    page: Page, asgi_server: str, editor: User, post: Post, monday: date
) -> None:
    open_calendar(page, asgi_server, f"view=week&date={monday}")
    theirs = on(monday + timedelta(days=4), 8)
    Post.objects.filter(pk=post.pk).update(scheduled_at=theirs)
    drag(page, chip(page, post), hour(page, on(monday + timedelta(days=1), 10)))
    expect(page.locator(".toast-error")).to_contain_text(
        "Somebody else moved this post meanwhile"
    )
    expect(hour(page, theirs).locator(f"#slot-{post.pk}")).to_be_visible()
    assert stands(post) == theirs


def test_the_keyboard_carries_a_post(
    page: Page, asgi_server: str, editor: User, post: Post, monday: date
) -> None:
    open_calendar(page, asgi_server, f"view=week&date={monday}")
    chip(page, post).focus()
    for key in (" ", "ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator("#cal-status")).to_contain_text("10:15")
    page.keyboard.press("Enter")
    target = on(monday + timedelta(days=2), 10, 15)
    expect(
        hour(page, target.replace(minute=0)).locator(f"#slot-{post.pk}")
    ).to_be_visible()
    expect(page.get_by_text("Moved to")).to_be_visible()
    assert stands(post) == target
    expect(chip(page, post)).to_be_focused()
    page.keyboard.press(" ")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    expect(page.locator("#cal-status")).to_have_text("Left where it was.")
    assert stands(post) == target


def test_the_keyboard_goes_through_a_doubled_hour(
    page: Page,
    asgi_server: str,
    editor: User,
    workspace: Workspace,
    channel: ChannelAccount,
) -> None:
    """From 01:45 a quarter leads to 02:00 of summer time; four more to 02:00 of winter time."""
    change = next_change_back("Europe/Berlin")
    Workspace.objects.filter(pk=workspace.pk).update(zone="Europe/Berlin")
    moved = make_post(
        channel, make_content(workspace), at=change - timedelta(minutes=75)
    )
    open_calendar(page, asgi_server, f"view=day&date={change:%Y-%m-%d}")
    chip(page, moved).focus()
    page.keyboard.press(" ")
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#cal-status")).to_contain_text("02:00 CET")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Moved to")).to_be_visible()
    assert stands(moved) == change


def next_change_back(zone: str) -> datetime:
    """The next instant at which the clocks of Berlin go back: 01:00 UTC on the last
    Sunday of October.
    """
    now = timezone.now()
    for year in (now.year, now.year + 1):
        last = date(year, 10, 31)
        change = on(last - timedelta(days=(last.weekday() + 1) % 7), 1)
        if change > now + timedelta(days=2):
            return change
    raise AssertionError(zone)


def test_two_browsers_see_the_same(
    browser: Browser,
    asgi_server: str,
    editor: User,
    manager: User,
    post: Post,
    monday: date,
) -> None:
    contexts = [browser.new_context(), browser.new_context()]
    mine, theirs = (context.new_page() for context in contexts)
    open_calendar(mine, asgi_server, f"view=week&date={monday}")
    open_calendar(theirs, asgi_server, f"view=week&date={monday}", "manager")
    theirs.evaluate("window.neverReloaded = true")
    target = on(monday + timedelta(days=1), 9)
    chip(mine, post).focus()
    for key in (" ", "ArrowRight", "Enter"):
        mine.keyboard.press(key)
    expect(hour(theirs, target).locator(f"#slot-{post.pk}")).to_be_visible()
    assert theirs.evaluate("window.neverReloaded") is True
    for context in contexts:
        context.close()


def test_a_finger_rests_on_a_post_to_take_it(
    browser: Browser, asgi_server: str, editor: User, post: Post, monday: date
) -> None:
    context = browser.new_context(
        has_touch=True, viewport={"width": 800, "height": 1100}
    )
    page = context.new_page()
    open_calendar(page, asgi_server, f"view=month&date={monday}")
    day = page.locator(f'.day[data-day="{monday + timedelta(days=2)}"]')
    touch = finger(page)
    start, end = chip(page, post).bounding_box(), day.bounding_box()
    assert start and end
    touch("touchStart", start["x"] + 20, start["y"] + 8)
    page.wait_for_selector(".cal-ghost")
    touch("touchMove", end["x"] + end["width"] / 2, end["y"] + end["height"] / 2)
    expect(page.locator(".is-drop")).to_have_count(1)
    touch("touchEnd", 0, 0)
    expect(day.locator(f"#slot-{post.pk}")).to_be_visible()
    expect(page.get_by_text("Moved to")).to_be_visible()
    assert stands(post) == on(monday + timedelta(days=2), 9)
    context.close()


def finger(page: Page) -> Callable[[str, float, float], None]:
    """Sends touches as a screen would."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, x: float, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return touch


def test_a_viewer_cannot_take_anything_up(
    page: Page, asgi_server: str, viewer: User, post: Post, monday: date
) -> None:
    open_calendar(page, asgi_server, f"view=week&date={monday}", "viewer")
    chip(page, post).focus()
    page.keyboard.press(" ")
    assert page.locator(".cal-ghost").count() == 0
    assert page.locator(".is-open").count() == 0


@pytest.fixture
def slot(channel: ChannelAccount, monday: date) -> Post:
    """An empty one, with two contents to choose from."""
    for title in ("Winter hours", "Summer hours"):
        make_content(channel.workspace, title=title)
    return make_post(channel, at=on(monday, 9))


def test_an_empty_slot_is_filled_in_a_dialog(
    page: Page, asgi_server: str, editor: User, slot: Post, monday: date
) -> None:
    open_calendar(page, asgi_server, f"view=week&date={monday}")
    chip(page, slot).click()
    page.get_by_placeholder("Search content").fill("winter")
    expect(page.get_by_role("radio")).to_have_count(1)
    page.get_by_role("radio", name="Winter hours").check()
    page.get_by_role("button", name="Schedule", exact=True).click()
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.get_by_text("Filled and scheduled.")).to_be_visible()
    expect(page.locator(f"#slot-{slot.pk}.slot-scheduled")).to_contain_text(
        "Winter hours"
    )
    expect(chip(page, slot)).to_be_focused()


TYPES_AT_ONCE = """() => new MutationObserver((_, watch) => {
  const search = document.querySelector("#sheet [type=search]");
  if (!search) return;
  watch.disconnect();
  search.value = "winter";
  search.dispatchEvent(new Event("input", { bubbles: true }));
}).observe(document.querySelector("#sheet"), { childList: true, subtree: true })"""


def test_what_is_typed_the_moment_the_dialog_shows_is_searched(
    page: Page, asgi_server: str, editor: User, slot: Post, monday: date
) -> None:
    open_calendar(page, asgi_server, f"view=week&date={monday}")
    page.evaluate(TYPES_AT_ONCE)
    chip(page, slot).click()
    expect(page.get_by_role("radio")).to_have_count(1)
    expect(page.get_by_role("radio", name="Winter hours")).to_be_visible()


def test_an_empty_hour_offers_a_post_at_its_time(
    page: Page, asgi_server: str, editor: User, post: Post, monday: date
) -> None:
    open_calendar(page, asgi_server, f"view=week&date={monday}")
    hour(page, on(monday + timedelta(days=1), 14)).click()
    expect(page.locator("#sheet [name=time]")).to_have_value("14:00")
    expect(page.locator("#sheet input[type=date]")).to_have_value(
        f"{monday + timedelta(days=1)}"
    )
    page.locator("#sheet [name=account]").select_option(label="H2O on Facebook")
    page.get_by_role("radio", name="Five signs").check()
    page.get_by_role("button", name="Save as draft").click()
    expect(
        hour(page, on(monday + timedelta(days=1), 14)).locator(".slot-draft")
    ).to_be_visible()


def test_chosen_posts_are_moved_together(
    page: Page, asgi_server: str, editor: User, post: Post, monday: date
) -> None:
    other = make_post(post.account, post.content, at=on(monday + timedelta(days=1), 9))
    open_calendar(page, asgi_server, f"view=week&date={monday}")
    chip(page, post).click(modifiers=["Control"])
    chip(page, other).focus()
    page.keyboard.press("x")
    expect(page.locator("[data-chosen-count]")).to_have_text("2")
    page.get_by_label("Move by how many").fill("2")
    page.get_by_role("button", name="Later", exact=True).click()
    expect(page.get_by_text("Moved 2 posts.")).to_be_visible()
    assert (stands(post), stands(other)) == (
        on(monday + timedelta(days=2), 9),
        on(monday + timedelta(days=3), 9),
    )


def test_the_rest_of_a_crowded_hour_is_shown_beside_it(
    page: Page, asgi_server: str, editor: User, channel: ChannelAccount, monday: date
) -> None:
    posts = [make_post(channel, at=on(monday, 9, minute)) for minute in range(8)]
    open_calendar(page, asgi_server, f"view=week&date={monday}")
    more = page.get_by_role("link", name="4 more")
    more.click()
    popover = page.locator("#cal-popover")
    expect(popover.locator(".slot")).to_have_count(8)
    page.keyboard.press("Escape")
    expect(popover).to_be_hidden()
    expect(more).to_be_focused()
    more.click()
    target = on(monday + timedelta(days=2), 10)
    drag(page, popover.locator(f"[data-post='{posts[7].pk}']"), hour(page, target))
    expect(hour(page, target).locator(f"#slot-{posts[7].pk}")).to_be_visible()
    assert stands(posts[7]) == target


def test_good_hours_are_tinted_and_said(
    page: Page, asgi_server: str, editor: User, post: Post, monday: date
) -> None:
    open_calendar(page, asgi_server, f"view=week&date={monday}")
    expect(page.locator("#heat-note")).to_be_visible()
    assert 20 < page.locator(".hour[class*=heat-]").count() < 84
    assert page.locator(".heat-3").first.get_attribute("title").startswith("Worth ")


def test_paper_has_the_whole_week_and_no_buttons(
    page: Page, asgi_server: str, editor: User, post: Post, monday: date
) -> None:
    open_calendar(page, asgi_server, f"view=week&date={monday}")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Top off 28 days")).to_be_hidden()
    expect(page.locator(".segmented").first).to_be_hidden()
    wrap = page.locator(".hours-wrap")
    assert wrap.evaluate("one => one.scrollHeight <= one.clientHeight + 2")
    expect(chip(page, post)).to_be_visible()


def test_letters_turn_pages(
    page: Page, asgi_server: str, editor: User, post: Post, monday: date
) -> None:
    open_calendar(page, asgi_server, f"view=week&date={monday}&platform=facebook")
    page.keyboard.press("j")
    page.wait_for_url(f"**date={monday + timedelta(days=7)}*")
    page.keyboard.press("d")
    page.wait_for_url("**view=day*")
    assert "platform=facebook" in page.url
    page.keyboard.press("?")
    expect(page.locator("#shortcuts-dialog")).to_contain_text("On a post: take it up")
