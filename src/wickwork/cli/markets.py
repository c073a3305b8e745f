"""The bars of a run: which instruments, which timeframe, which finer bars inside them, and the rules of orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wickwork.cli.shelves import Shelf
from wickwork.market.resample import resample
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError, NotFound
from wickwork.model.instrument import Instrument, Kind
from wickwork.model.timeframe import WEEK, Timeframe, parse_timeframe
from wickwork.strategies.load import Loaded

AUTO, NONE = "auto", "none"


@dataclass(frozen=True)
class Wish:
    """What the options ask for."""

    instruments: list[str]
    venue: str = ""
    timeframe: Timeframe | None = None
    start: int | None = None
    stop: int | None = None
    finer: str = AUTO
    rules: Mapping[str, float] = field(default_factory=dict)
    """Rules of orders (tick, lot, minimum_notional) that take the place of the instruments' own."""


@dataclass(frozen=True)
class Market:
    """What a run goes over."""

    bars: list[Bars]
    finer: list[Bars]
    synthetic: bool


def gather(shelf: Shelf, wish: Wish) -> Market:
    """The bars that the options ask for."""
    instruments = shelf.find(wish.instruments, wish.venue)
    _fit_together(instruments)
    frame = wish.timeframe or shelf.usual(instruments[0])
    bars, finer = [], []
    for instrument in instruments:
        made = _bars(shelf, instrument, frame, wish)
        if not len(made):
            extent = shelf.extent(instrument)
            has = f"has some {extent}" if extent else "has none at all; take another source with --data"
            raise InputError(f"There are no {frame} bars of {instrument} in that span; {shelf.source} {has}.")
        ruled = _with_rules(made.instrument, wish)
        bars.append(replace(made, instrument=ruled))
        inside = _finer(shelf, instrument, made, wish.finer)
        if inside is not None:
            finer.append(replace(inside, instrument=ruled))
    return Market(bars, finer, shelf.synthetic)


def _fit_together(instruments: list[Instrument]) -> None:
    for i, one in enumerate(instruments):
        if one in instruments[:i]:
            raise InputError(f"{one} is named twice; name each instrument once.")
    monies = {one.settle or one.quote for one in instruments}
    if len(monies) > 1:
        raise InputError(
            f"One account holds one currency, but the instruments are paid in {', '.join(sorted(monies))}; "
            "choose those of one currency with --instrument."
        )


def _bars(shelf: Shelf, instrument: Instrument, frame: Timeframe, wish: Wish) -> Bars:
    have = shelf.timeframes(instrument)
    if not have or frame in have:
        return shelf.load(instrument, frame, wish.start, wish.stop)
    base = next((one for one in have if one.divides(frame)), None)
    if base is None:
        there = ", ".join(map(str, have))
        raise NotFound(f"{shelf.source} has no bars of {instrument} that make {frame}; choose --timeframe {there}.")
    # From a week earlier on: a bar at --from is then known to be whole, even where its first faster bar is missing.
    start = None if wish.start is None else frame.floor(wish.start) - max(WEEK, frame.milliseconds)
    stop = None if wish.stop is None else frame.floor(wish.stop - 1) + frame.milliseconds
    return resample(shelf.load(instrument, base, start, stop), frame).between(wish.start, wish.stop)


def _finer(shelf: Shelf, instrument: Instrument, bars: Bars, asked: str) -> Bars | None:
    """Bars inside the bars: what was asked for, or the finest that is there."""
    if asked == NONE:
        return None
    have, frame = shelf.timeframes(instrument), bars.timeframe
    if asked == AUTO:
        fitting = [one for one in have if one < frame and one.divides(frame)]
        if not fitting:
            return None
        chosen = fitting[0]
    else:
        chosen = parse_timeframe(asked)
        if chosen >= frame or not chosen.divides(frame):
            raise InputError(f"--finer {chosen} must be shorter than the bars ({frame}) and divide them.")
        if have and chosen not in have:
            there = ", ".join(str(one) for one in have if one < frame) or "none"
            raise NotFound(
                f"{shelf.source} has no {chosen} bars of {instrument} to look inside; shorter ones: {there}."
            )
    return shelf.load(instrument, chosen, int(bars.opened_at[0]), int(bars.opened_at[-1]) + frame.milliseconds)


def _with_rules(instrument: Instrument, wish: Wish) -> Instrument:
    return replace(instrument, rules=replace(instrument.rules, **wish.rules)) if wish.rules else instrument


def refuse_shorts_on_spot(loaded: Loaded, bars: list[Bars]) -> None:
    """An action that sells short would be denied on every bar of a spot instrument; say so before the run."""
    sound = loaded.check()
    spot = next((b.instrument for b in bars if b.instrument.kind is Kind.SPOT), None)
    if spot is None:
        return
    for name, node in sorted(sound.nodes.items()):
        if node.name == "enter_short" or (node.name == "reverse" and sound.values[name]["to"] != "long"):
            twin = f"{spot.base}/{spot.quote}:{spot.quote}"
            raise InputError(
                f"The strategy sells short ({name}), which spot {spot} does not allow; "
                f"run it on a perpetual such as --instrument {twin}."
            )
