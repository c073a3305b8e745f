"""Wickwork: what you tested is what trades.

from wickwork import backtest, demo_bars, strategy, ta, trade

with strategy("EMA cross") as s:
    close = s.bars.close
    fast, slow = ta.ema(close, period=12), ta.ema(close, period=26)
    trade.buy(when=ta.crosses_above(fast, slow), stop_loss=trade.percent(2))
    trade.close(when=ta.crosses_below(fast, slow))

run = backtest(s, demo_bars("BTC/USDT", "1h"))
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wickwork.analytics.run import Run, backtest
    from wickwork.context import Context
    from wickwork.graph.document import Graph
    from wickwork.graph.node import node
    from wickwork.market.demo import demo_bars
    from wickwork.market.sources import load_bars
    from wickwork.market.sources.funding import load_funding
    from wickwork.market.sources.marks import load_mark_prices
    from wickwork.market.store import Store
    from wickwork.model.bars import Bars
    from wickwork.model.errors import InputError, WickworkError
    from wickwork.model.funding import FundingRates
    from wickwork.model.instrument import Instrument, parse_instrument
    from wickwork.model.timeframe import Timeframe, parse_timeframe
    from wickwork.research.sweep import Sweep, SweepInterrupted, sweep
    from wickwork.sim.terms import InstrumentTerms, Terms
    from wickwork.strategies import trade
    from wickwork.strategies.frames import FrameStrategy
    from wickwork.strategies.strategy import Strategy, Wire, strategy
    from wickwork.strategies.subgraph import subgraph
    from wickwork.strategies.vocabulary import ta

# Where each public name lives: imported at first access, so that `import wickwork` and `wick --help` are quick.
_HOMES = {
    "Bars": "model.bars",
    "Context": "context",
    "FrameStrategy": "strategies.frames",
    "FundingRates": "model.funding",
    "Graph": "graph.document",
    "InputError": "model.errors",
    "Instrument": "model.instrument",
    "InstrumentTerms": "sim.terms",
    "Run": "analytics.run",
    "Store": "market.store",
    "Strategy": "strategies.strategy",
    "Sweep": "research.sweep",
    "SweepInterrupted": "research.sweep",
    "Terms": "sim.terms",
    "Timeframe": "model.timeframe",
    "WickworkError": "model.errors",
    "Wire": "strategies.strategy",
    "backtest": "analytics.run",
    "demo_bars": "market.demo",
    "load_bars": "market.sources",
    "load_funding": "market.sources.funding",
    "load_mark_prices": "market.sources.marks",
    "node": "graph.node",
    "parse_instrument": "model.instrument",
    "parse_timeframe": "model.timeframe",
    "strategy": "strategies.strategy",
    "subgraph": "strategies.subgraph",
    "sweep": "research.sweep",
    "ta": "strategies.vocabulary",
    "trade": "strategies.trade",
}

__all__ = [
    "Bars",
    "Context",
    "FrameStrategy",
    "FundingRates",
    "Graph",
    "InputError",
    "Instrument",
    "InstrumentTerms",
    "Run",
    "Store",
    "Strategy",
    "Sweep",
    "SweepInterrupted",
    "Terms",
    "Timeframe",
    "WickworkError",
    "Wire",
    "backtest",
    "demo_bars",
    "load_bars",
    "load_funding",
    "load_mark_prices",
    "node",
    "parse_instrument",
    "parse_timeframe",
    "strategy",
    "subgraph",
    "sweep",
    "ta",
    "trade",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'wickwork' has no attribute {name!r}")
    module = importlib.import_module(f"wickwork.{_HOMES[name]}")
    return module if name == "trade" else getattr(module, name)


def __dir__() -> list[str]:
    return __all__
