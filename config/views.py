"""Doors of no single app: the front door, the search box, error pages."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from common.dialects import SCHEDULING_PREFIX, envelope_body
from common.errors import Problem
from common.form_keys import FIELD, read_key
from common.forms import SheetForm
from common.mappings import JsonObject
from common.pages import render_page
from common.tables import sheet_names
from config import home
from workspaces.doors import (
    PageRequest,
    member_page,
    page_before,
    sign_in_again,
    signed_in,
)
from workspaces.roles import Role
from workspaces.services.carried import carry

PROGRAMS = ("/api/", "/graphql")
CODES = {403: "forbidden", 404: "not_found", 500: "internal_error"}


@require_GET
@vary_on_headers("Accept", "Cookie")
def front(request: HttpRequest) -> HttpResponseBase:
    """The home page for people; a few words of JSON for programs, which ask for no HTML."""
    if request.accepts("text/html") and request.headers.get("Accept", "*/*") != "*/*":
        return home_page(request)
    return JsonResponse(
        {
            "name": "Slotline",
            "message": "Slotline plans and runs posting slots and filling slots.",
            "version": settings.VERSION,
            "docs": "/docs",
            "openapi": "/openapi.json",
            "health": "/health",
        }
    )


@signed_in
def home_page(request: PageRequest) -> HttpResponse:
    """The workspace at a glance; who has none makes one first."""
    if not request.membership:
        return redirect("workspace-new")
    return render_page(
        request,
        "home.html",
        "_home.html",
        home.overview(request.user, request.workspace),
    )


@member_page(Role.VIEWER)
@require_GET
def search(request: PageRequest) -> HttpResponse:
    """What matches `q`: posts, content, channels, plans; a list for the dialog, a page
    for everybody else.
    """
    query = request.GET.get("q", "").strip()
    context = {
        "query": query,
        "hits": home.search(request.user, request.workspace, query),
    }
    return render_page(request, "search.html", "_search.html", context)


@signed_in
@require_POST
def sheets(request: PageRequest) -> HttpResponse:
    """The field for a workbook's sheet: a list where there are several, none where there
    is no choice; what is wrong with the file is said when it is sent.
    """
    file = request.FILES.get("file")
    names = sheet_names(file) if file else ()
    form = SheetForm(names) if len(names) > 1 else None
    return render(request, "_sheets.html", {"form": form})


@require_GET
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this address where a page, as the admin's, names no icon of its own."""
    return redirect(static("img/favicon.svg"))


def wants_json(request: HttpRequest) -> bool:
    """Whether an error is answered as JSON: where programs call, and where no HTML is
    taken.
    """
    is_call = request.path.startswith(PROGRAMS)
    return is_call or not request.accepts("text/html")


def error_page(
    request: HttpRequest, status: int, text: str, template: str
) -> HttpResponse:
    """The error as the client takes it."""
    if wants_json(request):
        return JsonResponse(json_error(request, status, text), status=status)
    return render(request, template, status=status)


def json_error(request: HttpRequest, status: int, text: str) -> JsonObject:
    """The error in the words of the dialect whose address it is."""
    if request.path.startswith(SCHEDULING_PREFIX):
        problem = Problem(text, code=CODES[status])
        problem.status = status
        return envelope_body(problem)
    return {"detail": text}


@require_GET
@never_cache
def form_token(request: HttpRequest) -> HttpResponse:
    """What a form that has been open for a while is sent with, and who is signed in now
    (blank for nobody).
    """
    person = str(request.user.pk) if request.user.is_authenticated else ""
    return JsonResponse({"token": get_token(request), "person": person})


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is too old: shown again with what was typed and a new token
    where it carries the key of a form of this person; else a page that leads back to it.

    Anything else could be a form of another site.
    """
    if request.headers.get("HX-Request") == "true":
        # A piece of a page: its scripts fetch a new token.
        return HttpResponse(status=403)
    key = read_key(request.POST.get(FIELD, ""))
    if key and not request.user.is_authenticated:
        return sign_in_again(request, key)
    if key and key.person != str(request.user.pk):
        return render(request, "errors/somebody_else.html", status=403)
    if key and carry(request, key):
        return redirect(key.page)
    context = {"back": page_before(request)}
    return render(request, "403_csrf.html", context, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page or, for programs, JSON with status 404."""
    return error_page(request, 404, "Not Found", "404.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page or, for programs, JSON with status 403."""
    return error_page(request, 403, "You may not do this.", "403.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """A page or, for programs, JSON with status 500."""
    return error_page(request, 500, "Internal Server Error", "500.html")
