"""`python -m benchmarks.counting FOLDER`: texts read and counted as X does, judged by X's
own conformance data.

FOLDER has `validate.yml` and `extract.yml` of twitter-text 3. A line for each group, then
one for each text that is read differently; the exit code is 1 if there is one.

Emoji are counted as X does today. The data also have what an older rule counted; texts
that today's rule counts otherwise are left out of that group and named as such.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.figures import say
from common.mappings import JsonObject
from scheduling.domain.platforms.addresses import Span, addresses_in
from scheduling.domain.platforms.counting import x_weighted
from scheduling.domain.platforms.tags import hashtags_in, mentions_in

Reader = Callable[[str], Iterator[Span]]
OLDER, NOW = "WeightedTweetsCounterTest", "WeightedTweetsWithDiscountedEmojiCounterTest"
TURNS = "UnicodeDirectionalMarkerCounterTest"
# Groups of `extract.yml`, what reads them, and the signs in front that the data leave out.
EXTRACTS: dict[str, tuple[Reader, int]] = {
    "urls": (addresses_in, 0),
    "urls_with_indices": (addresses_in, 0),
    "urls_with_directional_markers": (addresses_in, 0),
    "tco_urls_with_params": (addresses_in, 0),
    "hashtags": (hashtags_in, 1),
    "hashtags_from_astral": (hashtags_in, 1),
    "hashtags_with_indices": (hashtags_in, 1),
    "mentions": (mentions_in, 1),
    "mentions_with_indices": (mentions_in, 1),
}


@dataclass(frozen=True)
class Outcome:
    """What a text was read as, beside what X reads."""

    text: str
    got: Any
    wanted: Any

    @property
    def is_right(self) -> bool:
        """Whether both are the same."""
        return self.got == self.wanted


def extracted(tests: list[JsonObject], reader: Reader, signs: int) -> Iterator[Outcome]:
    """Addresses, hashtags or mentions, as texts or by their places."""
    for test in tests:
        text, wanted = test["text"], test["expected"]
        spans = list(reader(text))
        if wanted and isinstance(wanted[0], dict):
            places = [place["indices"] for place in wanted]
            yield Outcome(text, [list(span) for span in spans], places)
        else:
            yield Outcome(text, [text[s.start + signs : s.end] for s in spans], wanted)


def weighed(tests: list[JsonObject]) -> Iterator[Outcome]:
    """Lengths as X counts them."""
    for test in tests:
        wanted = test["expected"]["weightedLength"]
        yield Outcome(test["text"], x_weighted(test["text"]), wanted)


def counted_otherwise(older: list[JsonObject], now: list[JsonObject]) -> set[str]:
    """Texts that today's rule counts otherwise than the older one."""
    today = {test["text"]: test["expected"]["weightedLength"] for test in now}
    return {
        test["text"]
        for test in older
        if today.get(test["text"], test["expected"]["weightedLength"])
        != test["expected"]["weightedLength"]
    }


def groups(folder: Path) -> Iterator[tuple[str, list[Outcome]]]:
    """The groups of both files by name."""
    lengths = _tests(folder / "validate.yml")
    otherwise = counted_otherwise(lengths[OLDER], lengths[NOW])
    say("counting", group=OLDER, counted_otherwise_today=len(otherwise))
    same = [test for test in lengths[OLDER] if test["text"] not in otherwise]
    for name, tests in ((OLDER, same), (NOW, lengths[NOW]), (TURNS, lengths[TURNS])):
        yield name, list(weighed(tests))
    parts = _tests(folder / "extract.yml")
    for name, (reader, signs) in EXTRACTS.items():
        yield name, list(extracted(parts[name], reader, signs))


def _tests(file: Path) -> dict[str, list[JsonObject]]:
    tests: dict[str, list[JsonObject]] = yaml.safe_load(file.read_text("utf-8"))[
        "tests"
    ]
    return tests


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    wrong: list[Outcome] = []
    for name, outcomes in groups(parser.parse_args().folder):
        different = [outcome for outcome in outcomes if not outcome.is_right]
        right = len(outcomes) - len(different)
        say("counting", group=name, texts=len(outcomes), right=right)
        wrong += different
    for outcome in wrong:
        print(json.dumps(vars(outcome), ensure_ascii=False))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
