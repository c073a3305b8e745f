"""Which wires are drawn beside the candles, and where: over the prices, or in a pane of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.backtest import History, columns_of
from wickwork.graph.check import ValidatedGraph
from wickwork.graph.operation import SOURCE
from wickwork.graph.parts import part_name
from wickwork.graph.types import Port

MOST = 6
"""Wires that are drawn when none is named."""
MOST_VALUES = 4_000_000
NEAR = 0.5
"""A wire is drawn on the price scale when it stays this near to the close, as a share of it …"""
OFTEN = 0.95
"""… on that share of its bars."""


@dataclass(frozen=True)
class Drawn:
    """One wire to draw."""

    name: str
    title: str
    kind: str
    """`series`, or `condition` for what is only true or false."""
    over: bool
    """Whether it lies on the price scale."""
    between: tuple[float, float] | None
    """The range of its values, as declared by the node."""
    values: NDArray[np.float64]
    """One row for each instrument, on the bars of the run."""


def drawn(history: History, names: Sequence[str]) -> list[Drawn]:
    """The named wires, or those that feed the actions when none is named. Raises NotFound for an unknown name."""
    program = history.program
    chosen = [_whole(program.names, name) for name in names if program.column(name)] or list(_default(history))
    chosen = list(dict.fromkeys(chosen))
    values = columns_of(history, {name: program.names[name] for name in chosen}) if chosen else {}
    return [_drawn(history, name, values[name]) for name in chosen]


def _default(history: History) -> list[str]:
    """The first few wires that feed the actions (of each strategy), as many as the file can carry."""
    parts = history.program.validated.graph.parts
    bars = sum(len(bars) for bars in history.bars) // max(len(parts), 1)
    most = min(MOST, MOST_VALUES // max(bars, 1))
    found = [name for name in dict.fromkeys(feeding(history.program.validated)) if name in history.program.names]
    if not parts:
        return found[:most]
    return [name for part in parts for name in [one for one in found if part_name(one) == part.name][:most]]


def feeding(validated: ValidatedGraph) -> Iterator[str]:
    """The wires with numbers that lead to the actions, searched upstream from them: the first on every path."""
    for name in validated.order:
        if validated.nodes[name].verb:
            for entry in validated.nodes[name].inputs:
                yield from _upward(validated, validated.wired.get((name, entry.name)))


def _upward(validated: ValidatedGraph, source: tuple[str, str] | None) -> Iterator[str]:
    if source is None or validated.nodes[source[0]].name == SOURCE:
        return
    node = validated.nodes[source[0]]
    output = node.output(source[1])
    if output is None or output.port is Port.ORDER or not node.arguments:
        return
    if output.port is Port.SERIES:
        yield f"{source[0]}.{source[1]}"
        return
    for entry in node.inputs:
        yield from _upward(validated, validated.wired.get((source[0], entry.name)))


def _whole(names: Mapping[str, object], name: str) -> str:
    """`fast.value` for `fast`; the program has made sure that it is one wire."""
    return name if name in names else next(key for key in names if key.partition(".")[0] == name)


def _drawn(history: History, name: str, values: NDArray[np.float64]) -> Drawn:
    node_id, _, port = name.partition(".")
    validated = history.program.validated
    node = validated.nodes[node_id]
    output = node.output(port)
    given = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in validated.values[node_id].items())
    series = history.program.names[name].port is Port.SERIES
    values = _held(history, values)
    between = (output.between.low, output.between.high) if output and output.between else None
    several = sum(key.partition(".")[0] == node_id for key in history.program.names) > 1
    return Drawn(
        name=name if several else node_id,
        title=f"{node.title}{f' {port}' if several else ''}{f', {given}' if given else ''}",
        kind="series" if series else "condition",
        over=series and between is None and follows_price(history, values),
        between=between,
        values=values,
    )


def _held(history: History, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values, those of a strategy with slower bars held until its next bar."""
    lanes = [part for part in history.program.ranges for _ in range(part.lanes)]
    if all(part.ratio == 1 for part in lanes):
        return values
    numbers = np.arange(values.shape[1])
    rows = []
    for row, part in zip(values, lanes, strict=True):
        last = np.maximum.accumulate(np.where(np.isfinite(row), numbers, 0))
        rows.append(row[last] if part.ratio > 1 else row)
    return np.array(rows)


def follows_price(history: History, values: NDArray[np.float64]) -> bool:
    """Whether a wire stays near the closes, so that both can share a scale."""
    near = seen = 0
    for bars, row in zip(history.bars, values, strict=True):
        mine = on_own_bars(history, bars.opened_at, row)
        known = np.isfinite(mine)
        near += int((np.abs(mine[known] / bars.close[known] - 1.0) < NEAR).sum())
        seen += int(known.sum())
    return seen > 0 and near >= OFTEN * seen


def on_own_bars(history: History, times: NDArray[np.int64], row: NDArray[np.float64]) -> NDArray[np.float64]:
    """A row on the grid of the run, cut to the bars that an instrument has."""
    if len(times) == len(row):
        return row
    return row[np.searchsorted(history.feed.opened_at, times)]
