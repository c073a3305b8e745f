"""The volume profile on bars whose profile can be drawn by hand."""

from __future__ import annotations

import harness
import numpy as np
import pytest

from wickwork.nodes import builtin


def profile(bars: list[tuple[float, float, float]], **values: float) -> tuple[float, ...]:
    """The point of control and the value area over these bars of (low, high, volume)."""
    low, high, volume = (np.array(c, dtype=np.float64) for c in zip(*bars, strict=True))
    settings = {"period": len(bars), **values}
    return tuple(c[-1] for c in harness.run(builtin()["volume_profile"], [low, high, low, high, volume], settings))


def test_a_bar_is_spread_evenly_over_its_range() -> None:
    """Rows of 1 from 0 to 4: the first bar gives 2 to each, the second 3 to the rows from 1 to 3."""
    bars = [(0.0, 4.0, 8.0), (1.0, 3.0, 6.0)]
    assert profile(bars, rows=4, value_area=70.0) == (1.5, 3.0, 1.0)  # 5 + 5 of 14 are more than 70 %
    assert profile(bars, rows=4, value_area=80.0) == (1.5, 4.0, 1.0)  # of the neighbours 2 and 2 the upper one
    assert profile(bars, rows=4, value_area=100.0) == (1.5, 4.0, 0.0)


def test_a_bar_that_covers_a_part_of_a_row_gives_it_a_part() -> None:
    """Half of the 6 lies in the row from 0 to 1, half in the next; the 4 at one price are the most."""
    bars = [(0.5, 1.5, 6.0), (3.9, 3.9, 4.0), (0.0, 4.0, 0.0)]
    assert profile(bars, rows=4, value_area=30.0) == (3.5, 4.0, 3.0)
    assert profile(bars, rows=4, value_area=100.0) == (3.5, 4.0, 0.0)


def test_a_price_on_a_border_belongs_to_the_row_above() -> None:
    bars = [(0.0, 0.0, 1.0), (1.0, 1.0, 5.0), (2.0, 2.0, 5.5), (4.0, 4.0, 9.0)]
    poc, high, low = profile(bars, rows=4, value_area=50.0)
    assert (poc, high, low) == (3.5, 4.0, 2.0)  # 9.0 of the highest price, in the last row, and 5.5


@pytest.mark.parametrize("ticks", [0.1, 0.01, 1e-6, 0.3])
def test_prices_on_the_borders_of_rows_are_not_moved_by_rounding(ticks: float) -> None:
    """Each of 25 prices of one tick is the border of a row; the largest volume is where it was put."""
    for at in range(24):
        bars = [(100 + k * ticks, 100 + k * ticks, 50.0 if k == at else 1.0) for k in range(25)]
        poc, *_ = profile(bars, rows=24)
        assert poc == pytest.approx(100 + (at + 0.5) * ticks, abs=ticks * 1e-3)


def test_rows_that_are_equal_but_for_rounding_are_equal() -> None:
    """One bar fills all rows alike: the lowest is the point of control, 70 % are the lowest seven of ten."""
    for low, high, volume in ((0.1, 0.7, 0.3), (1e-9, 3e-9, 7.0), (64_123.45, 64_999.99, 1e-7)):
        poc, top, bottom = profile([(low, high, volume)], rows=10)
        height = (high - low) / 10
        assert (poc, top, bottom) == pytest.approx((low + height / 2, low + 7 * height, low), rel=1e-12)


def test_without_any_volume_each_bar_counts_the_same() -> None:
    bars = [(0.0, 4.0, 0.0), (2.0, 3.0, 0.0)]
    assert profile(bars, rows=4, value_area=50.0)[0] == 2.5
    assert profile(bars, rows=4, value_area=50.0) == profile([(a, b, 3.0) for a, b, _ in bars], rows=4, value_area=50.0)


def test_a_window_of_one_price_has_one_level() -> None:
    assert profile([(0.1, 0.1, 2.0)] * 5) == (0.1, 0.1, 0.1)


def test_bars_that_left_the_window_count_no_more() -> None:
    bars = [(50.0, 60.0, 1e9), (0.0, 4.0, 8.0), (1.0, 3.0, 6.0)]
    assert profile(bars, rows=4, period=2) == profile(bars[1:], rows=4)
