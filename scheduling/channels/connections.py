"""Connecting channels to what sends their posts: a manager's work. Secrets go in and
never come out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from common import outgoing
from common.errors import InvalidInput, Unprocessable
from common.secrets import Sealed
from scheduling import events
from scheduling.access import access_channel
from scheduling.models import ChannelAccount
from scheduling.networks.base import Connection, Refused, Retry, Verified, Verifying
from scheduling.networks.registry import (
    NEEDS,
    NOT_CONNECTED,
    PUBLISHERS,
    WORDS,
    find_publisher,
    lacking,
)
from workspaces import audit
from workspaces.models import User
from workspaces.roles import Role


@dataclass(frozen=True)
class ConnectionRequest:
    """What a channel is to be connected with; a blank secret keeps the present one
    where nothing else changes.
    """

    publisher: str
    endpoint: str = ""
    login_name: str = ""
    secret: str = field(default="", repr=False)


def connect(user: User, channel_id: UUID, wanted: ConnectionRequest) -> ChannelAccount:
    """Choose the publisher with what it needs; the channel becomes active if it was not
    connected. Managers only.

    Raises Unprocessable naming the fields that are wrong or missing.
    """
    channel = access_channel(user, channel_id, Role.MANAGER)
    before = _said(channel)
    keeps = _keeps_secret(channel, wanted)
    channel.publisher, channel.endpoint, channel.login_name = (
        wanted.publisher,
        wanted.endpoint,
        wanted.login_name,
    )
    if not keeps:
        channel.credential = Sealed.of(wanted.secret) if wanted.secret else ""
    if channel.status == ChannelAccount.Status.UNCONNECTED:
        channel.status = ChannelAccount.Status.ACTIVE
    _check(channel)
    _save(
        user,
        channel,
        "connected",
        before,
        {"secret": "kept" if keeps else "replaced"} if channel.credential else {},
    )
    return channel


def disconnect(user: User, channel_id: UUID) -> ChannelAccount:
    """Forget publisher and secret; posts that come due until the channel is connected
    again fail and say so.
    """
    channel = access_channel(user, channel_id, Role.MANAGER)
    before = _said(channel)
    channel.publisher = channel.endpoint = channel.login_name = ""
    channel.credential = ""
    channel.status = ChannelAccount.Status.UNCONNECTED
    _save(user, channel, "disconnected", before, {"secret": "forgotten"})
    return channel


def try_connection(user: User, channel_id: UUID) -> str:
    """Ask the platform whether the sign-in works, without posting; the answer as a
    sentence. Managers only.

    Raises InvalidInput with the reason when it does not work, or when the publisher
    cannot be asked.
    """
    channel = access_channel(user, channel_id, Role.MANAGER)
    publisher = find_publisher(channel.publisher)
    if publisher is None:
        raise InvalidInput(f"{channel.name} is {NOT_CONNECTED}.")
    if missing := lacking(channel):
        raise InvalidInput(f"{channel.name} has no {' and no '.join(missing)}.")
    if not isinstance(publisher, Verifying):
        raise InvalidInput(
            f"“{publisher.name}” can only be tried by posting something."
        )
    found = publisher.verify(
        Connection(
            endpoint=channel.endpoint,
            login=channel.login_name,
            credential=channel.credential or None,
        )
    )
    said = found.name if isinstance(found, Verified) else found.reason
    audit.record(
        user,
        "tested",
        f"channel:{channel.pk}",
        workspace=channel.workspace,
        after={"answer": said},
    )
    if isinstance(found, Retry | Refused):
        raise InvalidInput(f"The connection does not work. {found.reason}")
    _note_profile(channel, found)
    return f"It works: signed in as {found.name}."


def _note_profile(channel: ChannelAccount, found: Verified) -> None:
    """Where nobody wrote down the account's address, the platform's word is taken."""
    if found.url and len(found.url) <= 500:
        ChannelAccount.objects.filter(pk=channel.pk, profile_url="").update(
            profile_url=found.url
        )


def _keeps_secret(channel: ChannelAccount, wanted: ConnectionRequest) -> bool:
    # A secret given for one place must not be sent to another just because it was left in the form.
    same = (wanted.publisher, wanted.endpoint, wanted.login_name) == (
        channel.publisher,
        channel.endpoint,
        channel.login_name,
    )
    return same and not wanted.secret and bool(channel.credential)


def _check(channel: ChannelAccount) -> None:
    faults: dict[str, list[str]] = {}
    if channel.publisher not in PUBLISHERS:
        faults["publisher"] = [
            f"There is no publisher “{channel.publisher}”; known: {', '.join(PUBLISHERS)}."
        ]
    for name in NEEDS.get(channel.publisher, ()):
        if not getattr(channel, name):
            faults["secret" if name == "credential" else name] = [
                f"Give the {WORDS[name]}."
            ]
    if channel.endpoint:
        try:
            outgoing.check_url(channel.endpoint)
        except outgoing.Refused as error:
            faults["endpoint"] = [str(error)]
    try:
        channel.clean_fields(exclude=["publisher"])
    except ValidationError as error:
        faults |= error.message_dict
    if faults:
        raise Unprocessable("Some fields are not valid.", faults)


def _said(channel: ChannelAccount) -> dict[str, str]:
    return {
        "publisher": channel.publisher,
        "endpoint": channel.endpoint,
        "login_name": channel.login_name,
        "status": channel.status,
    }


def _save(
    user: User,
    channel: ChannelAccount,
    action: str,
    before: dict[str, str],
    more: dict[str, str],
) -> None:
    with transaction.atomic():
        channel.save()
        audit.record(
            user,
            action,
            f"channel:{channel.pk}",
            workspace=channel.workspace,
            before=before,
            after=_said(channel) | more,
        )
        events.channels_changed(channel.workspace_id)
