"""The whole application on a socket, served from a thread of the test's process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from patience import SECONDS, until


@contextmanager
def serving(**options: Any) -> Iterator[str]:
    """The address of the application, sockets included; `options` are uvicorn's.

    Patches, settings and clocks of the test hold in it. It sees rows that are committed.
    """
    # The application can be made only after pytest has set Django up.
    from config.asgi import application

    quiet = {"lifespan": "off", "log_config": None, "access_log": False}
    config = uvicorn.Config(application, host="127.0.0.1", port=0, **quiet | options)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started or not thread.is_alive(), "the server to start")
    assert thread.is_alive(), "the server did not start"
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(SECONDS)
    assert not thread.is_alive(), "the server did not stop"
