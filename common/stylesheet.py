"""The design system's style sheets as one, under a name made of its content: a page
that nobody has opened before waits for one answer instead of fifteen, and a browser
keeps it for good.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

# In this order; print.css stays apart, as no page waits for it.
PARTS = (
    "tokens",
    "base",
    "layout",
    "forms",
    "components",
    "overlays",
    "states",
    "calendar",
    "gantt",
    "charts",
    "recommendations",
    "compose",
    "media",
    "writing",
    "plans",
)
YEAR = 365 * 24 * 3600
# Only what is indented or stands between rules; no comment of ours holds a rule.
SPARE = re.compile(r"/\*.*?\*/|^\s+", re.DOTALL | re.MULTILINE)


@cache
def composed() -> tuple[str, bytes]:
    """The name, made of the content, and the content; read once in the life of a process."""
    folder = Path(settings.BASE_DIR) / "static" / "css"
    sheets = [(folder / f"{part}.css").read_text() for part in PARTS]
    content = SPARE.sub("", "\n".join(sheets)).encode()
    return hashlib.sha256(content).hexdigest()[:16], content


@require_safe
def stylesheet(request: HttpRequest, name: str) -> HttpResponse:
    """Kept for a year under its name; a page of another version is given what there is,
    to be kept by nobody.
    """
    current, content = composed()
    response = HttpResponse(content, content_type="text/css; charset=utf-8")
    if name == current:
        patch_cache_control(response, public=True, immutable=True, max_age=YEAR)
    else:
        patch_cache_control(response, no_store=True)
    return response
