"""Connecting channels to what sends their posts: a manager's work. Secrets go in and
never come out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from common import outgoing
from common.edits import Expected
from common.errors import InvalidInput, Unprocessable
from common.mappings import Values
from common.secrets import Sealed
from scheduling import events
from scheduling.access import access_channel
from scheduling.channels import sign_ins
from scheduling.models import ChannelAccount
from scheduling.networks.base import (
    Connection,
    Publisher,
    Refused,
    Retry,
    SignInRefused,
    Verified,
    Verifying,
)
from scheduling.networks.registry import (
    NEEDS,
    NOT_CONNECTED,
    PUBLISHERS,
    WORDS,
    find_publisher,
    lacking,
    unknown_text,
)
from workspaces import audit
from workspaces.models import User
from workspaces.roles import Role
from workspaces.services.rows import lock, settled, values_of

# What is wrong, by the names of fields.
Faults = dict[str, list[str]]
# Where a secret is sent to.
PLACE = ("publisher", "endpoint", "login_name")


@dataclass(frozen=True)
class ConnectionRequest:
    """What a channel is to be connected with; a blank secret keeps the present one
    where nothing else changes.
    """

    publisher: str
    endpoint: str = ""
    login_name: str = ""
    secret: str = field(default="", repr=False)


def stored(channel: ChannelAccount) -> Values:
    """What of the connection can be changed, by the names of `ConnectionRequest`. Of the
    secret only what it is kept as.
    """
    secret = channel.credential
    return {**values_of(channel, PLACE), "secret": secret.sealed if secret else ""}


@transaction.atomic
def connect(
    user: User,
    channel_id: UUID,
    request: ConnectionRequest,
    expected: Expected | None = None,
) -> ChannelAccount:
    """Choose the publisher with what it needs; the channel becomes active if it was not
    connected. Managers only.

    Raises Unprocessable naming the fields that are wrong or missing, and Overtaken where
    somebody else has changed what the caller expects.
    """
    channel = access_channel(user, channel_id, Role.MANAGER)
    lock(channel)
    request = _settled(channel, request, expected)
    before = _recorded(channel)
    keeps = _keeps_secret(channel, request)
    if (channel.publisher, channel.endpoint) != (request.publisher, request.endpoint):
        channel.server_limits, channel.server_limits_at = {}, None
    channel.publisher = request.publisher
    channel.endpoint = request.endpoint
    channel.login_name = request.login_name
    if not keeps:
        channel.credential = Sealed.of(request.secret) if request.secret else ""
    sign_ins.accepted(channel)
    if channel.status == ChannelAccount.Status.UNCONNECTED:
        channel.status = ChannelAccount.Status.ACTIVE
    _check(channel)
    about_secret = {}
    if channel.credential:
        about_secret["secret"] = "kept" if keeps else "replaced"
    _save(user, channel, "connected", before, about_secret)
    return channel


def _settled(
    channel: ChannelAccount, request: ConnectionRequest, expected: Expected | None
) -> ConnectionRequest:
    """The request, with what only others have changed as it is. A secret that nobody
    gave is none of the changes.
    """
    mine = values_of_request(request)
    now = stored(channel)
    thing = f"channel:{channel.pk}"
    changes = settled(expected, thing, now, mine)
    kept = {name: now[name] for name in mine if name not in changes}
    kept.pop("secret", None)
    return replace(request, **kept)


def values_of_request(request: ConnectionRequest) -> Values:
    """What is asked for, by name."""
    place = {name: getattr(request, name) for name in PLACE}
    return place | ({"secret": request.secret} if request.secret else {})


def disconnect(user: User, channel_id: UUID) -> ChannelAccount:
    """Forget publisher and secret; posts that come due until the channel is connected
    again fail and say so.
    """
    channel = access_channel(user, channel_id, Role.MANAGER)
    before = _recorded(channel)
    channel.publisher = channel.endpoint = channel.login_name = ""
    channel.credential = ""
    channel.status = ChannelAccount.Status.UNCONNECTED
    sign_ins.accepted(channel)
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
    if isinstance(answer, SignInRefused):
        sign_ins.note_refused(channel, answer.reason)
    if isinstance(answer, Retry | Refused):
        raise InvalidInput(f"The connection does not work. {answer.reason}")
    if channel.sign_in_error:
        sign_ins.accepted(channel)
        channel.save()
        events.channels_changed(channel.workspace_id)
    _note_profile(channel, answer)
    _note_limits(channel, answer)
    return f"It works: signed in as {answer.name}."


def _verifying_publisher(channel: ChannelAccount) -> Verifying:
    """The channel's publisher, if it can be asked. Raises InvalidInput."""
    publisher = _connected_publisher(channel)
    if not isinstance(publisher, Verifying):
        raise InvalidInput(
            f"“{publisher.name}” can only be tried by posting something."
        )
    return publisher


def _connected_publisher(channel: ChannelAccount) -> Publisher:
    """The channel's publisher, if it has all that it needs. Raises InvalidInput."""
    publisher = find_publisher(channel.publisher)
    if publisher is None:
        raise InvalidInput(f"{channel.name} is {NOT_CONNECTED}.")
    _check_complete(channel)
    return publisher


def _check_complete(channel: ChannelAccount) -> None:
    if missing := lacking(channel):
        raise InvalidInput(f"{channel.name} has no {' and no '.join(missing)}.")


def _note_profile(channel: ChannelAccount, account: Verified) -> None:
    """Where nobody wrote down the account's address, the platform's word is taken."""
    if account.url and len(account.url) <= 500:
        ChannelAccount.objects.filter(pk=channel.pk, profile_url="").update(
            profile_url=account.url
        )


def _note_limits(channel: ChannelAccount, account: Verified) -> None:
    """What the account's own server takes, with today's date; what it said before where
    it says nothing now.
    """
    if account.limits:
        ChannelAccount.objects.filter(pk=channel.pk).update(
            server_limits=dict(account.limits), server_limits_at=timezone.now()
        )


def _keeps_secret(channel: ChannelAccount, request: ConnectionRequest) -> bool:
    # A secret given for one place must not be sent to another just because it was left in the form.
    is_same = all(getattr(channel, name) == getattr(request, name) for name in PLACE)
    return is_same and not request.secret and bool(channel.credential)


def _check(channel: ChannelAccount) -> None:
    faults = _unknown(channel) | _missing(channel) | _unreachable(channel)
    faults |= _unclean(channel)
    if faults:
        raise Unprocessable("Some fields are not valid.", faults)


def _unknown(channel: ChannelAccount) -> Faults:
    """What to say of a publisher that there is not."""
    if channel.publisher in PUBLISHERS:
        return {}
    return {"publisher": [unknown_text(channel.publisher)]}


def _missing(channel: ChannelAccount) -> Faults:
    """What to say of each field that the publisher needs and that is blank."""
    return {
        "secret" if name == "credential" else name: [f"Give the {WORDS[name]}."]
        for name in NEEDS.get(channel.publisher, ())
        if not getattr(channel, name)
    }


def _unreachable(channel: ChannelAccount) -> Faults:
    """What to say of an address that nothing is sent to."""
    try:
        if channel.endpoint:
            outgoing.check_url(channel.endpoint)
    except outgoing.Refused as error:
        return {"endpoint": [str(error)]}
    return {}


def _unclean(channel: ChannelAccount) -> Faults:
    """What to say of fields that no channel may have."""
    try:
        channel.clean_fields(exclude=["publisher"])
    except ValidationError as error:
        return error.message_dict
    return {}


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
