"""People: joining, and the tokens they sign in with."""

from __future__ import annotations

import re

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from rest_framework_simplejwt.tokens import AccessToken

from common.edits import Expected
from common.errors import Forbidden, InvalidInput, Unprocessable
from common.mappings import Values
from workspaces import audit
from workspaces.models import User
from workspaces.services.rows import lock, settled, values_of

PROFILE = ("first_name", "last_name", "zone")


def register(email: str, password: str, *, is_open: bool, username: str = "") -> User:
    """Add a person. Raises Unprocessable for a bad address or password, InvalidInput
    for a taken one.
    """
    if not is_open:
        raise Forbidden(
            "Registration is closed here; ask an administrator for an account."
        )
    _check(email, password)
    try:
        with transaction.atomic():
            user = User(email=email, username=username or free_username(email))
            user.set_password(password)
            user.save()
            audit.record(
                user,
                "registered",
                f"user:{user.pk}",
                after={"email": email, "username": user.username},
            )
    except IntegrityError as error:
        raise InvalidInput("Email already registered") from error
    return user


def _check(email: str, password: str) -> None:
    _check_email(email)
    _check_password(password)
    if User.objects.by_login(email):
        raise InvalidInput("Email already registered")


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise Unprocessable(
            "Not valid.", {"body.email": ["value is not a valid email address"]}
        ) from error


def _check_password(password: str) -> None:
    try:
        validate_password(password)
    except ValidationError as error:
        raise Unprocessable(
            "Not valid.",
            {"body.password": [f"password: {text}" for text in error.messages]},
        ) from error


def free_username(email: str) -> str:
    """A user name made from the address, with a number behind it when it is taken."""
    stem = re.sub(r"[^\w.+-]", "", email.split("@", maxsplit=1)[0])[:130] or "user"
    alike = User.objects.filter(username__istartswith=stem)
    names = {name.lower() for name in alike.values_list("username", flat=True)}
    if stem.lower() not in names:
        return stem
    numbered = (f"{stem}{n}" for n in range(2, len(names) + 3))
    return next(name for name in numbered if name.lower() not in names)


def access_token(user: User) -> str:
    """A sign-in token: HS256, 24 hours, with the claims of every client (`sub`,
    `user_id`, `username`).
    """
    token = AccessToken.for_user(user)
    token["sub"] = user.email
    token["username"] = user.username
    return str(token)


def profile(user: User) -> Values:
    """What people change of themselves."""
    return values_of(user, PROFILE)


def change_profile(
    user: User, values: Values, expected: Expected | None = None
) -> None:
    """Change the person's own names and zone. Raises Overtaken where they have done so
    elsewhere and what was expected is no longer so.
    """
    thing = f"user:{user.pk}"
    with transaction.atomic():
        now = User.objects.get(pk=user.pk)
        lock(now)
        changes = settled(expected, thing, profile(now), values)
        before = values_of(now, changes)
        User.objects.filter(pk=user.pk).update(**changes)
        audit.record(user, "changed profile", thing, before=before, after=changes)
