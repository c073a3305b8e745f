"""The nodes of volume that flows in and out: agreement with TA-Lib, and cases that random markets do not show."""

from __future__ import annotations

import math
from dataclasses import replace

import harness
import numpy as np
import pytest
import talib
from harness import Column, Market, market, walk

from wickwork.graph.signature import Value
from wickwork.nodes import builtin

NAMES = (
    "accumulation_distribution", "chaikin_oscillator", "chaikin_money_flow", "force_index", "ease_of_movement",
    "price_volume_trend",
)  # fmt: skip


def outputs(name: str, where: Market, **values: Value) -> tuple[Column, ...]:
    return harness.run(builtin()[name], where.columns(builtin()[name]), values)


@pytest.mark.parametrize(("seed", "start"), [(8, 100.0), (9, 6e4)])
def test_nodes_agree_with_talib(seed: int, start: float) -> None:
    w = market("walk", walk(2000, seed, start=start), seed)
    h, lo, c, v = w.high, w.low, w.close, w.volume
    for name, values, theirs in (
        ("accumulation_distribution", {}, talib.AD(h, lo, c, v)),
        ("chaikin_oscillator", {}, talib.ADOSC(h, lo, c, v, 3, 10)),
        ("chaikin_oscillator", {"fast": 12, "slow": 5}, talib.ADOSC(h, lo, c, v, 12, 5)),
        ("chaikin_money_flow", {}, talib.CMF(h, lo, c, v, 20)),
        ("force_index", {}, talib.EFI(c, v, 13)),
        ("force_index", {"period": 2}, talib.EFI(c, v, 2)),
        ("price_volume_trend", {}, talib.PVT(c, v)),
        ("negative_volume_index", {}, talib.NVI(c, v)),
        ("positive_volume_index", {}, talib.PVI(c, v)),
    ):
        (mine,) = outputs(name, w, **values)
        np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-8, err_msg=f"{name} {values}")


@pytest.mark.parametrize("name", NAMES)
def test_no_movement_or_no_volume_is_exactly_zero(name: str) -> None:
    flat = market("flat", np.full(80, 0.1), wick=0.0)
    silent = market("silent", walk(80), volume=np.zeros(80))
    for where in (flat, silent):
        (mine,) = outputs(name, where)
        assert set(mine[-40:]) == {0.0}


def test_ease_of_movement_of_a_worked_example() -> None:
    """The middle rises by 2, the range is 4, the volume 1000: 10000 × 2 × 4 / 1000."""
    columns = [np.array(c) for c in ([9.0, 11.0], [10.0, 13.0], [8.0, 9.0], [9.0, 12.0], [500.0, 1000.0])]
    (mine,) = harness.run(builtin()["ease_of_movement"], columns, {"period": 1})
    assert np.isnan(mine[0])
    assert mine[1] == 80.0


@pytest.mark.parametrize(("name", "back"), [("accumulation_distribution", 1e16), ("price_volume_trend", 2e16)])
def test_a_cumulative_line_forgets_no_small_volume(name: str, back: float) -> None:
    """After 1e16 came and went again, what small bars added is all there."""
    n = 2001
    close, volume = np.where(np.arange(n) % 2 == 0, 1.0, 2.0), np.full(n, 0.1)
    volume[1], volume[2] = 1e16, back
    (mine,) = harness.run(builtin()[name], [close, np.full(n, 2.0), np.ones(n), close, volume])
    signs = np.where(close == 2.0, 1.0, -1.0 if name == "accumulation_distribution" else -0.5)
    signs[0] = -1.0 if name == "accumulation_distribution" else 0.0
    assert mine[-1] == pytest.approx(math.fsum(signs * volume), rel=1e-12)


def test_the_oscillator_does_not_depend_on_how_far_the_line_has_gone() -> None:
    where = market("walk", walk(3000, 5), 5)
    volume = where.volume.copy()
    volume[:1000] *= 1e12
    (mine,) = outputs("chaikin_oscillator", replace(where, volume=volume))
    (fresh,) = outputs("chaikin_oscillator", where)
    np.testing.assert_allclose(mine[-500:], fresh[-500:], rtol=1e-9, atol=1e-9)
