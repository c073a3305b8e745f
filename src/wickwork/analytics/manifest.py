"""The manifest: everything that determines a result. The same manifest gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wickwork.engine.backtest import engine_version
from wickwork.engine.marks import covered
from wickwork.graph.document import Graph
from wickwork.model.bars import Bars, iso
from wickwork.model.funding import FundingRates
from wickwork.model.other_bars import split_column
from wickwork.sim.terms import Terms


def read_only_instruments(data: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of the instruments whose bars the run read without trading them, from the `data` of a manifest."""
    return sorted({other[0] for name in _columns(data) if (other := split_column(name))})


def columns_from_outside(data: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of the columns from outside that are no bars of an instrument, from the `data` of a manifest."""
    return sorted(name for name in _columns(data) if not split_column(name))


def _columns(data: Sequence[Mapping[str, Any]]) -> set[str]:
    return {name for one in data for name in one.get("columns", ())}


def manifest_of(
    kind: str,
    graph: Graph,
    warmup: int,
    bars: Sequence[Bars],
    finer: Sequence[Bars],
    terms: Terms,
    funding: Sequence[FundingRates] = (),
    own: Mapping[str, str] | None = None,
    marks: Sequence[Bars] = (),
) -> dict[str, Any]:
    """Hashes of graph, data and engine, and every assumption. It does not depend on the time or place of the run.

    `marks` are the series of mark prices.
    `own` are the user's own nodes with the identity of their code, as `graph.identity.own_nodes` gives them.
    """
    return {
        "schema": 1,
        "kind": kind,
        "engine": engine_version(),
        "strategy": {
            "name": graph.name,
            "hash": graph.hash(),
            "params": {name: dict(entry.params) for name, entry in sorted(graph.nodes.items()) if entry.params},
            "warmup_bars": warmup,
            **({"nodes": dict(own)} if own else {}),
        },
        "data": [_data(one) for one in bars],
        "finer_data": [_data(one) for one in finer],
        "funding_data": [_funding(one) for one in funding],
        **({"mark_data": [_marks(one, bars) for one in marks]} if marks else {}),
        "terms": terms.to_data(),
    }


def _marks(series: Bars, bars: Sequence[Bars]) -> dict[str, Any]:
    own = next(one for one in bars if str(one.instrument) == str(series.instrument))
    return {
        "instrument": str(series.instrument),
        "timeframe": str(series.timeframe),
        "bars": len(series),
        "covered": covered(series, own),
        "sha256": series.digest(),
        "source": series.source or "memory",
    }


def _funding(series: FundingRates) -> dict[str, Any]:
    return {
        "instrument": str(series.instrument),
        "rates": len(series),
        "first": iso(int(series.times[0])),
        "last": iso(int(series.times[-1])),
        "sha256": series.digest(),
        "source": series.source or "memory",
    }


def _data(bars: Bars) -> dict[str, Any]:
    rules = bars.instrument.rules
    return {
        "instrument": str(bars.instrument),
        "venue": bars.instrument.venue,
        "kind": bars.instrument.kind.value,
        "rules": {
            "tick": rules.tick,
            "lot": rules.lot,
            "minimum_quantity": rules.minimum_quantity,
            "minimum_notional": rules.minimum_notional,
        },
        "timeframe": str(bars.timeframe),
        "bars": len(bars),
        "first": iso(bars.opened_at[0]),
        "last": iso(bars.opened_at[-1]),
        "sha256": bars.digest(),
        "source": bars.source,
        **({"columns": sorted(bars.columns)} if bars.columns else {}),
    }
