"""Signing in from programs: register, login by form or JSON, me, logout."""

from __future__ import annotations

from typing import Any, Literal

from django.conf import settings
from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from common import json_fields as serializers
from common.errors import NotSignedIn
from common.parsers import Form, Json, MultiPart
from workspaces.doors import ApiRequest, read
from workspaces.models import User
from workspaces.services import users


class Person(TypedDict):
    """Somebody who can sign in."""

    email: str
    """Their e-mail address; blank for an account without one."""
    id: int
    """Their number."""
    is_active: bool
    """Whether they may sign in."""
    is_superuser: bool
    """Whether they may do everything in the administration."""
    created_at: str
    """When the account was made: UTC without offset, to the second."""


def person_body(user: User) -> Person:
    """A user as the sign-in routes show one."""
    return {
        "email": user.email,
        "id": user.pk,
        "is_active": user.is_active,
        "is_superuser": user.is_superuser,
        "created_at": user.date_joined.strftime("%Y-%m-%dT%H:%M:%S"),
    }


class Registration(serializers.Serializer[Any]):
    """Who wants to have an account."""

    email = serializers.EmailField(
        error_messages={"invalid": "value is not a valid email address"},
        help_text="The address to sign in with",
    )
    password = serializers.CharField(
        trim_whitespace=False,
        max_length=1000,
        style={"input_type": "password"},
        help_text="At least 8 characters, and none that is easy to guess",
    )


class Credentials(serializers.Serializer[Any]):
    """Who signs in."""

    username = serializers.CharField(help_text="E-mail address or user name")
    password = serializers.CharField(
        trim_whitespace=False,
        style={"input_type": "password"},
        help_text="The account's password",
    )


class Token(TypedDict):
    """What proves who calls."""

    access_token: str
    """Goes into the header `Authorization: Bearer ...`; lasts 24 hours."""
    token_type: Literal["bearer"]
    """How it is sent."""


class Farewell(TypedDict):
    """That somebody has signed out."""

    message: str
    """For people to read."""
    detail: str
    """What is left to do."""


class Welcome(Token):
    """A token, and whose it is."""

    message: str
    """For people to read."""
    username: str
    """The user name."""
    role: Literal["admin", "user"]
    """`admin` for the product's staff."""


ROLES = ("admin", "user")
WRONG = "The name or the password is wrong."
TOO_OFTEN = "Ten sign-ins have failed for this account from here; wait a minute."
KNOWN = "There is such an account already."
CLOSED = "Nobody may make an account here; ask an administrator."


class Register(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="register",
        request=Registration,
        responses={201: Person, 400: KNOWN, 403: CLOSED},
    )
    def post(self, request: Request) -> Response:
        """Make an account with an e-mail address and a password of at least 8 characters."""
        user = users.register(
            **read(Registration, request), is_open=settings.REGISTRATION_OPEN
        )
        return Response(person_body(user), status=201)


class Login(APIView):
    """Takes a form or JSON; ten failures a minute for one account and address end in 429."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    parser_classes = [Form, MultiPart, Json]

    @extend_schema(
        operation_id="sign_in",
        request=Credentials,
        responses={200: Token, 401: WRONG, 429: TOO_OFTEN},
    )
    def post(self, request: Request) -> Response:
        """Exchange e-mail address or user name and password for a bearer token that
        lasts 24 hours.
        """
        return Response(token_of(sign_in(request)))


def token_of(user: User) -> Token:
    """A person's token for a day."""
    return {"access_token": users.access_token(user), "token_type": "bearer"}


def sign_in(request: Request) -> User:
    """The user with the credentials in the body. Raises NotSignedIn, or 422 for a body
    without them.
    """
    user = authenticate(request._request, **read(Credentials, request))
    if not isinstance(user, User):
        raise NotSignedIn("Incorrect email or password")
    return user


class Me(APIView):
    scope = "account"

    @extend_schema(operation_id="who_am_i", responses=Person)
    def get(self, request: ApiRequest) -> Response:
        """The user behind the token."""
        return Response(person_body(request.user))


class Logout(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(operation_id="sign_out", request=None, responses=Farewell)
    def post(self, request: Request) -> Response:
        """Sign out. Tokens are not kept on the server: forget yours; a new password
        ends all of them.
        """
        farewell: Farewell = {
            "message": "Successfully logged out",
            "detail": "Discard the token on your side.",
        }
        return Response(farewell)


class MarketingLogin(APIView):
    """The marketing clients' own sign-in route: JSON, with name and role in the answer."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="sign_in_for_marketing",
        request=Credentials,
        responses={200: Welcome, 401: WRONG, 429: TOO_OFTEN},
    )
    def post(self, request: Request) -> Response:
        """Exchange user name and password for a bearer token."""
        try:
            user = sign_in(request)
        except NotSignedIn:
            raise NotSignedIn("Invalid credentials") from None
        welcome: Welcome = {
            **token_of(user),
            "message": "Login successful",
            "username": user.username,
            "role": role_of(user),
        }
        return Response(welcome)


def role_of(user: User) -> Literal["admin", "user"]:
    """The dialects' word for what somebody may do in the administration."""
    return "admin" if user.is_staff else "user"
