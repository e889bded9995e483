"""Signatures, and secrets that are kept encrypted."""

from __future__ import annotations

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from common.secrets import Sealed, Unreadable, reseal, seal, unseal
from common.signing import is_genuine, signature, signed_headers
from fillplanner.models import NoticeTarget
from workspaces.models import User


def test_a_signature_is_the_hmac_of_time_and_body() -> None:
    # printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret
    expected = "sha256=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686"
    assert signature("secret", 1700000000, b'{"a":1}') == expected


def test_a_signature_fits_one_body_one_secret_and_one_time() -> None:
    headers = signed_headers("s" * 16, b"{}", "d1")
    stamp, given = headers["X-Slotline-Timestamp"], headers["X-Slotline-Signature"]
    assert headers["X-Slotline-Delivery"] == "d1"
    assert is_genuine("s" * 16, stamp, b"{}", given)
    assert not is_genuine("t" * 16, stamp, b"{}", given)
    assert not is_genuine("s" * 16, stamp, b"[]", given)
    assert not is_genuine("s" * 16, str(int(stamp) + 1), b"{}", given)
    assert not is_genuine(
        "s" * 16, stamp, b"{}", given, now=timezone.now().timestamp() + 301
    )
    assert not is_genuine("s" * 16, "soon", b"{}", "é")


def test_a_sealed_text_can_be_read_with_any_key_that_is_left(settings) -> None:
    settings.FIELD_KEYS = ["old"]
    sealed = seal("hidden")
    assert "hidden" not in sealed
    settings.FIELD_KEYS = ["new", "old"]
    assert unseal(sealed) == "hidden"
    again = reseal(sealed)
    settings.FIELD_KEYS = ["new"]
    assert unseal(again) == "hidden"
    with pytest.raises(Unreadable):
        unseal(sealed)
    with pytest.raises(Unreadable):
        reseal(sealed)


def test_without_keys_of_its_own_the_secret_key_serves(settings) -> None:
    sealed = seal("hidden")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert unseal(sealed) == "hidden"


@pytest.mark.django_db
@pytest.mark.services
def test_a_column_holds_no_plain_text_and_shows_none(editor: User) -> None:
    target = NoticeTarget.objects.create(
        owner=editor, url="https://example.org/", secret="very secret"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM fillplanner_noticetarget")
        assert "very secret" not in cursor.fetchone()[0]
    kept = NoticeTarget.objects.get(pk=target.pk)
    assert kept.secret.reveal() == "very secret"
    assert str(kept.secret) == repr(kept.secret) == "••••"
    assert "very secret" not in serializers.serialize("json", [kept])
    kept.save()
    assert NoticeTarget.objects.get(pk=target.pk).secret == kept.secret


@pytest.mark.django_db
@pytest.mark.services
def test_resealing_moves_every_secret_to_the_first_key(
    editor: User, settings, capsys
) -> None:
    settings.FIELD_KEYS = ["old"]
    target = NoticeTarget.objects.create(
        owner=editor, url="https://example.org/", secret="very secret"
    )
    NoticeTarget.objects.create(owner=editor, kind="email", secret="")
    settings.FIELD_KEYS = ["new", "old"]
    call_command("reseal")
    assert "1 secrets" in capsys.readouterr().out
    settings.FIELD_KEYS = ["new"]
    target.refresh_from_db()
    assert target.secret.reveal() == "very secret"
    settings.FIELD_KEYS = ["other"]
    with pytest.raises(CommandError, match="1 could not"):
        call_command("reseal")
    assert Sealed("") != target.secret
