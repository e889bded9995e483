"""One template, two uses: the page, and the piece of it that a live update fetches again."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def render_page(
    request: HttpRequest, page: str, fragment: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render `fragment` for a request made by htmx for a piece of the page, else `page`, which includes it."""
    partial = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    response = render(request, fragment if partial else page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
