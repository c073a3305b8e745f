"""An assistant at work: from "what nodes are there for trends" to two backtests side by side.

It starts `wick mcp` and calls its tools as an assistant's program does, with the client of the MCP SDK
(`pip install 'wickwork[agents]'`), and prints what it asked and what was answered. No server has to run:

    python examples/assistants/agent_session.py FOLDER

keeps everything in FOLDER; without one in a folder that is removed at the end.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
from typing import Any

from mcp import Client, StdioServerParameters


async def ask(client: Client, tool: str, lines: int = 7, **arguments: Any) -> str:
    """Call a tool, print what was asked and the beginning of the answer, and return the whole answer."""
    given = ", ".join(f"{name}={_short(value)}" for name, value in arguments.items())
    print(f"> {tool}({given})")
    result = await client.call_tool(tool, arguments)
    text = "".join(part.text for part in result.content)
    answered = text.splitlines()
    for line in answered[:lines]:
        print(f"  {'error: ' if result.is_error else ''}{line if len(line) <= 150 else line[:149] + '…'}".rstrip())
    if len(answered) > lines:
        print(f"  … {len(answered) - lines} more lines")
    print()
    return text


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _id(text: str, what: str) -> str:
    found = re.search(rf"{what} (\w+)", text)
    if found is None:
        raise SystemExit(f"There is no {what} in: {text}")
    return found[1]


async def backtest(client: Client, **request: Any) -> str:
    """Run a backtest and return the id of its run. One that takes longer is a job, which is followed."""
    text = await ask(client, "run_backtest", **request)
    while " is done. Run " not in text:
        if " is queued" not in text and " is running" not in text:
            raise SystemExit(text)
        text = await ask(client, "get_job", job_id=_id(text, "Job"), wait=50)
    return _id(text, "Run")


async def session(client: Client) -> None:
    """The whole session."""
    await ask(client, "list_nodes", search="trends")
    await ask(client, "describe_node", name="supertrend")
    graph = json.loads(await ask(client, "get_template", name="supertrend_trailing"))

    broken = {**graph, "wires": graph["wires"][1:]}
    await ask(client, "check_graph", graph=broken)
    await ask(client, "check_graph", graph=graph)
    await ask(client, "explain_graph", graph=graph)

    saved = _id(await ask(client, "save_strategy", name="Supertrend", graph=graph), "strategy_id")
    span = {"start": "2022-01-01", "end": "2024-01-01"}
    first = await backtest(client, strategy_id=saved, **span)
    name = next(name for name, node in graph["nodes"].items() if node["type"] == "supertrend")
    changed = {f"{name}.multiplier": 4.0}
    second = await backtest(client, strategy_id=saved, params=changed, **span)

    await ask(client, "compare_runs", 16, run_ids=[first, second])
    await ask(client, "read_report", 32, run_id=second)
    await ask(client, "explain_bar", run_id=second, time="2023-03-05 14:00")
    await ask(client, "place_live_order", instrument="BTC/USDT")


async def main(folder: str) -> None:
    """The session over stdio."""
    keep = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "WICKWORK_CACHE")}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "wickwork", "mcp"], env={**keep, "WICKWORK_HOME": folder}
    )
    async with Client(server) as client:
        await session(client)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(main(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            asyncio.run(main(temporary))
