"""How a page begins: signed in, in a workspace, with a large enough role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from common import json_fields as serializers
from common.edits import Version, etag_of
from common.errors import Missing, Outdated
from common.form_keys import FormKey
from common.mappings import JsonObject, Values
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role
from workspaces.selectors import access_workspace, current_membership, require
from workspaces.services.carried import carry

P = ParamSpec("P")


class ApiRequest(Request):
    """A request to the programming interface by somebody signed in."""

    user: User


class PageRequest(HttpRequest):
    """A request that has passed one of the doors below."""

    user: User
    membership: Membership
    workspace: Workspace
    htmx: Any


def own_zone(request: PageRequest) -> str:
    """The IANA zone that whoever reads the page has times in: their own, else the
    workspace's, else UTC.
    """
    return request.user.zone or (
        request.workspace.zone if request.membership else "UTC"
    )


def page_before(request: HttpRequest) -> str:
    """The address of the page of ours that the request was made on, without its host;
    blank where the browser does not say.
    """
    address = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}
    )
    if not is_ours:
        return ""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and from there back to where one was; for a piece of a page
    401, of which the page's scripts tell.
    """
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401)
    opens = request.method in {"GET", "HEAD"}
    page = request.get_full_path() if opens else page_before(request)
    return redirect_to_login(page or "/")


def sign_in_again(request: HttpRequest, key: FormKey) -> HttpResponse:
    """To the sign-in page with what was sent, and from there back to its form."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401)
    carry(request, key)
    return redirect_to_login(key.page)


def _login_required(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return sign_in_first(request)

    return guarded


def signed_in(
    view: Callable[Concatenate[PageRequest, P], HttpResponse],
) -> Callable[..., HttpResponseBase]:
    """A page for anybody who is signed in."""
    return _login_required(view)


def member_page(
    needed: Role, *, writing: Role | None = None
) -> Callable[
    [Callable[Concatenate[PageRequest, P], HttpResponseBase]],
    Callable[..., HttpResponseBase],
]:
    """A page for members whose role covers `needed`; requests that change something need `writing`.

    Somebody in no workspace is sent to where one is made. Raises Forbidden for a role too small.
    """

    def door(
        view: Callable[Concatenate[PageRequest, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(
            request: PageRequest, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not request.membership:
                return redirect("workspace-new")
            safe = request.method in {"GET", "HEAD", "OPTIONS"}
            require(request.membership, needed if safe or writing is None else writing)
            return view(request, *args, **kwargs)

        return _login_required(guarded)

    return door


def workspace_of(request: ApiRequest) -> Workspace:
    """The one named by `X-Workspace`, else the caller's default, else the first. Raises Missing."""
    if slug := request.headers.get("X-Workspace"):
        return access_workspace(request.user, slug)
    membership = current_membership(request.user, None)
    if membership is None:
        raise Missing("You belong to no workspace.")
    return membership.workspace


def read(
    shape: type[serializers.Serializer[Any]], request: Request, *, partial: bool = False
) -> JsonObject:
    """The body's fields; with `partial` only those given. Raises DRF's ValidationError."""
    fields = shape(data=request.data, partial=partial)
    fields.is_valid(raise_exception=True)
    return dict(fields.validated_data)


IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of what you have read: nothing is changed if it has another.",
)


def expected_version(request: ApiRequest) -> Version | None:
    """The version that the caller names in `If-Match`; None for whichever there is."""
    header = request.headers.get("If-Match")
    return Version.read(header) if header else None


def versioned(body: Any, stored: Values) -> Response:
    """An answer about a thing, with the version of what can be changed of it."""
    return Response(body, headers={"ETag": etag_of(stored)})


@contextmanager
def showing_current(read: Callable[[], Any]) -> Iterator[None]:
    """Within, a refusal because the thing is of another version shows what it is now."""
    try:
        yield
    except Outdated as problem:
        problem.current = read()
        raise
