"""Events in order and values since an event, on cases worked out by hand."""

from __future__ import annotations

import math

import harness
import numpy as np
import pytest
from tests.nodes.test_states import answers

from wickwork.nodes import builtin

nan = math.nan
NEVER = [0.0] * 8


def test_the_second_event_counts_only_within_the_bars_after_the_first() -> None:
    first = [1, 0, 0, 0, 0, 1, 0, 0]
    assert answers("sequence", first, [1, 0, 0, 1, 0, 0, 0, 1], within=2) == [[0, 0, 0, 0, 0, 0, 0, 1]]
    assert answers("sequence", first, [0, 0, 1, 1, 0, 0, 1, 1], within=2) == [[0, 0, 1, 0, 0, 0, 1, 0]]


def test_the_latest_of_several_first_events_counts() -> None:
    assert answers("sequence", [1, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 1], within=2) == [[0, 0, 0, 0, 0, 1]]


def test_a_new_sequence_may_begin_on_the_bar_that_fires() -> None:
    assert answers("sequence", [1, 1, 0, 0], [0, 1, 1, 1], within=5) == [[0, 1, 1, 0]]


def test_three_events_come_in_order() -> None:
    a, b, c = [1, 0, 0, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 1, 0, 0], [0, 1, 0, 0, 0, 0, 1, 1]
    assert answers("sequence", a, b, c, steps=3, within=3) == [[0, 0, 0, 0, 0, 0, 1, 0]]
    assert answers("sequence", a, c, b, steps=3, within=3) == [[0, 0, 1, 0, 0, 0, 0, 0]]
    reset = [0, 0, 0, 0, 0, 1, 0, 0]
    assert answers("sequence", a, b, c, NEVER, reset, steps=3, within=3) == [[0] * 8]


def test_a_missing_event_matters_only_where_it_would_complete_the_sequence() -> None:
    (line,) = answers("sequence", [0, 1, nan, 0, 0, 0], [nan, 0, 0, nan, 1, nan], within=3)
    np.testing.assert_array_equal(line, [0, 0, 0, nan, 1, 0])


def test_past_values_when() -> None:
    (value,) = answers("past_value_when", [0, 1, 1, 0, 1, nan, 1], [1, 2, 3, 4, 5, 6, 7], events=2)
    np.testing.assert_array_equal(value, [nan, nan, nan, nan, 2, nan, 3])


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("highest_since", [nan, 4, 4, nan, nan, 9, 1]),
        ("lowest_since", [nan, 4, 2, nan, nan, 9, 1]),
        ("sum_since", [nan, 4, 6, nan, nan, 9, 1]),
    ],
)
def test_an_event_counts_although_the_value_is_missing_on_its_bar(name: str, wanted: list[float]) -> None:
    """The third event comes without a value: what was before it does not count any more."""
    (line,) = answers(name, [0, 1, 0, nan, 1, 0, 1], [9, 4, 2, 8, nan, 9, 1])
    np.testing.assert_array_equal(line, wanted)


def test_sums_lose_nothing_over_many_bars() -> None:
    step = np.full(100_000, 0.1)
    step[::2] += 1e9
    step[1::2] -= 1e9
    (line,) = harness.run(builtin()["cumulative_sum"], [step])
    assert line[-1] == pytest.approx(math.fsum(step), rel=1e-14)
