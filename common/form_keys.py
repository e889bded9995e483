"""The key that a form carries as a hidden field: whose form it is, what it edits, the
page it stands on, and a mark that no other form has.

It is signed, so what comes back with one was typed into a page of ours, by the person
the page was made for.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import timedelta

from django.core import signing
from django.utils.crypto import get_random_string

FIELD = "form_key"
# Fields of the form itself, which nobody types.
OWN_FIELDS = (FIELD, "csrfmiddlewaretoken")
SALT = "slotline form"
# A page that was open for longer is sent without what its key is good for.
LASTS = timedelta(days=14)
PARTS = 5


@dataclass(frozen=True)
class FormKey:
    """One form as it was shown once. `person` is their primary key as text; `workspace`
    the slug of the one they worked in, blank for none; `draft` names what the form
    edits, blank where nothing of it is kept; `page` is the address to come back to.
    """

    person: str
    workspace: str
    mark: str
    draft: str
    page: str

    @property
    def name(self) -> str:
        """Under which its fields are kept: what is written for one team shows in no other."""
        return f"{self.workspace}/{self.draft}" if self.draft else ""

    def __str__(self) -> str:
        return signing.dumps(astuple(self), salt=SALT)


def new_key(person: object, workspace: str, draft: str, page: str) -> FormKey:
    """The key of a form that is shown now."""
    return FormKey(str(person), workspace, get_random_string(12), draft, page)


def read_key(text: str) -> FormKey | None:
    """The key in a form's field; None for none, a foreign or an old one."""
    if not text:
        return None
    try:
        parts = signing.loads(text, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    return FormKey(*parts) if len(parts) == PARTS else None
