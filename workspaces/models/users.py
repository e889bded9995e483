"""People who can sign in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from common.zones import validate_zone


class People(UserManager["User"]):
    """Finds people by what they type into a sign-in form."""

    def by_login(self, login: str) -> User | None:
        """The person with this e-mail address or user name, whatever its case."""
        field = "email__iexact" if "@" in login else "username__iexact"
        return self.filter(**{field: login.strip()}).first()


class User(AbstractUser):  # type: ignore[django-manager-missing]  # knox's manager has no types
    """A person; signs in with e-mail address or user name.

    A user name never contains "@", so that nobody can take another's address as a name.
    """

    username = models.CharField(
        "user name",
        max_length=150,
        unique=True,
        validators=[
            RegexValidator(r"^[\w.+-]+\Z", "Letters, digits and . + - _ only.")
        ],
    )
    email = models.EmailField("e-mail address", max_length=254)
    zone = models.CharField(
        "time zone", max_length=64, blank=True, validators=[validate_zone]
    )
    default_workspace = models.ForeignKey(
        "workspaces.Workspace",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    # Set while a request is made with a token that is bound to one workspace.
    bound_workspace_id: int | None = None

    objects: ClassVar[People] = People()
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.UniqueConstraint(Lower("username"), name="user_username_unique"),
            models.CheckConstraint(
                condition=~models.Q(username__contains="@"), name="user_username_no_at"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def display_name(self) -> str:
        """What others see of them."""
        return self.get_full_name() or self.username
