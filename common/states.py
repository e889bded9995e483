"""Tables of states and of the moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class StateTable:
    """The states of one kind of row and the moves between them; `moves` lists every
    state as a key.
    """

    name: str
    initial: str
    moves: Mapping[str, frozenset[str]]

    @property
    def states(self) -> tuple[str, ...]:
        """In the order of the table."""
        return tuple(self.moves)

    @property
    def terminal(self) -> frozenset[str]:
        """The states that nothing leads out of."""
        return frozenset(state for state, targets in self.moves.items() if not targets)

    def sources(self, target: str) -> frozenset[str]:
        """States from which `target` may be entered."""
        return frozenset(
            state for state, targets in self.moves.items() if target in targets
        )

    def allows(self, source: str, target: str) -> bool:
        """Whether the table has the move. Raises KeyError for a source that is no
        state.
        """
        return target in self.moves[source]


def table(name: str, initial: str, **moves: str) -> StateTable:
    """Build a table from `state="target target"` words; raises ValueError for a target
    that is no state.
    """
    parsed = {state: frozenset(targets.split()) for state, targets in moves.items()}
    unknown = {target for targets in parsed.values() for target in targets} | {initial}
    if unknown - parsed.keys():
        raise ValueError(f"{name}: unknown states {sorted(unknown - parsed.keys())}")
    return StateTable(name, initial, parsed)


def run_table(name: str) -> StateTable:
    """The states of a run. A worker that has worked for long enough gives it back, so
    does the reaper of a dead one.
    """
    return table(
        name,
        "pending",
        pending="running canceled",
        running="pending completed failed canceled",
        completed="",
        failed="",
        canceled="",
    )
