from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wickwork.model.bars import Bars
from wickwork.model.instrument import parse_instrument
from wickwork.model.timeframe import parse_timeframe
from wickwork.services.work.bars import bars_per_candle, merged

BEGIN = 1_704_067_200_000


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=300, unique=True), st.integers(2, 60))
def test_merging_loses_nothing_and_never_gives_more_points(slots: list[int], points: int) -> None:
    times = np.array(sorted(slots), np.int64) * 3_600_000 + BEGIN
    close = 100.0 + times % 97
    bars = Bars.of(
        parse_instrument("BTC/USDT"), parse_timeframe("1h"), times, close, close + 1, close - 1, close, times % 7
    )
    at, _, high, low, last, volume = merged(bars, bars_per_candle(bars, points))
    assert len(at) <= points
    assert (at[0], last[-1], high.max(), low.min()) == (times[0], close[-1], close.max() + 1, close.min() - 1)
    assert volume.sum() == bars.volume.sum()
