"""Cells into times and numbers, whatever type or spelling a file gave them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wickwork.market.arrow import to_numpy
from wickwork.market.raw import NO_TIME, Unreadable
from wickwork.market.sources.sheet import Column
from wickwork.model.bars import Floats, Times
from wickwork.model.errors import InputError

_MOST = 100
_PER_MS = {"s": (1000, 1), "ms": (1, 1), "us": (1, 1000), "ns": (1, 1_000_000)}
_ZONE = r"(Z|[+-]\d\d:?\d\d)$"


def to_numbers(column: Column, name: str, decimal_comma: bool = False) -> tuple[Floats, list[Unreadable]]:
    """A column as float64, with NaN for what is missing or no number, and the cells that are no numbers."""
    column = _decoded(column)
    kind = column.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind):
        return _floats(column), []
    if not _is_text(kind):
        raise InputError(f"The column {name} holds {kind} where numbers are needed.")
    texts = pc.utf8_trim_whitespace(column)
    if decimal_comma:
        english = pc.replace_substring(pc.replace_substring(texts, ".", ""), ",", ".")
        texts = pc.if_else(pc.match_substring(texts, ","), english, texts)
    try:
        return _floats(texts), []
    except pa.ArrowInvalid:
        return _one_by_one(texts, name, _number, np.nan, np.dtype(np.float64))


def to_times(column: Column, name: str = "opened_at") -> tuple[Times, list[Unreadable], bool]:
    """A column as ms since 1970 UTC, NO_TIME for what is missing or no time; the bad cells; whether no zone was named.

    Understood are timestamps and dates; numbers, which are seconds, ms, µs or ns by their size; and ISO 8601 texts.
    """
    column = _decoded(column)
    kind = column.type
    if pa.types.is_date(kind):
        column = column.cast(pa.timestamp("ms"))
        kind = column.type
    if pa.types.is_timestamp(kind):
        return (*_from_ticks(column, kind), kind.tz is None)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind):
        return (*_from_epoch(column, name), False)
    if not _is_text(kind):
        raise InputError(f"The column {name} holds {kind} where times are needed.")
    texts = pc.utf8_trim_whitespace(column)
    for number in (pa.int64(), pa.float64()):
        try:
            return (*_from_epoch(texts.cast(number), name), False)
        except pa.ArrowInvalid:
            continue
    texts = pc.replace_substring_regex(texts, r"(?i)\s*(UTC|GMT|Z)$", "Z")
    zoned = pc.match_substring_regex(texts, _ZONE)
    aware, naive = pc.any(zoned, min_count=0).as_py(), not pc.all(zoned, min_count=0).as_py()
    try:
        if aware and naive:
            raise pa.ArrowInvalid("some times name a zone, some do not")
        stamps = texts.cast(pa.timestamp("us", "UTC" if aware else None))
        return (*_from_ticks(stamps, stamps.type), naive)
    except pa.ArrowInvalid:
        bare: list[str] = []  # texts that name no zone
        times, bad = _one_by_one(texts, name, lambda text: _moment(text, bare), NO_TIME, np.dtype(np.int64))
        return times, bad, bool(bare)


def _decoded(column: Column) -> Column:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _floats(column: Column) -> Floats:
    floats: Column = column.cast(pa.float64(), safe=False)
    return np.where(_present(floats), to_numpy(floats), np.nan)


def _present(column: Column) -> NDArray[np.bool_]:
    valid: Any = column.is_valid()
    present: NDArray[np.bool_] = to_numpy(valid.cast(pa.uint8())) == 1
    return present


def _from_ticks(column: Column, kind: Any) -> tuple[Times, list[Unreadable]]:
    up, down = _PER_MS[kind.unit]
    return np.where(_present(column), to_numpy(column) * up // down, NO_TIME), []


def _from_epoch(column: Column, name: str) -> tuple[Times, list[Unreadable]]:
    """Numbers of seconds, ms, µs or ns; which of them, each tells by its size (1e11 s is the year 5138)."""
    values: NDArray[Any]
    if pa.types.is_integer(column.type):
        present = _present(column)
        values = np.where(present, to_numpy(column.cast(pa.int64())), 0)
    else:
        values = _floats(column)
        present = np.isfinite(values) & (np.abs(values) < 9e18)
        values = np.where(present, values, 0)
    size = np.abs(values)
    seconds, tiny = np.where(size < 1e11, values, 0) * 1000, 1_000_000
    times = np.where(
        size < 1e11, seconds, np.where(size < 1e14, values, np.where(size < 1e17, values // 1000, values // tiny))
    )
    # 20240131 is a day that someone wrote without signs; as seconds it would be in August 1970.
    days = present & (values >= 19_700_101) & (values <= 21_001_231) & (np.floor(values) == values)
    bad = [Unreadable(int(row), name, str(column[int(row)])) for row in np.flatnonzero(days)[:_MOST]]
    return np.where(present & ~days, np.floor(times), NO_TIME).astype(np.int64), bad


def _one_by_one(
    texts: Column, name: str, read: Any, missing: float, kind: np.dtype[Any]
) -> tuple[Any, list[Unreadable]]:
    """The slow way, which finds out which cells are to blame."""
    values = np.full(len(texts), missing, dtype=kind)
    bad: list[Unreadable] = []
    for row, text in enumerate(texts.to_pylist()):
        if text is None:
            continue
        try:
            values[row] = read(text)
        except (ValueError, OverflowError):
            if len(bad) < _MOST:
                bad.append(Unreadable(row, name, text[:60]))
    return values, bad


def _number(text: str) -> float:
    if "_" in text:  # Python reads 1_000; nobody else does
        raise ValueError(text)
    return float(text)


def _moment(text: str, bare: list[str]) -> int:
    if text.isdigit():
        return int(_from_epoch(pa.chunked_array([[int(text)]]), "")[0][0])
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        bare.append(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
