"""What a run over history left behind: tables, figures and exports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from wickwork.analytics import trades as tables
from wickwork.analytics.exits import exit_table, exits_by_reason
from wickwork.analytics.explain import Explanation, explain
from wickwork.analytics.json_text import json_pieces, rows_of
from wickwork.analytics.ledger import Ledger, open_round_trips
from wickwork.analytics.manifest import manifest_of
from wickwork.analytics.metrics import Stats
from wickwork.analytics.missing import missing_conditions
from wickwork.engine.backtest import History, columns_of, run_history
from wickwork.engine.notifications import notification_values, notifications_of
from wickwork.graph.document import Graph
from wickwork.graph.identity import own_nodes
from wickwork.graph.parts import lane_parts
from wickwork.model.errors import InputError
from wickwork.model.instrument import Instrument
from wickwork.store.durable import replacing


@dataclass(frozen=True)
class Result:
    """What a run over history left behind, as tables and figures."""

    history: History = field(repr=False)
    graph: Graph = field(repr=False)

    def __reduce__(self) -> tuple[type[Self], tuple[History, Graph]]:
        """A run is pickled as its records; tables and figures are computed again from them."""
        return type(self), (self.history, self.graph)

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
            tuple(h.marks.values()),
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
            ambiguous=int(h.account["ambiguous_bars"]),
            sums=(float(h.account["returns"]), float(h.account["squares"])),
            deepest=float(h.account["drawdown"]),
            parts=tuple(part.name for part, _ in lane_parts(self.graph)),
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
    def exits(self) -> Any:
        """Every fill that closed a trade or a part of one, as a DataFrame: reason, quantity, price, gain."""
        return tables.to_frame(self.exit_columns)

    @cached_property
    def exit_columns(self) -> tables.Columns:
        """The table of `exits` as columns."""
        return exit_table(self.ledger, self.names)

    @cached_property
    def orders(self) -> Any:
        """Every order with its state, its times and the reason for which it ended, as a DataFrame."""
        h = self.history
        return tables.to_frame(tables.order_table(self.ledger, h.closed_orders, h.working, self.names, h.terms.latency))

    @cached_property
    def fills(self) -> Any:
        """Every execution as a DataFrame."""
        return tables.to_frame(tables.fill_table(self.ledger, self.names))

    @cached_property
    def denied(self) -> Any:
        """Refused intents with the reasons, as a DataFrame."""
        return tables.to_frame(tables.denial_table(self.ledger, self.history.denied, self.names))

    @cached_property
    def notifications(self) -> Any:
        """The messages that `notify` recorded, as a DataFrame: time, instrument, node, level, text and values.

        `values` is a dictionary: the numbers of the wires that the message has, by the names of the wires.
        """
        return tables.to_frame(self.notification_table())

    def notification_table(self, last: int | None = None) -> tables.Columns:
        """The messages as columns; with `last` (1 or more) only so many of the newest."""
        h = self.history
        rows = h.notifications[-last:] if last else h.notifications
        messages = notifications_of(h.program, h.feed.instruments, rows)
        return tables.notification_table(self.ledger, rows, messages, notification_values(h.program, rows))

    @cached_property
    def signals_while_held(self) -> Mapping[str, int]:
        """For each entry: on how many bars its condition was true while a position kept it from acting.

        Summed over the instruments; an entry that no position kept from acting is left out. These are not in `denied`,
        which would hold a row for each of those bars.
        """
        counts = self.history.suppressed_signals.sum(axis=0).tolist()
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

    def opposite(self) -> Self:
        """The same run with the opposite assumption about ambiguous bars: the other end of the possible results."""
        assume = "best" if self.history.terms.assume == "worst" else "worst"
        terms = replace(self.history.terms, assume=assume)
        h = self.history
        return type(self)(run_history(h.program, h.bars, terms, h.finer, h.funding, h.marks), self.graph)

    def to_data(self) -> dict[str, Any]:
        """The whole run as plain JSON: manifest, stats, trades, exits, orders, fills, refusals, messages and counts."""
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
            "exits": lambda: self.exit_columns,
            "exits_by_reason": exits_by_reason(self.exit_columns),
            "orders": lambda: tables.order_table(ledger, h.closed_orders, h.working, names, h.terms.latency),
            "fills": lambda: tables.fill_table(ledger, names),
            "denied": lambda: tables.denial_table(ledger, h.denied, names),
            "notifications": self.notification_table,
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
