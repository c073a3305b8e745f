"""Oscillators made of moving averages."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, Length, Series, Window
from wickwork.nodes.trend import NOISE_FLOOR, smooth
from wickwork.nodes.windows import Period, recall, slide_sum

nan = float("nan")


def decay(value: float, seen: int, source: float, count: int, weight: float) -> float:
    """As `trend.smooth`, for values around 0: one that was large long ago leaves no rounding error behind."""
    if seen <= count:
        weight = 1.0 / seen
    return value * (1.0 - weight) + source * weight


class Ppo(NamedTuple):
    """Memory of `ppo`."""

    fast: float = 0.0
    slow: float = 0.0
    signal: float = 0.0
    seen: int = 0
    lines: int = 0


class PpoLines(NamedTuple):
    """Outputs of `ppo`."""

    ppo: Series
    signal: Series
    histogram: Series


@node(
    title="PPO",
    phrase={
        "ppo": "the PPO ({fast}, {slow}) of {source}",
        "signal": "the signal line of the PPO ({fast}, {slow}, {signal}) of {source}",
        "histogram": "the histogram of the PPO ({fast}, {slow}, {signal}) of {source}",
    },
    group="momentum",
    warmup=lambda fast, slow, signal: max(fast, slow) + signal - 1,
    terms=("percentage price oscillator", "macd in percent"),
    source="TA-Lib PPO with EMAs; Appel",
)
def ppo(
    memory: Ppo, source: Series, *, fast: Period = 12, slow: Period = 26, signal: Period = 9
) -> tuple[Ppo, PpoLines]:
    """Percentage price oscillator: by how many percent the fast EMA is above the slow one.

    `ppo` = 100 × (EMA(fast) − EMA(slow)) / EMA(slow), `signal` = EMA of ppo, `histogram` = ppo − signal. Each
    average is seeded with the mean of its first values (in `macd` both begin at the same bar); all outputs are missing
    until the signal has a value. If `fast` is longer than `slow`, they change places. Missing while the slow EMA is 0;
    such bars do not count for the signal.
    """
    seen = memory.seen + 1
    quick = fast if fast < slow else slow
    calm = slow if fast < slow else fast
    faster = smooth(memory.fast, seen, source, quick, 2.0 / (quick + 1.0))
    slower = smooth(memory.slow, seen, source, calm, 2.0 / (calm + 1.0))
    line, lines, value = memory.signal, memory.lines, nan
    if seen >= calm and slower != 0.0:
        lines += 1
        value = 100.0 * ((faster - slower) / slower)
        line = decay(line, lines, value, signal, 2.0 / (signal + 1.0))
    kept = Ppo(faster, slower, line, seen, lines)
    if lines < signal or value != value:
        return kept, PpoLines(nan, nan, nan)
    return kept, PpoLines(value, line, value - line)


class Trix(NamedTuple):
    """Memory of `trix`."""

    one: float = 0.0
    two: float = 0.0
    three: float = 0.0
    seen: int = 0


@node(
    title="TRIX",
    group="momentum",
    warmup=lambda period: 3 * period - 1,
    terms=("triple exponential average", "triple smoothed rate of change"),
    source="TA-Lib TRIX; Hutson 1983",
)
def trix(memory: Trix, source: Series, *, period: Period = 18) -> tuple[Trix, Series]:
    """Change of a triple EMA (an EMA of an EMA of an EMA) from bar to bar, in percent.

    Each EMA is seeded with the mean of its first `period` values. TradingView's TRIX is the change of the triple EMA of
    the logarithm × 10000, so about 100 times as large. Missing where the triple EMA of the bar before is 0.
    """
    seen, weight = memory.seen + 1, 2.0 / (period + 1.0)
    one = smooth(memory.one, seen, source, period, weight)
    two = smooth(memory.two, seen - period + 1, one, period, weight) if seen >= period else 0.0
    three = memory.three
    if seen >= 2 * period - 1:
        three = smooth(three, seen - 2 * period + 2, two, period, weight)
    known = seen >= 3 * period - 1 and memory.three != 0.0
    return Trix(one, two, three, seen), 100.0 * ((three - memory.three) / memory.three) if known else nan


class Tsi(NamedTuple):
    """Memory of `tsi`."""

    previous: float = nan
    move: float = 0.0
    moves: float = 0.0
    size: float = 0.0
    sizes: float = 0.0
    signal: float = 0.0
    seen: int = 0


class TsiLines(NamedTuple):
    """Outputs of `tsi`."""

    tsi: Annotated[Series, Between(-100, 100)]
    signal: Annotated[Series, Between(-100, 100)]


@node(
    title="TSI",
    phrase={
        "tsi": "the TSI ({slow}, {fast}) of {source}",
        "signal": "the signal line of the TSI ({slow}, {fast}, {signal}) of {source}",
    },
    group="momentum",
    warmup=lambda slow, fast, signal: slow + fast + signal - 1,
    terms=("true strength index", "blau", "ergodic"),
    source="TA-Lib TSI; Blau 1991",
)
def tsi(
    memory: Tsi, source: Series, *, slow: Period = 25, fast: Period = 13, signal: Period = 13
) -> tuple[Tsi, TsiLines]:
    """True strength index: the twice smoothed change in percent of the twice smoothed size of changes, −100 to 100.

    100 × EMA(EMA(change, slow), fast) / EMA(EMA(|change|, slow), fast), and `signal` = EMA of it; both are missing
    until the signal has a value. Each EMA is seeded with the mean of its first values. Without any movement, or when
    nothing is left of it, it is 0.
    """
    seen = memory.seen + 1
    if seen == 1:
        return Tsi(source, 0.0, 0.0, 0.0, 0.0, 0.0, seen), TsiLines(nan, nan)
    change, weight, quick = source - memory.previous, 2.0 / (slow + 1.0), 2.0 / (fast + 1.0)
    move = decay(memory.move, seen - 1, change, slow, weight)
    size = decay(memory.size, seen - 1, abs(change), slow, weight)
    moves, sizes, line, value = memory.moves, memory.sizes, memory.signal, 0.0
    if seen > slow:
        moves = decay(moves, seen - slow, move, fast, quick)
        sizes = decay(sizes, seen - slow, size, fast, quick)
    if seen >= slow + fast:
        value = within(100.0 * (moves / sizes)) if sizes > NOISE_FLOOR else 0.0
        line = within(decay(line, seen - slow - fast + 1, value, signal, 2.0 / (signal + 1.0)))
    kept = Tsi(source, move, moves, size, sizes, line, seen)
    return kept, TsiLines(value, line) if seen >= slow + fast + signal - 1 else TsiLines(nan, nan)


def within(value: float) -> float:
    """The value without the dust of rounding outside −100 to 100."""
    value = value if value < 100.0 else 100.0
    return value if value > -100.0 else -100.0


class Awesome(NamedTuple):
    """Memory of `awesome_oscillator`."""

    quick: Annotated[Window, Length(lambda fast: fast)]
    calm: Annotated[Window, Length(lambda slow: slow)]
    fast: float = 0.0
    slow: float = 0.0
    last: float = nan
    run: int = 0
    fast_at: int = 0
    slow_at: int = 0
    seen: int = 0


@node(
    title="Awesome oscillator",
    phrase="the awesome oscillator ({fast}, {slow})",
    group="momentum",
    warmup=lambda fast, slow: max(fast, slow),
    terms=("ao", "bill williams"),
    source="TA-Lib AO; Williams 1998",
)
def awesome_oscillator(memory: Awesome, bars: Bar, *, fast: Period = 5, slow: Period = 34) -> tuple[Awesome, Series]:
    """How far the middle of the last `fast` bars lies above that of the last `slow` bars, in price units.

    SMA(fast) − SMA(slow) of (high + low) / 2. Exactly 0 while that has not changed in either window.
    """
    price, seen = (bars.high + bars.low) * 0.5, memory.seen + 1
    run = memory.run + 1 if price == memory.last else 1
    fast_at, quick, recent = slide_sum(memory.quick, memory.fast_at, memory.fast, price, fast)
    slow_at, calm, older = slide_sum(memory.calm, memory.slow_at, memory.slow, price, slow)
    value = recent * (1.0 / fast) - older * (1.0 / slow) if run < fast or run < slow else 0.0
    kept = Awesome(memory.quick, memory.calm, quick, calm, price, run, fast_at, slow_at, seen)
    return kept, value if seen >= fast and seen >= slow else nan


class ElderRay(NamedTuple):
    """Memory of `bull_bear_power`."""

    value: float = 0.0
    seen: int = 0


class Powers(NamedTuple):
    """Outputs of `bull_bear_power`."""

    bull: Series
    bear: Series


@node(
    title="Bull and bear power",
    phrase={"bull": "the {period}-bar bull power", "bear": "the {period}-bar bear power"},
    group="momentum",
    warmup=lambda period: period,
    terms=("elder ray", "eri", "bbp", "bull power", "bear power"),
    source="TA-Lib ERI; Elder 1993",
)
def bull_bear_power(memory: ElderRay, bars: Bar, *, period: Period = 13) -> tuple[ElderRay, Powers]:
    """Elder's ray: how far buyers lifted the high, and sellers the low, above the average close, in price units.

    `bull` = high − EMA(close), `bear` = low − EMA(close), usually above and below 0. (TradingView shows their sum.)
    """
    seen = memory.seen + 1
    value = smooth(memory.value, seen, bars.close, period, 2.0 / (period + 1.0))
    powers = Powers(bars.high - value, bars.low - value) if seen >= period else Powers(nan, nan)
    return ElderRay(value, seen), powers


class Detrended(NamedTuple):
    """Memory of `detrended_price`."""

    sums: Annotated[Window, Length(lambda period: period)]
    trail: Annotated[Window, Length(lambda period: period // 2 + 1)]
    part: float = 0.0
    last: float = nan
    run: int = 0
    at: int = 0
    trail_at: int = 0
    seen: int = 0


@node(
    title="Detrended price oscillator",
    phrase="the {period}-bar detrended price oscillator of {source}",
    group="momentum",
    warmup=lambda period, centered: max(period, period // 2 + 2) if centered else period + period // 2 + 1,
    terms=("dpo", "cycle"),
    source="TradingView DPO; TA-Lib DPO where centered",
)
def detrended_price(
    memory: Detrended, source: Series, *, period: Period = 21, centered: bool = False
) -> tuple[Detrended, Series]:
    """The price minus a displaced simple moving average: what remains are the cycles shorter than the period.

    The price minus the average of `period` / 2 + 1 bars ago; with `centered` the price of `period` / 2 + 1 bars ago
    minus the average now, which is the line that charts draw that many bars further left. Both use only what is known
    on the bar. In the unit of the source.
    """
    seen, shift = memory.seen + 1, period // 2 + 1
    run = memory.run + 1 if source == memory.last else 1
    at, part, total = slide_sum(memory.sums, memory.at, memory.part, source, period)
    mean = source if run >= period else total * (1.0 / period)
    trail_at, old = recall(memory.trail, memory.trail_at, source if centered else mean, shift)
    kept = Detrended(memory.sums, memory.trail, part, source, run, at, trail_at, seen)
    if centered:
        return kept, old - mean if seen >= period and seen > shift else nan
    return kept, source - old if seen >= period + shift else nan
