"""Rows that people change by naming fields: set, then checked."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Model

from common.errors import Unprocessable
from common.mappings import Values


def set_fields(row: Model, values: Values) -> Values:
    """Give the row these values, without saving it; what the fields said before."""
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    return before


def check_fields(row: Model) -> None:
    """Raises Unprocessable naming the fields that the row may not have. What only the
    database can tell, that a name is taken, is left to it.
    """
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise Unprocessable("Some fields are not valid.", error.message_dict) from error
