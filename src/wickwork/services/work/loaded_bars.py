"""The bars of a request. A process keeps those of its last requests, since one who edits asks for the same again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wickwork.context import Context
from wickwork.launch.bar_sources import BarSource, DemoSource, StoreSource
from wickwork.launch.markets import Market, MarketRequest, bars_at, load_market
from wickwork.market.series import MANIFEST
from wickwork.model.bars import Bars
from wickwork.services.child import Tools

_MOST_BARS = 3_000_000
"""Bars that a process keeps: some 150 MB."""
_KEY = "loaded_bars"


def load(
    data: str, wanted: MarketRequest, read_only: Sequence[str], context: Context, tools: Tools
) -> tuple[Market, list[Bars]]:
    """The bars of the instruments wanted, and of those that the strategy only reads.

    `data` is `demo` or `store`. Raises InputError and NotFound where there are none.
    """
    kept: dict[Any, tuple[Market, list[Bars]]] = tools.memory.setdefault(_KEY, {})
    key = (data, repr(wanted), tuple(read_only), _version(context) if data == "store" else "")
    found = kept.pop(key, None)
    if found is None:
        source: BarSource = StoreSource(context.store) if data == "store" else DemoSource()
        market = load_market(source, wanted)
        frame = market.bars[0].timeframe
        others = [bars_at(source, source.find([name], wanted.venue)[0], frame, wanted) for name in read_only]
        found = market, others
    kept[key] = found
    while len(kept) > 1 and sum(map(_size, kept.values())) > _MOST_BARS:
        del kept[next(iter(kept))]
    return found


def _size(loaded: tuple[Market, list[Bars]]) -> int:
    market, others = loaded
    return sum(len(bars) for bars in (*market.bars, *market.finer, *others))


def _version(context: Context) -> tuple[tuple[str, int, int], ...]:
    """What changes with every change of the store: its manifests, which are replaced whenever a series changes."""
    folder = context.store.folder
    states = ((str(path), path.stat()) for path in sorted(folder.glob(f"[!.]*/*/*/{MANIFEST}")))
    return tuple((path, state.st_mtime_ns, state.st_ino) for path, state in states)
