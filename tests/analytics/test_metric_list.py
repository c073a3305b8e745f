"""What every metric promises; names none of them."""

import json
import math
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_cases import make_bars, make_ledger, random_ledger, round_trip, scaled, trades_only

from wickwork.analytics import metrics as package
from wickwork.analytics.ledger import Ledger
from wickwork.analytics.metrics import Metric, Stats, compute, describe, metrics
from wickwork.analytics.metrics.definition import GROUPS, Better, Unit, metric
from wickwork.model.errors import InputError

HERE = Path(__file__).parent
MONEY = ("quote",)


def odd_ledgers() -> dict[str, Ledger]:
    """The ledgers on which statistics usually break."""
    falling = [100.0 - 3 * i for i in range(50)]  # below 0 from bar 34
    return {
        "no bars": make_ledger([], bars=[]),
        "no bars, one instrument": make_ledger([], bars=[make_bars([])]),
        "one bar": make_ledger([101.0]),
        "two bars": make_ledger([101.0, 99.0]),
        "flat": make_ledger([100.0] * 400),
        "one trade": trades_only(5.0),
        "a trade that gained nothing": trades_only(0.0),
        "a trade of nothing": make_ledger([100.0, 100.0], round_trips=[round_trip(1.0, quantity=0)]),
        "a trade inside the only bar": make_ledger([99.0], round_trips=[round_trip(-1.0, closed=0)]),
        "an open trade": make_ledger([100.0, 103.0], still=[round_trip(3.0)]),
        "bankrupt": make_ledger(falling),
        "bankrupt at the last bar": make_ledger([100.0] * 60 + [0.0]),
        "bankrupt at once": make_ledger([-5.0] * 60),
        "bankrupt and back": make_ledger([100.0, -1.0, 200.0] * 30),
        "rising without a fall": make_ledger([100.0 * 1.01**i for i in range(400)]),
        "the same return on each bar": make_ledger([100.0 * 2.0**i for i in range(1, 401)]),
        "growth that no float holds": make_ledger([1e300] * 40, capital=1e-9),
        "no capital": make_ledger([1.0] * 40, capital=0.0),
        "a debt": make_ledger([1.0] * 40, capital=-10.0),
        "weeks": make_ledger([100.0 + i % 7 for i in range(300)], timeframe="1w"),
    }


def sound(values: dict[str, float | None]) -> bool:
    return all(v is None or (type(v) is float and math.isfinite(v)) for v in values.values())


@pytest.mark.parametrize("name", odd_ledgers())
def test_odd_ledgers_give_numbers_or_nothing(name: str) -> None:
    values = compute(odd_ledgers()[name])
    assert sound(values)
    assert list(values) == [one.name for one in metrics()]
    json.dumps(values, allow_nan=False)


@pytest.mark.parametrize("one", metrics(), ids=lambda one: one.name)
def test_every_metric_is_described(one: Metric) -> None:
    assert " = " in one.help, "the docstring gives the formula"
    assert "None" in one.help or "Never" in one.help, "the docstring says when it is None"
    assert one.title
    assert one.unit in get_args(Unit)
    assert one.group in GROUPS
    assert one.better in get_args(Better)
    tests = "".join(path.read_text() for path in HERE.glob("test_*.py") if path.name != "test_metric_list.py")
    assert f'"{one.name}"' in tests, "some test names it"


def test_the_list_is_stable_json() -> None:
    described = describe()
    assert json.loads(json.dumps(described)) == described
    assert [one["name"] for one in described] == list(compute(make_ledger([])))
    groups = [one["group"] for one in described]
    assert groups == sorted(groups, key=lambda g: GROUPS.index(g))  # type: ignore[arg-type]
    assert len({one["title"] for one in described}) == len(described) >= 40


def test_stats_work_out_what_is_asked_for() -> None:
    ledger = random_ledger(1, 200, 2)
    stats = Stats(ledger)
    assert stats["max_drawdown"] == compute(ledger)["max_drawdown"]
    fresh = random_ledger(1, 200, 2)
    assert Stats(fresh)["win_rate"] == stats["win_rate"]
    assert "returns" not in vars(fresh), "a win rate needs no returns"
    assert dict(stats) == compute(ledger)
    assert repr(stats) == repr(compute(ledger))
    with pytest.raises(KeyError, match=r"no metric 'sharp'.*sharpe"):
        stats["sharp"]


def test_a_metric_is_found_by_being_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "zzz.py").write_text(
        "from wickwork.analytics.metrics.definition import metric\n"
        "from wickwork.analytics.metrics.returns import total_return\n"
        '@metric(name="bars", title="Bars", unit="bars", group="returns")\n'
        'def bars(ledger):\n    """bars = len(ledger). Never None."""\n    return len(ledger)\n'
    )
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    names = [one.name for one in metrics.__wrapped__()]
    assert names.count("bars") == names.count("total_return") == 1
    (tmp_path / "zzzz.py").write_text((tmp_path / "zzz.py").read_text())
    with pytest.raises(InputError, match="two metrics called 'bars'"):
        metrics.__wrapped__()


def test_a_metric_never_gives_nan_infinity_or_minus_zero() -> None:
    for value, expected in ((math.nan, None), (math.inf, None), (-0.0, 0.0), (np.float32(2), 2.0), (None, None)):

        @metric(name="x", title="X", unit="ratio", group="risk")
        def x(ledger: Ledger, value: float | None = value) -> float | None:
            """x = x."""
            return value

        answer = x(make_ledger([]))
        assert answer == expected
        assert answer is None or (type(answer) is float and math.copysign(1, answer) > 0)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 120), lanes=st.integers(1, 3), data=st.data())
def test_random_runs_give_numbers_or_nothing(seed: int, size: int, lanes: int, data: st.DataObject) -> None:
    activity = data.draw(st.sampled_from((0.0, 0.05, 0.5, 1.0)))
    capital = data.draw(st.sampled_from((10.0, 1e4)))
    timeframe = data.draw(st.sampled_from(("1m", "1h", "8h", "1d", "1w")))
    ledger = random_ledger(seed, size, lanes, activity, timeframe, capital)
    assert sound(compute(ledger))
    assert compute(ledger) == compute(ledger)


@settings(max_examples=100, deadline=None)
@given(
    equity=st.lists(st.floats(-1e12, 1e12) | st.sampled_from((0.0, 100.0, 1e-300)), max_size=80),
    capital=st.floats(1e-9, 1e12),
    gains=st.lists(st.floats(-1e9, 1e9), max_size=40),
    timeframe=st.sampled_from(("1m", "1d", "1w")),
)
def test_any_equity_gives_numbers_or_nothing(
    equity: list[float], capital: float, gains: list[float], timeframe: str
) -> None:
    round_trips = [round_trip(gain) for gain in gains] if len(equity) > 1 else []
    assert sound(compute(make_ledger(equity, capital=capital, round_trips=round_trips, timeframe=timeframe)))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), power=st.integers(-20, 20), size=st.sampled_from((5, 90)))
def test_only_money_grows_with_money(seed: int, power: int, size: int) -> None:
    ledger = random_ledger(seed, size, 2, timeframe="1d", capital=1e4)
    factor = 2.0**power  # exact in binary, so that nothing but the exponent changes
    before, after = compute(ledger), compute(scaled(ledger, factor))
    for one in metrics():
        value = before[one.name]
        grown = value * factor if value is not None and one.unit in MONEY else value
        assert after[one.name] == grown, one.name


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_relations_between_metrics(seed: int) -> None:
    ledger = random_ledger(seed, 200, 2, timeframe="1d")
    m = {name: value for name, value in compute(ledger).items() if value is not None}
    assert m["worst_trade"] <= m["average_trade"] <= m["best_trade"]
    assert 0 <= m["win_rate"] <= 100
    assert 0 <= m["exposure"] <= 100
    assert m["average_drawdown"] <= m["max_drawdown"]
    assert m["longest_drawdown"] == m["longest_drawdown_bars"] <= 200  # days are bars here
    assert m["expected_shortfall"] >= m["value_at_risk"] - 1e-12
    assert m["alpha"] == pytest.approx(m["total_return"] - m["buy_and_hold"])
    if "profit_factor" in m:
        assert (m["profit_factor"] > 1) == (m["expectancy"] > 0)
        assert (m["win_rate"] > m.get("breakeven_win_rate", 101)) <= (m["expectancy"] > 0)
    if "sharpe" in m:
        assert np.sign(m["sharpe"]) == np.sign(m["sortino"]) == np.sign(m["omega"] - 1)
