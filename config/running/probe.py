"""A container's health check: asks /health and exits with 0 or 1.

python -m config.running.probe [address [beat | name of a queue]]

Without a second word the web must answer "healthy"; with `beat` that one must be alive
too, with a queue's name a worker that takes tasks from it.
"""

from __future__ import annotations

import json
import os
import sys
from http.client import HTTPException
from urllib.request import Request, urlopen

from common.mappings import JsonObject

HERE = "http://127.0.0.1:8000/health"
SECONDS = 2.5


def ask(address: str) -> JsonObject:
    """What /health says; an address inside is no allowed host, so the first allowed one
    is named.
    """
    first_host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
    host = first_host.strip().lstrip(".")
    request = Request(address, headers={"Host": host})  # noqa: S310  # the address is the operator's
    with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        report: JsonObject = json.load(answer)
    return report


def fine(report: JsonObject, part: str) -> bool:
    """Whether the report has the part alive; a blank part stands for the web alone."""
    alive = {"": True, "beat": report["beat"]["ok"], **report["workers"]["queues"]}
    return report["status"] == "healthy" and bool(alive.get(part))


def main(address: str = HERE, part: str = "") -> int:
    """The exit code: 0 for alive, 1 for anything else."""
    try:
        return 0 if fine(ask(address), part) else 1
    except (OSError, HTTPException, ValueError) as error:
        print(f"no answer from {address}: {error}", file=sys.stderr)  # noqa: T201
        return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
