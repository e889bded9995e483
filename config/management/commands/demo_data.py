"""Fill an empty installation with a workspace that looks like real life."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import demo


class Command(BaseCommand):
    help = (
        "Make the demo workspace h2o with channels, content, posts and plans, and "
        "its three users."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not hasattr(settings, "DATA_DIR"):
            # The passwords are printed in the README: not for an installation that
            # others can reach.
            raise CommandError("Demo data is for the embedded run only.")
        is_new = demo.load()
        if is_new:
            self.stdout.write("Demo data is there.")
        else:
            self.stdout.write("Demo data was there already; nothing changed.")
        for name, password in demo.PASSWORDS.items():
            self.stdout.write(f"  {name:<10} {password}")
