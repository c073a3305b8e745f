"""How fast prices move, and how far they have come."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, Length, Series, Window
from wickwork.nodes.trend import NOISE_FLOOR, smooth
from wickwork.nodes.windows import BOTTOM, TOP, Period, recall, slide_highest, slide_lowest, slide_sum

nan = float("nan")


class Rsi(NamedTuple):
    """Memory of `rsi`."""

    previous: float = nan
    gain: float = 0.0
    loss: float = 0.0
    seen: int = 0


@node(
    title="RSI",
    group="momentum",
    warmup=lambda period: period + 1,
    terms=("relative strength index", "overbought", "oversold", "wilder"),
    source="TA-Lib RSI; Wilder 1978",
)
def rsi(
    memory: Rsi, source: Series, *, period: Annotated[int, Between(2, 5000)] = 14
) -> tuple[Rsi, Annotated[Series, Between(0, 100)]]:
    """Relative strength index: the rises as a share of all movement, from 0 (only falls) to 100 (only rises).

    100 × gain / (gain + loss), where gain and loss are Wilder's averages of the rises and falls from bar to bar, seeded
    with the mean of the first `period` changes. Without any movement it is 50. `cutler_rsi` takes simple means instead.
    """
    seen = memory.seen + 1
    if seen == 1:
        return Rsi(source, 0.0, 0.0, seen), nan
    change = source - memory.previous
    if change == 0.0 and memory.gain + memory.loss < NOISE_FLOOR:
        return Rsi(source, memory.gain, memory.loss, seen), _share(memory.gain, memory.loss) if seen > period else nan
    gain = smooth(memory.gain, seen - 1, change if change > 0.0 else 0.0, period, 1.0 / period)
    loss = smooth(memory.loss, seen - 1, -change if change < 0.0 else 0.0, period, 1.0 / period)
    return Rsi(source, gain, loss, seen), _share(gain, loss) if seen > period else nan


class CutlerRsi(NamedTuple):
    """Memory of `cutler_rsi`."""

    gains: Annotated[Window, Length(lambda period: period)]
    losses: Annotated[Window, Length(lambda period: period)]
    previous: float = nan
    gain: float = 0.0
    loss: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="RSI (Cutler)",
    phrase="the {period}-bar RSI (Cutler) of {source}",
    group="momentum",
    warmup=lambda period: period + 1,
    terms=("relative strength index", "overbought", "oversold", "simple rsi"),
    source="Cutler's RSI",
)
def cutler_rsi(
    memory: CutlerRsi, source: Series, *, period: Annotated[int, Between(2, 5000)] = 14
) -> tuple[CutlerRsi, Annotated[Series, Between(0, 100)]]:
    """Relative strength index with simple means of the last `period` rises and falls, from 0 to 100.

    Unlike in Wilder's (`rsi`) a bar has no effect once it has left the window, so it does not depend on where the data
    begins. Without any movement it is 50.
    """
    seen = memory.seen + 1
    if seen == 1:
        return CutlerRsi(memory.gains, memory.losses, source, 0.0, 0.0, 0, seen), nan
    change = source - memory.previous
    rise, fall = change if change > 0.0 else 0.0, -change if change < 0.0 else 0.0
    _, gain, rises = slide_sum(memory.gains, memory.at, memory.gain, rise, period)
    at, loss, falls = slide_sum(memory.losses, memory.at, memory.loss, fall, period)
    kept = CutlerRsi(memory.gains, memory.losses, source, gain, loss, at, seen)
    return kept, _share(rises, falls) if seen > period else nan


def _share(rises: float, falls: float) -> float:
    """The rises in percent of all movement; the middle where there is none."""
    return 100.0 * (rises / (rises + falls)) if rises + falls > 0.0 else 50.0


class Stochastic(NamedTuple):
    """Memory of `stochastic`."""

    highs: Annotated[Window, Length(lambda k_period: k_period)]
    lows: Annotated[Window, Length(lambda k_period: k_period)]
    raws: Annotated[Window, Length(lambda smooth: smooth)]
    ks: Annotated[Window, Length(lambda d_period: d_period)]
    high: float = BOTTOM
    low: float = TOP
    raw: float = 0.0
    k: float = 0.0
    at: int = 0
    raw_at: int = 0
    k_at: int = 0
    seen: int = 0


class StochasticLines(NamedTuple):
    """Outputs of `stochastic`."""

    k: Annotated[Series, Between(0, 100)]
    d: Annotated[Series, Between(0, 100)]


@node(
    title="Stochastic",
    phrase={
        "k": "the stochastic %K ({k_period}, {smooth})",
        "d": "the stochastic %D ({k_period}, {smooth}, {d_period})",
    },
    group="momentum",
    warmup=lambda k_period, smooth, d_period: k_period + smooth + d_period - 2,
    terms=("stoch", "stochastic oscillator", "%k", "%d", "overbought", "oversold"),
    source="TA-Lib STOCH with simple averages",
)
def stochastic(
    memory: Stochastic, bars: Bar, *, k_period: Period = 14, smooth: Period = 3, d_period: Period = 3
) -> tuple[Stochastic, StochasticLines]:
    """Where the close lies between the lowest low (0) and the highest high (100) of the last `k_period` bars.

    `k` is that place averaged over `smooth` bars, `d` is k averaged over `d_period` bars; both from 0 to 100, both
    simple means, missing until both have a value. In a flat window the place is 50.
    """
    seen = memory.seen + 1
    _, high, highest = slide_highest(memory.highs, memory.at, memory.high, bars.high, k_period)
    at, low, lowest = slide_lowest(memory.lows, memory.at, memory.low, bars.low, k_period)
    raw, k, raw_at, k_at = memory.raw, memory.k, memory.raw_at, memory.k_at
    quick, slow = nan, nan
    if seen >= k_period:
        place = 100.0 * ((bars.close - lowest) / (highest - lowest)) if highest > lowest else 50.0
        raw_at, raw, total = slide_sum(memory.raws, raw_at, raw, place, smooth)
        if seen >= k_period + smooth - 1:
            quick = percent(total * (1.0 / smooth))
            k_at, k, total = slide_sum(memory.ks, k_at, k, quick, d_period)
            slow = percent(total * (1.0 / d_period))
    kept = Stochastic(memory.highs, memory.lows, memory.raws, memory.ks, high, low, raw, k, at, raw_at, k_at, seen)
    if seen < k_period + smooth + d_period - 2:
        return kept, StochasticLines(nan, nan)
    return kept, StochasticLines(quick, slow)


def percent(value: float) -> float:
    """The value without the dust of rounding outside 0 to 100."""
    value = value if value < 100.0 else 100.0
    return value if value > 0.0 else 0.0


class Past(NamedTuple):
    """Memory of `roc`."""

    values: Annotated[Window, Length(lambda period: period, ring=True)]
    at: int = 0
    seen: int = 0


@node(
    title="ROC",
    phrase="the {period}-bar rate of change of {source}",
    group="momentum",
    warmup=lambda period: period + 1,
    terms=("rate of change", "percent change", "momentum"),
    source="TA-Lib ROC",
)
def roc(memory: Past, source: Series, *, period: Period = 10) -> tuple[Past, Series]:
    """Rate of change: by how many percent the source is above its value `period` bars ago.

    100 × (source / old − 1); missing where the old value is 0.
    """
    at, old = recall(memory.values, memory.at, source, period)
    seen = memory.seen + 1
    value = 100.0 * (source / old - 1.0) if seen > period and old != 0.0 else nan
    return Past(memory.values, at, seen), value
