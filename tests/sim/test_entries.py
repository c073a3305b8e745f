"""Entries of every kind through `trade.buy` and `trade.short`, by what they fill at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from wickwork import Bars, InputError, Instrument, Run, Timeframe, Wire, backtest, strategy, ta, trade
from wickwork.orders.records import DENIALS

HOUR = 3_600_000
FREE: dict[str, Any] = {"maker_fee": 0.0, "taker_fee": 0.0, "slippage": 0.0}
Row = tuple[float, float, float, float]
FLAT: Row = (100, 100, 100, 100)


def run_of(rows: Sequence[Row], act: Callable[[Wire, Wire], object]) -> Run:
    """A run over these bars of a strategy that `act` makes from "the first bar" and the close."""
    with strategy("Entry") as s:
        first = s.bars.volume > 1.5
        act(first, s.bars.close)
    o, h, l, c = np.array(rows, float).T  # noqa: E741
    volume = np.ones(len(o))
    volume[0] = 2.0
    times = 1_600_000_000_000 // HOUR * HOUR + np.arange(len(o)) * HOUR
    return backtest(s, Bars.of(Instrument("A", "USDT", "USDT"), Timeframe(HOUR), times, o, h, l, c, volume), **FREE)


def fills(run: Run) -> list[tuple[int, int, float]]:
    return [(int(f["bar"]), int(f["side"]), float(f["price"])) for f in run.history.fills]


def mirrored(rows: Sequence[Row]) -> list[Row]:
    return [(200 - o, 200 - low, 200 - h, 200 - c) for o, h, low, c in rows]


ENTRIES: list[tuple[str, dict[str, Any], dict[str, Any], list[Row], tuple[int, float]]] = [
    # triggered at 102 on the way up, then 101 as a limit in the next bar
    (
        "stop-limit",
        {"stop": 102.0, "limit": 101.0},
        {"stop": 98.0, "limit": 99.0},
        [(100, 103, 100, 103), (103, 103, 100.5, 101)],
        (2, 101.0),
    ),
    # down to 90 without coming back by 2, then up by 2
    (
        "trailing amount",
        {"trail": trade.amount(2)},
        {"trail": trade.amount(2)},
        [(99, 99, 98, 98), (97, 98, 96.5, 97), (97, 98.5, 97, 98)],
        (3, 98.5),
    ),
    (
        "trailing percent",
        {"trail": trade.percent(5)},
        {"trail": trade.percent(5)},
        [(100, 100, 100, 100), (100, 106, 100, 104)],
        (2, 105.0),
    ),
]


@pytest.mark.parametrize(("name", "long", "short", "rows", "fill"), ENTRIES, ids=[entry[0] for entry in ENTRIES])
def test_entries(
    name: str, long: dict[str, Any], short: dict[str, Any], rows: list[Row], fill: tuple[int, float]
) -> None:
    size = trade.quantity(1)
    bought = run_of([FLAT, *rows], lambda when, _: trade.buy(when=when, size=size, **long))
    sold = run_of(mirrored([FLAT, *rows]), lambda when, _: trade.short(when=when, size=size, **short))
    bar, price = fill
    assert fills(bought) == [(bar, 1, pytest.approx(price))]
    assert fills(sold) == [(bar, -1, pytest.approx(200 - price))]


def test_an_entry_is_one_order() -> None:
    for wrong in ({"limit": 99.0, "trail": trade.percent(1)}, {"limit": 99.0, "market_if_touched": 98.0}):
        with pytest.raises(InputError, match="one order"):
            run_of([FLAT], lambda when, _, wrong=wrong: trade.buy(when=when, **wrong))  # type: ignore[misc]
    with pytest.raises(InputError, match="keeps a percent or an amount"):
        run_of([FLAT], lambda when, _: trade.buy(when=when, trail=trade.r(1)))


def test_a_stop_loss_moves_to_break_even_and_a_target_with_time() -> None:
    """The stop loss at 95 is at the entry of 100 from bar 2 on; the target at 120 is at 103 from bar 3 on."""

    def act(when: Wire, close: Wire) -> None:
        entry = trade.buy(when=when, size=trade.quantity(1), stop_loss=trade.percent(5), take_profit=trade.percent(20))
        trade.modify(when=close > 102.0, order=entry, leg="stop_loss", price=ta.average_price())
        held = ta.bars_held()
        trade.modify(when=held > 1.0, order=entry, leg="take_profit", price=103.0)

    up: list[Row] = [FLAT, (100, 102.5, 100, 102.5), (102.5, 102.5, 101, 101)]
    assert fills(run_of([*up, (101, 101, 96, 97)], act)) == [(1, 1, 100), (3, -1, 100)]
    run = run_of([*up, (101, 103, 101, 102), (102, 104, 102, 104)], act)
    assert fills(run) == [(1, 1, 100), (4, -1, 103)]
    assert len(run.history.denied) == 0


def test_a_leg_has_the_quantity_of_its_entry() -> None:
    def act(when: Wire, close: Wire) -> None:
        entry = trade.buy(when=when, size=trade.quantity(1), stop_loss=trade.percent(5))
        trade.modify(when=close > 100.5, order=entry, leg="stop_loss", price=99.0, quantity=2.0)

    run = run_of([FLAT, (100, 101, 100, 101), (101, 101, 101, 101)], act)
    assert [DENIALS[reason] for reason in run.history.denied["reason"]] == [
        "the quantity of a leg is that of its entry"
    ] * 2


def test_a_trailing_stop_follows_once_so_much_is_gained() -> None:
    def act(when: Wire, close: Wire) -> None:
        trade.buy(when=when, size=trade.quantity(1), trailing=trade.amount(4), trailing_after=trade.percent(5))

    rows: list[Row] = [FLAT, (100, 104, 95, 103), (103, 106, 103, 106), (106, 106, 101, 102)]
    assert fills(run_of(rows, act)) == [(1, 1, 100), (3, -1, 102)]


def test_trailing_after_needs_a_trailing_stop() -> None:
    with pytest.raises(InputError, match="trailing"):
        run_of([FLAT], lambda when, _: trade.buy(when=when, trailing_after=trade.percent(5)))


def test_a_trailing_order_can_be_placed_from_a_price_on() -> None:
    def act(when: Wire, close: Wire) -> None:
        size = trade.quantity(1)
        trade.place(when=when, side="buy", size=size, order="trailing_from", stop=95.0, trail=trade.amount(3))

    rows: list[Row] = [FLAT, (100, 104, 96, 96), (96, 96, 94, 94), (94, 97, 94, 95)]
    assert fills(run_of(rows, act)) == [(3, 1, 97)]
