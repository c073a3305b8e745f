"""Edges, switches and counters on cases worked out by hand."""

from __future__ import annotations

import math

import harness
import numpy as np
import pytest

from wickwork import InputError, backtest, demo_bars, strategy, ta, trade
from wickwork.graph.signature import Value
from wickwork.nodes import builtin

nan = math.nan


def answers(name: str, *inputs: list[float], **values: Value) -> list[list[float]]:
    """The outputs of the node over these inputs; optional ones that are left out are false."""
    node = builtin()[name]
    columns = [np.array(column, dtype=np.float64) for column in inputs]
    columns += [np.zeros(len(columns[0]))] * (len(node.inputs) - len(columns))
    return [column.tolist() for column in harness.run(node, columns, values)]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("becomes_false", [0, 0, 0, nan, 1, 0]), ("condition_changed", [0, 0, 0, nan, 1, 1])],
)
def test_the_bar_before_is_the_latest_known_one(name: str, wanted: list[float]) -> None:
    np.testing.assert_array_equal(answers(name, [1, 1, 1, nan, 0, 1]), [wanted])


def test_equal_numbers_do_not_change() -> None:
    assert answers("changed", [0.0, -0.0, 1.0, 1.0, 0.0]) == [[0, 0, 1, 0, 1]]


def test_debounce_follows_both_ways_only_after_enough_bars() -> None:
    assert answers("debounce", [1, 1, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0], bars=3) == [
        [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0]
    ]
    assert answers("held_for", [1, 1, 0, 1, 1, 1, 1, 0], bars=3) == [[0, 0, 0, 0, 0, 1, 1, 0]]


def test_a_cool_down_counts_bars_on_which_the_event_is_missing() -> None:
    (passed,) = answers("cool_down", [1, 1, nan, 1, nan, 1, 1, 1, 1], bars=3)
    np.testing.assert_array_equal(passed, [1, 0, 0, 1, 0, 0, 1, 0, 0])
    (passed,) = answers("cool_down", [0, nan, 1], bars=2)
    np.testing.assert_array_equal(passed, [0, nan, 1])


def test_a_reset_counts_although_the_event_is_missing() -> None:
    for name, before in (("toggle", 1), ("counter", 1)):
        (line,) = answers(name, [1, nan, nan, 1], [0, 0, 1, 0])
        np.testing.assert_array_equal(line, [before, nan, 0, 1])


def test_a_setup_that_is_not_triggered_in_time_is_over() -> None:
    setup, trigger = [1, 0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 1, 0, 1, 0]
    state, bars, entered, final = answers("state_machine", setup, trigger, steps=2, timeout=2)
    assert state == [1, 1, 0, 0, 1, 1, 2, 2]
    assert bars == [0, 1, 0, 1, 0, 1, 0, 1]
    assert entered == [1, 0, 1, 0, 1, 0, 1, 0]
    assert final == [0, 0, 0, 0, 0, 0, 1, 1]


def test_a_reset_leads_to_the_first_state_from_the_last() -> None:
    nothing = [0.0] * 4
    state, *_ = answers("state_machine", [1, 1, 1, 1], nothing, nothing, nothing, [0, 0, 1, 0], steps=1)
    assert state == [1, 1, 0, 1]


def test_steps_of_a_state_machine_must_be_wired() -> None:
    node = builtin()["state_machine"]
    assert node.needs_wired(node.check({"steps": 1})) == ()
    assert node.needs_wired(node.check({"steps": 3})) == ("step_2", "step_3")
    with pytest.raises(InputError, match="steps"):
        node.check({"steps": 5})


def test_a_step_that_is_not_wired_is_a_fault_that_can_be_mended() -> None:
    """A condition has no fixed value, so that only a wire is offered."""
    with strategy("steps") as s:
        up = s.bars.close > s.bars.open
        machine = ta.state_machine(up, up, steps=3, name="machine")
        trade.buy(when=machine.final, size=trade.quantity(0.01))
    with pytest.raises(
        InputError, match=r"machine\.step_3: the parameters of this node need it; wire a condition to it\.$"
    ):
        backtest(s, demo_bars("BTC/USDT", "1h").slice(0, 50))
