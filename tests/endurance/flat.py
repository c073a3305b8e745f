"""Memory over ten million live bars: `python -m tests.endurance.flat [bars]`.

A bot hears bars one by one through `advance`: two instruments, a perpetual among them (funding moments pile up), a
strategy that trades often, with stops that trail. Bars are made in chunks, nothing is kept. After the first tenth and
then at every further tenth the resident memory is read, after garbage is collected; it must not have grown by a
megabyte at the end.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from wickwork import strategy, ta, trade
from wickwork.engine.advance import advance
from wickwork.engine.bot import Bot
from wickwork.engine.window import Universe
from wickwork.graph.check import ValidatedGraph
from wickwork.graph.program import plan
from wickwork.model.events import BarsClosed
from wickwork.model.instrument import parse_instrument
from wickwork.model.timeframe import MINUTE, Timeframe
from wickwork.nodes import builtin
from wickwork.sim.terms import Terms
from wickwork.strategies.load import Loaded

BARS = 10_000_000
CHUNK = 5_000
LANES = ("BTC/USDT", "ETH/USDT:USDT")
STEP = 15 * MINUTE
ROOM = 1024 * 1024
"""Bytes that the resident memory may grow by after the first tenth."""


def busy() -> ValidatedGraph:
    """A strategy that goes in and out all the time, with sizes so small that fees never end it."""
    with strategy("busy") as s:
        close = s.bars.close
        fast, slow = ta.ema(close, period=5), ta.sma(close, period=20)
        trade.buy(
            when=ta.crosses_above(fast, slow), size=trade.quantity(0.01), stop_loss=trade.percent(2),
            trailing=trade.atr(3),
        )  # fmt: skip
        trade.close(when=ta.crosses_below(fast, slow))
    return Loaded(s.graph, builtin()).check()


def heard(bars: int) -> Iterator[BarsClosed]:
    """A walk that comes back to where it began, so that prices stay prices; the second instrument has holes."""
    noise = np.random.default_rng(1)
    level, moment, none = np.zeros(len(LANES)), 0, (None,) * len(LANES)
    for done in range(0, bars, CHUNK):
        steps = noise.normal(0.0, 4e-3, (len(LANES), CHUNK))
        logs = np.empty_like(steps)
        for i in range(CHUNK):  # a pull towards the middle
            level = level * 0.9999 + steps[:, i]
            logs[:, i] = level
        close = 100.0 * np.exp(logs)
        start = close * np.exp(noise.normal(0.0, 1e-3, close.shape))
        high, low = np.maximum(start, close) * 1.002, np.minimum(start, close) * 0.998
        volume = noise.lognormal(3.0, 1.0, close.shape)
        lanes = [list(zip(*(c[k].tolist() for c in (start, high, low, close, volume)), strict=True)) for k in (0, 1)]
        holes = (noise.random(CHUNK) < 0.01).tolist()
        for one, other, hole in list(zip(*lanes, holes, strict=True))[: bars - done]:
            moment += STEP
            yield BarsClosed(moment, (one, None if hole else other), none)


def resident() -> int:
    """Resident memory in bytes, after what is garbage was collected and given back."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Print the table; exit with 1 where memory grew."""
    bars = int(sys.argv[1]) if len(sys.argv) > 1 else BARS
    universe = Universe(tuple(parse_instrument(name) for name in LANES), Timeframe(STEP))
    bot = Bot(plan(busy(), universe.timeframe), universe, Terms(capital=1e6, leverage=2.0))
    tenth, first = bars // 10, 0
    fills = orders = 0
    spent = 0.0
    print(f"{'bars':>12}{'fills':>12}{'orders':>12}{'µs/bar':>8}{'resident MB':>14}{'grown KB':>10}")
    now = begin = time.process_time()
    for number, event in enumerate(heard(bars), 1):
        outcome = advance(bot, event)
        fills += len(outcome.fills)
        orders += len(outcome.placed)
        if number % tenth == 0:
            spent, now = time.process_time() - now, time.process_time()
            size = resident()
            first = first or size
            each = spent / tenth * 1e6
            print(
                f"{number:>12,}{fills:>12,}{orders:>12,}{each:8.1f}{size / 2**20:14.2f}{(size - first) / 1024:10,.0f}",
                flush=True,
            )
    print(f"{time.process_time() - begin:,.0f} s of processor time; the making of bars is a part of it.")
    if size - first >= ROOM:
        sys.exit("Memory grew.")


if __name__ == "__main__":
    main()
