import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_cases import make_bars, make_ledger, random_ledger, round_trip, rows_of

from wickwork.analytics.ledger import ROW, STILL_OPEN, deepest_fall, falls, open_round_trips, stretches, worst_twentieth
from wickwork.model.errors import InputError
from wickwork.orders.records import LANE


def test_equity_must_be_whole() -> None:
    with pytest.raises(InputError, match="bar 1 is missing"):
        make_ledger([1.0, np.nan])
    with pytest.raises(InputError, match="bar 0 is missing"):
        make_ledger([-np.inf, np.inf])
    assert len(make_ledger([1e308, 1e308, 1e308])) == 3  # its sum is beyond floats, no value of it is
    ledger = make_ledger([1.0, 2.0])
    with pytest.raises(InputError, match="3 of 2"):
        type(ledger)(**{**{name: getattr(ledger, name) for name in ledger.__dataclass_fields__}, "equity": np.ones(3)})


def test_returns_begin_with_the_capital() -> None:
    ledger = make_ledger([110.0, 99.0], capital=100.0)
    assert ledger.returns == pytest.approx([0.1, -0.1])  # 110/100 − 1, 99/110 − 1
    assert ledger.curve.tolist() == [100.0, 110.0, 99.0]
    assert ledger.drawdowns == pytest.approx([0.0, 0.0, 0.1])
    assert not ledger.ruined


def test_returns_end_with_ruin() -> None:
    ledger = make_ledger([50.0, -10.0, 20.0, 40.0])
    assert ledger.ruined
    assert ledger.returns == pytest.approx([-0.5, -1.2])
    assert make_ledger([5.0], capital=0.0).returns.tolist() == []


def test_days_of_returns() -> None:
    ledger = make_ledger([101, 102, 103, 104, 105, 106, 107], timeframe="8h")  # three bars a day
    assert ledger.daily_returns == pytest.approx([103 / 100 - 1, 106 / 103 - 1, 107 / 106 - 1])
    assert make_ledger([101, 102], timeframe="1w").daily_returns.tolist() == []
    assert make_ledger([]).daily_returns.tolist() == []


def test_days_without_bars_do_not_count() -> None:
    ledger = make_ledger([101, 102, 103, 104], timeframe="12h")
    holes = type(ledger)(
        **{name: getattr(ledger, name) for name in ledger.__dataclass_fields__}
        | {"opened_at": ledger.opened_at + np.array([0, 0, 5, 5]) * 86_400_000}
    )
    assert holes.daily_returns == pytest.approx([102 / 100 - 1, 104 / 102 - 1])
    assert holes.days == 7.0  # two half days, five days of nothing, two half days
    assert holes.years == pytest.approx(7 / 365)


def test_stretches() -> None:
    starts, stops = stretches(np.array([1, 1, 0, 1, 0, 0, 1], bool))
    assert list(zip(starts.tolist(), stops.tolist(), strict=True)) == [(0, 2), (3, 4), (6, 7)]
    assert stretches(np.zeros(0, bool))[0].size == stretches(np.zeros(3, bool))[0].size == 0
    assert [a.tolist() for a in stretches(np.ones(3, bool))] == [[0], [3]]


def test_falls_and_worst() -> None:
    assert falls(np.array([100.0, 80.0, 120.0, 90.0])) == pytest.approx([0, 0.2, 0, 0.25])
    assert falls(np.array([-1.0, -2.0])).tolist() == [0.0, 0.0]
    assert sorted(worst_twentieth(np.arange(40.0))) == [0.0, 1.0]
    assert len(worst_twentieth(np.arange(99.0))) == 4  # 99 / 20, rounded down
    assert worst_twentieth(np.arange(5.0)).tolist() == [0.0]
    assert worst_twentieth(np.zeros(0)).size == 0


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    size=st.integers(0, 4 * ROW + 1),
    drift=st.sampled_from((-1e-3, 0.0, 1e-3, 1.0)),
    start=st.sampled_from((100.0, 3.0, 1e5, 0.0)),
    sunk=st.sampled_from((0.0, 99.0)),
)
def test_the_deepest_fall_is_the_largest_one_to_the_last_bit(
    seed: int, size: int, drift: float, start: float, sunk: float
) -> None:
    values = 100.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(drift * 1e-2, 1e-2, size))) - sunk
    assert deepest_fall(values, start) == falls(np.concatenate(([start], values))).max()


def test_open_trips_are_marked_to_market() -> None:
    # Short 3 of the 5 that were sold at 110 on average; bought back 2 at 100: 20 gained. The last close is 90.
    lane = {
        "quantity": -3, "average": 110, "entered": 5, "entered_value": 550, "round_trip_fees": 1.5,
        "round_trip_funding": -0.5,
        "round_trip_gain": 20, "initial_risk": 25, "opened_bar": 2, "entry_order": 7,
    }  # fmt: skip
    bars = [make_bars([(100,) * 4]), make_bars([(90,) * 4])]
    row = open_round_trips(rows_of(LANE, [{}, lane]), bars, 9)
    assert len(row) == 1
    assert {name: row[0][name] for name in ("lane", "direction", "opened", "closed", "entry_order", "exit_kind")} == {
        "lane": 1, "direction": -1, "opened": 2, "closed": 9, "entry_order": 7, "exit_kind": STILL_OPEN,
    }  # fmt: skip
    assert (row[0]["quantity"], row[0]["entry"], row[0]["exit"], row[0]["risk"]) == (5, 110, 90, 25)
    assert row[0]["gain"] == 20 + (90 - 110) * -3 - 1.5 + 0.5  # = 79


def test_a_fill_that_only_enlarges_opens_nothing() -> None:
    # Within one bar order 2 enlarges a trade, that is stopped out (3), and the rest of order 2 opens the next.
    steps = [(1, 0, 1, 2, 2), (2, 1, 1, 1, 3), (3, 1, -1, 3, 0), (2, 1, 1, 1, 1)]
    fills = [dict(zip(("order", "bar", "side", "quantity", "position"), step, strict=True)) for step in steps]
    ledger = make_ledger(
        [100.0] * 3,
        round_trips=[round_trip(0, entry_order=1)],
        still=[round_trip(0, entry_order=2, opened=1)],
        fills=fills,
    )
    assert ledger.openers.tolist() == [0, 3]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), lanes=st.integers(1, 3), size=st.integers(1, 150))
def test_gains_of_all_trades_add_up_to_the_equity(seed: int, lanes: int, size: int) -> None:
    ledger = random_ledger(seed, size, lanes)
    assert ledger.trades["gain"].sum() == pytest.approx(ledger.final_equity - ledger.capital, abs=1e-6)
    assert ledger.trades["fees"].sum() == pytest.approx(ledger.fees)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), lanes=st.integers(1, 3), size=st.integers(1, 150))
def test_every_trade_finds_the_fill_that_opened_it(seed: int, lanes: int, size: int) -> None:
    ledger = random_ledger(seed, size, lanes, activity=1.0)
    position, opened = [0.0] * lanes, [[] for _ in range(lanes)]
    for i, fill in enumerate(ledger.fills):
        before, position[fill["lane"]] = position[fill["lane"]], fill["position"]
        if fill["position"] and before * fill["position"] <= 0:
            opened[fill["lane"]].append(i)
    expected = [opened[lane].pop(0) for lane in ledger.trades["lane"]]
    assert ledger.openers.tolist() == expected
    cut = type(ledger)(**{n: getattr(ledger, n) for n in ledger.__dataclass_fields__} | {"fills": ledger.fills[:0]})
    assert (cut.openers == -1).all()
