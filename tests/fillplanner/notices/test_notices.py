"""Telling people and programs that a plan is done: once, signed, again when it failed,
at most six times.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.utils import timezone
from receivers import Receiver, receiver
from vials import make_plan

from common.signing import is_genuine
from fillplanner import runs
from fillplanner.live.frames import completed_frame
from fillplanner.models import Delivery, NoticeTarget, Plan
from fillplanner.notices import deliveries
from fillplanner.notices.outbox import note
from fillplanner.services import notices, plans
from fillplanner.tasks import ring_for_deliveries, run_plan
from workspaces.models import AuditEntry, User

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def other() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def hook(editor: User, other: Receiver, settings: Any) -> NoticeTarget:
    settings.OUTGOING_ALLOW_PRIVATE = True
    target, _ = notices.subscribe(
        editor, f"{other.url}/hook", secret="0123456789abcdef"
    )
    return target


def told_of(other: Receiver) -> list[str]:
    return [json.loads(told.body)["event"] for told in other.told]


def one() -> Delivery:
    found: Delivery = Delivery.objects.get()
    return found


def make_due() -> None:
    Delivery.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))


def test_a_completed_plan_is_told_once_and_signed(
    editor: User,
    hook: NoticeTarget,
    other: Receiver,
    django_capture_on_commit_callbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        plan = make_plan(editor)
    done = Plan.objects.get(pk=plan.pk)
    [told] = other.told
    body = json.loads(told.body)
    assert set(body) == {"event", "id", "occurred_at", "data"}
    assert (body["event"], body["data"]) == (
        "schedule.completed",
        completed_frame(done),
    )
    assert told.headers["content-type"] == "application/json"
    stamp, given = (
        told.headers["x-slotline-timestamp"],
        told.headers["x-slotline-signature"],
    )
    assert is_genuine("0123456789abcdef", stamp, told.body, given)
    assert told.headers["x-slotline-delivery"] == str(one().key)
    assert (one().state, one().tries, one().response_status) == ("sent", 1, 200)
    ring_for_deliveries()
    run_plan(plan.pk)
    note(editor.pk, "schedule.completed", done.topic, {})
    assert len(other.told) == Delivery.objects.count() == 1


def test_failed_and_cancelled_plans_are_told_too(
    editor: User,
    hook: NoticeTarget,
    other: Receiver,
    django_capture_on_commit_callbacks,
) -> None:
    failed = make_plan(editor)
    Plan.objects.update(strategy="gone")
    run_plan(failed.pk)
    waiting = make_plan(editor)
    with django_capture_on_commit_callbacks(execute=True):
        plans.cancel(editor, waiting.pk)
    assert told_of(other) == ["schedule.failed", "schedule.failed"]
    assert json.loads(other.told[1].body)["data"]["error_type"] == "cancelled"


def test_only_the_events_that_were_chosen_are_told(
    editor: User, hook: NoticeTarget, other: Receiver
) -> None:
    NoticeTarget.objects.update(events=["schedule.failed"])
    run_plan(make_plan(editor).pk)
    assert other.told == []


def test_others_are_not_told(
    editor: User, hook: NoticeTarget, other: Receiver, stranger: User
) -> None:
    run_plan(make_plan(stranger).pk)
    assert other.told == []


def test_a_failed_try_is_repeated_later_under_the_same_name(
    editor: User, hook: NoticeTarget, other: Receiver
) -> None:
    other.answers = [503]
    run_plan(make_plan(editor).pk)
    first = one()
    assert (first.state, first.tries, first.last_error) == (
        "pending",
        1,
        "The receiver answered 503.",
    )
    wait = (first.next_try_at - timezone.now()).total_seconds()
    assert 8 < wait < 12
    ring_for_deliveries()
    assert len(other.told) == 1
    make_due()
    ring_for_deliveries()
    assert (one().state, one().tries, one().last_error) == ("sent", 2, "")
    assert len({told.headers["x-slotline-delivery"] for told in other.told}) == 1
    assert other.told[0].body == other.told[1].body


def test_after_six_tries_it_is_given_up(
    editor: User, hook: NoticeTarget, other: Receiver
) -> None:
    other.answers = [500] * 10
    run_plan(make_plan(editor).pk)
    waits = []
    for _ in range(10):
        waits.append(one().next_try_at - timezone.now())
        make_due()
        ring_for_deliveries()
    assert (len(other.told), one().state, one().tries) == (6, "failed", 6)
    assert waits[:5] == sorted(waits[:5])
    assert waits[4] > timedelta(hours=1)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (410, "failed"),
        (302, "pending"),
        (404, "pending"),
        (204, "sent"),
        (429, "pending"),
    ],
)
def test_answers_and_what_follows(
    editor: User, hook: NoticeTarget, other: Receiver, answer: int, state: str
) -> None:
    other.answers = [answer]
    run_plan(make_plan(editor).pk)
    assert (one().state, one().response_status) == (state, answer)


def test_an_address_inside_is_not_told_even_if_it_was_kept(
    editor: User, hook: NoticeTarget, other: Receiver, settings
) -> None:
    settings.OUTGOING_ALLOW_PRIVATE = False
    run_plan(make_plan(editor).pk)
    assert (one().state, one().last_error) == (
        "failed",
        "The address leads into a private network.",
    )
    assert other.told == []


def test_a_secret_whose_key_is_lost_is_said_so(
    editor: User, hook: NoticeTarget, other: Receiver, settings
) -> None:
    settings.FIELD_KEYS = ["another"]
    run_plan(make_plan(editor).pk)
    assert (one().state, "cannot be decrypted" in one().last_error) == ("failed", True)


def test_a_delivery_is_claimed_by_one_worker(
    editor: User, hook: NoticeTarget, other: Receiver
) -> None:
    runs.run(make_plan(editor).pk, "w")
    claimed = deliveries.claim(one().pk)
    assert claimed is not None and claimed.tries == 1
    assert deliveries.claim(one().pk) is None
    assert deliveries.deliver(one().pk) is None
    assert other.told == []


def test_a_worker_that_died_is_followed_by_another_and_records_nothing_late(
    editor: User, hook: NoticeTarget, other: Receiver
) -> None:
    runs.run(make_plan(editor).pk, "w")
    slow = deliveries.claim(one().pk)
    assert slow is not None
    make_due()
    ring_for_deliveries()
    assert (one().state, one().tries) == ("sent", 2)
    assert deliveries.record(slow, deliveries.Outcome(error="late")) is None
    assert one().state == "sent"


def test_a_last_try_that_was_lost_ends_as_failed(
    editor: User, hook: NoticeTarget
) -> None:
    runs.run(make_plan(editor).pk, "w")
    Delivery.objects.update(tries=deliveries.MOST_TRIES)
    make_due()
    assert deliveries.due() == []
    assert (one().state, one().last_error) == (
        "failed",
        "The last try was interrupted.",
    )


def test_a_bell_is_rung_once_and_again_after_a_while(
    editor: User, hook: NoticeTarget
) -> None:
    runs.run(make_plan(editor).pk, "w")
    now = timezone.now() + timedelta(seconds=1)
    assert deliveries.due(now) == [one().pk]
    assert deliveries.due(now + timedelta(seconds=5)) == []
    assert deliveries.due(now + timedelta(seconds=40)) == [one().pk]


def test_a_webhook_that_is_deleted_takes_its_deliveries_along(
    editor: User, hook: NoticeTarget
) -> None:
    runs.run(make_plan(editor).pk, "w")
    claimed = deliveries.claim(one().pk)
    notices.unsubscribe(editor, hook.pk)
    assert not Delivery.objects.exists()
    assert deliveries.record(claimed, deliveries.Outcome(sent=True)) is None


def test_what_is_over_is_forgotten_after_a_month(
    editor: User, hook: NoticeTarget
) -> None:
    for _ in range(2):
        run_plan(make_plan(editor).pk)
    old = Delivery.objects.first()
    Delivery.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - timedelta(days=31)
    )
    assert (deliveries.forget_old(), Delivery.objects.count()) == (1, 1)


def test_trails_name_hosts_and_neither_paths_nor_secrets(
    editor: User, hook: NoticeTarget
) -> None:
    notices.unsubscribe(editor, hook.pk)
    said = str(list(AuditEntry.objects.values("action", "before", "after")))
    assert (
        "created webhook" in said and "deleted webhook" in said and "127.0.0.1" in said
    )
    assert "/hook" not in said and "0123456789abcdef" not in said


# --- mails
# -----------------------------------------------------------------------------------------------


def test_a_mail_says_what_is_ready_and_where(
    editor: User, settings, mailoutbox
) -> None:
    settings.PUBLIC_URL = "https://slotline.example"
    notices.want_mail(editor, True)
    notices.want_mail(editor, True)
    plan = make_plan(editor, name="Week 12\nBcc: x@y")
    run_plan(plan.pk)
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == ([editor.email], "Your plan is ready")
    assert f"https://slotline.example/plans/{plan.pk}" in mail.body
    assert "Week 12Bcc: x@y" in mail.body and "Makespan (h): 53.0" in mail.body
    notices.want_mail(editor, False)
    run_plan(make_plan(editor).pk)
    assert len(mailoutbox) == 1


def test_a_failure_is_mailed_with_its_reason(editor: User, mailoutbox) -> None:
    notices.want_mail(editor, True)
    plan = make_plan(editor)
    Plan.objects.update(strategy="gone")
    run_plan(plan.pk)
    assert mailoutbox[0].subject == "No plan could be made"
    assert "Reason: " in mailoutbox[0].body


def test_a_mail_server_that_is_away_is_tried_again(
    editor: User, mailoutbox, monkeypatch
) -> None:
    def away(*args: Any, **options: Any) -> None:
        raise SMTPServerDisconnected("gone")

    notices.want_mail(editor, True)
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "send_mail", away)
        run_plan(make_plan(editor).pk)
    assert (one().state, one().last_error) == (
        "pending",
        "The mail could not be handed over: SMTPServerDisconnected.",
    )
    make_due()
    ring_for_deliveries()
    assert (one().state, len(mailoutbox)) == ("sent", 1)


# --- pages
# -----------------------------------------------------------------------------------------------


def test_the_page_adds_tries_and_deletes(
    browse, editor: User, other: Receiver, settings, mailoutbox
) -> None:
    settings.OUTGOING_ALLOW_PRIVATE = True
    client = browse(editor)
    assert "No webhooks" in client.get("/notifications").content.decode()
    page = client.post(
        "/notifications", {"url": f"{other.url}/x", "events": ["schedule.failed"]}
    ).content.decode()
    target = NoticeTarget.objects.get()
    assert target.secret.reveal() in page
    assert target.secret.reveal() not in client.get("/notifications").content.decode()
    client.post(f"/notifications/webhooks/{target.pk}/test")
    ring_for_deliveries()
    assert told_of(other) == ["test"]
    assert "Sent" in client.get("/notifications").content.decode()
    client.post(f"/notifications/webhooks/{target.pk}/delete")
    assert (
        "Turn mails off"
        in client.post(
            "/notifications/mails", {"on": "1"}, follow=True
        ).content.decode()
    )
    assert not Delivery.objects.exists()


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(
    browse, editor: User
) -> None:
    answer = browse(editor).post("/notifications", {"url": "http://10.0.0.1/x"})
    page = answer.content.decode()
    assert (
        answer.status_code,
        "private network" in page,
        "http://10.0.0.1/x" in page,
    ) == (422, True, True)


def test_somebody_elses_webhook_does_not_exist(
    browse, editor: User, stranger: User, hook: NoticeTarget
) -> None:
    for action in ("test", "delete"):
        assert (
            browse(stranger)
            .post(f"/notifications/webhooks/{hook.pk}/{action}")
            .status_code
            == 404
        )
    assert "127.0.0.1" not in browse(stranger).get("/notifications").content.decode()
    assert NoticeTarget.objects.exists()


def test_staff_see_neither_secret_nor_path(
    browse, hook: NoticeTarget, editor: User
) -> None:
    run_plan(make_plan(editor).pk)
    staff = User.objects.create_superuser(
        "root", "root@example.org", "correct horse battery"
    )
    for page in (
        "noticetarget/",
        f"noticetarget/{hook.pk}/change/",
        "delivery/",
        f"delivery/{one().pk}/change/",
    ):
        answer = browse(staff).get(f"/admin/fillplanner/{page}")
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "0123456789abcdef" not in text and "/hook" not in text
