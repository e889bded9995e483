"""The parts of the one-command run that need no processes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from config.running import banner, probe, valkey
from config.running.child import restart_wait
from config.running.console import Console
from config.running.folder import FolderLock
from config.running.supervisor import STOP_ORDER
from config.running.ways import Way


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 0.5), (2, 1), (3, 2), (6, 16), (7, 30), (50, 30)]
)
def test_a_restart_waits_longer_each_time_up_to_half_a_minute(
    failures: int, seconds: float
) -> None:
    assert restart_wait(failures) == seconds


def test_lines_carry_their_process_name() -> None:
    stream = io.StringIO()
    Console("console", stream).relay("web", "hello")
    assert stream.getvalue() == "web       | hello\n"


def test_json_passes_a_childs_json_through_and_wraps_the_rest() -> None:
    stream = io.StringIO()
    console = Console("json", stream)
    console.relay("web", '{"event": "own"}')
    console.relay("valkey", "plain")
    own, wrapped = map(json.loads, stream.getvalue().splitlines())
    assert own == {"event": "own"}
    assert (wrapped["event"], wrapped["logger"]) == ("plain", "valkey")


def test_a_terminal_that_went_away_stops_the_words_and_nothing_else() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    console = Console("console", Gone())
    console.say("one")
    console.say("two")
    assert console.stream is None


def test_a_socket_path_that_the_kernel_would_cut_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        valkey.command(Path("valkey-server"), Path("/" + "x" * 100), None)


def test_the_bundled_server_listens_on_its_socket_only_and_keeps_what_it_is_given() -> (
    None
):
    command = valkey.command(
        Path("valkey-server"), Path("/tmp/s/valkey.sock"), Path("/data")
    )
    pairs = dict(zip(command[1::2], command[2::2], strict=True))
    assert pairs["--port"] == "0"
    assert pairs["--unixsocketperm"] == "700"
    assert (pairs["--appendonly"], pairs["--maxmemory-policy"], pairs["--dir"]) == (
        "yes",
        "noeviction",
        "/data",
    )


def test_the_greeting_names_everything_one_needs() -> None:
    found = {
        "url": "http://localhost:8000/",
        "database": "SQLite",
        "processes": {"web": 12, "worker": 13},
        "durable_queue": False,
        "data_folder": "/data",
    }
    text = banner.banner(found, {"manager": "secret"})
    for part in (
        "http://localhost:8000/",
        "manager  password secret",
        "web 12, worker 13; SQLite",
        "/data",
        "lost",
    ):
        assert part in text


@pytest.mark.django_db
def test_the_greeting_shows_no_password_that_was_changed(
    django_user_model: Any, monkeypatch: Any
) -> None:
    class Demo:
        PASSWORDS = {"ana": "first", "ben": "second", "nobody": "x"}

    monkeypatch.setattr(banner, "import_module", lambda name: Demo)
    django_user_model.objects.create_user("ana", "ana@example.org", "first")
    django_user_model.objects.create_user("ben", "ben@example.org", "changed")
    assert banner.users() == {"ana": "first"}


@pytest.mark.parametrize(
    ("part", "beat", "workers", "fine"),
    [
        ("", False, 0, True),
        ("beat", True, 0, True),
        ("beat", False, 1, False),
        ("plans", True, 0, False),
        ("plans", False, 1, True),
    ],
)
def test_a_containers_check_asks_for_its_own_part(
    part: str, beat: bool, workers: int, fine: bool
) -> None:
    found = {
        "status": "healthy",
        "beat": {"ok": beat},
        "workers": {"queues": {"plans": workers}},
    }
    assert probe.fine(found, part) is fine
    assert not probe.fine({**found, "status": "unhealthy"}, part)


def test_a_containers_check_fails_where_nobody_answers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert probe.main("http://127.0.0.1:1/health") == 1
    assert "no answer" in capsys.readouterr().err


@pytest.mark.django_db
def test_the_banner_says_who_gets_in_without_signing_in(settings, editor) -> None:
    settings.LOOPBACK_USER, settings.LOOPBACK_WORKSPACE = "editor", "h2o"
    assert banner.open_as() == "editor @ h2o"
    found = banner.facts("127.0.0.1", 8000, {"web": 1}, durable=True)
    assert (
        "/api/schedule, /api/ai, /api/watcher from this machine: editor @ h2o"
        in banner.banner(found, {})
    )
    settings.LOOPBACK_WORKSPACE = "elsewhere"
    assert banner.open_as() is None


@pytest.mark.parametrize(("root", "names"), [("", []), ("/w", ["watcher"])])
def test_folders_are_watched_by_a_process_of_their_own_when_one_is_named(
    monkeypatch: Any, tmp_path: Path, root: str, names: list[str]
) -> None:
    monkeypatch.setenv("WATCH_ROOT", root)
    way = Way(Console(), FolderLock(tmp_path), "127.0.0.1", 8000, demo=False)
    recipes = way.recipes_to_run({}, tmp_path)
    everywhere = ["web", "publisher", "planner", "worker", "beat"]
    assert [recipe.name for recipe in recipes] == everywhere + names
    assert {*everywhere, *names} <= {name for group in STOP_ORDER for name in group}
