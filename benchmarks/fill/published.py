"""The published packings with setups (arXiv 2509.10075).

`python -m benchmarks.fill.published FOLDER [SECONDS [EVERY]]`: FOLDER holds the
instances and `published_results.csv`; every so many-th instance is solved in so many seconds.
"""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

from benchmarks.figures import say
from fillplanner.planning.packing import read_instance, solve


def main(folder: Path, seconds: float, every: int) -> None:
    with (folder / "published_results.csv").open() as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["name"])[::every]
    proven = better = worse = 0
    for row in rows:
        instance, begun = (
            read_instance((folder / row["name"]).read_text()),
            time.perf_counter(),
        )
        answer, known = solve(instance, seconds=seconds), int(row["best_known"])
        if faults := instance.faults(answer.packing):
            raise SystemExit(f"{row['name']}: {faults}")
        proven, better, worse = (
            proven + answer.optimal,
            better + (answer.cost < known),
            worse + (answer.cost > known),
        )
        say(
            "published",
            instance=row["name"],
            cost=answer.cost,
            bound=answer.bound,
            best_known=known,
            authors_proved=row["best_formulation_status"] == "optimal",
            seconds=time.perf_counter() - begun,
        )
    say(
        "published",
        instances=len(rows),
        proven=proven,
        better_than_known=better,
        worse_than_known=worse,
        authors_proved=sum(row["best_formulation_status"] == "optimal" for row in rows),
    )


if __name__ == "__main__":
    texts = (
        [*sys.argv[1:], "60", "1"][:3]
        if len(sys.argv) == 2
        else [*sys.argv[1:], "1"][:3]
    )
    main(Path(texts[0]), float(texts[1]), int(texts[2]))
