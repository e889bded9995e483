"""A field for each file that is chosen, beside its name."""

from __future__ import annotations

import pytest
from media_files import picture
from playwright.sync_api import Page, expect
from visits import visit

from cast import make_channel
from scheduling.models import Post
from scheduling.models.media import media_of
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_chosen_file_has_a_text_of_its_own(
    page: Page, asgi_server: str, editor: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace)
    visit(page, asgi_server, f"/posts/new?account={channel.pk}")
    files = [
        {"name": name, "mimeType": "image/jpeg", "buffer": picture(color=color)}
        for name, color in (("heron.jpg", "gray"), ("ibis.jpg", "red"))
    ]
    chooser = page.locator("#id_files")
    chooser.set_input_files(files)
    page.get_by_label("Alternative text of heron.jpg").fill("A heron")
    page.get_by_label("Alternative text of ibis.jpg").fill("An ibis")
    chooser.set_input_files(files[:1])
    expect(page.locator("[name=alt]")).to_have_count(1)
    expect(page.get_by_label("Alternative text of heron.jpg")).to_have_value("A heron")
    chooser.set_input_files(files)
    page.get_by_label("Alternative text of ibis.jpg").fill("A red ibis")
    page.locator("#id_title").fill("Birds")
    page.get_by_role("button", name="Save as draft").click()
    page.wait_for_url(lambda address: "/posts/new" not in address)
    post = Post.objects.get()
    assert [file.alt for file in media_of(post.content)] == ["A heron", "A red ibis"]
