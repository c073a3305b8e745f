"""From the request of a run to what runs: the strategy, its bars, and the terms of the venue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wickwork.analytics.run import PlannedRun, plan_run
from wickwork.context import Context
from wickwork.graph.document import from_text
from wickwork.graph.program import instruments_read
from wickwork.launch.markets import Market, MarketRequest, refuse_shorts_on_spot
from wickwork.launch.terms import terms_of
from wickwork.model.bars import Bars
from wickwork.model.instrument import parse_instrument
from wickwork.model.timeframe import parse_timeframe
from wickwork.services.child import Tools
from wickwork.services.core import canonical
from wickwork.services.work.bar_counts import JOB_BARS, refuse_many_bars
from wickwork.services.work.loaded_bars import load, source_of
from wickwork.settings import SettingsFaults, read_values
from wickwork.sim.terms import Terms
from wickwork.strategies.load import Loaded, with_references

_SETTINGS = ("capital", "costs", "rules", "start", "end")
"""Parts of a request that have the names and rules of a configuration file."""


@dataclass(frozen=True)
class Prepared:
    """What runs."""

    loaded: Loaded
    market: Market
    others: list[Bars]
    """Bars that the strategy reads and does not trade."""
    terms: Terms

    def plan(self) -> PlannedRun:
        """The run before its first bar. Raises GraphFaults."""
        market = self.market
        return plan_run(self.loaded, market.bars, finer=market.finer, terms=self.terms, with_bars=self.others)


def context_of(tools: Tools) -> Context:
    """The folders and nodes of the installation."""
    return Context(tools.place.home).with_nodes(tools.place.nodes)


def prepared(request: Mapping[str, Any], tools: Tools, most_bars: int = JOB_BARS) -> Prepared:
    """Read the graph, load at most so many bars, take the terms.

    Raises GraphFaults, SettingsFaults, InputError and NotFound.
    """
    context = context_of(tools)
    graph = from_text(canonical(request["graph"]))
    loaded = Loaded(with_references(graph, context), context.catalogue, context.kernels)
    if request.get("params"):
        loaded = loaded.with_params(request["params"])
    validated = loaded.check()
    loading = read_values({k: request[k] for k in _SETTINGS if k in request}, "the request", Path(), {})
    if loading.errors:
        raise SettingsFaults(loading.errors)
    settings, suggested = loading.settings, graph.suggested_run
    named = request.get("timeframe") or suggested.get("timeframe")
    wanted = MarketRequest(
        list(request.get("instruments") or [one for one in (suggested.get("instrument"),) if one]),
        request.get("venue", ""),
        parse_timeframe(named) if named else None,
        settings.start,
        settings.end,
        request.get("finer", "auto"),
    )
    traded = {str(parse_instrument(name)) for name in wanted.instruments}
    read_only = [name for name in instruments_read(validated) if name not in traded]
    data = request.get("data", "demo")
    refuse_many_bars(source_of(data, context, tools), wanted, read_only, most_bars)
    market, others = load(data, wanted, read_only, context, tools)
    refuse_shorts_on_spot(loaded, market.bars)
    return Prepared(loaded, market, others, terms_of(settings))
