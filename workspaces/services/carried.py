"""What was typed into a page's form and sent by a browser that was signed out, or signed
in anew: kept with its session until whoever typed it is back, and shown in the form
again. It is never sent by itself.

It goes with the form's key, so it is only ever shown to the person whose form it was.
Files and secrets are not carried: no form with a secret has a key with a draft.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from django.http import HttpRequest

from common.form_keys import OWN_FIELDS, FormKey
from common.secrets import Unreadable, seal, unseal

# The sign-in page says that something waits under this name.
IN_SESSION = "carried_form"
LASTS_SECONDS = 30 * 60
MOST_CHARACTERS = 200_000


@dataclass(frozen=True)
class Carried:
    """The fields of a form by name, of the person with this primary key."""

    person: str
    workspace: str
    name: str
    page: str
    at: float
    fields: dict[str, list[str]]
    files: bool


def carry(request: HttpRequest, key: FormKey) -> bool:
    """Keep the fields of this request until its page is opened again; False where it is
    too much or of a form of which nothing is kept.
    """
    fields = {
        name: request.POST.getlist(name)
        for name in request.POST
        if name not in OWN_FIELDS
    }
    carried = Carried(
        person=key.person,
        workspace=key.workspace,
        name=key.name,
        page=key.page,
        at=time.time(),
        fields=fields,
        files=bool(request.FILES),
    )
    text = json.dumps(vars(carried), ensure_ascii=False)
    if not key.draft or len(text) > MOST_CHARACTERS:
        return False
    request.session[IN_SESSION] = seal(text)
    if not request.user.is_authenticated:
        # A session that is there for this alone ends with it.
        request.session.set_expiry(LASTS_SECONDS)
    return True


def carried_to(request: HttpRequest) -> Carried | None:
    """What is to be shown on the page that this request opens; None for nothing. What
    is too old or somebody else's is forgotten.
    """
    sealed = request.session.get(IN_SESSION)
    if not sealed or not request.user.is_authenticated:
        return None
    request.session.set_expiry(None)
    carried = _opened(sealed)
    if carried is None or carried.person != str(request.user.pk):
        forget(request)
        return None
    if carried.page != request.get_full_path():
        return None
    # Which one they worked in went with the session before.
    request.session["workspace"] = carried.workspace
    return carried


def forget(request: HttpRequest) -> None:
    """Nothing is carried any more."""
    request.session.pop(IN_SESSION, None)


def _opened(sealed: str) -> Carried | None:
    try:
        carried = Carried(**json.loads(unseal(sealed)))
    except Unreadable:
        return None
    is_new = time.time() - carried.at < LASTS_SECONDS
    return carried if is_new else None
