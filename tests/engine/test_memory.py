"""Memory of runs that are gone is used again, and never that of one that somebody still looks at."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from wickwork import Terms, backtest, strategy, ta, trade
from wickwork.engine import memory
from wickwork.engine.memory import LEAST, rows_of
from wickwork.market.demo import demo_bars
from wickwork.orders.records import FILL

WORDS = np.dtype(np.int64)
MANY = LEAST // 8


@pytest.fixture(autouse=True)
def no_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_blocks", [])


def test_memory_that_nobody_holds_is_used_again() -> None:
    rows = rows_of(MANY, WORDS)
    place = rows.ctypes.data
    del rows
    assert rows_of(MANY // 2 + 1, FILL).nbytes > LEAST
    again = rows_of(MANY, WORDS)
    assert again.ctypes.data == place


@pytest.mark.parametrize("look", [lambda a: a, lambda a: a[3:9][::2], lambda a: a.view("f8").reshape(2, -1).T[1:]])
def test_memory_that_any_view_holds_is_not(look: object) -> None:
    rows = rows_of(MANY, WORDS)
    rows[:] = 7
    seen = look(rows)  # type: ignore[operator]
    before = seen.copy()
    del rows
    gc.collect()
    others = [rows_of(MANY, WORDS) for _ in range(3)]
    for other in others:
        other[:] = -1
    np.testing.assert_array_equal(seen, before)
    assert len({other.ctypes.data for other in others}) == 3


def test_fields_and_buffers_hold_it_too() -> None:
    rows = rows_of(MANY, FILL)
    rows["price"] = 5.0
    prices, buffer = rows["price"][:100], memoryview(rows.view(np.uint8))
    first = bytes(buffer[:64])
    del rows
    rows_of(MANY, FILL).view(np.uint8)[:] = 255
    del prices
    rows_of(MANY, FILL).view(np.uint8)[:] = 255
    assert bytes(buffer[:64]) == first


def test_no_more_is_kept_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT", 3 * LEAST)
    held = [rows_of(MANY, WORDS) for _ in range(5)]
    for number, rows in enumerate(held):
        rows[:] = number
    assert sum(map(len, memory._blocks)) == 3 * LEAST
    assert [int(rows[-1]) for rows in held] == [0, 1, 2, 3, 4]
    assert len(rows_of(4 * MANY, WORDS)) == 4 * MANY
    assert memory._blocks == []


def test_little_memory_is_none_of_its_business() -> None:
    assert len(rows_of(10, WORDS)) == 10
    assert memory._blocks == []


def test_threads_never_share() -> None:
    def work(number: int) -> bool:
        for _ in range(200):
            rows = rows_of(MANY, WORDS)
            rows[:: MANY // 64] = number
            if (rows[:: MANY // 64] != number).any():
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(8)))


def test_results_of_a_run_outlive_later_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LEAST", 1)
    bars = demo_bars("BTC/USDT", "1h")

    def run(fast: int) -> object:
        with strategy("cross") as s:
            one, other = ta.ema(s.bars.close, period=fast), ta.ema(s.bars.close, period=30)
            trade.buy(when=ta.crosses_above(one, other), size=trade.percent_of_equity(50))
            trade.close(when=ta.crosses_below(one, other))
        return backtest(s, bars, terms=Terms(capital=1e4))

    first = run(5).history  # type: ignore[attr-defined]
    equity, fills, round_trips = first.equity, first.fills, first.round_trips
    copies = equity.copy(), fills.copy(), round_trips.copy()
    del first
    for fast in range(3, 12):
        run(fast)
    for kept, copy in zip((equity, fills, round_trips), copies, strict=True):
        assert kept.tobytes() == copy.tobytes()
    assert len(round_trips) > 5
    assert memory._blocks
