"""Historical bars as a feed: one moment after the other, as a live feed delivers them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wickwork.market.marks import marks_over
from wickwork.model.bars import Bars, Times
from wickwork.model.events import BarsClosed, Prices, Row
from wickwork.model.funding import FundingRates
from wickwork.model.instrument import Instrument


def stream(
    bars: Sequence[Bars],
    finer: Mapping[Instrument, Bars] | None = None,
    after: int | None = None,
    *,
    funding: Mapping[str, FundingRates] | None = None,
    marks: Mapping[str, Bars] | None = None,
) -> Iterator[BarsClosed]:
    """The bars of several instruments, together where they open together, from the first that opens after `after`.

    `funding` and `marks` are series of single instruments, by name, which come with the bars: the rates of the moments
    since the bars before, and the mark price during the bars.
    """
    moments = np.unique(np.concatenate([b.opened_at for b in bars]))
    if after is not None:
        moments = moments[np.searchsorted(moments, after, side="right") :]
    step = bars[0].timeframe.milliseconds
    inside = [(finer or {}).get(b.instrument) for b in bars]
    shared = [name for name in bars[0].columns if all(name in b.columns for b in bars)]
    rates = [(funding or {}).get(str(b.instrument)) for b in bars]
    prices = [_Marks.over(b, (marks or {}).get(str(b.instrument))) for b in bars] if marks else []
    before = after
    for moment in moments.tolist():
        rows = tuple(_row(b, moment) for b in bars)
        within = tuple(
            None if f is None or row is None else _rows(f, moment, moment + step)
            for f, row in zip(inside, rows, strict=True)
        )
        yield BarsClosed(
            moment,
            rows,
            within,
            {name: tuple(_value(b, name, moment) for b in bars) for name in shared},
            tuple(_charged(one, before, moment) for one in rates) if funding else (),
            tuple(one.at(moment) for one in prices),
        )
        before = moment


def _charged(series: FundingRates | None, before: int | None, now: int) -> float | None:
    """The sum of the rates of the moments after one opening, up to and with the next; None without a series."""
    if series is None:
        return None
    first, last = np.searchsorted(series.times, [now if before is None else before, now], side="right")
    return sum(series.rates[first:last].tolist(), 0.0)


@dataclass(frozen=True)
class _Marks:
    """The mark prices of one instrument on its bars."""

    opened_at: Times
    rows: NDArray[np.float64]

    @staticmethod
    def over(bars: Bars, series: Bars | None) -> _Marks:
        if series is None:
            return _Marks(bars.opened_at[:0], np.empty((0, 4)))
        covered, prices = marks_over(series, bars.opened_at, bars.timeframe)
        return _Marks(bars.opened_at[covered], np.column_stack(prices))

    def at(self, moment: int) -> Prices | None:
        i = int(np.searchsorted(self.opened_at, moment))
        if i == len(self.opened_at) or self.opened_at[i] != moment:
            return None
        o, h, l, c = self.rows[i].tolist()  # noqa: E741
        return o, h, l, c


def _row(bars: Bars, moment: int) -> Row | None:
    i = int(np.searchsorted(bars.opened_at, moment))
    if i == len(bars) or bars.opened_at[i] != moment:
        return None
    return _values(bars, i)


def _value(bars: Bars, name: str, moment: int) -> float | None:
    i = int(np.searchsorted(bars.opened_at, moment))
    if i == len(bars) or bars.opened_at[i] != moment or np.isnan(bars.columns[name][i]):
        return None
    return float(bars.columns[name][i])


def _rows(bars: Bars, start: int, stop: int) -> tuple[Row, ...]:
    first, last = np.searchsorted(bars.opened_at, [start, stop])
    return tuple(_values(bars, i) for i in range(first, last))


def _values(bars: Bars, i: int) -> Row:
    return (
        float(bars.open[i]),
        float(bars.high[i]),
        float(bars.low[i]),
        float(bars.close[i]),
        float(bars.volume[i]),
    )
