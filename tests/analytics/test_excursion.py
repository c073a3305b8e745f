import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_cases import make_bars, make_ledger, random_ledger, round_trip

from wickwork.analytics.ledger import Ledger
from wickwork.analytics.metrics import compute

# number        0                     1                      2                    3
BARS = [(100, 105, 96, 102), (102, 110, 101, 104), (104, 108, 90, 95), (95, 120, 80, 100)]


def of(entry: float, leave: float, opened: int, closed: int, direction: int = 1, slippage: float = 0.0) -> list[float]:
    """Adverse and favourable excursion in percent of the entry."""
    row = round_trip(0, direction=direction, entry=entry, exit=leave, opened=opened, closed=closed, entry_order=1)
    market = entry + direction * slippage
    fill = {
        "order": 1,
        "bar": opened,
        "side": direction,
        "quantity": 1,
        "position": direction,
        "price": market,
        "slippage": slippage,
    }
    ledger = make_ledger([100.0] * 4, bars=[make_bars(BARS)], round_trips=[row], fills=[fill])
    values = compute(ledger)
    return [values["average_mae"], values["average_mfe"]]  # type: ignore[list-item]


def test_entered_at_the_open_sees_the_whole_entry_bar() -> None:
    # low 96, high 110 of the bar between, out at 105 inside bar 2 whose open 104 counts and whose low does not
    assert of(100, 105, 0, 2) == pytest.approx([4.0, 10.0])
    assert of(100, 105, 0, 2, direction=-1) == pytest.approx([10.0, 4.0])


def test_slippage_does_not_hide_that_it_was_the_open() -> None:
    assert of(100, 105, 0, 2, slippage=0.5) == pytest.approx([4.0, 10.0])


def test_entered_below_the_open_has_not_surely_seen_the_high() -> None:
    # at 98 inside bar 0: its low 96 came later, its high 105 perhaps before; close 102 and the open of bar 1 were seen
    assert of(98, 102, 0, 1) == pytest.approx([200 / 98, 400 / 98])


def test_entered_above_the_open_has_not_surely_seen_the_low() -> None:
    assert of(104, 102, 0, 1) == pytest.approx([200 / 104, 100 / 104])  # close 102; high 105


def test_exit_bar_counts_with_its_open_and_the_exit() -> None:
    assert of(104, 90, 2, 3) == pytest.approx([14 / 104 * 100, 4 / 104 * 100])  # 80 and 120 of bar 3 are not sure
    assert of(102, 104, 1, 2) == pytest.approx([1 / 102 * 100, 8 / 102 * 100])  # 101; 110


def test_within_one_bar_only_entry_and_exit_are_sure() -> None:
    assert of(100, 96, 0, 0) == pytest.approx([4.0, 0.0])
    assert of(100, 104, 0, 0) == pytest.approx([0.0, 4.0])


def test_an_open_trade_has_seen_all_of_the_last_bar() -> None:
    still = round_trip(0, entry=100, exit=100, opened=0, closed=3)
    ledger = make_ledger([100.0] * 4, bars=[make_bars(BARS)], still=[still])
    assert [float(e[0]) for e in ledger.excursions] == pytest.approx([0.2, 0.2])  # 80 and 120
    last = round_trip(0, entry=95, exit=100, opened=3, closed=3)
    ledger = make_ledger([100.0] * 4, bars=[make_bars(BARS)], still=[last])
    assert [float(e[0]) for e in ledger.excursions] == pytest.approx([15 / 95, 25 / 95])
    assert compute(ledger)["average_mae"] is None  # closed trades only


def slow(ledger: Ledger, number: int) -> tuple[float, float]:
    """The rule of the module, price by price."""
    trade, held = ledger.trades[number], number >= len(ledger.round_trips)
    bars = ledger.bars[trade["lane"]]
    opener = next(
        f
        for f in ledger.fills
        if f["order"] == trade["entry_order"] and f["bar"] == trade["opened"] and f["lane"] == trade["lane"]
    )
    market = opener["price"] - opener["side"] * opener["slippage"] / opener["quantity"]
    prices = [trade["entry"], trade["exit"]]
    grid = [int(np.flatnonzero(ledger.opened_at == t)[0]) for t in bars.opened_at]
    for i, t in enumerate(grid):
        if t == trade["opened"] and (held or trade["closed"] > t):
            prices.append(bars.close[i])
            if bars.open[i] >= market or bars.open[i] == pytest.approx(market, rel=1e-12):
                prices.append(bars.low[i])
            if bars.open[i] <= market or bars.open[i] == pytest.approx(market, rel=1e-12):
                prices.append(bars.high[i])
        elif trade["opened"] < t < trade["closed"] or (held and t > trade["opened"]):
            prices += [bars.low[i], bars.high[i]]
        elif t == trade["closed"] and t > trade["opened"]:
            prices.append(bars.open[i])
    down, up = 1 - min(prices) / trade["entry"], max(prices) / trade["entry"] - 1
    return (down, up) if trade["direction"] > 0 else (up, down)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32), lanes=st.integers(1, 3), size=st.integers(1, 60), activity=st.sampled_from((0.1, 1.0))
)
def test_against_the_slow_way(seed: int, lanes: int, size: int, activity: float) -> None:
    ledger = random_ledger(seed, size, lanes, activity)
    against, favour = ledger.excursions
    for number in range(len(ledger.trades)):
        assert (against[number], favour[number]) == pytest.approx(slow(ledger, number), abs=1e-12)
    closed = len(ledger.round_trips)
    if closed:
        values = compute(ledger)
        assert values["average_mae"] == pytest.approx(against[:closed].mean() * 100)
        assert values["average_mfe"] == pytest.approx(favour[:closed].mean() * 100)
        assert min(against.min(), favour.min()) >= 0.0
