"""All style sheets that a page waits for come as one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from common.stylesheet import PARTS, composed


def test_every_style_sheet_but_that_for_paper_is_in_it() -> None:
    files = (Path(settings.BASE_DIR) / "static" / "css").glob("*.css")
    assert sorted(PARTS) == sorted(file.stem for file in files if file.stem != "print")


def test_it_holds_every_rule_and_no_comment() -> None:
    folder, text = Path(settings.BASE_DIR) / "static" / "css", composed()[1].decode()
    assert "/*" not in text
    for part in PARTS:
        lines = re.sub(
            r"/\*.*?\*/", "", (folder / f"{part}.css").read_text(), flags=re.DOTALL
        ).splitlines()
        assert [
            line for line in lines if line.strip() and line.strip() not in text
        ] == []
    assert text.count("{") == text.count("}")


@pytest.mark.django_db
def test_a_page_waits_for_one_style_sheet_and_keeps_it_for_good(client: Client) -> None:
    page = client.get("/login").content.decode()
    (address,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page)
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (
        200,
        "text/css; charset=utf-8",
    )
    assert set(answer["Cache-Control"].split(", ")) == {
        "public",
        "immutable",
        f"max-age={365 * 24 * 3600}",
    }
    assert answer.content == composed()[1]
    assert "Set-Cookie" not in answer.headers


def test_a_page_of_another_version_is_not_left_without_styles(client: Client) -> None:
    answer = client.get("/style-0123456789abcdef.css")
    assert (answer.content, answer["Cache-Control"]) == (composed()[1], "no-store")
    assert client.post("/style-0123456789abcdef.css").status_code == 405
