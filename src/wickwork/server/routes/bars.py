"""Bars for charts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Header, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wickwork.server.access import Of, Reader
from wickwork.server.resource import resource
from wickwork.server.routes.run_parts import From, To
from wickwork.services import bars as service

router = resource("/api/bars", "data")

ARROW = "application/vnd.apache.arrow.stream"


class Candles(BaseModel):
    """A window of bars as columns of equal length. Where bars were merged, one candle is `bars_per_candle` of them."""

    instrument: str
    venue: str = Field(description="Empty where the bars have none.")
    timeframe: str
    synthetic: bool = Field(description="True where prices are made up.")
    first: int = Field(description="When the first bar of the whole series opens, ms since 1970, UTC.")
    last: int = Field(description="When its last bar opens.")
    bars: int = Field(description="The bars in the window.")
    bars_per_candle: int
    opened_at: list[int] = Field(description="ms since 1970, UTC.")
    open: list[float]
    high: list[float]
    low: list[float]
    close: list[float]
    volume: list[float]


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Candles,
        "description": "JSON, or an Arrow IPC stream with the same columns where `Accept` names it.",
        "content": {ARROW: {"schema": {"type": "string", "format": "binary"}}},
    },
    304: {"description": "The bars have not changed since `If-None-Match`."},
}


@router.get("", response_class=Response, responses=_ANSWERS)
async def window(
    services: Of,
    caller: Reader,
    instrument: Annotated[str, Query(min_length=1, max_length=100, description="As BTC/USDT.")],
    timeframe: Annotated[str, Query(max_length=20, description="As 1h; also one that stored bars make.")] = "1h",
    data: Annotated[Literal["demo", "store"], Query(description="The demo market, or the stored bars.")] = "demo",
    venue: Annotated[str, Query(max_length=50, description="Where several venues have the instrument.")] = "",
    start: From = None,
    stop: To = None,
    points: Annotated[
        int, Query(ge=2, le=5000, description="The most candles; also the bars that are shown without `from`.")
    ] = 2000,
    accept: Annotated[str, Header(max_length=1000)] = "application/json",
    if_none_match: Annotated[str, Header(max_length=1000, description="ETags that the client has.")] = "",
) -> Response:
    """The bars of a window. Without `from` these are the last ones before `to`."""
    request = {
        "instrument": instrument, "timeframe": timeframe, "data": data, "venue": venue, "from": start, "to": stop,
        "points": points, "arrow": ARROW in accept.lower(), "etags": _etags(if_none_match),
    }  # fmt: skip
    etag, content = await service.window(services, caller, request)
    headers = {"ETag": f'"{etag}"', "Vary": "Accept", "Cache-Control": "private, no-cache"}
    if content is None:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=ARROW if isinstance(content, bytes) else "application/json", headers=headers)


def _etags(given: str) -> list[str]:
    return [one.strip().removeprefix("W/").strip('"') for one in given.split(",") if one.strip()]
