"""One readable test for what each order type and each verb does, beside the hand-computed cases of tests/reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.sim.both import empty_program
from wickwork.engine.feed import feed_of
from wickwork.engine.machine import Machine
from wickwork.graph import types as t
from wickwork.model import order_kinds
from wickwork.model.bars import Bars
from wickwork.model.instrument import Instrument, Rules
from wickwork.model.timeframe import HOUR, Timeframe
from wickwork.orders.records import DENIALS, REASONS
from wickwork.sim.terms import Terms

START = 1_704_067_200_000  # 2024-01-01

FLAT = (100.0, 100.0, 100.0, 100.0)
FREE = {"maker_fee": 0.0, "taker_fee": 0.0, "slippage": 0.0, "funding_rate": 0.0}
Row = tuple[float, float, float, float]


def play(
    rows: Sequence[Row],
    intents: dict[int, Sequence[dict[str, Any]]],
    perpetual: bool = True,
    rules: Rules | None = None,
    **terms: Any,
) -> Machine:
    """Run over hand-made hours, asking at the close of the numbered bars; an action's number is the key `tag`."""
    instrument = Instrument("C", "USDT", "USDT" if perpetual else "", rules=rules or Rules())
    o, h, low, c = np.array(rows, float).T
    bars = Bars.of(
        instrument, Timeframe(HOUR), START + HOUR * np.arange(len(rows)), o, h, low, c, np.full(len(rows), 100.0)
    )
    machine = Machine(empty_program(), feed_of([bars]), Terms(**{**FREE, **terms}))
    for bar in range(len(rows)):
        machine.run(bar + 1)
        for intent in intents.get(bar, ()):
            machine.request(0, t.Intent(**{k: v for k, v in intent.items() if k != "action"}), intent.get("action", 0))
    return machine


def fills(machine: Machine) -> list[tuple[int, float, float]]:
    """Bar, signed quantity and price of every fill."""
    return [(int(f["bar"]), float(f["side"] * f["quantity"]), float(f["price"])) for f in machine.output("fills")]


def ends(machine: Machine) -> list[str]:
    return [REASONS[o["reason"]] for o in machine.output("closed_orders")]


def denials(machine: Machine) -> list[str]:
    return [DENIALS[d["reason"]] for d in machine.output("denied")]


def enter(side: int = 1, size: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"verb": t.ENTER, "side": side, "size": size, **more}


def place(side: int, size: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"verb": t.PLACE, "side": side, "size": size, **more}


def reverse(side: int = 0, size: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"verb": t.REVERSE, "side": side, "size": size, **more}


CLOSE = {"verb": t.CLOSE, "size": 100.0}
LIMIT, STOP = {"kind": order_kinds.LIMIT}, {"kind": order_kinds.STOP}
STOP_LIMIT, TRAILING = {"kind": order_kinds.STOP_LIMIT}, {"kind": order_kinds.TRAILING}


# ---- the table of order types


@pytest.mark.parametrize("side", [1, -1])
def test_a_market_order_fills_at_the_next_open_whatever_the_bar_does_later(side: int) -> None:
    assert fills(play([FLAT, (103, 120, 80, 90)], {0: [place(side)]})) == [(1, side, 103)]


@pytest.mark.parametrize(
    ("side", "price", "bar", "paid"),
    [
        (1, 98, (100, 101, 98, 99), 98),
        (1, 98, (97, 101, 96, 99), 97),
        (-1, 102, (100, 102, 99, 100), 102),
        (-1, 102, (103, 104, 99, 100), 103),
    ],
)
def test_a_limit_fills_at_the_better_of_its_price_and_the_open(side: int, price: float, bar: Row, paid: float) -> None:
    assert fills(play([FLAT, bar], {0: [place(side, limit=price, **LIMIT)]})) == [(1, side, paid)]


@pytest.mark.parametrize(
    ("side", "price", "bar", "paid"),
    [
        (1, 102, (100, 102, 99, 100), 102),
        (1, 102, (105, 106, 99, 100), 105),
        (-1, 98, (100, 101, 98, 99), 98),
        (-1, 98, (95, 101, 94, 99), 95),
    ],
)
def test_a_stop_fills_at_the_worse_of_its_trigger_and_the_open(side: int, price: float, bar: Row, paid: float) -> None:
    assert fills(play([FLAT, bar], {0: [place(side, stop=price, **STOP)]})) == [(1, side, paid)]


@pytest.mark.parametrize("side", [1, -1])
def test_a_stop_limit_waits_for_its_trigger_and_then_keeps_its_limit(side: int) -> None:
    """Mirrored around 100: the limit alone would fill in bar 1, the trigger is in bar 2, past the limit."""
    up = [FLAT, (100, 101, 97, 100), (108, 109, 107, 108), (104, 105, 102, 103)]
    rows = up if side > 0 else [(200 - o, 200 - low, 200 - h, 200 - c) for o, h, low, c in up]
    order = place(side, stop=100 + 4 * side, limit=100 + 5 * side, **STOP_LIMIT)
    assert fills(play(rows, {0: [order]})) == [(3, side, 100 + 4 * side)]


def test_a_take_profit_can_be_placed_by_itself_and_never_opens_anything() -> None:
    order = place(-1, 5.0, limit=104.0, reduce_only=1, **LIMIT)
    machine = play([FLAT, FLAT, (100, 105, 99, 104), (110, 110, 110, 110)], {0: [enter()], 1: [order]})
    assert fills(machine) == [(1, 1, 100), (2, -1, 104)]
    assert ends(machine) == ["filled", "position closed"]


@pytest.mark.parametrize(("way", "amount"), [(t.LEG_DISTANCE, 4.0), (t.LEG_SHARE, 0.04)], ids=["amount", "share"])
@pytest.mark.parametrize("side", [1, -1])
def test_a_trailing_stop_keeps_its_distance_from_the_best_price_since(side: int, way: int, amount: float) -> None:
    """A sell follows the high of bar 1 (to 99.5), a buy the low (to 100.5): hit in bar 2, not in bar 1."""
    up = [FLAT, (100, 103.5, 100, 103), (103, 103, 98, 99)]
    rows = up if side < 0 else [(200 - o, 200 - low, 200 - h, 200 - c) for o, h, low, c in up]
    machine = play(rows, {0: [place(side, trail_as=way, trail=amount, **TRAILING)]})
    extreme = 103.5 if side < 0 else 96.5
    level = extreme + side * amount if way == t.LEG_DISTANCE else extreme * (1 + side * amount)
    assert fills(machine) == [(2, side, pytest.approx(level))]


@pytest.mark.parametrize("force", [t.IOC, t.FOK])
@pytest.mark.parametrize("kind", [order_kinds.MARKET, order_kinds.LIMIT])
def test_immediate_orders_take_their_first_open_or_nothing(kind: int, force: int) -> None:
    order = place(1, kind=kind, limit=100.0, time_in_force=force)
    assert fills(play([FLAT, (100, 101, 90, 95)], {0: [order]})) == [(1, 1, 100)]
    missed = play([FLAT, (100.5, 101, 90, 95), FLAT], {0: [order]})
    assert fills(missed) == ([(1, 1, 100.5)] if kind == order_kinds.MARKET else [])
    assert ends(missed) == ["filled" if kind == order_kinds.MARKET else "not filled at once"]


@pytest.mark.parametrize("kind", [order_kinds.STOP, order_kinds.STOP_LIMIT, order_kinds.TRAILING])
def test_only_market_and_limit_orders_can_be_immediate(kind: int) -> None:
    asked = {"limit": 103.0, "stop": 102.0, "trail": 1.0, "trail_as": t.LEG_DISTANCE, "time_in_force": t.FOK}
    machine = play([FLAT, FLAT], {0: [place(1, kind=kind, **asked)]})
    assert denials(machine) == ["only market and limit orders can be immediate"]
    assert machine.arrays["account"]["next_id"][0] == 1


def test_orders_of_one_group_take_from_one_another_across_kinds() -> None:
    group = [place(-1, limit=105.0, oco=7, **LIMIT), place(-1, stop=95.0, oco=7, **STOP)]
    machine = play([FLAT, FLAT, (100, 101, 95, 96), (106, 107, 105, 106)], {0: [enter()], 1: group})
    assert fills(machine) == [(1, 1, 100), (2, -1, 95)]
    assert ends(machine) == ["filled", "filled", "other leg filled"]


# ---- verbs


@pytest.mark.parametrize("side", [1, -1])
def test_enter_opens_from_flat_only_and_adds_when_allowed(side: int) -> None:
    machine = play(
        [FLAT] * 5, {0: [enter(side)], 1: [enter(side)], 2: [enter(side, 2.0, add=1)], 3: [enter(-side, add=1)]}
    )
    assert fills(machine) == [(1, side, 100), (3, 2 * side, 100)]
    assert denials(machine) == ["a position is held"] * 2


def test_place_does_not_ask_what_is_held() -> None:
    machine = play([FLAT] * 4, {0: [place(1)], 1: [place(1)], 2: [place(-1, 5.0)]})
    assert fills(machine) == [(1, 1, 100), (2, 1, 100), (3, -5, 100)]
    assert float(machine.arrays["lanes"]["quantity"][0]) == -3.0


def test_close_takes_all_or_a_percentage_of_what_is_held_now() -> None:
    intents = {0: [enter(-1, 3.0)], 1: [CLOSE | {"size": 50.0}], 2: [CLOSE | {"size": 500.0}], 3: [CLOSE]}
    machine = play([FLAT] * 5, intents)
    assert fills(machine) == [(1, -3, 100), (2, 1.5, 100), (3, 1.5, 100)]
    assert denials(machine) == ["nothing is held"]


@pytest.mark.parametrize(
    ("percent", "reason"),
    [
        (0.0, "a value is missing or not positive"),
        (-5.0, "a value is missing or not positive"),
        (t.nan, "a value is missing or not positive"),
        (30.0, "below the minimum quantity or notional"),
    ],
)
def test_close_denies_what_comes_to_nothing(percent: float, reason: str) -> None:
    machine = play([FLAT] * 3, {0: [enter(1, 3.0)], 1: [CLOSE | {"size": percent}]}, rules=Rules(lot=1.0))
    assert denials(machine) == [reason]


def test_close_all_is_exact_whatever_the_lot_and_the_minimum() -> None:
    rows, rules = [FLAT] * 4, Rules(lot=0.1, minimum_quantity=0.5, minimum_notional=60.0)
    machine = play(rows, {0: [enter(1, 0.7)], 1: [CLOSE | {"size": 50.0}], 2: [CLOSE]}, rules=rules)
    assert fills(machine) == [(1, 0.7, 100), (2, pytest.approx(-0.3), 100), (3, pytest.approx(-0.4), 100)]
    assert float(machine.arrays["lanes"]["quantity"][0]) == 0.0


def test_reverse_turns_a_position_around_in_two_fills() -> None:
    machine = play([FLAT] * 4, {0: [enter(1, 2.0)], 1: [reverse(size=3.0)], 2: [reverse()]})
    assert fills(machine) == [(1, 2, 100), (2, -2, 100), (2, -3, 100), (3, 3, 100), (3, 1, 100)]


def test_reverse_to_a_side_enters_from_flat_and_leaves_that_side_alone() -> None:
    machine = play([FLAT] * 3, {0: [reverse(-1)], 1: [reverse(-1)]})
    assert fills(machine) == [(1, -1, 100)]
    assert denials(machine) == ["a position is held"]


def test_reverse_without_a_side_needs_a_position() -> None:
    assert denials(play([FLAT] * 2, {0: [reverse()]})) == ["nothing is held"]


def test_reverse_on_spot_closes_and_says_that_it_cannot_go_short() -> None:
    machine = play([FLAT] * 3, {0: [enter()], 1: [reverse()]}, perpetual=False)
    assert fills(machine) == [(1, 1, 100), (2, -1, 100)]
    assert denials(machine) == ["spot cannot be sold short"]


def test_reverse_ends_the_bracket_of_the_old_position_and_starts_its_own() -> None:
    first = enter(1, 1.0, stop_loss_as=t.LEG_PRICE, stop_loss=95.0)
    second = reverse(size=1.0, stop_loss_as=t.LEG_PRICE, stop_loss=104.0)
    machine = play([FLAT, FLAT, (100, 101, 94, 100), (100, 105, 100, 105)], {0: [first], 1: [second]})
    assert fills(machine) == [(1, 1, 100), (2, -1, 100), (2, -1, 100), (3, 1, 104)]
    assert "position closed" in ends(machine)


def test_cancel_takes_the_orders_of_one_action_or_all() -> None:
    orders = [
        place(1, limit=90.0, action=1, **LIMIT),
        place(1, limit=91.0, action=2, **LIMIT),
        place(1, limit=92.0, action=2, **LIMIT),
    ]
    one = play([FLAT] * 3, {0: orders, 1: [{"verb": t.CANCEL, "target": 2}]})
    assert one.working()["action"].tolist() == [1]
    everything = play([FLAT] * 3, {0: orders, 1: [{"verb": t.CANCEL}]})
    assert ends(everything) == ["canceled by the strategy"] * 3
    assert denials(play([FLAT], {0: [{"verb": t.CANCEL}]})) == []


def test_modify_changes_price_and_quantity_and_keeps_the_number() -> None:
    order = place(1, 2.0, limit=90.0, **LIMIT)
    machine = play([FLAT, FLAT, (100, 100, 97, 98)], {0: [order], 1: [{"verb": t.MODIFY, "limit": 98.0, "size": 3.0}]})
    assert fills(machine) == [(2, 3, 98)]
    closed_orders = machine.output("closed_orders")[0]
    assert (closed_orders["order"], closed_orders["quantity"], closed_orders["created_bar"]) == (1, 3.0, 0)


def test_modify_moves_the_limit_of_a_stop_limit_and_leaves_its_trigger() -> None:
    order = place(1, stop=102.0, limit=103.0, **STOP_LIMIT)
    machine = play([FLAT, FLAT, FLAT], {0: [order], 1: [{"verb": t.MODIFY, "limit": 110.0}]})
    assert [(float(o["stop"]), float(o["limit"])) for o in machine.working()] == [(102.0, 110.0)]


def test_modify_leaves_the_level_of_a_trailing_stop_but_changes_its_quantity() -> None:
    order = place(-1, trail_as=t.LEG_DISTANCE, trail=4.0, **TRAILING)
    intents = {0: [order], 1: [{"verb": t.MODIFY, "limit": 50.0, "size": 2.0}]}
    assert fills(play([FLAT, FLAT, (100, 100, 95, 95)], intents)) == [(2, -2, 96)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"limit": 95.0, "target": 9}, "no such order works"),
        ({}, "a value is missing or not positive"),
        ({"limit": -1.0}, "a value is missing or not positive"),
        ({"size": float("inf")}, "a value is missing or not positive"),
        ({"size": 0.4}, "below the minimum quantity or notional"),
    ],
)
def test_modify_denies_what_an_order_would_be_denied_for(change: dict[str, Any], reason: str) -> None:
    order, change = place(1, 2.0, limit=90.0, **LIMIT), {"verb": t.MODIFY, **change}
    machine = play([FLAT] * 3, {0: [order], 1: [change]}, rules=Rules(minimum_quantity=0.5))
    assert denials(machine) == [reason]
    assert [(float(o["limit"]), float(o["remaining"])) for o in machine.working()] == [(90.0, 2.0)]


def test_a_second_change_waits_for_the_first() -> None:
    change = {"verb": t.MODIFY, "limit": 95.0}
    machine = play(
        [FLAT] * 6, {0: [place(1, limit=90.0, **LIMIT)], 2: [change], 3: [change, change], 4: [change]}, latency=1
    )
    assert denials(machine) == ["an earlier change is still on its way"] * 2


@pytest.mark.parametrize("side", [1, -1])
def test_a_take_profit_on_the_wrong_side_is_denied(side: int) -> None:
    for price in (100.0, 100.0 - side):
        machine = play([FLAT] * 2, {0: [enter(side, take_profit_as=t.LEG_PRICE, take_profit=price)]})
        assert denials(machine) == ["the take profit is on the wrong side"]


@pytest.mark.parametrize("field", ["size", "limit", "stop", "stop_loss", "take_profit", "leg_trail"])
@pytest.mark.parametrize("value", [t.nan, 0.0, -1.0, float("inf")])
def test_no_number_of_an_order_may_be_missing_or_not_positive(field: str, value: float) -> None:
    asked = place(1, stop=101.0, limit=102.0, **STOP_LIMIT)
    ways = {"stop_loss": "stop_loss_as", "take_profit": "take_profit_as", "leg_trail": "leg_trail_as"}
    asked |= {field: value, **({ways[field]: t.LEG_DISTANCE} if field in ways else {})}
    assert denials(play([FLAT] * 2, {0: [asked]})) == ["a value is missing or not positive"]


def test_nothing_that_was_denied_leaves_a_trace() -> None:
    """A refusal takes no number, no place in the table and no money."""
    bad = [enter(stop_loss_as=t.LEG_PRICE, stop_loss=100.0), enter(size=t.nan), CLOSE, reverse()]
    machine = play([FLAT] * 3, {0: [*bad, enter()]})
    lane = machine.arrays["lanes"][0]
    assert (lane["count"], lane["used"], lane["entries"]) == (0, 0, 0)
    assert [int(f["order"]) for f in machine.output("fills")] == [1]
    assert len(machine.output("denied")) == 4
