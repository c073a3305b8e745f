"""Files into rows, and sound rows into bars."""

from __future__ import annotations

import warnings
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wickwork.market.raw import NO_TIME, RawBars, Unreadable
from wickwork.market.sources.columns import instrument_column, recognise
from wickwork.market.sources.formats import format_of
from wickwork.market.sources.naming import told_by
from wickwork.market.sources.sheet import Column, Sheet
from wickwork.market.sources.values import to_numbers, to_times
from wickwork.model.bars import Bars, Times
from wickwork.model.errors import InputError, NotFound, did_you_mean, shown
from wickwork.model.instrument import Instrument, parse_instrument
from wickwork.model.timeframe import Timeframe, parse_timeframe

# What the libraries of the formats raise on a file that is damaged, encrypted or not what its name says.
_FOREIGN = (
    pa.ArrowException, OSError, EOFError, ValueError, RecursionError, BadZipFile, zlib.error, RuntimeError,
)  # fmt: skip


class NaiveTimes(UserWarning):
    """Times in a file did not name their zone and were taken as UTC."""


def read_bars(
    path: Path | str, instrument: Instrument | str | None = None, timeframe: Timeframe | str | None = None
) -> RawBars:
    """The rows of a file as they stand: CSV (also gzipped or zipped), Parquet, Feather, JSON rows.

    Instrument, venue and timeframe are what the arguments say, else what the file's name and folders say; a timeframe
    that is still unknown is the most frequent distance of times. Raises InputError when the file cannot be read, lacks
    a column, or does not tell its instrument; warns NaiveTimes when its times have no zone.
    """
    raw = read_quietly(Path(path), instrument, timeframe)
    if raw.naive_times:
        warn_naive([raw.source])
    return raw


def load_bars(
    path: Path | str, instrument: Instrument | str | None = None, timeframe: Timeframe | str | None = None
) -> Bars:
    """The bars of a file that has no fault; InputError names the first one otherwise. Arguments as in `read_bars`."""
    raw = read_quietly(Path(path), instrument, timeframe)
    if raw.naive_times:
        warn_naive([raw.source])
    if raw.unreadable:
        raise InputError(f"{raw.source}: {raw.unreadable[0]}.")
    missing = raw.opened_at == NO_TIME
    if missing.any():
        raise InputError(f"{raw.source}: row {int(np.argmax(missing))} has no time.")
    return Bars.of(
        raw.instrument,
        raw.timeframe,
        raw.opened_at,
        raw.open,
        raw.high,
        raw.low,
        raw.close,
        raw.volume,
        source=raw.source,
    )


def warn_naive(sources: list[str]) -> None:
    """Warn once that these files' times were taken as UTC."""
    names = sources[0] if len(sources) == 1 else f"{len(sources)} files, such as {sources[0]},"
    have = "has" if len(sources) == 1 else "have"
    warnings.warn(f"{names} {have} times without a zone; they were taken as UTC.", NaiveTimes, stacklevel=3)


def read_quietly(
    path: Path, instrument: Instrument | str | None = None, timeframe: Timeframe | str | None = None
) -> RawBars:
    """`read_bars` without the warning, for who reads many files and warns once."""
    sheet = _sheet(path)
    names = list(sheet.columns)
    times_in, values_in = recognise(names, str(path))
    try:
        opened_at, bad, naive = to_times(_joined([sheet.columns[name] for name in times_in]))
        columns = {}
        for field, name in values_in.items():
            columns[field], wrong = to_numbers(sheet.columns[name], field, sheet.decimal_comma)
            bad += wrong
    except pa.ArrowException as error:
        raise InputError(f"{path} has a column of a type that cannot be used: {error}") from error
    unreadable: tuple[Unreadable, ...] = (*sheet.unreadable, *sorted(bad, key=lambda one: one.row))
    told = told_by(path)
    inside = _instrument_inside(path, sheet)
    wanted = parse_instrument(instrument) if instrument else told.instrument or inside
    if wanted is None:
        raise InputError(
            f"{path} does not tell its instrument: give the option instrument (such as BTC/USDT), "
            "or a name such as BTCUSDT_1h to the file."
        )
    if not wanted.venue:
        wanted = replace(wanted, venue=told.venue)
    frame = parse_timeframe(timeframe) if timeframe else told.timeframe or _usual_distance(path, opened_at)
    return RawBars(
        wanted, frame, opened_at, **columns, source=path.name, unreadable=unreadable[:100], naive_times=naive
    )


def _sheet(path: Path) -> Sheet:
    if path.is_dir():
        raise InputError(f"{path} is a folder; import it, or name a file in it.")
    if not path.exists():
        beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        raise NotFound(f"There is no file {path}.{did_you_mean(path.name, beside)}")
    kind = format_of(path)
    try:
        return kind.read(path)
    except InputError:
        raise
    except _FOREIGN as error:
        told = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{path} could not be read as {kind.name}: {told}.") from error


def _joined(columns: list[Column]) -> Column:
    """One column of times; a day and an hour that stand apart are put together."""
    if len(columns) == 1:
        return columns[0]
    texts: list[Any] = [column.cast(pa.string()) for column in columns]
    joined: Column = pc.binary_join_element_wise(*texts, " ")
    return joined


def _instrument_inside(path: Path, sheet: Sheet) -> Instrument | None:
    """What a column such as `symbol` says. A file of several instruments is refused: its rows must not be mixed."""
    name = instrument_column(sheet.columns)
    if name is None or not len(sheet.columns[name]):
        return None
    words = [str(one) for one in sheet.columns[name].unique().to_pylist() if one is not None]
    if len(words) > 1:
        some = ", ".join(map(shown, words[:3])) + (", …" if len(words) > 3 else "")
        raise InputError(
            f"{path} holds several instruments ({some} in the column {shown(name)}); split it into a file for each."
        )
    try:
        return parse_instrument(words[0]) if words else None
    except InputError:
        return None


def _usual_distance(path: Path, opened_at: Times) -> Timeframe:
    distances, counts = np.unique(np.diff(np.unique(opened_at[opened_at != NO_TIME])), return_counts=True)
    if not len(distances):
        raise InputError(f"{path} has too few rows to tell its timeframe: give the option timeframe (such as 1h).")
    usual = int(distances[np.argmax(counts)])
    try:
        return Timeframe(usual)
    except InputError:
        raise InputError(
            f"{path} has rows that are {usual} ms apart, which is no timeframe: give the option timeframe (such as 1h)."
        ) from None
