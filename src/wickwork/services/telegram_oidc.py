"""Entering with Telegram over OpenID Connect: authorization code with PKCE, state and nonce."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from wickwork.model.errors import InputError, Unavailable
from wickwork.services.core import Services
from wickwork.services.login import WrongLogin
from wickwork.services.secret_hash import hashed
from wickwork.services.sessions import Browser, Entered, begin
from wickwork.services.telegram import user_of
from wickwork.settings.secret import Secret
from wickwork.store.database import logins
from wickwork.store.database.tables import TelegramLogin

ALGORITHM = "RS256"
"""The only algorithm of signatures that is accepted, whatever a token says."""
VALID = 10 * 60_000
"""For how long a login that has begun can be finished (ms)."""
_LEEWAY = 60
"""Seconds by which the clocks may differ."""
_KEYS_KEPT, _KEYS_AGAIN = 3_600_000, 60_000
"""For how long keys are kept, and how soon they are read again for an unknown one (ms)."""
_SECONDS = 10.0
_MOST_BYTES = 200_000
_ACCOUNT = re.compile(r"[1-9][0-9]{0,19}")


@dataclass
class Provider:
    """Telegram, or a server that plays it."""

    issuer: str
    client_id: str
    client_secret: Secret
    _endpoints: dict[str, str] = field(default_factory=dict)
    _keys: KeySet | None = None
    _keys_read: int = 0

    def __post_init__(self) -> None:
        """Raise InputError for an issuer that is not reached over TLS, unless it is on this machine."""
        if not _is_safe(self.issuer):
            raise InputError("`server.telegram_issuer` must begin with https://.")

    async def endpoint(self, name: str) -> str:
        """The URL that the provider has for `authorization_endpoint`, `token_endpoint` or `jwks_uri`."""
        if not self._endpoints:
            found = await self._read("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            endpoints = {name: str(found.get(name, "")) for name in names}
            if found.get("issuer") != self.issuer or not all(map(_is_safe, endpoints.values())):
                raise Unavailable("Telegram describes its login as another one than `server.telegram_issuer`.")
            self._endpoints = endpoints
        return self._endpoints[name]

    async def id_token(self, code: str, verifier: str, redirect: str) -> str:
        """Exchange a code. Raises WrongLogin where the provider refuses it."""
        form = {
            "grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": redirect,
            "client_id": self.client_id,
        }  # fmt: skip
        auth = (self.client_id, self.client_secret.reveal())
        answer = await self._read("POST", await self.endpoint("token_endpoint"), data=form, auth=auth)
        token = answer.get("id_token")
        if not isinstance(token, str) or len(token) > 20_000:
            raise _wrong()
        return token

    async def account(self, token: str, nonce: str, now: int) -> str:
        """The numeric id of the Telegram account in an id token; `now` in ms. Raises WrongLogin for any fault."""
        try:
            key = await self._key(jwt_header(token).get("kid"), now)
            claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
            _registry(self.issuer, self.client_id, now).validate(claims)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise _wrong() from None
        given, account = claims.get("nonce"), str(claims.get("id", ""))
        if (
            claims["aud"] not in (self.client_id, [self.client_id])
            or claims.get("azp", self.client_id) != self.client_id
        ):
            raise _wrong()
        if not isinstance(given, str) or not hmac.compare_digest(given.encode("utf-8", "replace"), nonce.encode()):
            raise _wrong()
        if isinstance(claims.get("id"), bool | float) or not _ACCOUNT.fullmatch(account):
            raise _wrong()
        return account

    async def _key(self, kid: object, now: int) -> RSAKey:
        """The key of that id. Keys are kept for an hour, and read again for an unknown one once a minute at most."""
        if not isinstance(kid, str) or len(kid) > 200:
            raise _wrong()
        for _ in range(2):
            for key in self._keys.keys if self._keys else ():
                if key.kid == kid and now - self._keys_read < _KEYS_KEPT and isinstance(key, RSAKey):
                    return key
            if self._keys is not None and now - self._keys_read < _KEYS_AGAIN:
                break
            found = (await self._read("GET", await self.endpoint("jwks_uri"))).get("keys")
            usable = [one for one in found or () if isinstance(one, dict) and one.get("kty") == "RSA"]
            usable = [
                one for one in usable if one.get("use", "sig") == "sig" and one.get("alg", ALGORITHM) == ALGORITHM
            ]
            self._keys, self._keys_read = KeySet.import_key_set({"keys": usable}), now
        raise _wrong()

    async def _read(self, method: str, url: str, **given: Any) -> dict[str, Any]:
        """The JSON object that the provider answers. Raises Unavailable, and WrongLogin where it refuses."""
        try:
            async with httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client:
                answer = await client.request(method, url, **given)
            if 400 <= answer.status_code < 500 and method == "POST":
                raise _wrong()
            found = answer.json() if answer.status_code == 200 and len(answer.content) <= _MOST_BYTES else None
        except (httpx.HTTPError, ValueError):
            found = None
        if not isinstance(found, dict):
            raise Unavailable("Telegram does not answer now; try again, or enter with a password or a link.")
        return found


async def begin_login(services: Services, provider: Provider, redirect: str) -> tuple[str, str]:
    """Where to send the browser, and the state that it must bring back, which its cookie holds."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    where = await provider.endpoint("authorization_endpoint")
    now = services.now()
    async with services.database.writing() as session:
        login = TelegramLogin(hash=hashed(state), nonce=nonce, verifier=verifier, expires_at=now + VALID)
        await logins.add_telegram(session, login, now)
    query = {
        "response_type": "code", "client_id": provider.client_id, "redirect_uri": redirect, "scope": "openid profile",
        "state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(query)}", state


async def finish_login(
    services: Services, provider: Provider, code: str, state: str, of_cookie: str, redirect: str, browser: Browser
) -> Entered:
    """Begin a session with what Telegram sent the browser back with. Raises WrongLogin, Refused and Unavailable."""
    if not of_cookie or not hmac.compare_digest(state.encode("utf-8", "replace"), of_cookie.encode("utf-8", "replace")):
        raise _wrong()
    async with services.database.writing() as session:
        begun = await logins.take_telegram(session, hashed(state), services.now())
    if begun is None:
        raise _wrong()
    nonce, verifier = begun
    account = await provider.account(await provider.id_token(code, verifier, redirect), nonce, services.now())
    async with services.database.writing() as session:
        return await begin(session, services, await user_of(session, account), "telegram", browser)


def jwt_header(token: str) -> dict[str, Any]:
    """The header of a token, which nothing has checked yet. Raises ValueError."""
    head = token.split(".")[0].encode()
    found = json.loads(base64.urlsafe_b64decode(head + b"=" * (-len(head) % 4)))
    if not isinstance(found, dict):
        raise ValueError("no header")
    return found


def _registry(issuer: str, client_id: str, now: int) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=now // 1000,
        leeway=_LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True},
    )


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost"))


def _wrong() -> WrongLogin:
    return WrongLogin("This login with Telegram was not begun here, is too old, or is not Telegram's; begin it again.")
