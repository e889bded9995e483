"""Pages offer nobody what they may not open, in a workspace that has everything and in
one that has nothing.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest

from cast import make_channel, make_content, make_post
from scheduling.domain import states
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
PAGES = (
    "/",
    "/calendar",
    "/calendar?view=week",
    "/calendar?view=list",
    "/schedule",
    "/schedule?show=empty",
    "/content",
    "/attention",
    "/channels",
    "/blackouts",
    "/preferences",
    "/outbox",
    "/calendars",
    "/recommendations",
    "/optimise",
    "/trials",
    "/writing",
    "/analytics",
    "/ai-templates",
    "/plans",
    "/comparisons",
    "/members",
)
LINK = re.compile(r'(?:href|hx-get)="([^"#]+)"')
NUMBERED = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<==)[^&]*")


def offered(client: Any) -> dict[str, tuple[str, str]]:
    """Where the middles of the pages lead: for each kind of address one, and the page
    that it stands on.
    """
    found: dict[str, tuple[str, str]] = {}
    for page in PAGES:
        text = client.get(page, follow=True).content.decode()
        main = re.search(r"<main.*</main>", text, re.DOTALL)
        assert main, page
        for link in LINK.findall(main[0]):
            address = urljoin(page, unescape(link))
            if address.startswith("/"):
                found.setdefault(NUMBERED.sub("", address), (address, page))
    return found


@pytest.mark.parametrize(
    ("role", "is_full"),
    [
        ("viewer", True),
        ("editor", True),
        ("manager", True),
        ("viewer", False),
        ("manager", False),
    ],
)
def test_every_link_leads_somewhere(
    browse,
    viewer: User,
    editor: User,
    manager: User,
    workspace: Workspace,
    role: str,
    is_full: bool,
) -> None:
    if is_full:
        channel = make_channel(workspace)
        for state in (
            states.PLANNED,
            states.DRAFT,
            states.SCHEDULED,
            states.FAILED,
            states.PUBLISHED,
        ):
            make_post(
                make_channel(workspace, name=state),
                make_content(workspace, title=state),
                state=state,
            )
        make_post(channel)
    client = browse({"viewer": viewer, "editor": editor, "manager": manager}[role])
    links = offered(client)
    closed = {
        address: (answer, page)
        for address, page in links.values()
        if (answer := client.get(address).status_code) >= 400
    }
    assert len(links) > 10
    assert not closed
