"""Several take profits of one entry, as strategies and documents write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sim.test_entries import FLAT, Row, run_of
from wickwork import InputError, Run, Wire, backtest, demo_bars, strategy, ta, trade
from wickwork.graph.check import GraphFaults, check
from wickwork.graph.document import from_data as graph_from
from wickwork.graph.document import from_text, to_text
from wickwork.model.commands import Leg, Place, from_data, to_data
from wickwork.nodes import builtin
from wickwork.orders.records import DENIALS, LEG_NAMES, TARGET_BELOW_MINIMUM

HALVES = [trade.target(trade.percent(5), share=50), trade.target(trade.percent(10), share=50)]
UP: list[Row] = [FLAT, FLAT, (100, 106, 100, 106), (106, 111, 106, 110)]


def exits(run: Run) -> list[tuple[int, str, float, float]]:
    return [
        (int(f["bar"]), LEG_NAMES[f["leg"]], float(f["quantity"]), float(f["price"]))
        for f in run.history.fills
        if f["leg"]
    ]


def entered(rows: list[Row], **options: Any) -> Run:
    return run_of(rows, lambda when, _: trade.buy(when=when, size=trade.quantity(4), name="entry", **options))


def test_each_target_closes_its_share() -> None:
    run = entered(UP, stop_loss=trade.percent(5), take_profit=HALVES)
    assert exits(run) == [(2, "take profit", 2.0, 105.0), (3, "take profit 2", 2.0, pytest.approx(110.0))]
    assert run.trades["exit_reason"].tolist() == ["take profit 2"]
    assert [leg for leg in run.fills["leg"] if leg] == ["take profit", "take profit 2"]


def test_levels_without_shares_share_equally() -> None:
    run = entered(UP, take_profit=[trade.percent(p) for p in (1, 2, 3, 4)])
    assert [quantity for _, _, quantity, _ in exits(run)] == [1.0] * 4


def test_one_target_may_leave_the_rest_to_the_stop() -> None:
    rows = [*UP[:3], (104, 104, 94, 94)]
    run = entered(rows, stop_loss=trade.percent(5), take_profit=trade.target(trade.percent(5), share=25))
    assert exits(run) == [(2, "take profit", 1.0, 105.0), (3, "stop loss", 3.0, 95.0)]


def test_a_single_value_is_what_it_was() -> None:
    with strategy("One") as s:
        trade.buy(when=s.bars.close > 0.0, take_profit=trade.percent(5))
    assert not any("share" in name for name in s.graph.nodes["enter_long"].params)


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        ([], "one to 4 targets, was given 0"),
        ([trade.percent(1)] * 5, "one to 4 targets, was given 5"),
        ([HALVES[0], trade.percent(1)], "all targets a share"),
        ([HALVES[0], 3.0], "all targets a share"),
        ([3.0, 4.0], "take_profit needs a level"),
        ([trade.target(trade.percent(1), share=-1)], "take_profit_share"),
    ],
)
def test_targets_that_mean_nothing_are_refused(targets: list[Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        entered(UP, take_profit=targets)


def test_shares_of_more_than_the_whole_are_a_fault_of_the_graph() -> None:
    with pytest.raises(GraphFaults, match="more than 100 percent: take_profit_share 60, take_profit_2_share 50"):
        entered(UP, take_profit=[trade.target(trade.percent(k), share=s) for k, s in ((1, 60), (2, 50))])


def test_a_document_carries_targets() -> None:
    """As a canvas writes it: parameters, and a wire for the level of the second target."""
    nodes: dict[str, Any] = {
        "bars": {"type": "bars"},
        "fast": {"type": "ema", "params": {"period": 10}},
        "rises": {"type": "crosses_above"},
        "far": {"type": "multiply", "params": {}},
        "two": {"type": "number", "params": {"value": 1.02}},
        "entry": {
            "type": "enter_long",
            "params": {
                "take_profit_as": "percent",
                "take_profit": 1.0,
                "take_profit_share": 30,
                "take_profit_2_as": "price",
                "take_profit_2_share": 70,
            },
        },
    }
    wires = [
        ["bars.close", "fast.source"],
        ["bars.close", "rises.a"],
        ["fast.value", "rises.b"],
        ["bars.close", "far.a"],
        ["two.value", "far.b"],
        ["far.value", "entry.take_profit_2"],
        ["rises.value", "entry.when"],
    ]
    document = {"schema": 1, "name": "Canvas", "nodes": nodes, "wires": wires}
    graph = graph_from(document)
    assert from_text(to_text(graph)) == graph
    run = backtest(graph, demo_bars("BTC/USDT", "1h").slice(0, 3000))
    assert {"take profit", "take profit 2"} <= set(run.fills["leg"])
    nodes["entry"]["params"]["take_profit_2_share"] = 0.0
    with pytest.raises(GraphFaults, match="take_profit_2 has no share"):
        check(graph_from(document), builtin())


def test_a_modification_moves_one_target_of_its_action() -> None:
    """The second target of the first entry comes down to 103; those of the other entry stay."""

    def act(when: Wire, _: Wire) -> None:
        one = trade.buy(when=when, size=trade.quantity(4), take_profit=HALVES, add=True, name="one")
        trade.buy(when=when, size=trade.quantity(2), take_profit=HALVES, add=True, name="other")
        third = ta.equal(ta.bars_held(), 1.0)
        trade.modify(when=third, order=one, leg="take_profit", target=2, price=103.0)

    run = run_of([FLAT, FLAT, FLAT, (100, 104, 100, 104), (104, 106, 104, 106)], act)
    assert exits(run) == [
        (3, "take profit 2", 2.0, 103.0),
        (4, "take profit", 2.0, 105.0),
        (4, "take profit", 1.0, 105.0),
    ]


def test_an_action_returns_its_orders_and_they_alone_are_meant() -> None:
    """Two actions rest limits at 90 and 80, twice: what one handle moves or cancels leaves the other's alone."""

    def act(when: Wire, close: Wire) -> None:
        low = {"size": trade.quantity(1), "add": True, "stop_loss": trade.percent(50)}
        twice = close > 99.0
        one = trade.buy(when=twice, limit=90.0, name="one", **low)
        trade.buy(when=twice, limit=80.0, name="other", **low)
        one.modify(when=close == 98.0, price=97.0)
        one.cancel(when=close == 96.0)
        one.modify(when=close == 95.0, leg="stop_loss", price=94.0)

    rows: list[Row] = [FLAT, FLAT, (100, 100, 98, 98)]
    run = run_of([*rows, (97.5, 97.5, 96, 96)], act)
    orders = [
        (o["node"], o["leg"], o["state"], o["limit"]) for o in run.orders.to_dict("records") if o["kind"] == "limit"
    ]
    assert [o for o in orders if o[0] == "one"] == [("one", "", "filled", 97.0)] * 2
    assert [o for o in orders if o[0] == "other"] == [("other", "", "working", 80.0)] * 2

    run = run_of([FLAT, FLAT, (100, 100, 96, 96)], act)
    states = [(o["node"], o["state"]) for o in run.orders.to_dict("records")]
    assert sorted(states) == [("one", "canceled")] * 2 + [("other", "working")] * 2

    run = run_of([*rows, (97.5, 97.5, 80, 95), (95, 95, 94, 94)], act)
    assert exits(run) == [(4, "stop loss", 1.0, 94.0)] * 2
    stops = [o["stop"] for o in run.orders.to_dict("records") if o["leg"]]
    assert stops == [94.0, 94.0, 40.0, 40.0]


def test_one_leg_of_an_action_is_canceled() -> None:
    """Without its first target the position is closed by the second one, and its rest by the stop loss."""

    def act(when: Wire, _: Wire) -> None:
        size = trade.quantity(4)
        entry = trade.buy(
            when=when, size=size, stop_loss=trade.percent(5), take_profit=HALVES, trailing=trade.percent(50)
        )
        entry.cancel(when=ta.equal(ta.bars_held(), 0.0), leg="take_profit")
        entry.cancel(when=ta.equal(ta.bars_held(), 0.0), leg="trailing")

    run = run_of([FLAT, FLAT, (100, 111, 100, 111), (111, 111, 94, 94)], act)
    assert exits(run) == [(2, "take profit 2", 2.0, pytest.approx(110.0)), (3, "stop loss", 2.0, 95.0)]


def test_the_stop_moves_to_break_even_after_the_first_target() -> None:
    def act(when: Wire, _: Wire) -> None:
        entry = trade.buy(
            when=when, size=trade.quantity(4), stop_loss=trade.percent(5), take_profit=HALVES, name="entry"
        )
        held = ta.position_quantity()
        less = held < ta.previous(held)
        trade.modify(when=less, order=entry, leg="stop_loss", price=ta.average_price())

    run = run_of([*UP[:3], (106, 106, 94, 94)], act)
    assert exits(run) == [(2, "take profit", 2.0, 105.0), (3, "stop loss", 2.0, 100.0)]


def test_a_share_below_the_minimum_is_denied() -> None:
    """0.3 of 0.001 is three hundred-thousandths, where the instrument trades ten-thousandths."""
    with strategy("Small") as s:
        targets = [trade.target(trade.percent(1), share=3), trade.target(trade.percent(2), share=97)]
        trade.buy(when=s.bars.close > 0.0, size=trade.quantity(0.001), take_profit=targets)
    run = backtest(s, demo_bars("BTC/USDT", "1h").slice(0, 50))
    assert set(run.denied["reason"]) == {DENIALS[TARGET_BELOW_MINIMUM]}
    assert not len(run.fills)


def test_a_command_carries_the_shares() -> None:
    legs = (
        Leg(kind="take profit", unit="share", value=0.02, share=0.5),
        Leg(kind="stop loss", unit="price", value=9.0),
    )
    place = Place(order="a-1", instrument="A/B", side="buy", kind="market", quantity=1.0, legs=legs)
    data = to_data(place)
    assert from_data(json.loads(json.dumps(data))) == place
    assert [leg.get("share") for leg in data["legs"]] == [0.5, None]


@pytest.mark.parametrize("leg", [{}, {"leg": "stop_loss"}, {"leg": "none"}])
@pytest.mark.parametrize("target", [1, 2])
def test_the_number_of_a_target_needs_take_profit_as_its_leg(leg: dict[str, str], target: int) -> None:
    with strategy("numbered") as s:
        entry = trade.buy(when=s.bars.close > 0, size=trade.quantity(4), stop_loss=trade.percent(5), take_profit=HALVES)
        for act, more in ((entry.cancel, {}), (entry.modify, {"price": 105.0})):
            with pytest.raises(InputError, match='needs leg="take_profit"'):
                act(when=s.bars.close > 0, target=target, **leg, **more)


@pytest.mark.parametrize("node", ["cancel_orders", "modify_orders"])
@pytest.mark.parametrize(("leg", "faulty"), [("none", True), ("stop_loss", True), ("take_profit", False)])
def test_a_document_names_a_target_only_of_take_profits(node: str, leg: str, faulty: bool) -> None:
    with strategy("numbered") as s:
        entry = trade.buy(when=s.bars.close > 0, size=trade.quantity(4), stop_loss=trade.percent(5), take_profit=HALVES)
        entry.cancel(when=s.bars.close > 0, name="cancel_orders")
        entry.modify(when=s.bars.close > 0, price=105.0, name="modify_orders")
    changed = {f"{node}.leg": leg, f"{node}.target": 2}
    if faulty:
        with pytest.raises(InputError, match="target 2 names a take profit"):
            backtest(s, demo_bars("BTC/USDT", "1d"), params=changed)
    else:
        backtest(s, demo_bars("BTC/USDT", "1d"), params=changed)
