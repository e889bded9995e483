"""GraphQL requests as programs send them."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

ADDRESS = "/graphql"


def ask(client: APIClient, query: str, **variables: Any) -> dict[str, Any]:
    """The answer to a query or mutation, data and errors."""
    answer = send(client, query, variables)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def send(client: Any, query: str, variables: Any = None, **more: Any) -> Any:
    """The whole response."""
    body = {"query": query, "variables": variables or {}} | more
    return client.post(ADDRESS, body, format="json")


def data_of(client: APIClient, query: str, **variables: Any) -> Any:
    """What is answered where nothing is wrong."""
    body = ask(client, query, **variables)
    assert "errors" not in body, body["errors"]
    return body["data"]


def error_of(client: APIClient, query: str, **variables: Any) -> Any:
    """The one error of the answer."""
    (error,) = ask(client, query, **variables)["errors"]
    return error
