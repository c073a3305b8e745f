from __future__ import annotations

import base64
import io
import logging
import stat
import traceback
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog
from fastapi import FastAPI

from tests.server.conftest import ClientOf
from wickwork.model.errors import NotFound, Unavailable
from wickwork.services import identity, vault
from wickwork.services.core import Services
from wickwork.services.key_store import FILE, write_keys
from wickwork.store.database import secrets as rows
from wickwork.store.database import users
from wickwork.store.database.tables import SecretValue, Table

pytestmark = pytest.mark.anyio
ONCE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CANARY = "canary-Zx9/+=&7 \u00e9 kept nowhere in plain"


async def test_a_secret_is_kept_and_never_shown_again(client_of: ClientOf, services: Services) -> None:
    client, other = await client_of("trader"), await client_of("trader")
    user = (await client.get("/api/session")).json()["user_id"]
    made = await client.put("/api/secrets/bybit.key", json={"value": CANARY})
    assert (made.status_code, made.json()["last"]) == (200, "lain"), made.text
    assert (await client.put("/api/secrets/short", json={"value": "0123456789"})).json()["last"] == ""
    listed = await client.get("/api/secrets")
    assert [(one["name"], one["last"]) for one in listed.json()] == [("bybit.key", "lain"), ("short", "")]
    assert (await other.get("/api/secrets")).json() == []
    assert (await other.delete("/api/secrets/short")).status_code == 404
    assert (await vault.reveal(services, user, "bybit.key")).reveal() == CANARY
    await client.put("/api/secrets/bybit.key", json={"value": "another one"})
    assert (await vault.reveal(services, user, "bybit.key")).reveal() == "another one"
    assert (await client.delete("/api/secrets/bybit.key")).status_code == 204
    with pytest.raises(NotFound):
        await vault.reveal(services, user, "bybit.key")
    assert (await (await client_of("viewer")).put("/api/secrets/x", json={"value": "y"})).status_code == 403


@ONCE
@pytest.mark.parametrize("name", ["..%2f..%2fetc", "%00", "a%20b", "-a", "a" * 101, "%C3%A9", ".hidden", "%ff"])
async def test_names_that_are_no_names_are_refused(client_of: ClientOf, name: str) -> None:
    client = await client_of("trader")
    assert (await client.put(f"/api/secrets/{name}", json={"value": "y"})).status_code in (400, 404, 405, 422)
    assert (await client.delete(f"/api/secrets/{name}")).status_code in (400, 404, 405)
    assert (await client.get("/api/secrets")).json() == []


@ONCE
@pytest.mark.parametrize("body", [{"value": ""}, {"value": "x" * 10_001}, {"value": 1}, {}, {"value": "\u00e9" * 6000}])
async def test_values_that_cannot_be_kept_are_refused_without_repeating_them(client_of: ClientOf, body: object) -> None:
    answer = await (await client_of("trader")).put("/api/secrets/x", json=body)
    assert answer.status_code == 422
    assert "xxxx" not in answer.text


async def kept(services: Services) -> str:
    """The id of a user with three secrets."""
    async with services.database.writing() as session:
        user = await users.add(session, services.now(), "ann", "trader")
    caller = identity.Caller(user.id, "ann", "trader", identity.scopes_of("trader"), "local")
    for number in range(3):
        await vault.put(services, caller, f"s{number}", f"{CANARY}{number}")
    return user.id


async def readable(services: Services, user: str) -> bool:
    found = [(await vault.reveal(services, user, f"s{number}")).reveal() for number in range(3)]
    return found == [f"{CANARY}{number}" for number in range(3)]


async def test_a_rotated_key_reads_everything_and_the_old_one_nothing(services: Services) -> None:
    user = await kept(services)
    path = services.home / FILE
    old = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert await vault.rotate(services, user) == 3
    assert await readable(services, user)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    new = path.read_bytes()
    path.write_bytes(old)
    with pytest.raises(Unavailable, match="encrypted with the key"):
        await readable(services, user)
    with pytest.raises(Unavailable, match="encrypted with the key"):
        await vault.rotate(services, user)
    assert path.read_bytes() == old, "a refused rotation changes nothing"
    path.write_bytes(new)
    assert await readable(services, user)


@ONCE
@pytest.mark.parametrize("moment", range(4))
async def test_a_rotation_that_is_killed_at_any_moment_loses_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """Before the first file, after it, before the commit, and before the last file."""
    user = await kept(services)
    writes = 0

    class Killed(BaseException):
        pass

    def write(*given: object) -> None:
        nonlocal writes
        writes += 1
        if (moment, writes) in ((0, 1), (3, 2)):
            raise Killed
        write_keys(*given)  # type: ignore[arg-type]
        if (moment, writes) == (1, 1):
            raise Killed

    async def use(*given: object) -> None:
        if moment == 2:
            raise Killed
        await use_key(*given)  # type: ignore[arg-type]

    use_key = rows.use_key
    monkeypatch.setattr(vault, "write_keys", write)
    monkeypatch.setattr(rows, "use_key", use)
    with pytest.raises(Killed):
        await vault.rotate(services, user)
    monkeypatch.undo()
    assert await readable(services, user)
    assert await vault.rotate(services, user) == 3
    assert await readable(services, user)


@ONCE
@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "another", "open to others"])
async def test_without_the_right_key_the_answer_says_so(client_of: ClientOf, services: Services, damage: str) -> None:
    client = await client_of("trader")
    await client.put("/api/secrets/s", json={"value": CANARY})
    path = services.home / FILE
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "open to others":
        path.chmod(0o640)
    elif damage == "another":
        write_keys(services.home, "file", [b"k" * 32])
    else:
        path.write_bytes(content[: {"empty": 0, "cut": 40}[damage]])
    for answer in (await client.get("/api/secrets"), await client.put("/api/secrets/t", json={"value": "x"})):
        assert answer.status_code == 503
        assert "key" in answer.json()["detail"]
        assert content.decode()[12:40] not in answer.text
    assert not path.exists() or path.read_bytes() == content or damage != "open to others"
    path.write_bytes(content)
    path.chmod(0o600)
    assert (await client.get("/api/secrets")).status_code == 200


@ONCE
async def test_a_row_that_is_copied_to_another_owner_or_name_cannot_be_read(services: Services) -> None:
    user = await kept(services)
    async with services.database.writing() as session:
        thief = await users.add(session, services.now(), "bob", "trader")
        row = await rows.get(session, user, "s0")
        assert row is not None
        for owner, name in ((thief.id, "s0"), (user, "copy")):
            session.add(
                SecretValue(
                    owner=owner, name=name, wrapped_key=row.wrapped_key, ciphertext=row.ciphertext, changed_at=0
                )
            )
    for owner, name in ((thief.id, "s0"), (user, "copy")):
        with pytest.raises(Unavailable, match="was changed"):
            await vault.reveal(services, owner, name)


def spellings(secret: str) -> list[bytes]:
    raw = secret.encode()
    return [
        raw, base64.b64encode(raw)[:-4], base64.urlsafe_b64encode(raw)[:-4], raw.hex().encode(), quote(secret).encode(),
        secret.encode("unicode_escape"), raw[:20],
    ]  # fmt: skip


async def test_the_canary_is_found_nowhere(
    app: FastAPI, client_of: ClientOf, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets, passwords, links, cookies and tokens: not in logs at DEBUG, tracebacks, answers, rows or files."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # here it is the client's, which logs what it asks for
    steps = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(steps, logger_factory=structlog.PrintLoggerFactory(log))
    try:
        client = await client_of("trader")
        answers = [
            await client.put("/api/secrets/a", json={"value": CANARY}),
            await client.get("/api/secrets"),
            await client.put("/api/secrets/a", json={"value": CANARY, "more": 1}),
            await client.put("/api/secrets/a", json={"wrong": CANARY}),
            await client.put("/api/secrets/a", content=f'{{"value": "{CANARY}"'),
            await client.put("/api/secrets/a", json=[CANARY]),
            await client.post("/api/session", json={"name": CANARY, "password": CANARY}),
            await client.post("/api/session", json={"name": "ann", "password": [CANARY]}),
            await client.get("/enter", params={"link": CANARY}),
            await client.get("/api/session", headers={"authorization": f"Bearer {quote(CANARY)}"}),
            await client.get("/api/session", headers={"authorization": "", "cookie": f"wickwork={quote(CANARY)}"}),
        ]
        user = (await client.get("/api/session")).json()["user_id"]
        secret = await vault.reveal(services, user, "a")
        assert CANARY not in f"{secret} {secret!r} {[secret]} {vars}"
        broken = rows.put

        async def fail(*given: object) -> None:
            await broken(*given)  # type: ignore[arg-type]
            raise ValueError("a fault while it is kept")

        monkeypatch.setattr(rows, "put", fail)
        answers.append(await client.put("/api/secrets/b", json={"value": CANARY}))
        assert answers[-1].status_code == 500
        async with services.database.reading() as session:
            dump = ""
            for table in Table.metadata.sorted_tables:
                dump += repr((await session.execute(table.select())).all())
        try:
            async with services.database.writing() as session:
                session.add(SecretValue(owner="nobody", name=CANARY, wrapped_key=b"", ciphertext=b"", changed_at=0))
        except Exception:
            dump += traceback.format_exc()
        await services.database.close()
    finally:
        structlog.reset_defaults()
        logging.getLogger().removeHandler(handler)
        for name in ("sqlalchemy.engine", "httpx"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    files = b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file())
    places = {
        "log": log.getvalue().encode(),
        "answers": b"".join(one.content + repr(one.headers).encode() for one in answers),
        "rows": dump.encode(),
        "files": files,
    }
    assert all(len(content) > 50 for content in places.values())
    token = client.headers["authorization"].removeprefix("Bearer ")
    found = [
        (place, spelling)
        for place, content in places.items()
        for secret in (CANARY, token)
        for spelling in spellings(secret)
        if spelling in content
    ]
    assert found == []
