"""Parts of a run: its figures, tables, curves and wires."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from wickwork.model.errors import InputError
from wickwork.server.access import Of, Reader
from wickwork.server.resource import resource
from wickwork.server.routes.evaluate import Client, Curve
from wickwork.services import recomputed, run_tables
from wickwork.services import runs as service

router = resource("/api/runs/{run_id}", "runs")

_LATEST = 2**53
From = Annotated[
    int | None, Query(alias="from", ge=0, le=_LATEST, description="Not before this moment (ms since 1970, UTC).")
]
To = Annotated[int | None, Query(alias="to", ge=0, le=_LATEST, description="Before this moment (ms since 1970, UTC).")]
Points = Annotated[
    int, Query(ge=2, le=20_000, description="The most points of a curve; all curves have at most 300,000.")
]


class Figure(BaseModel):
    """A figure of a run, and what it means."""

    name: str
    title: str
    unit: str = Field(description="percent, ratio, quote, R, bars, days or count; empty where it is not known.")
    group: str
    better: str = Field(description="higher, lower, or empty where neither is.")
    help: str = Field(description="The formula in words.")
    value: Any = Field(description="A number, or null where there is too little data.")


class Rows(BaseModel):
    """Some rows of a table."""

    items: list[dict[str, Any]] = Field(description="One object for each row; moments are ms since 1970, UTC.")
    total: int = Field(description="All rows in the window.")
    next: int | None = Field(description="What to give as `after` for those that follow; null after the last ones.")


class Equity(BaseModel):
    """Equity in a window."""

    bars: int = Field(description="The bars of the window.")
    equity: Curve
    drawdown_percent: Curve = Field(description="How far equity is below its highest value so far, in percent.")


class Wires(BaseModel):
    """Wires in a window."""

    instruments: list[str]
    bars: int = Field(description="The bars of the window.")
    first_bar: int = Field(description="The number of its first bar.")
    wires: dict[str, list[Curve]] = Field(description="For each wire a curve for each instrument.")


class BarExplained(BaseModel):
    """One bar of one instrument."""

    bar: int
    opened_at: str
    instrument: str
    values: dict[str, float | None] = Field(description="Every wire by name; null where the value is missing.")
    position: float
    equity: float
    decisions: list[str] = Field(description="One sentence for every action.")
    events: list[str] = Field(description="What the venue did in this bar.")
    text: str = Field(description="The same as text.")


@router.get("/stats")
async def stats(services: Of, caller: Reader, run_id: str) -> list[Figure]:
    """Every figure with its title, its unit and what is better."""
    return [Figure.model_validate(one) for one in await service.stats(services, caller, run_id)]


def _table(name: str) -> Callable[..., Awaitable[Rows]]:
    async def rows(
        services: Of,
        caller: Reader,
        run_id: str,
        start: From = None,
        stop: To = None,
        after: Annotated[int, Query(ge=0, le=_LATEST, description="`next` of the page before.")] = 0,
        count: Annotated[int, Query(ge=1, le=1000, description="How many rows at most.")] = 200,
    ) -> Rows:
        request = {"from": start, "to": stop, "after": after, "count": count}
        return Rows.model_validate(await run_tables.rows(services, caller, run_id, name, request))

    rows.__name__ = name
    rows.__doc__ = f"A page of the {name}: those that were going on in the window."
    return rows


for _name in ("trades", "orders", "fills", "exits", "denied", "notifications"):
    router.add_api_route(f"/{_name}", _table(_name))


@router.get("/equity")
async def equity(
    services: Of, caller: Reader, run_id: str, start: From = None, stop: To = None, points: Points = 2000
) -> Equity:
    """Equity and drawdown; where there are more bars than points, the lowest and the highest value of each stretch."""
    request = {"from": start, "to": stop, "points": points}
    return Equity.model_validate(await run_tables.equity(services, caller, run_id, request))


@router.get("/columns")
async def columns(
    services: Of,
    caller: Reader,
    run_id: str,
    wires: Annotated[str, Query(min_length=1, max_length=5000, description="Up to 50 wires, as fast,bands.upper.")],
    start: From = None,
    stop: To = None,
    points: Points = 2000,
    client: Client = "",
) -> Wires:
    """Any wire in a window. The run is computed again for it; 409 where the bars or the engine have changed since."""
    names = [one.strip() for one in wires.split(",") if one.strip()]
    if not 1 <= len(names) <= 50:
        raise InputError("Name 1 to 50 wires in `wires`, separated by commas, as fast,bands.upper.")
    request = {"wires": names, "from": start, "to": stop, "points": points}
    return Wires.model_validate(await recomputed.columns(services, caller, run_id, request, client))


@router.get("/explain")
async def explain(
    services: Of,
    caller: Reader,
    run_id: str,
    bar: Annotated[
        int | None, Query(ge=-_LATEST, le=_LATEST, description="The number of the bar; below 0 from the end.")
    ] = None,
    time: Annotated[int | None, Query(ge=0, le=_LATEST, description="Or a moment in it, ms since 1970, UTC.")] = None,
    instrument: Annotated[str | None, Query(max_length=100, description="The first one without it.")] = None,
) -> BarExplained:
    """Why orders were or were not made on a bar. The run is computed again up to it; 409 as for `columns`."""
    if (bar is None) == (time is None):
        raise InputError("Name the bar by `bar` or by `time`; give one of the two.")
    request = {"bar": bar, "time": time, "instrument": instrument}
    return BarExplained.model_validate(await recomputed.explain(services, caller, run_id, request))
