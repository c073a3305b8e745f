"""Prices weighted with volume, and volume compared with its own average."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.native import unlikely
from wickwork.graph.node import node
from wickwork.graph.slower import NEVER, opening_of
from wickwork.graph.types import (
    Bar,
    Between,
    Choice,
    ConditionOrMissing,
    Length,
    Moment,
    Series,
    SeriesOrMissing,
    Window,
)
from wickwork.model.timeframe import DAY, WEEK
from wickwork.nodes.oscillators_smoothed import decay
from wickwork.nodes.price import typical
from wickwork.nodes.trend import NOISE_FLOOR
from wickwork.nodes.volume import BY_DAY
from wickwork.nodes.windows import TOP, Period, slide_sum

nan = float("nan")
BY_RANGE, BY_TULIP, BY_DIRECTION = range(3)


class RollingVwap(NamedTuple):
    """Memory of `rolling_vwap`."""

    turnovers: Annotated[Window, Length(lambda period: period)]
    volumes: Annotated[Window, Length(lambda period: period)]
    turnover: float = 0.0
    volume: float = 0.0
    last: float = nan
    run: int = 0
    at: int = 0
    seen: int = 0


@node(
    title="Rolling VWAP",
    phrase="the {period}-bar VWAP",
    group="volume",
    warmup=lambda period: period,
    terms=("volume weighted average price", "moving vwap", "vwma"),
    source="VWAP of a moving window",
)
def rolling_vwap(memory: RollingVwap, bars: Bar, *, period: Period = 20) -> tuple[RollingVwap, Series]:
    """Volume-weighted average price of the last `period` bars, in price units.

    The mean of the typical prices (high + low + close) / 3, each weighted with the volume of its bar. Where the window
    has no volume it is the typical price.
    """
    price, seen = typical(bars), memory.seen + 1
    run = memory.run + 1 if price == memory.last else 1
    _, turnover, turnovers = slide_sum(memory.turnovers, memory.at, memory.turnover, price * bars.volume, period)
    at, volume, volumes = slide_sum(memory.volumes, memory.at, memory.volume, bars.volume, period)
    value = turnovers / volumes if volumes > 0.0 and run < period else price
    kept = RollingVwap(memory.turnovers, memory.volumes, turnover, volume, price, run, at, seen)
    return kept, value if seen >= period else nan


class AnchoredVwap(NamedTuple):
    """Memory of `anchored_vwap`."""

    value: float = 0.0
    volume: float = 0.0
    anchored: int = 0


@node(
    title="Anchored VWAP",
    phrase="the VWAP since {anchor}",
    group="volume",
    terms=("avwap", "volume weighted average price", "since event"),
    source="VWAP, restarted at each event; Shannon",
)
def anchored_vwap(memory: AnchoredVwap, bars: Bar, anchor: ConditionOrMissing) -> tuple[AnchoredVwap, SeriesOrMissing]:
    """Volume-weighted average price since the bar on which `anchor` was last true, that bar included, in price units.

    The mean of the typical prices (high + low + close) / 3, each weighted with the volume of its bar; while there was
    no volume since the anchor it is the typical price. Missing until the anchor was true once, and on bars on which it
    is missing; their volume counts.
    """
    price, volume = typical(bars), memory.volume if not anchor > 0.0 else 0.0
    anchored = 1 if anchor > 0.0 else memory.anchored
    volume += bars.volume
    # Written as a step towards the new price, so that among equal prices it is that price to the last bit.
    value = memory.value + (price - memory.value) * (bars.volume / volume) if volume > bars.volume else price
    return AnchoredVwap(value, volume, anchored), value if anchored == 1 and anchor == anchor else nan


class VwapSpread(NamedTuple):
    """Memory of `vwap_bands`."""

    value: float = 0.0
    volume: float = 0.0
    squares: float = 0.0
    until: int = NEVER


class VwapBands(NamedTuple):
    """Outputs of `vwap_bands`."""

    lower: Series
    middle: Series
    upper: Series


@node(
    title="VWAP bands",
    phrase={
        "lower": "the lower VWAP band ({multiplier} deviations) of the {anchor}",
        "middle": "the VWAP of the {anchor}",
        "upper": "the upper VWAP band ({multiplier} deviations) of the {anchor}",
    },
    group="volume",
    terms=("vwap standard deviation", "volume weighted average price", "session"),
    source="TradingView VWAP bands",
)
def vwap_bands(
    memory: VwapSpread,
    bars: Bar,
    moment: Moment,
    *,
    multiplier: Annotated[float, Between(0, 100)] = 1.0,
    anchor: Annotated[int, Choice("day", "week")] = BY_DAY,
) -> tuple[VwapSpread, VwapBands]:
    """The VWAP since the day or the week began, with a band of `multiplier` standard deviations on each side.

    `middle` is `vwap`; the deviation is the root of the volume-weighted mean of the squared distances of the typical
    prices from it. All in price units; UTC, weeks begin on Monday. While prices were equal, or there was no volume yet,
    the three lines are one. Where the data begins inside a day or a week, they begin with the data.
    """
    price, value, volume, squares, until = typical(bars), memory.value, memory.volume, memory.squares, memory.until
    if moment >= until:
        unlikely()
        length = DAY if anchor == BY_DAY else WEEK
        volume, until = 0.0, opening_of(moment, length) + length
    volume += bars.volume
    if volume > bars.volume:
        distance = price - value
        value = value + distance * (bars.volume / volume)
        squares += bars.volume * distance * (price - value)
        squares = squares if squares > 0.0 else 0.0
    else:
        unlikely()
        value, squares = price, 0.0
    reach = multiplier * math.sqrt(squares / volume) if volume > 0.0 else 0.0
    return VwapSpread(value, volume, squares, until), VwapBands(value - reach, value, value + reach)


class PastVolume(NamedTuple):
    """Memory of `relative_volume`."""

    sums: Annotated[Window, Length(lambda period: period)]
    part: float = 0.0
    total: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="Relative volume",
    phrase="the volume relative to its {period}-bar average",
    group="volume",
    warmup=lambda period: period + 1,
    terms=("rvol", "volume ratio", "unusual volume"),
    source="TA-Lib RVOL",
)
def relative_volume(
    memory: PastVolume, bars: Bar, *, period: Period = 20
) -> tuple[PastVolume, Annotated[Series, Between(0, TOP)]]:
    """The volume of the bar divided by the mean volume of the `period` bars before it: 2 is twice as much as usual.

    Where those had no volume at all, it is 1.
    """
    seen = memory.seen + 1
    value = bars.volume * period / memory.total if memory.total > 0.0 else 1.0
    at, part, total = slide_sum(memory.sums, memory.at, memory.part, bars.volume, period)
    return PastVolume(memory.sums, part, total, at, seen), value if seen > period else nan


class VolumeAverages(NamedTuple):
    """Memory of `volume_oscillator`."""

    fast: float = 0.0
    slow: float = 0.0
    seen: int = 0


@node(
    title="Volume oscillator",
    phrase="the volume oscillator ({fast}, {slow})",
    group="volume",
    warmup=lambda fast, slow: max(fast, slow),
    terms=("pvo", "percentage volume oscillator", "volume osc"),
    source="TA-Lib PVO with EMAs",
)
def volume_oscillator(
    memory: VolumeAverages, bars: Bar, *, fast: Period = 5, slow: Period = 10
) -> tuple[VolumeAverages, Annotated[Series, Between(-100, TOP)]]:
    """By how many percent the fast EMA of the volume is above the slow one.

    100 × (EMA(fast) − EMA(slow)) / EMA(slow), each seeded with the mean of its first values; 0 where the slow one is 0.
    If `fast` is longer than `slow`, they change places.
    """
    seen = memory.seen + 1
    quick, calm = fast if fast < slow else slow, slow if fast < slow else fast
    faster = decay(memory.fast, seen, bars.volume, quick, 2.0 / (quick + 1.0))
    slower = decay(memory.slow, seen, bars.volume, calm, 2.0 / (calm + 1.0))
    value = 100.0 * ((faster - slower) / slower) if slower > NOISE_FLOOR else 0.0
    return VolumeAverages(faster, slower, seen), value if seen >= calm else nan


class Klinger(NamedTuple):
    """Memory of `klinger`."""

    price: float = nan
    reach: float = 0.0
    total: float = 0.0
    direction: float = 0.0
    fast: float = 0.0
    slow: float = 0.0
    signal: float = 0.0
    seen: int = 0


class KlingerLines(NamedTuple):
    """Outputs of `klinger`."""

    klinger: Series
    signal: Series


@node(
    title="Klinger oscillator",
    phrase={
        "klinger": "the Klinger oscillator ({fast}, {slow})",
        "signal": "the {signal}-bar signal line of the Klinger oscillator ({fast}, {slow})",
    },
    group="volume",
    warmup=lambda fast, slow, signal: max(fast, slow) + signal,
    terms=("kvo", "klinger volume oscillator"),
    source="Klinger 1997; Stock.Indicators",
)
def klinger(
    memory: Klinger,
    bars: Bar,
    *,
    fast: Period = 34,
    slow: Period = 55,
    signal: Period = 13,
    force: Annotated[int, Choice("range", "tulip", "direction")] = BY_RANGE,
) -> tuple[Klinger, KlingerLines]:
    """Klinger's comparison of volume that flows in and out: the fast EMA of the volume force minus the slow one.

    With `force` = range it is volume × |2 × (range / total − 1)| × direction × 100: direction is +1 after a rise of
    high + low + close and −1 after a fall (unchanged: as before), total adds up the ranges high − low since the
    direction turned, the bar before the turn included; 0 while there is no direction or no range. So it is printed by
    Stock.Indicators and in TradingView's help; with `tulip` it is |2 × range / total − 1|, as in Tulip Indicators. With
    `direction` (what TradingView draws) it is the volume, negative after a fall. `signal` = EMA of klinger; both are
    missing until the signal has a value. In units of volume.
    """
    price, reach, seen = bars.high + bars.low + bars.close, bars.high - bars.low, memory.seen + 1
    if seen == 1:
        return Klinger(price, reach, reach, 0.0, 0.0, 0.0, 0.0, seen), KlingerLines(nan, nan)
    direction = 1.0 if price > memory.price else -1.0 if price < memory.price else memory.direction
    total = (memory.total if direction == memory.direction else memory.reach) + reach
    share = reach / total if total > 0.0 else 0.5
    if force == BY_DIRECTION:
        flow = bars.volume if price >= memory.price else -bars.volume
    else:
        size = 2.0 * (1.0 - share) if force == BY_RANGE else abs(2.0 * share - 1.0)
        flow = bars.volume * size * direction * 100.0 if total > 0.0 else 0.0
    faster = decay(memory.fast, seen - 1, flow, fast, 2.0 / (fast + 1.0))
    slower = decay(memory.slow, seen - 1, flow, slow, 2.0 / (slow + 1.0))
    line, need = memory.signal, (fast if fast > slow else slow) + 1
    if seen >= need:
        line = decay(line, seen - need + 1, faster - slower, signal, 2.0 / (signal + 1.0))
    kept = Klinger(price, reach, total, direction, faster, slower, line, seen)
    return kept, KlingerLines(faster - slower, line) if seen >= need + signal - 1 else KlingerLines(nan, nan)
