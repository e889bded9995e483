"""What somebody does first: clone, `make run`, sign in, Ctrl-C."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import (
    HTTPCookieProcessor,
    HTTPRedirectHandler,
    OpenerDirector,
    build_opener,
)

import pytest

from config.demo import PASSWORDS
from fillplanner.planning import kernels
from products import ROOT, Product, gone

pytestmark = [
    pytest.mark.slow,
    # Installing everything takes most of it.
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        not (shutil.which("make") and shutil.which("git")), reason="needs make and git"
    ),
    pytest.mark.skipif(
        not (ROOT / ".git").exists(), reason="needs the repository's history"
    ),
]


class Stay(HTTPRedirectHandler):
    """Shows redirects instead of following them."""

    def redirect_request(self, *args: object) -> None:
        return None


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    there = tmp_path / "slotline"
    subprocess.run(
        ["git", "clone", "--quiet", "--no-local", str(ROOT), str(there)], check=True
    )
    return there


@pytest.fixture
def product(clone: Path) -> Iterator[Product]:
    product = Product(clone.parent / "data", command=["make", "run"], where=clone)
    # Compiling the planner takes longer than all the rest, and has tests of its own.
    if compiled := kernels.home():
        product.environment["NUMBA_CACHE_DIR"] = str(compiled.parent)
    with product.running():
        yield product


def sign_in(browser: OpenerDirector, address: str, name: str, password: str) -> int:
    """The status of the answer to the filled-in form."""
    with browser.open(f"{address}/login") as answer:
        page = answer.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, page
    form = {"username": name, "password": password, "csrfmiddlewaretoken": token[1]}
    try:
        return int(browser.open(f"{address}/login", urlencode(form).encode()).status)
    except HTTPError as answer:
        return answer.code


def test_a_clone_runs_lets_people_in_and_leaves_nothing_behind(
    product: Product,
) -> None:
    found = product.whole()
    assert found["status"] == "healthy"

    browser = build_opener(HTTPCookieProcessor(CookieJar()), Stay)
    browser.addheaders = [("Accept", "text/html")]
    address = f"http://127.0.0.1:{product.port}"
    assert sign_in(browser, address, "manager", "not the password") == 200
    assert sign_in(browser, address, "manager", PASSWORDS["manager"]) == 302
    with browser.open(f"{address}/") as home:
        assert "Log out" in home.read().decode()

    # Ctrl-C reaches the product itself; make only waits for it.
    children, supervisor = (
        product.pids(),
        int((product.folder / "running.pid").read_text()),
    )
    assert product.stop(signal.SIGINT, supervisor) == 0
    assert all(gone(pid) for pid in [supervisor, *children.values()])
    assert "Traceback" not in product.said()
