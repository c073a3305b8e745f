"""What runs: each strategy once for each of its timeframes, and the choice of some by INSTRUMENT:TIMEFRAME:NAME."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from wickwork.model.errors import InputError, NotFound, did_you_mean
from wickwork.model.timeframe import parse_timeframe
from wickwork.settings.names import without_venue
from wickwork.settings.schema import Settings, StrategySettings


@dataclass(frozen=True)
class PartSettings:
    """One strategy over bars of one timeframe."""

    name: str
    """Unique in the configuration: the strategy's, with timeframe and instruments where others have the same."""
    number: int
    """The number of its entry below `strategies`."""
    strategy: StrategySettings
    timeframe: str
    instruments: tuple[str, ...]


def parts_of(settings: Settings, enable: Sequence[str] = (), disable: Sequence[str] = ()) -> list[PartSettings]:
    """The parts that run, in the order of the file; `enable` and `disable` name INSTRUMENT:TIMEFRAME:NAME.

    Raises NotFound for a triple that is not in the configuration, with those that are, and InputError for one that is
    both enabled and disabled.
    """
    known = [
        (without_venue(instrument), timeframe, one.name)
        for one in settings.strategies
        for timeframe in one.timeframes
        for instrument in one.instruments
    ]
    on = [_triple(text, "--enable-strategy", known) for text in enable]
    off = [_triple(text, "--disable-strategy", known) for text in disable]
    for triple in on:
        if triple in off:
            raise InputError(f"{':'.join(triple)} is both enabled and disabled; keep one of the options.")
    found = []
    for i, one in enumerate(settings.strategies):
        for timeframe in one.timeframes:
            chosen = tuple(
                instrument
                for instrument in one.instruments
                if (triple := (without_venue(instrument), timeframe, one.name)) not in off
                and (one.enabled or triple in on)
            )
            if chosen:
                found.append(PartSettings(one.name, i, one, timeframe, chosen))
    return _named(found)


def _triple(text: str, option: str, known: Sequence[tuple[str, str, str]]) -> tuple[str, str, str]:
    words = [":".join(triple) for triple in known]
    listed = f"The configuration has {', '.join(words)}." if words else "The configuration has no strategy."
    symbol, _, rest = text.rpartition(":")[0].rpartition(":")
    name = text.rpartition(":")[2]
    try:
        triple = (without_venue(symbol), str(parse_timeframe(rest)), name)
    except InputError:
        raise InputError(f"{option} {text!r:.80} is not INSTRUMENT:TIMEFRAME:NAME. {listed}") from None
    if triple not in known:
        raise NotFound(f"{option} {text}: there is no such strategy.{did_you_mean(':'.join(triple), words)} {listed}")
    return triple


def _named(parts: list[PartSettings]) -> list[PartSettings]:
    """The parts with names that differ."""
    longer = [
        [one.strategy.name for one in parts],
        [f"{one.strategy.name} {one.timeframe}" for one in parts],
        [f"{one.strategy.name} {'+'.join(map(without_venue, one.instruments))} {one.timeframe}" for one in parts],
    ]
    counts = [Counter(names) for names in longer]
    chosen = []
    for i, one in enumerate(parts):
        name = next(
            (names[i] for names, count in zip(longer, counts, strict=True) if count[names[i]] == 1), longer[-1][i]
        )
        chosen.append(PartSettings(name, one.number, one.strategy, one.timeframe, one.instruments))
    return chosen
