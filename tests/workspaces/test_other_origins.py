"""Pages of other origins: shut out, unless the installation names them."""

from __future__ import annotations

import pytest
from django.test import Client

from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db

DASHBOARD = "http://localhost:5173"
CHANNELS = "/api/v1/marketing/channels?tenant_id=h2o"
PREFLIGHT = {
    "origin": DASHBOARD,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization, content-type, idempotency-key",
}
ALLOWED = "access-control-allow-origin"


@pytest.fixture
def opened(settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [DASHBOARD]


@pytest.mark.parametrize(
    "address", ["/api/v1/schedules", "/auth/login", "/health", "/graphql"]
)
def test_nobody_is_let_in_by_default(client: Client, address: str) -> None:
    assert ALLOWED not in client.options(address, headers=PREFLIGHT).headers
    assert ALLOWED not in client.get(address, headers={"origin": DASHBOARD}).headers


@pytest.mark.parametrize(
    "address", ["/api/v1/schedules", "/api/schedule/upcoming", "/graphql"]
)
def test_a_named_origin_is_told_what_it_may_send(
    client: Client, opened: None, address: str
) -> None:
    answer = client.options(address, headers=PREFLIGHT)
    assert answer.status_code == 200
    assert answer.headers[ALLOWED] == DASHBOARD
    allowed = answer.headers["access-control-allow-headers"]
    assert {"authorization", "idempotency-key"} <= set(allowed.split(", "))
    assert "access-control-allow-credentials" not in answer.headers
    other = client.options(address, headers={**PREFLIGHT, "origin": "http://evil"})
    assert ALLOWED not in other.headers


def test_a_named_origin_calls_with_a_token(
    api, editor: User, workspace: Workspace, opened: None
) -> None:
    answer = api(editor).get(CHANNELS, headers={"origin": DASHBOARD})
    assert (answer.status_code, answer.headers[ALLOWED]) == (200, DASHBOARD)
    assert "x-request-id" in answer.headers["access-control-expose-headers"]
    nobody = api().get(CHANNELS, headers={"origin": DASHBOARD})
    assert nobody.status_code == 401
    assert nobody.headers[ALLOWED] == DASHBOARD


def test_pages_stay_closed(browse, editor: User, opened: None) -> None:
    page = browse(editor).get("/content", headers={"origin": DASHBOARD})
    assert page.status_code == 200
    assert ALLOWED not in page.headers


def test_open_routes_stay_this_machines_own(
    client: Client, settings, editor: User, workspace: Workspace, opened: None
) -> None:
    settings.LOOPBACK_USER, settings.LOOPBACK_WORKSPACE = editor.username, "h2o"
    upcoming = "/api/schedule/upcoming"
    assert client.get(upcoming).status_code == 200
    foreign = client.get(upcoming, headers={"origin": DASHBOARD})
    assert foreign.status_code == 401
