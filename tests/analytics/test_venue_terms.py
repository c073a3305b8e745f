"""Terms of single instruments and series of funding in a run: what they change, and what is said of them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from wickwork import FundingRates, InputError, Instrument, Run, backtest, strategy, sweep, trade
from wickwork.analytics.report.assumptions import lines
from wickwork.model.bars import Bars
from wickwork.model.timeframe import HOUR, Timeframe

BTC, ETH, SPOT = Instrument("BTC", "USDT", "USDT"), Instrument("ETH", "USDT", "USDT"), Instrument("BTC", "USDT")
START = 1_704_067_200_000
PLAIN = {"taker_fee": 0.0, "slippage_model": "none", "leverage": 5.0}


def flat(instrument: Instrument, size: int = 40) -> Bars:
    p, times = np.full(size, 100.0), START + HOUR * np.arange(size)
    return Bars(instrument, Timeframe(HOUR), times, p, p, p, p, p)


def series(instrument: Instrument, rates: list[float], first: int = 0) -> FundingRates:
    moments = START + HOUR * (first + 4 * np.arange(len(rates)))  # every four hours
    return FundingRates(instrument, moments, np.array(rates), source="rates.csv")


def held() -> Any:
    with strategy("hold") as s:
        trade.buy(when=s.bars.close > 0.0, size=trade.quantity(1.0))
    return s


def run(*instruments: Instrument, **options: Any) -> Run:
    return backtest(held(), [flat(i) for i in instruments], **PLAIN | options)


def said(result: Run) -> dict[str, str]:
    return {one["label"]: one["value"].replace("\u202f", " ") for one in lines(result, None)}


def test_a_series_takes_the_place_of_the_constant_rate_of_its_instrument_alone() -> None:
    rates = [0.001] * 10
    assert float(run(BTC).history.account["funding"]) == pytest.approx(4 * 0.01)
    assert float(run(BTC, funding=series(BTC, rates)).history.account["funding"]) == pytest.approx(9 * 0.1)
    both = run(BTC, ETH, funding=[series(ETH, rates)])
    assert both.history.lanes["round_trip_funding"].tolist() == pytest.approx([0.04, 0.9])
    assert both.opposite().history.equity.tolist() == both.history.equity.tolist()


def test_an_instrument_pays_its_own_fees_and_holds_its_own_margin() -> None:
    own = {str(ETH): {"taker_fee": 0.01, "leverage": 2.0, "funding_rate": 0.0}}
    lanes = run(BTC, ETH, instruments=own).history.lanes
    assert lanes["margin"].tolist() == pytest.approx([20.0 - 0.04, 50.0])
    assert lanes["round_trip_fees"].tolist() == pytest.approx([0.0, 1.0])


def test_a_sweep_pays_what_the_backtest_pays() -> None:
    found = sweep(held(), flat(BTC), {"enter_long.size": [1.0, 2.0]}, funding=series(BTC, [0.001] * 10), **PLAIN)
    assert found.combination(0).stats["total_return"] == pytest.approx(-100 * 0.9 / 10_000)
    assert found.manifest["funding_data"][0]["rates"] == 10


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"instruments": {"BTC/USDT": {"leverage": 2.0}}}, "the run has BTC/USDT:USDT. Did you mean 'BTC/USDT:USDT'"),
        ({"funding": [series(ETH, [0.1])]}, "funding of ETH/USDT:USDT, but the run has BTC/USDT:USDT"),
        ({"funding": [series(BTC, [0.1]), series(BTC, [0.1])]}, "twice"),
    ],
)
def test_what_belongs_to_no_instrument_of_the_run_is_refused(options: Any, hint: str) -> None:
    with pytest.raises(InputError, match=hint):
        run(BTC, **options)


def test_the_manifest_holds_terms_and_series_as_json() -> None:
    tiers = [(0, 0.004), (50_000, 0.005, 50)]
    result = run(BTC, funding=series(BTC, [0.001] * 10), instruments={str(BTC): {"maintenance_tiers": tiers}})
    manifest = json.loads(json.dumps(result.manifest))
    assert manifest["terms"]["instruments"] == {str(BTC): {"maintenance_tiers": [[0, 0.004, 0], [50_000, 0.005, 50]]}}
    (one,) = manifest["funding_data"]
    assert (one["instrument"], one["rates"], one["source"]) == (str(BTC), 10, "rates.csv")
    other = run(BTC, funding=series(BTC, [0.001] * 9 + [0.002])).manifest["funding_data"][0]
    assert other["sha256"] != one["sha256"]


def test_the_report_names_what_is_not_modelled() -> None:
    bare = said(run(BTC))["Not modelled"]
    assert all(word in bare for word in ("series", "tiers", "mark price", "cross margin", "auto-deleveraging"))
    tiers = [(0, 0.004), (50_000, 0.005)]
    full = said(run(BTC, funding=series(BTC, [0.001] * 10), maintenance_tiers=tiers))
    assert "series" not in full["Not modelled"]
    assert "tiers" not in full["Not modelled"]
    assert full["Maintenance margin"] == "2 tiers, 0.4 % to 0.5 %"
    spot = backtest(held(), flat(SPOT), **PLAIN | {"leverage": 1.0})
    assert "mark price" not in said(spot)["Not modelled"]
    assert "fees in the coin that was bought" in said(spot)["Not modelled"]
    assert "fees in the coin" not in bare


def test_the_report_names_terms_of_single_instruments_and_a_series_that_ends_early() -> None:
    own = {str(ETH): {"taker_fee": 0.0004, "leverage": 3.0}}
    result = run(BTC, ETH, instruments=own, funding=[series(BTC, [0.001] * 3)])
    words = said(result)
    assert words[f"Terms of {ETH}"] == "0.04 % taker, leverage 3 ×"
    assert "3 rates" in words["Funding"]
    assert "do not cover" in words["Funding"]
    assert "0.01 % each 8 h" in words["Funding"]
    assert [one["tone"] for one in lines(result, None) if one["label"] == "Funding"] == ["warn"]
    whole = run(BTC, funding=series(BTC, [0.001] * 10))
    assert [one["tone"] for one in lines(whole, None) if one["label"] == "Funding"] == [""]


def test_the_report_names_columns_from_outside() -> None:
    given = flat(SPOT).with_columns({"signal": np.ones(40)})
    assert "signal" in said(backtest(held(), given, **PLAIN))["Columns from outside"]
    assert "Columns from outside" not in said(backtest(held(), flat(SPOT), **PLAIN))
