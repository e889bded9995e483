"""How many examples a property is tried with: see `make explore`."""

from __future__ import annotations

import os

import hypothesis

# Each change is judged by the same examples as the one before it. EXPLORE=n looks for
# new ones, n times as many.
TIMES = int(os.environ.get("EXPLORE", "0"))
DEFAULT = 100


def examples(count: int) -> int:
    return count * max(1, TIMES)


def use_profile() -> None:
    hypothesis.settings.register_profile(
        "slotline",
        derandomize=not TIMES,
        database=None,
        deadline=None,  # a busy machine decides how long one takes
        max_examples=examples(DEFAULT),
        print_blob=True,
    )
    hypothesis.settings.load_profile("slotline")
