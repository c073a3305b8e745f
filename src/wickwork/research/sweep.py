"""Sweeps: one strategy over the same bars with many combinations of parameters.

Every combination is its own backtest, to the last bit of its account; only figures are kept of it. The more
combinations are tried, the better the best one looks by luck alone; so a sweep always says how many there were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.analytics.manifest import manifest_of
from wickwork.analytics.metrics import metrics
from wickwork.analytics.run import backtest, bars_given, funding_by_instrument, terms_of
from wickwork.context import Context
from wickwork.engine.backtest import feed_for
from wickwork.engine.marks import marks_by_instrument
from wickwork.graph.document import Graph
from wickwork.graph.identity import own_nodes
from wickwork.graph.parts import lanes_of
from wickwork.graph.program import plan
from wickwork.graph.signature import Value
from wickwork.model.bars import Bars, Floats
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.funding import FundingRates
from wickwork.model.outside import with_columns, with_other_bars
from wickwork.orders.records import ACCOUNT
from wickwork.research.combinations import run_combinations, validated_graph
from wickwork.research.figures import FIGURES, figures_of, imprecise, years_of
from wickwork.research.frame_combinations import frame_space, refuse_parameters_of_frames, run_frame_combinations
from wickwork.research.luck import luckiest_sharpe
from wickwork.research.parameter_space import ParameterSpace, parameter_space, refuse_values_that_never_trade
from wickwork.sim.terms import Terms
from wickwork.store.durable import replacing
from wickwork.strategies.frame_run import with_signals
from wickwork.strategies.frames import FrameStrategy
from wickwork.strategies.load import Loaded, as_loaded
from wickwork.strategies.strategy import Strategy

Where = Callable[[dict[str, Value]], bool]


@dataclass(frozen=True)
class Combination:
    """One combination of a sweep: its parameters, its figures, and how many were tried beside it."""

    params: Mapping[str, Value]
    stats: Mapping[str, float | None]
    tried: int

    def __str__(self) -> str:
        setting = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{setting}, one of {self.tried:,} combinations tried"


@dataclass(frozen=True, eq=False)
class Sweep:
    """The figures of every combination; has an HTML table for notebooks."""

    space: ParameterSpace = field(repr=False)
    figures: Mapping[str, Floats] = field(repr=False)
    """One number for each combination, in the order of `space`; NaN where there is too little data."""
    account: NDArray[Any] = field(repr=False)
    """The account of each combination after its last bar (rows of `ACCOUNT`)."""
    years: float
    planned: int
    """Combinations that were to be tried: more than `tried` only after an interruption."""
    manifest: Mapping[str, Any] = field(repr=False)
    """Everything that determines the result: hashes of strategy, data and engine, all assumptions, the values tried."""

    @property
    def grid(self) -> ParameterSpace:
        """Old name of `space`, deprecated since version 0.2."""
        return self.space

    @property
    def tried(self) -> int:
        """How many combinations were tried."""
        return len(self.space)

    @property
    def luck(self) -> float:
        """The Sharpe ratio to expect of the best of as many unrelated strategies without any edge."""
        return luckiest_sharpe(self.tried, self.years)

    @cached_property
    def table(self) -> Any:
        """A DataFrame with a row for each combination: its parameters, then its figures."""
        import pandas as pd

        return pd.DataFrame(self.columns())

    def columns(self) -> dict[str, Any]:
        """Parameters and figures as columns of equal length."""
        figures = {
            name: column.astype(np.int64) if name == "trades" else column for name, column in self.figures.items()
        }
        return {**self.space.columns(), **figures}

    def best(self, by: str = "sharpe") -> Combination:
        """The combination with the best figure, of equal ones the first."""
        found = self.ranking(by)
        if not len(found) or not self.traded[found[0]]:
            raise InputError(f"No combination has a {by}; there are too few bars, or nothing was traded.")
        return self.combination(int(found[0]))

    def ranking(self, by: str = "sharpe") -> NDArray[np.intp]:
        """The numbers of the combinations, the best first; those without that figure are left out.

        Combinations that traded nothing come last by every figure: no drawdown and no loss are no merit of theirs.
        """
        column = self.figures[by] if better_of(by) == "lower" else -self.figures[by]
        known = np.flatnonzero(np.isfinite(column))
        return known[np.lexsort((column[known], ~self.traded[known]))]

    @cached_property
    def traded(self) -> NDArray[np.bool_]:
        """For each combination, whether anything was bought or sold."""
        filled: NDArray[np.bool_] = self.account["fill_rows"] > 0
        return filled

    def untraded_values(self) -> dict[str, list[Value]]:
        """The values of each parameter with which no combination traded; parameters without such values are absent."""
        found = {}
        for k, (name, values) in enumerate(self.space.axes.items()):
            used = np.unique(self.space.chosen[:, k])
            idle = np.setdiff1d(used, self.space.chosen[self.traded, k])
            if len(idle):
                found[name] = [values[i] for i in idle.tolist()]
        return found

    def combination(self, number: int) -> Combination:
        """One combination by its number."""
        return Combination(self.space.params(number), self._stats(number), self.tried)

    def _stats(self, number: int) -> dict[str, float | None]:
        values = {name: float(column[number]) for name, column in self.figures.items()}
        return {name: value if np.isfinite(value) else None for name, value in values.items()}

    def to_csv(self, path: str | Path) -> Path:
        """Write the table as CSV, all digits of every number."""
        with replacing(Path(path)) as file:
            self.table.to_csv(file, index=False)
        return Path(path)

    def to_parquet(self, path: str | Path) -> Path:
        """Write the table as Parquet."""
        with replacing(Path(path)) as file:
            self.table.to_parquet(file, index=False)
        return Path(path)

    def _repr_html_(self) -> str:
        """The ten best and how many were tried, for notebooks."""
        head = self.table.iloc[self.ranking()[:10]]._repr_html_()
        return f"<p>The best by Sharpe ratio, of {self.tried:,} combinations tried</p>{head}"


class SweepInterrupted(KeyboardInterrupt):
    """Ctrl-C during a sweep; `sweep` holds the combinations that were finished, at least one."""

    def __init__(self, sweep: Sweep) -> None:
        super().__init__(f"{sweep.tried:,} of {sweep.planned:,} combinations were finished")
        self.sweep = sweep


def sweep(
    strategy: Strategy | Graph | FrameStrategy | type[FrameStrategy] | Loaded | str | Path,
    bars: Bars | Sequence[Bars],
    over: Mapping[str, Sequence[Any]],
    *,
    where: Where | None = None,
    finer: Bars | Sequence[Bars] = (),
    params: Mapping[str, Any] | None = None,
    terms: Terms | None = None,
    funding: FundingRates | Sequence[FundingRates] = (),
    mark_prices: Bars | Sequence[Bars] = (),
    columns: Mapping[str, Any] | None = None,
    with_bars: Bars | Sequence[Bars] = (),
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    context: Context | None = None,
    **assumptions: Any,
) -> Sweep:
    """Try every combination of parameters and return the figures of each.

    `over` gives the values of each parameter, `{"fast.period": range(5, 50, 5), "buy.stop_loss": [2, 3]}`: numbers,
    choices, timeframes, and fixed values of inputs that nothing is wired to; `trend.period` may also be
    a parameter that the sub-graph `trend` promotes. `where` leaves combinations out, as
    `lambda p: p["fast.period"] < p["slow.period"]` does. `workers` is how many run side by side (all processors);
    their number changes no bit. A `FrameStrategy` names its parameters alone (`{"fast": range(5, 50, 5)}`); its
    combinations run one after the other, each examined for signals that depend on later bars, as its own backtest is,
    unless the strategy is not `checked`. `progress` is called with how many combinations are done, and of how many. All
    other arguments are those of `backtest`.

    Raises InputError where values are out of their range or keep the venue from accepting any order, and
    SweepInterrupted, a KeyboardInterrupt with the finished combinations, on Ctrl-C.
    """
    loaded, given, fine = as_loaded(strategy, context), bars_given(bars, "bars"), bars_given(finer, "finer")
    if params:
        loaded = loaded.with_params(params)
    if columns is not None:
        given = with_columns(given, columns)
    given = with_other_bars(given, bars_given(with_bars, "with_bars"))
    terms = terms_of(terms, assumptions)
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
        raise InputError(f"workers must be a whole number of at least 1, was {workers!r:.60}.")
    if where is not None and not callable(where):
        raise InputError(f"where= takes a function of the parameters, was given {where!r:.60}.")
    frames = loaded.frame_strategy is not None
    lanes = given
    if loaded.graph.parts:
        refuse_parameters_of_frames(loaded, over)
        loaded, lanes = with_signals(loaded, lanes_of(loaded.graph, given))
    space = frame_space(loaded, over, where) if frames else parameter_space(loaded, over, where)
    if not frames:
        refuse_values_that_never_trade(validated_graph(loaded, space, 0))
    rates, marks = funding_by_instrument(funding), marks_by_instrument(mark_prices, lanes)
    feed = feed_for(lanes, terms, {b.instrument: b for b in fine}, rates, marks)
    market: dict[str, Any] = {"finer": fine, "terms": terms, "funding": funding, "mark_prices": mark_prices}
    account = np.zeros(len(space), ACCOUNT)
    interrupted = False
    try:
        if frames:
            run_frame_combinations(loaded, space, given, account, progress, **market)
        else:
            run_combinations(loaded, space, feed, terms, workers=workers or 0, progress=progress, account=account)
    except KeyboardInterrupt:
        interrupted = True
    figures = figures_of(account, feed, terms.capital)
    finished = account["bars"] == feed.size if interrupted else np.ones(len(space), np.bool_)
    exact = np.flatnonzero(finished)[imprecise(account[finished])]
    finished[exact] = False  # until their own backtest is done
    try:
        for number in exact.tolist():
            alone = backtest(loaded, given, params=space.params(number), **market)
            for name, column in figures.items():
                value = alone.stats[name]
                column[number] = np.nan if value is None else value
            finished[number] = True
    except KeyboardInterrupt:
        interrupted = True
    if interrupted and not finished.any():
        raise KeyboardInterrupt
    graph = validated_graph(loaded, space, 0)
    warmup = plan(graph, feed.timeframe, cache=loaded.cache).warmup
    own = own_nodes(graph.nodes.values())
    manifest = manifest_of(
        "sweep", graph.graph, warmup, lanes, fine, terms, tuple(rates.values()), own, tuple(marks.values())
    )
    over_text = {name: list(values) for name, values in space.axes.items()}
    tried = replace(space, chosen=space.chosen[finished])
    result = Sweep(
        tried,
        {name: column[finished] for name, column in figures.items()},
        account[finished],
        years_of(feed),
        len(space),
        {**manifest, "over": over_text, "tried": len(tried)},
    )
    if interrupted:
        raise SweepInterrupted(result)
    return result


def better_of(by: str) -> str:
    """`higher` or `lower`, whichever is better for a figure; InputError if a sweep cannot be ranked by it."""
    known = {one.name: one.better for one in metrics() if one.name in FIGURES and one.better}
    if not isinstance(by, str) or by not in known:
        hint = did_you_mean(str(by), known)
        raise InputError(f"A sweep is ranked by one of {', '.join(known)}, not by {by!r:.60}.{hint}")
    return known[by]
