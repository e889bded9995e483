"""Run the groups named on the command line, or all."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.fill import limits
from benchmarks.fill.table import groups, markdown, run

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("groups", nargs="*", choices=[*groups(), []])
parser.add_argument("--out", type=Path, help="a folder for table.json and table.md")
parser.add_argument(
    "--limits",
    type=float,
    nargs="*",
    metavar="SECONDS",
    help="see whether time limits hold, instead",
)
parser.add_argument(
    "--work",
    action="store_true",
    help="count the processor's seconds, on a busy machine",
)
asked = parser.parse_args()
if asked.limits is not None:
    sys.exit(limits.main(asked.limits, asked.work) > 0)
rows = [
    run(group, strategy, cases)
    for group, parts in groups().items()
    if not asked.groups or group in asked.groups
    for strategy, cases in parts
]
if asked.out:
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "table.json").write_text(
        json.dumps([row.figures for row in rows], indent=2) + "\n"
    )
    (asked.out / "table.md").write_text(markdown(rows))
sys.stdout.write(markdown(rows))
