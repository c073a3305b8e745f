"""Read files as raw rows, or as bars where the rows have no errors."""

from __future__ import annotations

import re
import warnings
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wickwork.market.raw import NO_TIME, Finding, RawBars, Unreadable
from wickwork.market.sources.columns import Columns, find_columns, instrument_column
from wickwork.market.sources.formats import format_of
from wickwork.market.sources.naming import NamedBars, read_path
from wickwork.market.sources.numbers import to_numbers
from wickwork.market.sources.table import Column, Table
from wickwork.market.sources.timeframes import timeframe_findings, usual_timeframe
from wickwork.market.sources.times import to_times
from wickwork.model.bars import COLUMNS, Bars, Floats
from wickwork.model.errors import InputError, NotFound, did_you_mean, shown
from wickwork.model.instrument import Instrument, names_its_quote, parse_instrument
from wickwork.model.timeframe import Timeframe, parse_timeframe

# Raised by the libraries of the formats for a file that is damaged, encrypted or of another format.
_LIBRARY_ERRORS = (
    pa.ArrowException, OSError, EOFError, ValueError, RecursionError, BadZipFile, zlib.error, RuntimeError,
)  # fmt: skip


class NaiveTimes(UserWarning):
    """Times in a file did not name their zone and were taken as UTC."""


class UnfinishedBars(UserWarning):
    """A file has bars that had not closed at the given moment; they were left out."""


def read_bars(
    path: Path | str, instrument: Instrument | str | None = None, timeframe: Timeframe | str | None = None
) -> RawBars:
    """The rows of a file without any change: CSV (also gzipped or zipped), Parquet, Feather, JSON rows.

    Instrument, venue and timeframe come from the arguments, else from the names of the file and its folders, else from
    a column such as `symbol`; a timeframe that is still unknown is the most frequent distance between times. Raises
    InputError when the file cannot be read, lacks a column, writes numbers or dates in a way that has two meanings, or
    does not name its instrument; warns NaiveTimes when its times have no zone.
    """
    raw = read_without_warning(Path(path), instrument, timeframe)
    if raw.naive_times:
        warn_naive([raw.source])
    return raw


def load_bars(
    path: Path | str,
    instrument: Instrument | str | None = None,
    timeframe: Timeframe | str | None = None,
    now: int | None = None,
) -> Bars:
    """The bars of a file that has no fault; InputError names the first one otherwise. Arguments as in `read_bars`.

    Rows from the newest to the oldest are reversed. With `now` (ms UTC), bars that had not closed by then are left out,
    with a warning UnfinishedBars.
    """
    raw = read_without_warning(Path(path), instrument, timeframe)
    if raw.naive_times:
        warn_naive([raw.source])
    return bars_of_raw(raw, now)


def bars_of_raw(raw: RawBars, now: int | None = None) -> Bars:
    """The bars of rows without a fault; InputError names the first one otherwise. `now` as in `load_bars`."""
    for finding in raw.findings:
        if finding.severity == "error":
            raise InputError(f"{raw.source}: {finding.sentence}")
    advice = "`wick data import` sorts rows and leaves faulty ones out"
    if raw.unreadable:
        raise InputError(f"{raw.source}: {raw.unreadable[0]}; {advice}.")
    missing = raw.opened_at == NO_TIME
    if missing.any():
        raise InputError(f"{raw.source}: row {int(np.argmax(missing))} has no time; {advice}.")
    times = raw.opened_at
    backwards = len(times) > 1 and bool((np.diff(times) < 0).all())
    rows = np.arange(len(times))[:: -1 if backwards else 1]
    if now is not None:
        closed = times[rows] + raw.timeframe.milliseconds <= now
        open_ones = len(rows) - int(closed.sum())
        if open_ones:
            bars = "1 bar that has" if open_ones == 1 else f"{open_ones:,} bars that have"
            warnings.warn(f"{raw.source} has {bars} not closed yet; left out.", UnfinishedBars, stacklevel=3)
        rows = rows[closed]
    columns = {name: getattr(raw, name)[rows] for name in ("opened_at", *COLUMNS)}
    try:
        return Bars.of(raw.instrument, raw.timeframe, **columns, source=raw.source)
    except InputError as error:
        raise InputError(f"{str(error).rstrip('.')} ({advice}).") from None


def warn_naive(sources: list[str]) -> None:
    """Warn once that these files' times were taken as UTC."""
    names = sources[0] if len(sources) == 1 else f"{len(sources)} files, such as {sources[0]},"
    have = "has" if len(sources) == 1 else "have"
    warnings.warn(f"{names} {have} times without a zone; they were taken as UTC.", NaiveTimes, stacklevel=3)


def read_without_warning(
    path: Path,
    instrument: Instrument | str | None = None,
    timeframe: Timeframe | str | None = None,
    *,
    prepare: Callable[[Table], Table] = lambda table: table,
    holds: str = "",
) -> RawBars:
    """`read_bars` without its warning, for callers that read many files and warn once.

    `prepare` changes the table before it is read; `holds` as in `naming.read_path`.
    """
    table = prepare(_without_levels(read_table(path), path))
    named = read_path(path, holds)
    instrument_of_file = _instrument(path, table, named, instrument)
    found = find_columns(list(table.columns), instrument_of_file, str(path))
    try:
        opened_at, bad, naive = to_times(_joined([table.columns[name] for name in found.times]), str(path))
        values, wrong, findings = _values(table, found, path)
    except pa.ArrowException as error:
        raise InputError(f"{path} has a column of a type that cannot be used: {error}") from error
    cells = sorted([*bad, *wrong], key=lambda one: one.row)[:100]
    wanted = parse_timeframe(timeframe) if timeframe else named.timeframe
    frame = wanted or usual_timeframe(opened_at, str(path), cells)
    findings += timeframe_findings(opened_at, frame, bool(timeframe)) if wanted else []
    raw = RawBars(
        instrument_of_file,
        frame,
        opened_at,
        values["open"],
        values["high"],
        values["low"],
        values["close"],
        values["volume"],
        path.name,
        malformed=table.malformed,
        naive_times=naive,
        findings=tuple(findings),
    )
    placed = (replace(one, row=raw.row_in_file(one.row)) for one in cells)
    unreadable: tuple[Unreadable, ...] = (*table.unreadable, *placed)
    return replace(raw, unreadable=unreadable)


def read_table(path: Path) -> Table:
    """The unchanged columns of a file; InputError where it cannot be read, NotFound where it is not there."""
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
    except pa.ArrowCancelled:  # Ctrl-C while Arrow reads
        raise KeyboardInterrupt from None
    except _LIBRARY_ERRORS as error:
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{path} could not be read as {kind.name}: {why}.") from error


def _without_levels(table: Table, path: Path) -> Table:
    """The table of a DataFrame whose columns have two levels, as yfinance returns it: `('Close', 'BTC-USD')`."""
    pairs = {name: re.fullmatch(r"\('([^']*)', '([^']*)'\)", name) for name in table.columns}
    tickers = {match[2] for match in pairs.values() if match and match[2]}
    if len(tickers) > 1:
        some = ", ".join(map(shown, sorted(tickers)[:3]))
        raise InputError(f"{path} holds several instruments ({some}); save each in a file of its own.")
    if not tickers:
        return table
    columns = {(match[1] if (match := pairs[name]) else name): column for name, column in table.columns.items()}
    size = len(next(iter(columns.values())))
    return replace(table, columns={**columns, "ticker": pa.chunked_array([[*tickers] * size], pa.string())})


def _instrument(path: Path, table: Table, named: NamedBars, instrument: Instrument | str | None) -> Instrument:
    """The instrument of the bars: the argument, else that of the file's name or of a column."""
    word = _symbol_inside(path, table)
    wanted = parse_instrument(instrument) if instrument else _named_instrument(path, named, word)
    if wanted is None:
        raise InputError(
            f"{path} does not name the instrument of its bars: give the option instrument (such as BTC/USDT), "
            "or a name such as BTCUSDT_1h to the file."
        )
    return wanted if wanted.venue else replace(wanted, venue=named.venue)


def _named_instrument(path: Path, named: NamedBars, word: str) -> Instrument | None:
    """The instrument that the name of a file and a word in its rows say; InputError where they say different ones.

    Each completes the other: a name may have only the coin, and a word may be that of a perpetual.
    """
    try:
        inside = parse_instrument(word) if word else None
    except InputError:
        inside = None
    said = named.instrument
    if said is None or inside is None or not names_its_quote(word, alone=False):
        return said or inside
    if said.base != inside.base or (said.quote != inside.quote and not named.quote_assumed):
        raise InputError(f"{path} is named after {said}, and its rows are of {inside}: give the option instrument.")
    return replace(inside, settle=inside.settle or said.settle, venue=said.venue or inside.venue)


def _symbol_inside(path: Path, table: Table) -> str:
    """What a column such as `symbol` says. A file of several instruments is refused: its rows must not be mixed."""
    name = instrument_column(table.columns)
    if name is None or not len(table.columns[name]):
        return ""
    words = [str(one) for one in table.columns[name].unique().to_pylist() if one is not None]
    if len(words) > 1:
        some = ", ".join(map(shown, words[:3])) + (", …" if len(words) > 3 else "")
        raise InputError(
            f"{path} holds several instruments ({some} in the column {shown(name)}); split it into a file for each."
        )
    return words[0] if words else ""


def _joined(columns: list[Column]) -> Column:
    """One column of times; a day and a time of day in two columns are joined.

    What is called `time` beside a date may be the whole moment instead; then only it is used.
    """
    if len(columns) == 1:
        return columns[0]
    days, hours = (column.cast(pa.string()) for column in columns)
    first = next((str(one) for one in hours.to_pylist() if one is not None), "")
    if not re.fullmatch(r"\d{1,2}:\d\d.*|\d{4}|\d{6}", first):
        return columns[1] if first else columns[0]
    joined: Column = pc.binary_join_element_wise(pc.utf8_slice_codeunits(days, 0, 10), hours, " ")  # type: ignore[call-overload]
    return joined


def _values(table: Table, found: Columns, path: Path) -> tuple[dict[str, Floats], list[Unreadable], list[Finding]]:
    """The five columns of numbers; of MetaTrader's two volumes the number of ticks, where the other is 0 throughout."""
    ticks = {"ticks": table.columns[found.tick_volume]} if found.tick_volume else {}
    chosen = {field: table.columns[name] for field, name in found.values.items()}
    columns, bad = to_numbers({**chosen, **ticks}, str(path), table.semicolons)
    counted = columns.pop("ticks", None)
    bad = [one for one in bad if one.column != "ticks"]
    if counted is None or (found.values["volume"] != found.tick_volume and columns["volume"].any()):
        return columns, bad, []
    columns["volume"] = counted
    sentence = "The volume is the number of price changes (ticks); the file has no volume that was traded."
    return columns, bad, [Finding("ticks", "note", 0, 0, len(counted), sentence)]
