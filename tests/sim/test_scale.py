"""The unit of money changes nothing: with all prices and sums times a power of two, results are so to the bit."""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest

from tests.reference.values import Config, Intent, Level, Market
from tests.sim.both import Same, run_fast
from tests.sim.random_markets import random_config, random_decide, some_markets

CASES = int(os.environ.get("WICKWORK_AGREEMENT_CASES", "2000")) // 4
UNITS = (2.0**-10, 2.0**-24, 2.0**10)
"""Prices near 0.1, near 0.000006 and near 100,000 instead of 100."""


def in_unit(unit: float, market: Market) -> Market:
    columns = {name: [x * unit for x in getattr(market, name)] for name in ("open", "high", "low", "close")}
    finer = market.finer and [[(*(x * unit for x in bar[:4]), bar[4]) for bar in inside] for inside in market.finer]
    rules = {"tick": market.tick * unit, "minimum_notional": market.minimum_notional * unit}
    own = {**market.own, "tiers": tiers_in(unit, market.own["tiers"])} if "tiers" in market.own else market.own
    return replace(market, **columns, finer=finer, own=own, **rules)  # type: ignore[arg-type]


def terms_in(unit: float, config: Config) -> Config:
    slippage = config.slippage * (unit if config.slippage_model == "fixed" else 1.0)
    return replace(config, capital=config.capital * unit, slippage=slippage, tiers=tiers_in(unit, config.tiers))


def tiers_in(unit: float, tiers: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(floor * unit, rate) for floor, rate in tiers]


def asked_in(unit: float, intent: Intent) -> Intent:
    def level(given: Level | None) -> Level | None:
        return (given[0], given[1] * unit) if given and given[0] in ("price", "distance") else given

    money = ("limit", "stop", "trail_amount", "price", "centre", "lower", "upper")
    changed = {name: getattr(intent, name) * unit for name in money}
    if intent.size_as == "quote":
        changed["size"] = intent.size * unit
    levels = {
        name: level(getattr(intent, name)) for name in ("stop_loss", "take_profit", "trail", "trail_after", "spacing")
    }
    targets = tuple((level(target), share) for target, share in intent.targets)
    return replace(intent, **changed, **levels, targets=targets)  # type: ignore[arg-type]


def in_money(unit: float, one: Same) -> Same:
    """The same results with every price and sum in that unit."""
    return replace(
        one,
        fills=[(*f[:5], f[5] * unit, f[6] * unit, *f[7:]) for f in one.fills],
        working=[(*w[:8], w[8] * unit) for w in one.working],
        equity=[x * unit for x in one.equity],
        cash=one.cash * unit,
        fees=one.fees * unit,
        funding=one.funding * unit,
        slippage=one.slippage * unit,
    )


@pytest.mark.parametrize("start", range(0, CASES, 100))
def test_the_unit_of_money_changes_nothing(start: int) -> None:
    fills = 0
    for seed in range(start, start + 100):
        r = random.Random(-1 - seed)
        # Dyadic ticks: a hundredth times a power of two is no longer the inverse of a whole number.
        markets = [replace(market, tick=r.choice((0.0, 0.5))) for market in some_markets(r, 20)]
        config, decide, unit = random_config(r), random_decide(seed, markets, 0.5), r.choice(UNITS)
        plain = run_fast(markets, config, decide)
        other = run_fast(
            [in_unit(unit, market) for market in markets],
            terms_in(unit, config),
            lambda t, i, view, decide=decide, unit=unit: [asked_in(unit, x) for x in decide(t, i, view)],  # type: ignore[misc]
        )
        assert repr(other) == repr(in_money(unit, plain)), f"seed {seed}, prices times {unit}"
        fills += len(plain.fills)
    assert fills > 300
