"""What bars there are."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wickwork.model.bars import iso
from wickwork.server.mcp.answers import Skip, part_of_lines
from wickwork.server.mcp.tool import On, tool
from wickwork.services import data as service
from wickwork.services.access import Access


@tool(Access.READ)
async def data_coverage(
    on: On,
    search: Annotated[str, Field(max_length=60, description="Only instruments with this in their name: BTC.")] = "",
    skip: Skip = 0,
) -> str:
    """List the bars that backtests can use: stored series with their spans, and the demo market."""
    found = await service.series(on.services, on.caller)
    wanted = search.strip().lower()
    stored = [
        f"{one['instrument']} {one['timeframe']}{' of ' + one['venue'] if one['venue'] else ''}: {one['bars']:,} bars, "
        f"{iso(one['first'])} to {iso(one['last'])}"
        for one in found
        if not one["synthetic"] and wanted in f"{one['venue']} {one['instrument']}".lower()
    ]
    demo = [one for one in found if one["synthetic"]]
    names = [one["instrument"] for one in demo if wanted in one["instrument"].lower()]
    span = f"{iso(demo[0]['first'])} to {iso(demo[0]['last'])}"
    lines = [
        "STORED BARS (data='store')",
        *(stored or ["none" + (f" of {search}" if wanted else "")]),
        f"DEMO MARKET (data='demo', made-up prices, every timeframe from 1m, {span})",
        *(names or [f"none of {search}"]),
    ]
    return part_of_lines(lines, skip)
