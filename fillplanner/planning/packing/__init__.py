"""Bin packing with setups, solved to a proven gap: a package of its own that knows
nothing of filling lines.
"""

from fillplanner.planning.packing.instance import Instance, Packing, read_instance
from fillplanner.planning.packing.search import PackingProgress
from fillplanner.planning.packing.solver import Answer, solve

__all__ = ["Answer", "Instance", "Packing", "PackingProgress", "read_instance", "solve"]
