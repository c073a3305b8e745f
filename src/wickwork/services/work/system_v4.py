"""Bars, indicators and signals in the shapes of System V4's API."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from wickwork.compat.system_v4 import IndicatorConfiguration, IndicatorRegistry, KLineDataLoader
from wickwork.launch.bar_sources import StoreSource
from wickwork.launch.markets import MarketRequest
from wickwork.market.demo import DEMO_INSTRUMENTS
from wickwork.model.errors import InputError, NotFound, WickworkError, did_you_mean, shown
from wickwork.model.instrument import Instrument, Kind, parse_instrument
from wickwork.model.timeframe import parse_timeframe
from wickwork.services.child import Tools
from wickwork.services.work.loaded_bars import load
from wickwork.services.work.request import context_of

_COLUMNS = ("open", "high", "low", "close", "volume")


def symbols(request: Mapping[str, Any], tools: Tools) -> list[str]:
    """The symbols that have bars, as BTCUSDT."""
    if request["data"] == "store":
        known = [one.instrument for one in StoreSource(context_of(tools).store).store.series()]
    else:
        known = list(DEMO_INSTRUMENTS)
    named = {_symbol(one) for one in known if one.kind is Kind.SPOT}
    theirs = [name for name in KLineDataLoader.SUPPORTED_SYMBOLS if name in named]
    return theirs + sorted(named.difference(theirs))


def indicators(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """All indicators with their parameters and descriptions."""
    del request, tools
    return IndicatorRegistry.list_indicators()


def configuration(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The configuration `config` (all indicators on for None) with `changes` made, `{name: {enabled, params}}`."""
    del tools
    config = IndicatorConfiguration(request["config"])
    for name, change in request.get("changes", {}).items():
        if not isinstance(change, Mapping) or change.keys() - {"enabled", "params"}:
            raise InputError(f"The change of {shown(name)} has enabled and params, was given {change!r:.60}.")
        config.set_indicator_params(name, change.get("params") or {})
        if "enabled" in change:
            config.set_indicator_enabled(name, change["enabled"])
    return config.to_dict()


def klines(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The last bars with the indicators of `config`."""
    frame = _frame(request, tools)
    shown_rows = frame.tail(request["limit"])
    times = [one.isoformat() for one in shown_rows.index]
    computed: dict[str, Any] = {}
    for name, found in IndicatorConfiguration(request["config"]).pipeline().calculate(frame).items():
        if "error" in found:
            computed[name] = {"error": found["error"]}
            continue
        rows = found["values"].tail(len(times)).to_dict("records")
        computed[name] = {at: {k: _number(v) for k, v in row.items()} for at, row in zip(times, rows, strict=True)}
    rows = shown_rows[list(_COLUMNS)].to_dict("records")
    return {
        "symbol": request["symbol"],
        "timeframe": request["timeframe"],
        "data_points": len(times),
        "timestamp_start": times[0],
        "timestamp_end": times[-1],
        "klines": dict(zip(times, rows, strict=True)),
        "indicators": computed,
    }


def signals(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The signals of the indicators of `config` over all bars; none of an indicator that needs more bars."""
    frame, found = _frame(request, tools), {}
    config = IndicatorConfiguration(request["config"])
    for name in config.get_enabled_indicators():
        one = IndicatorRegistry.get(name, config.get_indicator_params(name))
        try:
            made = one.get_signals(frame)
        except InputError:
            made = []
        found[name] = [
            {
                "timestamp": signal.timestamp.isoformat(),
                "signal_type": signal.signal_type,
                "value": _number(signal.value),
                "confidence": signal.confidence,
                "metadata": {k: _number(v) if isinstance(v, float) else v for k, v in signal.metadata.items()},
            }
            for signal in made
        ]
    return {"symbol": request["symbol"], "timeframe": request["timeframe"], "signals": found}


def latest(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The last bar, by its time."""
    last = _frame(request, tools)[list(_COLUMNS)].tail(1)
    candle = {last.index[0].isoformat(): last.to_dict("records")[0]}
    return {"symbol": request["symbol"], "timeframe": request["timeframe"], "latest_candle": candle}


def _frame(request: Mapping[str, Any], tools: Tools) -> Any:
    """All bars of a symbol as a DataFrame."""
    known = symbols(request, tools)
    name = str(request["symbol"])
    if name not in known:
        have = f" There are {', '.join(known[:8])} and others." if known else " The store has no bars; download some."
        raise NotFound(f"There are no bars of the symbol {shown(name)!r}.{did_you_mean(name, known) or have}")
    wanted = MarketRequest([str(parse_instrument(name))], timeframe=parse_timeframe(request["timeframe"]), finer="none")
    market, _ = load(request["data"], wanted, (), context_of(tools), tools)
    if not len(market.bars[0]):
        raise WickworkError(f"There are no bars of {shown(name)}.")
    return market.bars[0].to_pandas()


def _symbol(instrument: Instrument) -> str:
    return f"{instrument.base}{instrument.quote}"


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
