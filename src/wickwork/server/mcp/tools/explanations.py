"""Why a backtest did or did not trade."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wickwork.model.errors import InputError
from wickwork.model.moments import moment_of
from wickwork.server.mcp.answers import Skip, part_of_lines
from wickwork.server.mcp.arguments import RunId
from wickwork.server.mcp.tool import On, tool
from wickwork.services import recomputed
from wickwork.services.access import Access


@tool(Access.READ)
async def explain_bar(
    on: On,
    run_id: RunId,
    bar: Annotated[
        int | None, Field(ge=-(10**9), le=10**9, description="Its number, from 0; -1 is the last one.")
    ] = None,
    time: Annotated[
        str | None, Field(max_length=40, description="Or a time inside it: 2024-03-05 14:00 (UTC).")
    ] = None,
    instrument: Annotated[str | None, Field(max_length=60, description="As BTC/USDT; the first one without.")] = None,
    skip: Skip = 0,
) -> str:
    """Explain one bar of a backtest: for each action why it did or did not trade, and the value of every wire."""
    at = moment_of(time) if time is not None else None
    if (bar is None) == (at is None):
        raise InputError("Name one bar: its number, or a time inside it; give one of the two.")
    wanted = {"bar": bar, "time": at, "instrument": instrument}
    found = await recomputed.explain(on.services, on.caller, run_id, wanted)
    lines = [
        f"Bar {found['bar']} ({found['opened_at']}) of {found['instrument']}: holds "
        f"{found['position']:g}, equity {found['equity']:,.2f}",
        *found["events"],
        *found["decisions"],
        "values:",
        *(f"{n} = {'missing' if v is None else f'{v:.10g}'}" for n, v in sorted(found["values"].items())),
    ]
    return part_of_lines(lines, skip)
