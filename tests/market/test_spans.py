from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wickwork.market.spans import Span, filled, union, windows, without
from wickwork.model.timeframe import Timeframe

MOMENTS = st.integers(0, 60)
SPANS = st.lists(st.tuples(MOMENTS, MOMENTS), max_size=8)
SECOND = Timeframe(1000)


def moments(spans: list[Span] | tuple[Span, ...]) -> set[int]:
    return {moment for start, stop in spans for moment in range(start, stop)}


@given(SPANS)
def test_the_union_is_the_same_time_in_few_spans(spans: list[Span]) -> None:
    merged = union(spans)
    assert moments(merged) == moments(spans)
    assert all(a < b for a, b in merged)
    assert all(left[1] < right[0] for left, right in pairwise(merged))


@given(st.tuples(MOMENTS, MOMENTS), SPANS)
def test_what_is_left_is_what_nobody_took(wanted: Span, taken: list[Span]) -> None:
    left = without(wanted, taken)
    assert moments(left) == moments([wanted]) - moments(taken)
    assert left == list(union(left))


@given(st.sets(MOMENTS))
def test_filled_spans_are_the_runs_of_bars(slots: set[int]) -> None:
    runs = filled(np.array(sorted(slots), dtype=np.int64) * 1000, SECOND)
    assert {moment // 1000 for a, b in runs for moment in range(a, b, 1000)} == slots
    assert runs == list(union(runs))


@given(SPANS, st.integers(1, 20))
def test_windows_join_neighbours_that_fit(spans: list[Span], length: int) -> None:
    holes = union(spans)
    joined = list(windows(holes, length))
    assert moments(joined) >= moments(holes)
    assert {a for a, _ in joined} <= {a for a, _ in holes}
    for window in joined:
        assert window in holes or window[1] - window[0] <= length
    assert all(right[1] - left[0] > length for left, right in pairwise(joined))
