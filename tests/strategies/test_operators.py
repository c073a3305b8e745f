"""Operators on wires: each makes the node that it means, or refuses in a sentence; none is without effect."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from wickwork import InputError, Strategy, backtest, demo_bars, strategy, ta, trade

BARS = demo_bars("BTC/USDT", "1h").slice(0, 60)


@pytest.fixture
def s() -> Iterator[Strategy]:
    with strategy("wires") as made:
        yield made


def column(s: Strategy, wire: Any) -> Any:
    """The values of a wire on the first bars of the demo market."""
    trade.buy(when=s.bars.close < 0.0)
    return backtest(s, BARS).columns[f"{wire.node}.{wire.port}"]


@pytest.mark.parametrize(
    ("right", "left"), [(ten, side) for ten in (10.0, np.float64(10.0), np.int64(10), True) for side in (True, False)]
)
@pytest.mark.parametrize("name", "add sub mul truediv mod pow gt lt ge le eq ne".split())  # noqa: SIM905
def test_numbers_on_either_side(s: Strategy, name: str, right: Any, left: bool) -> None:
    if right is True:
        with pytest.raises(InputError, match="True"):
            getattr(operator, name)(*((s.bars.close, right) if left else (right, s.bars.close)))
        return
    act: Callable[[Any, Any], Any] = getattr(operator, name)
    scaled = s.bars.close / 10_000.0
    made = act(scaled, right) if left else act(right, scaled)
    values = BARS.close / 10_000.0
    wanted = act(values, float(right)) if left else act(float(right), values)
    np.testing.assert_allclose(column(s, made), wanted.astype(float), rtol=1e-12)


@pytest.mark.parametrize("name", "mod pow ge le eq ne".split())  # noqa: SIM905
def test_two_wires(s: Strategy, name: str) -> None:
    a, b = s.bars.high / 50_000.0, s.bars.low / 50_000.0
    wanted = getattr(operator, name)(BARS.high / 50_000.0, BARS.low / 50_000.0)
    np.testing.assert_allclose(column(s, getattr(operator, name)(a, b)), wanted.astype(float), rtol=1e-12)


def test_the_remainder_has_the_sign_of_the_divisor(s: Strategy) -> None:
    assert set(column(s, ta.number(value=-7.5) % 2.0 + s.bars.close * 0.0)) == {0.5}
    with strategy("by zero") as other:
        assert np.isnan(column(other, other.bars.close % 0.0)).all()


def test_absolute_values(s: Strategy) -> None:
    made = column(s, abs(s.bars.open - s.bars.close))
    np.testing.assert_array_equal(made, np.abs(BARS.open - BARS.close))


@pytest.mark.parametrize(("sign", "wanted"), [("eq", lambda a, b: a == b), ("ne", lambda a, b: a != b)])
def test_conditions_are_compared(s: Strategy, sign: str, wanted: Callable[[Any, Any], Any]) -> None:
    """With conditions, events and fixed values."""
    up, event = s.bars.close > s.bars.open, ta.crosses_above(s.bars.close, s.bars.open)
    compare = getattr(operator, sign)
    rises, crossed = column(s, up), column(s, event)
    for other, values in ((event, crossed), (True, 1.0), (False, 0.0)):
        np.testing.assert_array_equal(column(s, compare(up, other)), wanted(rises, values))


@pytest.mark.parametrize("other", [None, "long", 1, [1.0], math], ids=["None", "text", "1", "list", "module"])
@pytest.mark.parametrize("sign", ["eq", "ne"])
def test_what_cannot_be_compared_is_refused(s: Strategy, sign: str, other: Any) -> None:
    condition, order = s.bars.close > 1.0, trade.buy(when=s.bars.close > 1.0)
    for wire in (condition, order, *(() if other == 1 else (s.bars.close,))):
        with pytest.raises(InputError, match="compares nothing"):
            getattr(operator, sign)(wire, other)
    for pair in ((s.bars.close, condition), (condition, s.bars.close), (order, condition)):
        with pytest.raises(InputError, match="compares nothing"):
            getattr(operator, sign)(*pair)


def test_wires_are_members_and_keys(s: Strategy) -> None:
    a, b = s.bars.close, s.bars.open
    assert a in {a, b}
    assert {a: 1, b: 2}[b] == 2
    assert a in [a, b]
    assert len({a, b, a}) == 2


@pytest.mark.parametrize(
    "decide",
    [
        lambda x: 1 < x < 2,
        lambda x: x > 1 and x < 2,
        lambda x: x > 1 or x < 2,
        lambda x: not x,
        lambda x: 1 if x == 2.0 else 0,
        lambda x: min(x, x * 2.0),
        lambda x: max(1.0, x),
        lambda x: x in [x * 2.0],
        lambda x: sorted([x, x * 2.0]),
    ],
)
def test_python_cannot_decide_by_a_wire(s: Strategy, decide: Callable[[Any], Any]) -> None:
    with pytest.raises(InputError, match=r"cannot decide.*ta\.choose, &, \| and ~.*\(1 < x\) & \(x < 2\).*ta\.min"):
        decide(s.bars.close)


@pytest.mark.parametrize(
    "use", [lambda x: x > 1.0, lambda x: 1.0 - x, lambda x: x == 1.0, abs, lambda x: bool(x), lambda x: ~x]
)
def test_outputs_of_a_node_with_several_are_refused(s: Strategy, use: Callable[[Any], Any]) -> None:
    with pytest.raises(InputError, match=r"several outputs.*bollinger\.lower"):
        use(ta.bollinger(s.bars.close))
    with pytest.raises(InputError, match=r"several outputs.*bars\.close"):
        use(s.bars)


def test_a_wire_is_no_parameter(s: Strategy) -> None:
    for wrong in ({"period": s.bars.close}, {"seed": s.bars.close}, {"seed": s.bars}):
        with pytest.raises(InputError, match="is a parameter"):
            ta.ema(s.bars.close, **wrong)


def test_fixed_conditions(s: Strategy) -> None:
    root = ta.power(s.bars.close * 0.0 - 1.0, 0.5) > 1.0
    assert set(column(s, ta.if_missing(root, True))) == {1.0}
    assert set(column(s, False | ta.if_missing(root, False))) == {0.0}
    assert set(column(s, ta.if_missing(ta.power(s.bars.close * 0.0 - 1.0, 0.5), 5))) == {5.0}
