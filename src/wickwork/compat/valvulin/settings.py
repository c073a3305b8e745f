"""The settings of a Valvulin backtest, and what of them Wickwork's engine does not have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from wickwork.compat.valvulin.writing import path_of
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.finite import is_finite
from wickwork.sim.terms import Terms

_ABSENT = {
    "use_trailing_stop": "the trailing stop is on with trail_atr_multiplier, and off where that is None",
    "trailing_method": "the distance of the trailing stop is trail_atr_multiplier × ATR",
    "trailing_percent": "the distance of the trailing stop is trail_atr_multiplier × ATR",
    "trailing_atr_multiplier": "it is called trail_atr_multiplier",
    "trailing_activation_r": "it is called trail_after_r",
    "default_stop_atr_multiplier": "the stop is sl_ratio × 2 × ATR away",
    "max_daily_loss_pct": "the limit of a day is max_daily_loss_r, in multiples of the risk of a trade",
    "max_consecutive_losses": "there is no limit of losses in a row; drawdown_halt ends the trading",
    "use_session_limits": "leave the signals outside of the session out before you pass them",
    "session_start": "leave the signals outside of the session out before you pass them",
    "session_end": "leave the signals outside of the session out before you pass them",
    "volatility_atr_threshold": "leave the signals of quiet bars out before you pass them",
    "min_volume_ratio": "leave the signals of bars with little volume out before you pass them",
    "strategies": "leave the signals of the other strategies out by their client_tag before you pass them",
}
"""Settings of Valvulin that Wickwork does not have, and what to do instead."""
_RANGES = {
    "initial_equity": (1e-9, 1e15),
    "risk_per_trade_pct": (1e-9, 100.0),
    "rr_ratio": (1e-9, 1000.0),
    "sl_ratio": (1e-9, 1000.0),
    "commission_pct": (0.0, 50.0),
    "maker_commission_pct": (-1.0, 50.0),
    "taker_commission_pct": (0.0, 50.0),
    "slippage_pct": (0.0, 50.0),
    "atr_period": (1, 5000),
    "trail_after_r": (1e-9, 1000.0),
    "trail_atr_multiplier": (1e-9, 1000.0),
    "max_daily_loss_r": (-1e6, -1e-9),
    "drawdown_slowdown": (1e-9, 1.0),
    "drawdown_halt": (1e-9, 1.0),
    "leverage": (1.0, 100.0),
}
_MAY_BE_NONE = (
    "maker_commission_pct",
    "taker_commission_pct",
    "trail_atr_multiplier",
    "max_daily_loss_r",
    "drawdown_slowdown",
    "drawdown_halt",
)
MINIMUM_RR = 1.5
"""A take profit is at least that many times the base distance away."""


@dataclass(frozen=True)
class BacktestSettings:
    """How signals are traded. Percentages are in percent: 1 is 1 %.

    Raises InputError for a value out of its range, and for a setting that Wickwork does not have.
    """

    initial_equity: float = 1000.0
    risk_per_trade_pct: float = 1.0
    """What a trade loses at its stop, costs apart, in percent of the equity at the decision."""
    rr_ratio: float = 2.0
    """The distance of the take profit in multiples of the base distance, 2 × ATR; at least 1.5 is used."""
    sl_ratio: float = 1.0
    """The distance of the stop loss in multiples of the base distance."""
    commission_pct: float = 0.04
    """The fee of each fill in percent of its value, where it has none of the following two."""
    maker_commission_pct: float | None = None
    taker_commission_pct: float | None = None
    slippage_pct: float = 0.02
    """What market and stop orders pay above the price, in percent; limit orders and take profits pay none."""
    atr_period: int = 14
    """Bars of the average true range: a simple mean, of the bars before that of the signal."""
    break_even: bool = True
    """Whether the stop loss moves to the entry price after `trail_after_r`."""
    trail_after_r: float = 1.0
    """The gain, in multiples of the distance to the stop loss, from which on the stop moves and trails."""
    trail_atr_multiplier: float | None = 3.0
    """The distance of the trailing stop in multiples of the ATR at the signal; None for no trailing stop."""
    max_daily_loss_r: float | None = -2.0
    """Result of a day (UTC), open losses and costs included, from which on it has no further entry; None: no limit."""
    drawdown_slowdown: float | None = 0.08
    """Drawdown, as a share of the highest equity, from which on a trade risks half; None: never."""
    drawdown_halt: float | None = 0.10
    """Drawdown, as a share of the highest equity, after which nothing is entered any more; None: never."""
    leverage: float = 3.0
    """How many times the equity a position may be worth.

    With leverage n a position is liquidated about 1/n away from its entry, so stops must be nearer than that."""
    export_directory: Any = None
    """A folder that gets the tables of the result; None for none."""

    def __new__(cls, *args: Any, **given: Any) -> Self:
        """Refuse settings that are none, before the constructor would fail on them."""
        known = [one.name for one in fields(cls)]
        for name in given:
            if name in _ABSENT:
                raise InputError(f"Wickwork has no setting {name}: {_ABSENT[name]}.")
            if name not in known:
                raise InputError(f"There is no setting {name!r}.{did_you_mean(name, known)}")
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is None and name in _MAY_BE_NONE:
                continue
            if isinstance(value, bool) or not is_finite(value) or not low <= value <= high:
                raise InputError(f"{name} is a number from {low:g} to {high:g}, was {value!r:.60}.")
        if self.atr_period != int(self.atr_period):
            raise InputError(f"atr_period is a whole number of bars, was {self.atr_period}.")
        if self.export_directory is not None:
            path_of(self.export_directory, "A result")
        if not isinstance(self.break_even, bool):
            raise InputError(f"break_even is True or False, was {self.break_even!r:.60}.")

    def changed(self, changes: Mapping[str, Any]) -> BacktestSettings:
        """The same with other values by name; None changes only what may be None. Raises as the constructor does."""
        return replace(self, **{name: x for name, x in changes.items() if x is not None or name in _MAY_BE_NONE})

    @property
    def terms(self) -> Terms:
        """The terms of the simulated venue: those of a perpetual without funding."""
        maker = self.commission_pct if self.maker_commission_pct is None else self.maker_commission_pct
        taker = self.commission_pct if self.taker_commission_pct is None else self.taker_commission_pct
        return Terms(
            capital=float(self.initial_equity),
            maker_fee=maker / 100,
            taker_fee=taker / 100,
            slippage=self.slippage_pct / 100,
            leverage=float(self.leverage),
            funding_rate=0.0,
        )


def settings_of(settings: Any, changes: Mapping[str, Any]) -> BacktestSettings:
    """Settings that are given as such, as a mapping of them, or not at all, with changes. Raises InputError else."""
    if isinstance(settings, Mapping):
        return BacktestSettings(**{**settings, **changes})
    if settings is not None and not isinstance(settings, BacktestSettings):
        raise InputError(f"settings= takes BacktestSettings or a mapping, was given {settings!r:.60}.")
    return BacktestSettings(**changes) if settings is None else settings.changed(changes)
