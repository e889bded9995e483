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


def connect(user: User, channel_id: UUID, request: ConnectionRequest) -> ChannelAccount:
    """Choose the publisher with what it needs; the channel becomes active if it was not
    connected. Managers only.

    Raises Unprocessable naming the fields that are wrong or missing.
    """
    channel = access_channel(user, channel_id, Role.MANAGER)
    before = _recorded(channel)
    keeps = _keeps_secret(channel, request)
    channel.publisher = request.publisher
    channel.endpoint = request.endpoint
    channel.login_name = request.login_name
    if not keeps:
        channel.credential = Sealed.of(request.secret) if request.secret else ""
    if channel.status == ChannelAccount.Status.UNCONNECTED:
        channel.status = ChannelAccount.Status.ACTIVE
    _check(channel)
    about_secret = {}
    if channel.credential:
        about_secret["secret"] = "kept" if keeps else "replaced"
    _save(user, channel, "connected", before, about_secret)
    return channel


def disconnect(user: User, channel_id: UUID) -> ChannelAccount:
    """Forget publisher and secret; posts that come due until the channel is connected
    again fail and say so.
    """
    channel = access_channel(user, channel_id, Role.MANAGER)
    before = _recorded(channel)
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
    publisher = _verifying_publisher(channel)
    connection = Connection(
        endpoint=channel.endpoint,
        login=channel.login_name,
        credential=channel.credential or None,
    )
    answer = publisher.verify(connection)
    text = answer.name if isinstance(answer, Verified) else answer.reason
    audit.record(
        user,
        "tested",
        f"channel:{channel.pk}",
        workspace=channel.workspace,
        after={"answer": text},
    )
    if isinstance(answer, Retry | Refused):
        raise InvalidInput(f"The connection does not work. {answer.reason}")
    _note_profile(channel, answer)
    return f"It works: signed in as {answer.name}."


def _verifying_publisher(channel: ChannelAccount) -> Verifying:
    """The channel's publisher, if it can be asked. Raises InvalidInput."""
    publisher = find_publisher(channel.publisher)
    if publisher is None:
        raise InvalidInput(f"{channel.name} is {NOT_CONNECTED}.")
    if missing := lacking(channel):
        raise InvalidInput(f"{channel.name} has no {' and no '.join(missing)}.")
    if not isinstance(publisher, Verifying):
        raise InvalidInput(
            f"“{publisher.name}” can only be tried by posting something."
        )
    return publisher


def _note_profile(channel: ChannelAccount, account: Verified) -> None:
    """Where nobody wrote down the account's address, the platform's word is taken."""
    if account.url and len(account.url) <= 500:
        ChannelAccount.objects.filter(pk=channel.pk, profile_url="").update(
            profile_url=account.url
        )


def _keeps_secret(channel: ChannelAccount, request: ConnectionRequest) -> bool:
    # A secret given for one place must not be sent to another just because it was left in the form.
    old = (channel.publisher, channel.endpoint, channel.login_name)
    new = (request.publisher, request.endpoint, request.login_name)
    return old == new and not request.secret and bool(channel.credential)


def _check(channel: ChannelAccount) -> None:
    faults: dict[str, list[str]] = {}
    if channel.publisher not in PUBLISHERS:
        faults["publisher"] = [
            f"There is no publisher “{channel.publisher}”; known: {', '.join(PUBLISHERS)}."
        ]
    for name in NEEDS.get(channel.publisher, ()):
        if not getattr(channel, name):
            field_name = "secret" if name == "credential" else name
            faults[field_name] = [f"Give the {WORDS[name]}."]
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


def _recorded(channel: ChannelAccount) -> dict[str, str]:
    """What the trail says of the channel: all but the secret."""
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
            after=_recorded(channel) | more,
        )
        events.channels_changed(channel.workspace_id)
