"""What clocks on the wall do when they change. Pure."""

from __future__ import annotations

from datetime import datetime


def comes_twice(local: datetime) -> bool:
    """Whether clocks of its zone show this time twice, before and after going back."""
    other = local.replace(fold=1 - local.fold)
    return local.utcoffset() != other.utcoffset()
