"""Who calls the programming interface: a sign-in token, an integration's token, or a
browser's session.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed as JwtFailed

from common.errors import Forbidden, InvalidInput, NotSignedIn
from workspaces.loopback import fixed_token_user, local_user
from workspaces.models import ApiToken, User

TOKEN_PREFIX = b"slt_"
INACTIVE = {"detail": "user_inactive", "code": "user_inactive"}
BAD_TOKEN = "Could not validate credentials"


def user_of_token(raw: bytes) -> tuple[User, Any]:
    """The user behind a token and what proves it: an ApiToken, or a decoded sign-in token.

    Raises NotSignedIn for a bad, expired or revoked token, InvalidInput for a switched-off user.
    """
    if raw.startswith(TOKEN_PREFIX):
        return _user_of_api_token(raw)
    return _user_of_sign_in(raw)


def _user_of_sign_in(raw: bytes) -> tuple[User, Any]:
    checker = JWTAuthentication()
    try:
        token = checker.get_validated_token(raw)
        user = cast(User, checker.get_user(token))
    except JwtFailed as error:
        raise _refusal(error) from error
    return user, token


def _refusal(error: JwtFailed) -> InvalidInput | NotSignedIn:
    """A right token whose user is switched off is told from a bad one."""
    is_inactive = error.get_codes() == INACTIVE or "inactive" in str(error.detail)
    return InvalidInput("Inactive user") if is_inactive else NotSignedIn(BAD_TOKEN)


def _user_of_api_token(raw: bytes) -> tuple[User, ApiToken]:
    try:
        user, token = TokenAuthentication().authenticate_credentials(raw)
    except (AuthenticationFailed, UnicodeDecodeError) as error:
        raise NotSignedIn(BAD_TOKEN) from error
    _note_use(token)
    user.bound_workspace_id = token.workspace_id
    return user, token


def _note_use(token: ApiToken) -> None:
    """Remember the use to the minute; a write a request would be too many."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


class Bearer(BaseAuthentication):
    """`Authorization: Bearer <sign-in token or API token>`."""

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        """The person and the token of the header; None where it names none. Raises
        NotSignedIn.
        """
        token = bearer_token(request)
        if token is None:
            return None
        return fixed_token_user(request, token) or user_of_token(token)

    def authenticate_header(self, request: Request) -> str:
        """Makes a refusal 401 and not 403."""
        return "Bearer"


def bearer_token(request: Request) -> bytes | None:
    """The token of the header; None for another kind of header or none. Raises
    NotSignedIn where there is not exactly one.
    """
    words = get_authorization_header(request).split()
    if not words or words[0].lower() != b"bearer":
        return None
    if len(words) != 2:
        raise NotSignedIn(BAD_TOKEN)
    return words[1]


class Session(SessionAuthentication):
    """The browser's session; unsafe methods need the CSRF token. Without one, perhaps
    this machine itself.
    """

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """The person of the session or, where the loopback demo lets everybody in, its
        own.
        """
        signed_in: tuple[User, None] | None = super().authenticate(request)
        return signed_in or local_user(request)


class SignedIn(BasePermission):
    """Signed in; an API token also needs the view's scope: `scope = "plans"` asks for
    plans:read or plans:write.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether somebody is there, and their token reaches as far as the view. Raises
        Forbidden naming the scope that it lacks.
        """
        if not request.user.is_authenticated:
            return False
        if isinstance(request.auth, ApiToken):
            _check_scope(request.auth, getattr(view, "scope", None), request.method)
        return True


def _check_scope(token: ApiToken, scope: str | None, method: str | None) -> None:
    action = "read" if method in SAFE_METHODS else "write"
    if scope is None:
        raise _lacking(f"account:{action}")
    check_scope(token, f"{scope}:{action}")


def check_scope(proof: object, needed: str) -> None:
    """Raises Forbidden for an API token without the scope; whoever signed in has all."""
    if isinstance(proof, ApiToken) and not proof.allows(needed):
        raise _lacking(needed)


def _lacking(scope: str) -> Forbidden:
    return Forbidden(f"This token lacks the scope {scope}.")
