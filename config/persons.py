"""One person's data: all that is theirs as plain values, and its deletion."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from common.errors import Conflict
from common.mappings import JsonObject, Values
from common.secrets import SealedField
from scheduling.models import ContentItem
from workspaces import audit
from workspaces.models import AuditEntry, Membership, User
from workspaces.roles import Role

# What proves who somebody is says nothing about them, and does not belong in a file.
KEPT_BACK = ("password", "digest", "token_key", "fingerprint", "previous")
# What the file has called these columns from its beginning.
OLDER_NAMES = {"error": "error_message", "ended_at": "completed_at"}


@dataclass(frozen=True)
class Deleted:
    """What was done: rows deleted by kind, audit entries that say another name now, and
    that name.
    """

    rows: dict[str, int]
    renamed: int
    pseudonym: str


def export(user: User) -> JsonObject:
    """Everything that belongs to the person, by kind: plain values that JSON can hold,
    without secrets.
    """
    theirs = {"account": [_values(user)]} | {
        _name(relation): [_values(row) for row in rows]
        for relation, rows in rows_of(user)
        if rows
    }
    theirs["audit_entries"] = [
        _values(entry) for entry in AuditEntry.objects.filter(actor=user).order_by("pk")
    ]
    theirs["content_items"] = [
        _values(item) for item in ContentItem.objects.filter(owner=user.username)
    ]
    plain: JsonObject = json.loads(json.dumps(theirs, cls=DjangoJSONEncoder))
    return plain


def rows_of(user: User) -> list[tuple[models.ForeignObjectRel, list[models.Model]]]:
    """The rows that would go with the person."""
    relations = [
        field
        for field in User._meta.get_fields(include_hidden=True)
        if isinstance(field, models.ManyToOneRel) and field.on_delete is models.CASCADE
    ]
    by_relation: list[tuple[models.ForeignObjectRel, list[models.Model]]] = []
    for relation in relations:
        every_row = relation.related_model._default_manager
        theirs = every_row.filter(**{relation.field.name: user})
        by_relation.append((relation, list(theirs)))
    return by_relation


def _name(relation: models.ForeignObjectRel) -> str:
    name = str(relation.related_model._meta.verbose_name_plural)
    return name.replace(" ", "_").lower()


def _values(row: models.Model) -> Values:
    fields = [
        field for field in row._meta.concrete_fields if field.name not in KEPT_BACK
    ]
    return {
        OLDER_NAMES.get(field.name, field.name): _plain(field.value_from_object(row))
        for field in fields
        if not isinstance(field, SealedField)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, models.fields.files.FieldFile | bytes | memoryview):
        return str(value)
    return value


@transaction.atomic
def delete(user: User) -> Deleted:
    """Delete the account and all that is theirs alone; what they made for a workspace
    stays, without their name.

    Raises Conflict when a workspace of several people would be left without a manager.
    """
    _check_managers(user)
    pseudonym = f"deleted-{user.pk}"
    renamed = audit.replace_name({user.username, user.email}, pseudonym)
    ContentItem.objects.filter(owner=user.username).update(owner="")
    _, rows = user.delete()
    audit.record(None, "deleted", f"user:{pseudonym}", after={"rows": rows})
    return Deleted(rows, renamed, pseudonym)


def _check_managers(user: User) -> None:
    for own in user.memberships.filter(role=Role.MANAGER).select_related("workspace"):
        others = Membership.objects.filter(workspace=own.workspace).exclude(user=user)
        if others.exists() and not others.filter(role=Role.MANAGER).exists():
            raise Conflict(
                f"{own.workspace.name} would have no manager. Make another "
                "member its manager first."
            )
