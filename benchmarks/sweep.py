"""What a combination of a sweep costs: `python benchmarks/sweep.py [bars] [side of the grid]`.

Two averages that cross, all in, market orders, fee and slippage: 100 fast ones × 100 slow ones over 50,000 bars, and
of each pair total return, Sharpe ratio, drawdown, win rate and trades. The time is that of `sweep`, from the strategy
to the figures; the memory is the most that the whole process ever held.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from speed import BRACKET, cross

from market import walk
from wickwork import Bars, Strategy, Terms, sweep
from wickwork.engine.variants import processors

RUNS = 5


def measure(name: str, s: Strategy, bars: Bars, side: int, workers: int) -> None:
    """Print what one kind of sweep costs."""
    over = {"fast.period": range(5, 5 + side), "slow.period": range(110, 110 + 5 * side, 5)}
    times, busy = [], []
    for _ in range(RUNS + 1):
        begin, spent = time.perf_counter(), time.process_time()
        found = sweep(s, bars, over, terms=Terms(capital=1e6), workers=workers)
        times.append(time.perf_counter() - begin)
        busy.append(time.process_time() - spent)
    least, middle, cells = min(times[1:]), statistics.median(times[1:]), found.tried * len(bars)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    trades = found.figures["trades"].mean()
    print(
        f"{name:30s} {found.tried:,} pairs, {workers} at once: {least / cells * 1e9:5.2f} ns per pair and bar; "
        f"{least:.2f} s (median {middle:.2f}, first {times[0]:.2f}), {min(busy):.2f} s of processors; "
        f"{trades:.0f} trades a pair, peak {peak:.0f} MB"
    )


def main() -> None:
    """Measure all of it."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    side = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    bars = walk(size, 42, "1h", 0.006)
    measure("EMA cross", cross(), bars, side, processors())
    measure("EMA cross, stop, target, trail", cross(BRACKET), bars, side, processors())
    measure("EMA cross", cross(), bars, side, 1)


if __name__ == "__main__":
    main()
