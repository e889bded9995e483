"""The client that integrations of the filling dialect are built from, against the whole
application over a socket.
"""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

# The calls are those of the package `requests`, which httpx understands as well.
import httpx as requests
import pytest
from vials import ROWS

from cast import PASSWORD
from workspaces.models import User

pytestmark = pytest.mark.django_db(transaction=True)


class SchedulerClient:
    """As integrations have it: the four calls, the header, the polling."""

    def __init__(self, base_url: str, token: str) -> None:
        self.base_url = base_url
        self.headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        }

    def create_schedule(
        self,
        lots_data: list[Any],
        strategy: str = "smart-pack",
        name: str | None = None,
    ) -> Any:
        response = requests.post(
            f"{self.base_url}/schedule",
            headers=self.headers,
            json={"name": name, "lots_data": lots_data, "strategy": strategy},
            # Here the plan is made at once, and compiled code may have to be compiled first.
            timeout=60,
        )
        response.raise_for_status()
        return response.json()

    def get_schedule(self, schedule_id: int) -> Any:
        response = requests.get(
            f"{self.base_url}/schedule/{schedule_id}", headers=self.headers
        )
        response.raise_for_status()
        return response.json()

    def wait_for_completion(
        self, schedule_id: int, timeout: float = 60, poll_interval: float = 0.1
    ) -> Any:
        start_time = time.time()
        while time.time() - start_time < timeout:
            schedule = self.get_schedule(schedule_id)
            if schedule["status"] == "completed":
                return schedule
            if schedule["status"] == "failed":
                raise AssertionError(f"Schedule failed: {schedule['error_message']}")
            time.sleep(poll_interval)
        raise TimeoutError(f"Schedule {schedule_id} did not complete within {timeout}s")

    def export_csv(self, schedule_id: int, output_file: Path) -> None:
        response = requests.get(
            f"{self.base_url}/schedule/{schedule_id}/export?format=csv",
            headers=self.headers,
        )
        response.raise_for_status()
        output_file.write_text(response.text)


@pytest.fixture
def base_url(asgi_server: str, editor: User) -> str:
    return f"{asgi_server}/api/v1"


@pytest.fixture
def token(base_url: str) -> str:
    form = {"username": "editor@example.org", "password": PASSWORD}
    answer = requests.post(f"{base_url}/auth/login", data=form)
    assert answer.status_code == 200
    made: str = answer.json()["access_token"]
    return made


def test_a_client_makes_a_schedule_waits_for_it_and_exports_it(
    base_url: str, token: str, tmp_path: Path
) -> None:
    client = SchedulerClient(base_url, token)
    lots = [
        ROWS[0]
        | {"target_start": "2025-10-15T08:00:00", "target_end": "2025-10-15T18:00:00"},
        *ROWS[1:],
    ]
    made = client.create_schedule(lots, strategy="smart-pack")
    assert made["status"] == "pending"
    done = client.wait_for_completion(made["id"])
    assert (done["result"]["makespan"], done["result"]["utilization"]) == (53.0, 16.98)
    client.export_csv(made["id"], tmp_path / "schedule.csv")
    rows = list(csv.DictReader((tmp_path / "schedule.csv").open()))
    assert len(rows) == len(done["result"]["activities"])
    assert rows[0]["Kind"] == "clean"


def test_a_client_is_told_in_detail_what_is_wrong(base_url: str, token: str) -> None:
    """What the browser's client does with an answer that is not good: it throws the `detail`."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answer = requests.post(
        f"{base_url}/schedule",
        headers=headers,
        json={"lots_data": ROWS, "strategy": "best"},
    )
    assert (answer.status_code, "not found" in answer.json()["detail"]) == (400, True)
    valid = requests.post(
        f"{base_url}/schedule/validate", headers=headers, json=ROWS
    ).json()
    assert (valid["valid"], valid["lots_count"]) == (True, 4)


def test_config_templates_over_the_network(base_url: str, token: str) -> None:
    """A config is made, shared, chosen, exported, imported and dropped; a fresh person
    sees exactly those made.
    """
    headers = {"Authorization": f"Bearer {token}"}
    config = {
        "max_clean_hours": 6.0,
        "default_changeover_hours": 3.0,
        "min_lot_spacing_hours": 1.0,
    }
    ids = [
        requests.post(
            f"{base_url}/config",
            headers=headers,
            json={"name": name, "config": config, "is_public": public},
        )
        .raise_for_status()
        .json()["id"]
        for name, public in (
            ("My Custom Config", False),
            ("Standard Pharma Config", True),
        )
    ]
    assert requests.get(f"{base_url}/configs", headers=headers).json()["total"] == 2
    chosen = requests.post(
        f"{base_url}/config/{ids[0]}/set-default", headers=headers
    ).json()
    assert chosen["is_default"] is True
    assert (
        requests.get(f"{base_url}/config/default", headers=headers).json()["id"]
        == ids[0]
    )
    exported = requests.get(
        f"{base_url}/config/{ids[0]}/export", headers=headers
    ).json()
    copy = {
        "name": "Imported Config",
        "description": "From export",
        "config": exported["config"],
    }
    assert (
        requests.post(
            f"{base_url}/config/import", headers=headers, json=copy
        ).status_code
        == 201
    )
    assert (
        requests.delete(f"{base_url}/config/default", headers=headers).status_code
        == 200
    )
    assert requests.get(f"{base_url}/config/default", headers=headers).json() is None
    assert (
        requests.delete(f"{base_url}/config/{ids[0]}", headers=headers).status_code
        == 200
    )
    assert (
        requests.get(f"{base_url}/config/{ids[0]}", headers=headers).status_code == 404
    )
