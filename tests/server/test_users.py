from __future__ import annotations

import asyncio

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from tests.server.conftest import ClientOf
from tests.server.entering import browser_of
from tests.server.sockets import Closed, connected
from wickwork.services import identity
from wickwork.services.core import Services
from wickwork.store.database import audit
from wickwork.store.database.tables import AuditEntry, Strategy, Token

pytestmark = pytest.mark.anyio
ONCE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_an_administrator_makes_a_user_who_enters_with_the_link(client_of: ClientOf, services: Services) -> None:
    admin, guest = await client_of("admin"), await client_of()
    made = await admin.post("/api/users", json={"name": "ann", "role": "viewer", "telegram": "4711"})
    assert made.status_code == 201, made.text
    assert (await guest.get(made.json()["link"])).status_code == 200
    who = (await guest.get("/api/session")).json()
    assert (who["name"], who["role"], who["scopes"]) == ("ann", "viewer", ["read"])
    assert (await admin.post("/api/users", json={"name": "ann", "role": "viewer"})).status_code == 409
    taken = await admin.post("/api/users", json={"name": "bob", "role": "viewer", "telegram": "4711"})
    assert taken.status_code == 409
    names = [one["name"] for one in (await admin.get("/api/users")).json()["items"]]
    assert "ann" in names
    assert "bob" not in names
    async with services.database.reading() as session:
        assert await audit.first_fault(session) is None
        actions = list(await session.scalars(select(AuditEntry.action)))
    assert actions.count("user.create") == 1


@ONCE
async def test_what_a_user_may_do_changes_with_the_next_request(
    app: FastAPI, client_of: ClientOf, services: Services
) -> None:
    admin, trader = await client_of("admin"), await client_of("trader")
    user = (await trader.get("/api/session")).json()["user_id"]
    browser = await browser_of(client_of, services, name=(await trader.get("/api/session")).json()["name"])
    headers = {"authorization": trader.headers["authorization"]}
    async with connected(app, "/ws", headers) as socket:
        await socket.receive()
        await admin.patch(f"/api/users/{user}", json={"role": "viewer"})
        with pytest.raises(Closed) as closed:
            await socket.receive()
    assert closed.value.code == 1008
    assert (await trader.get("/api/session")).json()["scopes"] == ["read"]
    assert (await trader.post("/api/strategies", json={"name": "x"})).status_code == 403
    assert (await admin.patch(f"/api/users/{user}", json={"disabled": True})).status_code == 200
    for client in (trader, browser):
        assert (await client.get("/api/session")).status_code == 401
    assert (await admin.post(f"/api/users/{user}/link")).status_code == 409
    await admin.patch(f"/api/users/{user}", json={"disabled": False})
    assert (await trader.get("/api/session")).status_code == 200
    assert (await browser.get("/api/session")).status_code == 401, "sessions do not come back"


async def test_a_user_is_deleted_with_all_that_they_own(client_of: ClientOf, services: Services) -> None:
    admin, trader = await client_of("admin"), await client_of("trader")
    await trader.post("/api/strategies", json={"name": "mine"})
    user = (await trader.get("/api/session")).json()["user_id"]
    assert (await admin.delete(f"/api/users/{user}")).status_code == 204
    assert (await trader.get("/api/strategies")).status_code == 401
    async with services.database.reading() as session:
        for table in (Strategy, Token):
            assert await session.scalar(select(func.count()).where(table.owner == user)) == 0
    assert (await admin.delete(f"/api/users/{user}")).status_code == 404


async def test_of_two_administrators_that_remove_each_other_one_stays(client_of: ClientOf) -> None:
    one, two = await client_of("admin"), await client_of("admin")
    ids = [(await client.get("/api/session")).json()["user_id"] for client in (one, two)]
    answers = await asyncio.gather(
        one.patch(f"/api/users/{ids[1]}", json={"role": "viewer"}), two.delete(f"/api/users/{ids[0]}")
    )
    left = [client for client in (one, two) if (await client.get("/api/users")).status_code == 200]
    assert len(left) == 1, [answer.text for answer in answers]
    last = (await left[0].get("/api/session")).json()["user_id"]
    for body in ({"role": "trader"}, {"disabled": True}):
        assert (await left[0].patch(f"/api/users/{last}", json=body)).status_code == 409
    assert (await left[0].delete(f"/api/users/{last}")).status_code == 409


@ONCE
@pytest.mark.parametrize("name", ["", "Ann", "a b", "\u0430nn", "a" * 101, "-a", "a\x00b", "a/b", "<b>"])
async def test_names_that_could_be_taken_for_others_are_refused(client_of: ClientOf, name: str) -> None:
    admin = await client_of("admin")
    assert (await admin.post("/api/users", json={"name": name, "role": "viewer"})).status_code == 422


@ONCE
async def test_a_token_is_shown_once_limited_to_its_scopes_and_revoked_at_once(
    app: FastAPI, client_of: ClientOf, services: Services
) -> None:
    browser = await browser_of(client_of, services)
    made = await browser.post("/api/tokens", json={"name": "ci", "scopes": ["read"]})
    assert made.status_code == 201, made.text
    listed = (await browser.get("/api/tokens")).json()
    assert made.json()["token"] not in str(listed)
    headers = {"authorization": f"Bearer {made.json()['token']}"}
    program = await client_of()
    program.headers.update(headers)
    assert (await program.get("/api/session")).json()["scopes"] == ["read"]
    assert (await program.post("/api/strategies", json={"name": "x"})).status_code == 403
    assert (await program.post("/api/tokens", json={"name": "more"})).status_code == 403
    assert (await program.delete(f"/api/tokens/{listed[0]['id']}")).status_code == 403
    assert (await browser.get("/api/tokens")).json()[0]["last_used_at"] is not None
    stranger = await browser_of(client_of, services, name="bob")
    assert (await stranger.delete(f"/api/tokens/{listed[0]['id']}")).status_code == 404
    async with connected(app, "/ws", headers) as socket:
        await socket.receive()
        assert (await browser.delete(f"/api/tokens/{listed[0]['id']}")).status_code == 204
        with pytest.raises(Closed):
            await socket.receive()
    assert (await program.get("/api/session")).status_code == 401


@ONCE
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "x", "scopes": ["admin"]}, 422),
        ({"name": "x", "scopes": []}, 422),
        ({"name": "x", "scopes": ["all"]}, 422),
        ({"name": "x", "expires_at": 1}, 422),
        ({"name": "a\nb"}, 422),
        ({"name": "x", "scopes": ["read", "read"]}, 201),
    ],
)
async def test_tokens_beyond_the_caller_are_refused(client_of: ClientOf, body: object, status: int) -> None:
    trader = await client_of("trader")
    assert (await trader.post("/api/tokens", json=body)).status_code == status


@ONCE
async def test_a_token_made_by_a_token_does_not_outlive_it(client_of: ClientOf, services: Services) -> None:
    trader = await client_of("trader")
    until = services.now() + 60_000
    short = (await trader.post("/api/tokens", json={"name": "a", "expires_at": until})).json()["token"]
    made = await trader.post("/api/tokens", json={"name": "b"}, headers={"authorization": f"Bearer {short}"})
    assert made.json()["expires_at"] == until


@ONCE
async def test_requests_in_quick_succession_read_the_caller_once(
    client_of: ClientOf, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, reads = await client_of("viewer"), 0
    reading = identity.tokens.of_hash

    async def counted(*given: object) -> object:
        nonlocal reads
        reads += 1
        return await reading(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(identity.tokens, "of_hash", counted)
    for _ in range(50):
        await client.get("/api/session")
    assert reads <= 2


@ONCE
async def test_access_that_ends_while_it_is_read_is_not_kept(client_of: ClientOf, services: Services) -> None:
    client = await client_of("viewer")
    caller = await identity.of_token(services, client.headers["authorization"].removeprefix("Bearer "))
    assert caller is not None
    before = services.callers.generation
    services.callers.end(caller.user_id)
    services.callers.keep("hash", caller, "", services.now(), before)
    assert services.callers.get("hash", services.now()) is None


@ONCE
async def test_access_that_ends_in_another_process_ends_here(client_of: ClientOf, services: Services) -> None:
    client = await client_of("viewer")
    user = (await client.get("/api/session")).json()["user_id"]
    caller = await identity.of_token(services, client.headers["authorization"].removeprefix("Bearer "))
    assert caller is not None
    ended: list[int] = []
    services.callers.watch(caller, lambda: ended.append(1))
    services.events.follow(services.callers.take)
    for owner, key in (("another", ""), (user, "token:another"), (user, caller.key), (user, "")):
        await services.events.publish("access", owner, {"key": key})
    assert ended == [1]
