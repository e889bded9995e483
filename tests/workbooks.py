"""Workbooks as people have them, in bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook


def workbook(
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    hidden: Mapping[str, str] | None = None,
    parts: Mapping[str, bytes] | None = None,
) -> bytes:
    """Sheets with their rows, in order.

    hidden: `hidden` or `veryHidden`, by the names of such sheets.
    parts: what else is in the file, by its path.
    """
    book, file = Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = (hidden or {}).get(name, "visible")
        for row in rows:
            sheet.append(row)
    book.save(file)
    with zipfile.ZipFile(file, "a") as archive:
        for path, data in (parts or {}).items():
            archive.writestr(path, data, zipfile.ZIP_DEFLATED)
    return file.getvalue()
