"""Print the schema of the GraphQL interface, for clients that are made of it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from fillplanner.graphql.schema import schema


class Command(BaseCommand):
    help = "Print the schema of /graphql with its descriptions."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(schema.as_str())
