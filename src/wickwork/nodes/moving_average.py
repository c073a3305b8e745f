"""A moving average of any kind.

Each kind is the node of that average: here stands only which part of the common memory is which of its own.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import Node, node
from wickwork.graph.signature import Value
from wickwork.graph.types import Between, Choice, Length, Series, Window
from wickwork.nodes.averages import (
    Double,
    Holt,
    Seed,
    ThreePole,
    Tillson,
    Triple,
    TwoPole,
    ZeroLag,
    dema,
    hwma,
    ssf,
    ssf3,
    t3,
    tema,
    zlema,
)
from wickwork.nodes.averages_adaptive import Chande, Dynamic, Jurik, Kaufman, jma, kama, mcginley, vidya
from wickwork.nodes.averages_regression import Line, linear_regression
from wickwork.nodes.averages_sliding import Hull, Triangle, hma, trima
from wickwork.nodes.averages_weighted import Weighted, alma, fwma, pwma, sinwma
from wickwork.nodes.trend import MEAN, Ema, Sma, Wma, ema, rma, sma, wma

nan = float("nan")
KINDS: dict[str, Node] = {
    "sma": sma, "ema": ema, "dema": dema, "tema": tema, "wma": wma, "hma": hma, "rma": rma, "smma": rma,
    "linreg": linear_regression, "trima": trima, "kama": kama, "alma": alma, "fwma": fwma, "pwma": pwma,
    "sinwma": sinwma, "swma": trima, "zlma": zlema, "ssf": ssf, "ssf3": ssf3, "t3": t3, "vidya": vidya,
    "mcgd": mcginley, "jma": jma, "hwma": hwma,
}  # fmt: skip
(
    SMA, EMA, DEMA, TEMA, WMA, HMA, RMA, SMMA, LINREG, TRIMA, KAMA, ALMA, FWMA, PWMA, SINWMA, SWMA, ZLMA, SSF, SSF3, T3,
    VIDYA, MCGD, JMA, HWMA,
) = range(24)  # fmt: skip


def chosen(kind: int, period: int, seed: int = MEAN) -> tuple[Node, dict[str, Value]]:
    """The node of a kind, and its parameters: those of the moving average where it has them, else its defaults."""
    given: dict[str, Value] = {"period": period, "cmo_period": period, "seed": ("mean", "first")[seed]}
    found = tuple(KINDS.values())[kind]
    return found, found.check({p.name: given[p.name] for p in found.parameters if p.name in given})


def length_of(window: int, kind: int, period: int) -> int:
    """The length of that window of the kind's node; 0 where it has fewer."""
    found, values = chosen(kind, period)
    return (*found.lengths(values), 0, 0, 0, 0)[window]


def warmup_of(kind: int, period: int, seed: int) -> int:
    """The warm-up of the kind's node."""
    found, values = chosen(kind, period, seed)
    return found.warmup_bars(values)


class MovingAverage(NamedTuple):
    """Memory of `moving_average`, enough for each kind."""

    w1: Annotated[Window, Length(lambda kind, period: length_of(0, kind, period))]
    w2: Annotated[Window, Length(lambda kind, period: length_of(1, kind, period))]
    w3: Annotated[Window, Length(lambda kind, period: length_of(2, kind, period))]
    w4: Annotated[Window, Length(lambda kind, period: length_of(3, kind, period))]
    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 0.0
    f: float = 0.0
    last: float = nan
    last_raw: float = nan
    run: int = 0
    raw_run: int = 0
    at: int = 0
    at2: int = 0
    at3: int = 0
    seen: int = 0


@node(
    title="Moving average (any kind)",
    phrase="the {period}-bar {kind} average of {source}",
    group="trend",
    warmup=warmup_of,
    terms=("ma", "ma type", "average"),
    source="the nodes of the kinds",
)
def moving_average(
    memory: MovingAverage,
    source: Series,
    *,
    kind: Annotated[int, Choice(*KINDS)] = EMA,
    period: Annotated[int, Between(2, 1000)] = 20,
    seed: Seed = MEAN,
) -> tuple[MovingAverage, Series]:
    """A moving average whose kind is a parameter, so that kinds can be compared in one sweep. Same unit as the source.

    Each kind gives exactly what its own node gives with this `period` and otherwise its defaults: `smma` is `rma`,
    `swma` is `trima`, `linreg` the value of `linear_regression`, `zlma` is `zlema`, `mcgd` is `mcginley`, and `vidya`
    has the period as `cmo_period` too. `seed` is that of `ema`, `dema`, `tema`, `t3` and `zlma`. `hwma` has no period.
    """
    m, value = memory, nan
    a, b, c, d, e, f, last, last_raw = m.a, m.b, m.c, m.d, m.e, m.f, m.last, m.last_raw
    run, raw_run, at, at2, at3 = m.run, m.raw_run, m.at, m.at2, m.at3
    if kind == SMA:
        s1, value = sma(Sma(m.w1, a, last, run, at, m.seen), source, period=period)
        a, last, run, at = s1.part, s1.last, s1.run, s1.at
    elif kind == EMA:
        s2, value = ema(Ema(a, m.seen), source, period=period, seed=seed)
        a = s2.value
    elif kind == DEMA:
        s3, value = dema(Double(a, b, m.seen), source, period=period, seed=seed)
        a, b = s3.once, s3.twice
    elif kind == TEMA:
        s4, value = tema(Triple(a, b, c, m.seen), source, period=period, seed=seed)
        a, b, c = s4.once, s4.twice, s4.thrice
    elif kind == WMA:
        s5, value = wma(Wma(m.w1, a, b, last, run, at, m.seen), source, period=period)
        a, b, last, run, at = s5.plain, s5.weighted, s5.last, s5.run, s5.at
    elif kind == HMA:
        s6, value = hma(
            Hull(m.w1, m.w2, m.w3, a, b, c, d, e, f, last, last_raw, run, raw_run, at, at2, at3, m.seen),
            source,
            period=period,
        )
        a, b, c, d = s6.half_plain, s6.half_weighted, s6.whole_plain, s6.whole_weighted
        e, f, last, last_raw = s6.plain, s6.weighted, s6.last, s6.last_raw
        run, raw_run, at, at2, at3 = s6.run, s6.raw_run, s6.half_at, s6.whole_at, s6.at
    elif kind == RMA or kind == SMMA:
        s7, value = rma(Ema(a, m.seen), source, period=period)
        a = s7.value
    elif kind == LINREG:
        s8, line = linear_regression(
            Line(m.w1, m.w2, m.w3, m.w4, a, b, c, d, last, run, at, m.seen), source, period=period
        )
        a, b, c, d, last, run, at = s8.reference, s8.sum, s8.weighted, s8.square, s8.last, s8.run, s8.at
        value = line.value
    elif kind == TRIMA or kind == SWMA:
        memory_9 = Triangle(m.w1, m.w2, a, b, last, run, at, at2, m.seen)
        s9, value = trima(memory_9, source, period=period)
        a, b, last, run, at, at2 = s9.part, s9.mean_part, s9.last, s9.run, s9.at, s9.mean_at
    elif kind == KAMA:
        s10, value = kama(Kaufman(m.w1, m.w2, a, last, b, at, m.seen), source, period=period)
        a, last, b, at = s10.path, s10.last, s10.value, s10.at
    elif kind == ALMA:
        s11, value = alma(Weighted(m.w1, m.w2, at, m.seen), source, period=period)
        at = s11.at
    elif kind == FWMA:
        s12, value = fwma(Weighted(m.w1, m.w2, at, m.seen), source, period=period)
        at = s12.at
    elif kind == PWMA:
        s13, value = pwma(Weighted(m.w1, m.w2, at, m.seen), source, period=period)
        at = s13.at
    elif kind == SINWMA:
        s14, value = sinwma(Weighted(m.w1, m.w2, at, m.seen), source, period=period)
        at = s14.at
    elif kind == ZLMA:
        s15, value = zlema(ZeroLag(m.w1, a, at, m.seen), source, period=period, seed=seed)
        a, at = s15.value, s15.at
    elif kind == SSF:
        s16, value = ssf(TwoPole(a, b, c, d, e, m.seen), source, period=period)
        a, b, c, d, e = s16.last, s16.older, s16.source, s16.first_weight, s16.second_weight
    elif kind == SSF3:
        s17, value = ssf3(ThreePole(a, b, c, d, e, f, m.seen), source, period=period)
        a, b, c = s17.last, s17.older, s17.oldest
        d, e, f = s17.first_weight, s17.second_weight, s17.third_weight
    elif kind == T3:
        s18, value = t3(Tillson(a, b, c, d, e, f, m.seen), source, period=period, seed=seed)
        a, b, c, d, e, f = s18.e1, s18.e2, s18.e3, s18.e4, s18.e5, s18.e6
    elif kind == VIDYA:
        s19, value = vidya(Chande(m.w1, m.w2, a, b, last, c, at, m.seen), source, period=period, cmo_period=period)
        a, b, last, c, at = s19.rise, s19.fall, s19.last, s19.value, s19.at
    elif kind == MCGD:
        s20, value = mcginley(Dynamic(a, m.seen), source, period=period)
        a = s20.value
    elif kind == JMA:
        s21, value = jma(Jurik(a, b, c, d, m.seen), source, period=period)
        a, b, c, d = s21.smooth, s21.lead, s21.step, s21.value
    else:
        s22, value = hwma(Holt(a, b, c, m.seen), source)
        a, b, c = s22.level, s22.speed, s22.growth
    kept = MovingAverage(
        m.w1, m.w2, m.w3, m.w4, a, b, c, d, e, f, last, last_raw, run, raw_run, at, at2, at3, m.seen + 1
    )  # fmt: skip
    return kept, value
