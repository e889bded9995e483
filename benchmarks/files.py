"""Plans as files: 10,000 activities out in every form (at most 3 s), 100,000 lots in as
CSV (at most 5 s).
"""

from __future__ import annotations

from functools import partial
from unittest.mock import patch

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from benchmarks.figures import empty_database, median_seconds, say
from fillplanner import runs
from fillplanner.models import Plan, PlanResult
from workspaces.models import User
from workspaces.services.users import access_token

FORMS = ("json", "csv", "xlsx", "pdf", "ics")
ACTIVITIES, ROWS = 10_000, 100_000
FEW = b"Lot ID,Type,Vials\nL1,A,19920\n"


def measure() -> None:
    with empty_database(), patch("fillplanner.services.plans.ring"):
        client = APIClient()
        token = access_token(
            User.objects.create_user("bench", "bench@example.org", "bench")
        )
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        measure_exports(client)
        lines = "".join(f"LOT{n:06d},T{n % 9},{1000 + n}\n" for n in range(ROWS))
        whole = b"Lot ID,Type,Vials\n" + lines.encode()
        say(
            "upload",
            rows=ROWS,
            seconds=median_seconds(partial(upload, client, whole), 3),
        )


def upload(client: APIClient, text: bytes) -> None:
    answer = client.post(
        "/api/v1/schedule",
        {"csv_file": SimpleUploadedFile("lots.csv", text)},
        format="multipart",
    )
    if answer.status_code != 202:
        raise RuntimeError(f"The file was not taken: {answer.content!r}")


def measure_exports(client: APIClient) -> None:
    upload(client, FEW)
    plan = Plan.objects.get()
    runs.run(plan.pk, "bench")
    row = {
        "kind": "fill",
        "lot_id": "L1",
        "lot_type": "A",
        "note": "",
        "duration_hours": 1.5,
    }
    clean = row | {
        "kind": "clean",
        "lot_id": None,
        "lot_type": None,
        "note": "Scheduled clean",
    }
    rows = [
        (clean if n % 10 == 0 else row) | {"start": 1.5 * n, "end": 1.5 * (n + 1)}
        for n in range(ACTIVITIES)
    ]
    PlanResult.objects.filter(plan=plan).update(
        activities=rows, makespan=1.5 * ACTIVITIES
    )
    for form in FORMS:
        seconds = median_seconds(
            partial(client.get, f"/api/v1/schedule/{plan.pk}/export", {"format": form}),
            3,
        )
        say("export", form=form, activities=ACTIVITIES, seconds=seconds)
