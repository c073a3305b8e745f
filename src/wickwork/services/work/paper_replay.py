"""A run on paper held against a backtest over the bars that it took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.engine import replay as replaying
from wickwork.engine.backtest import engine_version
from wickwork.engine.journal_entries import start_from
from wickwork.engine.replay import Difference
from wickwork.engine.runs import find_statement
from wickwork.graph.identity import identity
from wickwork.graph.program import plan
from wickwork.model.errors import InputError, NotFound
from wickwork.services.tools import Tools
from wickwork.services.work.paper import journal_path
from wickwork.services.work.request import context_of
from wickwork.store.journal import read_journal
from wickwork.strategies.load import Loaded

_MOST = 200
"""Differences that are listed."""


def run(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The differences of the run of `job`, none if it did what a backtest does, and what it did in figures."""
    path = journal_path(tools.place.home, request["owner"], request["job"])
    if not path.exists():
        raise NotFound("The run has no journal yet; it has not begun.")
    recorded = replaying.read_run(read_journal(path), path.name)
    start = start_from(recorded.start.data, path.name)
    catalogue = context_of(tools).catalogue
    missing = [name for name in start.nodes if name not in catalogue]
    if missing:
        raise InputError(f"The strategy uses {', '.join(missing)}, which the server does not have any more.")
    loaded = Loaded(start.graph, catalogue)
    differences = [
        Difference(-1, f"the code of the node {name}", then, identity(catalogue[name]))
        for name, then in start.nodes.items()
        if identity(catalogue[name]) != then
    ]
    found, history = replaying.replay(recorded, start, plan(loaded.check(), start.universe.timeframe))
    differences += found
    statement = find_statement(path)
    if statement is not None:
        differences += replaying.against_statement(recorded, read_journal(statement))
    return {
        "engine_then": start.engine,
        "engine_now": engine_version(),
        "bars": len(recorded.bars),
        "fills": sum(len(outcome.fills) for outcome in recorded.outcomes),
        "trades": len(history.round_trips) if history else 0,
        "equity": recorded.outcomes[-1].equity if recorded.outcomes else start.terms.capital,
        "not_taken": recorded.not_taken,
        "differences": [
            {"bar": one.bar, "what": one.what, "recorded": str(one.recorded), "replayed": str(one.replayed)}
            for one in differences[:_MOST]
        ],
        "differences_in_all": len(differences),
    }
