"""What is refused of events, before anything is written down or changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.engine.bot import Bot
from wickwork.graph.types import (
    CANCEL,
    GRID,
    LEG_DISTANCE,
    LEG_NONE,
    LEG_PRICE,
    LEG_R,
    LEG_SHARE,
    REBALANCE,
    REVERSE,
    TIMES_IN_FORCE,
    Intent,
)
from wickwork.model.errors import InputError
from wickwork.model.events import (
    Amended,
    BalanceReported,
    BarsClosed,
    Canceled,
    Event,
    Filled,
    FundingPaid,
    Liquidated,
    OrderReport,
    OrderRequested,
    Report,
    TradingStateChanged,
    Triggered,
)
from wickwork.model.finite import is_finite
from wickwork.model.order_kinds import KIND_NAMES, LIQUIDATION, PLACEABLE_CODES
from wickwork.orders.records import FILLED, REASONS, SHARED, WORKING
from wickwork.orders.submit import LEGS_MEANT
from wickwork.risk.gate import known_state

_ABOVE_ZERO = {Filled: ("quantity", "price"), Liquidated: ("price",), Amended: ("price", "quantity", "trigger")}
_FINITE = {
    Filled: ("fee", "slippage"),
    Liquidated: ("fee",),
    FundingPaid: ("amount",),
    BalanceReported: ("total", "available"),
}
_KINDS = tuple(name for code, name in enumerate(KIND_NAMES) if code != LIQUIDATION)
_ALLOWED: Mapping[type[Any], tuple[str, tuple[str, ...]]] = {
    Filled: ("liquidity", ("maker", "taker")),
    Canceled: ("reason", tuple(word for code, word in enumerate(REASONS) if code not in (WORKING, FILLED, SHARED))),
    Triggered: ("kind", _KINDS),
}
_TARGETS_AS = ("take_profit_as", "take_profit_2_as", "take_profit_3_as", "take_profit_4_as")
_FLAG = range(2)
_COUNT = range(1 << 31)
_ALLOWED_CODES: Mapping[str, Any] = {
    "verb": range(CANCEL, REBALANCE + 1),
    "kind": PLACEABLE_CODES,
    "side": (-1, 0, 1),
    "size_as": range(5),
    "time_in_force": range(len(TIMES_IN_FORCE)),
    "good_for": _COUNT,
    "oco": _COUNT,
    "levels": range(1 << 10),
    # The risk R is the distance of the stop loss, so neither that nor a trailing stop without an entry has it.
    "trail_as": (LEG_NONE, LEG_SHARE, LEG_DISTANCE),
    "stop_loss_as": (LEG_NONE, LEG_PRICE, LEG_SHARE, LEG_DISTANCE),
    "leg_trail_as": (LEG_NONE, LEG_SHARE, LEG_DISTANCE, LEG_R),
    **dict.fromkeys((*_TARGETS_AS, "trail_after_as"), (LEG_NONE, LEG_PRICE, LEG_SHARE, LEG_DISTANCE, LEG_R)),
    **dict.fromkeys(("add", "reduce_only", "post_only"), _FLAG),
}


def refuse_event(bot: Bot, event: Event) -> None:
    """Raise InputError where bars, a report or a request cannot be applied; the bot stays as it was."""
    if isinstance(event, BarsClosed):
        bot.window.refuse_faults(event)
    elif isinstance(event, OrderRequested):
        _refuse_request(bot, event)
    elif isinstance(event, TradingStateChanged):
        known_state(event.state)
    elif isinstance(event, Report):
        if not bot.reported:
            raise InputError("Fills of this run are simulated; it takes no reports of a venue.")
        _refuse_report(bot, event)


def _refuse_report(bot: Bot, report: Report) -> None:
    """Raise InputError where a report has an impossible value, or names an order of this run that it never made."""
    kind = type(report)
    for name in ("at", "number"):
        value = getattr(report, name)
        if type(value) is not int or value < 0:
            raise _fault(report, name, "a whole number from 0 on")
    for name in _ABOVE_ZERO.get(kind, ()):
        value = getattr(report, name)
        if not (is_finite(value) and value > 0.0) and not (kind is Amended and value is None):
            raise _fault(report, name, "a number above 0")
    for name in _FINITE.get(kind, ()):
        if not is_finite(getattr(report, name)):
            raise _fault(report, name, "a finite number")
    if kind in _ALLOWED:
        name, words = _ALLOWED[kind]
        if getattr(report, name) not in words:
            raise _fault(report, name, f"one of: {', '.join(words)}")
    if isinstance(report, (FundingPaid, Liquidated)):
        bot.lane_of(report.instrument)
    if isinstance(report, OrderReport):
        if not isinstance(report.order, str) or not report.order:
            raise _fault(report, "order", "a client id")
        made = range(1, int(bot.machine.arrays["account"]["next_id"][0]))
        if bot.is_own(report.order) and bot.number_of(report.order)[0] not in made:
            raise InputError(f"The report {kind.__name__} names the order {report.order!r}, which the run never made.")
        if isinstance(report, Filled) and (not isinstance(report.fill, str) or not report.fill):
            raise _fault(report, "fill", "the id of an execution")


def _refuse_request(bot: Bot, wanted: OrderRequested) -> None:
    """Raise InputError where a request does not belong to the run, or has an impossible value."""
    bot.lane_of(wanted.instrument)
    if bot.bars == 0:
        raise InputError("No order can be requested before the first bar.")
    if not isinstance(wanted.intent, Mapping):
        raise InputError(f"The order that {wanted.source} requests has no fields of an intent.")
    for name, value in wanted.intent.items():
        default = Intent._field_defaults.get(name)
        if default is None:
            raise InputError(f"The order that {wanted.source} requests has a field {name!r}, which no intent has.")
        whole = isinstance(default, int)
        if not is_finite(value) or (whole and type(value) is not int):
            what = "whole" if whole else "finite"
            raise InputError(
                f"The order that {wanted.source} requests has {name} {value!r}; a {what} number is needed."
            )
        if value not in _codes_of(bot, wanted.intent, name, value):
            raise InputError(f"The order that {wanted.source} requests has {name} {value!r}, which means nothing.")


def _codes_of(bot: Bot, intent: Mapping[str, Any], name: str, value: Any) -> Any:
    """The codes that a field of an intent with this verb may have; `value` alone for a field that is no code."""
    verb = intent.get("verb")
    if type(verb) is not int:
        return _ALLOWED_CODES.get(name, (value,))  # the verb itself is refused in its turn
    if name == "side" and verb not in (GRID, REVERSE):
        return (-1, 1)
    if name == "legs":
        return LEGS_MEANT.get(verb, (0,))
    if name == "target":
        return range(-1, len(bot.machine.program.action_names))
    return _ALLOWED_CODES.get(name, (value,))


def _fault(report: Report, name: str, needed: str) -> InputError:
    """The error for a field of a report: which one, its value, and what it must be."""
    order = f" on the order {report.order!r}" if isinstance(report, OrderReport) else ""
    value = getattr(report, name)
    return InputError(f"The report {type(report).__name__}{order} has {name} {value!r}; {needed} is needed.")
