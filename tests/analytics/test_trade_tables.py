import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_cases import NAMES, START, make_bars, make_ledger, random_ledger, round_trip, rows_of

from wickwork.analytics.ledger import STILL_OPEN
from wickwork.analytics.trades import denial_table, fill_table, order_table, plain, to_frame, trade_table
from wickwork.graph.types import LEG_DISTANCE, LEG_SHARE
from wickwork.model.order_kinds import LIMIT, LIQUIDATION, MARKET, STOP, TRAILING
from wickwork.model.timeframe import DAY
from wickwork.orders.records import (
    BY_STRATEGY,
    CLOSED_ORDER,
    DENIED,
    FILLED,
    GOOD_FOR_OVER,
    NOTHING_HELD,
    ORDER,
    OTHER_LEG,
)

NODES = ("buy", "flip", "leave")


def entry(order: int, bar: int, side: int, action: int, lane: int = 0) -> dict[str, float]:
    return {
        "order": order,
        "bar": bar,
        "side": side,
        "action": action,
        "lane": lane,
        "quantity": 2,
        "position": 2 * side,
        "price": 100,
    }


def test_trades_as_rows() -> None:
    first = round_trip(
        -8, quantity=2, exit=97, opened=1, closed=3, entry_order=1, exit_leg=1, exit_kind=STOP, fees=1.5, risk=4
    )
    still = round_trip(
        6,
        quantity=2,
        exit=103,
        opened=4,
        closed=5,
        entry_order=5,
        exit_kind=STILL_OPEN,
        exit_action=STILL_OPEN,
        direction=-1,
    )
    bars = [make_bars([(100, 104, 96, 102)] * 6)]
    ledger = make_ledger(
        [100.0] * 6, bars=bars, round_trips=[first], still=[still], fills=[entry(1, 1, 1, 0), entry(5, 4, -1, 1)]
    )
    rows = plain(trade_table(ledger, NODES))
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert [{name: column[i] for name, column in rows.items()} for i in (0, 1)] == [
        {
            "number": 1, "instrument": NAMES[0], "direction": "long", "open": False,
            "opened_at": START + DAY, "closed_at": START + 3 * DAY, "bars": 2,
            "quantity": 2.0, "entry": 100.0, "exit": 97.0, "gain": -8.0, "gain_percent": -4.0,  # −8 / 200
            "fees": 1.5, "funding": 0.0, "r": -2.0,  # −8 / 4
            "mae_percent": pytest.approx(4.0), "mfe_percent": pytest.approx(4.0),
            "entry_node": "buy", "exit_node": "buy", "exit_reason": "stop loss",
        },
        {
            "number": 2, "instrument": NAMES[0], "direction": "short", "open": True,
            "opened_at": START + 4 * DAY, "closed_at": None, "bars": 1,
            "quantity": 2.0, "entry": 100.0, "exit": 103.0, "gain": 6.0, "gain_percent": 3.0,
            "fees": 0.0, "funding": 0.0, "r": None,
            "mae_percent": pytest.approx(4.0), "mfe_percent": pytest.approx(4.0),
            "entry_node": "flip", "exit_node": "", "exit_reason": "open",
        },
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"exit_leg": 1, "exit_kind": STOP}, "stop loss"),
        ({"exit_leg": 1, "exit_kind": MARKET}, "stop loss"),  # the rest of one that hit the volume limit
        ({"exit_leg": 2, "exit_kind": LIMIT}, "take profit"),
        ({"exit_leg": 3, "exit_kind": TRAILING}, "trailing stop"),
        ({"exit_kind": MARKET, "exit_action": 2}, "signal"),
        ({"exit_kind": LIMIT}, "limit order"),
        ({"exit_kind": STOP}, "stop order"),
        ({"exit_kind": TRAILING}, "trailing stop"),
        ({"exit_kind": LIQUIDATION, "exit_action": -1}, "liquidation"),
    ],
)
def test_reasons_of_an_exit(how: dict[str, float], words: str) -> None:
    ledger = make_ledger([100.0] * 3, round_trips=[round_trip(1, **how)])
    table = trade_table(ledger, NODES)
    assert table["exit_reason"] == [words]
    assert table["exit_node"] == [NODES[int(how.get("exit_action", 0))] if how.get("exit_action", 0) >= 0 else ""]
    assert table["entry_node"] == [""]  # its fill is not there


def test_a_reversal_is_told_from_a_signal() -> None:
    def reasons(
        exit_order: int, exit_action: int, entry_tag: int, opened: int = 2, direction: int = -1, lane: int = 0
    ) -> list[str]:
        first = round_trip(1, closed=2, entry_order=1, exit_order=exit_order, exit_action=exit_action)
        other = round_trip(1, lane=1, opened=0, closed=2, direction=-1, entry_order=3, exit_order=4, exit_action=2)
        second = round_trip(1, opened=opened, closed=3, direction=direction, entry_order=8, lane=lane, exit_action=2)
        fills = [entry(1, 0, 1, 0), entry(8, opened, direction, entry_tag, lane)]
        bars = [make_bars([(100,) * 4] * 5, lane=k) for k in (0, 1)]
        ledger = make_ledger([100.0] * 5, bars=bars, round_trips=[first, other], still=[second], fills=fills)
        return list(trade_table(ledger, NODES)["exit_reason"])

    assert reasons(exit_order=8, exit_action=1, entry_tag=1) == ["reversal", "signal", "open"]  # one order turned it
    assert reasons(exit_order=7, exit_action=1, entry_tag=1) == [
        "reversal",
        "signal",
        "open",
    ]  # two orders of one action
    assert reasons(exit_order=7, exit_action=2, entry_tag=1) == ["signal", "signal", "open"]  # two actions
    assert reasons(exit_order=7, exit_action=1, entry_tag=1, opened=3) == ["signal", "signal", "open"]  # later
    assert reasons(exit_order=7, exit_action=1, entry_tag=1, direction=1) == ["signal", "signal", "open"]  # same side
    assert reasons(exit_order=7, exit_action=2, entry_tag=2, direction=1, lane=1) == ["signal", "reversal", "open"]


def test_fills_as_rows() -> None:
    fill = {
        "bar": 1, "lane": 1, "order": 9, "action": 2, "side": -1, "kind": TRAILING, "leg": 3, "maker": 0, "quantity": 2,
        "price": 99, "fee": 0.2, "slippage": 0.1, "gain": -3, "position": 0,
    }  # fmt: skip
    bars = [make_bars([(100,) * 4] * 2, lane=k) for k in (0, 1)]
    ledger = make_ledger([100.0] * 2, bars=bars, fills=[{**entry(1, 0, 1, 0), "maker": 1, "kind": LIMIT}, fill])
    rows = plain(fill_table(ledger, NODES), as_iso=True)
    assert {name: column[1] for name, column in rows.items()} == {
        "number": 2, "filled_at": "2021-01-05T00:00:00Z", "instrument": NAMES[1], "side": "sell", "kind": "trailing",
        "leg": "trailing stop", "quantity": 2.0, "price": 99.0, "liquidity": "taker", "fee": 0.2, "slippage": 0.1,
        "gain": -3.0, "position": 0.0, "order": 9, "node": "leave",
    }  # fmt: skip
    assert (rows["side"][0], rows["kind"][0], rows["leg"][0], rows["liquidity"][0]) == ("buy", "limit", "", "maker")


def working_orders(*rows: dict[str, float]) -> Any:
    kind = np.dtype([("lane", "i8"), *((name, ORDER.fields[name][0]) for name in ORDER.names)])
    return rows_of(kind, rows)


def test_orders_as_rows() -> None:
    target = {"order": 2, "bar": 3, "created_bar": 1, "side": -1, "kind": LIMIT, "leg": 2, "parent": 1, "quantity": 2}
    bought = {"order": 1, "bar": 1, "side": 1, "kind": MARKET, "quantity": 2, "filled": 2, "average": 101, "action": 1}
    closed_orders = rows_of(CLOSED_ORDER, [{**target, "limit": 110, "reason": OTHER_LEG}, {**bought, "reason": FILLED}])
    leg = {"id": 4, "leg": 3, "group": 1, "side": -1, "trail": 0.1, "trail_as": LEG_SHARE}
    alone = {"id": 3, "action": 2, "group": -5, "side": 1, "trail": 4, "trail_as": LEG_DISTANCE}
    trailing = {"kind": TRAILING, "extreme": 120, "quantity": 2, "created_bar": 2}
    limit = {
        "id": 5,
        "kind": LIMIT,
        "side": 1,
        "limit": 90,
        "quantity": 3,
        "filled": 1,
        "average": 90,
        "created_bar": 3,
    }
    working = working_orders({**leg, **trailing}, {**alone, **trailing}, limit)
    ledger = make_ledger([100.0] * 5)
    rows = plain(order_table(ledger, closed_orders, working, NODES))
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert rows["order"] == [1, 2, 3, 4, 5]
    assert rows["kind"] == ["market", "limit", "trailing", "trailing", "limit"]
    assert rows["side"] == ["buy", "sell", "buy", "sell", "buy"]
    assert rows["leg"] == ["", "take profit", "", "trailing stop", ""]
    assert rows["parent"] == [None, 1, None, 1, None]
    assert rows["node"] == ["flip", "buy", "leave", "buy", "buy"]
    assert rows["filled"] == [2.0, 0.0, 0.0, 0.0, 1.0]
    assert rows["price"] == [101.0, None, None, None, 90.0]
    assert rows["limit"] == [None, 110.0, None, None, 90.0]
    assert rows["stop"] == [None, None, 124.0, 108.0, None]  # 120 + 4, 120 × 0.9
    assert rows["placed_at"] == [START, START + DAY, START + 2 * DAY, START + 2 * DAY, START + 3 * DAY]
    assert rows["ended_at"] == [START + DAY, START + 3 * DAY, None, None, None]
    assert rows["state"] == ["filled", "canceled", "working", "working", "partially filled"]
    assert rows["reason"] == ["filled", "other leg filled", "working", "working", "working"]
    assert rows["created_at"] == [START + DAY, START + DAY, START + 3 * DAY, START + 2 * DAY, START + 4 * DAY]
    assert rows["changed_at"] == [START + DAY, START + 3 * DAY, START + 3 * DAY, START + 2 * DAY, START + 4 * DAY]
    assert rows["client_id"] == ["order-1", "order-1.1", "order-3", "order-1.2", "order-5"]


def test_an_order_changes_last_when_it_filled_or_was_canceled_and_is_in_flight_until_it_reaches_the_venue() -> None:
    limit = {"kind": LIMIT, "side": 1, "limit": 90, "quantity": 3}
    canceled = {**limit, "order": 1, "bar": 2, "reason": BY_STRATEGY}
    expired = {**limit, "order": 2, "bar": 2, "reason": GOOD_FOR_OVER}
    part = {**limit, "id": 3, "filled": 1, "average": 90, "live_from": 1}
    sent = {**limit, "id": 4, "created_bar": 3, "live_from": 5}
    ledger = make_ledger([100.0] * 4, bars=[make_bars([(100,) * 4] * 4)], fills=[entry(3, 3, 1, 0)])
    closed_orders = rows_of(CLOSED_ORDER, [canceled, expired])
    rows = plain(order_table(ledger, closed_orders, working_orders(part, sent), NODES))
    assert rows["state"] == ["canceled", "expired", "partially filled", "in flight"]
    assert rows["changed_at"] == [START + 3 * DAY, START + 2 * DAY, START + 3 * DAY, START + 4 * DAY]
    delayed = plain(order_table(ledger, closed_orders, working_orders(part, sent), NODES, latency=1))
    assert delayed["changed_at"][0] == START + 2 * DAY  # the request arrives when the bar opens


def test_denials_as_rows() -> None:
    denied = rows_of(DENIED, [{"bar": 1, "action": 2, "reason": NOTHING_HELD}])
    assert plain(denial_table(make_ledger([100.0] * 2), denied, NODES), as_iso=True) == {
        "denied_at": ["2021-01-05T00:00:00Z"],
        "instrument": [NAMES[0]],
        "node": ["leave"],
        "reason": ["nothing is held"],
    }


def test_empty_tables_have_all_columns() -> None:
    ledger = make_ledger([])
    tables = (
        trade_table(ledger, ()),
        fill_table(ledger, ()),
        order_table(ledger, rows_of(CLOSED_ORDER, []), working_orders(), ()),
        denial_table(ledger, rows_of(DENIED, []), ()),
    )
    for table in tables:
        assert {len(column) for column in table.values()} == {0}
        assert len(to_frame(table).columns) == len(table)


def test_frames_have_times() -> None:
    ledger = make_ledger(
        [100.0] * 3, round_trips=[round_trip(5, risk=10, opened=0)], still=[round_trip(1, opened=1, closed=2)]
    )
    frame = to_frame(trade_table(ledger, NODES))
    assert str(frame["opened_at"].dt.tz) == "UTC"
    assert frame["closed_at"].isna().tolist() == [False, True]
    assert frame["opened_at"][1].isoformat() == "2021-01-05T00:00:00+00:00"
    assert frame["gain"].sum() == 6.0
    assert frame["r"][0] == 0.5
    assert np.isnan(frame["r"][1])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 60), lanes=st.integers(1, 3))
def test_any_run_becomes_json(seed: int, size: int, lanes: int) -> None:
    ledger = random_ledger(seed, size, lanes, activity=0.8)
    for table, count in (
        (trade_table(ledger, NODES), len(ledger.trades)),
        (fill_table(ledger, NODES), len(ledger.fills)),
    ):
        assert {len(column) for column in table.values()} == {count}
        json.dumps(plain(table, as_iso=True), allow_nan=False)
        assert len(to_frame(table)) == count
    trades = trade_table(ledger, NODES)
    assert sum(trades["gain"]) == pytest.approx(ledger.final_equity - ledger.capital, abs=1e-6)
    assert all(node in NODES for node in trades["entry_node"])
