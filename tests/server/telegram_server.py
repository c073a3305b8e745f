"""A local server that plays Telegram's OpenID Connect: it checks the code, the client and PKCE as Telegram does."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "7000001", "client-secret-of-the-tests"


class Telegram:
    """What the server has, and what tests change of it."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256", "use": "sig"})
        self.published: list[dict[str, Any]] = [dict(self.key.as_dict(private=False))]
        self.codes: dict[str, dict[str, str]] = {}
        self.make: Callable[[dict[str, Any]], str] = self.signed
        """Makes the id token of claims; tests put forgeries here."""
        self.requests: list[str] = []
        self.now = 0
        self.issuer = ""
        self.stated_issuer = ""

    def authorize(self, url: str, account: Any = 4711) -> tuple[str, str]:
        """What a person who agrees causes: the code and the state with which the browser comes back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query | {"account": account}
        return code, query["state"]

    def claims(self, query: dict[str, Any]) -> dict[str, Any]:
        return {
            "iss": self.issuer, "aud": CLIENT, "sub": "opaque", "id": query["account"], "nonce": query["nonce"],
            "iat": self.now // 1000, "exp": self.now // 1000 + 300, "name": "Ann",
        }  # fmt: skip

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def exchange(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        begun = self.codes.pop(form.get("code", ""), None)
        right = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if begun is None or authorization != right or form["redirect_uri"] != begun["redirect_uri"]:
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != begun["code_challenge"]:
            return None
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.make(self.claims(begun))}


@contextmanager
def telegram_server() -> Iterator[Telegram]:
    """The server, at a port of its own."""
    telegram = Telegram()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            telegram.requests.append(self.path)
            base = telegram.issuer
            if self.path == "/.well-known/openid-configuration":
                self.answer(
                    {
                        "issuer": telegram.stated_issuer or base, "authorization_endpoint": f"{base}/auth",
                        "token_endpoint": f"{base}/token", "jwks_uri": f"{base}/keys",
                    }
                )  # fmt: skip
            else:
                self.answer({"keys": telegram.published})

        def do_POST(self) -> None:
            telegram.requests.append(self.path)
            raw = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(raw).items()}
            found = telegram.exchange(form, self.headers.get("authorization", ""))
            self.answer(found or {"error": "invalid_grant"}, 200 if found else 400)

        def answer(self, body: Any, status: int = 200) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    telegram.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield telegram
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
