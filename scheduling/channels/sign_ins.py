"""Sign-ins that a platform no longer accepts: noted with the channel, told once.

1. `note_refused` writes down what was learned while publishing. From then on the channel
   holds its posts (`posts.held`), and pages say that it must be reconnected.
2. `tell_managers` mails the workspace's managers, once for each time a sign-in ends.
3. `accepted` takes the note away: the channel was connected anew, or a test of its
   connection worked. Held posts go out by themselves, or one press moves them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from common.doorbell import ring
from scheduling import events
from scheduling.access import channels_of
from scheduling.models import ChannelAccount
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role

TELL = "scheduling.tell_sign_in_refused"
# A mail server that is away for longer than this is asked no more.
TELL_WITHIN = timedelta(days=1)
RING_AGAIN_AFTER = timedelta(seconds=30)
LONGEST = 500


def note_refused(account: ChannelAccount, reason: str) -> bool:
    """Say of the channel that its sign-in is not accepted, unless that is known, or the
    channel was changed since it was read. Whether it is news.
    """
    untouched = ChannelAccount.objects.filter(
        pk=account.pk, updated_at=account.updated_at, sign_in_error=""
    )
    with transaction.atomic():
        if not untouched.update(sign_in_error=reason[:LONGEST], sign_in_told_at=None):
            return False
        audit.record(
            None,
            "sign-in refused",
            f"channel:{account.pk}",
            workspace=account.workspace,
            after={"reason": reason[:LONGEST]},
        )
        events.channels_changed(account.workspace_id)
        ring(TELL, str(account.pk))
    return True


def accepted(account: ChannelAccount) -> None:
    """Let the channel send again; the caller saves it."""
    account.sign_in_error = ""
    account.sign_in_told_at = None


def signed_out(user: User, workspace: Workspace) -> list[ChannelAccount]:
    """The workspace's channels whose sign-in is not accepted, by name: one query.

    Raises as `require_role` does for whoever may not look.
    """
    return list(channels_of(user, workspace).exclude(sign_in_error=""))


def untold() -> list[UUID]:
    """Channels whose managers have not been told yet, of the last day, noted as rung
    for.
    """
    now = timezone.now()
    lately = Q(sign_in_rung_at__gte=now - RING_AGAIN_AFTER)
    recent = _untold_channels().filter(updated_at__gte=now - TELL_WITHIN)
    keys = list(recent.exclude(lately).values_list("pk", flat=True))
    ChannelAccount.objects.filter(pk__in=keys).update(sign_in_rung_at=now)
    return keys


def _untold_channels() -> Any:
    return ChannelAccount.objects.exclude(sign_in_error="").filter(sign_in_told_at=None)


def tell_managers(channel_id: UUID) -> bool:
    """Mail the managers of the channel's workspace, unless that was done. Whether it
    was this call.

    Raises OSError where the mail server is away; the next sweep tries again.
    """
    now = timezone.now()
    with transaction.atomic():
        if not _untold_channels().filter(pk=channel_id).update(sign_in_told_at=now):
            return False
        channel = ChannelAccount.objects.select_related("workspace").get(pk=channel_id)
        addresses = _managers_of(channel)
        if addresses:
            subject, text = mail_text(channel)
            send_mail(subject, text, None, addresses)
    return True


def _managers_of(channel: ChannelAccount) -> list[str]:
    managers = User.objects.filter(
        memberships__workspace=channel.workspace_id,
        memberships__role=Role.MANAGER,
        is_active=True,
    )
    return list(managers.exclude(email="").values_list("email", flat=True).distinct())


def mail_text(channel: ChannelAccount) -> tuple[str, str]:
    """Subject and text for the managers."""
    subject = f"Reconnect {channel.name}"
    path = reverse("channel-connection", args=[channel.pk])
    lines = [
        f"{channel.platform_name} no longer accepts the sign-in of {channel.name}:",
        channel.sign_in_error,
        "",
        "Its posts are held and go out once it is reconnected. What is late by then by",
        f"more than {channel.workspace.grace_minutes} minutes fails, and can be moved to "
        "free times with one press.",
        "",
        f"{settings.PUBLIC_URL}{path}",
    ]
    return subject, "\n".join(lines) + "\n"
