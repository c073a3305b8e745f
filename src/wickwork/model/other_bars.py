"""Bars of another instrument as columns: their names, and bars that a run reads without trading them.

`BTC/USDT.close` is the column of the closes of BTC/USDT. Where the run trades that instrument, its own bars are the
column; otherwise bars carry it like a column from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from wickwork.model.errors import InputError
from wickwork.model.instrument import parse_instrument

if TYPE_CHECKING:
    from wickwork.model.bars import Bars, Floats

FIELDS = ("open", "high", "low", "close", "volume")


def other_column(instrument: str, field: str) -> str:
    """The name of the column of an instrument's bars; `field` is one of `FIELDS`."""
    return f"{instrument}.{field}"


def split_column(name: str) -> tuple[str, str] | None:
    """The instrument and the field of such a name; None for the name of any other column."""
    instrument, _, field = name.rpartition(".")
    return (instrument, field) if "/" in instrument and field in FIELDS else None


def other_name(text: str) -> str:
    """The name of an instrument as runs have it, `BTC/USDT`; InputError where the text is none or has a venue."""
    found = parse_instrument(text)
    if found.venue:
        raise InputError(f"{text!r} names a venue; write {found}: which venue it is, is said where the bars are given.")
    return str(found)


def with_other_bars(bars: Sequence[Bars], others: Iterable[Bars]) -> list[Bars]:
    """The bars of a run with those of other instruments beside them as columns, at the same opening times.

    A bar without one of the other instrument has NaN. An instrument that the run trades anyway may be among the others
    with the same bars. Raises InputError where bars have another timeframe, share no opening time with the run, or are
    given twice.
    """
    result = list(bars)
    seen: set[str] = set()
    for other in others:
        name = str(other.instrument)
        if name in seen:
            raise InputError(f"The bars of {name} are given twice to be read beside those of the run; give them once.")
        seen.add(name)
        traded = next((one for one in bars if str(one.instrument) == name), None)
        if traded is not None and replace(traded, columns={}).digest() != replace(other, columns={}).digest():
            raise InputError(f"The run trades {name} on other bars than those to be read beside; leave these out.")
        if traded is None:
            _refuse_misfits(bars, other)
            result = [_with_other(one, other) for one in result]
    return result


def _refuse_misfits(bars: Sequence[Bars], other: Bars) -> None:
    if bars and other.timeframe != bars[0].timeframe:
        raise InputError(
            f"The bars of {other.instrument} to be read beside those of the run are {other.timeframe}, the run has "
            f"{bars[0].timeframe}; give them in {bars[0].timeframe}."
        )
    if not any(np.isin(other.opened_at, one.opened_at).any() for one in bars):
        raise InputError(f"No bar of {other.instrument} opens when a bar of {bars[0].instrument} does.")


def _with_other(bars: Bars, other: Bars) -> Bars:
    added = {
        other_column(str(other.instrument), field): _at_times(getattr(other, field), other, bars) for field in FIELDS
    }
    source = bars.source if other.source == bars.source else f"{bars.source}; {other.instrument} from {other.source}"
    return replace(bars, columns={**bars.columns, **added}, source=source)


def _at_times(values: Floats, other: Bars, bars: Bars) -> Floats:
    if np.array_equal(other.opened_at, bars.opened_at):
        return values
    result = np.full(len(bars), np.nan)
    _, at, taken = np.intersect1d(bars.opened_at, other.opened_at, assume_unique=True, return_indices=True)
    result[at] = values[taken]
    result.flags.writeable = False
    return result


def missing_bars(instrument: str, traded: Iterable[str], beside: Iterable[str] = ()) -> InputError:
    """What to raise where a strategy reads the bars of an instrument that the run does not have."""
    names = list(traded)
    have = [*names, *(name for name in beside if name not in names)]
    return InputError(
        f"The strategy reads the bars of {instrument}, but the run has {', '.join(have)}."
        f" Trade {instrument} too, or give its bars to be read only: with `with_bars=` "
        f"in Python, with `--with-bars {instrument}=FILE` on the command line."
    )
