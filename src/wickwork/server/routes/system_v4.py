"""System V4's endpoints, with its paths and shapes. `docs/server/system-v4.md` compares them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request, Response, WebSocket
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from wickwork.server.access import Of, Reader, caller_of, services_of, while_allowed
from wickwork.server.chart_socket import serve_chart
from wickwork.server.resource import Body, resource
from wickwork.services import system_v4 as service
from wickwork.services.access import Access

router = resource("", "System V4")

Symbol = Annotated[str, Query(min_length=1, max_length=40, description="As BTCUSDT.")]
TimeframeName = Annotated[str, Query(max_length=10, description="15m, 1h or 1d.")]


class Symbols(BaseModel):
    """The symbols that have bars."""

    symbols: list[str]
    count: int


class Timeframes(BaseModel):
    """The timeframes."""

    timeframes: list[str]


class Indicators(BaseModel):
    """All indicators, and which of them are on."""

    indicators: dict[str, Any]
    enabled: list[str]


class Klines(BaseModel):
    """Bars and indicators, by ISO time."""

    symbol: str
    timeframe: str
    data_points: int
    timestamp_start: str
    timestamp_end: str
    klines: dict[str, dict[str, float]]
    indicators: dict[str, dict[str, Any]]


class Signals(BaseModel):
    """Signals, by indicator."""

    symbol: str
    timeframe: str
    signals: dict[str, list[dict[str, Any]]]


class IndicatorChange(Body):
    """What to change of an indicator."""

    enabled: bool | None = None
    params: dict[str, float | int] = Field(default_factory=dict, max_length=20)


class Configured(BaseModel):
    """The configuration after a change."""

    status: Literal["success"] = "success"
    message: str
    current_config: dict[str, Any]


def data_of(connection: HTTPConnection) -> str:
    """Where bars come from: the store, or the demo market where the server was started with it."""
    return service.DEMO if connection.app.state.settings.demo else service.STORE


def name_source(request: Request, response: Response) -> None:
    """Say in a header where prices are made up."""
    if data_of(request) == service.DEMO:
        response.headers["X-Wickwork-Data"] = "demo market, made-up prices"


_NAMED = [Depends(name_source)]


@router.get("/api/symbols", dependencies=_NAMED)
async def symbols(services: Of, caller: Reader, request: Request) -> Symbols:
    """The symbols that have bars."""
    found = await service.symbols(services, caller, data_of(request))
    return Symbols(symbols=found, count=len(found))


@router.get("/api/timeframes")
async def timeframes(caller: Reader) -> Timeframes:
    """The timeframes."""
    return Timeframes(timeframes=list(service.TIMEFRAMES))


@router.get("/api/indicators")
async def indicators(services: Of, caller: Reader) -> Indicators:
    """All indicators, and which of them the caller has turned on."""
    return Indicators.model_validate(await service.indicators(services, caller))


@router.get("/api/klines", dependencies=_NAMED)
async def klines(
    services: Of,
    caller: Reader,
    request: Request,
    symbol: Symbol,
    timeframe: TimeframeName,
    limit: Annotated[int, Query(ge=1, le=20_000, description="How many bars, the last ones.")] = 500,
) -> Klines:
    """The last bars, with the caller's indicators."""
    return Klines.model_validate(await service.klines(services, caller, data_of(request), symbol, timeframe, limit))


@router.get("/api/signals", dependencies=_NAMED)
async def signals(services: Of, caller: Reader, request: Request, symbol: Symbol, timeframe: TimeframeName) -> Signals:
    """The signals of the caller's indicators over all bars."""
    return Signals.model_validate(await service.signals(services, caller, data_of(request), symbol, timeframe))


@router.post("/api/indicators/configure")
async def configure(services: Of, caller: Reader, body: dict[str, IndicatorChange]) -> Configured:
    """Change the caller's own configuration of indicators: all of the changes, or none where one is wrong."""
    changes = {name: change.model_dump(exclude_none=True) for name, change in body.items()}
    config = await service.configure(services, caller, changes)
    return Configured(message="The configuration was changed.", current_config=config)


@router.websocket("/ws/chart")
async def chart(socket: WebSocket, symbol: str = "", timeframe: str = "") -> None:
    """The last bar of a symbol: when asked for, and whenever the store gets a newer one."""
    caller = await caller_of(socket)
    caller.require(Access.READ)
    services = services_of(socket)
    serving = serve_chart(socket, services, caller, data_of(socket), symbol, timeframe)
    await while_allowed(socket, services, caller, serving)
