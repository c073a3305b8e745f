"""Bars of another instrument as columns: their names. `outside` has the bars that a run reads without trading them.

`BTC/USDT.close` is the column of the closes of BTC/USDT. Where the run trades that instrument, its own bars are the
column; otherwise bars carry it like a column from outside.
"""

from __future__ import annotations

from collections.abc import Iterable

from wickwork.model.errors import InputError
from wickwork.model.instrument import parse_instrument

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


def missing_bars(instrument: str, traded: Iterable[str], beside: Iterable[str] = ()) -> InputError:
    """What to raise where a strategy reads the bars of an instrument that the run does not have."""
    names = list(traded)
    have = [*names, *(name for name in beside if name not in names)]
    return InputError(
        f"The strategy reads the bars of {instrument}, but the run has {', '.join(have)}."
        f" Trade {instrument} too, or give its bars to be read only: with `with_bars=` "
        f"in Python, with `--with-bars {instrument}=FILE` on the command line."
    )
