"""What mails say of events. Pure."""

from __future__ import annotations

from common.mappings import Record

SUBJECTS = {
    "schedule.completed": "Your plan is ready",
    "schedule.failed": "No plan could be made",
    "comparison.completed": "Your comparison is ready",
    "comparison.failed": "The comparison failed",
    "test": "A test from Slotline",
}
FIGURES = (
    ("makespan", "Makespan (h)"),
    ("utilization", "Utilization (%)"),
    ("changeovers", "Changeovers"),
    ("lots_scheduled", "Lots"),
    ("best_strategy", "Best strategy"),
    ("best_makespan", "Best makespan (h)"),
    ("error", "Reason"),
)
PAGES = {"schedule_id": "plans", "comparison_id": "comparisons"}


def mail_text(body: Record, name: str, address: str) -> tuple[str, str]:
    """Subject and text of the mail about an event of the thing so named; `address` is
    where the product is reached, blank for unknown.
    """
    data = body["data"]
    subject = SUBJECTS.get(body["event"], "News from Slotline")
    lines = [f"{subject}: {name}" if name else f"{subject}.", ""]
    lines += [
        f"{label}: {data[key]}"
        for key, label in FIGURES
        if data.get(key) not in (None, "")
    ]
    pages = [
        f"{address}/{page}/{data[key]}" for key, page in PAGES.items() if key in data
    ]
    if address and pages:
        lines += ["", *pages]
    lines += ["", "You can turn these mails off under Account, Notifications."]
    return subject, "\n".join(lines) + "\n"
