"""Every assumption of a run is checked, and a bad one answered with a sentence that names it."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from wickwork import InputError
from wickwork.sim.terms import InstrumentTerms, Terms

NUMBERS = [f.name for f in fields(Terms) if isinstance(f.default, int | float)]
LIMITS = {
    "capital": (1e-9, 1e15),
    "maker_fee": (-0.01, 0.5),
    "taker_fee": (0.0, 0.5),
    "spread": (0.0, 0.5),
    "volume_limit": (0.0, 1e6),
    "latency": (0, 1_000_000),
    "leverage": (1.0, 1000.0),
    "maintenance": (0.0, 0.5),
    "liquidation_fee": (0.0, 0.5),
    "funding_rate": (-0.1, 0.1),
}


def sentence(**bad: Any) -> str:
    with pytest.raises(InputError) as caught:
        Terms(**bad)
    text = str(caught.value)
    assert text.endswith((".", "?"))
    assert "\n" not in text
    assert next(iter(bad)) in text
    return text


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "0.1", None, True, [1.0]], ids=repr)
def test_a_number_must_be_a_finite_number(name: str, value: Any) -> None:
    assert repr(value) in sentence(**{name: value})


@pytest.mark.parametrize("name", [*LIMITS, "slippage"])
def test_no_number_may_leave_its_range(name: str) -> None:
    low, high = LIMITS.get(name, (0.0, 1e9))
    step = max(abs(low), 1.0) * 1e-6
    text = sentence(**{name: low - (1 if name == "latency" else step)})
    assert "above 0" in text if name == "capital" else "between" in text
    assert f"{high:g}" in sentence(**{name: high * 1.5})


@pytest.mark.parametrize("name", LIMITS)
def test_the_ends_of_each_range_are_allowed(name: str) -> None:
    for value in LIMITS[name]:
        others = {"leverage": 1.0, "maintenance": 0.0} if name in ("leverage", "maintenance") else {}
        assert getattr(Terms(**{**others, name: value}), name) == value


def test_latency_is_whole_bars() -> None:
    assert "whole number of bars" in sentence(latency=1.5)
    assert Terms(latency=2.0).latency == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(("leverage", "maintenance"), [(200.0, 0.005), (2.0, 0.5), (1000.0, 0.001)])
def test_leverage_must_leave_room_above_the_maintenance_margin(leverage: float, maintenance: float) -> None:
    text = sentence(leverage=leverage, maintenance=maintenance)
    assert "liquidated" in text
    assert f"{maintenance:g}" in text


@pytest.mark.parametrize(
    ("bad", "hint"),
    [
        ({"slippage_model": "procent"}, "'percent'"),
        ({"slippage_model": "ATR "}, "'atr'"),
        ({"leverage": 100.0, "maintenance": 0.001, "maker_fee": -0.01}, "more than the margin"),
        ({"assume": "wurst"}, "'worst'"),
        ({"assume": "Best"}, "'best'"),
        ({"assume": ""}, "worst, best"),
        ({"assume": None}, "worst, best"),
    ],
)
def test_words_are_checked_and_near_misses_answered(bad: dict[str, Any], hint: str) -> None:
    assert hint in sentence(**bad)


@pytest.mark.parametrize("model", ["percent", "atr"])
def test_a_share_of_slippage_that_is_meant_in_percent_is_noticed(model: str) -> None:
    assert "0.05 %" in sentence(slippage=50.0, slippage_model=model)
    assert Terms(slippage=50.0, slippage_model="fixed").slippage == 50.0


def test_an_instrument_has_its_own_terms_and_else_those_of_the_account() -> None:
    terms = Terms(
        taker_fee=0.002, leverage=5.0, maintenance_tiers=[(0, 0.01), (10, 0.02)],  # type: ignore[arg-type]
        instruments={"A/USDT:USDT": {"leverage": 20.0}, "B/USDT:USDT": InstrumentTerms(maintenance=0.03)},  # type: ignore[dict-item]
    )  # fmt: skip
    a, b, c = (terms.of(f"{name}/USDT:USDT") for name in "ABC")
    assert [one.leverage for one in (a, b, c)] == [20.0, 5.0, 5.0]
    assert [len(one.maintenance_tiers) for one in (a, b, c)] == [2, 0, 2]
    assert (b.maintenance, a.taker_fee, a.instruments) == (0.03, 0.002, {})


@pytest.mark.parametrize(
    ("own", "hints"),
    [
        ({"leverge": 3.0}, ("leverge", "'leverage'")),
        ({"capital": 3.0}, ("capital",)),
        ({"leverage": 3000.0}, ("leverage", "1000")),
        ({"leverage": 100.0, "maintenance": 0.01}, ("liquidated",)),
        ({"maintenance": 0.01, "maintenance_tiers": [(0, 0.01)]}, ("not both",)),
        ({"maintenance_tiers": [(5, 0.01)]}, ("row 1",)),
        (5.0, ("5.0",)),
    ],
)
def test_a_bad_term_of_an_instrument_is_named_with_the_instrument(own: Any, hints: tuple[str, ...]) -> None:
    text = sentence(instruments={"A/USDT:USDT": own})
    assert "A/USDT:USDT" in text
    assert all(hint in text for hint in hints)


def test_terms_are_plain_data_and_cannot_be_changed() -> None:
    own = {"A/USDT:USDT": InstrumentTerms(leverage=2.0, maintenance_tiers=((0.0, 0.1), (5.0, 0.2)))}  # type: ignore[arg-type]
    terms = Terms(capital=500.0, leverage=3.0, assume="best", instruments=own)
    assert Terms(**json.loads(json.dumps(terms.to_data()))) == terms
    with pytest.raises(FrozenInstanceError):
        terms.capital = 1.0  # type: ignore[misc]
