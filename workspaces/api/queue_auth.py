"""The posting queue's own sign-in routes: JSON, with the person in the answer. The
tokens are the same everywhere.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.errors import InvalidInput, NotSignedIn
from common.mappings import JsonObject
from workspaces.api.auth import Credentials, sign_in
from workspaces.doors import ApiRequest, read
from workspaces.models import User
from workspaces.services import users


class QueueRegistration(serializers.Serializer[Any]):
    username = serializers.RegexField(r"^[\w.+-]+\Z", max_length=150)
    email = serializers.EmailField()
    password = serializers.CharField(
        trim_whitespace=False, max_length=1000, style={"input_type": "password"}
    )


def person(user: User) -> JsonObject:
    """A person as the dialect has them."""
    role = "admin" if user.is_staff else "user"
    return {"id": user.pk, "username": user.username, "email": user.email, "role": role}


def answer(user: User) -> Response:
    """A person's token for a day."""
    return Response(
        {
            "access_token": users.access_token(user),
            "token_type": "bearer",
            "user": person(user),
        }
    )


class QueueRegister(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        request=QueueRegistration,
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
        request=Credentials,
    )
    def post(self, request: Request) -> Response:
        """Exchange user name and password for a bearer token."""
        try:
            return answer(sign_in(request))
        except NotSignedIn:
            raise NotSignedIn("Invalid username or password") from None


class QueueMe(APIView):
    scope = "account"

    def get(self, request: ApiRequest) -> Response:
        """The user behind the token."""
        return Response(
            person(request.user)
            | {"created_at": request.user.date_joined.strftime("%Y-%m-%dT%H:%M:%S")}
        )
