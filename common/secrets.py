"""Secrets that must be read again, encrypted in the database.

Keys come from FIELD_KEYS, else from SECRET_KEY and its fallbacks: the first encrypts,
every one decrypts. To change a key, put the new one first, run `manage.py reseal`, then
take the old one away.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class Unreadable(Exception):
    """No key that is left decrypts the secret."""


def keys() -> list[str]:
    """The first encrypts, every one decrypts; without FIELD_KEYS those that sign."""
    own: list[str] = list(settings.FIELD_KEYS)
    return own or [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]


def box() -> MultiFernet:
    """Any text serves as a key; each purpose gets one of its own from it."""
    digests = [
        hashlib.sha256(b"slotline sealed fields" + key.encode()).digest()
        for key in keys()
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def seal(text: str) -> str:
    """The text encrypted under the first key, as a token of ASCII."""
    return box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text. Raises Unreadable."""
    try:
        return box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable(
            "A secret cannot be decrypted: its key is no longer among FIELD_KEYS or SECRET_KEY."
        ) from error


def reseal(sealed: str) -> str:
    """The same text under the first key. Raises Unreadable."""
    try:
        return box().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable(
            "A secret cannot be decrypted: its key is no longer among FIELD_KEYS or SECRET_KEY."
        ) from error


class Sealed:
    """A secret as a row carries it: encrypted, and not shown by accident."""

    def __init__(self, sealed: str) -> None:
        self.sealed = sealed

    @classmethod
    def of(cls, text: str) -> Sealed:
        """A plain text, encrypted."""
        return cls(seal(text))

    def reveal(self) -> str:
        """The text. Raises Unreadable."""
        return unseal(self.sealed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.sealed == other.sealed

    def __hash__(self) -> int:
        return hash(self.sealed)

    def __bool__(self) -> bool:
        return bool(self.sealed)

    def __str__(self) -> str:
        return "••••" if self.sealed else ""

    __repr__ = __str__


class SealedField(models.TextField):
    """A column of `Sealed` values; a plain text that is assigned is encrypted when it
    is written.
    """

    def from_db_value(
        self, value: str | None, expression: Any, connection: Any
    ) -> Sealed | None:
        return None if value is None else Sealed(value)

    def to_python(self, value: Any) -> Any:
        """Text is sealed at once, so that no form or log holds it."""
        return (
            value
            if value is None or isinstance(value, Sealed)
            else Sealed.of(str(value))
        )

    def get_prep_value(self, value: Any) -> Any:
        if value is None or value == "":
            return value
        return value.sealed if isinstance(value, Sealed) else seal(str(value))

    def value_to_string(self, obj: models.Model) -> str:
        """For dumps of data: as it stands in the database."""
        return str(self.get_prep_value(self.value_from_object(obj)) or "")
