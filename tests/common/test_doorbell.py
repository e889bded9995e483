from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from common.doorbell import ring


class Bell:
    """A task that counts how often it was sent, or whose broker is gone."""

    name = "bell"

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken
        self.rung: list[Any] = []

    def apply_async(self, args: Any, retry: bool) -> None:
        if self.broken:
            raise OperationalError("the broker is gone")
        self.rung.append(args)


@pytest.mark.django_db(transaction=True)
def test_workers_are_rung_after_the_rows_are_there() -> None:
    bell = Bell()
    with transaction.atomic():
        ring(bell, 7)  # type: ignore[arg-type]  # all it needs of a task
        assert bell.rung == []
    assert bell.rung == [(7,)]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_gone_is_forgiven() -> None:
    with transaction.atomic():
        ring(Bell(broken=True), 7)  # type: ignore[arg-type]  # all it needs of a task
