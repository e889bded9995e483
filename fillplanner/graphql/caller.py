"""Who calls, as every field finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import strawberry

from workspaces.authentication import check_scope
from workspaces.models import User


@dataclass(frozen=True)
class Caller:
    """Somebody signed in, and what proves it: fields get the person only with the right
    to do what they do.
    """

    user: User
    proof: object

    def reading(self) -> User:
        """The person. Raises Forbidden for a token that may not read plans."""
        check_scope(self.proof, "plans:read")
        return self.user

    def writing(self) -> User:
        """The person. Raises Forbidden for a token that may not write plans."""
        check_scope(self.proof, "plans:write")
        return self.user


Info: TypeAlias = strawberry.Info[Caller, None]
