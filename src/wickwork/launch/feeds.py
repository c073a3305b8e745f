"""The bars of a configuration: each instrument from its feed."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wickwork.context import Context
from wickwork.launch.bar_sources import BarSource, DemoSource, FileSource, StoreSource
from wickwork.launch.markets import Market, MarketRequest, bars_at, fit_together, load_market
from wickwork.market.sources.formats import files_below
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError, NotFound
from wickwork.model.outside import with_other_bars
from wickwork.model.timeframe import Timeframe, parse_timeframe
from wickwork.settings.feeds import BINANCE, DEMO, STORE, feed_of, feed_type
from wickwork.settings.names import venue_of, without_venue
from wickwork.settings.parts import PartSettings
from wickwork.settings.schema import Feed, Settings

_SIMULATED = ("", "paper", "simulated", "simulation", "mock", "demo", "backtest")
_HISTORY = "data/history"


@dataclass(frozen=True)
class _Wanted:
    """An instrument, the feed with its bars (None for the demo market), and who wants it."""

    instrument: str
    feed: int | None
    by: str


def base_timeframe(parts: Sequence[PartSettings]) -> Timeframe:
    """The longest timeframe that makes up those of all parts: the bars of the run."""
    return Timeframe(math.gcd(*(parse_timeframe(part.timeframe).milliseconds for part in parts)))


def load_bars_of(settings: Settings, parts: Sequence[PartSettings], read: Sequence[str], context: Context) -> Market:
    """The bars of all instruments that the parts trade, with those of `read`, which they only read, as columns.

    Raises InputError and NotFound that name the entry of the configuration.
    """
    base, opened = base_timeframe(parts), _Sources(settings, parts, context)
    traded: list[Bars] = []
    finer: list[Bars] = []
    synthetic = False
    for one in _traded(settings, parts):
        source = opened.source(one)
        request = _request(settings, [one.instrument], base, opened.venue(one.feed))
        try:
            market = load_market(source, request)
        except InputError as error:
            raise type(error)(f"{one.by}: {error}") from None
        synthetic = synthetic or market.synthetic
        traded += market.bars
        finer += market.finer
    fit_together([bars.instrument for bars in traded])
    others = []
    names = [str(bars.instrument) for bars in traded]
    for name in read:
        if name in names:
            continue
        one = _Wanted(name, feed_of(settings.data_feeds, name), "strategies")
        source = opened.source(one)
        request = _request(settings, [name], base, opened.venue(one.feed))
        bars = bars_at(source, source.find([name], request.venue)[0], base, request)
        if not len(bars):
            raise InputError(f"There are no {base} bars of {name}, which a strategy reads, in that span.")
        synthetic = synthetic or source.synthetic
        others.append(bars)
    ruled = [_with_rules(bars, settings) for bars in (with_other_bars(traded, others) if others else traded)]
    return Market(ruled, [_with_rules(bars, settings) for bars in finer], synthetic)


def _request(settings: Settings, names: list[str], base: Timeframe, venue: str) -> MarketRequest:
    return MarketRequest(names, venue, base, settings.start, settings.end, settings.execution.finer)


def _traded(settings: Settings, parts: Sequence[PartSettings]) -> list[_Wanted]:
    found: dict[str, _Wanted] = {}
    for part in parts:
        for instrument in part.instruments:
            by = f"strategies[{part.number}] ({part.name})"
            wanted = _Wanted(instrument, feed_of(settings.data_feeds, instrument, part.strategy.feed), by)
            pair = without_venue(instrument)
            earlier = found.setdefault(pair, wanted)
            venues = {venue_of(one.instrument) for one in (earlier, wanted)} - {""}
            if len(venues) > 1:
                raise InputError(
                    f"{by} trades {instrument} and {earlier.by} {earlier.instrument}; write the same venue in both."
                )
            if not venue_of(earlier.instrument):
                found[pair] = wanted
            if earlier.feed != wanted.feed:
                raise InputError(f"{by} takes {instrument} from another feed than {earlier.by}; name one feed in both.")
    return list(found.values())


class _Sources:
    """The sources of the feeds, each opened once."""

    def __init__(self, settings: Settings, parts: Sequence[PartSettings], context: Context) -> None:
        self.settings, self.context = settings, context
        self.opened: dict[int, BarSource] = {}
        self.now = int(time.time() * 1000)

    def venue(self, number: int | None) -> str:
        """The venue of the instruments of a feed; empty for none in particular."""
        feed = Feed(type=DEMO) if number is None else self.settings.data_feeds[number]
        named = str(feed.parameters.get("venue", "")) or self.settings.execution.venue
        if named.lower() in _SIMULATED:
            return "binance" if feed.type and feed_type(feed) == BINANCE and not self._files(feed) else ""
        return named

    def source(self, wanted: _Wanted) -> BarSource:
        """The source of an instrument."""
        if wanted.feed is None:
            return DemoSource()
        feed = self.settings.data_feeds[wanted.feed]
        kind = feed_type(feed)
        if kind == DEMO:
            return DemoSource()
        if kind == STORE:
            return StoreSource(self.context.store)
        if kind == BINANCE and not self._files(feed):
            return StoreSource(self.context.store)
        return self._of_files(feed, wanted)

    def _of_files(self, feed: Feed, wanted: _Wanted) -> FileSource:
        path = self._folder(feed)
        if not path.exists():
            raise NotFound(
                f"{wanted.by}: the feed {feed.name or feed.type} has its files in {path}, which is not there."
            )
        venue = self.venue(self.settings.data_feeds.index(feed))
        try:
            return FileSource(path, [wanted.instrument], venue, None, self.now)
        except InputError as error:
            raise type(error)(f"{wanted.by}: {error}") from None

    def _folder(self, feed: Feed) -> Path:
        named = feed.parameters.get("path") or feed.parameters.get("data_dir") or _HISTORY
        return self.settings.path(str(named))

    def _files(self, feed: Feed) -> bool:
        """Whether there are files of bars where the feed has them."""
        folder = self._folder(feed)
        return folder.is_file() or (folder.is_dir() and any(True for _ in files_below(folder)))


def _with_rules(bars: Bars, settings: Settings) -> Bars:
    for name, own in settings.rules.items():
        if without_venue(name) == str(bars.instrument):
            given = {key: value for key, value in vars(own).items() if value is not None}
            try:
                rules = replace(bars.instrument.rules, **given)
            except InputError as error:
                raise InputError(f"rules, {name}: {error}") from None
            return replace(bars, instrument=replace(bars.instrument, rules=rules))
    return bars
