"""Bars for charts: a window of an instrument, of which neighbouring bars are merged where there are too many."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import pyarrow as pa

from wickwork.context import Context
from wickwork.launch.bar_sources import BarSource, StoreSource
from wickwork.market.arrow import to_table
from wickwork.market.demo import DEMO_START, DEMO_STOP
from wickwork.model.bars import COLUMNS, Bars
from wickwork.model.errors import InputError, NotFound
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import MINUTE, Timeframe, parse_timeframe
from wickwork.services.child import Tools
from wickwork.services.core import digest
from wickwork.services.work.loaded_bars import load_one, series_version, source_of
from wickwork.services.work.request import context_of

MOST_BARS = 3_000_000
"""Bars that one window may have, counted in the timeframe of which they are made."""
_BLOCK = 20_000
"""Bars to whose multiples the loaded span is rounded, so that a chart that is moved finds its bars loaded."""
_COLUMNS = ("opened_at", *COLUMNS)


@dataclass(frozen=True)
class _Series:
    """An instrument in a timeframe: the bars of `base` make it, and they open from `first` to before `stop` (ms)."""

    instrument: Instrument
    timeframe: Timeframe
    base: Timeframe
    first: int
    stop: int


def window(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The bars that open from `from` to before `to` (ms UTC), merged into at most `points`: `etag` and `content`.

    The content is JSON text, or bytes of an Arrow stream for `arrow`; None where `etags` has the etag. Raises
    InputError for too many bars, and NotFound for an instrument or a timeframe that there is not.
    """
    context = context_of(tools)
    data = request["data"]
    source = source_of(data, context, tools)
    instrument = source.find([request["instrument"]], request["venue"])[0]
    version_of_bars = version("wickwork") if data == "demo" else series_version(context, instrument)
    asked = {name: request.get(name) for name in ("timeframe", "from", "to", "points", "arrow")}
    etag = digest([data, instrument.venue, str(instrument), version_of_bars, asked])[:32]
    if etag in request["etags"]:
        return {"etag": etag, "content": None}
    series = _series(source, instrument, parse_timeframe(request["timeframe"]))
    bars = _load(series, request, data, context, tools)
    size = bars_per_candle(bars, request["points"])
    about = {
        "instrument": str(instrument),
        "venue": instrument.venue,
        "timeframe": str(series.timeframe),
        "synthetic": source.synthetic,
        "first": series.first,
        "last": series.stop - series.timeframe.milliseconds,
        "bars": len(bars),
        "bars_per_candle": size,
    }
    columns = merged(bars, size)
    return {"etag": etag, "content": _arrow(about, columns) if request["arrow"] else _json(about, columns)}


def bars_per_candle(bars: Bars, points: int) -> int:
    """How many neighbouring bars have to be merged so that at most `points` candles are left."""
    if len(bars) <= points:
        return 1
    span = int(bars.opened_at[-1] - bars.opened_at[0]) // bars.timeframe.milliseconds + 1
    return -(-span // (points - 1))


def merged(bars: Bars, size: int) -> list[Any]:
    """`size` bars merged into one: opening time and open of the first, highest, lowest, close of the last, volume.

    The groups begin at multiples of their length since 1970, so that candles stay the same when a window is moved.
    """
    if size == 1 or not len(bars):
        return [getattr(bars, name) for name in _COLUMNS]
    group = (bars.opened_at - bars.timeframe.floor(0)) // (bars.timeframe.milliseconds * size)
    first = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    last = np.append(first[1:], len(bars)) - 1
    return [
        bars.opened_at[first],
        bars.open[first],
        np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first),
        bars.close[last],
        np.add.reduceat(bars.volume, first),
    ]


def _series(source: BarSource, instrument: Instrument, frame: Timeframe) -> _Series:
    if not isinstance(source, StoreSource):
        if frame.milliseconds % MINUTE:
            raise InputError(f"The demo market has no bars of {frame}; its fastest are of 1m.")
        return _Series(instrument, frame, Timeframe(MINUTE), DEMO_START, DEMO_STOP)
    have = source.timeframes(instrument)
    base = frame if frame in have else next((one for one in have if one.divides(frame)), None)
    found = source.store.find(instrument, base) if base else None
    if base is None or found is None:
        raise NotFound(
            f"The store has no bars of {instrument} that make {frame}; it has {', '.join(map(str, have)) or 'none'}."
        )
    return _Series(instrument, frame, base, found.first, found.last + base.milliseconds)


def _load(series: _Series, request: Mapping[str, Any], data: str, context: Context, tools: Tools) -> Bars:
    step = series.timeframe.milliseconds
    stop = min(series.stop if request.get("to") is None else request["to"], series.stop)
    asked = stop - request["points"] * step if request.get("from") is None else request["from"]
    start = max(asked, series.timeframe.floor(series.first))
    base = series.timeframe if data == "demo" else series.base  # the minutes of the demo market are made in parts
    count = (stop - start) // base.milliseconds
    if count > MOST_BARS:
        raise InputError(
            f"The window has {count:,} bars of {base}, more than {MOST_BARS:,}; ask for a shorter one, or for a longer "
            "timeframe."
        )
    if start >= stop:
        return Bars.of(series.instrument, series.timeframe, [], [], [], [], [], [])
    block = _BLOCK * step
    span = start // block * block, -(-stop // block) * block
    if (span[1] - span[0]) // base.milliseconds > MOST_BARS:
        span = start, stop
    return load_one(data, series.instrument, series.timeframe, span, context, tools).between(start, stop)


def _json(about: Mapping[str, Any], columns: list[Any]) -> str:
    values = {name: column.tolist() for name, column in zip(_COLUMNS, columns, strict=True)}
    return json.dumps({**about, **values}, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _arrow(about: Mapping[str, Any], columns: list[Any]) -> bytes:
    fields: list[pa.Field[Any]] = [pa.field("opened_at", pa.timestamp("ms", tz="UTC"))]
    fields += [pa.field(name, pa.float64()) for name in COLUMNS]
    table = to_table(pa.schema(fields, {"wickwork": json.dumps(about)}), columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()
