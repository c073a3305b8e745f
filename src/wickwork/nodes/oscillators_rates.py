"""Oscillators made of rates of change over several periods."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.native import force_inline
from wickwork.graph.node import node
from wickwork.graph.types import Length, Series, Window
from wickwork.nodes.windows import Period, recall, slide_sum, slide_weighted

nan = float("nan")


class Coppock(NamedTuple):
    """Memory of `coppock`."""

    shorter: Annotated[Window, Length(lambda short: short)]
    longer: Annotated[Window, Length(lambda long: long)]
    sums: Annotated[Window, Length(lambda period: period)]
    plain: float = 0.0
    weighted: float = 0.0
    short_at: int = 0
    long_at: int = 0
    at: int = 0
    seen: int = 0


@node(
    title="Coppock curve",
    phrase="the Coppock curve ({period}, {short}, {long}) of {source}",
    group="momentum",
    warmup=lambda period, short, long: max(short, long) + period,
    terms=("coppock indicator", "long-term momentum"),
    source="TA-Lib COPPOCK; Coppock 1962",
)
def coppock(
    memory: Coppock, source: Series, *, period: Period = 10, short: Period = 11, long: Period = 14
) -> tuple[Coppock, Series]:
    """Momentum for long-term bottoms: the weighted average of two rates of change added up, in percent.

    WMA(`period`) of ROC(`short`) + ROC(`long`). A rate of change from a value of 0 counts as 0.
    """
    seen = memory.seen + 1
    short_at, before = recall(memory.shorter, memory.short_at, source, short)
    long_at, older = recall(memory.longer, memory.long_at, source, long)
    at, plain, weighted, value = memory.at, memory.plain, memory.weighted, nan
    if seen > short and seen > long:
        rates = rate(source, before) + rate(source, older)
        at, plain, weighted, total = slide_weighted(memory.sums, at, plain, weighted, rates, period)
        if seen >= short + period and seen >= long + period:
            value = total * (2.0 / (period * (period + 1.0)))
    return Coppock(memory.shorter, memory.longer, memory.sums, plain, weighted, short_at, long_at, at, seen), value


def rate(now: float, before: float) -> float:
    """The change in percent; 0 from a value of 0."""
    return 100.0 * (now / before - 1.0) if before != 0.0 else 0.0


class Kst(NamedTuple):
    """Memory of `kst`."""

    past_1: Annotated[Window, Length(lambda roc_1: roc_1)]
    past_2: Annotated[Window, Length(lambda roc_2: roc_2)]
    past_3: Annotated[Window, Length(lambda roc_3: roc_3)]
    past_4: Annotated[Window, Length(lambda roc_4: roc_4)]
    sums_1: Annotated[Window, Length(lambda sma_1: sma_1)]
    sums_2: Annotated[Window, Length(lambda sma_2: sma_2)]
    sums_3: Annotated[Window, Length(lambda sma_3: sma_3)]
    sums_4: Annotated[Window, Length(lambda sma_4: sma_4)]
    lines: Annotated[Window, Length(lambda signal: signal)]
    part_1: float = 0.0
    part_2: float = 0.0
    part_3: float = 0.0
    part_4: float = 0.0
    line: float = 0.0
    past_at_1: int = 0
    past_at_2: int = 0
    past_at_3: int = 0
    past_at_4: int = 0
    at_1: int = 0
    at_2: int = 0
    at_3: int = 0
    at_4: int = 0
    line_at: int = 0
    seen: int = 0


class KstLines(NamedTuple):
    """Outputs of `kst`."""

    kst: Series
    signal: Series


@force_inline
def averaged_rate(
    past: Window, past_at: int, sums: Window, at: int, part: float, source: float, seen: int, roc: int, sma: int
) -> tuple[int, int, float, float]:
    """The mean of the last `sma` rates of change over `roc` bars, valid after roc + sma values; with the new places."""
    past_at, old = recall(past, past_at, source, roc)
    if seen <= roc:
        return past_at, at, part, 0.0
    at, part, total = slide_sum(sums, at, part, rate(source, old), sma)
    return past_at, at, part, total * (1.0 / sma)


@node(
    title="KST",
    phrase={"kst": "the KST of {source}", "signal": "the {signal}-bar signal line of the KST of {source}"},
    group="momentum",
    warmup=lambda roc_1, roc_2, roc_3, roc_4, sma_1, sma_2, sma_3, sma_4, signal: (
        max(roc_1 + sma_1, roc_2 + sma_2, roc_3 + sma_3, roc_4 + sma_4) + signal - 1
    ),
    terms=("know sure thing", "pring"),
    source="Pring 1992",
)
def kst(
    memory: Kst,
    source: Series,
    *,
    roc_1: Period = 10,
    roc_2: Period = 15,
    roc_3: Period = 20,
    roc_4: Period = 30,
    sma_1: Period = 10,
    sma_2: Period = 10,
    sma_3: Period = 10,
    sma_4: Period = 15,
    signal: Period = 9,
) -> tuple[Kst, KstLines]:
    """Know sure thing: four smoothed rates of change in one line, the slower ones counting more; in percent.

    `kst` = 1 × SMA(ROC(`roc_1`), `sma_1`) + 2 × … + 3 × … + 4 × SMA(ROC(`roc_4`), `sma_4`), `signal` = SMA of kst; both
    are missing until the signal has a value. A rate of change from a value of 0 counts as 0.
    """
    m, seen = memory, memory.seen + 1
    p1, a1, s1, r1 = averaged_rate(m.past_1, m.past_at_1, m.sums_1, m.at_1, m.part_1, source, seen, roc_1, sma_1)
    p2, a2, s2, r2 = averaged_rate(m.past_2, m.past_at_2, m.sums_2, m.at_2, m.part_2, source, seen, roc_2, sma_2)
    p3, a3, s3, r3 = averaged_rate(m.past_3, m.past_at_3, m.sums_3, m.at_3, m.part_3, source, seen, roc_3, sma_3)
    p4, a4, s4, r4 = averaged_rate(m.past_4, m.past_at_4, m.sums_4, m.at_4, m.part_4, source, seen, roc_4, sma_4)
    first = max(roc_1 + sma_1, roc_2 + sma_2, roc_3 + sma_3, roc_4 + sma_4)
    value, average, line, line_at = r1 + 2.0 * r2 + 3.0 * r3 + 4.0 * r4, nan, m.line, m.line_at
    if seen >= first:
        line_at, line, total = slide_sum(m.lines, line_at, line, value, signal)
        average = total * (1.0 / signal)
    kept = Kst(
        m.past_1, m.past_2, m.past_3, m.past_4, m.sums_1, m.sums_2, m.sums_3, m.sums_4, m.lines,
        s1, s2, s3, s4, line, p1, p2, p3, p4, a1, a2, a3, a4, line_at, seen,
    )  # fmt: skip
    return kept, KstLines(value, average) if seen >= first + signal - 1 else KstLines(nan, nan)
