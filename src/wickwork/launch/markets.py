"""The bars of a run: instruments, timeframe, finer bars, and the rules of orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wickwork.graph.parts import part_name
from wickwork.launch.bar_sources import BarSource
from wickwork.market.resample import resample
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError, NotFound
from wickwork.model.instrument import Instrument, Kind
from wickwork.model.timeframe import WEEK, Timeframe, parse_timeframe
from wickwork.strategies.load import Loaded

AUTO, NONE = "auto", "none"


@dataclass(frozen=True)
class MarketRequest:
    """The bars that the options select."""

    instruments: list[str]
    venue: str = ""
    timeframe: Timeframe | None = None
    start: int | None = None
    stop: int | None = None
    finer: str = AUTO
    rules: Mapping[str, float] = field(default_factory=dict)
    """Rules of orders (tick, lot, minimum_notional) that replace those of the instruments."""


@dataclass(frozen=True)
class Market:
    """The bars of a run."""

    bars: list[Bars]
    finer: list[Bars]
    synthetic: bool


def load_market(bar_source: BarSource, request: MarketRequest) -> Market:
    """Load the bars that the options select; InputError or NotFound where there are none."""
    instruments = bar_source.find(request.instruments, request.venue)
    fit_together(instruments)
    frame = request.timeframe or bar_source.usual(instruments[0])
    bars, finer = [], []
    for instrument in instruments:
        made = bars_at(bar_source, instrument, frame, request)
        if not len(made):
            extent = bar_source.extent(instrument)
            has = f"has some {extent}" if extent else "has none at all; take another source of bars"
            raise InputError(f"There are no {frame} bars of {instrument} in that span; {bar_source.source} {has}.")
        ruled = _with_rules(made.instrument, request)
        bars.append(replace(made, instrument=ruled))
        inside = _finer(bar_source, instrument, made, request.finer)
        if inside is not None:
            finer.append(replace(inside, instrument=ruled))
    return Market(bars, finer, bar_source.synthetic)


def fit_together(instruments: list[Instrument]) -> None:
    """Raise InputError where an instrument is named twice, or where they are paid in different currencies."""
    for i, one in enumerate(instruments):
        if one in instruments[:i]:
            raise InputError(f"{one} is named twice; name each instrument once.")
    monies = {one.settle or one.quote for one in instruments}
    if len(monies) > 1:
        raise InputError(
            f"One account holds one currency, but the instruments are paid in {', '.join(sorted(monies))}; "
            "choose those of one currency."
        )


def bars_at(bar_source: BarSource, instrument: Instrument, frame: Timeframe, request: MarketRequest) -> Bars:
    """The bars of an instrument in that timeframe, also from shorter ones; NotFound where none of them make it."""
    have = bar_source.timeframes(instrument)
    if not have or frame in have:
        return bar_source.load(instrument, frame, request.start, request.stop)
    base = next((one for one in have if one.divides(frame)), None)
    if base is None:
        there = ", ".join(map(str, have))
        raise NotFound(
            f"{bar_source.source} has no bars of {instrument} that make {frame}; choose the timeframe {there}."
        )
    # Start a week earlier: then the first bar is known to be complete even if its first shorter bar is missing.
    start = None if request.start is None else frame.floor(request.start) - max(WEEK, frame.milliseconds)
    stop = None if request.stop is None else frame.floor(request.stop - 1) + frame.milliseconds
    return resample(bar_source.load(instrument, base, start, stop), frame).between(request.start, request.stop)


def _finer(bar_source: BarSource, instrument: Instrument, bars: Bars, timeframe: str) -> Bars | None:
    """The finer bars: of the given timeframe, or of the shortest available one."""
    if timeframe == NONE:
        return None
    have, frame = bar_source.timeframes(instrument), bars.timeframe
    if timeframe == AUTO:
        fitting = [one for one in have if one < frame and one.divides(frame)]
        if not fitting:
            return None
        chosen = fitting[0]
    else:
        chosen = parse_timeframe(timeframe)
        if chosen >= frame or not chosen.divides(frame):
            raise InputError(f"The finer bars ({chosen}) must be shorter than the bars ({frame}) and divide them.")
        if have and chosen not in have:
            there = ", ".join(str(one) for one in have if one < frame) or "none"
            raise NotFound(
                f"{bar_source.source} has no {chosen} bars of {instrument} to look inside; shorter ones: {there}."
            )
    return bar_source.load(instrument, chosen, int(bars.opened_at[0]), int(bars.opened_at[-1]) + frame.milliseconds)


def _with_rules(instrument: Instrument, request: MarketRequest) -> Instrument:
    return replace(instrument, rules=replace(instrument.rules, **request.rules)) if request.rules else instrument


def refuse_shorts_on_spot(loaded: Loaded, bars: list[Bars]) -> None:
    """Raise InputError for an action that sells short on a spot instrument, where it would be denied on every bar."""
    validated = loaded.check()
    traded = {part.name: part.instruments for part in loaded.graph.parts}
    for name, node in sorted(validated.nodes.items()):
        if node.name != "enter_short" and (node.name != "reverse" or validated.values[name]["to"] == "long"):
            continue
        own = traded.get(part_name(name))
        for spot in (b.instrument for b in bars if b.instrument.kind is Kind.SPOT):
            if own is None or str(spot) in own:
                twin = f"{spot.base}/{spot.quote}:{spot.quote}"
                raise InputError(
                    f"The strategy sells short ({name}), which spot {spot} does not allow; "
                    f"run it on a perpetual such as {twin}."
                )
