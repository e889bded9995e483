"""Putting lots in time where time matters: target windows, priorities, several lines,
blocked hours, frozen blocks.

An order of lots with cuts between blocks is laid out in time (`layout`). A beam search
builds such orders from the front, the most urgent lots first (`beam`); annealing
changes them anywhere (`annealing`).
"""

from fillplanner.planning.sequencing.sequencer import Sequencer

__all__ = ["Sequencer"]
