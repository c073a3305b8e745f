"""Strategies that compare instruments, in a sweep: what is computed once, and what for every combination."""

from __future__ import annotations

import numpy as np
import pytest

from tests.promises.programs import case_of
from tests.research.test_sweep import both
from wickwork import strategy, ta, trade
from wickwork.nodes import builtin
from wickwork.research.parameter_space import parameter_space
from wickwork.strategies.load import Loaded


@pytest.mark.parametrize("memory", [1 << 30, 0])
def test_every_combination_is_its_own_run(memory: int) -> None:
    with strategy("rotation") as s:
        fast = ta.roc(s.bars.close, period=3, name="fast")
        place = ta.rank(fast, name="place")
        best = ta.top(ta.ema(place, period=2, name="smooth"), n=1, name="best")
        trade.buy(when=best, size=trade.percent_of_equity(30))
        trade.close(when=ta.breadth(fast > 0.0) < 50.0)
    case = next(c for k in range(99) if len((c := case_of(f"random {k} 60")).markets) == 3)
    loaded = Loaded(s.graph, builtin())
    grid = parameter_space(loaded, {"fast.period": [2, 5], "smooth.period": [2, 3, 4], "best.n": [1, 2]})
    swept, alone = both(case, loaded, grid, memory=memory)
    assert swept.tobytes() == alone.tobytes()
    assert len(np.unique(alone["equity"])) > 3
