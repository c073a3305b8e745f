"""The rules of a Valvulin backtest as a graph over columns of signals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wickwork.compat.valvulin.settings import MINIMUM_RR, BacktestSettings
from wickwork.compat.valvulin.signals import TradeSignal
from wickwork.strategies import trade
from wickwork.strategies.strategy import Strategy
from wickwork.strategies.vocabulary import ta

LIMIT, STOP, TARGET, QUANTITY = "limit_price", "own_stop_loss", "own_take_profit", "most_quantity"
SIGNAL, HALTED, DAY_R, DIRECTION = "any_signal", "halted", "day_r", "direction"
FLAT = 0.0
ROUNDING = 1e-9
"""Two losses of 1 R that add up to slightly less than 2 R are 2 R."""


@dataclass(frozen=True)
class EntryKind:
    """Signals that one action enters: those of one side, with the same kinds of prices of their own."""

    side: str
    limit: bool
    stop: bool
    target: bool

    @staticmethod
    def of(signal: TradeSignal) -> EntryKind:
        """The kind of a signal."""
        own = (signal.limit, signal.stop_loss, signal.take_profit)
        return EntryKind(signal.side, *(price is not None for price in own))

    @property
    def name(self) -> str:
        """The name of its action and of its column, such as `buy_limit_stop`."""
        words = [word for word in ("limit", "stop", "target") if getattr(self, word)]
        return "_".join([self.side.lower(), *words])

    @property
    def column(self) -> str:
        """The name of the column that is 1 on the bars of these signals."""
        return f"signal_{self.name}"


def strategy_of(settings: BacktestSettings, kinds: Iterable[EntryKind]) -> Strategy:
    """The graph that trades signals of these kinds, which the bars carry as columns."""
    with Strategy("Valvulin backtester") as s:
        close = s.bars.close
        signal = s.column(SIGNAL) > 0
        direction = ta.if_missing(ta.position_direction(), FLAT, name=DIRECTION)
        atr = ta.if_missing(ta.previous(ta.sma(ta.true_range(), period=int(settings.atr_period))), 0.0)
        base = ta.choose(atr > 0, 2 * atr, 0.01 * close, name="base_distance")

        reference = ta.if_missing(s.column(LIMIT), close)
        stop_distance = ta.if_missing(
            ta.absolute(reference - s.column(STOP)), settings.sl_ratio * base, name="stop_distance"
        )
        drawdown = ta.drawdown()
        risk = settings.risk_per_trade_pct / 100 * ta.equity()
        if settings.drawdown_slowdown is not None:
            risk = ta.choose(drawdown >= 100 * settings.drawdown_slowdown, 0.5 * risk, risk, name="risk")
        risked = risk / stop_distance
        quantity = ta.min(risked, ta.if_missing(s.column(QUANTITY), risked), name="size")

        free = direction == FLAT
        if settings.drawdown_halt is not None:
            free &= ~ta.latch(drawdown >= 100 * settings.drawdown_halt, False, name=HALTED)
        entered = signal & (direction == FLAT)
        if settings.max_daily_loss_r is not None:
            free &= _result_of_day(entered, quantity * stop_distance) > settings.max_daily_loss_r + ROUNDING
        if any(kind.limit for kind in kinds):
            trade.cancel(when=signal & free, name="replace_limit")
        entries = [_enter(s, kind, settings, free, quantity, base) for kind in kinds]
        if settings.break_even:
            _move_to_break_even(s, entered, stop_distance, settings.trail_after_r, zip(kinds, entries, strict=True))
    return s


def _result_of_day(entered: Any, risk: Any) -> Any:
    """The change of equity since the day began, each bar's in multiples of the risk of the trade that is open."""
    at_risk = ta.previous(ta.value_when(entered, risk))
    total = ta.cumulative_sum(ta.if_missing(ta.change(ta.equity()) / at_risk, 0.0))
    before = ta.if_missing(ta.value_when(ta.new_period(anchor="day"), ta.previous(total)), 0.0)
    return ta.subtract(total, before, name=DAY_R)


def _enter(s: Strategy, kind: EntryKind, settings: BacktestSettings, free: Any, quantity: Any, base: Any) -> Any:
    """The action of these signals, with its stop loss, take profit and trailing stop."""
    reward = max(float(settings.rr_ratio), MINIMUM_RR)
    options: dict[str, Any] = {"size": trade.quantity(quantity), "atr": base, "name": kind.name}
    options["stop_loss"] = trade.price(s.column(STOP)) if kind.stop else trade.atr(settings.sl_ratio)
    if kind.target:
        options["take_profit"] = trade.price(s.column(TARGET))
    else:
        options["take_profit"] = trade.r(reward) if kind.stop else trade.atr(reward)
    if settings.trail_atr_multiplier is not None:
        options["trailing"] = trade.atr(settings.trail_atr_multiplier / 2)
        options["trailing_after"] = trade.r(settings.trail_after_r)
    if kind.limit:
        options["limit"] = s.column(LIMIT)
    enter = trade.buy if kind.side == "BUY" else trade.short
    return enter(when=(s.column(kind.column) > 0) & free, **options)


def _move_to_break_even(s: Strategy, entered: Any, distance: Any, after: float, entries: Iterable[Any]) -> None:
    """Move the stop loss to the entry price at the close of the bar in which the gain reaches `after` R."""
    average = ta.average_price()
    own_stop = ta.value_when(entered, s.column(STOP))
    r = ta.if_missing(ta.absolute(average - own_stop), ta.value_when(entered, distance), name="r")
    gains: Mapping[str, Any] = {
        "BUY": ta.highest_since_entry() - average,
        "SELL": average - ta.lowest_since_entry(),
    }
    reached = {side: ta.becomes_true(ta.if_missing(gain >= after * r, False)) for side, gain in gains.items()}
    for kind, entry in entries:
        entry.modify(when=reached[kind.side], leg="stop_loss", price=average, name=f"{kind.name}_break_even")
