"""What a strategy over a DataFrame costs beside a graph: `python benchmarks/frames.py [bars]`, medians of 31 runs.

The engine's time (`Machine.run`) of its graph, with its columns to draw and its parameters, beside that of a graph that
reads the same signals and nothing else; runs are interleaved, and the ratio is the median of those of the rounds, so
that a busy moment of the machine counts once. And the time of the look-ahead analysis, in back-tests:
one backtest computes the signals once and trades them.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from market import walk
from wickwork import Bars, FrameStrategy, Strategy, Terms, backtest, strategy, trade
from wickwork.compat.valvulin import STRATEGIES
from wickwork.engine.backtest import feed_for
from wickwork.engine.machine import Machine
from wickwork.graph.program import plan
from wickwork.strategies.frame_run import with_signals
from wickwork.strategies.load import as_loaded

RUNS, WHOLE = 31, 5


class Cross(FrameStrategy):
    """Two averages that cross, with both to draw and a stop."""

    fast, slow = 12, 26

    def generate_signals(self, df: Any) -> Any:
        """1 where the fast average rises above the slow one, −1 where it falls below."""
        fast, slow = df.close.ewm(span=self.fast).mean(), df.close.ewm(span=self.slow).mean()
        return df.assign(fast=fast, slow=slow, signal=(fast > slow).astype(int).diff(), stop_loss=0.98 * df.close)


def by_hand(levels: bool) -> Strategy:
    """The graph that someone would write who has the signals as a column."""
    with strategy("by hand") as s:
        signal = s.column("signal")
        options = {"stop_loss": trade.price(s.column("stop_loss"))} if levels else {}
        trade.buy(when=signal > 0, size=trade.percent_of_equity(100), **options)
        trade.close(when=signal < 0)
    return s


def engine(made: Any, bars: Bars) -> tuple[Callable[[], Machine], Callable[[Machine], None]]:
    """How a run of a graph over bars that have its columns is prepared, and the run."""
    terms = Terms()
    feed, program = feed_for([bars], terms), plan(made.check(), bars.timeframe)
    return lambda: Machine(program, feed, terms), lambda machine: machine.run(feed.size)


def whole(made: FrameStrategy, bars: Bars) -> tuple[Callable[[], None], Callable[[None], None]]:
    """A backtest from the class on, with nothing to prepare."""
    return lambda: None, lambda _: backtest(made, bars) and None


def interleaved(
    works: Mapping[str, tuple[Callable[[], Any], Callable[[Any], None]]], runs: int
) -> dict[str, list[float]]:
    """The times of each, in seconds, round by round, after two rounds that do not count."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(runs + 2):
        for name, (prepare, run) in works.items():
            subject = prepare()
            gc.collect()
            begin = time.perf_counter()
            run(subject)
            times[name].append(time.perf_counter() - begin)
    return {name: found[2:] for name, found in times.items()}


def main() -> None:
    """Measure a strategy with columns to draw, and the seven of Valvulin."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    bars = walk(size)
    print(f"{size:,} bars; medians of {RUNS} runs of the engine, {WHOLE} of a backtest\n")
    print(f"{'strategy':28}{'engine':>10}{'by hand':>10}{'ratio':>8}{'backtest':>11}{'analysis':>11}{'back-tests':>12}")
    for kind in (Cross, *STRATEGIES):
        made = kind().with_params({"window": 1000})
        unchecked = made.with_params({"checked": False})
        loaded, traded = with_signals(as_loaded(unchecked), [bars])
        works = {
            "frame": engine(loaded, traded[0]),
            "hand": engine(by_hand("stop_loss" in traded[0].columns), traded[0]),
        }
        engines = interleaved(works, RUNS)
        wholes = interleaved({"plain": whole(unchecked, bars), "checked": whole(made, bars)}, WHOLE)
        frame, hand, plain, checked = (statistics.median(one) for one in (*engines.values(), *wholes.values()))
        ratio = statistics.median(a / b for a, b in zip(engines["frame"], engines["hand"], strict=True))
        print(
            f"{kind.__name__:28}{1e3 * frame:7.2f} ms{1e3 * hand:7.2f} ms{ratio:8.3f}{1e3 * plain:8.1f} ms"
            f"{1e3 * (checked - plain):8.1f} ms{(checked - plain) / plain:12.1f}"
        )


if __name__ == "__main__":
    main()
