"""A run: one execution of a strategy over history, with its tables, figures and exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wickwork.analytics.manifest import manifest_of
from wickwork.analytics.metrics import describe as describe_metrics
from wickwork.analytics.report.page import write_report
from wickwork.analytics.result import Result
from wickwork.context import Context
from wickwork.engine.backtest import Progress, run_history
from wickwork.engine.compiling import begin_compiling
from wickwork.engine.marks import marks_by_instrument
from wickwork.graph.document import Graph
from wickwork.graph.identity import own_nodes
from wickwork.graph.parts import lanes_of
from wickwork.graph.program import Program, plan
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.funding import FundingRates
from wickwork.model.outside import with_columns, with_other_bars
from wickwork.model.several import several
from wickwork.sim.terms import Terms
from wickwork.strategies.frame_run import with_signals
from wickwork.strategies.frames import FrameStrategy
from wickwork.strategies.load import Loaded, as_loaded
from wickwork.strategies.strategy import Strategy


@dataclass(frozen=True)
class Run(Result):
    """The result of a backtest as tables and figures; has an HTML table for notebooks."""

    def report(self, path: str | Path, wires: Sequence[str] = ()) -> Path:
        """Write the run as one HTML file that needs nothing else, and return its absolute path.

        `wires` are drawn beside the candles (`["fast", "bands.upper"]`); without any, those that feed the actions. The
        same run gives the same bytes. Raises InputError where the file cannot be written, NotFound for an unknown wire.
        """
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


def backtest(
    strategy: Strategy | Graph | FrameStrategy | type[FrameStrategy] | Loaded | str | Path,
    bars: Bars | Sequence[Bars],
    *,
    finer: Bars | Sequence[Bars] = (),
    params: Mapping[str, Any] | None = None,
    terms: Terms | None = None,
    funding: FundingRates | Sequence[FundingRates] = (),
    mark_prices: Bars | Sequence[Bars] = (),
    columns: Mapping[str, Any] | None = None,
    with_bars: Bars | Sequence[Bars] = (),
    context: Context | None = None,
    **assumptions: Any,
) -> Run:
    """Run a strategy over bars and return what happened.

    `strategy` is one built in Python, a graph, a `FrameStrategy` (which is first examined for signals that depend on
    later bars), a `portfolio` of several, or the path of a file; `bars` are those of one instrument or of several that
    share the account. `finer`
    are bars of a smaller timeframe that decide what happened inside the others. `params` changes parameters
    (`{"fast.period": 10}`). `funding` are the rates that perpetuals charged, instead of the constant `funding_rate`;
    outside of the time that a series covers nothing is charged. `mark_prices` are the mark prices of perpetuals, which
    then decide liquidations and the amount of funding: bars of the timeframe of `finer` (of `bars` without any) or of a
    shorter one. `columns` are columns from outside by name, which the node `column` reads: a Series with times, an
    array with one value for each bar, or a mapping of such by instrument; a value must be known when its bar closes.
    `with_bars` are bars of the same timeframe that the strategy reads (`s.bars_of("BTC/USDT")`) and the run does not
    trade. `context` has the nodes that a graph or a file may use and the folder of machine code, where several users
    share a process. All other arguments are those of `Terms`: `capital=`, `taker_fee=`, `slippage=`, `leverage=` …
    """
    terms = terms_of(terms, assumptions)
    planned = plan_run(
        strategy, bars, finer=finer, params=params, terms=terms, funding=funding, mark_prices=mark_prices,
        columns=columns, with_bars=with_bars, context=context,
    )  # fmt: skip
    return planned.run()


@dataclass(frozen=True)
class PlannedRun:
    """A backtest before its first bar."""

    program: Program
    graph: Graph
    bars: Sequence[Bars]
    finer: Sequence[Bars]
    terms: Terms
    funding: Mapping[str, FundingRates]
    marks: Mapping[str, Bars]

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Everything that determines the result, as `Run.manifest` will have it."""
        own = own_nodes(self.program.validated.nodes.values())
        funding, marks = tuple(self.funding.values()), tuple(self.marks.values())
        return manifest_of(
            "backtest", self.graph, self.program.warmup, self.bars, self.finer, self.terms, funding, own, marks
        )

    def run(self, progress: Progress | None = None) -> Run:
        """Run it from the first bar to the last; an error that `progress` raises stops it."""
        finer = {b.instrument: b for b in self.finer}
        history = run_history(self.program, self.bars, self.terms, finer, self.funding, self.marks, progress)
        return Run(history, self.graph)


def plan_run(
    strategy: Strategy | Graph | FrameStrategy | type[FrameStrategy] | Loaded | str | Path,
    bars: Bars | Sequence[Bars],
    *,
    terms: Terms,
    finer: Bars | Sequence[Bars] = (),
    params: Mapping[str, Any] | None = None,
    funding: FundingRates | Sequence[FundingRates] = (),
    mark_prices: Bars | Sequence[Bars] = (),
    columns: Mapping[str, Any] | None = None,
    with_bars: Bars | Sequence[Bars] = (),
    context: Context | None = None,
) -> PlannedRun:
    """All of `backtest` but the run itself; the arguments are the same."""
    loaded = as_loaded(strategy, context)
    if params:
        loaded = loaded.with_params(params)
    given, fine = bars_given(bars, "bars"), bars_given(finer, "finer")
    if not given or not all(map(len, given)):
        raise InputError("There are no bars to run on; ask for another span of time, or import data.")
    if columns is not None:
        given = with_columns(given, columns)
    given = with_other_bars(given, bars_given(with_bars, "with_bars"))
    loaded, given = with_signals(loaded, lanes_of(loaded.graph, given))
    validated = loaded.check()
    begin_compiling(loaded.cache)
    program = plan(validated, given[0].timeframe, cache=loaded.cache)
    rates, marks = funding_by_instrument(funding), marks_by_instrument(mark_prices, given)
    return PlannedRun(program, validated.graph, given, fine, terms, rates, marks)


def bars_given(given: Any, name: str) -> list[Bars]:
    """The bars of an argument of that name, as a list. Raises InputError where it holds anything else."""
    return several(given, Bars, name, "load_bars, demo_bars or Bars.from_frame")


def funding_by_instrument(given: FundingRates | Sequence[FundingRates]) -> dict[str, FundingRates]:
    """The series of each instrument, by its name. Raises InputError where one has two, or for anything else."""
    result: dict[str, FundingRates] = {}
    for one in several(given, FundingRates, "funding", "load_funding"):
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
