"""Signing in from programs: register, login by form or JSON, me, logout."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.errors import NotSignedIn
from common.parsers import Form, Json, MultiPart
from workspaces.doors import ApiRequest, read
from workspaces.models import User
from workspaces.services import users


class Person(serializers.Serializer[User]):
    """A user as the sign-in endpoints show one."""

    email = serializers.EmailField()
    id = serializers.IntegerField()
    is_active = serializers.BooleanField()
    is_superuser = serializers.BooleanField()
    created_at = serializers.DateTimeField(
        source="date_joined", format="%Y-%m-%dT%H:%M:%S"
    )


class Registration(serializers.Serializer[Any]):
    email = serializers.EmailField(
        error_messages={"invalid": "value is not a valid email address"}
    )
    password = serializers.CharField(
        trim_whitespace=False, max_length=1000, style={"input_type": "password"}
    )


class Credentials(serializers.Serializer[Any]):
    username = serializers.CharField(help_text="E-mail address or user name")
    password = serializers.CharField(
        trim_whitespace=False, style={"input_type": "password"}
    )


class Token(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    token_type = serializers.CharField(default="bearer")


class Farewell(serializers.Serializer[Any]):
    message = serializers.CharField()
    detail = serializers.CharField()


class Register(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        request=Registration,
        responses={201: Person, 400: OpenApiResponse(), 422: OpenApiResponse()},
    )
    def post(self, request: Request) -> Response:
        """Make an account with an e-mail address and a password of at least 8 characters."""
        user = users.register(
            **read(Registration, request), is_open=settings.REGISTRATION_OPEN
        )
        return Response(Person(user).data, status=201)


class Login(APIView):
    """Takes a form or JSON; ten failures a minute for one account and address end in 429."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    parser_classes = [Form, MultiPart, Json]

    @extend_schema(
        request=Credentials,
        responses={200: Token, 401: OpenApiResponse(), 429: OpenApiResponse()},
    )
    def post(self, request: Request) -> Response:
        """Exchange e-mail address or user name and password for a bearer token that
        lasts 24 hours.
        """
        return Response(
            {
                "access_token": users.access_token(sign_in(request)),
                "token_type": "bearer",
            }
        )


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

    @extend_schema(responses={200: Person, 401: OpenApiResponse()})
    def get(self, request: ApiRequest) -> Response:
        """The user behind the token."""
        return Response(Person(request.user).data)


class Logout(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(request=None, responses={200: Farewell})
    def post(self, request: Request) -> Response:
        """Say goodbye. Tokens are not kept on the server: forget yours; a new password
        ends all of them.
        """
        return Response(
            {
                "message": "Successfully logged out",
                "detail": "Discard the token on your side.",
            }
        )


class MarketingLogin(APIView):
    """The marketing clients' own sign-in route: JSON, with name and role in the answer."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        request=Credentials,
        responses={200: OpenApiResponse(), 401: OpenApiResponse()},
    )
    def post(self, request: Request) -> Response:
        """Exchange user name and password for a bearer token."""
        try:
            user = sign_in(request)
        except NotSignedIn:
            raise NotSignedIn("Invalid credentials") from None
        return Response(
            {
                "message": "Login successful",
                "username": user.username,
                "role": "admin" if user.is_staff else "user",
                "access_token": users.access_token(user),
                "token_type": "bearer",
            }
        )
