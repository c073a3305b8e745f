"""What System V4's indicators have in common, and how Wickwork's nodes compute them over a DataFrame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from wickwork.analytics.run import backtest
from wickwork.compat.columns import check_columns
from wickwork.compat.system_v4.arguments import argument_names, wrong_arguments
from wickwork.model.bars import LEAST_PRICE, MOST_PRICE, Bars
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import Timeframe
from wickwork.nodes import builtin
from wickwork.strategies.strategy import Strategy, Wire

MINUTE = 60_000
FIRST_MOMENT = 946_684_800_000
"""2000-01-01 UTC in ms, where the grid of bars begins."""


@dataclass(frozen=True)
class IndicatorSignal:
    """One signal of an indicator at one bar."""

    name: str
    """The indicator."""
    timestamp: Any
    """The index of the bar."""
    signal_type: str
    """`BUY`, `SELL`, `HOLD`, `OVERBOUGHT` or `OVERSOLD`."""
    value: float
    confidence: float
    """From 0 to 1."""
    metadata: Mapping[str, Any] = field(default_factory=dict)


class BaseIndicator(ABC):
    """An indicator over a DataFrame of bars; a subclass names its parameters and columns, and computes them.

    `params` are those that differ from `get_required_params()`. Raises InputError for a parameter that is not among
    these; a subclass checks values in `check_params`.
    """

    def __new__(cls, *args: Any, **named: Any) -> Self:
        """Raise InputError with the names of the parameters where they are not given as the class takes them."""
        made = super().__new__(cls)
        if (args or named) and (reason := wrong_arguments(cls.__init__, (made, *args), named)):
            if (names := argument_names(cls.__init__)) != ["params"]:
                raise InputError(f"{cls.__name__}: {reason}; it takes {', '.join(names) or 'no arguments'}.")
            known = made.get_required_params()
            written = {name: named[name] for name in named if name in known} or dict(list(known.items())[:1])
            raise InputError(
                f"{cls.__name__}: {reason}. Its parameters are one mapping, {cls.__name__}({written!r:.80}); it has "
                f"{', '.join(known) or 'none'}."
            )
        return made

    def __init__(self, name: str, params: Mapping[str, Any] | None = None) -> None:
        if not isinstance(name, str):
            raise InputError(
                f"{type(self).__name__} needs a method __init__(self, params=None) that calls "
                "super().__init__(name, params)."
            )
        if params is not None and not isinstance(params, Mapping):
            raise InputError(
                f"{name} takes its parameters as a mapping, was given {params!r:.40}; write "
                f"{type(self).__name__}({self.get_required_params()})."
            )
        self.name = name
        self.params: dict[str, Any] = dict(params or {})
        self.values: Any = None
        self.validate_params()

    @abstractmethod
    def get_required_params(self) -> dict[str, Any]:
        """The parameters with their defaults."""

    @abstractmethod
    def get_required_columns(self) -> list[str]:
        """The columns that the bars must have."""

    @abstractmethod
    def calculate(self, klines: Any) -> Any:
        """A copy of the bars with the indicator's columns; `values` has these alone. Raises as `validate_inputs`."""

    @abstractmethod
    def get_signals(self, klines: Any) -> list[IndicatorSignal]:
        """The signals at all bars, in order of time. Raises as `validate_inputs`."""

    def validate_params(self) -> None:
        """Add the defaults to `params`. Raises InputError for a parameter that there is not, or a wrong value."""
        known = self.get_required_params()
        for name in self.params:
            if name not in known:
                hint = did_you_mean(str(name), known) or f" It has {', '.join(known) or 'none'}."
                raise InputError(f"{self.name} has no parameter {name!r}.{hint}")
        self.params = {**known, **self.params}
        self.check_params()

    def check_params(self) -> None:  # noqa: B027  # not every indicator has values to check
        """Raise InputError for a value that is out of its range; here all are right."""

    def validate_inputs(self, klines: Any) -> bool:
        """True for bars that the indicator can be computed of.

        Raises InputError where they are no DataFrame, lack a column, are too few or not in the order of their times,
        or have a value that is no number.
        """
        import pandas as pd

        check_columns(self.name, klines, self.get_required_columns())
        if len(klines) < self._get_min_data_length():
            raise InputError(
                f"{self.name} needs at least {self._get_min_data_length():,} bars, was given {len(klines):,}."
            )
        if isinstance(klines.index, pd.DatetimeIndex) and not klines.index.is_monotonic_increasing:
            raise InputError(f"{self.name} needs bars in the order of their times; sort them: df.sort_index().")
        for name in self.get_required_columns():
            bad = ~np.isfinite(as_numbers(klines[name]))
            if bad.any():
                at = int(np.argmax(bad))
                raise InputError(
                    f"{self.name}: the column {name} has no number at row {at} ({klines.index[at]}); fill it, or leave "
                    "the row out."
                )
        return True

    def _get_min_data_length(self) -> int:
        return 1

    def get_latest_signal(self, klines: Any) -> IndicatorSignal | None:
        """The last of the signals, or None."""
        signals = self.get_signals(klines)
        return signals[-1] if signals else None

    def __repr__(self) -> str:
        return f"{self.name}({self.params})"


def as_numbers(values: Any) -> NDArray[np.float64]:
    """A column as numbers, also where they are given as text; NaN for what is no number, such as a time."""
    import pandas as pd

    if getattr(values.dtype, "kind", "O") in "bcmM":
        return np.full(len(values), np.nan)
    return np.asarray(pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan))


def checked(owner: str, name: str, value: Any, node: str, parameter: str) -> Any:
    """A parameter of an indicator that is one of a node: its value, as the node takes it. Raises InputError else."""
    known = next(one for one in builtin()[node].parameters if one.name == parameter)
    found = replace(known, name=name).check(owner, value)
    return found if known.type is int else value


def wires_over(owner: str, close: Any, build: Callable[[Wire], Mapping[str, Wire]]) -> dict[str, NDArray[np.float64]]:
    """The wires that `build` makes of the closes, by the names that it gives them, computed bar by bar.

    Nodes count bars, so the times of the rows do not matter. Raises InputError for a close that is no price.
    """
    values = close.to_numpy(np.float64)
    wrong = ~((values >= LEAST_PRICE) & (values <= MOST_PRICE))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise InputError(f"{owner}: the close is {values[at]:g} at row {at} ({close.index[at]}); a price is above 0.")
    times = FIRST_MOMENT + MINUTE * np.arange(len(values), dtype=np.int64)
    empty = np.zeros(len(values))
    bars = Bars.of(Instrument("ASSET", "USDT"), Timeframe(MINUTE), times, values, values, values, values, empty)
    with Strategy(owner) as s:
        wires = build(s.bars.close)
    columns = backtest(s, bars).columns
    return {name: np.asarray(columns[f"{wire.node}.{wire.port}"], np.float64) for name, wire in wires.items()}


def with_values(klines: Any, columns: Mapping[str, Any]) -> tuple[Any, Any]:
    """A copy of the bars with these columns, and the columns alone."""
    frame = klines.assign(**columns)
    return frame, frame[list(columns)]


def bars_where(mask: Any) -> Sequence[int]:
    """The numbers of the bars, without the first, at which a condition is true."""
    found: list[int] = np.flatnonzero(np.nan_to_num(mask) > 0).tolist()
    return [i for i in found if i > 0]
