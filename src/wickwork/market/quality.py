"""Quality checks of bars: holes, errors and outliers, each with its time and a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wickwork.market.raw import NO_TIME, Finding, RawBars, Severity, broken_rules, describe_row
from wickwork.model.bars import Bars, Floats, Times, iso
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import Timeframe

FROZEN_BARS = 6
"""Consecutive bars with one unchanged price from which they are reported as frozen."""
SPIKE = 15.0
"""A move is a spike from this multiple of the usual move (1.4826 × the median of the moves around it)."""
WICK = 25.0
"""A wick is a spike from this multiple of the usual wick; wicks vary more than closes."""
SPIKE_LEAST = 0.005
"""A move or wick below this share of the price is never a spike."""
WORST = 5
"""Findings for single spikes, and for single runs of a kind; the rest share one."""

_BLOCK = 100
_RANK = {"error": 0, "warning": 1, "note": 2}
_BROKEN = {
    "time": "without a readable time from 2000 to 2100",
    "grid": "off the {timeframe} grid",
    "price": "with a price that is missing, not finite or not above 0",
    "volume": "with a volume that is missing, not finite or negative",
    "ohlc": "with an open or close outside low and high",
}


@dataclass(frozen=True)
class Report:
    """Result of a check; `first` and `last` are the earliest and latest opening time (ms UTC; 0 without rows).

    Findings are sorted by severity, then by time. Their kinds: empty, unreadable, cells, time, grid, price, volume,
    ohlc, order, duplicate (errors); timeframe (error or warning); gap, frozen (warnings), spike (warning or note),
    zero volume, ticks, lag (notes).
    """

    instrument: Instrument
    timeframe: Timeframe
    source: str
    rows: int
    first: int
    last: int
    findings: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        """True when there is no error: the rows can be used without changes."""
        return not any(finding.severity == "error" for finding in self.findings)

    @property
    def sound(self) -> bool:
        """Old name of `valid`, deprecated since version 0.2."""
        return self.valid

    @property
    def missing(self) -> int:
        """Bars that are absent between the first and the last."""
        return sum(finding.count for finding in self.of("gap"))

    def of(self, kind: str) -> list[Finding]:
        """The findings of one kind."""
        return [finding for finding in self.findings if finding.kind == kind]


def check_bars(bars: RawBars | Bars, now: int | None = None) -> Report:
    """Check rows of a file, or bars, against every rule, and look for outliers that no rule forbids.

    With `now` (ms UTC), bars missing between the last one and now are a finding as well.
    """
    times = bars.opened_at
    timed = times[times != NO_TIME]
    broken = broken_rules(bars)
    whole = bars.findings if isinstance(bars, RawBars) else ()
    findings = [*whole, *_unreadable(bars), *_broken(bars, broken), *_order(times), *_gaps(timed, bars.timeframe)]
    fit = np.flatnonzero(~np.logical_or.reduce(list(broken.values())))
    _, place = np.unique(times[fit], return_index=True)
    rows = fit[place]
    if len(rows):
        findings += [*_zero_volume(bars, rows), *_frozen(bars, rows), *_spikes(bars, rows)]
    if not len(timed):
        findings.append(Finding("empty", "error", 0, 0, 0, "There are no bars."))
    elif now is not None:
        findings += _lag(int(timed.max()), bars.timeframe, now)
    findings.sort(key=lambda one: (_RANK[one.severity], one.first))
    first, last = (int(timed.min()), int(timed.max())) if len(timed) else (0, 0)
    return Report(bars.instrument, bars.timeframe, bars.source, len(times), first, last, tuple(findings))


def _unreadable(bars: RawBars | Bars) -> Iterator[Finding]:
    if not isinstance(bars, RawBars):
        return
    cells = [one for one in bars.unreadable if one.column != "row"]
    if cells:
        yield Finding("unreadable", "error", 0, 0, len(cells), f"{_many(len(cells), 'cell')} unreadable: {cells[0]}.")
    if len(bars.malformed):
        count, first = len(bars.malformed), next((one for one in bars.unreadable if one.column == "row"), "")
        yield Finding("cells", "error", 0, 0, count, f"{_many(count, 'row')} malformed: {first}.")


def _broken(bars: RawBars | Bars, broken: dict[str, NDArray[np.bool_]]) -> Iterator[Finding]:
    for kind, wrong in broken.items():
        rows = np.flatnonzero(wrong)
        if not len(rows):
            continue
        what = _BROKEN[kind].format(timeframe=bars.timeframe)
        where = bars.opened_at[rows[bars.opened_at[rows] != NO_TIME]]
        first, last = (int(where.min()), int(where.max())) if len(where) else (0, 0)
        place = bars.row_in_file(int(rows[0])) if isinstance(bars, RawBars) else rows[0]
        at = f"row {place}" + (f" ({iso(bars.opened_at[rows[0]])})" if len(where) else "")
        sentence = f"{_many(len(rows), 'row')} {what}; the first is {at}: {describe_row(bars, int(rows[0]))}."
        yield Finding(kind, "error", first, last, len(rows), sentence)


def _order(times: Times) -> Iterator[Finding]:
    timed = times[times != NO_TIME]
    back = timed[1:][np.diff(timed) < 0]
    if len(back):
        sentence = f"{_many(len(back), 'row')} earlier than the row in front; the first is {iso(back[0])}."
        yield Finding("order", "error", int(back.min()), int(back.max()), len(back), sentence)
    ordered = np.sort(timed)
    again = ordered[1:][np.diff(ordered) == 0]
    if len(again):
        sentence = f"{_many(len(again), 'row')} with a time that another row has; the first is {iso(again[0])}."
        yield Finding("duplicate", "error", int(again[0]), int(again[-1]), len(again), sentence)


def _gaps(timed: Times, timeframe: Timeframe) -> Iterator[Finding]:
    step, origin = timeframe.milliseconds, timeframe.floor(0)
    slots = np.unique((timed - origin) // step)
    wide = np.flatnonzero(np.diff(slots) > 1)
    for before, after in zip(slots[wide].tolist(), slots[wide + 1].tolist(), strict=True):
        first, last, count = (before + 1) * step + origin, (after - 1) * step + origin, after - before - 1
        span = f"from {iso(first)} to {iso(last)}" if count > 1 else f"at {iso(first)}"
        sentence = f"{_many(count, 'bar')} missing {span}."
        yield Finding("gap", "warning", first, last, count, sentence)


def _zero_volume(bars: RawBars | Bars, rows: NDArray[np.intp]) -> Iterator[Finding]:
    yield from _runs(bars, rows, bars.volume[rows] == 0.0, "zero volume", "note", "without volume", 1)


def _frozen(bars: RawBars | Bars, rows: NDArray[np.intp]) -> Iterator[Finding]:
    close = bars.close[rows]
    still = (bars.high[rows] == bars.low[rows]) & (close == np.append(close[:1], close[:-1]))
    yield from _runs(bars, rows, still, "frozen", "warning", "at one unmoved price", FROZEN_BARS)


def _runs(
    bars: RawBars | Bars,
    rows: NDArray[np.intp],
    marked: NDArray[np.bool_],
    kind: str,
    severity: Severity,
    what: str,
    shortest: int,
) -> Iterator[Finding]:
    """A finding for each of the longest runs of marked rows, and one for all shorter ones together."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= shortest
    starts, ends = starts[long], ends[long]
    order = np.argsort(starts - ends, kind="stable")
    times = bars.opened_at[rows]
    for start, end in sorted(zip(starts[order[:WORST]].tolist(), ends[order[:WORST]].tolist(), strict=True)):
        span = f"from {iso(times[start])} to {iso(times[end - 1])}" if end - start > 1 else f"at {iso(times[start])}"
        sentence = f"{_many(end - start, 'bar')} {what} {span}."
        yield Finding(kind, severity, int(times[start]), int(times[end - 1]), end - start, sentence)
    rest = order[WORST:]
    if len(rest):
        total, first, last = int((ends - starts)[rest].sum()), starts[rest].min(), ends[rest].max() - 1
        sentence = f"{_many(total, 'bar')} {what} in {len(rest):,} shorter runs, the first at {iso(times[first])}."
        yield Finding(kind, severity, int(times[first]), int(times[last]), total, sentence)


def _spikes(bars: RawBars | Bars, rows: NDArray[np.intp]) -> Iterator[Finding]:
    """The largest moves and wicks relative to those around them."""
    times, low, high, close = (column[rows] for column in (bars.opened_at, bars.low, bars.high, bars.close))
    bottom, top = np.minimum(bars.open[rows], close), np.maximum(bars.open[rows], close)
    adjacent = np.diff(times) == bars.timeframe.milliseconds  # moves over a hole are not comparable
    moves = np.append(0.0, np.where(adjacent, np.diff(np.log(close)), 0.0))
    up, down = np.log(high / top), np.log(bottom / low)
    wicks = np.maximum(up, down)
    jump = np.abs(moves) / _usual(np.abs(moves))
    reach = wicks / _usual(wicks)
    score = np.where(np.maximum(np.abs(moves), wicks) >= SPIKE_LEAST, np.maximum(jump / SPIKE, reach / WICK), 0.0)
    for row in sorted(np.argsort(-score, kind="stable")[:WORST].tolist()):
        if score[row] <= 1.0:
            continue
        when = int(times[row])
        if jump[row] / SPIKE >= reach[row] / WICK:
            after = moves[row + 1] if row + 1 < len(moves) else 0.0
            back = -after * np.sign(moves[row]) >= 0.7 * abs(moves[row])
            much, ratio, verb = np.expm1(moves[row]), jump[row], "moves"
            tail = ", and the next bar takes it back" if back else ""
        else:
            much, ratio, verb = np.expm1(up[row] if up[row] >= down[row] else -down[row]), reach[row], "has a wick of"
            back, tail = bool(reach[row] > 3 * WICK), ""
        sentence = f"The bar of {iso(when)} {verb} {100 * much:+.2f}%, {ratio:.0f} times what is usual there{tail}."
        yield Finding("spike", "warning" if back else "note", when, when, 1, sentence)


def _usual(sizes: Floats) -> Floats:
    """For each size, 1.4826 × the median of the 300 around it: a robust standard deviation."""
    blocks = -(-len(sizes) // _BLOCK)
    padded = np.pad(sizes, (0, blocks * _BLOCK - len(sizes)), mode="wrap").reshape(blocks, _BLOCK)
    around = np.concatenate([np.roll(padded, 1, axis=0), padded, np.roll(padded, -1, axis=0)], axis=1)
    local = np.median(around, axis=1)
    floor = max(float(np.median(sizes)) / 4, float(np.mean(sizes)) / 10, 1e-7)
    return 1.4826 * np.repeat(np.maximum(local, floor), _BLOCK)[: len(sizes)]


def _lag(last: int, timeframe: Timeframe, now: int) -> Iterator[Finding]:
    behind = (now - last) // timeframe.milliseconds - 1
    if behind > 0:
        sentence = f"The last bar opened at {iso(last)}: {_many(behind, 'closed bar')} missing up to {iso(now)}."
        yield Finding("lag", "note", last + timeframe.milliseconds, now, behind, sentence)


def _many(count: int, noun: str) -> str:
    """`1 bar is`, `3 bars are`."""
    return f"1 {noun} is" if count == 1 else f"{count:,} {noun}s are"
