"""Check that nobody has tampered with the audit trail."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workspaces.audit import verify
from workspaces.models import AuditEntry


class Command(BaseCommand):
    help = (
        "Recompute the hash chains of the audit trail; fails and names each place "
        "where one does not hold."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        breaks = list(verify())
        for fault in breaks:
            self.stderr.write(f"{fault.chain}: entry {fault.number} {fault.reason}")
        if breaks:
            raise CommandError(
                f"The audit trail was tampered with in {len(breaks)} places."
            )
        self.stdout.write(f"{AuditEntry.objects.count()} entries, every chain holds.")
