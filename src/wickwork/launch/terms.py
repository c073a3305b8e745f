"""The terms of the venue from the settings of costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wickwork.model.errors import InputError
from wickwork.settings.names import without_venue
from wickwork.settings.schema import Costs, InstrumentCosts, Settings
from wickwork.sim.terms import Terms

SHARES = {
    "maker_fee_pct": "maker_fee",
    "taker_fee_pct": "taker_fee",
    "spread_pct": "spread",
    "volume_limit_pct": "volume_limit",
    "maintenance_pct": "maintenance",
    "liquidation_fee_pct": "liquidation_fee",
    "funding_rate_pct": "funding_rate",
}
"""Costs in percent and the fields of `Terms` that they are, as shares."""
SAME = {
    "latency_bars": "latency",
    "leverage": "leverage",
    "maintenance_tiers": "maintenance_tiers",
    "assume": "assume",
    "slippage_model": "slippage_model",
    "slippage": "slippage",
}
"""Costs and the fields of `Terms` of the same unit."""


def terms_of(settings: Settings) -> Terms:
    """The terms of a configuration. Raises InputError for costs that do not fit together."""
    costs, fee = settings.costs, settings.costs.fee_pct
    if fee is None:
        fee = settings.backtester.commission_pct
    given = _given(costs)
    if costs.slippage_pct is not None:
        given["slippage"] = _share(costs.slippage_pct)
    if fee is not None:
        given = {"maker_fee": _share(fee), "taker_fee": _share(fee)} | given
    own: Any = {without_venue(name): _given(one) for name, one in costs.instruments.items()}
    try:
        return Terms(capital=settings.capital, instruments=own, **given)
    except InputError as error:
        raise InputError(f"costs: {error} (Shares: 0.01 is 1 %.)") from None


def _given(costs: Costs | InstrumentCosts) -> dict[str, Any]:
    values = vars(costs)
    shares = {field: _share(values[name]) for name, field in SHARES.items() if values.get(name) is not None}
    same = {field: values[name] for name, field in SAME.items() if values.get(name) not in (None, ())}
    return shares | same


def _share(percent: float) -> float:
    """A percentage as a share, rounded as the decimal text would be: 0.1 is 0.001."""
    return float(Decimal(repr(float(percent))) / 100)
