# /// script
# requires-python = ">=3.11"
# dependencies = []
# [tool.against]
# title = "Wickwork"
# variants = ["", "engine only"]
# ///
"""Wickwork itself, in the environment that runs the suite.

The plain variant is what a user writes: `backtest(strategy, bars)` and five of `run.stats`, with the graph checked and
planned anew in every call. "engine only" is `Machine.run` on a plan and arrays that are ready, as `speed.py` measures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PACKAGES = ("wickwork", "numba", "numpy")
PER_MINUTE, PER_HOUR = "1m", "1h"
FIVE = ("trades", "total_return", "sharpe", "max_drawdown", "win_rate")
state: dict[str, str] = {}


def start(variant: str) -> dict[str, dict[str, Any]]:
    """Which works there are, and what is to be said about them."""
    import wickwork

    state["variant"], state["home"] = variant, wickwork.__name__
    if variant:
        note = "Machine.run alone: no planning, no statistics but the sums that the venue keeps"
        return {work: {"most": 1_000_000, "note": note} for work in ("cross", "stops", "unit", "unit_stops")} | {
            "universe": {"most": 1, "note": note}
        }
    note = "backtest() and five of run.stats: graph checked and planned in every call, equity, fills, orders, trades"
    works = {work: {"most": 1_000_000, "note": note} for work in ("cross", "stops", "unit", "unit_stops")}
    works["universe"] = {"most": 1, "note": "each entry a tenth of the cash that is free at the decision"}
    if _sweep() is not None:
        works["sweep"] = {"most": 10_000, "note": "wickwork.sweep() over all cores, its graph planned in the time"}
    return works


def _sweep() -> Callable[..., Any] | None:
    """The sweep of this version, if it has one."""
    import wickwork

    found = getattr(wickwork, "sweep", None)
    return found if callable(found) else None


def _bars(given: Any, timeframe: str, name: str = "BTC") -> Any:
    from wickwork import Bars, Instrument, parse_timeframe

    return Bars.of(
        Instrument(name, "USDT"),
        parse_timeframe(timeframe),
        given.times,
        given.open,
        given.high,
        given.low,
        given.close,
        given.volume,
        source="benchmark walk (synthetic)",
    )


def _strategy(given: Any) -> Any:
    from wickwork import strategy, ta, trade

    with strategy("EMA cross") as s:
        fast = ta.ema(s.bars.close, period=given.fast, seed="first", name="fast")
        slow = ta.ema(s.bars.close, period=given.slow, seed="first", name="slow")
        size = trade.percent_of_equity(100)
        if given.work.startswith("unit"):
            size = trade.quantity(1.0)
        if given.work == "universe":
            size = trade.percent_of_cash(10)
        levels = {}
        if given.work.endswith("stops"):
            levels = {
                "stop_loss": trade.percent(given.stop * 100),
                "take_profit": trade.percent(given.target * 100),
                "trailing": trade.percent(given.trail * 100),
            }
        trade.buy(when=ta.crosses_above(fast, slow), size=size, **levels)
        trade.close(when=ta.crosses_below(fast, slow))
    return s


def prepare(given: Any) -> Callable[[], dict[str, Any]]:
    """One work, ready to be done again and again."""
    from wickwork import Terms, backtest

    terms = Terms(capital=1e6, taker_fee=given.fee, maker_fee=given.fee, slippage=given.slippage)
    strategy = _strategy(given)
    if given.work == "universe":
        bars = [_bars(lane, PER_HOUR, f"C{i}") for i, lane in enumerate(given.lanes)]
    else:
        bars = [_bars(given, PER_MINUTE)]
    if given.work == "sweep":
        return _sweeping(strategy, bars[0], terms, given.pairs)
    if state["variant"]:
        return _engine(strategy, bars, terms)

    def whole() -> dict[str, Any]:
        stats = backtest(strategy, bars, terms=terms).stats
        return {name: stats[name] for name in FIVE}

    return whole


def _engine(strategy: Any, bars: list[Any], terms: Any) -> Callable[[], dict[str, Any]]:
    from wickwork.engine.backtest import feed_for
    from wickwork.engine.machine import Machine
    from wickwork.graph.program import plan

    program, feed = plan(strategy.check(), bars[0].timeframe), feed_for(bars, terms)

    def run() -> dict[str, Any]:
        machine = Machine(program, feed, terms)
        machine.run(feed.size)
        account = machine.arrays["account"][0]
        round_trips = int(account["round_trip_total"])
        return {
            "trades": round_trips,
            "total_return": (float(account["equity"]) / terms.capital - 1.0) * 100.0,
            "max_drawdown": float(account["drawdown"]) * 100.0,
            "win_rate": int(account["wins"]) / round_trips * 100.0 if round_trips else None,
        }

    return run


def _sweeping(strategy: Any, bars: Any, terms: Any, pairs: list[tuple[int, int]]) -> Callable[[], dict[str, Any]]:
    """Every pair over the same bars; the means of the five figures, which the others give, too."""
    import numpy as np

    sweep = _sweep()
    assert sweep
    over = {
        f"{name}.period": sorted(set(periods))
        for name, periods in zip(("fast", "slow"), zip(*pairs, strict=True), strict=True)
    }

    def run() -> dict[str, Any]:
        figures = sweep(strategy, bars, over, terms=terms).figures
        return {name: np.mean(figures[name]) for name in FIVE}

    return run
