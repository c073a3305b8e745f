"""The page, the pages about the API, and the specification behind them."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.server.conftest import ClientOf
from wickwork.server.page import PAGES, Pages, assets_in

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
BUILT = pytest.mark.skipif(not (PAGES / "reference").exists(), reason="`make page` was not run")
HTML = {"Accept": "text/html,*/*"}


@pytest.fixture
async def client(client_of: ClientOf) -> httpx.AsyncClient:
    return await client_of()


async def test_addresses_of_the_page_give_the_shell(client: httpx.AsyncClient) -> None:
    for path in ("/", "/strategies/06h2", "/runs/a/b", "/strategies%20x"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert answer.text.startswith("<!doctype html>")
        assert answer.headers["cache-control"] == "no-cache"
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


async def test_what_is_not_there_below_api_is_a_problem(client: httpx.AsyncClient) -> None:
    accepts = ("text/html", "application/json", "*/*", "image/png", "")
    methods = ("GET", "HEAD", "POST", "DELETE", "PUT")
    paths = ("/api", "/api/", "/api/typo", "/api/typo/deep", "/api/jobs.js", "/metrics/x", "/docs/x", "/ws/x")
    for accept, method, path in product(accepts, methods, paths):
        answer = await client.request(method, path, headers={"Accept": accept})
        assert answer.status_code == 404, (method, path, accept)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_somebody_who_opens_a_used_link_reads_a_page(client: httpx.AsyncClient) -> None:
    browser = {"Accept": "text/html,*/*", "Sec-Fetch-Mode": "navigate"}
    for path, status in (("/enter?link=used", 403), ("/api/typo", 404), ("/api/<b>", 404), ("/api/jobs", 401)):
        answer = await client.get(path, headers=browser)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "<b>" not in answer.text
    assert "`wick link` prints a new one" in (await client.get("/enter?link=used", headers=browser)).text


async def test_another_method_than_a_route_has_is_refused_as_such(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/api/health", headers=HTML)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


async def test_no_address_leads_out_of_the_folder(client: httpx.AsyncClient) -> None:
    for path in (
        "/../app.py", "/%2e%2e/app.py", "/..%2fapp.py", "/assets/..%5c..%5capp.py", "/%2fetc/passwd.txt", "/.hidden.js",
        "/a%00.js", "/style.css%00", "//etc/passwd.txt", f"/{'x' * 9000}.js", "/%ff%fe.css", "/%F0%9F%98%80.js",
    ):  # fmt: skip
        answer = await client.get(path)
        assert answer.status_code == (400 if "%00" in path else 404), path
        assert "from __future__" not in answer.text


async def test_a_file_that_the_client_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    for path in ("/", "/style.css", "/docs"):
        first = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["content-security-policy"]
        head = await client.head(path)
        assert head.status_code == 200
        assert head.headers["content-length"] == first.headers["content-length"]


async def test_hashed_files_never_change_and_others_are_asked_for_again(tmp_path: Path, app: FastAPI) -> None:
    folder = tmp_path / "pages"
    for name in ("index.html", "assets/index-Bx12.js", "assets/.map", "robots.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    assert set(assets_in(folder)) == {"index.html", "assets/index-Bx12.js", "robots.txt"}
    app.router.default = Pages(app.router.default, folder)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8420") as client:
        hashed = await client.get("/assets/index-Bx12.js")
        assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert hashed.headers["content-type"].startswith("text/javascript")
        assert (await client.get("/robots.txt")).headers["cache-control"] == "no-cache"
        assert (await client.get("/assets/index-Old1.js")).status_code == 404
        before = (await client.get("/robots.txt")).headers["etag"]
        (folder / "robots.txt").write_text("changed")
        assert (await client.get("/robots.txt")).headers["etag"] != before


async def test_the_own_page_lists_every_route(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert "<script" not in page.text
    for path in (await client.get("/api/openapi.json")).json()["paths"]:
        assert f"<code>{path}</code>" in page.text


@BUILT
async def test_pages_of_others_need_nothing_but_this_server(client: httpx.AsyncClient) -> None:
    for path in ("/redoc", "/swagger"):
        page = await client.get(path)
        assert page.status_code == 200
        assert "script-src 'self';" in page.headers["content-security-policy"]
        named = [part.split('"')[0] for part in page.text.replace('href="', 'src="').split('src="')[1:]]
        assert len(named) >= 2
        for address in named:
            assert (await client.get(address)).status_code == 200, address
    assert (await client.get("/reference/licences.txt")).status_code == 200


async def test_the_specification_is_complete(client: httpx.AsyncClient) -> None:
    found: dict[str, Any] = (await client.get("/api/openapi.json")).json()
    assert found["openapi"].startswith("3.1")
    assert set(found["components"]["securitySchemes"]) == {"token", "session", "csrf"}
    known = {tag["name"]: tag["description"] for tag in found["tags"]}
    public = set()
    for path, verbs in found["paths"].items():
        for verb, route in verbs.items():
            assert route["tags"][0] in known
            assert known[route["tags"][0]], route["tags"]
            assert route["summary"]
            assert not route["summary"].endswith(".")
            if not route["security"]:
                public.add(path)
            elif verb == "post":
                assert {"session": [], "csrf": []} in route["security"]
    assert {"/api/health", "/api/health/ready", "/enter"} <= public
    entering = ("/enter", "/api/session", "/api/telegram", "/api/verify-token", "/api/health")
    assert not [path for path in public if not path.startswith(entering)]
