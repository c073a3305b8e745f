"""Votes that are wired, and votes that are missing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.nodes.test_signals import run

from wickwork import InputError, strategy, ta, trade

nan = math.nan


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("all_of", [1, 0, 0, nan, 0]), ("any_of", [1, 1, 0, 1, nan]), ("k_of_n", [1, 0, 0, nan, 0])],
)
def test_inputs_that_are_not_wired_do_not_count(name: str, wanted: list[float]) -> None:
    (answer,) = run(name, [1, 1, 0, 1, 0], [1, 0, 0, nan, nan])
    np.testing.assert_array_equal(answer, wanted)


def test_two_of_three_are_known_as_soon_as_two_are() -> None:
    (answer,) = run("k_of_n", [1, 1, 0, 0], [1, 0, 0, nan], [nan, nan, nan, nan], k=2)
    np.testing.assert_array_equal(answer, [1, nan, 0, nan])


def test_a_score_of_weights_with_decimals_is_enough() -> None:
    weights = {"weight_a": 0.1, "weight_b": 0.2, "weight_c": 0.3, "needed": 0.6}
    score, passed = run("votes", [1, 1, 0], [1, 1, 1], [1, 0, 1], **weights)
    np.testing.assert_allclose(score, [0.6, 0.3, 0.5])
    assert passed.tolist() == [1, 0, 0]


def test_a_vote_against_may_decide() -> None:
    weights = {"weight_a": 2.0, "weight_b": -1.0, "weight_c": 0.0, "needed": 2.0}
    score, passed = run("votes", [1, 1, 0, 1], [0, 1, nan, nan], [nan, 0, 1, 0], **weights)
    np.testing.assert_array_equal(score, [2, 1, nan, nan])
    np.testing.assert_array_equal(passed, [1, 0, 0, nan])


def test_more_votes_than_conditions_are_wired_are_refused() -> None:
    with strategy("three of two") as s:
        up, high = s.bars.close > s.bars.open, s.bars.close > 1.0
        trade.buy(when=ta.k_of_n(up, high, k=3), size=trade.quantity(1.0))
    with pytest.raises(InputError, match=r"k_of_n.*\bc\b"):
        s.check()
