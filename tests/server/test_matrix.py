"""Every route and WebSocket, called by nobody, with an expired token, by each role, and for objects of others."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.server import matrix
from tests.server.matrix import EVERYBODY, PERSON, Found, Owner, owner_of_everything, routes_of, sockets_of
from tests.server.sockets import Closed, connected
from wickwork.server.access import CSRF_HEADER
from wickwork.server.app import make_app
from wickwork.services import identity
from wickwork.services.access import ROLES, Access
from wickwork.services.core import Services
from wickwork.settings.server import Server
from wickwork.store.ids import new_id

pytestmark = pytest.mark.anyio
WITHOUT_CALLER = ("nobody", "expired", "garbage")


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One kind of database is enough here."""
    return f"sqlite:///{tmp_path / 'wickwork.sqlite'}"


@pytest.fixture
def app(services: Services) -> FastAPI:
    return make_app(services, Server(logins_per_minute=0, requests_per_minute=0, starts_per_minute=0))


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8420") as found:
        yield found


async def headers_of(services: Services, who: str) -> dict[str, str]:
    """The headers of a caller: one of WITHOUT_CALLER, or the name of a role."""
    if who == "nobody":
        return {}
    if who == "garbage":
        return {"authorization": f"Bearer {identity.PREFIX}{'x' * 43}"}
    owner = await owner_of_everything(services, f"the-{who}", "admin" if who == "expired" else who)
    if who != "expired":
        return {"authorization": f"Bearer {owner.token}"}
    secret = (await identity.create_token(services, owner.caller, "old", None, services.now() + 1))[1]
    later = services.now() + 1_000
    object.__setattr__(services, "now", lambda: later)
    return {"authorization": f"Bearer {secret}"}


def expected(found: Found, who: str) -> set[int] | None:
    """The statuses that a caller must get; None for any but 401 and 403."""
    if found.access == EVERYBODY:
        return None
    if who in WITHOUT_CALLER:
        return {401}
    if found.access == PERSON:
        return {403}
    return None if Access(found.access) in ROLES[who] else {403}


async def ask(
    client: httpx.AsyncClient, app: FastAPI, found: Found, ids: dict[str, str], headers: dict[str, str], body: Any
) -> httpx.Response:
    content = None if body is None else json.dumps(body)
    kind = {} if body is None else {"content-type": "application/json"}
    return await client.request(
        found.method, matrix.path_with(found, ids), params=matrix.query_of(app.openapi(), found), content=content,
        headers=headers | kind,
    )  # fmt: skip


def test_every_route_states_whom_it_is_for(services: Services) -> None:
    app = make_app(services)
    found = routes_of(app)
    assert [str(one) for one in found if not one.access] == []
    unknown = {matrix.key_of(one, name) for one in found for name in one.parameters} - set(matrix.OBJECTS)
    assert unknown == set(), "add a line to OBJECTS of tests/server/matrix.py"
    assert matrix.specified(app) <= {(one.method, one.path) for one in found}
    assert len(found) >= 40


def test_a_route_that_states_nothing_is_found(services: Services) -> None:
    app = make_app(services)

    async def planted() -> None:
        pass

    app.add_api_route("/api/planted", planted)
    assert [str(one) for one in routes_of(app) if not one.access] == ["GET /api/planted"]


@pytest.mark.parametrize("who", [*WITHOUT_CALLER, *ROLES])
async def test_every_route_answers_each_caller_as_its_access_says(
    app: FastAPI, services: Services, client: httpx.AsyncClient, who: str
) -> None:
    headers = await headers_of(services, who)
    nothing = {key: new_id() for key in matrix.OBJECTS} | {"number": "1", "name": "no-such"}
    wrong, counted = [], 0
    for found in routes_of(app):
        want = expected(found, who)
        answer = await ask(
            client, app, found, nothing, headers, {} if found.method in ("POST", "PUT", "PATCH") else None
        )
        counted += 1
        entering = found.access == EVERYBODY and answer.status_code in (401, 403)  # a login without what it needs
        right = answer.status_code in want if want else entering or answer.status_code not in (401, 403)
        if not right or answer.status_code >= 500:
            wrong.append(f"{found} ({found.access}): {answer.status_code}")
    assert wrong == []
    assert counted >= 40


async def test_objects_of_another_user_are_not_found(
    app: FastAPI, services: Services, client: httpx.AsyncClient
) -> None:
    """Of all callers the one that may most: an administrator has no more right to them than anybody."""
    victim, thief = [await owner_of_everything(services, name) for name in ("victim", "thief")]
    cookie, csrf = await session_of(services, thief)
    browser = {"cookie": f"wickwork={cookie}", CSRF_HEADER: csrf}
    wrong, counted = [], 0
    for found in routes_of(app):
        body = matrix.BODIES.get((found.method, found.path), matrix.example_of(app.openapi(), found))
        if not matrix.is_owned(found) or ((found.method, found.path) in matrix.BODIES and body is None):
            continue
        headers = browser if found.access == PERSON else {"authorization": f"Bearer {thief.token}"}
        answer = await ask(client, app, found, dict(victim.ids), headers | {"if-match": '"1"'}, body)
        counted += 1
        if answer.status_code != 404:
            wrong.append(f"{found}: {answer.status_code} {answer.text[:200]}")
    assert wrong == [], "where it is 422, add a body to BODIES of tests/server/matrix.py"
    assert counted >= 10
    lost = []
    for found in routes_of(app):
        if found.method == "GET" and matrix.is_owned(found) and len(found.parameters) == 1 and found.path.endswith("}"):
            own = await ask(client, app, found, dict(victim.ids), {"authorization": f"Bearer {victim.token}"}, None)
            if own.status_code != 200:
                lost.append(f"{found}: {own.status_code}")
    assert lost == [], "the objects were there all the time, and still are"


async def session_of(services: Services, owner: Owner) -> tuple[str, str]:
    entered = await identity.enter_by_link(services, await identity.create_link(services, owner.caller.user_id))
    return entered.cookie, entered.csrf


NAMED: tuple[tuple[str, str, dict[str, Any], dict[str, Any]], ...] = (
    ("POST", "/api/backtests", {}, {"strategy": {"id": "{strategy_id}"}}),
    ("POST", "/api/evaluate", {}, {"strategy": {"id": "{strategy_id}"}}),
    ("POST", "/api/sweeps", {}, {"strategy": {"id": "{strategy_id}"}, "over": {"a.b": ["1"]}}),
    ("POST", "/api/papers", {}, {"strategy": {"id": "{strategy_id}"}}),
    ("POST", "/api/load-graph", {}, {"name": "{strategy_id}"}),
    ("POST", "/api/delete-graph", {}, {"strategy_id": "{strategy_id}"}),
    ("POST", "/api/launch-analyzer", {}, {"backtest_id": "{run_id}"}),
    ("GET", "/api/get-backtest", {"backtest_id": "{run_id}"}, {}),
    ("GET", "/api/get-analyzer-result", {"backtest_id": "{run_id}"}, {}),
    ("GET", "/api/runs/compare", {"ids": "{own_run_id},{run_id}"}, {}),
    ("GET", "/api/strategies/{own_strategy_id}/diff", {"before": "newest", "other": "{strategy_id}"}, {}),
)
"""Objects that a query or a body names: method, path, query and body, with the victim's ids and the caller's `own_`."""


async def test_objects_that_a_query_or_a_body_names_are_those_of_the_caller(
    services: Services, client: httpx.AsyncClient
) -> None:
    victim, thief = [await owner_of_everything(services, name) for name in ("victim", "thief")]
    ids = {**victim.ids, **{f"own_{name}": value for name, value in thief.ids.items()}}

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(one) for name, one in value.items()}
        if isinstance(value, list):
            return [filled(one) for one in value]
        return value.format_map(ids)

    headers = {"authorization": f"Bearer {thief.token}"}
    wrong = []
    for method, path, query, body in NAMED:
        content = filled(body) if body else None
        answer = await client.request(method, filled(path), params=filled(query), json=content, headers=headers)
        if answer.status_code not in (404, 422) or (answer.status_code == 422 and path != "/api/evaluate"):
            wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
    assert wrong == []


TRAVERSALS = [
    "..",
    "../..",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%5c..%5cwindows",
    "....//",
    "%2e%2e",
    "%252e%252e%252f",
    "%c0%ae%c0%ae%c0%af",
    "%e0%80%ae",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "C:%5cwindows%5cwin.ini",
    "C:",
    "%00",
    "a%00b",
    "wickwork.sqlite",
    "secrets.key",
    "..%2fsecrets.key",
    "..%2fwickwork.sqlite",
    "files",
    ".",
    "%20",
    "*",
    "a" * 10_000,
    "%f0%9f%92%a9",
    "%ed%a0%80",
    "\u202e",
    "%0d%0aX-Injected:1",
    "'%20OR%20'1'='1",
    "%27%3b--",
    "${7*7}",
    "{{7*7}}",
    "file:%2f%2f%2fetc%2fpasswd",
    "~root",
    "-1",
    "9" * 400,
    "NaN",
    "null",
    "undefined",
    "[]",
    "%7b%7d",
    "%25",
    "con",
    "nul.txt",
    "..;/",
    "%3f",
    "%23",
    "index.html..",
    ".git%2fconfig",
    "proc%2fself%2fenviron",
    "\\\\host\\share",
    "<script>",
    "%3Cscript%3E",
]


async def test_no_path_parameter_reads_a_file(app: FastAPI, services: Services, client: httpx.AsyncClient) -> None:
    thief = await owner_of_everything(services, "thief")
    headers, wrong, counted = {"authorization": f"Bearer {thief.token}"}, [], 0
    secret = (services.home / "secrets.key").read_text()
    for found in routes_of(app):
        if found.method not in ("GET", "DELETE") or found.access == PERSON:
            continue
        for parameter in found.parameters:
            for attack in TRAVERSALS:
                ids = dict(thief.ids) | {matrix.key_of(found, parameter): attack}
                answer = await ask(client, app, found, ids, headers, None)
                counted += 1
                leaked = any(word in answer.text for word in ("root:x:", "SQLite format", secret[:30]))
                if answer.status_code >= 500 or leaked or "x-injected" in answer.headers:
                    wrong.append(f"{found} {attack[:40]}: {answer.status_code}")
    assert wrong == []
    assert len(TRAVERSALS) >= 54
    assert counted >= 300


@pytest.mark.parametrize("who", [*WITHOUT_CALLER, *ROLES])
async def test_every_websocket_lets_in_callers_alone(app: FastAPI, services: Services, who: str) -> None:
    headers = await headers_of(services, who)
    assert sockets_of(app)
    for path in sockets_of(app):
        for query in ("", f"?token={headers.get('authorization', '').removeprefix('Bearer ')}"):
            if who in WITHOUT_CALLER or query:
                with pytest.raises(Closed):
                    async with connected(app, path + query, {} if query else headers):
                        pass
            else:
                async with connected(app, path, headers):
                    pass


TOPICS = ("jobs", "job:{job_id}", "runs", "bars", "log", "access", "papers", "paper:{paper_id}")


@pytest.mark.parametrize("who", ROLES)
async def test_no_topic_gives_what_another_user_owns(app: FastAPI, services: Services, who: str) -> None:
    victim = await owner_of_everything(services, "victim")
    headers = await headers_of(services, who)
    async with connected(app, "/ws", headers) as socket:
        await socket.receive()
        for topic in TOPICS:
            named = topic.format_map(victim.ids)
            answer = await socket.ask(
                {"type": "subscribe", "topics": [named], "since": 0, "epoch": services.events.epoch}
            )
            assert answer["type"] == ("subscribed" if topic != "log" or who == "admin" else "error"), topic
            await services.events.publish(named, victim.caller.user_id, {"secret": topic})
        said = []
        await socket.send('{"type": "ping"}')
        while not said or said[-1]["type"] != "pong":
            said.append(json.loads(await socket.receive()))
        assert "secret" not in json.dumps(said)
