"""Historical bars as a feed: one moment after the other, as a live feed delivers them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from wickwork.model.bars import Bars
from wickwork.model.events import BarsClosed, Row
from wickwork.model.instrument import Instrument


def stream(
    bars: Sequence[Bars], finer: Mapping[Instrument, Bars] | None = None, after: int | None = None
) -> Iterator[BarsClosed]:
    """The bars of several instruments, together where they open together, from the first that opens after `after`."""
    moments = np.unique(np.concatenate([b.opened_at for b in bars]))
    if after is not None:
        moments = moments[np.searchsorted(moments, after, side="right") :]
    step = bars[0].timeframe.milliseconds
    inside = [(finer or {}).get(b.instrument) for b in bars]
    shared = [name for name in bars[0].columns if all(name in b.columns for b in bars)]
    for moment in moments.tolist():
        rows = tuple(_row(b, moment) for b in bars)
        within = tuple(
            None if f is None or row is None else _rows(f, moment, moment + step)
            for f, row in zip(inside, rows, strict=True)
        )
        yield BarsClosed(moment, rows, within, {name: tuple(_value(b, name, moment) for b in bars) for name in shared})


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
