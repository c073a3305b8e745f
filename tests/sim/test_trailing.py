"""A bracket with a trailing stop in one small bar: what the bar is taken for, against every path through it.

A path is a walk of at most 14 steps of one tick, which is enough to reach everything in any order that a bar of at most
four ticks allows. `worst` is the worst exit of all paths of a bar; `best` is the best one, or none where a path has
none.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from tests.sim.both import empty_program
from tests.sim.test_paths import COIN, FREE, START
from wickwork.engine.feed import feed_of
from wickwork.engine.machine import Machine
from wickwork.graph import types as t
from wickwork.model.bars import Bars
from wickwork.model.timeframe import HOUR, Timeframe

START_PRICE, RANGE = 100, 4
Shape = tuple[int, int, int]
"""High, low and close of a bar, counted in ticks from its open."""


def walks() -> list[np.ndarray]:
    """All paths of bars of at most four ticks, one array for each length: (steps + 1, paths)."""
    result = []
    for steps in range(1, 15):
        bits = (np.arange(1 << steps)[None, :] >> np.arange(steps)[:, None]) & 1
        path = np.vstack([np.zeros(1 << steps, int), np.cumsum(2 * bits - 1, axis=0)])
        result.append(path[:, path.max(axis=0) - path.min(axis=0) <= RANGE])
    return result


def exits(path: np.ndarray, side: int, trail: int, stop: int, target: int, after: int) -> np.ndarray:
    """Where a position from 0 is left, times its side, or NaN; 0 stands for no stop, no target, following at once."""
    follows = np.full(path.shape[1], after == 0)
    extreme, left = np.zeros(path.shape[1]), np.full(path.shape[1], np.nan)
    for point in side * path:
        out = np.isnan(left)
        extreme = np.maximum(extreme, point)
        follows |= point >= (after or np.inf)
        level = np.where(follows, extreme - trail, -np.inf)
        left[out & (point <= level)] = level[out & (point <= level)]
        if stop:
            left[out & (point <= -stop)] = np.maximum(-stop, level)[out & (point <= -stop)]
        if target:
            left[out & (point >= target)] = target
    return left


def coarse(
    shapes: list[Shape], side: int, trail: int, stop: int, target: int, after: int, assume: str
) -> list[tuple[float, int]]:
    """Exit (NaN: none) and count of ambiguous bars of a run over nothing but each bar."""
    rows = [row for h, l, c in shapes for row in ((0, 0, 0, 0), (0, h, l, c), (c, c, c, c), (c, c, c, c))]  # noqa: E741
    o, h, l, c = START_PRICE + np.array(rows, float).T  # noqa: E741
    times = START + np.arange(len(rows)) * HOUR
    machine = Machine(
        empty_program(),
        feed_of([Bars.of(COIN, Timeframe(HOUR), times, o, h, l, c, np.ones(len(o)))]),
        replace(FREE, assume=assume),
    )
    intent = t.Intent(
        verb=t.ENTER,
        side=side,
        size=1.0,
        leg_trail_as=t.LEG_DISTANCE,
        leg_trail=float(trail),
        trail_after_as=t.LEG_DISTANCE if after else t.LEG_NONE,
        trail_after=float(after),
        stop_loss_as=t.LEG_DISTANCE if stop else t.LEG_NONE,
        stop_loss=float(stop),
        take_profit_as=t.LEG_DISTANCE if target else t.LEG_NONE,
        take_profit=float(target),
    )
    result = []
    for k in range(len(shapes)):
        machine.run(4 * k + 1)
        machine.request(0, intent, 0)
        before = machine.arrays["account"]["ambiguous_bars"][0]
        machine.run(4 * k + 2)
        fills = machine.output("fills")
        left = np.nan if machine.arrays["lanes"]["quantity"][0] else (fills["price"][-1] - START_PRICE) * side
        result.append((left, int(machine.arrays["account"]["ambiguous_bars"][0] - before)))
        machine.request(0, t.Intent(verb=t.CANCEL, legs=1), 0)
        machine.request(0, t.Intent(verb=t.CLOSE, size=100.0), 0)
        machine.run(4 * k + 4)
    return result


@pytest.mark.parametrize("side", [1, -1], ids=["long", "short"])
@pytest.mark.parametrize("trail", [1, 2, 3])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_worst_and_best_are_those_of_all_paths(side: int, trail: int, after: int) -> None:
    paths = walks()
    groups: dict[Shape, list[tuple[int, int]]] = defaultdict(list)
    for n, path in enumerate(paths):
        for k, shape in enumerate(zip(path.max(axis=0), path.min(axis=0), path[-1], strict=True)):
            groups[tuple(map(int, shape))].append((n, k))  # type: ignore[index]
    shapes, doubts = sorted(groups), 0
    for stop, target in product((0, 1, 2, 3), (0, 1, 2, 3)):
        left = [exits(path, side, trail, stop, target, after) for path in paths]
        worst = coarse(shapes, side, trail, stop, target, after, "worst")
        best = coarse(shapes, side, trail, stop, target, after, "best")
        for shape, (low, doubt), (high, same) in zip(shapes, worst, best, strict=True):
            possible = np.array([left[n][k] for n, k in groups[shape]])
            here = f"{shape} stop {stop} target {target}: {set(possible)}"
            # Where the stop begins to follow inside the bar, doubt is counted also where it decides nothing.
            assert doubt == same >= int(len(set(map(str, possible))) > 1), here
            assert after or doubt == int(len(set(map(str, possible))) > 1), here
            if np.isnan(possible).all():
                assert np.isnan([low, high]).all(), here
                continue
            assert low == np.nanmin(possible), here
            if np.isnan(possible).any():
                assert np.isnan(high) or high == np.nanmax(possible), here
            else:
                assert high == np.nanmax(possible), here
            doubts += doubt
    assert doubts > 100
