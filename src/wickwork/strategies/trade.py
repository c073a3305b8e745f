"""`trade`: the actions of a strategy. Each adds an action node to the strategy of its `when` wire.

trade.buy(when=up, size=trade.percent_of_equity(95), stop_loss=trade.percent(2), take_profit=trade.r(3))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wickwork.model.errors import InputError
from wickwork.nodes import builtin
from wickwork.strategies.order_wires import OrderWires
from wickwork.strategies.strategy import Wire

TARGETS = ("take_profit", "take_profit_2", "take_profit_3", "take_profit_4")
"""The inputs of a node for its take profits."""
PRICES = ("limit", "stop", "market_if_touched")
"""Options of an entry that name the kind of its order and the price of it."""
FUNCTIONS = {
    "cancel_orders": "cancel",
    "close_position": "close",
    "enter_long": "buy",
    "enter_short": "short",
    "grid": "grid",
    "ladder": "ladder",
    "modify_orders": "modify",
    "notify": "notify",
    "place_order": "place",
    "rebalance": "rebalance",
    "reverse": "reverse",
}
"""The function of this module that adds each action."""


@dataclass(frozen=True)
class Size:
    """How large an order is to be."""

    mode: str
    amount: Any


@dataclass(frozen=True)
class Level:
    """How far away a stop loss, take profit or trailing stop is to be."""

    mode: str
    amount: Any
    period: int = 14


@dataclass(frozen=True)
class Target:
    """A take profit for a share of the quantity."""

    level: Level
    share: Any
    """In percent; None: as much as every other one."""


class Orders(OrderWires):
    """The orders of one action: what every action returns. Legs of brackets belong to the action of their entry.

    `entry = trade.buy(…)`, then `entry.modify(when=…, leg="stop_loss", price=…)` or `entry.cancel(when=…)`: of each
    instrument these mean all working orders that the action has placed, and no others. `entry.filled`, `entry.price`
    and so on are wires, see `OrderWires`.
    """

    __slots__ = ()

    def modify(self, when: Wire, **options: Any) -> Orders:
        """Change the price or quantity of these orders; see `trade.modify`."""
        return modify(when, self, **options)

    def cancel(self, when: Wire, **options: Any) -> Orders:
        """Cancel these orders, also their legs, or one leg of theirs alone; see `trade.cancel`."""
        return cancel(when, self, **options)


def quantity(amount: Any) -> Size:
    """So many base units (1.5 means 1.5 BTC on BTC/USDT). A number or a wire."""
    return Size("quantity", amount)


def quote(amount: Any) -> Size:
    """As much as that amount of quote currency buys."""
    return Size("quote", amount)


def percent_of_equity(percent: Any) -> Size:
    """A percentage of the account's equity, costs included."""
    return Size("percent_of_equity", percent)


def percent_of_cash(percent: Any) -> Size:
    """A percentage of the account's cash, costs included: what positions hold does not count."""
    return Size("percent_of_cash", percent)


def risk_percent(percent: Any) -> Size:
    """As much as loses that percentage of equity when the stop loss is hit."""
    return Size("risk_percent", percent)


def price(amount: Any) -> Level:
    """A price: a number or a wire."""
    return Level("price", amount)


def percent(amount: Any) -> Level:
    """A percentage of the entry price."""
    return Level("percent", amount)


def amount(amount: Any) -> Level:
    """A distance in quote units (trailing stops only)."""
    return Level("amount", amount)


def atr(multiple: Any, period: int = 14) -> Level:
    """A multiple of the average true range at the decision."""
    return Level("atr", multiple, period)


def r(multiple: Any) -> Level:
    """A multiple of the distance to the stop loss."""
    return Level("r", multiple)


def target(level: Level, share: Any = None) -> Target:
    """One of several take profits, which closes `share` percent of the quantity that was entered.

    `take_profit=[trade.target(trade.percent(2), share=50), trade.target(trade.percent(5), share=50)]`; up to four,
    whose shares add up to at most 100: what they leave is for the stop loss and the trailing stop.
    """
    return Target(level, share)


def buy(when: Wire, size: Size | None = None, **options: Any) -> Orders:
    """Enter long when `when` is true and the instrument is flat; see the node `enter_long` for all options.

    `stop_loss=`, `take_profit=` and `trailing=` take levels (`trade.percent(2)`); `take_profit=` also a list of up to
    four targets, each for a share of the quantity: `[trade.target(trade.percent(2), share=50), …]`, or of levels, with
    equal shares. `trailing_after=trade.percent(2)` lets the trailing stop follow only once that much has been gained.
    `limit=`, `stop=` or `market_if_touched=` make it an entry at that price, `stop=` and `limit=` together a stop-limit
    entry. `trail=` (`trade.percent(2)` or `trade.amount(5)`) enters when the price has come back that far from its
    extreme.
    """
    return _enter("enter_long", when, size, options)


def short(when: Wire, size: Size | None = None, **options: Any) -> Orders:
    """Enter short when `when` is true and the instrument is flat (perpetuals only); options as for `buy`."""
    return _enter("enter_short", when, size, options)


def reverse(when: Wire, size: Size | None = None, **options: Any) -> Orders:
    """Close what is held and enter on the other side."""
    return _add("reverse", when, _joined(_size(size), _levels(options), options))


def close(when: Wire, percent: Any = 100.0, **options: Any) -> Orders:
    """Close the position, or a percentage of it, at market."""
    return _add("close_position", when, {"percent": percent, **options})


def place(when: Wire, side: str, size: Size, **options: Any) -> Orders:
    """Place one order, whatever is held: `order=` market, limit, stop, stop_limit or trailing.

    With `oco_with=other`, the orders of another action, what one of them fills is taken from the others, so that one
    cancels the other. See the node `place_order`.
    """
    given = _joined(_size(size), _trail(options), _levels(options), options)
    return _add("place_order", when, {"side": side, **given})


def grid(when: Wire, size: Size | None = None, spacing: Level | None = None, **options: Any) -> Orders:
    """Keep limit orders working at levels below and above the price; see the node `grid` for all options.

    `spacing=` is `trade.percent(0.5)`, `trade.amount(50)` or `trade.atr(1)` (of the start). `until=` is a condition
    that ends the grid and cancels its orders; with `close=True` what is held is then closed at market.

    trade.grid(when=calm, size=trade.quote(500), spacing=trade.percent(0.5), levels=8, until=close < 20_000)

    Raises InputError for a size by risk, and for an `until` that is not a wire.
    """
    until, close_then, name = options.pop("until", None), options.pop("close", False), options.get("name")
    if size is not None and isinstance(size, Size) and size.mode == "risk_percent":
        raise InputError("A grid has no stop loss to take its size from; give quantity, quote or percent_of_equity.")
    options = _joined(_size(size), {} if spacing is None else _spacing(when, spacing), options)
    if until is None:
        return _add("grid", when, options)
    if not isinstance(until, Wire):
        raise InputError(f"grid: until= needs a condition wire, was given {until!r}.")
    made = _add("grid", when & ~until, options)
    cancel(when=until, order=made, **({"name": f"{name}_end"} if name else {}))
    if close_then:
        close(when=until, **({"name": f"{name}_close"} if name else {}))
    return made


def ladder(when: Wire, side: str, size: Size | None = None, spacing: Level | None = None, **options: Any) -> Orders:
    """Place several limit orders at once, each farther from the price than the one before; see the node `ladder`.

    trade.ladder(when=begin, side="buy", size=trade.quote(25), spacing=trade.percent(1), levels=4, size_growth=1.5)

    `spacing=` is `trade.percent(1)`, `trade.amount(50)` or `trade.atr(1)`. Raises InputError for a size by risk.
    """
    if isinstance(size, Size) and size.mode not in ("quantity", "quote", "percent_of_equity"):
        raise InputError(f"A ladder takes quantity, quote or percent_of_equity as its size, not {size.mode}.")
    given = _joined(_size(size), {} if spacing is None else _spacing(when, spacing), options)
    return _add("ladder", when, {"side": side, **given})


def rebalance(when: Wire, weight: Any, **options: Any) -> Orders:
    """Bring the position to `weight` percent of equity at market, whenever `when` is true.

    `weight` is a wire (mostly of `ta.target_weights`) or a number; below 0 it is a short, 0 closes the position.
    `tolerance=` is the difference in percent of equity (1 by default) below which nothing is traded.
    """
    return _add("rebalance", when, {"weight": weight, **options})


def notify(when: Wire, message: str, **options: Any) -> Orders:
    """Record a message on every bar on which `when` is true; it places nothing.

    `message` may show up to four values (`a=` to `d=`) and the instrument, and `level=` is info, warning or error:
    `trade.notify(when=low, message="RSI {a:.1f} on {instrument}", a=rsi, level="warning")`.
    """
    return _add("notify", when, {"message": message, **options})


def cancel(when: Wire, order: Wire | None = None, **options: Any) -> Orders:
    """Cancel the working orders of one action, or all of them.

    `order` is what the action returned; with `legs=True` stop losses, take profits and trailing stops go, too, with
    `leg="take_profit"` (or `"stop_loss"`, `"trailing"`) that leg alone, with `target=2` the second of several targets.
    """
    _refuse_target(options)
    return _add("cancel_orders", when, {**({"order": order} if order is not None else {}), **options})


def modify(when: Wire, order: Wire, **options: Any) -> Orders:
    """Change the price or quantity of the working orders of one action; `order` is what the action returned.

    With `leg="stop_loss"` or `leg="take_profit"` the price of that leg of its entries:
    `trade.modify(when=close > 1.02 * entry_price, order=entry, leg="stop_loss", price=entry_price)`. Of several take
    profits `target=2` means the second one.
    """
    _refuse_target(options)
    return _add("modify_orders", when, {"order": order, **options})


def _refuse_target(options: dict[str, Any]) -> None:
    if "target" in options and options.get("leg") != "take_profit":
        raise InputError('target= is the number of a take profit; it needs leg="take_profit".')


def _enter(node: str, when: Wire, size: Size | None, options: dict[str, Any]) -> Orders:
    extra: dict[str, Any] = _trail(options)
    given = [name for name in PRICES if name in options] + (["trail"] if extra else [])
    if given == ["limit", "stop"]:
        extra = {"order": "stop_limit", "price": options.pop("limit"), "stop": options.pop("stop")}
    elif len(given) > 1:
        raise InputError(
            f"An entry is one order; give one of {', '.join(f'{name}=' for name in given)} (or stop= with limit=)."
        )
    elif given == ["trail"]:
        extra["order"] = "trailing"
    elif given:
        extra = {"order": given[0], "price": options.pop(given[0])}
    return _add(node, when, _joined(_size(size), extra, _levels(options), options))


def _joined(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """All inputs and parameters of a node; InputError where two arguments set the same one."""
    found: dict[str, Any] = {}
    for name, value in (pair for part in parts for pair in part.items()):
        if name in found and found[name] is not value:
            raise InputError(f"{name}= was given twice: another argument, such as a level or a size, sets it already.")
        found[name] = value
    return found


def _trail(options: dict[str, Any]) -> dict[str, Any]:
    """Take the distance of a trailing order out of the options, as input and parameter of the node."""
    trail = options.pop("trail", None)
    if trail is None:
        return {}
    if not isinstance(trail, Level):
        raise InputError("trail needs trade.percent(…) or trade.amount(…).")
    if trail.mode not in ("percent", "amount"):
        raise InputError(f"A trailing order keeps a percent or an amount, not {trail.mode!r}.")
    return {"trail": trail.amount, "trail_as": trail.mode}


def _add(node: str, when: Any, options: dict[str, Any]) -> Orders:
    if not isinstance(when, Wire):
        raise InputError(f"{node}: when= needs a condition wire, was given {when!r}.")
    period = options.pop("atr_period", None)
    if period is not None and "atr" not in options:
        options["atr"] = when.strategy.add(builtin()["atr"], (), {"period": period})
    made = when.strategy.add(builtin()[node], (), {"when": when, **options})
    return Orders(made.strategy, made.node, made.port, made.type)


def _size(size: Any) -> dict[str, Any]:
    if size is None:
        return {}
    if not isinstance(size, Size):
        known = "trade.quantity, quote, percent_of_equity, percent_of_cash or risk_percent"
        raise InputError(f"size needs {known}, was given {size!r}.")
    return {"size": size.amount, "size_as": size.mode}


def _spacing(when: Any, spacing: Any) -> dict[str, Any]:
    """The distance of a grid's levels as input and parameter of the node."""
    if not isinstance(spacing, Level) or spacing.mode not in ("percent", "amount", "atr"):
        raise InputError(f"spacing needs trade.percent(…), trade.amount(…) or trade.atr(…), was given {spacing!r}.")
    if spacing.mode != "atr":
        return {"spacing": spacing.amount, "spacing_as": spacing.mode}
    if not isinstance(when, Wire):
        raise InputError(f"grid: when= needs a condition wire, was given {when!r}.")
    range_ = when.strategy.add(builtin()["atr"], (), {"period": spacing.period})
    return {"spacing": range_ * spacing.amount, "spacing_as": "amount"}


def _shares(options: dict[str, Any]) -> dict[str, Any]:
    """Replace targets in the options by a level for each, and return their shares as parameters of the node."""
    given = options.get("take_profit")
    if not isinstance(given, (Target, list, tuple)):
        return {}
    targets = [given] if isinstance(given, Target) else list(given)
    if not 1 <= len(targets) <= len(TARGETS):
        raise InputError(f"take_profit takes one to {len(TARGETS)} targets, was given {len(targets)}.")
    targets = [one if isinstance(one, Target) else Target(one, None) for one in targets]
    without = [one.share is None for one in targets]
    if any(without) and not all(without):
        raise InputError("Give all targets a share in percent, or none: then the shares are equal.")
    for name, one in zip(TARGETS, targets, strict=False):
        if one.level is None or (name != "take_profit" and options.get(name) is not None):
            raise InputError(
                f"{name}: take_profit has a list, so each target is a level such as trade.percent(2) in it."
            )
    equal = 100.0 / len(targets)
    options |= {name: one.level for name, one in zip(TARGETS, targets, strict=False)}
    return {
        f"{name}_share": equal if one.share is None else one.share for name, one in zip(TARGETS, targets, strict=False)
    }


def _levels(options: dict[str, Any]) -> dict[str, Any]:
    """Take the levels out of the options and return them as inputs and parameters of the node."""
    result: dict[str, Any] = _shares(options)
    for leg in ("stop_loss", *TARGETS, "trailing", "trailing_after"):
        level = options.pop(leg, None)
        if level is None:
            continue
        if not isinstance(level, Level):
            raise InputError(f"{leg} needs a level such as trade.percent(2) or trade.atr(3), was given {level!r}.")
        result |= {leg: level.amount, f"{leg}_as": level.mode}
        if level.mode == "atr":
            if "atr_period" in result and result["atr_period"] != level.period:
                raise InputError("All ATR levels of one entry share one period.")
            result["atr_period"] = level.period
    return result
