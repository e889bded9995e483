from workspaces.models.audit import AuditEntry, AuditHead
from workspaces.models.replies import StoredReply
from workspaces.models.tokens import ApiToken
from workspaces.models.users import User
from workspaces.models.workspaces import Membership, Workspace

__all__ = [
    "ApiToken",
    "AuditEntry",
    "AuditHead",
    "Membership",
    "StoredReply",
    "User",
    "Workspace",
]
