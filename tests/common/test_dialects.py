"""One error family, two dialects."""

from __future__ import annotations

import pytest
from django.http import Http404
from django.test import RequestFactory
from rest_framework import exceptions as drf

from common.dialects import handle
from common.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    Missing,
    NotSignedIn,
    TooLarge,
    TooMany,
    Unprocessable,
)

BARE, ENVELOPE = "/api/v1/marketing/x", "/api/v1/scheduling/x"


def answer(error: Exception, path: str):
    return handle(error, {"request": RequestFactory().get(path)})


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidInput("no"), 400, "invalid_request"),
        (NotSignedIn("no"), 401, "unauthorized"),
        (Forbidden("no"), 403, "forbidden"),
        (Missing("no"), 404, "not_found"),
        (Conflict("no"), 409, "conflict"),
        (Conflict("no", code="idempotency_conflict"), 409, "idempotency_conflict"),
        (TooLarge("no"), 413, "too_large"),
        (Unprocessable("no"), 422, "validation_error"),
        (TooMany("no", 7), 429, "rate_limited"),
    ],
)
def test_both_dialects_say_the_same_in_their_own_shape(
    error: Exception, status: int, code: str
) -> None:
    bare, envelope = answer(error, BARE), answer(error, ENVELOPE)
    assert bare.status_code == envelope.status_code == status
    assert set(bare.data) == {"detail"}
    assert (envelope.data["error_code"], envelope.data["error_message"]) == (code, "no")
    assert "request_id" in envelope.data


def test_fields_are_listed_with_their_place() -> None:
    error = drf.ValidationError(
        {
            "lots": [{}, {"vials": ["A valid integer is required."]}],
            "name": ["Too long."],
        }
    )
    assert answer(error, BARE).data["detail"] == [
        {
            "type": "value_error",
            "loc": ["body", "lots", 1, "vials"],
            "msg": "A valid integer is required.",
            "input": None,
        },
        {
            "type": "value_error",
            "loc": ["body", "name"],
            "msg": "Too long.",
            "input": None,
        },
    ]
    assert answer(error, ENVELOPE).data["detail"]["fields"]["body.name"] == [
        "Too long."
    ]


def test_headers_tell_programs_what_to_do() -> None:
    assert answer(NotSignedIn("no"), BARE)["WWW-Authenticate"] == "Bearer"
    assert answer(TooMany("no", 7), BARE)["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (Http404(), 404, "Not Found"),
        (drf.MethodNotAllowed("PUT"), 405, "Method Not Allowed"),
        (drf.NotAuthenticated(), 401, "Not authenticated"),
        (drf.AuthenticationFailed(), 401, "Could not validate credentials"),
        (
            drf.UnsupportedMediaType("text/plain"),
            415,
            'Unsupported media type "text/plain" in request.',
        ),
    ],
)
def test_the_frameworks_errors_get_the_contracts_texts(
    error: Exception, status: int, text: str
) -> None:
    made = answer(error, BARE)
    assert (made.status_code, made.data) == (status, {"detail": text})


def test_what_nobody_expected_is_left_to_the_500_page() -> None:
    assert answer(RuntimeError("inside"), BARE) is None
