"""The page of a plan with 10,000 activities: what the server takes, and how long the
browser then takes to paint it.
"""

from __future__ import annotations

import os
import shutil
import statistics
import threading
import time
from typing import Any

import uvicorn
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test.utils import override_settings
from django.utils import timezone

from benchmarks.figures import empty_database, say
from fillplanner import states
from fillplanner.models import Plan, PlanResult
from fillplanner.planning.problem import LineConfig, Lot, Problem
from fillplanner.planning.rules import to_wire
from fillplanner.planning.solve import solve
from workspaces.models import User

LOTS, LOADS, FIRST_VISITS = 5_000, 7, 5
# From the first byte of the answer to the first frame with any of the page in it.
MEASURE = """() => new Promise((done) => new PerformanceObserver((list) => {
  const found = list.getEntriesByName("first-contentful-paint")[0];
  const [page] = performance.getEntriesByType("navigation");
  if (found) done({server: page.responseStart - page.requestStart, paint: found.startTime - page.responseStart,
    bars: document.querySelectorAll(".act").length, bytes: page.decodedBodySize});
}).observe({type: "paint", buffered: true}))"""

# The same without waiting for styles: the piece of the page that a live update or
# another zoom puts in.
SWAP = """(address) => fetch(address, {headers: {"HX-Request": "true"}}).then((answer) => answer.text())
  .then((text) => new Promise((done) => {
    const begun = performance.now();
    document.querySelector("#plan").outerHTML = text;
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
  }))"""


def measure() -> None:
    with empty_database(), override_settings(ALLOWED_HOSTS=["127.0.0.1"]):
        _measure()


def _measure() -> None:
    user = User.objects.create_user("bench", "bench@example.org", "bench")
    plan = made(user)
    with_cookie = signed_in(user)
    # Playwright's synchronous interface keeps an event loop in this thread, where
    # Django would refuse queries.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    server = served()
    try:
        for zoom in ("", "?zoom=1"):
            found = loads(
                f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}",
                plan,
                with_cookie,
                zoom,
            )
            first = [one["paint"] for one in found if one["new"]]
            found = [one for one in found if not one["new"]]
            middle = {
                name: statistics.median(one[name] for one in found) for name in found[0]
            }
            say(
                "gantt",
                zoom=zoom or "all",
                activities=len(plan.result.activities),
                bars=middle["bars"],
                kilobytes=middle["bytes"] / 1024,
                server_ms=middle["server"],
                first_paint_ms=middle["paint"],
                swap_paint_ms=middle["swap"],
                least_first_paint_ms=min(one["paint"] for one in found),
                least_swap_paint_ms=min(one["swap"] for one in found),
                new_browser_ms=statistics.median(first),
                least_new_browser_ms=min(first),
                load=os.getloadavg()[0] / (os.cpu_count() or 1),
            )
    finally:
        server.should_exit = True
        connection.close()


def made(user: User) -> Plan:
    """A plan as a worker would have left it."""
    lots = tuple(
        Lot(f"L{i:05d}", f"T{i % 6}", 19_920 * (1 + i % 30), 1.0 + i % 30)
        for i in range(LOTS)
    )
    config = LineConfig()
    result = solve(Problem(lots, config), "spt-pack")
    plan = Plan.objects.create(
        owner=user,
        name="Large",
        strategy="spt-pack",
        state=states.COMPLETED,
        lots_count=LOTS,
        lots=[
            {name: value for name, value in vars(lot).items() if value is not None}
            for lot in lots
        ],
        config=to_wire(config),
        start_time=timezone.now(),
    )
    PlanResult.objects.create(plan=plan, **result.to_wire())
    return plan


def signed_in(user: User) -> str:
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "workspaces.backends.EmailOrUsername"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def served() -> uvicorn.Server:
    from config.asgi import application  # noqa: PLC0415 - only now is Django set up

    server = uvicorn.Server(
        uvicorn.Config(
            application,
            host="127.0.0.1",
            port=0,
            lifespan="off",
            log_config=None,
            access_log=False,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("The server did not start.")
        time.sleep(0.01)
    return server


def loads(site: str, plan: Plan, cookie: str, query: str) -> list[dict[str, Any]]:
    """What each load of the page took, in a browser that has been here before and in
    some that have not (`new`).
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only here

    with sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path=shutil.which("chromium") or os.environ.get("CHROMIUM"),
            args=["--no-sandbox"],
        )
        address, found = f"{site}/plans/{plan.pk}{query}", []
        for visits in [LOADS + 1] + [1] * FIRST_VISITS:
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}]
            )
            page = context.new_page()
            for visit in range(visits):
                page.bring_to_front()
                page.goto(address)
                figures = page.evaluate(MEASURE)
                swapped = page.evaluate(SWAP, f"/plans/{plan.pk}{query}")
                found.append(figures | {"swap": swapped, "new": visit == 0})
            context.close()
        browser.close()
    # The very first warms up the server.
    return found[1:]
