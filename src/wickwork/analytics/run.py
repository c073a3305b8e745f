"""A run: one execution of a strategy over history, with its tables, figures and exports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.analytics import trades as tables
from wickwork.analytics.explain import Explanation, explain
from wickwork.analytics.json_text import json_pieces, rows_of
from wickwork.analytics.ledger import Ledger, open_round_trips
from wickwork.analytics.manifest import manifest_of
from wickwork.analytics.metrics import Stats
from wickwork.analytics.metrics import describe as describe_metrics
from wickwork.analytics.missing import missing_conditions
from wickwork.context import Context
from wickwork.engine.backtest import History, columns_of, run_history
from wickwork.engine.compiling import begin_compiling
from wickwork.graph.document import Graph
from wickwork.graph.identity import own_nodes
from wickwork.graph.program import plan
from wickwork.model.bars import Bars
from wickwork.model.columns import with_columns
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.funding import FundingRates
from wickwork.model.instrument import Instrument
from wickwork.sim.terms import Terms
from wickwork.store.durable import replacing
from wickwork.strategies.load import Loaded, as_loaded
from wickwork.strategies.strategy import Strategy


@dataclass(frozen=True)
class Run:
    """The result of a backtest as tables and figures; has an HTML table for notebooks."""

    history: History = field(repr=False)
    graph: Graph = field(repr=False)

    def __reduce__(self) -> tuple[type[Run], tuple[History, Graph]]:
        """A run is pickled as its records; tables and figures are computed again from them."""
        return Run, (self.history, self.graph)

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """Everything that determines the result: hashes of graph, data and engine, and every assumption."""
        h = self.history
        return manifest_of(
            "backtest",
            self.graph,
            h.program.warmup,
            h.bars,
            tuple(h.finer.values()),
            h.terms,
            tuple(h.funding.values()),
            own_nodes(h.program.validated.nodes.values()),
        )

    @cached_property
    def ledger(self) -> Ledger:
        """The run as the metrics count it."""
        h = self.history
        return Ledger(
            timeframe=h.feed.timeframe,
            opened_at=h.feed.opened_at,
            capital=h.terms.capital,
            equity=h.equity,
            bars=h.bars,
            fills=h.fills,
            round_trips=h.round_trips,
            open_round_trips=open_round_trips(h.lanes, h.bars, h.feed.size - 1),
            fees=float(h.account["fees"]),
            slippage=float(h.account["slippage"]),
            funding=float(h.account["funding"]),
            ambiguous=int(h.account["ambiguous"]),
            sums=(float(h.account["returns"]), float(h.account["squares"])),
            deepest=float(h.account["drawdown"]),
        )

    @cached_property
    def stats(self) -> Stats:
        """Every metric by name, computed at first access; None where there is too little data.

        `wickwork.analytics.metrics` has the formulas. `dict(run.stats)` has all of them.
        """
        return Stats(self.ledger)

    @property
    def names(self) -> tuple[str, ...]:
        """The actions of the graph, by the number that orders carry."""
        return self.history.program.action_names

    @cached_property
    def trades(self) -> Any:
        """Round trips as a DataFrame, the open ones last."""
        return tables.to_frame(tables.trade_table(self.ledger, self.names))

    @cached_property
    def orders(self) -> Any:
        """Every order with the reason for which it ended, as a DataFrame."""
        h = self.history
        return tables.to_frame(tables.order_table(self.ledger, h.closed_orders, h.working, self.names))

    @cached_property
    def fills(self) -> Any:
        """Every execution as a DataFrame."""
        return tables.to_frame(tables.fill_table(self.ledger, self.names))

    @cached_property
    def denied(self) -> Any:
        """Refused intents with the reasons, as a DataFrame."""
        return tables.to_frame(tables.denial_table(self.ledger, self.history.denied, self.names))

    @cached_property
    def signals_while_held(self) -> Mapping[str, int]:
        """For each entry: on how many bars its condition was true while a position kept it from acting.

        Summed over the instruments; an entry that no position kept from acting is left out. These are not in `denied`,
        which would hold a row for each of those bars.
        """
        counts = self.history.signals.sum(axis=0).tolist()
        return {name: count for name, count in zip(self.names, counts, strict=True) if count}

    @cached_property
    def equity(self) -> Any:
        """Equity at the close of every bar as a Series, indexed by the bar's opening time (UTC)."""
        import pandas as pd

        index = pd.DatetimeIndex(self.history.feed.opened_at.astype("datetime64[ms]"), tz="UTC", name="opened_at")
        return pd.Series(self.history.equity, index=index, name="equity")

    @cached_property
    def columns(self) -> Columns:
        """Any wire by name: `run.columns["fast"]` or `run.columns["bands.upper"]`, one value for each bar."""
        return Columns(self.history)

    @cached_property
    def missing_conditions(self) -> Mapping[str, int]:
        """For each action, the bars after warm-up on which it could have acted and its condition was missing.

        Over all instruments; the run is repeated for it when it is read first.
        """
        return missing_conditions(self.history)

    def explain(self, bar: int, instrument: str | Instrument | None = None) -> Explanation:
        """Every wire's value at a bar, and why orders were or were not made there.

        A negative bar counts from the end.
        """
        size, names = self.history.feed.size, [str(i) for i in self.history.feed.instruments]
        if not -size <= bar < size:
            raise InputError(f"The run has the bars 0 to {size - 1}; {bar} is not one of them.")
        if instrument is not None and str(instrument) not in names:
            raise InputError(f"The run has no instrument {instrument}; it has {', '.join(names)}.")
        return explain(self.history, bar % size, names.index(str(instrument)) if instrument is not None else 0)

    def opposite(self) -> Run:
        """The same run with the opposite assumption about ambiguous bars: the other end of the possible results."""
        assume = "best" if self.history.terms.assume == "worst" else "worst"
        terms = replace(self.history.terms, assume=assume)
        h = self.history
        return Run(run_history(h.program, h.bars, terms, h.finer, h.funding), self.graph)

    def to_data(self) -> dict[str, Any]:
        """The whole run as plain JSON: manifest, stats, trades, orders, fills, refusals, counts by action."""
        return {name: rows_of(part()) if callable(part) else part for name, part in self._parts().items()}

    def to_json(self, path: str | Path | None = None) -> str:
        """The whole run as JSON text, written to a file if one is named. The same manifest gives the same bytes."""
        text = "".join(self.json_pieces())
        if path is not None:
            with replacing(Path(path)) as file:
                file.write(text.encode())
        return text

    def json_pieces(self, **more: Any) -> Iterator[str]:
        """The text of `to_json` in pieces, for long runs whose text is large; `more` are values behind its own."""
        return json_pieces({**self._parts(), **more})

    def _parts(self) -> dict[str, Any]:
        """The parts of the JSON by name; tables as functions that compute them."""
        h, ledger, names = self.history, self.ledger, self.names
        return {
            "manifest": dict(self.manifest),
            "stats": dict(self.stats),
            "trades": lambda: tables.trade_table(ledger, names),
            "orders": lambda: tables.order_table(ledger, h.closed_orders, h.working, names),
            "fills": lambda: tables.fill_table(ledger, names),
            "denied": lambda: tables.denial_table(ledger, h.denied, names),
            "missing_conditions": dict(self.missing_conditions),
            "signals_while_held": dict(self.signals_while_held),
        }

    def to_parquet(self, folder: str | Path) -> Path:
        """Write the run to a folder: manifest.json, and equity, trades, orders and fills as Parquet."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        about = {**self.manifest, "stats": dict(self.stats)}
        with replacing(target / "manifest.json") as file:
            file.write((json.dumps(about, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode())
        with replacing(target / "equity.parquet") as file:
            self.equity.to_frame().to_parquet(file)
        for name in ("trades", "orders", "fills"):
            with replacing(target / f"{name}.parquet") as file:
                getattr(self, name).to_parquet(file, index=False)
        return target

    def report(self, path: str | Path, wires: Sequence[str] = ()) -> Path:
        """Write the run as one HTML file that needs nothing else, and return its absolute path.

        `wires` are drawn beside the candles (`["fast", "bands.upper"]`); without any, those that feed the actions. The
        same run gives the same bytes. Raises InputError where the file cannot be written, NotFound for an unknown wire.
        """
        from wickwork.analytics.report.page import write_report

        return write_report(self, path, wires)

    def _repr_html_(self) -> str:
        """A table of the figures, for notebooks."""
        from html import escape

        figures = [(m["title"], show(self.stats[m["name"]], m["unit"])) for m in describe_metrics()]
        cell = "<tr><td>{}</td><td style='text-align:right'>{}</td></tr>"
        rows = "".join(cell.format(escape(title), escape(figure)) for title, figure in figures)
        title = escape(f"{self.manifest['strategy']['name'] or 'strategy'} — {self.manifest['data'][0]['source']}")
        return f"<table><caption>{title}</caption>{rows}</table>"


def show(value: float | None, unit: str) -> str:
    """A figure with its unit, as text."""
    if value is None:
        return "not enough"
    if unit == "percent":
        return f"{value:,.2f} %"
    if unit in ("count", "bars", "trades"):
        return f"{value:,.0f}"
    if unit == "days":
        return f"{value:,.1f} days"
    return f"{value:,.2f}"


class Columns(Mapping[str, NDArray[np.float64]]):
    """Wires by name, computed at first access."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._known: dict[str, NDArray[np.float64]] = {}

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        if name not in self._known:
            column = self._history.program.column(name)
            values = columns_of(self._history, {name: column})[name]
            self._known[name] = values[0] if len(values) == 1 else values
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._history.program.names)

    def __len__(self) -> int:
        return len(self._history.program.names)


def backtest(
    strategy: Strategy | Graph | Loaded | str | Path,
    bars: Bars | Sequence[Bars],
    *,
    finer: Bars | Sequence[Bars] = (),
    params: Mapping[str, Any] | None = None,
    terms: Terms | None = None,
    funding: FundingRates | Sequence[FundingRates] = (),
    columns: Mapping[str, Any] | None = None,
    context: Context | None = None,
    **assumptions: Any,
) -> Run:
    """Run a strategy over bars and return what happened.

    `strategy` is one built in Python, a graph, or the path of a file; `bars` are those of one instrument or of
    several that share the account. `finer` are bars of a smaller timeframe that decide what happened inside the
    others. `params` changes parameters (`{"fast.period": 10}`). `funding` are the rates that perpetuals charged,
    instead of the constant `funding_rate`; outside of the time that a series covers nothing is charged. `columns` are
    columns from outside by name, which the node `column` reads: a Series with times, an array with one value for each
    bar, or a mapping of such by instrument; a value must be known when its bar closes. `context` has the nodes that a
    graph or a file may use and the folder of machine code, where several users share a process. All other arguments are
    those of `Terms`: `capital=`, `taker_fee=`, `slippage=`, `leverage=` …
    """
    loaded = as_loaded(strategy, context)
    if params:
        loaded = loaded.with_params(params)
    terms = terms_of(terms, assumptions)
    given = [bars] if isinstance(bars, Bars) else list(bars)
    fine = [finer] if isinstance(finer, Bars) else list(finer)
    if not given or not all(map(len, given)):
        raise InputError("There are no bars to run on; ask for another span of time, or import data.")
    if columns is not None:
        given = with_columns(given, columns)
    validated = loaded.check()
    begin_compiling(loaded.cache)
    program = plan(validated, given[0].timeframe, cache=loaded.cache)
    history = run_history(program, given, terms, {b.instrument: b for b in fine}, funding_by_instrument(funding))
    return Run(history, validated.graph)


def funding_by_instrument(given: FundingRates | Sequence[FundingRates]) -> dict[str, FundingRates]:
    """The series of each instrument, by its name. Raises InputError where one has two."""
    result: dict[str, FundingRates] = {}
    for one in [given] if isinstance(given, FundingRates) else given:
        if str(one.instrument) in result:
            raise InputError(f"Funding of {one.instrument} is given twice.")
        result[str(one.instrument)] = one
    return result


def terms_of(terms: Terms | None, assumptions: Mapping[str, Any]) -> Terms:
    """The terms of a run: given as a whole or by single assumptions."""
    if terms is not None and assumptions:
        raise InputError("Give either terms= or single assumptions such as capital=, not both.")
    known = Terms.__dataclass_fields__
    for name in assumptions:
        if name not in known:
            raise InputError(f"There is no assumption {name!r}.{did_you_mean(name, known)}")
    return terms or Terms(**assumptions)
