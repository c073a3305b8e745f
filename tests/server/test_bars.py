from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pyarrow as pa
import pytest

from tests.server.conftest import ClientOf
from wickwork.context import Context
from wickwork.market.demo import demo_bars
from wickwork.market.resample import resample
from wickwork.model.bars import COLUMNS, Bars
from wickwork.model.moments import moment_of
from wickwork.server.routes.bars import ARROW
from wickwork.services.core import Services

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
DAY = 86_400_000
BEGIN, END = moment_of("2024-01-01"), moment_of("2024-03-01")
SPAN = {"from": BEGIN, "to": END, "instrument": "BTC/USDT", "timeframe": "1h"}


@pytest.fixture
async def client(client_of: ClientOf) -> httpx.AsyncClient:
    return await client_of("viewer")


@pytest.fixture
def stored(services: Services) -> Bars:
    """Quarter hours of two venues in the store."""
    bars = demo_bars("BTC/USDT", "15m", BEGIN, END)
    for venue in ("binance", "kraken"):
        Context(services.home).store.append(replace(bars, instrument=replace(bars.instrument, venue=venue)))
    return bars


def same(found: Any, bars: Bars) -> bool:
    return all(found[name] == getattr(bars, name).tolist() for name in ("opened_at", *COLUMNS))


async def test_a_window_has_its_bars(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/bars", params=SPAN)).json()
    assert same(found, demo_bars("BTC/USDT", "1h", BEGIN, END))
    assert (found["synthetic"], found["bars"], found["bars_per_candle"]) == (True, 60 * 24, 1)


async def test_too_many_bars_are_merged(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/bars", params={**SPAN, "points": 100})).json()
    bars = demo_bars("BTC/USDT", "1h", BEGIN, END)
    assert len(found["close"]) <= 100
    assert (found["bars"], found["open"][0], found["close"][-1]) == (len(bars), bars.open[0], bars.close[-1])
    assert (max(found["high"]), min(found["low"])) == (bars.high.max(), bars.low.min())
    assert sum(found["volume"]) == pytest.approx(bars.volume.sum(), rel=1e-12)


async def test_candles_stay_the_same_when_the_window_is_moved(client: httpx.AsyncClient) -> None:
    by = 5 * DAY + 7 * 3_600_000
    moved = {"from": BEGIN + by, "to": END + by}
    one, other = [(await client.get("/api/bars", params={**SPAN, "points": 100, **m})).json() for m in ({}, moved)]
    assert one["bars_per_candle"] == other["bars_per_candle"]
    inner = [at for at in one["opened_at"] if at > other["opened_at"][0]]
    assert inner == other["opened_at"][1 : len(inner) + 1]


async def test_timeframes_that_the_store_does_not_have_are_made(client: httpx.AsyncClient, stored: Bars) -> None:
    wanted = {**SPAN, "data": "store", "venue": "kraken"}
    for frame in ("15m", "1h", "4h"):
        found = (await client.get("/api/bars", params={**wanted, "timeframe": frame, "points": 5000})).json()
        slower = resample(stored, frame).slice(0, None) if frame != "15m" else stored.slice(0, None)
        assert (
            found["opened_at"] == slower.opened_at.tolist()[: len(found["opened_at"])] or found["bars_per_candle"] > 1
        )
        assert (found["venue"], found["synthetic"]) == ("kraken", False)
    answer = await client.get("/api/bars", params={**wanted, "timeframe": "7m"})
    assert (answer.status_code, "15m" in answer.json()["detail"]) == (404, True)


async def test_without_a_beginning_the_last_bars_are_shown(client: httpx.AsyncClient, stored: Bars) -> None:
    found = (
        await client.get(
            "/api/bars", params={"instrument": "KRAKEN:BTC/USDT", "data": "store", "timeframe": "15m", "points": 50}
        )
    ).json()
    assert same(found, stored.slice(len(stored) - 50, len(stored)))
    assert (found["first"], found["last"]) == (stored.opened_at[0], stored.opened_at[-1])


async def test_a_window_outside_of_the_series_is_empty(client: httpx.AsyncClient, stored: Bars) -> None:
    for span in ({"from": 0, "to": 5}, {"from": 9_000_000_000_000}, {"from": 7, "to": 3}):
        answer = await client.get("/api/bars", params={**SPAN, "venue": "kraken", "data": "store", **span})
        assert (answer.status_code, answer.json()["close"]) == (200, [])


async def test_bars_are_answered_as_arrow(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/bars", params=SPAN, headers={"Accept": ARROW})
    assert answer.headers["content-type"] == ARROW
    table = pa.ipc.open_stream(answer.content).read_all()
    bars = demo_bars("BTC/USDT", "1h", BEGIN, END)
    assert table["close"].to_pylist() == bars.close.tolist()
    assert table["opened_at"].cast(pa.int64()).to_pylist() == bars.opened_at.tolist()


async def test_a_client_that_has_the_bars_gets_them_again_when_they_changed(
    client: httpx.AsyncClient, services: Services, stored: Bars
) -> None:
    wanted = {**SPAN, "data": "store", "venue": "kraken"}
    first = await client.get("/api/bars", params=wanted)
    mine = {"If-None-Match": f'"x", W/{first.headers["etag"]}'}
    same_bars = await client.get("/api/bars", params=wanted, headers=mine)
    assert (same_bars.status_code, same_bars.content) == (304, b"")
    assert (await client.get("/api/bars", params=wanted, headers={**mine, "Accept": ARROW})).status_code == 200
    more = demo_bars("BTC/USDT", "15m", END, END + DAY)
    Context(services.home).store.append(replace(more, instrument=replace(more.instrument, venue="kraken")))
    changed = await client.get("/api/bars", params=wanted, headers=mine)
    assert (changed.status_code, changed.headers["etag"] != first.headers["etag"]) == (200, True)


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"instrument": "NOPE/USDT"}, 404, "NOPE"),
        ({"instrument": ""}, 422, "instrument"),
        ({"instrument": "BTC/USDT", "data": "store"}, 404, "BTC/USDT"),
        ({"instrument": "\x00"}, 400, "NUL"),
        ({"timeframe": "7q"}, 422, "7q"),
        ({"timeframe": "1s"}, 422, "1m"),
        ({"timeframe": "999999999w"}, 200, ""),
        ({"from": "yesterday"}, 422, "from"),
        ({"from": -1}, 422, "from"),
        ({"points": 1}, 422, "points"),
        ({"data": "/etc"}, 422, "data"),
        ({"from": 0, "to": 9_000_000_000_000, "timeframe": "1m", "instrument": "BTC/USDT:USDT"}, 200, "candle"),
    ],
)
async def test_what_is_wrong_is_named(client: httpx.AsyncClient, change: Any, status: int, words: str) -> None:
    answer = await client.get("/api/bars", params={**SPAN, **change})
    assert (answer.status_code, words in answer.text) == (status, True), answer.text[:500]


async def test_a_window_of_too_many_bars_is_refused(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wickwork.services.work.bars.MOST_BARS", 1000)
    answer = await client.get("/api/bars", params=SPAN)
    assert (answer.status_code, "1,440 bars" in answer.json()["detail"]) == (422, True)
