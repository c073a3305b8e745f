"""Assistants over HTTP, with the client of the SDK: which tools a token has, and a whole session."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.server.conftest import ClientOf, token_of
from wickwork.services import identity
from wickwork.services.core import Services

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
SESSION = Path(__file__).parents[2] / "examples" / "assistants" / "agent_session.py"
AssistantOf = Callable[..., Awaitable[Client]]


@pytest.fixture
async def assistant_of(app: FastAPI, services: Services) -> AsyncIterator[AssistantOf]:
    """Makes an assistant with a token: `await assistant_of(["read"])`; without scopes with those of a trader."""
    async with AsyncExitStack() as stack:
        number = 0

        async def make(scopes: list[str] | None = None, **settings: Any) -> Client:
            nonlocal number
            number += 1
            token = await token_of(services, "trader", number)
            if scopes is not None:
                caller = await identity.of_token(services, token)
                assert caller is not None
                token = (await identity.create_token(services, caller, "narrow", scopes))[1]
            http = httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app),
                base_url="http://127.0.0.1:8420",
                headers={"Authorization": f"Bearer {token}"},
                timeout=60.0,
            )
            await stack.enter_async_context(http)
            transport = streamable_http_client("http://127.0.0.1:8420/mcp", http_client=http)
            return await stack.enter_async_context(Client(transport, **settings))

        yield make


@pytest.mark.usefixtures("runner")
async def test_a_session_from_nodes_to_a_compared_pair(
    assistant_of: AssistantOf, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = importlib.util.spec_from_file_location("agent_session", SESSION)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    await module.session(await assistant_of())
    assert_is_a_whole_session(capsys.readouterr().out)


def assert_is_a_whole_session(log: str) -> None:
    asked = [line.partition("(")[0][2:] for line in log.splitlines() if line.startswith("> ")]
    assert asked[0] == "list_nodes"
    assert asked[-4:] == ["compare_runs", "read_report", "explain_bar", "place_live_order"]
    assert "supertrend(bars)" in log
    assert "and_2.a: nothing is wired to it; wire a condition to it." in log
    assert "strategy.params.trend.multiplier: A 3.0 | B 4.0" in log
    assert "REASONS FOR DOUBT" in log
    assert "did not act, because" in log
    errors = [line for line in log.splitlines() if line.startswith("  error: ")]
    assert len(errors) == 1
    assert errors[0].startswith("  error: There is no tool 'place_live_order'.")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_scopes_of_a_token_decide_which_tools_answer(assistant_of: AssistantOf, mode: str) -> None:
    reader, starter = await assistant_of(["read"], mode=mode), await assistant_of(["read", "run"], mode=mode)
    offered = {one.name for one in (await reader.list_tools()).tools}
    more = {one.name for one in (await starter.list_tools()).tools}
    assert more - offered == {"run_backtest", "run_sweep", "start_paper_run", "cancel_job"}
    refused = await reader.call_tool("run_backtest", {"graph": {}})
    assert refused.is_error
    assert refused.content[0].text == "The token has no scope run; create one with it."  # type: ignore[union-attr]
    assert "save_strategy" not in more
    assert (await starter.call_tool("save_strategy", {"graph": {}, "name": "x"})).is_error


async def test_without_a_token_or_from_another_site_there_is_no_answer(client_of: ClientOf) -> None:
    nobody, trader = await client_of(), await client_of("trader")
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert (await nobody.post("/mcp", json=asked)).status_code == 401
    assert (await trader.post("/mcp", json=asked, headers={"Origin": "http://evil.example"})).status_code == 403
    assert (await trader.post("/mcp", json=asked, headers={"Host": "evil.example"})).status_code == 403
    assert (await trader.get("/mcp")).status_code == 405


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"jsonrpc": "2.0"}', b"[" * 100_000, b"null"])
async def test_nonsense_is_refused(client_of: ClientOf, body: bytes) -> None:
    trader = await client_of("trader")
    headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    answer = await trader.post("/mcp", content=body, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text


async def test_a_message_that_is_too_large_is_refused(client_of: ClientOf) -> None:
    trader = await client_of("trader")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 100_000

    assert (await trader.post("/mcp", content=endless())).status_code == 413


async def test_runs_of_others_are_not_there(assistant_of: AssistantOf) -> None:
    one, other = await assistant_of(), await assistant_of()
    saved = await one.call_tool("save_strategy", {"name": "mine", "graph": {"schema": 1, "nodes": {}, "wires": []}})
    strategy = saved.content[0].text.partition("strategy_id ")[2].partition(")")[0]  # type: ignore[union-attr]
    assert not (await one.call_tool("get_strategy", {"strategy_id": strategy})).is_error
    missing = await other.call_tool("get_strategy", {"strategy_id": strategy})
    assert missing.is_error
    assert missing.content[0].text == f"There is no strategy {strategy!r}."  # type: ignore[union-attr]
