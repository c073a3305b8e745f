"""The nine words for the state of an order."""

from __future__ import annotations

import pytest

from wickwork import backtest, demo_bars, strategy, ta, trade
from wickwork.model.timeframe import DAY
from wickwork.orders.records import BY_STRATEGY, CUT, GOOD_FOR_OVER, REASONS, REFUSED, REJECTED, SHARED, WORKING
from wickwork.orders.records import FILLED as FILLED_WHOLE
from wickwork.orders.states import STATE_OF_REASON, STATES, order_state


def test_every_reason_for_which_an_order_ends_has_a_state() -> None:
    assert set(STATE_OF_REASON) == set(REASONS) - {"working"}
    assert set(STATE_OF_REASON.values()) == {"filled", "canceled", "expired", "rejected", "denied"}
    assert len(set(STATES)) == 9


@pytest.mark.parametrize(
    ("reason", "filled", "state"),
    [
        (WORKING, 0.0, "working"),
        (WORKING, 1.0, "partially filled"),
        (FILLED_WHOLE, 2.0, "filled"),
        (SHARED, 1.0, "filled"),
        (CUT, 1.0, "canceled"),
        (BY_STRATEGY, 0.0, "canceled"),
        (GOOD_FOR_OVER, 1.0, "expired"),
        (REJECTED, 0.0, "rejected"),
        (REFUSED, 0.0, "denied"),
    ],
)
def test_states_by_reason(reason: int, filled: float, state: str) -> None:
    assert order_state(reason, filled) == state


def test_an_order_that_the_venue_has_not_reported_is_in_flight_or_unknown() -> None:
    assert order_state(WORKING, 0.0, arrived=False) == "in flight"
    assert order_state(WORKING, 0.0, arrived=False, unknown=True) == "unknown"
    assert order_state(WORKING, 1.0, arrived=False, unknown=True) == "partially filled"


def test_orders_of_a_backtest_have_states_times_and_client_ids() -> None:
    first = 1_704_067_200_000  # 2024-01-01
    with strategy("Far below") as s:
        trade.place(ta.greater(s.bars.close, 0), "buy", trade.quantity(100), order="limit", price=1.0, good_for=2)
    orders = backtest(s, demo_bars("BTC/USDT", "1d", first, first + 5 * DAY)).orders
    ms = {name: [int(t.timestamp() * 1000) for t in orders[name]] for name in ("created_at", "changed_at")}
    assert orders["state"].tolist() == ["expired"] * 3 + ["working"] * 2
    assert orders["reason"].tolist()[:3] == ["good-for over"] * 3
    assert ms["created_at"] == [first + k * DAY for k in (1, 2, 3, 4, 5)]
    assert orders["client_id"].tolist() == [f"order-{k}" for k in (1, 2, 3, 4, 5)]
    assert ms["changed_at"] == [first + k * DAY for k in (2, 3, 4, 4, 5)]
