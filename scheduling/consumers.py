"""The page socket of the posting half: tells signed-in people what changed in their workspaces."""

from __future__ import annotations

from common import sockets
from scheduling.events import workspace_group
from workspaces.selectors import memberships_of


class PageSocket(sockets.PageSocket):
    def topics(self) -> list[str] | None:
        user = self.scope["user"]
        if not user.is_authenticated:
            return None
        return [workspace_group(row.workspace_id) for row in memberships_of(user)]
