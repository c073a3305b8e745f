"""A column of a file into times, whatever type or spelling it has."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wickwork.market.arrow import to_numpy
from wickwork.market.raw import NO_TIME, Unreadable
from wickwork.market.sources.cells import MOST, decoded, is_text, one_by_one, present, to_floats
from wickwork.market.sources.table import Column
from wickwork.model.bars import Times
from wickwork.model.errors import InputError, shown
from wickwork.model.moments import EARLIEST, LATEST

_PER_MS = {"s": (1000, 1), "ms": (1, 1), "us": (1, 1000), "ns": (1, 1_000_000)}
_ZONE = r"(Z|[+-]\d\d:?\d\d)$"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[./-](?P<month>\d{1,2})[./-](?P<day>\d{1,2})(?P<rest>\D.*)?")
_YEAR_LAST = re.compile(r"(?P<first>\d{1,2})(?P<sign>[./-])(?P<second>\d{1,2})(?P=sign)(?P<year>\d{4})(?P<rest>\D.*)?")
_NAMED = (
    re.compile(r"(?P<name>[A-Za-z]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})(?P<rest>\D.*)?"),
    re.compile(r"(?P<day>\d{1,2})[ -](?P<name>[A-Za-z]{3,9})\.?[ -](?P<year>\d{4})(?P<rest>\D.*)?"),
)
_HOUR = re.compile(
    r"[T ,-]*(?P<hour>\d{1,2})(:(?P<minute>\d{2})(:(?P<second>\d{2})([.,](?P<fraction>\d{1,9}))?)?)?"
    r"([ -]?(?P<half>[AaPp])\.?[Mm]\.?)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?"
)


def to_times(column: Column, source: str, name: str = "opened_at") -> tuple[Times, list[Unreadable], bool]:
    """A column as ms since 1970 UTC, NO_TIME for what is missing or not a time; the bad cells; whether a zone lacks.

    Understood are timestamps and dates; numbers, which are seconds, ms, µs or ns by their size; and texts: ISO 8601,
    `2023.03.01 12:00`, days before or after months (`31.01.2024`, `01/31/2024 12:00 AM`), and English names
    of months. Times outside of the years 2000 to 2100 are bad cells. Raises InputError where dates such as 01/05/2024
    have two meanings and no cell decides between them.
    """
    times, bad, naive = _read(decoded(column), source, name)
    outside = (times != NO_TIME) & ((times < EARLIEST) | (times >= LATEST))
    if outside.any():
        times = np.where(outside, NO_TIME, times)
        rows = np.flatnonzero(outside)[:MOST].tolist()
        bad = [*bad, *(Unreadable(row, name, str(column[row])[:60]) for row in rows)]
    return times, bad, naive


def _read(column: Column, source: str, name: str) -> tuple[Times, list[Unreadable], bool]:
    kind = column.type
    if pa.types.is_date(kind):
        column = column.cast(pa.timestamp("ms"))
        kind = column.type
    if pa.types.is_timestamp(kind):
        return _from_ticks(column, kind), [], kind.tz is None
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind):
        return _from_epoch(column), [], False
    if not is_text(kind):
        raise InputError(f"The column {name} holds {kind} where times are needed.")
    return _from_texts(pc.utf8_trim_whitespace(column), source, name)


def _from_texts(texts: Column, source: str, name: str) -> tuple[Times, list[Unreadable], bool]:
    for number in (pa.int64(), pa.float64()):
        try:
            return _from_epoch(texts.cast(number)), [], False
        except pa.ArrowInvalid:
            continue
    texts = pc.replace_substring_regex(texts, r"(?i)\s*(UTC|GMT|Z)$", "Z")
    day_first = _day_first(texts, source)
    iso = _as_iso(texts, day_first)
    zoned = pc.match_substring_regex(iso, _ZONE)
    aware, naive = pc.any(zoned, min_count=0).as_py(), not pc.all(zoned, min_count=0).as_py()
    try:
        if aware and naive:
            raise pa.ArrowInvalid("some times name a zone, some do not")
        stamps = iso.cast(pa.timestamp("us", "UTC" if aware else None))
        return _from_ticks(stamps, stamps.type), [], naive
    except pa.ArrowInvalid:
        bare: list[str] = []  # texts that name no zone
        read = lambda text: _moment(text, day_first, bare)  # noqa: E731
        times, bad = one_by_one(texts, name, read, NO_TIME, np.dtype(np.int64))
        return times, bad, bool(bare)


def _from_ticks(column: Column, kind: Any) -> Times:
    up, down = _PER_MS[kind.unit]
    return np.where(present(column), to_numpy(column) * up // down, NO_TIME)


def _from_epoch(column: Column) -> Times:
    """Numbers of seconds, ms, µs or ns; the size of each gives its unit, which no two share from 2000 to 2100."""
    values: NDArray[Any]
    if pa.types.is_integer(column.type):
        there = present(column)
        values = np.where(there, to_numpy(column.cast(pa.int64())), 0)
    else:
        values = to_floats(column)
        there = np.isfinite(values) & (np.abs(values) < 9e18)
        values = np.where(there, values, 0)
    size = np.abs(values)
    seconds, fine = np.where(size < 1e11, values, 0) * 1000, np.where(size < 1e17, values // 1000, values // 1_000_000)
    times = np.where(size < 1e11, seconds, np.where(size < 1e14, values, fine))
    return np.where(there, np.floor(times), NO_TIME).astype(np.int64)


def _day_first(texts: Column, source: str) -> bool:
    """Whether dates such as 01/05/2024 begin with the day; of dates with points it is always so."""
    dates = pc.utf8_slice_codeunits(texts, 0, 10).unique().drop_null().to_pylist()
    found = [match for date in dates if (match := _YEAR_LAST.match(str(date))) and match["sign"] != "."]
    days = next((one for one in found if int(one["first"]) > 12), None)
    months = next((one for one in found if int(one["second"]) > 12), None)
    if days and months:
        raise InputError(
            f"{source} writes dates in two ways: {shown(days[0])!r} begins with the day, and {shown(months[0])!r} with "
            "the month; write all of them in one way, such as 2024-01-31."
        )
    unsure = next((one for one in found if int(one["first"]) != int(one["second"])), None)
    if unsure and not days and not months:
        raise InputError(
            f"{source} has dates such as {shown(unsure[0])!r}, in which either number may be the month, and no date "
            "shows which; write them as 2024-01-31."
        )
    return not months


def _as_iso(texts: Column, day_first: bool) -> Column:
    """The usual spellings of dates as ISO 8601, so that all rows can be converted at once."""
    texts = pc.replace_substring_regex(texts, r"^(\d{4})[./](\d\d)[./](\d\d)", r"\1-\2-\3")
    texts = pc.replace_substring_regex(texts, r"^(\d\d)\.(\d\d)\.(\d{4})", r"\3-\2-\1")
    order = r"\3-\2-\1" if day_first else r"\3-\1-\2"
    return pc.replace_substring_regex(texts, r"^(\d\d)[/-](\d\d)[/-](\d{4})", order)


def _moment(text: str, day_first: bool, bare: list[str]) -> int:
    """One text as ms; it is added to `bare` where it names no zone. Raises ValueError for what is not a time."""
    if text.isdigit():
        return int(_from_epoch(pa.chunked_array([[int(text)]]))[0])
    moment = _written_out(text, day_first) or datetime.fromisoformat(text)
    if moment.tzinfo is None:
        bare.append(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _written_out(text: str, day_first: bool) -> datetime | None:
    """A date that is not ISO 8601, or None where the text has another form; ValueError for one that does not exist."""
    if found := _YEAR_FIRST.fullmatch(text):
        month, day = int(found["month"]), int(found["day"])
    elif found := _YEAR_LAST.fullmatch(text):
        day, month = int(found["first"]), int(found["second"])
        if found["sign"] != "." and not day_first:
            day, month = month, day
    elif found := next((match for one in _NAMED if (match := one.fullmatch(text))), None):
        month, day = _MONTHS.index(found["name"][:3].lower()) + 1, int(found["day"])
    else:
        return None
    return _at_hour(f"{found['year']}-{month:02}-{day:02}", (found["rest"] or "").strip())


def _at_hour(date: str, text: str) -> datetime:
    if not text:
        return datetime.fromisoformat(date)
    found = _HOUR.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    fraction = (found["fraction"] or "0")[:6].ljust(6, "0")
    clock = f"{hour:02}:{found['minute'] or '00'}:{found['second'] or '00'}.{fraction}{found['zone'] or ''}"
    return datetime.fromisoformat(f"{date}T{clock}")
