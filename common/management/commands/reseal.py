"""Encrypt all secrets anew under the first key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models

from common.secrets import SealedField, Unreadable, reseal


class Command(BaseCommand):
    help = (
        "Encrypt every kept secret under the first of FIELD_KEYS, so that older "
        "keys can be taken away."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = lost = 0
        for model, name in sealed_columns():
            for row in rows_with_secret(model, name):
                secret = getattr(row, name)
                try:
                    # Only where nobody changed it meanwhile.
                    rows = model._default_manager.filter(pk=row.pk, **{name: secret})
                    done += rows.update(**{name: type(secret)(reseal(secret.sealed))})
                except Unreadable:
                    lost += 1
                    self.stderr.write(
                        f"{model._meta.label} {row.pk}: no key that is left decrypts it."
                    )
        self.stdout.write(f"{done} secrets encrypted under the first key.")
        if lost:
            raise CommandError(f"{lost} could not be decrypted.")


def sealed_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Every model's columns that hold secrets."""
    for model in apps.get_models():
        for field in model._meta.fields:
            if isinstance(field, SealedField):
                yield model, field.name


def rows_with_secret(model: type[models.Model], name: str) -> Iterator[Any]:
    """The rows that hold a secret."""
    set_rows = model._default_manager.exclude(**{f"{name}__isnull": True})
    return set_rows.exclude(**{name: ""}).only(name).iterator()
