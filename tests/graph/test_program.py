"""A plan tells where each wire lies, and says which there are where a name is not enough."""

from __future__ import annotations

import pytest

from wickwork import strategy, ta, trade
from wickwork.graph.program import Program, plan
from wickwork.model.errors import NotFound
from wickwork.model.timeframe import HOUR, Timeframe


def program() -> Program:
    with strategy("bands") as s:
        bands = ta.bollinger(s.bars.close, period=5, name="bands")
        fast = ta.ema(s.bars.close, period=3, name="fast")
        trade.buy(when=fast < bands.lower, size=trade.quantity(1))
    return plan(s.check(), Timeframe(HOUR))


def test_a_node_with_one_output_needs_no_port() -> None:
    assert program().column("fast") == program().column("fast.value")
    assert program().column("bands.lower") != program().column("bands.upper")


def test_a_node_with_several_outputs_needs_one() -> None:
    with pytest.raises(NotFound, match=r"'bands' has several outputs; name one of bands\.lower, "):
        program().column("bands")


@pytest.mark.parametrize(("asked", "meant"), [("fats", "fast"), ("fast.valeu", "fast.value")])
def test_a_wire_that_is_not_there(asked: str, meant: str) -> None:
    with pytest.raises(NotFound, match=f"There is no wire '{asked}' in this graph. Did you mean '{meant}'"):
        program().column(asked)
