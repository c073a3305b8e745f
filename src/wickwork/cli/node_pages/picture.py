"""Pictures of nodes as SVG: prices with what has their unit, other numbers below, conditions as bars and marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from wickwork.cli.node_pages.running import Column, Columns, Market
from wickwork.cli.node_pages.sample import Sample
from wickwork.cli.node_pages.units import is_price
from wickwork.graph.types import Port

MARK = "<!-- written by `wick nodes`; do not edit -->"
"""The first line of all files of the reference."""
SHOWN = 90
STEP = 8  # width of a bar
WIDTH = SHOWN * STEP
PRICE_HEIGHT, PANEL_HEIGHT, ROW_HEIGHT, GAP, LABEL = 130, 70, 10, 8, 14
MARKED = 12  # an output that is true on no more of the bars shown is marked beside the price, too
LINES = 7  # colours
PANELS = 3
SIMILAR = 8.0  # numbers that differ by less than this factor share a panel
FORM = """<style>
text{font:11px sans-serif;fill:#57606a}path{fill:none;stroke-width:1.5}
.w{stroke:#8c959f;stroke-width:1}.u{stroke:#4a9d6e;stroke-width:4}.d{stroke:#d0675f;stroke-width:4}
.g{stroke:#8c959f;stroke-width:.5;stroke-dasharray:3 3}.r{stroke-width:6}.m{stroke-width:0}
.c0{stroke:#0969da;fill:none}.c1{stroke:#bc4c00}.c2{stroke:#8250df}.c3{stroke:#1b7c83}
.c4{stroke:#bf3989}.c5{stroke:#9a6700}.c6{stroke:#6e7781}
text.c0{fill:#0969da}text.c1{fill:#bc4c00}text.c2{fill:#8250df}text.c3{fill:#1b7c83}
text.c4{fill:#bf3989}text.c5{fill:#9a6700}text.c6{fill:#6e7781}text{stroke:none!important}
.m{fill:#0969da}
@media(prefers-color-scheme:dark){text{fill:#9198a1}.c0{stroke:#4493f8}.c1{stroke:#f0883e}.c2{stroke:#ab7df8}
.c3{stroke:#39c5cf}.c4{stroke:#f778ba}.c5{stroke:#d29922}.c6{stroke:#9198a1}
text.c0{fill:#4493f8}text.c1{fill:#f0883e}text.c2{fill:#ab7df8}text.c3{fill:#39c5cf}
text.c4{fill:#f778ba}text.c5{fill:#d29922}text.c6{fill:#9198a1}.m{fill:#4493f8}}
</style>"""


@dataclass(frozen=True)
class Line:
    """One numeric output within the bars shown."""

    name: str
    values: Column
    colour: int


def picture(sample: Sample, market: Market, units: dict[str, str]) -> str:
    """The node as SVG; "" where there is nothing to see, since no output is other than always the same."""
    numbers = [o.name for o in sample.node.outputs if o.port is Port.SERIES]
    flags = [o.name for o in sample.node.outputs if o.port in (Port.CONDITION, Port.EVENT)]
    end = _end(sample, flags, seen=bool(numbers))
    part = slice(end - SHOWN, end)
    shown = {name: column[part] for name, column in sample.outputs.items()}
    if not any(_moves(column) for column in shown.values()):
        return ""
    bars = Columns(*(column[part] for column in market.bars))
    lines = [Line(name, shown[name], k % LINES) for k, name in enumerate(numbers)]
    over = [line for line in lines if is_price(line.values, bars.close, units.get(line.name, ""))]
    parts, y = _prices(bars, over, [shown[name] for name in flags])
    for panel in _panels([line for line in lines if line not in over and np.isfinite(line.values).any()]):
        parts += _panel(panel, y + GAP)
        y += GAP + LABEL + PANEL_HEIGHT
    for k, name in enumerate(flags):
        parts.append(_row(name, shown[name], y + LABEL, (len(numbers) + k) % LINES))
        y += ROW_HEIGHT + LABEL
    title = escape(f"{sample.node.title} over the demo market")
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + GAP}" role="img"><title>{title}</title>'
    return "\n".join((MARK, head, FORM, *parts, "</svg>")) + "\n"


def _end(sample: Sample, flags: Sequence[str], *, seen: bool) -> int:
    """Where the bars shown end: with the data, or else soon after a condition was last true."""
    size = len(next(iter(sample.outputs.values())))
    last = [int(np.flatnonzero(sample.outputs[name] > 0.0)[-1]) for name in flags if np.any(sample.outputs[name] > 0.0)]
    if seen or not last or any(k >= size - SHOWN for k in last):
        return size
    return max(SHOWN, min(size, max(last) + SHOWN // 3))


def _moves(column: Column) -> bool:
    known = column[np.isfinite(column)]
    return len(known) > 0 and (bool(np.ptp(known) > 0.0) or len(known) < len(column))


def _prices(bars: Columns, over: Sequence[Line], flags: Sequence[Column]) -> tuple[list[str], int]:
    """The candles with the lines over them, and where they end."""
    lowest, highest = float(np.min(bars.low)), float(np.max(bars.high))
    room = highest - lowest  # lines that go further are cut off
    values = np.concatenate([[lowest, highest], *(line.values for line in over)])
    values = values[np.isfinite(values)]
    low, high = max(float(values.min()), lowest - room), min(float(values.max()), highest + room)
    place = _Scale(low, high, LABEL + GAP, PRICE_HEIGHT)
    wicks: list[str] = []
    rising: list[str] = []
    falling: list[str] = []
    for k in range(SHOWN):
        begin, end = bars.open[k], bars.close[k]
        wicks.append(f"M{_x(k)} {place(bars.high[k])}V{place(bars.low[k])}")
        top, bottom = place(max(begin, end)), place(min(begin, end))
        bottom = bottom if bottom != top else _short(float(top) + 0.5)
        (rising if end >= begin else falling).append(f"M{_x(k)} {top}V{bottom}")
    parts = [
        f'<path class="{kind}" d="{"".join(d)}"/>' for kind, d in zip("wud", (wicks, rising, falling), strict=True)
    ]
    parts += [_line(line, place) for line in reversed(over)]
    marks = sorted({int(k) for flag in flags if np.sum(flag > 0.0) <= MARKED for k in np.flatnonzero(flag > 0.0)})
    below = [f"M{_x(k)} {_short(float(place(bars.low[k])) + 3)}l-4 7h8z" for k in marks]
    if below:
        parts.append(f'<path class="m" d="{"".join(below)}"/>')
    return [*parts, _labels(["price"], over, LABEL - 2)], LABEL + GAP + PRICE_HEIGHT + GAP


def _panels(lines: Sequence[Line]) -> list[list[Line]]:
    """The other lines in at most three panels, those of similar size together."""
    panels: list[list[Line]] = []
    for line in lines:
        size = float(np.nanmax(np.abs(line.values))) or 1.0
        for panel in panels:
            first = float(np.nanmax(np.abs(panel[0].values))) or 1.0
            if 1.0 / SIMILAR < size / first < SIMILAR:
                panel.append(line)
                break
        else:
            panels.append([line])
    return panels[:PANELS]


def _panel(lines: Sequence[Line], top: float) -> list[str]:
    values = np.concatenate([line.values for line in lines])
    values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    place = _Scale(low, high, top + LABEL, PANEL_HEIGHT - GAP)
    parts = []
    if low < 0.0 < high:
        parts.append(f'<path class="g" d="M0 {place(0.0)}H{WIDTH}"/>')
    ends = f"{_number(low)} … {_number(high)}"
    parts += [_line(line, place) for line in reversed(lines)]
    return [*parts, _labels([], lines, top + LABEL - 3, ends)]


def _row(name: str, flag: Column, y: float, colour: int) -> str:
    """A condition: a bar wherever it is true."""
    d, k = [], 0
    true = np.append(flag > 0.0, False)
    while k < SHOWN:
        begin = k
        while true[k]:
            k += 1
        if k > begin:
            d.append(f"M{_x(begin) - STEP // 2 + 1} {_short(y + 4)}H{_x(k - 1) + STEP // 2 - 1}")
        k += 1
    bars = f'<path class="r c{colour}" d="{"".join(d)}"/>' if d else ""
    return f'{bars}<text x="2" y="{_short(y - 2)}" class="c{colour}">{escape(name)}</text>'


def _line(line: Line, place: _Scale) -> str:
    """A line with a gap wherever the value is missing; in steps where it stays the same on most bars."""
    known = np.isfinite(line.values)
    steps = np.sum(np.diff(line.values) == 0.0) > 0.5 * np.sum(known)
    pieces, k = [], 0
    while k < SHOWN:
        begin = k
        while k < SHOWN and known[k]:
            k += 1
        if k - begin == 1:
            pieces.append(f"M{_x(begin) - 2} {place(line.values[begin])}h4")
        elif k > begin:
            pieces.append((_stairs if steps else _points)(line.values, begin, k, place))
        k += 1
    return f'<path class="c{line.colour}" d="{"".join(pieces)}"/>'


def _points(values: Column, begin: int, end: int, place: _Scale) -> str:
    return "M" + " ".join(f"{_x(k)} {place(values[k])}" for k in range(begin, end))


def _stairs(values: Column, begin: int, end: int, place: _Scale) -> str:
    """Level from the left of a bar on, as far as the value is the same."""
    d = f"M{_x(begin) - STEP // 2} {place(values[begin])}"
    for k in range(begin + 1, end):
        if values[k] != values[k - 1]:
            d += f"H{_x(k) - STEP // 2}V{place(values[k])}"
    return f"{d}H{_x(end - 1) + STEP // 2}"


def _labels(first: Sequence[str], lines: Sequence[Line], y: float, after: str = "") -> str:
    text, x = "", 2
    for word in first:
        text += f'<text x="{x}" y="{_short(y)}">{escape(word)}</text>'
        x += 7 * len(word) + 10
    for line in lines:
        text += f'<text x="{x}" y="{_short(y)}" class="c{line.colour}">{escape(line.name)}</text>'
        x += 7 * len(line.name) + 10
    if after:
        text += f'<text x="{WIDTH - 2}" y="{_short(y)}" text-anchor="end">{after}</text>'
    return text


@dataclass(frozen=True)
class _Scale:
    """From values to heights in the picture; values beyond both ends lie on them."""

    low: float
    high: float
    top: float
    height: float

    def __call__(self, value: float) -> str:
        room = self.high - self.low
        share = (self.high - min(max(float(value), self.low), self.high)) / room if room > 0.0 else 0.5
        return _short(self.top + share * self.height)


def _x(k: int) -> int:
    return k * STEP + STEP // 2


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _number(value: float) -> str:
    size = abs(value)
    return f"{value:,.0f}" if size >= 1000 else f"{value:.4g}"
