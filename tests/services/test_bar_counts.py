from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wickwork.context import Context
from wickwork.launch.bar_sources import BarSource, DemoSource, StoreSource
from wickwork.launch.markets import MarketRequest
from wickwork.market.demo import demo_bars
from wickwork.model.errors import NotFound
from wickwork.model.moments import moment_of
from wickwork.model.timeframe import parse_timeframe
from wickwork.services.child import Place, Tools
from wickwork.services.work import loaded_bars
from wickwork.services.work.bar_counts import bar_count

BEGIN, END = moment_of("2024-01-01"), moment_of("2024-01-11")


@pytest.fixture
def stored(tmp_path: Path) -> BarSource:
    """Ten days of two instruments in quarter hours, and of one in minutes."""
    store = Context(tmp_path).store
    for name, frame in (("BTC/USDT", "15m"), ("ETH/USDT", "15m"), ("ETH/USDT", "1m")):
        store.append(demo_bars(name, frame, BEGIN, END))
    return StoreSource(store)


def wanted(*names: str, timeframe: str = "1h", **more: Any) -> MarketRequest:
    return MarketRequest(list(names), timeframe=parse_timeframe(timeframe), **more)


@pytest.mark.parametrize(
    ("request_", "read_only", "count"),
    [
        (wanted("BTC/USDT", finer="none"), [], 960),  # hours are made of the quarter hours
        (wanted("BTC/USDT"), [], 960 + 960),
        (wanted("ETH/USDT"), [], 14_400 + 14_400),  # the shortest bars make the hours
        (wanted("BTC/USDT", timeframe="15m"), [], 960),
        (wanted("BTC/USDT", timeframe="15m"), ["ETH/USDT"], 960 + 960),
        (wanted("BTC/USDT", finer="none", start=END - 3_600_000), [], 4),
        (wanted("BTC/USDT", finer="none", start=END), [], 0),
        (wanted("BTC/USDT", finer="none", start=0, stop=2**60), [], 960),
    ],
)
def test_bars_are_counted_before_they_are_loaded(
    stored: BarSource, request_: MarketRequest, read_only: list[str], count: int
) -> None:
    assert bar_count(stored, request_, read_only) == count


def test_bars_of_the_demo_market_are_counted() -> None:
    span: dict[str, Any] = {"start": BEGIN, "stop": END}
    assert bar_count(DemoSource(), wanted("BTC/USDT", "ETH/USDT", **span), []) == 480
    assert bar_count(DemoSource(), wanted("BTC/USDT", finer="1m", **span), []) == 240 + 14_400
    with pytest.raises(NotFound):
        bar_count(DemoSource(), wanted("NOPE/USDT"), [])


def test_a_process_keeps_no_more_bars_than_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaded_bars, "_MOST_BARS", 1000)
    tools = Tools(Place(tmp_path, tmp_path), lambda share, stage: None, lambda text: None, lambda question: None)
    for days in (1, 20, 30, 50):
        request = wanted("BTC/USDT", start=BEGIN, stop=BEGIN + days * 86_400_000)
        market, _ = loaded_bars.load("demo", request, (), Context(tmp_path), tools)
        assert len(market.bars[0]) == days * 24
        kept = tools.memory["loaded_bars"].values()
        assert sum(len(bars) for _, loaded in kept for bars in loaded) <= 1000
