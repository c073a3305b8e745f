"""The bars of a configuration: each instrument from its feed."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wickwork.context import Context
from wickwork.launch.bar_sources import BarSource, DemoSource, FileSource, StoreSource
from wickwork.launch.markets import Market, MarketRequest, bars_at, fit_together, load_market
from wickwork.market.sources.formats import ending_of
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError, NotFound
from wickwork.model.outside import with_other_bars
from wickwork.model.timeframe import Timeframe, parse_timeframe
from wickwork.settings.faults import Path as Place
from wickwork.settings.feeds import BINANCE, DEMO, FILES, STORE, feed_of, feed_type
from wickwork.settings.names import venue_of, without_venue
from wickwork.settings.parts import PartSettings
from wickwork.settings.schema import Feed, Settings

_SIMULATED = ("", "paper", "simulated", "simulation", "mock", "demo", "backtest")
_HISTORY = "data/history"


@dataclass(frozen=True)
class _Wanted:
    """An instrument that a part trades, and its feed (None for the demo market)."""

    instrument: str
    feed: int | None
    part: PartSettings

    @property
    def by(self) -> str:
        """What errors call the part."""
        return f"strategies[{self.part.number}] ({self.part.name})"


def base_timeframe(parts: Sequence[PartSettings]) -> Timeframe:
    """The longest timeframe that makes up those of all parts: the bars of the run."""
    return Timeframe(math.gcd(*(parse_timeframe(part.timeframe).milliseconds for part in parts)))


def load_bars_of(settings: Settings, parts: Sequence[PartSettings], read: Sequence[str], context: Context) -> Market:
    """The bars of all instruments that the parts trade, with those of `read`, which they only read, as columns.

    Raises InputError and NotFound that name the entry of the configuration.
    """
    base = base_timeframe(parts)
    markets = [_market(settings, one, base, context) for one in _traded(settings, parts)]
    traded = [bars for market in markets for bars in market.bars]
    fit_together([bars.instrument for bars in traded])
    names = [str(bars.instrument) for bars in traded]
    others = [_read_only(settings, name, base, context) for name in read if name not in names]
    if others:
        traded = with_other_bars(traded, [bars for bars, _ in others])
    return Market(
        [_with_rules(bars, settings) for bars in traded],
        [_with_rules(bars, settings) for market in markets for bars in market.finer],
        any(market.synthetic for market in markets) or any(synthetic for _, synthetic in others),
    )


def feed_faults(settings: Settings, parts: Sequence[PartSettings], context: Context) -> Iterator[tuple[Place, str]]:
    """Places of settings whose feed lacks its files or the instrument, each with a sentence; no bars are loaded."""
    for i, feed in enumerate(settings.data_feeds):
        path = _place_of_files(settings, feed)
        if feed_type(feed) == FILES and not path.exists():
            yield ("data_feeds", i, "parameters"), f"there is no file or folder {path}; correct the path."
    try:
        wanted = _traded(settings, parts)
    except InputError as error:
        yield ("strategies",), str(error)
        return
    for one in wanted:
        if _has_files(settings, one.feed):
            continue
        try:
            source = _source(settings, one.feed, one.instrument, context)
            source.find([one.instrument], _venue(settings, one.feed))
        except InputError as error:
            yield ("strategies", one.part.number, "instruments"), str(error)


def _market(settings: Settings, one: _Wanted, base: Timeframe, context: Context) -> Market:
    """The bars of an instrument that a part trades."""
    try:
        source = _source(settings, one.feed, one.instrument, context)
        return load_market(source, _request(settings, one.feed, one.instrument, base))
    except InputError as error:
        raise type(error)(f"{one.by}: {error}") from None


def _read_only(settings: Settings, name: str, base: Timeframe, context: Context) -> tuple[Bars, bool]:
    """The bars of an instrument that is read and not traded, and whether they are synthetic."""
    try:
        feed = feed_of(settings.data_feeds, name)
        source = _source(settings, feed, name, context)
        request = _request(settings, feed, name, base)
        bars = bars_at(source, source.find([name], request.venue)[0], base, request)
    except InputError as error:
        raise type(error)(f"A strategy reads bars of {name}: {error}") from None
    if not len(bars):
        raise InputError(f"A strategy reads bars of {name}, but there are none of {base} in that span.")
    return bars, source.synthetic


def _request(settings: Settings, feed: int | None, name: str, base: Timeframe) -> MarketRequest:
    venue = _venue(settings, feed)
    return MarketRequest([name], venue, base, settings.start, settings.end, settings.execution.finer)


def _traded(settings: Settings, parts: Sequence[PartSettings]) -> list[_Wanted]:
    """Each instrument once, with the venue where some part names one. Raises InputError where parts disagree."""
    found: dict[str, _Wanted] = {}
    for part in parts:
        for instrument in part.instruments:
            wanted = _Wanted(instrument, feed_of(settings.data_feeds, instrument, part.strategy.feed), part)
            pair = without_venue(instrument)
            earlier = found.setdefault(pair, wanted)
            venues = {venue_of(one.instrument) for one in (earlier, wanted)} - {""}
            if len(venues) > 1:
                raise InputError(
                    f"{wanted.by} trades {instrument} and {earlier.by} {earlier.instrument}; "
                    "write the same venue in both."
                )
            if not venue_of(earlier.instrument):
                found[pair] = wanted
            if earlier.feed != wanted.feed:
                raise InputError(
                    f"{wanted.by} takes {instrument} from another feed than {earlier.by}; name one feed in both."
                )
    return list(found.values())


def _venue(settings: Settings, number: int | None) -> str:
    """The venue of the instruments of a feed; empty for none in particular."""
    if number is None:
        return ""
    feed = settings.data_feeds[number]
    named = str(feed.parameters.get("venue", "")) or settings.execution.venue
    if named.lower() not in _SIMULATED:
        return named
    return "binance" if feed_type(feed) == BINANCE and not _has_files(settings, number) else ""


def _source(settings: Settings, number: int | None, instrument: str, context: Context) -> BarSource:
    """The source of an instrument's bars. Raises InputError and NotFound for files that cannot be read."""
    if number is None or feed_type(settings.data_feeds[number]) == DEMO:
        return DemoSource()
    feed = settings.data_feeds[number]
    if feed_type(feed) == STORE or (feed_type(feed) == BINANCE and not _has_files(settings, number)):
        return StoreSource(context.store)
    path = _place_of_files(settings, feed)
    if not path.exists():
        raise NotFound(f"The feed {feed.name or feed.type} has its files in {path}, which is not there.")
    return FileSource(path, [instrument], _venue(settings, number), None, int(time.time() * 1000))


def _place_of_files(settings: Settings, feed: Feed) -> Path:
    named = feed.parameters.get("path") or feed.parameters.get("data_dir") or _HISTORY
    return settings.path(str(named))


def _has_files(settings: Settings, number: int | None) -> bool:
    """Whether the bars of a feed are in files that are there."""
    if number is None or feed_type(settings.data_feeds[number]) not in (FILES, BINANCE):
        return False
    place = _place_of_files(settings, settings.data_feeds[number])
    return place.is_file() or (place.is_dir() and any(ending_of(path) for path in place.rglob("*")))


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
