"""Reading request bodies. Texts come out clean (`common.texts`)."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from rest_framework import parsers
from rest_framework.exceptions import ParseError

from common.texts import clean, clean_all


class Json(parsers.JSONParser):
    """JSON; a body nested without end is a malformed one, not a fault of the server."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        """Raises ParseError, as for other bad input, where it is nested too deeply."""
        try:
            return clean_all(super().parse(stream, media_type, parser_context))
        except RecursionError as error:
            raise ParseError("JSON parse error - nested too deeply") from error


class Form(parsers.FormParser):
    """The fields of a form."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        """The fields by their names."""
        return clean_fields(super().parse(stream, media_type, parser_context))


class MultiPart(parsers.MultiPartParser):
    """The fields of a form with files."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        """The fields and the files by their names."""
        parts = super().parse(stream, media_type, parser_context)
        parts.data = clean_fields(parts.data)  # type: ignore[assignment]
        return parts


def clean_fields(fields: QueryDict) -> QueryDict:
    """The same names and values, each value clean."""
    if all(clean(value) == value for values in fields.lists() for value in values[1]):
        return fields
    cleaned = QueryDict(mutable=True, encoding=fields.encoding)
    for name, values in fields.lists():
        cleaned.setlist(name, [clean(value) for value in values])
    cleaned._mutable = False  # as every request has it
    return cleaned
