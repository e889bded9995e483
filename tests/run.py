"""The whole suite: what is marked `services` on real servers, then everything on SQLite
with services in memory.

python tests/run.py [arguments for pytest]
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import cpu  # noqa: E402
import session  # noqa: E402

import servers  # noqa: E402  # its imports begin at the project's root

# In the order of collection: see tests/conftest.py on why browser tests come last.
PARALLEL = (
    "-n",
    "2",
    "--dist",
    "loadfile",
    "--no-loadscope-reorder",
    "--max-worker-restart",
    "2",
)
# Several times what either part takes. What still runs then prints its stacks and ends.
LIMIT_SECONDS = 7200
TESTS_FAILED = 1
NOTHING_COLLECTED = 5
# A few of the hundreds that wait for a browser or a process may miss their time on a
# busy machine. More is no chance.
MOST_TWICE = 5


def run_pytest(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Pytest's exit code. Everything it and its tests leave behind goes with a folder
    of its own. See `session` on which tests get a second try.
    """
    # A short name: sockets are made in there, and their paths may have about 107 bytes.
    with tempfile.TemporaryDirectory(
        prefix="st-", dir="/tmp" if os.name == "posix" else None
    ) as folder:
        cache, final = Path(folder) / "cache", Path(folder) / "failed"
        options = ["-o", f"cache_dir={cache}"]
        around = {**environment, "TMPDIR": folder, "RUN_FAILED": str(final)}
        code = begin([*options, *PARALLEL, *arguments], around)
        failed = failures(cache) if code == TESTS_FAILED else []
        if final.exists() or not 0 < len(failed) <= MOST_TWICE:
            return code
        print("== failed; once more with nothing beside:", *failed, sep="\n   ")
        return begin(
            [*options, "--last-failed", *arguments], {**around, "RUN_AGAIN": "1"}
        )


def failures(cache: Path) -> list[str]:
    """The names of the tests that pytest remembers in this cache as failed."""
    remembered = cache / "v" / "cache" / "lastfailed"
    return list(json.loads(remembered.read_text())) if remembered.exists() else []


def begin(arguments: list[str], environment: Mapping[str, str]) -> int:
    sys.stdout.flush()
    command = [sys.executable, str(ROOT / "tests" / "session.py"), *arguments]
    around = {**environment, "RUN_PID": str(os.getpid())}
    process = subprocess.Popen(command, cwd=ROOT, env=around, start_new_session=True)
    try:
        return abs(process.wait(LIMIT_SECONDS))
    except subprocess.TimeoutExpired:
        print(
            f"== not done after {LIMIT_SECONDS} s; where every process stands:",
            flush=True,
        )
        return end(process, signal.SIGABRT)  # pytest's fault handler prints the stacks
    except BaseException:
        end(process, signal.SIGINT)
        raise


def end(process: subprocess.Popen[bytes], number: signal.Signals) -> int:
    """The exit code of a run whose processes all get this signal."""
    os.killpg(process.pid, number)
    return abs(process.wait(60)) or 1


def compile_kernels() -> None:
    """Once for all processes of tests, which would each do it otherwise."""
    around = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    subprocess.run(
        [sys.executable, "manage.py", "compile_planner", "--hurry"],
        cwd=ROOT,
        env=around,
        check=True,
    )


def migrate(folder: Path, environment: Mapping[str, str]) -> None:
    """Once for all processes of tests, which then begin with a copy."""
    around = {
        **environment,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "TEST_DATA_DIR": str(folder),
    }
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=around, check=True)


def in_memory(arguments: list[str]) -> int:
    print("== 2 of 2: everything, on SQLite with services in memory", flush=True)
    alone = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL")
    }
    with tempfile.TemporaryDirectory() as folder:
        migrate(Path(folder), alone)
        migrated = Path(folder) / "slotline.sqlite3"
        return run_pytest(arguments, {**alone, "RUN_MIGRATED_FILE": str(migrated)})


def on_servers(arguments: list[str]) -> int:
    try:
        with servers.both() as addresses, tempfile.TemporaryDirectory() as folder:
            started = [name for name in addresses if not os.environ.get(name)]
            origin = (
                f"started here: {', '.join(started) or 'none'}; named by the "
                f"environment: {2 - len(started)} of 2"
            )
            print(
                f"== 1 of 2: tests marked `services`, on PostgreSQL and Valkey ({origin})",
                flush=True,
            )
            around = {**os.environ, **addresses}
            name = f"migrated_{os.getpid()}"
            with servers.another_database(addresses["DATABASE_URL"], name) as address:
                migrate(Path(folder), {**around, "DATABASE_URL": address})
                around["RUN_MIGRATED_DATABASE"] = name
                chosen = [] if name_files(arguments) else files_of_services()
                return run_pytest(["-m", "services", *arguments, *chosen], around)
    except servers.NoServers as problem:
        print(f"== 1 of 2 left out. {problem}", flush=True)
        return 1 if os.environ.get("REQUIRE_ALL") == "1" else NOTHING_COLLECTED


def name_files(arguments: list[str]) -> bool:
    return any((ROOT / word.partition("::")[0]).exists() for word in arguments if word)


def files_of_services() -> list[str]:
    """Without the others, which would be read for nothing."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(file) for file in files if "mark.services" in file.read_text()]


def worst(codes: list[int]) -> int:
    """0 when something ran and nothing failed; a part that held none of the chosen
    tests does not count.
    """
    counted = [code for code in codes if code != NOTHING_COLLECTED]
    return max(counted, default=NOTHING_COLLECTED)


def main() -> int:
    # An end by signal must still pass through the blocks that stop the servers.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    arguments = sys.argv[1:]
    (ROOT / session.UNSTEADY).unlink(missing_ok=True)
    cpu.adopt_orphans()
    compile_kernels()
    first = on_servers(arguments)
    print(f"== 1 of 2 took {cpu.minutes(os.getpid()):.1f} min of CPU", flush=True)
    if first not in (0, NOTHING_COLLECTED):
        print("== 1 of 2 FAILED, see above", flush=True)
    return worst([first, in_memory(arguments)])


if __name__ == "__main__":
    sys.exit(main())
