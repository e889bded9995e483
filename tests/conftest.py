"""Fixtures for every test."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import cpu
import judging
import pytest
import recording
from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.models.signals import post_migrate
from examples import use_profile
from patience import PAGE_MILLISECONDS
from playwright.sync_api import expect
from rest_framework.views import APIView
from xdist.scheduler import LoadFileScheduling

from serving import serving

pytest_plugins = ["vials", "cast", "demo_site", "scheduling_parts", "products"]

# Playwright's synchronous interface keeps an event loop in the thread of the test,
# where Django would refuse queries.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

JOURNEYS = "tests/journeys"
# Only `make test-model` names the server that these need.
collect_ignore = [] if os.environ.get("MODEL_PYTHON") else ["model"]
REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"

APIView.dispatch = judging.judged(APIView.dispatch)  # type: ignore[method-assign]
use_profile()
expect.set_options(timeout=PAGE_MILLISECONDS)


# --- what may be left out
# -------------------------------------------------------------------------------


# The first is the same browser without what only people need: a window costs half as much.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The system's browser: CHROMIUM if it is set, else the first one found."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


WITHOUT_BROWSER = pytest.mark.skip(
    reason="needs Chromium (apt-get install chromium-headless-shell, or set CHROMIUM)"
)
# Every fixture that makes rows asks for one of these.
NEEDS_DATABASE = {"db", "transactional_db", "django_db_setup"}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks come before anything is chosen by them."""
    fixtures = set(getattr(item, "fixturenames", ()))
    if "browser_name" in fixtures:
        item.add_marker(pytest.mark.browser)
    if fixtures & NEEDS_DATABASE or item.get_closest_marker("django_db"):
        item.add_marker(pytest.mark.database)
    if item.get_closest_marker("browser") and not chromium():
        item.add_marker(WITHOUT_BROWSER)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Files with browser tests come late: from the first of them on, this thread has a
    # running event loop, and tests that want to start one of their own would fail.
    # Those that share a running product come last.
    late = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: (item.nodeid.startswith(JOURNEYS), item.path in late))


class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # its package has no types
    """A file to a process, and the journeys together to one, where they share a running product."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return JOURNEYS if file.startswith(f"{JOURNEYS}/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


def pytest_collectstart() -> None:
    """What is read stays; the garbage collector need not look through it again and again."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


# Rows that a fresh installation has. Tests with real transactions empty all tables when
# they are done; the next test must find these all the same.
LOADED = (
    "contenttypes.ContentType",
    "auth.Permission",
    "django_celery_beat.IntervalSchedule",
    "django_celery_beat.CrontabSchedule",
    "django_celery_beat.PeriodicTask",
    "calendars.TimingRow",
    "calendars.PostingRhythm",
)


CREATE_PERMISSIONS = "django.contrib.auth.management.create_permissions"


def keep_loaded_rows() -> None:
    """Put them back as they are now; Django would work them out for each app anew."""
    loaded = [
        (model, list(model.objects.all())) for model in map(apps.get_model, LOADED)
    ]

    def restore(sender: AppConfig, **kwargs: Any) -> None:
        if sender.label == "calendars":
            for model, rows in loaded:
                model.objects.bulk_create(rows, ignore_conflicts=True)

    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid=CREATE_PERMISSIONS)
    post_migrate.connect(restore, weak=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[
    None, pytest.TestReport, pytest.TestReport
]:
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = (
            "skipped, but REQUIRE_ALL=1 wants every test to run: "
            f"{why(report.longrepr)}"
        )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[
    None, pytest.CollectReport, pytest.CollectReport
]:
    report = yield
    if REQUIRE_ALL and report.skipped:
        report.outcome = "failed"
        report.longrepr = (
            "skipped, but REQUIRE_ALL=1 wants every test to run: "
            f"{why(report.longrepr)}"
        )
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    used = cpu.minutes(int(os.environ.get("RUN_PID", os.getpid())))
    terminalreporter.write_line(f"CPU: {used:.1f} min until here")
    skipped = Counter(
        why(report.longrepr) for report in terminalreporter.stats.get("skipped", [])
    )
    for reason, count in skipped.most_common():
        terminalreporter.write_line(f"{count} skipped: {reason}", yellow=True)


def why(longrepr: Any) -> str:
    """The reason in pytest's (file, line, text) of a skip."""
    text = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return str(text).removeprefix("Skipped: ")


def pytest_unconfigure() -> None:
    """The settings made a folder for this run unless one was named."""
    folder = Path(settings.DATA_DIR) if settings.configured else None
    if (
        folder
        and folder.parent == Path(tempfile.gettempdir())
        and not os.environ.get("TEST_DATA_DIR")
    ):
        shutil.rmtree(folder, ignore_errors=True)


# --- the database
# ---------------------------------------------------------------------------------------


# What the runner has migrated already; PostgreSQL copies its own: see the settings.
MIGRATED_FILE = os.environ.get("RUN_MIGRATED_FILE")


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    return django_db_keepdb or bool(MIGRATED_FILE)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    if MIGRATED_FILE:
        shutil.copyfile(MIGRATED_FILE, connection.settings_dict["TEST"]["NAME"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Knox makes a table for the token model that ours replaces. Django does not know
    it any more, so emptying the tables between tests would leave it out, and PostgreSQL
    refuses to empty the users it points to.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS knox_authtoken")
        keep_loaded_rows()
    # PostgreSQL makes new files for each table that it truncates, which takes ten times
    # as long as the test; deleting a few rows takes none.
    type(connection.ops).sql_flush = delete_rows


def delete_rows(operations: Any, style: Any, tables: list[str], **kwargs: Any) -> Any:
    """As `sql_flush` of Django's operations; foreign keys are checked at the end."""
    return [f"DELETE FROM {operations.quote_name(table)}" for table in tables]


# --- a server and a browser
# -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any],
) -> dict[str, Any]:
    """The system's Chromium instead of a download; the sandbox cannot start for root
    and in most containers.
    """
    flags = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    return {**browser_type_launch_args, "executable_path": chromium(), "args": flags}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Nothing moves by itself: a bar of progress that runs is painted sixty times a
    second, by the processor.
    """
    return {**browser_context_args, "reduced_motion": "reduce"}


@pytest.fixture
def asgi_server(transactional_db: None) -> Iterator[str]:
    """The address of the whole application, sockets included: see `serving`."""
    with serving() as address:
        yield address


def pytest_sessionfinish() -> None:
    """Keep the examples that were asked for."""
    if recording.is_on():
        recording.write()
