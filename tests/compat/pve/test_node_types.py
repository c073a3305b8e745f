"""Each node type of PVE: what it gives on every bar, missing values among them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.compat.pve.lite import Lite, bars, column, imported, nan
from wickwork.compat.pve import rules

PRICES = [100.0, 101.0, 99.0, 102.0, 103.0, 98.0]


def series(lite: Lite, first_missing: int = 2) -> tuple[int, int]:
    """A series that is missing on its first bars: the average of the closes over one bar more than that."""
    close = lite.node("get/close")
    length = lite.value("integer", first_missing + 1)
    return lite.node("indicators/ma", close, length, properties={"ma_type": "sma"}), 0


def averages(period: int) -> list[float]:
    return [nan if i < period - 1 else sum(PRICES[i + 1 - period : i + 1]) / period for i in range(len(PRICES))]


def gives(lite: Lite, node: int, slot: int = 0) -> list[float]:
    return column(imported(lite), (node, slot), bars(PRICES))


def each(function: Any, *columns: list[float]) -> list[float]:
    """Of numbers, missing where one of them is: as PVE passes None on."""
    return [nan if any(map(math.isnan, row)) else float(function(*row)) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize("name", ["open", "high", "low", "close", "volume"])
def test_a_column_of_the_bars(name: str) -> None:
    lite = Lite()
    node = lite.node(f"get/{name}")
    given = bars(PRICES, open=[p - 1 for p in PRICES], high=[p + 2 for p in PRICES], low=[p - 3 for p in PRICES])
    assert column(imported(lite), (node, 0), given) == [float(x) for x in getattr(given, name)]


@pytest.mark.parametrize(
    ("kind", "function"),
    [
        ("math/add_float", lambda a, b: a + b),
        ("math/subtract_float", lambda a, b: a - b),
        ("math/multiply_float", lambda a, b: a * b),
        ("math/divide_float", lambda a, b: a / b),
        ("compare/greater", lambda a, b: a > b),
        ("compare/smaller", lambda a, b: a < b),
        ("compare/equal", lambda a, b: a == b),
    ],
)
def test_a_node_of_two_numbers_passes_missing_values_on(kind: str, function: Any) -> None:
    for first in (True, False):
        lite = Lite()
        late, other = series(lite), lite.value("float", 100.5)
        node = lite.node(kind, *((late, other) if first else (other, late)))
        columns = (averages(3), [100.5] * 6) if first else ([100.5] * 6, averages(3))
        np.testing.assert_allclose(gives(lite, node), each(function, *columns), rtol=1e-12)


def test_what_is_divided_by_zero_is_missing() -> None:
    lite = Lite()
    close = lite.node("get/close")
    zero = lite.node("math/subtract_float", close, lite.value("float", 99.0))
    np.testing.assert_array_equal(gives(lite, lite.node("math/divide_float", close, zero))[2], nan)


def test_clip_takes_bounds_by_slot_and_in_either_order() -> None:
    for low, high in ((99.5, 101.5), (101.5, 99.5)):
        lite = Lite()
        bounds = lite.value("float", low), lite.value("float", high)
        node = lite.node("math/clip_float", *bounds, lite.node("get/close"))
        assert gives(lite, node) == [100.0, 101.0, 99.5, 101.5, 101.5, 99.5]
    lite = Lite()
    node = lite.node("math/clip_float", lite.value("float", 0), lite.value("float", 1), series(lite))
    np.testing.assert_array_equal(gives(lite, node), [nan, nan, 1, 1, 1, 1])


@pytest.mark.parametrize(("kind", "best"), [("math/highest", max), ("math/lowest", min)])
def test_extremes_over_a_length(kind: str, best: Any) -> None:
    lite = Lite()
    node = lite.node(kind, lite.node("get/close"), lite.value("integer", 3))
    full = [float(best(PRICES[i - 2 : i + 1])) if i > 1 else nan for i in range(6)]
    np.testing.assert_array_equal(gives(lite, node), full)


@pytest.mark.parametrize(("kind", "sign"), [("compare/cross_over", 1), ("compare/cross_under", -1)])
def test_a_cross_needs_the_other_side_on_the_bar_before(kind: str, sign: int) -> None:
    prices = [2.0, 1.0, 3.0, 2.0, 3.0, 1.0, 4.0]  # of 2: touch, below, above, touch, above, below, above
    lite = Lite()
    level = lite.node("math/multiply_float", lite.value("float", 2.0), lite.value("float", float(sign)))
    price = lite.node("math/multiply_float", lite.node("get/close"), lite.value("float", float(sign)))
    node = lite.node(kind, price, level)
    assert column(imported(lite), (node, 0), bars(prices)) == [0, 0, 1, 0, 0, 0, 1]


def conditions(lite: Lite) -> tuple[int, int]:
    """Two conditions: missing, missing, then true, false by bar; and true, false by bar from the start."""
    late = lite.node("compare/greater", series(lite), lite.value("float", 100.6))
    early = lite.node("compare/greater", lite.node("get/close"), lite.value("float", 99.5))
    return late, early


LATE = [nan, nan, *(float(x > 100.6) for x in averages(3)[2:])]
EARLY = [float(p > 99.5) for p in PRICES]


@pytest.mark.parametrize(("kind", "function"), [("logic/and", min), ("logic/or", max)])
def test_and_and_or_are_missing_where_one_input_is(kind: str, function: Any) -> None:
    lite = Lite()
    late, early = conditions(lite)
    np.testing.assert_array_equal(gives(lite, lite.node(kind, early, late)), each(function, EARLY, LATE))


def test_not_of_a_missing_condition_is_missing() -> None:
    lite = Lite()
    late, _ = conditions(lite)
    np.testing.assert_array_equal(gives(lite, lite.node("logic/not", late)), each(lambda x: 1 - x, LATE))


def test_neither_branch_of_an_if_is_taken_where_the_condition_is_missing() -> None:
    lite = Lite()
    late, _ = conditions(lite)
    node = lite.node("logic/if", late)
    lite.node("trade/cancel_all_order", (node, 1))
    np.testing.assert_array_equal(gives(lite, node, 0), LATE)
    np.testing.assert_array_equal(gives(lite, node, 1), each(lambda x: 1 - x, LATE))


@pytest.mark.parametrize("constant", [True, False])
def test_a_fixed_condition_takes_its_branch_on_every_bar(constant: bool) -> None:
    lite = Lite()
    node = lite.node("logic/if", lite.value("bool", constant))
    yes = lite.node("trade/is_none", (node, 0))
    no = lite.node("trade/is_none", (node, 1))
    found = imported(lite)
    assert constant == (found.draft.outputs.get((f"n{node}_if_every_bar", "value")) == [(f"n{node}", 0)])
    lines = {line.id: line for line in found.report.lines}
    assert lines[yes].outcome == lines[no].outcome == "same"


def test_is_none_of_every_kind_of_value() -> None:
    lite = Lite()
    late, early = conditions(lite)
    nodes = {
        "number": lite.node("trade/is_none", series(lite)),
        "condition": lite.node("trade/is_none", late),
        "exec": lite.node("trade/is_none", (lite.node("logic/if", late), 0)),
    }
    found = imported(lite)
    assert column(found, (nodes["number"], 0), bars(PRICES)) == [1, 1, 0, 0, 0, 0]
    assert column(found, (nodes["condition"], 0), bars(PRICES)) == [1, 1, 0, 0, 0, 0]
    assert column(found, (nodes["exec"], 0), bars(PRICES)) == [1, 1, *(1 - x for x in LATE[2:])]
    del early


def test_is_none_of_what_is_not_wired_is_true_on_every_bar() -> None:
    lite = Lite()
    node = lite.node("logic/if", lite.node("trade/is_none"))
    lite.node("trade/cancel_all_order", node)
    assert gives(lite, node) == [1.0] * 6


def test_constants_become_numbers_parameters_and_names() -> None:
    lite = Lite()
    drawn = lite.node("tools/add_indicator", lite.node("math/add_float", lite.node("get/close"),
                      lite.value("float", 1.5)), lite.value("string", "one and\na half"))  # fmt: skip
    marked = lite.node("tools/add_signal", conditions(lite)[0], lite.value("string", "$Entries"))
    found = imported(lite)
    assert found.graph.nodes["n2_number"].params == {"value": 1.5}
    names = [(one["kind"], one["name"]) for one in found.graph.layout["drawn"]]
    assert names == [("line", "one and a half"), ("marker", "$Entries")]
    assert {line.outcome for line in found.report.lines if line.id in (drawn, marked)} == {"same"}


def test_constants_without_a_value_have_the_defaults_of_pve() -> None:
    lite = Lite()
    length, one = lite.node("set/integer"), lite.node("set/float")
    node = lite.node("math/add_float", lite.node("math/highest", lite.node("get/close"), length), one)
    assert gives(lite, node) == [p + 1.0 for p in PRICES]


def test_rsi_and_supertrend_read_their_length_from_a_constant() -> None:
    lite = Lite()
    rsi = lite.node("indicators/rsi", lite.node("get/close"), lite.value("integer", 3))
    prices = [lite.node(f"get/{name}") for name in ("high", "low", "close")]
    trend = lite.node("indicators/super_trend", *prices, lite.value("integer", 2), properties={"multiplier": 1.5})
    found = imported(lite)
    assert found.graph.nodes[f"n{rsi}_rsi"].params == {"period": 3}
    assert found.graph.nodes[f"n{trend}_super_trend"].params == {"period": 2, "multiplier": 1.5}
    assert [math.isnan(x) for x in column(found, (rsi, 0), bars(PRICES))] == [True] * 3 + [False] * 3
    assert [math.isnan(x) for x in column(found, (trend, 0), bars(PRICES))] == [True] * 2 + [False] * 4


def test_a_supertrend_of_other_prices_is_a_placeholder() -> None:
    lite = Lite()
    close = lite.node("get/close")
    lite.node("indicators/super_trend", close, close, close, lite.value("integer", 2))
    (line,) = imported(lite).report.placeholders
    assert "are not those of the bars" in line.notes[0]


def test_a_length_may_be_computed_from_constants_but_not_from_prices() -> None:
    lite = Lite()
    length = lite.node("math/add_float", lite.value("float", 1.0), lite.value("integer", 2))
    close = lite.node("get/close")
    node = lite.node("math/highest", close, length)
    assert imported(lite).graph.nodes[f"n{node}_highest"].params == {"period": 3}
    lite.node("math/lowest", close, close)
    (line,) = imported(lite).report.placeholders
    assert "changes from bar to bar" in line.notes[0]


def test_bollinger_and_save_order_of_the_palette_work() -> None:
    lite = Lite()
    node = lite.node("indicators/bollinger", lite.node("get/close"), lite.value("integer", 3))
    lite.node("tools/add_indicator", (node, 1))
    np.testing.assert_allclose(gives(lite, node, 1), averages(3), rtol=1e-14)
    saved = lite.node("trade/save_order", lite.node("logic/if", conditions(lite)[0]))
    lite.node("trade/cancel_all_order", saved)
    assert not imported(lite).report.placeholders


def test_a_message_lets_exec_pass_and_is_kept() -> None:
    lite = Lite()
    test = lite.node("logic/if", conditions(lite)[1])
    sent = lite.node("telegram/send_message", test, lite.value("string", "bought"), lite.value("integer", 123456789))
    lite.node("trade/cancel_all_order", sent)
    found = imported(lite)
    assert gives(lite, sent) == EARLY
    assert [one["text"] for one in found.graph.layout["messages"]] == ["bought"]


def test_a_message_becomes_a_notification_where_there_is_such_a_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "builtin", lambda: ("notify",))
    lite = Lite()
    test = lite.node("logic/if", conditions(lite)[1])
    sent = lite.node("telegram/send_message", test, lite.value("string", "bought {a}\n"))
    graph = imported(lite).graph
    assert graph.nodes[f"n{sent}_send_message"].params == {"message": "bought {{a}}"}
    assert [wire.target_port for wire in graph.wires if wire.target == f"n{sent}_send_message"] == ["when"]


def test_what_pve_never_computes_is_left_out_and_named() -> None:
    lite = Lite()
    half = lite.node("math/add_float", lite.node("get/close"))
    after = lite.node("compare/greater", half, lite.value("float", 1.0))
    lite.node("trade/cancel_all_order", lite.node("logic/if", after))
    found = imported(lite)
    assert {line.outcome for line in found.report.lines if line.id in (half, after)} == {"left out"}
    assert not any(name.startswith(f"n{half}_") for name in found.graph.nodes)
