"""Tables that a browser saves as files, sent line by line however long they are."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import StreamingHttpResponse


def csv_download(name: str, lines: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """The lines, header first, as a CSV file of that name; cells are the caller's to
    make safe for spreadsheets.
    """
    writer = csv.writer(_Echo())
    return StreamingHttpResponse(
        (writer.writerow(line) for line in lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


class _Echo:
    """Gives back what is written, so that a table is sent line by line."""

    def write(self, text: str) -> str:
        """What the writer has written, instead of keeping it."""
        return text
