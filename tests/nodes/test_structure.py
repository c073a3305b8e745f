"""Gaps, levels and divergences in pictures, and on markets with ties."""

from __future__ import annotations

import harness
import numpy as np
import pytest
from tests.nodes.test_agreement import disagreement
from tests.nodes.test_candles import candles, gapped

from wickwork.nodes import builtin


@pytest.mark.parametrize("name", ["fair_value_gap", "support_resistance", "divergence"])
def test_structure_agrees_with_its_twin_on_a_market_of_whole_numbers(name: str) -> None:
    node, noise = builtin()[name], np.random.default_rng(2)
    for seed in range(4):
        columns = gapped(seed)
        if name == "divergence":
            columns.append(noise.normal(0.0, 1.0, len(columns[0])))
        for values in harness.variants(node):
            assert not disagreement(node, columns, values)
        assert all(np.nansum(c) for c in harness.run(node, columns))


def test_a_fair_value_gap_until_it_is_filled() -> None:
    rows = [(10, 11, 9, 10), (10, 14, 10, 14), (14, 15, 12, 15), (15, 15, 11.5, 13), (13, 13, 11, 12), (12, 20, 12, 20)]
    bullish, bearish, top, bottom, unfilled = harness.run(builtin()["fair_value_gap"], candles(rows))
    assert bullish[2:].tolist() == [1, 0, 0, 0]
    assert bearish[2:].tolist() == [0, 0, 0, 0]
    np.testing.assert_array_equal(top, [np.nan, np.nan, 12, 12, np.nan, np.nan])
    np.testing.assert_array_equal(bottom, [np.nan, np.nan, 11, 11, np.nan, np.nan])
    assert unfilled[2:].tolist() == [1, 1, 0, 0]
    (small, *_) = harness.run(builtin()["fair_value_gap"], candles(rows), {"smallest": 9.5})
    assert small[2] == 0.0


def test_levels_are_known_when_the_bars_to_their_right_have_closed() -> None:
    highs = [10.0, 12.0, 10.0, 9.0, 9.0, 9.0]
    columns = candles([(h - 1, h, h - 2, h - 1) for h in highs])
    support, resistance = harness.run(builtin()["support_resistance"], columns, {"period": 3, "left": 1, "right": 1})
    nan = np.nan
    np.testing.assert_array_equal(resistance, [nan, nan, 12, 12, 12, nan])  # in the end it is out of the window
    assert np.isnan(support).all()


def test_divergences_of_each_kind() -> None:
    swing = {"left": 1, "right": 1, "nearest": 1}
    for price, value, wanted in (
        ([9, 5, 9, 4, 9], [9, 1, 9, 2, 9], [1, 0, 0, 0]),
        ([1, 5, 1, 6, 1], [1, 8, 1, 7, 1], [0, 1, 0, 0]),
        ([9, 4, 9, 5, 9], [9, 2, 9, 1, 9], [0, 0, 1, 0]),
        ([1, 6, 1, 5, 1], [1, 7, 1, 8, 1], [0, 0, 0, 1]),
    ):
        columns = [*candles([(p, p, p, p) for p in price]), np.array(value, dtype=np.float64)]
        answers = harness.run(builtin()["divergence"], columns, swing)
        assert [c[4] for c in answers] == wanted
        assert not any(np.nansum(c[:4]) for c in answers)
        for limits, inside in (
            ({"farthest": 1}, False),
            ({"farthest": 2}, True),
            ({"nearest": 2}, True),
            ({"nearest": 3}, False),
        ):
            assert any(c[4] for c in harness.run(builtin()["divergence"], columns, {**swing, **limits})) == inside
