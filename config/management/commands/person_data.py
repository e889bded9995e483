"""Export or delete one person's data."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import Problem
from config import persons
from workspaces.audit import Broken
from workspaces.models import User


class Command(BaseCommand):
    help = (
        "Write everything that belongs to a person as JSON, or delete it and take "
        "their name out of the rest."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["export", "delete"])
        parser.add_argument("login", help="user name or e-mail address")
        parser.add_argument("--yes", action="store_true", help="delete without asking")

    def handle(
        self, *args: Any, act: str, login: str, yes: bool, **options: Any
    ) -> None:
        user = User.objects.by_login(login)
        if user is None:
            raise CommandError(f"There is nobody called “{login}”.")
        if act == "export":
            self.stdout.write(
                json.dumps(persons.export(user), indent=2, ensure_ascii=False)
            )
        elif (
            yes
            or input(
                f"Delete {user.username} and all that is theirs? It cannot be undone. [y/N] "
            ).lower()
            == "y"
        ):
            self._delete(user)

    def _delete(self, user: User) -> None:
        try:
            done = persons.delete(user)
        except (Problem, Broken) as problem:
            raise CommandError(f"Nothing was deleted. {problem}") from problem
        for kind, count in sorted(done.rows.items()):
            self.stdout.write(f"{count:6} {kind} deleted")
        self.stdout.write(f"{done.renamed:6} audit entries say {done.pseudonym} now")
