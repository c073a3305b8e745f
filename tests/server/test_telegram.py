from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.server.conftest import ClientOf
from tests.server.telegram_server import CLIENT, SECRET, Telegram, telegram_server
from wickwork.model.errors import InputError
from wickwork.server.app import make_app
from wickwork.server.routes.telegram import provider_of
from wickwork.services.core import Services
from wickwork.services.login import WrongLogin
from wickwork.services.telegram import signed_id
from wickwork.services.telegram_oidc import Provider
from wickwork.settings.secret import Secret
from wickwork.settings.server import Server
from wickwork.store.database import users

ONCE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BOT = Secret("7000001:the-token-of-a-bot-of-the-tests-0000")
NOW = 1_700_000_000_000
CHARACTER = st.integers(0, 0x2FFF).map(chr)


@pytest.fixture(scope="module")
def server() -> Iterator[Telegram]:
    with telegram_server() as telegram:
        yield telegram


@pytest.fixture
def telegram(server: Telegram, services: Services) -> Telegram:
    server.make, server.now, server.stated_issuer = server.signed, services.now(), ""
    server.published = [dict(server.key.as_dict(private=False))]
    return server


@pytest.fixture
def app(services: Services, telegram: Telegram) -> FastAPI:
    settings = Server(
        telegram_client_id=CLIENT, telegram_client_secret=Secret(SECRET), telegram_issuer=telegram.issuer,
        telegram_bot=BOT, telegram_widget=True, logins_per_minute=0,
    )  # fmt: skip
    return make_app(services, settings)


async def with_account(services: Services, account: str = "4711") -> None:
    async with services.database.writing() as session:
        user = await users.named(session, "ann") or await users.add(session, services.now(), "ann", "trader")
        user.telegram = account


async def came_back(client: httpx.AsyncClient, telegram: Telegram, **changes: Any) -> httpx.Response:
    """The answer to a browser that went to Telegram and came back."""
    begun = await client.get("/api/telegram/login")
    assert begun.status_code == 303
    code, state = telegram.authorize(begun.headers["location"], changes.pop("account", 4711))
    return await client.get("/api/telegram/callback", params={"code": code, "state": state} | changes)


@pytest.mark.anyio
async def test_a_listed_account_enters_with_telegram(
    client_of: ClientOf, services: Services, telegram: Telegram
) -> None:
    await with_account(services)
    client = await client_of()
    assert (await client.get("/api/telegram")).json() == {"oidc": True, "widget": True}
    answer = await came_back(client, telegram)
    assert answer.status_code == 200, answer.text
    assert (await client.get("/api/session")).json()["name"] == "ann"
    assert (await came_back(client, telegram, account=4712)).status_code == 403


@ONCE
@pytest.mark.anyio
async def test_the_state_is_of_this_browser_and_works_once(
    client_of: ClientOf, services: Services, telegram: Telegram
) -> None:
    await with_account(services)
    victim, attacker = await client_of(), await client_of()
    begun = await attacker.get("/api/telegram/login")
    code, state = telegram.authorize(begun.headers["location"])
    query = {"code": code, "state": state}
    assert (await victim.get("/api/telegram/callback", params=query)).status_code == 401
    assert (await came_back(victim, telegram, state="x" * 43)).status_code == 401
    assert (await came_back(victim, telegram, code="unknown")).status_code == 401
    assert (await attacker.get("/api/telegram/callback", params=query)).status_code == 200
    assert (await attacker.get("/api/telegram/callback", params=query)).status_code == 401


def forgeries(telegram: Telegram) -> dict[str, Any]:
    """Ways to make an id token that must not be accepted, by name."""
    other = RSAKey.generate_key(2048, {"kid": "one"})
    public = telegram.key.as_pem(private=False)
    loose = RSAKey.import_key({k: v for k, v in telegram.key.as_dict(private=True).items() if k != "alg"})  # type: ignore[arg-type]

    def raw(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
        parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
        return ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts)

    def mac(claims: dict[str, Any]) -> str:
        text = raw({"alg": "HS256", "kid": "one"}, claims).rsplit(".", 1)[0]
        tag = hmac.new(public, text.encode(), hashlib.sha256).digest()
        return f"{text}.{base64.urlsafe_b64encode(tag).decode().rstrip('=')}"

    def changed(**changes: Any) -> Any:
        return lambda claims: telegram.signed({k: v for k, v in (claims | changes).items() if v is not None})

    def with_header(**header: Any) -> Any:
        return lambda claims: jwt.encode({"alg": "RS256", "kid": "one"} | header, claims, other)

    def stripped(claims: dict[str, Any]) -> str:
        return telegram.signed(claims).rsplit(".", 1)[0] + "."

    def swapped(claims: dict[str, Any]) -> str:
        head, _, tag = telegram.signed(claims).split(".")
        return f"{head}.{raw({}, claims | {'id': 1}).split('.')[1]}.{tag}"

    second = telegram.now // 1000
    found: dict[str, Any] = {
        "alg none": lambda claims: raw({"alg": "none", "kid": "one"}, claims),
        "alg NONE": lambda claims: raw({"alg": "NONE", "kid": "one"}, claims),
        "no alg": lambda claims: raw({"kid": "one"}, claims),
        "HS256 with the public key": mac,
        "HS256 with the client secret": lambda claims: jwt.encode(
            {"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(SECRET * 2)
        ),
        "PS256": lambda claims: jwt.encode({"alg": "PS256", "kid": "one"}, claims, loose, algorithms=["PS256"]),
        "RS512": lambda claims: jwt.encode({"alg": "RS512", "kid": "one"}, claims, loose, algorithms=["RS512"]),
        "another key": with_header(),
        "unknown kid": with_header(kid="two"),
        "kid is a path": with_header(kid="../../dev/null"),
        "kid is SQL": with_header(kid="one' OR '1'='1"),
        "no kid": lambda claims: jwt.encode({"alg": "RS256"}, claims, other),
        "kid is a list": lambda claims: raw({"alg": "RS256", "kid": ["one"]}, claims, b"x"),
        "jku": lambda claims: raw({"alg": "RS256", "kid": "one", "jku": "http://127.0.0.1:1/"}, claims, b"x"),
        "jwk in the header": with_header(jwk=dict(other.as_dict(private=False))),
        "crit": lambda claims: raw({"alg": "RS256", "kid": "one", "crit": ["x"], "x": 1}, claims, b"x"),
        "no signature": stripped,
        "claims of another token": swapped,
        "five parts": lambda claims: telegram.signed(claims) + ".x.y",
        "empty": lambda claims: "",
        "no token": lambda claims: "...",
        "unicode": lambda claims: "e\u0443J.\u0430.b",
        "huge": lambda claims: "e" * 30_000,
        "expired": changed(exp=second - 61),
        "without exp": changed(exp=None),
        "exp is a text": changed(exp="tomorrow"),
        "not yet": changed(nbf=second + 300),
        "issued in the future": changed(iat=second + 300),
        "without iat": changed(iat=None),
        "another issuer": changed(iss="https://oauth.telegram.example"),
        "issuer with a slash": changed(iss=telegram.issuer + "/"),
        "without iss": changed(iss=None),
        "another audience": changed(aud="7000002"),
        "two audiences": changed(aud=[CLIENT, "7000002"]),
        "without aud": changed(aud=None),
        "another party": changed(azp="7000002"),
        "another nonce": changed(nonce="x" * 43),
        "without nonce": changed(nonce=None),
        "nonce is a number": changed(nonce=1),
        "without id": changed(id=None),
        "id is a name": changed(id="ann"),
        "id with a zero": changed(id="04711"),
        "id is a fraction": changed(id=4711.0),
        "id is true": changed(id=True),
        "id with other digits": changed(id="\u0664\u0667\u0661\u0661"),
        "id is a list": changed(id=[4711]),
    }
    return found


@ONCE
@pytest.mark.anyio
async def test_no_forged_token_enters(client_of: ClientOf, services: Services, telegram: Telegram) -> None:
    await with_account(services)
    client, accepted = await client_of(), []
    attacks = forgeries(telegram)
    for name, make in attacks.items():
        telegram.make = make
        answer = await came_back(client, telegram)
        if answer.status_code != 401 or "wickwork" in client.cookies:
            accepted.append((name, answer.status_code, answer.text))
    assert accepted == []
    assert len(attacks) >= 46
    telegram.make = telegram.signed
    assert (await came_back(client, telegram)).status_code == 200


@ONCE
@pytest.mark.anyio
async def test_keys_are_kept_and_a_new_one_is_found(services: Services, telegram: Telegram) -> None:
    provider = Provider(telegram.issuer, CLIENT, Secret(SECRET))
    now, query = services.now(), {"account": 4711, "nonce": "n"}

    def read() -> int:
        return telegram.requests.count("/keys")

    before = read()
    for _ in range(5):
        assert await provider.account(telegram.signed(telegram.claims(query)), "n", now) == "4711"
    assert read() == before + 1
    fresh = RSAKey.generate_key(2048, {"kid": "two", "alg": "RS256", "use": "sig"})
    token = jwt.encode({"alg": "RS256", "kid": "two"}, telegram.claims(query), fresh)
    telegram.published.append(dict(fresh.as_dict(private=False)))
    for _ in range(5):
        with pytest.raises(WrongLogin):
            await provider.account(token, "n", now)
    assert read() == before + 1, "unknown keys make no flood of requests"
    assert await provider.account(token, "n", now + 60_000) == "4711"
    assert read() == before + 2


@ONCE
@pytest.mark.anyio
async def test_a_provider_that_names_another_issuer_or_does_not_answer_is_503(
    client_of: ClientOf, telegram: Telegram
) -> None:
    telegram.stated_issuer = "https://elsewhere.example"
    assert (await (await client_of()).get("/api/telegram/login")).status_code == 503
    for half in (
        Server(telegram_client_id=CLIENT),
        Server(telegram_client_secret=Secret(SECRET)),
        Server(telegram_widget=True),
    ):
        with pytest.raises(InputError):
            provider_of(half)
    for wrong in ("http://oauth.telegram.org", "ftp://127.0.0.1", ""):
        with pytest.raises(InputError):
            Provider(wrong, CLIENT, Secret(SECRET))


def signed(fields: dict[str, Any], bot: Secret = BOT) -> dict[str, Any]:
    text = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    key = hashlib.sha256(bot.reveal().encode()).digest()
    return fields | {"hash": hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}


def fields_at(second: int) -> dict[str, Any]:
    return {
        "id": 4711, "first_name": "Ann", "username": "ann", "auth_date": second,
        "photo_url": "https://t.me/i/userpic/320/ann.jpg",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("age", "right"), [(0, True), (300, True), (301, False), (-1, False), (86_400, False), (-(10**6), False)]
)
def test_signed_fields_are_accepted_for_five_minutes(age: int, right: bool) -> None:
    given = signed(fields_at(NOW // 1000 - age))
    if right:
        assert signed_id(given, BOT, NOW) == "4711"
    else:
        with pytest.raises(WrongLogin):
            signed_id(given, BOT, NOW)


@given(data=st.data())
def test_any_change_of_signed_fields_is_refused(data: st.DataObject) -> None:
    right = {name: str(value) for name, value in signed(fields_at(NOW // 1000)).items()}
    kind = data.draw(st.sampled_from(["byte", "drop", "add", "rename", "swap"]))
    name = data.draw(st.sampled_from(sorted(right)))
    forged = dict(right)
    if kind == "byte":
        place = data.draw(st.integers(0, len(right[name]) - 1))
        other = data.draw(CHARACTER.filter(lambda one: one != right[name][place]))
        forged[name] = right[name][:place] + other + right[name][place + 1 :]
    elif kind == "drop":
        del forged[name]
    elif kind == "add":
        forged[data.draw(st.text(CHARACTER, max_size=10).filter(lambda one: one not in right))] = data.draw(
            st.text(CHARACTER, max_size=10)
        )
    elif kind == "rename":
        forged[name + "x"] = forged.pop(name)
    else:
        other = data.draw(st.sampled_from(sorted(set(right) - {name})))
        if right[other] == right[name]:
            return
        forged[name], forged[other] = right[other], right[name]
    with pytest.raises(WrongLogin):
        signed_id(forged, BOT, NOW)


def test_fields_that_read_as_others_are_refused() -> None:
    second = NOW // 1000
    joined = signed({"auth_date": f"{second}\nfirst_name=Ann", "id": 4711})
    apart = signed({"auth_date": second, "first_name": "Ann", "id": 4711})
    assert joined["hash"] == apart["hash"], "both have the same signed text"
    wrong = [
        joined,
        signed(fields_at(second), Secret("another:bot")),
        signed(fields_at(second) | {"id": "ann"}),
        signed(fields_at(second) | {"id": -4711}),
        signed({"id": 4711}),
        signed(fields_at(second)) | {"hash": signed(fields_at(second))["hash"].upper()},
        signed(fields_at(second)) | {"hash": ""},
        signed({f"x_{'a' * n}": "" for n in range(30)} | fields_at(second)),
    ]
    for fields in wrong:
        with pytest.raises(WrongLogin):
            signed_id(fields, BOT, NOW)


@pytest.mark.anyio
async def test_the_widget_works_once_for_listed_accounts(client_of: ClientOf, services: Services) -> None:
    await with_account(services)
    client, fields = await client_of(), signed(fields_at(services.now() // 1000))
    twice = json.dumps(fields)[:-1] + ', "id": 4711}'
    assert (await client.post("/api/telegram/widget", content=twice)).status_code == 401
    for status in (200, 401, 401):
        assert (await client.post("/api/telegram/widget", json=fields)).status_code == status
    assert (await client.get("/api/session")).json()["name"] == "ann"
    stranger = signed(fields_at(services.now() // 1000) | {"id": 4712})
    assert (await client.post("/api/telegram/widget", json=stranger)).status_code == 403
    for nonsense in (b"", b"[]", b"{", b'{"id": true}', b'{"id": {}}', b"[" * 10_000, b"\xff", b"x" * 20_000):
        assert (await client.post("/api/telegram/widget", content=nonsense)).status_code == 422


@ONCE
@pytest.mark.anyio
async def test_without_its_setting_the_widget_is_refused(services: Services) -> None:
    transport = httpx.ASGITransport(make_app(services, Server(telegram_bot=BOT)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        fields = signed(fields_at(services.now() // 1000))
        assert (await client.post("/api/telegram/widget", json=fields)).status_code == 403
        assert (await client.get("/api/telegram/login")).status_code == 403


@pytest.mark.anyio
async def test_a_client_of_pve_enters_and_reads_its_own_profile(client_of: ClientOf, services: Services) -> None:
    await with_account(services)
    client, fields = await client_of(), signed(fields_at(services.now() // 1000))
    answer = await client.post("/api/telegram-auth", json=fields)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "success"
    mine = {"id": 4711, "token": answer.json()["token"]}
    assert (await client.post("/api/telegram-auth", json=fields)).status_code == 401
    key = "0123456789abcdef-secret"
    assert (await client.post("/api/update-user", json=mine | {"last_name": "Lee", "key": key})).status_code == 200
    found = (await client.post("/api/get-user-info", json=mine)).json()["user_info"]
    assert (found["first_name"], found["last_name"], found["key"]) == ("Ann", "Lee", "…cret")
    await client.post("/api/update-user", json=mine | found)
    assert (await client.post("/api/get-user-info", json=mine)).json()["user_info"] == found, (
        "a masked key changes none"
    )
    assert (await client.post("/api/verify-token", json=mine)).json()["status"] == "success"
    for wrong in ({}, {"id": 4712}, {"id": None}, {"id": True}, {"token": None}, {"token": "x"}, {"id": "47l1"}):
        given = (mine | wrong) if wrong else {}
        for path in ("verify-token", "get-user-info", "update-user"):
            refused = await client.post(f"/api/{path}", json=given)
            assert refused.status_code in (401, 403, 422), (path, wrong, refused.text)
