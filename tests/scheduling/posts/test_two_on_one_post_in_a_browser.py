"""A post that somebody else changes while it is open in a browser."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, Route, expect
from visits import settle, visit

from cast import join, make_post, person
from scheduling.access import access_post
from scheduling.models import ChannelAccount, ContentItem, Post
from scheduling.posts import services as posts
from workspaces.models import User
from workspaces.roles import Role

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

FETCHED = """topic => new Promise(done => {
  document.addEventListener("htmx:afterRequest", () => done(), { once: true });
  document.body.dispatchEvent(new CustomEvent(topic));
})"""


@pytest.fixture
def post(channel: ChannelAccount, content: ContentItem) -> Post:
    return make_post(channel, content, caption_override="First")


@pytest.fixture
def anna(channel: ChannelAccount) -> User:
    return join(person("anna", first_name="Anna"), channel.workspace, Role.MANAGER)


def rewrite(anna: User, post: Post, caption: str) -> None:
    """Anna saves another caption."""

    def save() -> None:
        own = access_post(anna, post.pk, Role.EDITOR)
        posts.change(anna, own, posts.Changes(caption=caption))

    # Playwright keeps a loop running in this thread, in which live events cannot be sent.
    with ThreadPoolExecutor(1) as other:
        other.submit(save).result()


def caption_of(post: Post) -> str:
    with ThreadPoolExecutor(1) as other:
        return other.submit(Post.objects.get, pk=post.pk).result().caption_override


def test_what_was_typed_and_what_was_saved_stand_side_by_side(
    page: Page, asgi_server: str, editor: User, anna: User, post: Post
) -> None:
    visit(page, asgi_server, f"/posts/{post.pk}")
    page.locator("#id_caption").fill("Mine")
    rewrite(anna, post, "Anna’s")
    # Whether or not the page has heard of it: what was typed outlives its update, and so
    # does what it was typed upon.
    page.evaluate(FETCHED, f"live:post:{post.pk}")
    page.get_by_role("button", name="Save as draft").click()
    panel = page.get_by_role("alert")
    expect(panel).to_contain_text("Anna changed this post")
    expect(panel).to_contain_text("while you were editing it")
    expect(panel.get_by_text("Anna’s", exact=True)).to_be_visible()
    expect(panel.get_by_text("Mine", exact=True)).to_be_visible()
    expect(panel).to_be_focused()
    expect(page.locator("#id_caption")).to_have_value("Mine")
    assert caption_of(post) == "Anna’s"

    # A choice that is asked for does not go away by itself.
    settle(page)
    page.evaluate(FETCHED, f"live:post:{post.pk}")
    expect(panel).to_be_visible()
    page.get_by_role("button", name="Save as draft").click()
    expect(page.locator(".toast")).to_contain_text("Saved.")
    assert caption_of(post) == "Mine"


def test_the_others_text_is_one_press_away(
    page: Page, asgi_server: str, editor: User, anna: User, post: Post
) -> None:
    visit(page, asgi_server, f"/posts/{post.pk}")
    page.locator("#id_caption").fill("Mine")
    rewrite(anna, post, "Anna’s")
    page.get_by_role("button", name="Save as draft").click()
    page.get_by_label("Keep the text of Anna").check()
    page.get_by_role("button", name="Save as draft").click()
    expect(page.locator(".toast")).to_contain_text("Saved.")
    assert caption_of(post) == "Anna’s"


def test_a_live_update_does_not_stop_a_form_on_its_way(
    page: Page, asgi_server: str, editor: User, post: Post
) -> None:
    visit(page, asgi_server, f"/posts/{post.pk}")
    page.locator("#id_caption").fill("Mine")
    waiting: list[Route] = []
    page.route("**/form-token", lambda route: waiting.append(route))  # noqa: PLW0108 - takes no built-in
    with page.expect_request("**/form-token"):
        page.get_by_role("button", name="Save as draft").click()
    page.evaluate(FETCHED, f"live:post:{post.pk}")
    for route in waiting:
        route.continue_()
    expect(page.locator(".toast")).to_contain_text("Saved.")
    assert caption_of(post) == "Mine"
