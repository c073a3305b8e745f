from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from tests.ports import free_port
from tests.server.conftest import ClientOf
from tests.server.entering import browser_of
from tests.server.sockets import Closed, connected
from wickwork.model.errors import InputError, TooMany
from wickwork.server import guard, limits, protocol
from wickwork.server.addresses import Proxies
from wickwork.server.app import make_app
from wickwork.server.limits import Counters, Limits
from wickwork.server.protocol import timed
from wickwork.services.core import Services
from wickwork.settings.server import Server

pytestmark = pytest.mark.anyio


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One kind of database is enough here."""
    return f"sqlite:///{tmp_path / 'wickwork.sqlite'}"


FOREIGN_HOSTS = [
    "",
    " ",
    "evil.example",
    "evil.example:8420",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example@127.0.0.1",
    "127.0.0.1@evil.example",
    "127.0.0.1/evil",
    "127.0.0.1#evil",
    "127.0.0.1?evil",
    "127.0.0.1,evil.example",
    "127.0.0.1 evil",
    "127.0.0.1:8420:1",
    "127.0.0.1:x",
    "127.0.0.1:999999",
    "[::1",
    "::1",
    "[::1]evil",
    "[::1%25eth0]",
    "[evil]",
    "localhost.",
    "loca\u013fhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0",
    "0.0.0.0",  # noqa: S104
    "[::]",
    "[::ffff:127.0.0.1]",
    "*",
    "null",
    "a" * 300,
    "%31%32%37.0.0.1",
    "127.0.0.1%00",
    "169.254.169.254",
    "\\127.0.0.1",
    "http://127.0.0.1",
]
FOREIGN_ORIGINS = [
    "null",
    "",
    "http://evil.example",
    "http://127.0.0.1",
    "http://127.0.0.1:8421",
    "https://127.0.0.1:8420",
    "http://localhost:8420",
    "http://127.0.0.1:8420.evil.example",
    "http://127.0.0.1:8420@evil.example",
    "http://evil@127.0.0.1:8420",
    "http://127.0.0.1:8420/",
    "file://",
    "chrome-extension://abc",
    "http://[::1]:8420",
    "http://127.0.0.1:8420, http://evil.example",
    "//127.0.0.1:8420",
]


async def raw(app: FastAPI, headers: list[tuple[str, str]], **changes: Any) -> int:
    """The status of a request with exactly these headers."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/api/health", "raw_path": b"/api/health", "query_string": b"", "root_path": "", "state": {},
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8420),
        "headers": [(name.encode(), value.encode("utf-8")) for name, value in headers], **changes,
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    status: int = sent[0]["status"]
    return status


async def test_only_names_of_this_server_are_answered(app: FastAPI) -> None:
    for host in ("127.0.0.1:8420", "LocalHost:8420", "[::1]:8420", "localhost"):
        assert await raw(app, [("host", host)]) == 200, host
    answers = {host: await raw(app, [("host", host)]) for host in FOREIGN_HOSTS}
    assert {host for host, status in answers.items() if status != 403} == set()
    assert await raw(app, []) == 403
    assert len(answers) >= 38


async def test_a_page_of_another_site_changes_nothing_and_opens_no_websocket(app: FastAPI, client_of: ClientOf) -> None:
    client = await client_of("trader")
    for origin in FOREIGN_ORIGINS:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = await client.request(method, "/api/strategies", headers={"origin": origin}, json={})
            assert answer.status_code == 403, (origin, method)
        with pytest.raises(Closed) as closed:
            async with connected(app, "/ws", {"origin": origin, "authorization": client.headers["authorization"]}):
                pass
        assert closed.value.code == 1008
    for site in ("cross-site", "same-site", "something"):
        answer = await client.post("/api/strategies", headers={"sec-fetch-site": site}, json={})
        assert answer.status_code == 403
    own = {"origin": "http://127.0.0.1:8420", "sec-fetch-site": "same-origin"}
    assert (await client.post("/api/strategies", headers=own, json={})).status_code == 422
    assert len(FOREIGN_ORIGINS) * 5 >= 80


@pytest.mark.parametrize(
    "extra",
    [
        [("host", "127.0.0.1")],
        [("origin", "http://127.0.0.1:8420"), ("origin", "http://evil.example")],
        [("authorization", "Bearer a"), ("authorization", "Bearer b")],
        [("content-length", "0"), ("content-length", "5")],
        [("content-length", "0"), ("transfer-encoding", "chunked")],
        [("transfer-encoding", "chunked"), ("transfer-encoding", "identity")],
        [("content-length", "-1")],
        [("content-length", "+1")],
        [("content-length", "1e3")],
        [("content-length", "0x10")],
        [("content-length", " ")],
        [("content-length", "\u0661")],
        [("content-length", "9" * 5000)],
        [("x-csrf-token", "a"), ("x-csrf-token", "b")],
    ],
)
async def test_headers_that_two_readers_read_differently_are_refused(
    app: FastAPI, extra: list[tuple[str, str]]
) -> None:
    assert await raw(app, [("host", "127.0.0.1"), *extra]) == 400


async def test_a_cookie_of_another_host_is_none_of_ours(client_of: ClientOf, services: Services) -> None:
    browser = await browser_of(client_of, services)
    cookie = browser.cookies["wickwork"]
    plain = await client_of()
    over_tls = await client_of()
    over_tls.base_url = httpx.URL("https://127.0.0.1:8420")
    wrong = [
        (over_tls, f"wickwork={cookie}"),  # any page of a host below the same domain can set this one
        (over_tls, f"__Secure-wickwork={cookie}"),
        (over_tls, f"__host-wickwork={cookie}"),
        (over_tls, f" __Host-wickwork ={cookie}x"),
        (plain, f"__Host-wickwork={cookie}"),
        (plain, f"wickwork={cookie}; wickwork="),
        (plain, f"wickwork={cookie.lower()}"),
        (plain, f"wickwork={cookie}\x00"),
        (plain, "wickwork=" + "x" * 5000),
        (plain, "wickwork"),
    ]
    for client, given in wrong:
        assert (await client.get("/api/session", headers={"cookie": given})).status_code == 401, given
    assert (await over_tls.get("/api/session", headers={"cookie": f"__Host-wickwork={cookie}"})).status_code == 200


async def test_under_tls_cookies_are_bound_to_the_host(client_of: ClientOf, services: Services) -> None:
    browser = await browser_of(client_of, services)
    over_tls = await client_of()
    over_tls.base_url = httpx.URL("https://127.0.0.1:8420")
    token = (await browser.post("/api/tokens", json={"name": "x"})).json()["token"]
    admin = await client_of("admin")
    made = (await admin.post("/api/users", json={"name": "tls", "role": "viewer"})).json()
    answer = await over_tls.get(made["link"])
    session = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("__Host-wickwork="))
    for word in ("Secure", "HttpOnly", "Path=/", "SameSite=strict"):
        assert word in session
    assert "omain" not in session
    assert token


async def test_every_kind_of_answer_has_a_policy(app: FastAPI, client_of: ClientOf, services: Services) -> None:
    client, admin = await client_of(), await client_of("admin")

    async def fails() -> None:
        raise ValueError("planted")

    app.add_api_route("/api/planted", fails)
    answers = {
        200: await client.get("/api/health"),
        201: await admin.post("/api/tokens", json={"name": "x"}),
        204: await admin.delete(f"/api/tokens/{(await admin.get('/api/tokens')).json()[0]['id']}"),
        401: await client.get("/api/session"),
        403: await client.get("/api/health", headers={"host": "evil.example"}),
        404: await client.get("/api/nowhere/<script>alert(1)</script>"),
        405: await client.put("/api/health"),
        413: await client.post("/api/session", content=b"x", headers={"content-length": "99999999"}),
        422: await client.post("/api/session", json={"name": "<script>"}),
        500: await client.get("/api/planted"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status, answer.text
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert len(answer.headers["x-request-id"]) == 26
        if status >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "planted" not in answers[500].json()["detail"]


async def test_a_body_that_grows_is_stopped_at_its_limit(client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_BYTES", 10_000)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 1_000_000:
            sent += 1000
            yield b" " * 1000

    client = await client_of("trader")
    answer = await client.post("/api/tokens", content=endless(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert sent < 20_000


async def test_an_answer_that_takes_too_long_is_given_up(
    app: FastAPI, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "ANSWER_SECONDS", 0.05)

    async def hangs(request: Request) -> None:
        await request.body()
        await asyncio.Event().wait()

    app.add_api_route("/api/planted", hangs, methods=["GET", "POST"])
    client = await client_of()
    for answer in (await client.get("/api/planted"), await client.post("/api/planted", json={"a": 1})):
        assert (answer.status_code, answer.headers["connection"]) == (503, "close")
        assert "content-security-policy" in answer.headers


async def test_nul_is_in_no_path_and_no_query(client_of: ClientOf) -> None:
    client = await client_of("admin")
    for path in ("/api/users/%00", "/api/runs/a%00b", "/api/jobs?before=%00", "/enter?link=a%00"):
        assert (await client.get(path)).status_code == 400


async def test_too_many_requests_of_an_address_and_starts_of_a_user_are_429(services: Services) -> None:
    settings = Server(requests_per_minute=8, starts_per_minute=2, logins_per_minute=3)
    transport = httpx.ASGITransport(make_app(services, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        wrong = {"name": "a", "password": "b"}
        statuses = [(await client.post("/api/session", json=wrong)).status_code for _ in range(4)]
        assert statuses == [401, 401, 401, 429]
        statuses = [(await client.get("/api/health")).status_code for _ in range(6)]
        assert statuses == [200] * 4 + [429] * 2
        refused = await client.get("/api/health")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert (await client.post("/hooks/secret", json={})).status_code == 404, "hooks have limits of their own"


async def test_a_limit_counts_by_kind_and_by_whom_and_its_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    counting = Limits(Server(starts_per_minute=2))
    for who in ("a", "a", "b", "b"):
        counting.refuse(limits.STARTS, who)
    for who in ("a", "b"):
        counting.refuse(limits.REQUESTS, who)
        with pytest.raises(TooMany):
            counting.refuse(limits.STARTS, who)
    monkeypatch.setattr(limits, "_MOST", 100)
    counters = Counters()
    for number in range(1_000):
        counters.incr(f"address {number}", 60)
    assert len(counters._counts) <= 100


async def test_from_other_machines_only_tls_or_the_proxy_is_answered() -> None:
    proxies = Proxies.of(["10.0.0.5", "172.16.0.0/12"])
    for client, scheme, readable in (
        ("127.0.0.1", "http", False), ("::1", "http", False), ("::ffff:127.0.0.1", "http", False),
        ("10.0.0.5", "http", False), ("172.17.0.1", "ws", False), ("10.0.0.6", "http", True), ("10.0.0.6", "ws", True),
        ("10.0.0.6", "https", False), ("2001:db8::1", "http", True), ("::ffff:10.0.0.6", "http", True),
        ("fe80::1%eth0", "http", True), ("10.0.0.6", "wss", False),
    ):  # fmt: skip
        assert proxies.is_readable({"scheme": scheme, "client": (client, 1)}) is readable, (client, scheme)
    for wrong in ("evil", "0.0.0.0/0", "::/0", "10.0.0.5:80", "", "10.0.0.0/33"):
        with pytest.raises(InputError):
            Proxies.of([wrong])


async def test_a_forwarded_address_counts_only_from_a_proxy(services: Services) -> None:
    """With the middleware that uvicorn puts in front, as `serve` starts it."""
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    app = make_app(services, Server(proxies=("10.0.0.5",), requests_per_minute=2))
    wrapped: Any = ProxyHeadersMiddleware(app, ["10.0.0.5"])  # type: ignore[arg-type]
    spoofed = [("host", "127.0.0.1"), ("x-forwarded-for", "127.0.0.1"), ("x-forwarded-proto", "https")]
    assert await raw(wrapped, spoofed, client=("10.0.0.6", 1)) == 403, "not from the proxy, so not believed"
    through = [("host", "127.0.0.1"), ("x-forwarded-for", "127.0.0.1, 203.0.113.9"), ("x-forwarded-proto", "https")]
    statuses = [await raw(wrapped, through, client=("10.0.0.5", 1)) for _ in range(3)]
    assert statuses == [200, 200, 429], "the last address is that which the proxy saw"
    plain = [("host", "127.0.0.1"), ("x-forwarded-for", "203.0.113.10")]
    assert await raw(wrapped, plain, client=("10.0.0.5", 1)) == 403


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[int]:
    """The port of a real server over the application, as `wick up` configures it."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_config=None, access_log=False, lifespan="off", **timed())
    )
    server.capture_signals = nullcontext  # type: ignore[assignment]
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield port
    server.should_exit = True
    await serving


async def test_slow_clients_are_dropped_and_others_are_answered(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 1.0)
    monkeypatch.setattr(guard, "PAUSE_SECONDS", 1.0)
    async with served(app) as port:
        body = b"POST /api/session HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 50\r\n\r\n{"
        beginnings = [b"", b"GET /api/health HTTP/1.1\r\nhost: 127.", body]
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(60)]
        for number, (_, writer) in enumerate(slow):
            writer.write(beginnings[number % 3])

        async def drip() -> None:
            for byte in b"0.0.1\r\nx-a: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb":
                await asyncio.sleep(0.1)
                slow[1][1].write(bytes([byte]))

        dripping = asyncio.create_task(drip())
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            statuses = [(await client.get("/api/health")).status_code for _ in range(50)]
        assert statuses == [200] * 50
        async with asyncio.timeout(30):
            ends = await asyncio.gather(*(reader.read() for reader, _ in slow), return_exceptions=True)
        dripping.cancel()
        kinds = {
            number: [bytes(end[:12]) if isinstance(end, bytes) else b"" for end in ends[number::3]]
            for number in range(3)
        }
        assert set(kinds[0]) | set(kinds[1]) == {b""}
        assert set(kinds[2]) == {b"HTTP/1.1 408"}
        for _, writer in slow:
            writer.close()


SMUGGLED = [
    b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/session HTTP/1.1\r\nHost:[::1]\r\n\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    b"Content-Length: 0\r\nContent-Length: 40\r\n\r\nGET /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"Content-Length: 0, 40\r\n\r\n",
    b"Content-Length: +5\r\n\r\nhello",
    b"Content-Length : 5\r\n\r\nhello",
    b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    b"X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"X: a\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    b"X\x00: a\r\n\r\n",
    b"X: a\x00b\r\n\r\n",
    b"Host: evil.example\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
]


async def test_no_second_request_is_smuggled_in_a_first(app: FastAPI) -> None:
    """Each connection gets one answer at most besides errors, and never that of a request which the first hides."""
    async with served(app) as port:
        for tail in SMUGGLED:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + tail)
            writer.write_eof()
            async with asyncio.timeout(20):
                answer = await reader.read()
            writer.close()
            assert answer.count(b"HTTP/1.1 ") <= 1, tail
            assert b"HTTP/1.1 401" not in answer, tail
            assert b"HTTP/1.1 5" not in answer, tail
    assert len(SMUGGLED) >= 17
