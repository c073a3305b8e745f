"""The bars of a request. A process keeps those of its last requests, since one who edits asks for the same again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from wickwork.context import Context
from wickwork.launch.bar_sources import BarSource, DemoSource, StoreSource
from wickwork.launch.markets import Market, MarketRequest, bars_at, load_market
from wickwork.market.series import MANIFEST, folder_of
from wickwork.model.bars import Bars
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import MINUTE, Timeframe
from wickwork.services.child import Tools

_MOST_BARS = 3_000_000
"""Bars that a process keeps: some 150 MB."""
_KEY, _SOURCE = "loaded_bars", "store_source"
_Loaded = tuple[Any, tuple[Bars, ...]]


def load(
    data: str, wanted: MarketRequest, read_only: Sequence[str], context: Context, tools: Tools
) -> tuple[Market, list[Bars]]:
    """The bars of the instruments wanted, and of those that the strategy only reads.

    `data` is `demo` or `store`. Raises InputError and NotFound where there are none.
    """
    source = source_of(data, context, tools)

    def make() -> _Loaded:
        market = load_market(source, wanted)
        frame = market.bars[0].timeframe
        others = [bars_at(source, source.find([name], wanted.venue)[0], frame, wanted) for name in read_only]
        return (market, others), (*market.bars, *market.finer, *others)

    key = (data, repr(wanted), tuple(read_only), _version(context) if data == "store" else "")
    found: tuple[Market, list[Bars]] = _kept(key, make, tools)
    return found


def load_one(
    data: str, instrument: Instrument, timeframe: Timeframe, span: tuple[int, int], context: Context, tools: Tools
) -> Bars:
    """The bars of one instrument that open in a span (ms UTC), perhaps none."""
    source = source_of(data, context, tools)

    def make() -> _Loaded:
        request = MarketRequest([str(instrument)], timeframe=timeframe, start=span[0], stop=span[1])
        bars = bars_at(source, instrument, timeframe, request)
        return bars, (bars,)

    key = ("one", data, instrument, timeframe, span, _version(context) if data == "store" else "")
    found: Bars = _kept(key, make, tools)
    return found


def source_of(data: str, context: Context, tools: Tools) -> BarSource:
    """The source of `demo` or `store`. The list of stored series is read again when the store has changed."""
    if data != "store":
        return DemoSource()
    version = _version(context)
    known: tuple[Any, StoreSource] | None = tools.memory.get(_SOURCE)
    if known is None or known[0] != (context.store.folder, version):
        known = (context.store.folder, version), StoreSource(context.store)
        tools.memory[_SOURCE] = known
    return known[1]


def series_version(context: Context, instrument: Instrument) -> tuple[tuple[str, int, int], ...]:
    """What changes with every change of a stored series of that instrument, in whatever timeframe."""
    folder = folder_of(context.store.folder, instrument, Timeframe(MINUTE)).parent
    return _states(sorted(folder.glob(f"*/{MANIFEST}")))


def _kept(key: Any, make: Callable[[], _Loaded], tools: Tools) -> Any:
    kept: dict[Any, _Loaded] = tools.memory.setdefault(_KEY, {})
    found = kept.pop(key, None) or make()
    kept[key] = found
    while sum(len(bars) for _, loaded in kept.values() for bars in loaded) > _MOST_BARS:
        del kept[next(iter(kept))]
    return found[0]


def _version(context: Context) -> tuple[tuple[str, int, int], ...]:
    """What changes with every change of the store: its manifests, which are replaced whenever a series changes."""
    folder = context.store.folder
    return _states(sorted(folder.glob(f"[!.]*/*/*/{MANIFEST}")))


def _states(paths: Sequence[Path]) -> tuple[tuple[str, int, int], ...]:
    found = []
    for path in paths:
        with suppress(FileNotFoundError):  # a series that is being deleted
            state = path.stat()
            found.append((str(path), state.st_mtime_ns, state.st_ino))
    return tuple(found)
