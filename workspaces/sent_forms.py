"""Forms of pages that are sent twice, too late, or by somebody else than they were shown to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string

from common.errors import Conflict
from common.form_keys import FIELD, LASTS, OWN_FIELDS, FormKey, read_key
from common.idempotency import fingerprint
from common.refilling import refill
from workspaces.doors import sign_in_again
from workspaces.models import User
from workspaces.services.carried import carried_to, forget
from workspaces.services.replies import Claim, Reply, claim

# The marks of the last forms that were saved, for the browser to forget what it kept of them.
SAVED_COOKIE = "saved_forms"
MOST_SAVED = 8
KEPT_HEADERS = ("Location", "HX-Redirect", "HX-Trigger")
LARGEST_PAGE = 300_000


class SentForms:
    """Forms with a key (`{% form_key %}`): sent several times they do one thing, and
    every answer leads to it; sent by somebody who is not signed in they come back after
    signing in; sent by somebody else than they were shown to they do nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        carried = carried_to(request) if opens_a_page(request) else None
        response = self.get_response(request)
        if carried and response.status_code == 200 and not response.streaming:
            notice = render_to_string(
                "components/typed_again.html", {"files": carried.files}
            )
            markup = response.content.decode()
            filled = refill(markup, carried.name, carried.fields, notice)
            response.content = (filled or markup).encode()
            forget(request)
        claimed: Claim | None = getattr(request, "claimed", None)
        if claimed:
            settle(request, response, claimed)
        key: FormKey | None = getattr(request, "form_key", None)
        if key and key.draft and was_saved(request, response):
            tell_saved(request, response, key)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """An answer for what must not be done (again); None for what may go on."""
        # Programs have keys of their own; their requests are not read before they do.
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        key = read_key(request.POST.get(FIELD, ""))
        # Pieces of a form that is kept are checked while it is filled in.
        is_piece = request.headers.get("HX-Request") == "true"
        if key is None or (is_piece and key.draft):
            return None
        if not request.user.is_authenticated:
            return sign_in_again(request, key)
        if str(request.user.pk) != key.person:
            return render(request, "errors/somebody_else.html", status=403)
        request.form_key = key  # type: ignore[attr-defined]
        return claim_or_repeat(request, key)


def opens_a_page(request: HttpRequest) -> bool:
    """Whether somebody's browser opens a page, and nothing else that the product has."""
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    wants_page = "text/html" in request.headers.get("Accept", "")
    return request.method == "GET" and has_session and wants_page


def claim_or_repeat(request: HttpRequest, key: FormKey) -> HttpResponseBase | None:
    """None for the first of equal forms, which is noted as claimed; else its answer."""
    match = request.resolver_match
    door = f"page:{match.view_name if match else request.path}"[:60]
    user = cast(User, request.user)
    try:
        result = claim(user, door, f"{key.mark}:{what_was_sent(request)}")
    except Conflict as problem:
        context = {"problem": problem}
        return render(request, "errors/problem.html", context, status=problem.status)
    if isinstance(result, Claim):
        request.claimed = result  # type: ignore[attr-defined]
        return None
    return HttpResponse(
        result.body["page"], status=result.status, headers=result.body["headers"]
    )


def what_was_sent(request: HttpRequest) -> str:
    """Equal for equal forms: of files their names and sizes count."""
    fields = [pair for pair in request.POST.lists() if pair[0] not in OWN_FIELDS]
    files = [
        (name, [(file.name, file.size) for file in chosen])
        for name, chosen in request.FILES.lists()
    ]
    return fingerprint([sorted(fields), sorted(files)])


def was_saved(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether what was sent is done: pages answer that with where it leads to."""
    leads_on = response.status_code in (204, 302) or "HX-Redirect" in response
    return leads_on and not getattr(request, "was_refused", False)


def settle(request: HttpRequest, response: HttpResponse, claimed: Claim) -> None:
    """Keep the answer for the same form, or let it be tried again."""
    page = "" if response.streaming else response.content.decode(errors="replace")
    is_kept = response.status_code < 500 and len(page) <= LARGEST_PAGE
    if not is_kept or response.streaming:
        claimed.give_up()
        return
    headers = {
        name: response[name] for name in KEPT_HEADERS if response.has_header(name)
    }
    body = {"page": page, "headers": headers}
    refused = not was_saved(request, response)
    claimed.keep(Reply(response.status_code, body), refused=refused)


def tell_saved(request: HttpRequest, response: HttpResponse, key: FormKey) -> None:
    """Name the form to the browser among the last that were saved."""
    before = request.COOKIES.get(SAVED_COOKIE, "").split(".")
    others = [mark for mark in before if mark and mark != key.mark]
    marks = [key.mark, *others][:MOST_SAVED]
    response.set_cookie(
        SAVED_COOKIE,
        ".".join(marks),
        max_age=LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
