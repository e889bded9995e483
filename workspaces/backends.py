"""Signing in with e-mail address or user name."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from workspaces.models import User


class EmailOrUsername(ModelBackend):
    """As Django's own backend, but the name may be an e-mail address."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The person with that name or address and that password; None otherwise."""
        if not username or password is None:
            return None
        user = User.objects.by_login(username)
        if user is None:
            # The same work as for a known name, so that the time of the answer tells nothing.
            User().set_password(password)
            return None
        return (
            user
            if user.check_password(password) and self.user_can_authenticate(user)
            else None
        )
