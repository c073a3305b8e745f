from __future__ import annotations

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from tests.server.conftest import ClientOf
from tests.server.entering import PASSWORD, browser_of, log_in, use_csrf
from tests.server.sockets import Closed, connected
from wickwork.server.app import make_app
from wickwork.services import identity, login
from wickwork.services.core import Services
from wickwork.services.lockout import FREE_BY_ADDRESS, FREE_BY_NAME, LONGEST
from wickwork.services.passwords import Passwords
from wickwork.services.sessions import Browser
from wickwork.store.database import users

pytestmark = [pytest.mark.anyio]
ONCE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(services: Services, clock: Clock) -> FastAPI:
    return make_app(timed(services, clock))


def timed(services: Services, clock: Clock) -> Services:
    """The services with that time, and with hashes that cost little."""
    object.__setattr__(services, "now", clock)
    object.__setattr__(services, "passwords", Passwords(PasswordHasher(1, 8, 1)))
    return services


async def with_password(client_of: ClientOf, services: Services, name: str = "ann") -> httpx.AsyncClient:
    client = await browser_of(client_of, services, name=name)
    answer = await client.put("/api/session/password", json={"new": PASSWORD})
    assert answer.status_code == 200, answer.text
    use_csrf(client)
    return client


async def test_a_person_enters_by_link_sets_a_password_and_enters_with_it(
    client_of: ClientOf, services: Services
) -> None:
    first = await browser_of(client_of, services)
    cookie = first.cookies["wickwork"]
    assert (await first.put("/api/session/password", json={"new": PASSWORD})).status_code == 200
    assert first.cookies["wickwork"] != cookie, "the session is a new one"
    second = await client_of()
    assert (await log_in(second, "ann", "another password")).status_code == 401
    answer = await log_in(second, " Ann ", PASSWORD)
    assert answer.status_code == 201
    for cookie in answer.headers.get_list("set-cookie"):
        assert "SameSite=strict" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
    assert "HttpOnly" in answer.headers.get_list("set-cookie")[0]
    assert (await second.get("/api/session")).json()["name"] == "ann"


@ONCE
async def test_logging_in_again_ends_the_session_that_the_browser_had(client_of: ClientOf, services: Services) -> None:
    client = await with_password(client_of, services)
    old = client.cookies["wickwork"]
    await log_in(client, "ann", PASSWORD)
    stale = await client_of()
    stale.cookies.set("wickwork", old)
    assert (await stale.get("/api/session")).status_code == 401
    assert (await client.get("/api/session")).status_code == 200


@ONCE
async def test_sessions_are_listed_and_ended(client_of: ClientOf, services: Services, clock: Clock) -> None:
    one = await browser_of(client_of, services)
    clock.now += 1
    two = await browser_of(client_of, services)
    shown = (await one.get("/api/sessions")).json()
    assert [entry["current"] for entry in shown] == [False, True]
    assert (await one.delete(f"/api/sessions/{shown[0]['id']}")).status_code == 204
    assert (await two.get("/api/session")).status_code == 401
    stranger = await browser_of(client_of, services, name="bob")
    assert (await stranger.delete(f"/api/sessions/{shown[1]['id']}")).status_code == 404
    assert (await one.delete("/api/session")).status_code == 204
    assert (await one.get("/api/session")).status_code == 401


@ONCE
async def test_a_password_change_ends_all_other_sessions(client_of: ClientOf, services: Services) -> None:
    client, other = await with_password(client_of, services), await client_of()
    await log_in(other, "ann", PASSWORD)
    for old, status in ((None, 422), ("not it at all", 403), (PASSWORD, 200)):
        body = {"new": "five other quiet words"} | ({"old": old} if old else {})
        assert (await client.put("/api/session/password", json=body)).status_code == status
    assert (await other.get("/api/session")).status_code == 401


@ONCE
async def test_a_session_that_is_not_used_ends_after_three_days_and_any_after_two_weeks(
    client_of: ClientOf, services: Services, clock: Clock
) -> None:
    client, idle = await browser_of(client_of, services), await browser_of(client_of, services)
    day = 24 * 3_600_000
    for _ in range(13):
        clock.now += day
        assert (await client.get("/api/session")).status_code == 200
    assert (await idle.get("/api/session")).status_code == 401
    clock.now += day
    assert (await client.get("/api/session")).status_code == 401


@ONCE
async def test_requests_that_change_something_need_the_csrf_token(client_of: ClientOf, services: Services) -> None:
    client, other = await browser_of(client_of, services), await browser_of(client_of, services, name="bob")
    for wrong in ("", "x", other.headers["x-csrf-token"], "Bearer"):
        answer = await client.delete("/api/sessions", headers={"x-csrf-token": wrong})
        assert answer.status_code == 403
    assert (await client.delete("/api/sessions")).status_code == 204


@ONCE
async def test_a_token_cannot_change_the_password_or_sessions(client_of: ClientOf) -> None:
    client = await client_of("admin")
    assert (await client.put("/api/session/password", json={"new": PASSWORD})).status_code == 403
    assert (await client.get("/api/sessions")).status_code == 403


@ONCE
@pytest.mark.parametrize(
    "weak",
    ["short", "a" * 9, "aaaaaaaaaaaaaa", "abcabcabcabc", "1234567890", "password123!", "Administrator1",
     "ann1234567890", "0123456789012", "QwertyUIOP", "wickwork2026!", "x" * 1001,
     "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44123"],
)  # fmt: skip
async def test_weak_passwords_are_refused(client_of: ClientOf, services: Services, weak: str) -> None:
    client = await browser_of(client_of, services)
    assert (await client.put("/api/session/password", json={"new": weak})).status_code == 422


@ONCE
async def test_the_same_password_from_another_keyboard_is_the_same(client_of: ClientOf, services: Services) -> None:
    client = await browser_of(client_of, services)
    await client.put("/api/session/password", json={"new": "Cafe\u0301 au lait \ufb01ne"})
    assert (await log_in(await client_of(), "ann", "Caf\u00e9 au lait fine")).status_code == 201


@ONCE
async def test_a_hash_of_older_parameters_is_replaced_at_the_next_login(
    client_of: ClientOf, services: Services
) -> None:
    await with_password(client_of, services)
    object.__setattr__(services, "passwords", Passwords(PasswordHasher(2, 16, 1)))
    assert (await log_in(await client_of(), "ann", PASSWORD)).status_code == 201
    async with services.database.reading() as session:
        user = await users.named(session, "ann")
    assert user is not None
    assert "m=16,t=2" in (user.password or "")
    assert (await log_in(await client_of(), "ann", PASSWORD)).status_code == 201


@ONCE
async def test_an_unknown_name_costs_the_same_hash_as_a_known_one(
    client_of: ClientOf, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_password(client_of, services)
    await browser_of(client_of, services, name="without")
    costs = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda self, kept, given: costs.append(kept) or verify(self, kept, given)
    )  # type: ignore[func-returns-value]
    answers = [
        await log_in(await client_of(), name, "wrong wrong wrong")
        for name in ("ann", "nobody", "without", "'; --", "N")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    parts = [kept.split("$") for kept in costs]
    assert [one[1:4] for one in parts] == [parts[0][1:4]] * 5
    assert len({tuple(map(len, one)) for one in parts}) == 1


@ONCE
async def test_ten_thousand_guesses_are_locked_out_after_a_few(services: Services, clock: Clock) -> None:
    compared = 0

    class Counting(Passwords):
        async def matches(self, kept: str | None, password: str) -> bool:
            nonlocal compared
            compared += 1
            return False

    object.__setattr__(timed(services, clock), "passwords", Counting())
    refused = 0
    for number in range(10_000):  # for 2.8 hours, from ever new addresses
        clock.now += 1_000
        try:
            await login.enter(
                services, "ann", f"guess {number}", Browser(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
            )
        except Exception as error:
            refused += type(error).__name__ == "TooMany"
    assert compared + refused == 10_000
    assert compared <= FREE_BY_NAME + 10 + 10_000 // (LONGEST // 1000) + 1, compared


@ONCE
async def test_an_address_that_guesses_names_must_wait_and_another_may_enter(
    client_of: ClientOf, services: Services, clock: Clock
) -> None:
    await with_password(client_of, services)
    statuses = []
    for number in range(FREE_BY_ADDRESS + 3):
        try:
            await login.enter(services, f"name{number}", PASSWORD, Browser("2001:db8::1"))
        except Exception as error:
            statuses.append(type(error).__name__)
    assert statuses == ["WrongLogin"] * FREE_BY_ADDRESS + ["TooMany"] * 3
    with pytest.raises(Exception, match="too many failed logins"):
        await login.enter(services, "ann", PASSWORD, Browser("2001:db8::ffff"))  # the same network
    assert (await login.enter(services, "ann", PASSWORD, Browser("2001:db8:1::1"))).cookie


@ONCE
async def test_a_locked_name_is_429_with_the_time_to_wait_and_a_link_still_opens(
    client_of: ClientOf, services: Services, clock: Clock
) -> None:
    await with_password(client_of, services)
    client = await client_of()
    for _ in range(FREE_BY_NAME):
        assert (await log_in(client, "ann", "wrong wrong wrong")).status_code == 401
    answer = await log_in(client, "ann", PASSWORD)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert (await (await browser_of(client_of, services)).get("/api/session")).status_code == 200
    clock.now += 1000
    assert (await log_in(client, "ann", PASSWORD)).status_code == 201


@ONCE
async def test_a_websocket_ends_with_its_session(app: FastAPI, client_of: ClientOf, services: Services) -> None:
    client = await browser_of(client_of, services)
    headers = {"cookie": f"wickwork={client.cookies['wickwork']}"}
    async with connected(app, "/ws", headers) as socket:
        await socket.receive()
        await client.delete("/api/session")
        with pytest.raises(Closed) as closed:
            await socket.receive()
    assert closed.value.code == 1008


@ONCE
async def test_a_websocket_ends_when_its_token_expires_and_one_of_a_ticket_too(
    app: FastAPI, client_of: ClientOf, services: Services, clock: Clock
) -> None:
    admin = await client_of("admin")
    made = (await admin.post("/api/tokens", json={"name": "short", "expires_at": clock.now + 200})).json()
    short = {"authorization": f"Bearer {made['token']}"}
    ticket = (await admin.post("/api/tickets", headers=short)).json()["ticket"]
    for path, headers in (("/ws", short), (f"/ws?ticket={ticket}", {})):
        async with connected(app, path, headers) as socket:
            await socket.receive()
            with pytest.raises(Closed) as closed:
                await socket.receive()
        assert closed.value.code == 1008


async def test_a_link_opens_one_session_within_ten_minutes(
    client_of: ClientOf, services: Services, clock: Clock
) -> None:
    await browser_of(client_of, services)
    async with services.database.reading() as session:
        user = await users.named(session, "ann")
    assert user is not None
    client = await client_of()
    link = await identity.create_link(services, user.id)
    for status in (200, 403):
        assert (await client.get("/enter", params={"link": link})).status_code == status
    late = await identity.create_link(services, user.id)
    clock.now += 10 * 60_000 + 1
    assert (await client.get("/enter", params={"link": late})).status_code == 403


@ONCE
@pytest.mark.parametrize(
    "password", ["", " ", "admin", "None", "null", "password", "wickwork", "changeme", "\x00", "0"]
)
async def test_no_default_or_empty_password_is_ever_valid(
    client_of: ClientOf, services: Services, password: str
) -> None:
    assert await identity.first_start(services)
    client = await client_of()
    for name in ("admin", "", "root", "wickwork", "system-v4", "None"):
        answer = await client.post("/api/session", json={"name": name, "password": password})
        assert answer.status_code in (401, 422)
    for token in ("", "None", "null", "wick_", "wick_admin", "admin", "Bearer"):
        answer = await client.get("/api/session", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 401
    for kind in ("Basic YWRtaW46", "Basic YWRtaW46YWRtaW4=", "Digest username=admin", "Bearer", " "):
        assert (await client.get("/api/session", headers={"authorization": kind})).status_code == 401
