"""What PVE's order nodes do on the bars of a run: exec wires, chains, reading, changing and canceling orders."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.compat.pve.lite import FREE, Lite, bars, column, imported, nan
from wickwork import Bars, backtest
from wickwork.compat.pve import Imported


def at(lite: Lite, *prices: float) -> tuple[int, int]:
    """An exec wire that is GO on the bars whose close is one of these."""
    close = lite.node("get/close")
    test: int = lite.node("compare/equal", close, lite.value("float", prices[0]))
    for price in prices[1:]:
        test = lite.node("logic/or", test, lite.node("compare/equal", close, lite.value("float", price)))
    return lite.node("logic/if", test), 0


def order(lite: Lite, go: Any, side: bool | int, price: float | None = None, quantity: float | int = 1.0) -> int:
    """A limit order, or a market order without a price."""
    sides = side if not isinstance(side, bool) else lite.value("bool", side)
    limit = None if price is None else lite.value("float", price)
    size = lite.value("float", quantity) if isinstance(quantity, float) else quantity
    return lite.node("trade/create_order", go, sides, lite.value("bool", price is not None), limit, size)


def stop(lite: Lite, go: Any, side: bool, price: float, quantity: float = 1.0) -> int:
    return lite.node("trade/create_conditional_order", go, lite.value("bool", side), lite.value("float", price),
                     lite.value("float", quantity))  # fmt: skip


def run(found: Imported | Lite, series: Bars) -> list[dict[str, Any]]:
    """The orders of a run: bar of the decision, side, kind, quantity, filled, price, state."""
    found = imported(found) if isinstance(found, Lite) else found
    table = backtest(found.graph, series, **FREE).orders
    first = series.opened_at[0]
    rows = []
    for row in table.to_dict("records"):
        placed = int(row["placed_at"].timestamp() * 1000 - first) // 3_600_000
        rows.append(
            {
                "bar": placed,
                **{key: row[key] for key in ("side", "kind", "quantity", "filled", "price", "state", "node")},
            }
        )
    return sorted(rows, key=lambda row: int(row["node"][1:].split("_")[0]))


RISING = [100.0, 101.0, 102.0, 103.0, 104.0, 105.0, 106.0]


def test_an_order_is_placed_on_each_bar_on_which_its_exec_is_go() -> None:
    lite = Lite()
    order(lite, at(lite, 101.0, 103.0, 104.0), True)
    rows = run(lite, bars(RISING))
    assert [row["bar"] for row in rows] == [1, 3, 4]
    assert [row["price"] for row in rows] == [102.0, 104.0, 105.0]  # the next opens


def test_a_chain_is_placed_on_one_bar_and_its_exits_cannot_turn_the_position() -> None:
    lite = Lite()
    entry = order(lite, at(lite, 101.0), True)
    stop(lite, order(lite, entry, False, 105.0), False, 95.0)
    found = imported(lite)
    wild = bars(RISING, high=[p + 10 for p in RISING], low=[p - 10 for p in RISING])
    rows = run(found, wild)
    assert {row["bar"] for row in rows} == {1}
    assert [row["kind"] for row in rows] == ["market", "limit", "stop"]
    assert sum(row["filled"] * (1 if row["side"] == "buy" else -1) for row in rows) == 0.0
    exits = [found.graph.nodes[name].params.get("reduce_only") for name in found.draft.actions]
    assert exits == [None, True, True]


def test_an_order_after_the_fill_of_an_exit_is_an_entry_again() -> None:
    lite = Lite()
    entry = order(lite, at(lite, 101.0), True, 100.5)
    sold = order(lite, (lite.node("logic/if", (lite.node("trade/get_order", (entry, 1)), 4)), 0), False, 104.0)
    order(lite, (lite.node("logic/if", (lite.node("trade/get_order", (sold, 1)), 4)), 0), True, 100.5)
    assert [action.exit for action in imported(lite).draft.actions.values()] == [False, True, False]


def test_an_order_after_one_of_several_fills_of_entries_is_an_exit() -> None:
    for mixed in (False, True):
        lite = Lite()
        grid = [order(lite, at(lite, 101.0), True, price) for price in (99.0, 98.0)]
        fills = [(lite.node("trade/get_order", (one, 1)), 4) for one in grid]
        fills[1] = lite.node("compare/greater", lite.node("get/close"), lite.value("float", 0.0)) if mixed else fills[1]
        stop(lite, (lite.node("logic/if", lite.node("logic/or", *fills)), 0), False, 95.0)
        exits = [action.exit for action in imported(lite).draft.actions.values()]
        assert exits == [False, False, not mixed]


def test_the_side_may_change_from_bar_to_bar() -> None:
    lite = Lite()
    is_long = lite.node("compare/greater", lite.node("get/close"), lite.value("float", 102.5))
    bought = order(lite, at(lite, 101.0, 104.0), is_long)
    found = imported(lite)
    assert [(row["bar"], row["side"]) for row in run(found, bars(RISING))] == [(1, "sell"), (4, "buy")]
    (line,) = [line for line in found.report.lines if line.id == bought]
    assert "may turn the position" in line.notes[0]


def test_the_type_may_change_from_bar_to_bar() -> None:
    lite = Lite()
    is_limit = lite.node("compare/greater", lite.node("get/close"), lite.value("float", 102.5))
    lite.node("trade/create_order", at(lite, 101.0, 104.0), lite.value("bool", True), is_limit,
              lite.value("float", 90.0), lite.value("float", 1.0))  # fmt: skip
    rows = run(lite, bars(RISING))
    assert [(row["bar"], row["kind"], row["state"]) for row in rows] == [
        (1, "market", "filled"), (4, "limit", "working"),
    ]  # fmt: skip


def test_an_order_without_a_condition_is_never_placed() -> None:
    late = Lite()
    average = late.node(
        "indicators/ma", late.node("get/close"), late.value("integer", 4), properties={"ma_type": "sma"}
    )
    for branch in (0, 1):
        order(
            late, (late.node("logic/if", late.node("compare/greater", average, late.value("float", 0.0))), branch), True
        )
    assert [row["bar"] for row in run(late, bars(RISING))] == [3, 4, 5, 6]


def test_a_chain_ends_where_an_order_has_no_quantity() -> None:
    lite = Lite()
    size = lite.node("indicators/ma", lite.node("get/close"), lite.value("integer", 3), properties={"ma_type": "sma"})
    first = order(lite, at(lite, 101.0, 103.0), True, None, size)
    order(lite, first, True, 90.0)
    assert [(row["bar"], row["kind"]) for row in run(lite, bars(RISING))] == [(3, "market"), (3, "limit")]


@pytest.mark.parametrize("slot", [0, 1, 2, 4])
def test_an_order_that_lacks_an_input_is_left_out(slot: int) -> None:
    lite = Lite()
    node = order(lite, at(lite, 101.0), True)
    lite.links = [link for link in lite.links if (link[3], link[4]) != (node, slot)]
    found = imported(lite)
    assert not found.draft.actions
    assert next(line for line in found.report.lines if line.id == node).outcome == "left out"


def test_a_bool_that_is_wired_to_exec_is_never_go() -> None:
    lite = Lite()
    node = order(lite, lite.node("compare/greater", lite.node("get/close"), lite.value("float", 0.0)), True)
    found = imported(lite)
    assert not found.draft.actions
    assert "never GO" in str(next(line for line in found.report.lines if line.id == node))


def test_a_fixed_true_places_on_every_bar() -> None:
    lite = Lite()
    order(lite, lite.node("logic/if", lite.value("bool", True)), True)
    assert len(run(lite, bars(RISING))) == len(RISING)


def test_a_quantity_counts_without_its_sign() -> None:
    lite = Lite()
    minus = lite.node("math/subtract_float", lite.value("float", 1.0), lite.value("float", 3.0))
    order(lite, at(lite, 101.0), True, None, minus)
    assert [row["filled"] for row in run(lite, bars(RISING))] == [2.0]


def reading(lite: Lite, node: Any, slots: range = range(1, 6)) -> tuple[int, dict[int, int]]:
    """A get_order node, all of whose outputs are read."""
    get = lite.node("trade/get_order", (node, 1))
    return get, {slot: lite.node("trade/is_none", (get, slot)) for slot in slots}


def test_get_order_reads_what_became_of_the_newest_order() -> None:
    lite = Lite()
    get, none = reading(lite, order(lite, at(lite, 101.0), True, 100.0, 2.0))
    found = imported(lite)
    series = bars([100.0, 101.0, 102.0, 102.0, 103.0], low=[100.0, 101.0, 101.5, 99.0, 103.0])
    assert column(found, (get, 5), series)[2:] == [1, 0, 0]
    assert column(found, (get, 4), series)[2:] == [0, 1, 0]
    assert column(found, (get, 3), series)[2:] == [60.0, 120.0, 180.0]
    assert column(found, (get, 2), series)[2:] == [2.0, 2.0, 2.0]
    assert column(found, (get, 1), series)[2:] == [100.0, 100.0, 100.0]
    for slot in none:
        assert column(found, (none[slot], 0), series) == [1, 1, 0, 0, 0], slot
        assert all(np.isnan(column(found, (get, slot), series)[:2]))


def test_the_price_of_a_market_order_is_that_of_its_fill() -> None:
    lite = Lite()
    get, _ = reading(lite, order(lite, at(lite, 101.0), True))
    assert column(imported(lite), (get, 1), bars(RISING))[2:] == [102.0] * 5


def test_is_none_of_an_id_is_true_until_an_order_is_there() -> None:
    lite = Lite()
    none = lite.node("trade/is_none", (order(lite, at(lite, 101.0), True), 1))
    assert column(imported(lite), (none, 0), bars(RISING)) == [1, 1, 0, 0, 0, 0, 0]


def test_the_order_of_a_changing_side_is_the_newest_of_both() -> None:
    lite = Lite()
    is_long = lite.node("compare/greater", lite.node("get/close"), lite.value("float", 102.5))
    size = lite.node("math/subtract_float", lite.node("get/close"), lite.value("float", 100.0))
    get, none = reading(lite, order(lite, at(lite, 101.0, 104.0), is_long, None, size))
    found = imported(lite)
    np.testing.assert_array_equal(column(found, (get, 2), bars(RISING)), [nan, nan, 1, 1, 1, 4, 4])
    np.testing.assert_array_equal(column(found, (get, 4), bars(RISING)), [nan, nan, 1, 0, 0, 1, 0])
    np.testing.assert_array_equal(column(found, (none[1], 0), bars(RISING)), [1, 1, 0, 0, 0, 0, 0])


def test_get_position_is_signed_and_has_no_price_when_flat() -> None:
    lite = Lite()
    order(lite, order(lite, at(lite, 101.0), False, None, 3.0), True, 101.5, 3.0)
    get = lite.node("trade/get_position")
    for slot in range(3):
        lite.node("trade/is_none", (get, slot))
    found = imported(lite)
    series = bars([100.0, 101.0, 102.0, 102.0, 102.0, 103.0], low=[100.0, 101.0, 102.0, 102.0, 101.0, 103.0])
    np.testing.assert_array_equal(column(found, (get, 0), series), [nan, nan, 102, 102, nan, nan])
    np.testing.assert_array_equal(column(found, (get, 1), series), [0, 0, -3, -3, 0, 0])
    np.testing.assert_array_equal(column(found, (get, 2), series), [nan, nan, 0, 60, nan, nan])


def test_get_last_order_reads_the_newest_of_all() -> None:
    lite = Lite()
    order(lite, at(lite, 101.0), True, 90.0)
    order(lite, at(lite, 103.0), False)
    lite.node("trade/cancel_all_order", at(lite, 102.0))
    get = lite.node("trade/get_last_order")
    for slot in range(5):
        lite.node("trade/is_none", (get, slot))
    found = imported(lite)
    np.testing.assert_array_equal(column(found, (get, 0), bars(RISING)), [0, 0, 1, 1, 1, 1, 1])
    np.testing.assert_array_equal(column(found, (get, 2), bars(RISING)), [nan, nan, 1, 1, 0, 0, 0])
    np.testing.assert_array_equal(column(found, (get, 3), bars(RISING)), [nan, nan, 1, 1, 0, 0, 0])
    np.testing.assert_array_equal(column(found, (get, 4), bars(RISING)), [nan, nan, 0, 1, 0, 0, 0])


def test_cancel_order_ends_the_orders_of_one_node_and_cancel_all_every_order() -> None:
    lite = Lite()
    first, second = order(lite, at(lite, 101.0), True, 90.0), order(lite, at(lite, 101.0), True, 91.0)
    lite.node("trade/cancel_order", at(lite, 103.0), (first, 1))
    assert [row["state"] for row in run(lite, bars(RISING))] == ["canceled", "working"]
    lite.node("trade/cancel_all_order", at(lite, 104.0))
    assert [row["state"] for row in run(lite, bars(RISING))] == ["canceled", "canceled"]
    del second


def test_cancel_order_of_the_last_order_ends_that_alone() -> None:
    lite = Lite()
    last = lite.node("trade/get_last_order")
    order(lite, at(lite, 101.0), True, 90.0)
    order(lite, at(lite, 102.0), True, 91.0)
    lite.node("trade/cancel_order", at(lite, 104.0), (last, 1))
    assert [row["state"] for row in run(lite, bars(RISING))] == ["working", "canceled"]


@pytest.mark.parametrize(
    ("price", "quantity", "wanted"),
    [(100.0, 5.0, (5.0, 100.0)), (100.0, None, (2.0, 100.0)), (None, 5.0, (0.0, None)), (None, None, (0.0, None))],
)
def test_modify_order_leaves_as_it_is_what_is_not_wired(price: Any, quantity: Any, wanted: Any) -> None:
    lite = Lite()
    placed = order(lite, at(lite, 101.0), True, 90.0, 2.0)
    values = [None if value is None else lite.value("float", value) for value in (price, quantity)]
    lite.node("trade/modify_order", at(lite, 103.0), (placed, 1), *values)
    series = bars(RISING, low=[p - 3 for p in RISING[:-1]] + [95.0])
    (row,) = run(lite, series)
    assert (row["filled"], row["price"]) == wanted


def test_modify_order_with_a_price_that_is_missing_changes_the_quantity_alone() -> None:
    lite = Lite()
    placed = order(lite, at(lite, 101.0), True, 95.0, 2.0)
    position = lite.node("trade/get_position")  # flat: no price
    lite.node("trade/modify_order", at(lite, 103.0), (placed, 1), (position, 0), lite.value("float", 7.0))
    series = bars(RISING, low=[p - 3 for p in RISING[:-1]] + [95.0])
    (row,) = run(lite, series)
    assert (row["filled"], row["price"]) == (7.0, 95.0)


def test_modify_order_with_a_quantity_that_is_missing_changes_the_price_alone() -> None:
    lite = Lite()
    placed = order(lite, at(lite, 101.0), True, 90.0, 2.0)
    late = lite.node("indicators/ma", lite.node("get/close"), lite.value("integer", 7), properties={"ma_type": "sma"})
    lite.node("trade/modify_order", at(lite, 103.0), (placed, 1), lite.value("float", 95.0), late)
    series = bars(RISING, low=[p - 3 for p in RISING[:-1]] + [94.0])
    (row,) = run(lite, series)
    assert (row["filled"], row["price"]) == (2.0, 95.0)


def test_exec_goes_on_only_after_an_order_that_there_was_to_change() -> None:
    for kind in ("trade/cancel_order", "trade/modify_order"):
        lite = Lite()
        placed = order(lite, at(lite, 102.0), True, 90.0)
        changed = lite.node(kind, at(lite, 101.0, 104.0), (placed, 1))
        if kind == "trade/modify_order":
            lite.wire(lite.value("float", 80.0), changed, 2)
        order(lite, changed, True)
        assert [(row["bar"], row["kind"]) for row in run(lite, bars(RISING))] == [(2, "limit"), (4, "market")]


def test_exec_of_a_change_goes_on() -> None:
    lite = Lite()
    placed = order(lite, at(lite, 101.0), True, 90.0)
    changed = lite.node("trade/modify_order", at(lite, 103.0), (placed, 1), lite.value("float", 80.0))
    canceled = lite.node("trade/cancel_order", changed, (placed, 1))
    order(lite, lite.node("trade/cancel_all_order", canceled), True)
    assert [(row["bar"], row["kind"]) for row in run(lite, bars(RISING))] == [(1, "limit"), (3, "market")]
