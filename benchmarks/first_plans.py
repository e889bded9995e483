"""How long the first plans of a fresh installation take, while the planner's inner
loops are still being compiled.

A product is started without compiled code. At once four lots with target windows are
compared by all strategies, then sixty lots are planned, once without and once with
target windows. Seconds are from request to result.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from patience import until  # noqa: E402 - found where the line above says

from benchmarks.figures import say  # noqa: E402
from products import Product  # noqa: E402

STRATEGIES = [
    "smart-pack",
    "spt-pack",
    "lpt-pack",
    "cfs-pack",
    "hybrid-pack",
    "milp-opt",
]
START_SECONDS = 300


class Client:
    """A program that plans by API."""

    def __init__(self, port: int) -> None:
        self.home = f"http://127.0.0.1:{port}"
        person = {"email": "planner@example.org", "password": "only for this run"}
        self.token = ""
        self.call("POST", "/api/v1/auth/register", person)
        credentials = {"username": person["email"], "password": person["password"]}
        self.token = self.call("POST", "/api/v1/auth/login", credentials)[
            "access_token"
        ]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.token}",
        }
        data = None if body is None else json.dumps(body).encode()
        request = Request(
            self.home + path,
            data,
            headers if self.token else {"Content-Type": "application/json"},
        )
        request.method = method
        with urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def seconds_of(self, path: str, body: dict[str, Any]) -> float:
        """From asking for a plan or a comparison until it is there."""
        begun = time.perf_counter()
        number = self.call("POST", path, body)["id"]
        done = until(
            lambda: self.finished(f"{path}/{number}"), "the result", START_SECONDS
        )
        assert done == "completed", done
        return time.perf_counter() - begun

    def finished(self, path: str) -> str | None:
        status = self.call("GET", path)["status"]
        return status if status in ("completed", "failed") else None


def lots(count: int, with_targets: bool) -> list[dict[str, Any]]:
    dice = random.Random(count)
    rows = []
    for number in range(count):
        row = {
            "lot_id": f"L{number}",
            "lot_type": f"T{number % 5}",
            "vials": 100_000,
            "fill_hours": round(dice.uniform(2, 40), 2),
        }
        if with_targets:
            start = round(dice.uniform(0, 10 * count), 1)
            row |= {"target_start": start, "target_end": start + 96}
        rows.append(row)
    return rows


def measure() -> None:
    folder = Path(tempfile.mkdtemp(prefix="sb-", dir="/tmp"))
    product = Product(folder / "data", "--no-demo")
    product.environment |= {
        "NUMBA_CACHE_DIR": str(folder / "compiled"),
        "LOG_LEVEL": "WARNING",
    }
    try:
        with product.running():
            until(product.serving, "web, beat and a worker", START_SECONDS)
            client = Client(product.port)
            comparison = {
                "lots_data": lots(4, with_targets=True),
                "strategies": STRATEGIES,
            }
            compared = client.seconds_of("/api/v1/compare", comparison)
            planned = client.seconds_of(
                "/api/v1/schedule", {"lots_data": lots(60, with_targets=False)}
            )
            timed = client.seconds_of(
                "/api/v1/schedule", {"lots_data": lots(60, with_targets=True)}
            )
            is_compiled = any((folder / "compiled").glob("*/ready"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say(
        "first plans of an installation",
        six_strategies_of_four_lots=compared,
        sixty_lots=planned,
        sixty_lots_with_targets=timed,
        compiled_by_then=is_compiled,
        load=os.getloadavg()[0],
    )


if __name__ == "__main__":
    measure()
