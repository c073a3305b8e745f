"""Signals that depend on later bars, found by evaluating a strategy over fewer bars.

A row of the result may depend on its own bar and those before it. So the rows of the first n bars must be the same,
whether the strategy is evaluated over these n bars or over all of them: where a column differs, it depends on bars that
had not closed. And in a paper run, which evaluates a window of bars at each bar, the last row must trade as that row of
the whole does: where it differs, the window is too short.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.model.bars import Bars, iso
from wickwork.model.errors import InputError, shown
from wickwork.strategies.frame_signals import SIGNAL, TRADED, columns_of, evaluate
from wickwork.strategies.frames import FrameStrategy, title_of

POINTS = 9
"""How many times a backtest evaluates the strategy beside the time over all bars."""
_CLOSE, _TINY, _CLOSE_IN_WINDOW = 1e-9, 1e-12, 1e-6
"""Relative differences that rounding makes: of two sums of the same numbers, of a column to its largest value, and of
averages that began at another bar."""


@dataclass(frozen=True)
class Finding:
    """A value that is another when the strategy is evaluated over fewer bars."""

    kind: str
    """`look-ahead`, `window`, or `repeat` where two evaluations over the same bars differ."""
    strategy: str
    column: str
    bar: int
    """The number of the bar, from 0."""
    opened_at: int
    bars: int
    """Over how many bars the strategy was evaluated: the first ones, or those of the window."""
    value: Any
    """The value over these bars."""
    whole: Any
    """The value over all bars."""

    def __str__(self) -> str:
        where = f"{self.strategy}: the column {self.column} at bar {self.bar} ({iso(self.opened_at)})"
        value, whole = shown(f"{self.value}"), shown(f"{self.whole}")
        if self.kind == "repeat":
            return f"{where} is {value} and {whole} in two evaluations over the same bars; it must not be random."
        if self.kind == "window":
            return (
                f"{where} is {whole} over all bars and {value} over the last {self.bars:,}, which is what a paper run "
                f"evaluates. Give the class a window of more than {self.bars:,} bars (its attribute window "
                "is no parameter of an indicator; give one of yours another name), unless the value depends on the "
                "whole column: then compute it from the bars before."
            )
        return (
            f"{where} is {value} over the first {self.bars:,} bars and {whole} over all of them, so it depends on "
            "later bars. Use only the row's own bar and those before it: no shift(-1), bfill or centered window, and "
            "no mean, maximum or order of the whole column."
        )


def examine(strategy: FrameStrategy, bars: Bars, points: int = 100) -> list[Finding]:
    """What depends on later bars, or on bars before the window: the first finding of each column and kind.

    The strategy is evaluated over all bars, and at most `points` times over fewer: the first bars up to one, or a
    window of them. The places are chosen without randomness, half of them where signals are. Raises InputError where
    an evaluation fails.
    """
    return examine_result(strategy, bars, evaluate(strategy, bars), points)


def examine_result(strategy: FrameStrategy, bars: Bars, whole: Any, points: int = POINTS) -> list[Finding]:
    """As `examine`, where the result over all bars is there already."""
    found: dict[tuple[str, str], Finding] = {}
    signal = columns_of(strategy, whole, bars)[SIGNAL]
    windows = points * 4 // 9 if len(bars) > strategy.window else 0
    for stop in reversed(_stops(signal, strategy.warmup + 1, points - windows)):
        for one in _beside_first(strategy, bars, whole, stop):
            found.setdefault((one.kind, one.column), one)
    random = [one for one in found.values() if one.kind == "repeat"]
    if random:
        return random
    for stop in _stops(signal, strategy.window + 1, windows):
        for one in _beside_window(strategy, bars, whole, stop):
            found.setdefault((one.kind, one.column), one)
    return list(found.values())


def _stops(signal: NDArray[np.float64], first: int, count: int) -> list[int]:
    """How many of the first bars are evaluated: up to `count` numbers from `first` to one less than all bars.

    The first one, then behind bars with a signal of 1, and of −1, and evenly between.
    """
    last = len(signal) - 1
    if count < 1 or first > last:
        return []
    chosen = {first}
    buys, sells = (
        [i + 1 for i in np.flatnonzero(signal == side).tolist() if first <= i + 1 <= last] for side in (1, -1)
    )
    share = max((count - 1) // 3, 1)
    for places, most in ((buys, share), (sells, share), (range(first, last + 1), count)):
        free = [place for place in _spread(places, most) if place not in chosen]
        chosen.update(free[: count - len(chosen)])
    return sorted(chosen)


def _spread(places: Any, count: int) -> list[int]:
    """Up to `count` of these places, evenly."""
    return [places[(2 * k + 1) * len(places) // (2 * count)] for k in range(count)] if len(places) else []


def _beside_first(strategy: FrameStrategy, bars: Bars, whole: Any, stop: int) -> Iterator[Finding]:
    """The columns whose rows differ between the first `stop` bars and all."""
    first = bars.slice(0, stop)
    try:
        found = evaluate(strategy, first)
        columns_of(strategy, found, first)
    except InputError as error:
        raise InputError(
            f"{error} Over all bars it does not fail; give the class a longer warmup, if need be."
        ) from error
    if list(found.columns) != list(whole.columns):
        raise InputError(
            f"{title_of(strategy)} has other columns over the first {stop:,} bars than over all: "
            f"{shown(', '.join(map(str, found.columns)))} and {shown(', '.join(map(str, whole.columns)))}."
        )
    again = None
    for k, name in enumerate(found.columns):
        differ = _differ(found.iloc[:, k], whole.iloc[:stop, k], whole.iloc[:, k])
        if differ.any():
            again = evaluate(strategy, first) if again is None else again
            kind, other = "look-ahead", whole
            if _differ(found.iloc[:, k], again.iloc[:, k], again.iloc[:, k]).any():
                kind, other = "repeat", again
                differ = _differ(found.iloc[:, k], again.iloc[:, k], again.iloc[:, k])
            bar = int(np.argmax(differ))
            values = found.iloc[bar, k], other.iloc[bar, k]
            yield Finding(kind, title_of(strategy), str(name), bar, int(bars.opened_at[bar]), stop, *values)


def _beside_window(strategy: FrameStrategy, bars: Bars, whole: Any, stop: int) -> Iterator[Finding]:
    """The columns that it trades by whose last row differs between a window of bars and all."""
    start = stop - strategy.window
    window = bars.slice(start, stop)
    found = columns_of(strategy, evaluate(strategy, window), window, start)
    rows = columns_of(strategy, whole.iloc[start:stop], window, start)
    for name in TRADED:
        if name in found and name in rows:
            value, other = float(found[name][-1]), float(rows[name][-1])
            same = np.isclose(value, other, rtol=_CLOSE_IN_WINDOW, atol=0.0, equal_nan=True)
            if not same and (name == SIGNAL or rows[SIGNAL][-1]):
                bar = stop - 1
                at = int(bars.opened_at[bar])
                yield Finding("window", title_of(strategy), name, bar, at, strategy.window, value, other)


def _differ(few: Any, same: Any, every: Any) -> NDArray[np.bool_]:
    """The rows in which two columns differ, apart from rounding; `every` is the whole of the second one."""
    missing, missing_too = few.isna().to_numpy(), same.isna().to_numpy()
    both = ~missing & ~missing_too
    differ: NDArray[np.bool_] = missing != missing_too
    try:
        if "c" in (getattr(few.dtype, "kind", "O"), getattr(same.dtype, "kind", "O")):
            raise TypeError("complex numbers are no floats")
        a, b, c = (one.to_numpy(dtype=np.float64, na_value=np.nan) for one in (few, same, every))
    except (TypeError, ValueError, OverflowError):
        differ[both] = [not _is_same(x, y) for x, y in zip(few[both], same[both], strict=True)]
        return differ
    finite = np.abs(c[np.isfinite(c)])
    scale = float(finite.max()) if len(finite) else 0.0
    differ[both] = ~np.isclose(a[both], b[both], rtol=_CLOSE, atol=_TINY * scale)
    return differ


def _is_same(x: Any, y: Any) -> bool:
    """Whether two values of any type are equal; arrays are where all of their elements are."""
    try:
        return bool(x == y)
    except (TypeError, ValueError):
        return np.array_equal(x, y)
