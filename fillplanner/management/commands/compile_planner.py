"""Compile the optimiser's inner loops, so that no plan waits for it."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand

from fillplanner.planning.problem import LineConfig, Lot, Problem
from fillplanner.planning.solve import solve

# Three of these nearly fill a window, which takes every stage of packing; few matrices can be grouped.
PLAIN = tuple(Lot(f"L{i}", "ABC"[i % 3], 1, (35.0, 37.0, 40.0)[i * 7 % 3] + i * 13 % 30 / 30) for i in range(30))
MATRIX = {a: {b: 1.0 + (3 * i + 5 * j) % 7 for j, b in enumerate("ABCD")} for i, a in enumerate("ABCD")}
MIXED = tuple(Lot(f"L{i}", "ABCD"[i % 4], 1, 5.0 + i * 17 % 50) for i in range(14))
WISHED = tuple(Lot(f"L{i}", "AB"[i % 2], 1, 30.0, 60.0 * i, 60.0 * i + 90) for i in range(6))


class Command(BaseCommand):
    help = "Compile the optimiser's inner loops; the result is kept on disk (NUMBA_CACHE_DIR moves it)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.perf_counter()
        solve(Problem(PLAIN, LineConfig()), "milp-opt")
        solve(Problem(MIXED, LineConfig(changeover_matrix=MATRIX)), "milp-opt")
        solve(Problem(WISHED, LineConfig()), "smart-pack")
        self.stdout.write(f"Compiled in {time.perf_counter() - begun:.1f} s.")
