"""Nodes of the user's own without wires: they belong to the strategy in whose block they are called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import pytest

from wickwork import InputError, backtest, demo_bars, node, strategy, trade
from wickwork.graph.types import Bar, Between, Condition, Moment, Position, Series
from wickwork.strategies.load import load_strategy

BARS = demo_bars("BTC/USDT", "1h").slice(0, 50)


@node(title="Middle", group="mine")
def middle(bars: Bar) -> Series:
    """Half-way between high and low."""
    return (bars.high + bars.low) / 2.0


@node(title="Half", group="mine")
def half(*, of: Annotated[float, Between(0, 1e9)] = 1.0) -> Series:
    """Half of a number."""
    return of / 2.0


@node(title="Holding", group="mine")
def holding(position: Position) -> Condition:
    """Whether something is held."""
    return position.quantity != 0.0


@node(title="Even hour", group="mine")
def even_hour(moment: Moment) -> Condition:
    """Whether the hour is even."""
    return moment // 3_600_000 % 2 == 0


class Count(NamedTuple):
    bars: int = 0


@node(title="Counted", group="mine")
def counted(memory: Count, bars: Bar) -> tuple[Count, Series]:
    """How many bars there were."""
    return Count(memory.bars + 1), float(memory.bars + 1)


def test_own_nodes_without_wires_are_called_like_all_others() -> None:
    with strategy("own") as s:
        m, h, _ = middle(name="m"), half(of=3.0, name="h"), counted(name="n")
        trade.buy(when=(m > h) & even_hour() & ~holding(), size=trade.quantity(0.01))
        trade.close(when=holding(name="held"))
    run = backtest(s, BARS)
    np.testing.assert_array_equal(run.columns["m"], (BARS.high + BARS.low) / 2.0)
    assert set(run.columns["h"]) == {1.5}
    assert run.columns["n"].tolist() == list(range(1, 51))
    assert len(run.trades) > 10


def test_each_belongs_to_the_innermost_block() -> None:
    with strategy("outer") as outer:
        with strategy("inner") as inner:
            half(name="mine")
        half(name="ours")
    assert set(inner.graph.nodes) == {"mine"}
    assert set(outer.graph.nodes) == {"ours"}


def test_outside_of_a_strategy_they_are_refused_or_plain_functions() -> None:
    with pytest.raises(InputError, match="middle belongs inside a strategy"):
        middle()
    with pytest.raises(InputError, match="counted belongs inside a strategy"):
        counted(name="n")
    assert half(of=3.0) == 1.5
    assert middle(Bar(1.0, 3.0, 1.0, 2.0, 5.0)) == 2.0


def test_one_step_can_be_tried_inside_a_block() -> None:
    with strategy("tried") as s:
        assert counted(Count(4), Bar(1.0, 3.0, 1.0, 2.0, 5.0)) == (Count(5), 5.0)
        assert middle(Bar(1.0, 3.0, 1.0, 2.0, 5.0)) == 2.0
    assert not s.graph.nodes


def test_a_file_with_such_a_node(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text(
        "from wickwork import node, strategy, trade\n"
        "from wickwork.graph.types import Bar, Condition\n"
        "@node(title='Up', group='mine')\n"
        "def up(bars: Bar) -> Condition:\n"
        "    'A rising bar.'\n"
        "    return bars.close > bars.open\n"
        "with strategy('own') as s:\n"
        "    trade.buy(when=up(), size=trade.quantity(0.01))\n"
        "    trade.close(when=~up())\n"
    )
    assert len(backtest(load_strategy(file), BARS).trades) > 3
