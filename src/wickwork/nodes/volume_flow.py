"""Volume that flows in while prices rise and out while they fall."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.native import unlikely
from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, Length, Series, Window
from wickwork.nodes.oscillators_smoothed import decay
from wickwork.nodes.windows import Period, slide_sum

nan = float("nan")


def money_flow(bars: Bar) -> float:
    """The volume times where the close lies between low (−1) and high (1); 0 for a bar without a range."""
    if not bars.high > bars.low:
        return 0.0
    place = ((bars.close - bars.low) - (bars.high - bars.close)) / (bars.high - bars.low)
    place = place if place < 1.0 else 1.0
    return (place if place > -1.0 else -1.0) * bars.volume


def rounding_loss(before: float, change: float, total: float) -> float:
    """What rounding lost of before + change = total, exactly (Knuth's TwoSum, which needs no comparison)."""
    added = total - before
    return (before - (total - added)) + (change - added)


class Total(NamedTuple):
    """Memory of `accumulation_distribution`."""

    total: float = 0.0
    lost: float = 0.0


@node(
    title="Accumulation/distribution",
    phrase="the accumulation/distribution line",
    group="volume",
    terms=("ad", "adl", "a/d line", "chaikin", "money flow"),
    source="TA-Lib AD; Chaikin",
)
def accumulation_distribution(memory: Total, bars: Bar) -> tuple[Total, Series]:
    """Accumulation/distribution line: adds each bar's volume, as far as it closed near its high rather than its low.

    The sum of ((close − low) − (high − close)) / (high − low) × volume since the first bar, in units of volume; a bar
    without a range adds nothing. What rounding loses is kept and added, so it never drifts.
    """
    change = money_flow(bars)
    total = memory.total + change
    lost = memory.lost + rounding_loss(memory.total, change, total)
    return Total(total, lost), total + lost


class Chaikin(NamedTuple):
    """Memory of `chaikin_oscillator`: both averages as distances from the line."""

    fast: float = 0.0
    slow: float = 0.0
    seen: int = 0


@node(
    title="Chaikin oscillator",
    phrase="the Chaikin oscillator ({fast}, {slow})",
    group="volume",
    warmup=lambda fast, slow: max(fast, slow),
    terms=("adosc", "cho", "a/d oscillator"),
    source="TA-Lib ADOSC; Chaikin",
)
def chaikin_oscillator(memory: Chaikin, bars: Bar, *, fast: Period = 3, slow: Period = 10) -> tuple[Chaikin, Series]:
    """Momentum of the accumulation/distribution line: its fast EMA minus its slow EMA, in units of volume.

    Both averages begin with the first value of the line, as in TA-Lib.
    """
    seen, change = memory.seen + 1, money_flow(bars)
    # The line itself grows without bound; only the distances of its averages from it matter.
    if seen == 1:
        unlikely()
        return Chaikin(0.0, 0.0, seen), 0.0 if fast == 1 and slow == 1 else nan
    quick = (memory.fast - change) * (1.0 - 2.0 / (fast + 1.0))
    calm = (memory.slow - change) * (1.0 - 2.0 / (slow + 1.0))
    return Chaikin(quick, calm, seen), quick - calm if seen >= fast and seen >= slow else nan


class MoneyFlow(NamedTuple):
    """Memory of `chaikin_money_flow`."""

    flows: Annotated[Window, Length(lambda period: period)]
    volumes: Annotated[Window, Length(lambda period: period)]
    flow: float = 0.0
    volume: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="Chaikin money flow",
    phrase="the {period}-bar Chaikin money flow",
    group="volume",
    warmup=lambda period: period,
    terms=("cmf", "accumulation", "distribution"),
    source="TA-Lib CMF; Chaikin",
)
def chaikin_money_flow(
    memory: MoneyFlow, bars: Bar, *, period: Period = 20
) -> tuple[MoneyFlow, Annotated[Series, Between(-1, 1)]]:
    """The share of the volume that closed near the high (1) rather than near the low (−1), over `period` bars.

    Sum of ((close − low) − (high − close)) / (high − low) × volume, divided by the sum of the volume; 0 where there was
    no volume.
    """
    seen = memory.seen + 1
    _, flow, flows = slide_sum(memory.flows, memory.at, memory.flow, money_flow(bars), period)
    at, volume, volumes = slide_sum(memory.volumes, memory.at, memory.volume, bars.volume, period)
    value = flows / volumes if volumes > 0.0 else 0.0
    value = value if value < 1.0 else 1.0
    value = value if value > -1.0 else -1.0
    return MoneyFlow(memory.flows, memory.volumes, flow, volume, at, seen), value if seen >= period else nan


class Force(NamedTuple):
    """Memory of `force_index`."""

    close: float = nan
    value: float = 0.0
    seen: int = 0


@node(
    title="Force index",
    phrase="the {period}-bar force index",
    group="volume",
    warmup=lambda period: period + 1,
    terms=("efi", "elder force index"),
    source="TA-Lib EFI; Elder 1993",
)
def force_index(memory: Force, bars: Bar, *, period: Period = 13) -> tuple[Force, Series]:
    """Elder's force behind a move: the EMA of (close − previous close) × volume, in price × volume."""
    seen = memory.seen + 1
    if seen == 1:
        return Force(bars.close, 0.0, seen), nan
    force = (bars.close - memory.close) * bars.volume
    value = decay(memory.value, seen - 1, force, period, 2.0 / (period + 1.0))
    return Force(bars.close, value, seen), value if seen > period else nan


class Ease(NamedTuple):
    """Memory of `ease_of_movement`."""

    sums: Annotated[Window, Length(lambda period: period)]
    part: float = 0.0
    middle: float = nan
    at: int = 0
    seen: int = 0


@node(
    title="Ease of movement",
    phrase="the {period}-bar ease of movement",
    group="volume",
    warmup=lambda period: period + 1,
    terms=("eom", "emv", "arms"),
    source="TradingView EOM; Arms",
)
def ease_of_movement(
    memory: Ease, bars: Bar, *, period: Period = 14, divisor: Annotated[float, Between(1e-12, 1e15)] = 10_000.0
) -> tuple[Ease, Series]:
    """How far the price moved for the volume that it took: large where little volume moved it far.

    SMA of `divisor` × change of (high + low) / 2 × (high − low) / volume. `divisor` only scales the numbers. A bar
    without volume counts as 0.
    """
    middle, seen = (bars.high + bars.low) * 0.5, memory.seen + 1
    if seen == 1:
        return Ease(memory.sums, 0.0, middle, 0, seen), nan
    move = (middle - memory.middle) * (bars.high - bars.low)
    ease = divisor * move / bars.volume if bars.volume > 0.0 else 0.0
    at, part, total = slide_sum(memory.sums, memory.at, memory.part, ease, period)
    return Ease(memory.sums, part, middle, at, seen), total * (1.0 / period) if seen > period else nan


class Trend(NamedTuple):
    """Memory of `price_volume_trend`."""

    close: float = nan
    total: float = 0.0
    lost: float = 0.0


@node(
    title="Price volume trend",
    phrase="the price volume trend",
    group="volume",
    terms=("pvt", "vpt", "volume price trend"),
    source="TA-Lib PVT",
)
def price_volume_trend(memory: Trend, bars: Bar) -> tuple[Trend, Series]:
    """Adds each bar's volume times its relative price change: on-balance volume weighted with the size of the move.

    The sum of volume × (close − previous close) / previous close, in units of volume; 0 on the first bar. A bar after a
    close of 0 adds nothing. What rounding loses is kept and added, so it never drifts.
    """
    known = memory.close == memory.close and memory.close != 0.0
    change = bars.volume * ((bars.close - memory.close) / memory.close) if known else 0.0
    total = memory.total + change
    lost = memory.lost + rounding_loss(memory.total, change, total)
    return Trend(bars.close, total, lost), total + lost


class VolumeIndex(NamedTuple):
    """Memory of `negative_volume_index` and `positive_volume_index`."""

    close: float = nan
    volume: float = nan
    value: float = 1000.0


@node(
    title="Negative volume index",
    phrase="the negative volume index",
    group="volume",
    terms=("nvi", "smart money"),
    source="TA-Lib NVI; Fosback 1976",
)
def negative_volume_index(memory: VolumeIndex, bars: Bar) -> tuple[VolumeIndex, Series]:
    """Follows the price on bars with less volume than the bar before, and stands still on the others.

    Begins at 1000 and then moves by the relative change of the close. A bar after a close of 0 changes nothing.
    """
    value = followed(memory, bars) if bars.volume < memory.volume else memory.value
    return VolumeIndex(bars.close, bars.volume, value), value


@node(
    title="Positive volume index",
    phrase="the positive volume index",
    group="volume",
    terms=("pvi", "crowd"),
    source="TA-Lib PVI; Fosback 1976",
)
def positive_volume_index(memory: VolumeIndex, bars: Bar) -> tuple[VolumeIndex, Series]:
    """Follows the price on bars with more volume than the bar before, and stands still on the others.

    Begins at 1000 and then moves by the relative change of the close. A bar after a close of 0 changes nothing.
    """
    value = followed(memory, bars) if bars.volume > memory.volume else memory.value
    return VolumeIndex(bars.close, bars.volume, value), value


def followed(memory: VolumeIndex, bars: Bar) -> float:
    """The index after the relative change of the close."""
    if memory.close == 0.0:
        return memory.value
    return memory.value + memory.value * ((bars.close - memory.close) / memory.close)
