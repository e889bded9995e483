"""Names for mappings that hold anything, by what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# An object of JSON: what is read, kept, sent or answered as such.
JsonObject = dict[str, Any]
# By the names of fields or columns.
Values = dict[str, Any]
# By the names that a template knows.
TemplateContext = dict[str, Any]
# A row, an object of JSON or the like that is only read.
Record = Mapping[str, Any]
