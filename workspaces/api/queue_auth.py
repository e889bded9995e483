"""The posting queue's own sign-in routes: JSON, with the person in the answer. The
tokens are the same everywhere.
"""

from __future__ import annotations

from typing import Any, Literal

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from common import json_fields as serializers
from common.errors import InvalidInput, NotSignedIn
from workspaces.api.auth import (
    CLOSED,
    KNOWN,
    TOO_OFTEN,
    WRONG,
    Credentials,
    Token,
    role_of,
    sign_in,
    token_of,
)
from workspaces.doors import ApiRequest, read
from workspaces.models import User
from workspaces.services import users


class QueueRegistration(serializers.Serializer[Any]):
    """Who wants to have an account with a name of their own."""

    username = serializers.RegexField(
        r"^[\w.+-]+\Z",
        max_length=150,
        help_text="Letters, digits and `.+-_`",
    )
    email = serializers.EmailField(help_text="The address to sign in with")
    password = serializers.CharField(
        trim_whitespace=False,
        max_length=1000,
        style={"input_type": "password"},
        help_text="At least 8 characters, and none that is easy to guess",
    )


class QueuePerson(TypedDict):
    """A person as the queue's clients have them."""

    id: int
    """Their number."""
    username: str
    """Their user name."""
    email: str
    """Their e-mail address; blank for an account without one."""
    role: Literal["admin", "user"]
    """`admin` for the product's staff."""


class QueueMember(QueuePerson):
    """A person, and since when there is an account."""

    created_at: str
    """When the account was made: UTC without offset, to the second."""


class QueueToken(Token):
    """A token, and whose it is."""

    user: QueuePerson
    """Who has signed in."""


def person(user: User) -> QueuePerson:
    """A person as the dialect has them."""
    return {
        "id": user.pk,
        "username": user.username,
        "email": user.email,
        "role": role_of(user),
    }


def answer(user: User) -> Response:
    """A person's token for a day."""
    body: QueueToken = {**token_of(user), "user": person(user)}
    return Response(body)


class QueueRegister(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="register_for_the_queue",
        request=QueueRegistration,
        responses={200: QueueToken, 400: KNOWN, 403: CLOSED},
    )
    def post(self, request: ApiRequest) -> Response:
        """Make an account with a name of one's own and sign in."""
        data = read(QueueRegistration, request)
        if User.objects.by_login(data["username"]):
            raise InvalidInput("Username already exists")
        if User.objects.by_login(data["email"]):
            raise InvalidInput("Email already exists")
        return answer(users.register(**data, is_open=settings.REGISTRATION_OPEN))


class QueueLogin(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="sign_in_to_the_queue",
        request=Credentials,
        responses={200: QueueToken, 401: WRONG, 429: TOO_OFTEN},
    )
    def post(self, request: Request) -> Response:
        """Exchange user name and password for a bearer token."""
        try:
            return answer(sign_in(request))
        except NotSignedIn:
            raise NotSignedIn("Invalid username or password") from None


class QueueMe(APIView):
    scope = "account"

    @extend_schema(operation_id="who_am_i_to_the_queue", responses=QueueMember)
    def get(self, request: ApiRequest) -> Response:
        """The user behind the token."""
        joined = request.user.date_joined
        member: QueueMember = {
            **person(request.user),
            "created_at": joined.strftime("%Y-%m-%dT%H:%M:%S"),
        }
        return Response(member)
