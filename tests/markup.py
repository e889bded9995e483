"""Pages as tests compare them."""

from __future__ import annotations

import re


def tight(markup: str) -> str:
    """A page without the whitespace that lets people read its source: one blank for any,
    none beside a tag.
    """
    return re.sub(r" ?(<[^>]*>) ?", r"\1", re.sub(r"\s+", " ", markup))
