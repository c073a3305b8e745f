"""How many nanoseconds a bar costs: `python benchmarks/speed.py [bars]`, medians of seven runs after a warm-up.

The time is that of `Machine.run`: from bars in memory to equity at every bar, fills, orders, round trips and running
statistics.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from market import walk
from wickwork import Bars, Instrument, Strategy, Terms, strategy, ta, trade
from wickwork.engine.backtest import feed_for
from wickwork.engine.machine import Machine
from wickwork.graph.program import plan

RUNS = 7


def cross(levels: dict[str, object] | None = None, fast: int = 12, slow: int = 26, size: Any = None) -> Strategy:
    """Two averages that cross; all in, market orders."""
    with strategy("cross") as s:
        a = ta.ema(s.bars.close, period=fast, seed="first", name="fast")
        b = ta.ema(s.bars.close, period=slow, seed="first", name="slow")
        trade.buy(when=ta.crosses_above(a, b), size=size or trade.percent_of_equity(100), **(levels or {}))
        trade.close(when=ta.crosses_below(a, b))
    return s


BRACKET = {"stop_loss": trade.percent(2), "take_profit": trade.percent(5), "trailing": trade.percent(2)}


def twenty() -> Strategy:
    """Twenty operations: six indicators, fourteen of maths, comparison and logic; with stops."""
    with strategy("twenty") as s:
        close = s.bars.close
        a, b = ta.ema(close, period=12, seed="first"), ta.ema(close, period=26, seed="first")
        r, v = ta.rsi(close, period=14), ta.atr(period=14)
        d, m = ta.standard_deviation(close, period=20), ta.sma(close, period=50)
        spread = a - b
        scaled = spread / v
        widest = ta.max(v, d)
        total = widest * widest + r
        half = m * 0.5
        calm = (close > half) & (total > scaled) & (r > 0.0)
        up = ta.crosses_above(a, b) & calm
        trade.buy(when=up, size=trade.percent_of_equity(100), **BRACKET)
        trade.close(when=ta.crosses_below(a, b))
    return s


def reading() -> Strategy:
    """With exits that read the position at every bar."""
    s = cross(BRACKET)
    with s:
        held = ta.bars_held() > 40.0
        won = ta.unrealised_percent() > 0.3
        trade.close(when=held | won, name="leave")
    return s


def grid() -> Strategy:
    """Ten limit orders that follow the price; one fills about every fourth bar."""
    with strategy("grid") as s:
        trade.grid(when=s.bars.close > 0.0, size=trade.quantity(1), spacing=trade.percent(0.135), levels=5)
    return s


def perpetual(bars: Bars) -> Bars:
    """The same bars as those of a perpetual, which can be sold short."""
    columns = (bars.opened_at, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return Bars.of(Instrument(bars.instrument.base, "USDT", "USDT"), bars.timeframe, *columns, source=bars.source)


def measure(name: str, s: Strategy, bars: Sequence[Bars], terms: Terms) -> None:
    """Print what one strategy costs per instrument and bar."""
    program = plan(s.check(), bars[0].timeframe)
    feed = feed_for(bars, terms)
    machine = Machine(program, feed, terms)
    took = median(lambda: Machine(program, feed, terms), lambda m: m.run(feed.size))
    machine.run(feed.size)
    account = machine.arrays["account"][0]
    cells = feed.size * len(bars)
    print(
        f"{name:34s} {took / cells * 1e9:7.2f} ns/bar   {took * 1e3:8.2f} ms   "
        f"{account['fill_rows']:7d} fills {account['closed_order_rows']:7d} orders "
        f"{account['round_trip_total']:6d} trades"
    )


def median(prepare: Callable[[], Machine], run: Callable[[Machine], None]) -> float:
    """The median time of the runs, in seconds."""
    times = []
    for _ in range(RUNS + 1):
        subject = prepare()
        gc.collect()
        begin = time.perf_counter()
        run(subject)
        times.append(time.perf_counter() - begin)
    return statistics.median(times[1:])


def live(s: Strategy, bars: Bars) -> None:
    """One bar at a time, as live trading steps."""
    terms = Terms(capital=1e6)
    machine = Machine(plan(s.check(), bars.timeframe), feed_for([bars], terms), terms)
    machine.run(1000)
    times = []
    for i in range(1000, 11_000):
        begin = time.perf_counter()
        machine.run(i + 1)
        times.append(time.perf_counter() - begin)
    operations = len(machine.program.operations)
    print(f"{'live, ' + str(operations) + ' operations':34s} {statistics.median(times) * 1e6:7.2f} µs/bar")


def main() -> None:
    """Measure all of it."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    bars, terms = walk(size), Terms(capital=1e6)
    measure("EMA cross, all in", cross(), [bars], terms)
    measure("EMA 120/260 cross", cross(fast=120, slow=260), [bars], terms)
    measure("EMA cross, stop, target, trail", cross(BRACKET), [bars], terms)
    measure("twenty operations with stops", twenty(), [bars], terms)
    measure("position read at every bar", reading(), [bars], terms)
    measure("grid of ten limits", grid(), [perpetual(bars)], terms)
    universe = [walk(50_000, 43 + i, "1h", 0.006, f"C{i}") for i in range(38)]
    measure("38 instruments, one account", cross(size=trade.percent_of_cash(10)), universe, terms)
    live(twenty(), bars)


if __name__ == "__main__":
    main()
