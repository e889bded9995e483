"""Fields of the bodies that programs send, and all else that doors take from
`rest_framework.serializers`: they import this module under that name.

A JSON value has to be of the type that the API document names: a number is no text, and
neither `1` nor "yes" is a yes. Forms, addresses and tables have nothing but texts, so
there numbers and yes or no are read from them (`FROM_TEXTS`).
"""

from __future__ import annotations

import math
from typing import Any, Never

from rest_framework import serializers
from rest_framework.serializers import (
    ChoiceField,
    DateField,
    DateTimeField,
    DictField,
    Field,
    FileField,
    JSONField,
    ListField,
    ListSerializer,
    Serializer,
    ValidationError,
)
from rest_framework.utils.html import is_html_input

__all__ = [
    "FROM_TEXTS",
    "BooleanField",
    "CharField",
    "ChoiceField",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "DictField",
    "EmailField",
    "Field",
    "FileField",
    "FloatField",
    "IntegerField",
    "JSONField",
    "ListField",
    "ListSerializer",
    "RegexField",
    "Serializer",
    "URLField",
    "UUIDField",
    "ValidationError",
]

# The context of a serializer whose values come from a table or an address.
FROM_TEXTS = {"from_texts": True}
TEXT = "Give a text."
YES_OR_NO = "Give true or false."
WHOLE_NUMBER = "Give a whole number."
NUMBER = "Give a number."


def reads_texts(field: Field[Any, Any, Any, Any]) -> bool:
    """Whether what the field reads had no other way of being sent than as a text."""
    if field.context.get("from_texts"):
        return True
    return is_html_input(getattr(field.root, "initial_data", None))


def refuse(message: str) -> Never:
    """Raises ValidationError: the value is of another type."""
    raise ValidationError(message, code="type")


class CharField(serializers.CharField):
    """A text."""

    def to_internal_value(self, data: Any) -> str:
        """Raises ValidationError for other values."""
        if not isinstance(data, str):
            refuse(TEXT)
        return super().to_internal_value(data)


class EmailField(CharField, serializers.EmailField):
    """A mail address."""


class RegexField(CharField, serializers.RegexField):
    """A text of a certain form."""


class URLField(CharField, serializers.URLField):
    """An address of the web."""


class UUIDField(serializers.UUIDField):
    """An id, written as a text."""

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError for other values."""
        if not isinstance(data, str):
            refuse(TEXT)
        return super().to_internal_value(data)


class BooleanField(serializers.BooleanField):
    """Yes or no."""

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError for other values."""
        if not (isinstance(data, bool) or reads_texts(self)):
            refuse(YES_OR_NO)
        return super().to_internal_value(data)


class IntegerField(serializers.IntegerField):
    """A whole number; `5.0` is one."""

    def to_internal_value(self, data: Any) -> int:
        """Raises ValidationError for other values."""
        if not (is_number(data) or reads_texts(self)):
            refuse(WHOLE_NUMBER)
        return super().to_internal_value(data)


class FloatField(serializers.FloatField):
    """A finite number."""

    def to_internal_value(self, data: Any) -> float:
        """Raises ValidationError for other values."""
        if not (is_number(data) or reads_texts(self)):
            refuse(NUMBER)
        number = super().to_internal_value(data)
        if not math.isfinite(number):
            refuse(NUMBER)
        return number


class DecimalField(serializers.DecimalField):
    """A decimal number, as a number or, so that no digit is lost, as a text."""

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError for other values."""
        if not (is_number(data) or isinstance(data, str)):
            refuse(NUMBER)
        return super().to_internal_value(data)


def is_number(value: Any) -> bool:
    """Whether JSON has a number there; yes and no are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
