"""Rules for nodes that read orders and the position.

PVE's ID is the newest order of an order node. Here it is the action, whose `order_state` is about its newest order. An
order node whose side or type changes became several actions; the one with the newest order is then chosen on each bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wickwork.compat.pve.table import CONDITION, NUMBER, ORDER, Row
from wickwork.compat.pve.values import NOTHING, Builder, Port, Unfit, Value


def state_of(b: Builder, action: str) -> str:
    """The node that reads the orders of an action."""
    return b.shared(f"{action}_state", "order_state", {"order": (action, "order")})


def last_of(b: Builder) -> str:
    """The node that reads the newest order of the instrument."""
    return b.shared("last_order", "last_order", {})


def source_of(b: Builder, order: Value) -> str:
    """The one node that reads these orders: of one action, or the newest of all."""
    if order.unknown:
        raise Unfit("it reads an order of a node that could not be imported")
    return last_of(b) if order.last else state_of(b, order.orders[0])


def number_of(b: Builder, order: Value) -> Port:
    """The number of the newest order; missing while there is none."""
    if order.last or len(order.orders) == 1 or order.unknown:
        return source_of(b, order), "number"
    return newest_number(b, order.orders), "value"


def newest_number(b: Builder, actions: Sequence[str]) -> str:
    """The highest number among the orders of several actions; missing while there is none."""
    best = (state_of(b, actions[0]), "number")
    for action in actions[1:]:
        stem, other = f"{action}_or_before", (state_of(b, action), "number")
        mine = b.shared(f"{stem}_mine", "if_missing", {"value": other, "otherwise": best})
        theirs = b.shared(f"{stem}_theirs", "if_missing", {"value": best, "otherwise": other})
        best = (b.shared(stem, "max", {"a": (mine, "value"), "b": (theirs, "value")}), "value")
    return best[0]


def newest_conditions(b: Builder, order: Value) -> list[tuple[str, Port | None]]:
    """Each action that may have placed the order, and a condition that is true while it has; None: always."""
    if order.unknown:
        raise Unfit("it reads an order of a node that could not be imported")
    actions = tuple(b.draft.actions) if order.last else order.orders
    if len(actions) == 1 and not order.last:
        return [(actions[0], None)]
    newest = (last_of(b), "number") if order.last else (newest_number(b, actions), "value")
    return [(action, _is_newest(b, action, newest, "last" if order.last else "newest")) for action in actions]


def _is_newest(b: Builder, action: str, newest: Port, word: str) -> Port:
    """Whether an action has placed the order with that number; false before it has placed any."""
    same = b.shared(f"{action}_same_{word}", "equal", {"a": (state_of(b, action), "number"), "b": newest})
    never = b.shared("never", "always", {}, {"value": False})
    wires = {"condition": (same, "value"), "otherwise": (never, "value")}
    return b.shared(f"{action}_is_{word}", "if_condition_missing", wires), "value"


def read_number(b: Builder, order: Value, output: str, suffix: str, market_output: str = "") -> Value:
    """A number of the newest order; of market orders `market_output` instead."""

    def port(action: str) -> Port:
        is_market = action in b.draft.actions and b.draft.actions[action].is_market
        return state_of(b, action), market_output if is_market and market_output else output

    if order.last:
        own, bought = (last_of(b), output), (last_of(b), market_output)
        if not market_output:
            return Value(NUMBER, own)
        name = b.add("if_missing", {"value": own, "otherwise": bought}, suffix=suffix)
        return Value(NUMBER, (name, "value"))
    choices = newest_conditions(b, order)
    result = port(choices[-1][0])
    for place, (action, condition) in enumerate(reversed(choices[:-1])):
        wires = {"condition": condition, "then": port(action), "otherwise": result}
        result = (b.add("choose", wires, suffix=f"{suffix}_{place}"), "value")
    return Value(NUMBER, result)


def read_condition(b: Builder, order: Value, outputs: Sequence[str], suffix: str) -> Value:
    """A condition of the newest order: all these outputs are true. Missing while there is no order."""
    found: list[Port] = []
    for action, newest in [("", None)] if order.last else newest_conditions(b, order):
        state, at = (last_of(b), "last") if order.last else (state_of(b, action), action)
        parts = [(state, output) for output in outputs] + ([newest] if newest else [])
        mine = parts[0]
        for place, part in enumerate(parts[1:]):
            mine = (b.add("and", {"a": mine, "b": part}, suffix=f"{suffix}{_mark(order, at)}_{place}"), "value")
        found.append(mine)
    result = found[0]
    for place, other in enumerate(found[1:]):
        result = (b.add("or", {"a": result, "b": other}, suffix=f"{suffix}_any_{place}"), "value")
    return known_with(b, result, number_of(b, order), suffix)


def _mark(order: Value, action: str) -> str:
    """What tells nodes of several actions apart."""
    return f"_{order.orders.index(action)}" if len(order.orders) > 1 else ""


def known_with(b: Builder, condition: Port, number: Port, suffix: str) -> Value:
    """The condition, missing while the number is."""
    exists = b.add("equal", {"a": number, "b": number}, suffix="exists")
    name = b.add("strict_and", {"a": condition, "b": (exists, "value")}, suffix=suffix)
    return Value(CONDITION, (name, "value"))


def known_number(b: Builder, order: Value) -> Value:
    """True where there is an order, missing before."""
    number = number_of(b, order)
    return Value(CONDITION, (b.add("equal", {"a": number, "b": number}, suffix="exists"), "value"))


def minutes(b: Builder, bars: Port, suffix: str) -> Port:
    """A number of bars in minutes."""
    length = b.shared("bar_minutes", "bar_minutes", {})
    return b.add("multiply", {"a": bars, "b": (length, "value")}, suffix=suffix), "value"


def get_order(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """What became of the newest order of an order node."""
    (order,) = inputs
    if order.nothing:
        return (NOTHING,) * 6
    if order.unknown:
        raise Unfit("it reads an order of a node that could not be imported")
    values = [replace(order, origin=None)] + [NOTHING] * 5
    if 1 in b.linked:
        values[1] = replace(read_number(b, order, "price", "price", "average"), positive=True)
    if 2 in b.linked:
        values[2] = replace(read_number(b, order, "quantity", "quantity"), positive=True)
    if 3 in b.linked:
        age = read_number(b, order, "age", "age").wire
        values[3] = Value(NUMBER, minutes(b, age, "created")) if age else NOTHING
    if 4 in b.linked:
        filled = frozenset(b.draft.actions[action] for action in order.orders)
        values[4] = replace(read_condition(b, order, ("filled", "complete"), "executed"), filled=filled)
    if 5 in b.linked:
        values[5] = read_condition(b, order, ("working",), "open")
        b.notes.append("`Open?` is true while any order of the order node works.")
    return tuple(values)


def get_last_order(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """The newest order of the instrument."""
    order = Value(ORDER, last=True)
    values = [NOTHING, order, NOTHING, NOTHING, NOTHING]
    number = (last_of(b), "number")
    if 0 in b.linked:
        missing = b.add("is_missing", {"value": number}, suffix="none")
        values[0] = Value(
            CONDITION, (b.add("not", {"value": (missing, "value")}, suffix="exists_"), "value"), known=True
        )
    if 2 in b.linked:
        zero = b.add("number", suffix="zero", params={"value": 0.0})
        is_buy = b.add("greater", {"a": (last_of(b), "side"), "b": (zero, "value")}, suffix="side")
        values[2] = Value(CONDITION, (is_buy, "value"))
    if 3 in b.linked:
        if b.draft.has_conditional_orders:
            raise Unfit("`Normal/Conditional` (is it a limit order?) cannot be read where there are conditional orders")
        missing = b.add("is_missing", {"value": (last_of(b), "price")}, suffix="no_limit")
        is_limit = b.add("not", {"value": (missing, "value")}, suffix="has_limit")
        values[3] = known_with(b, (is_limit, "value"), number, "is_limit")
    if 4 in b.linked:
        values[4] = known_with(b, (last_of(b), "canceled"), number, "canceled")
    return tuple(values)


def get_position(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """Average price, signed quantity and age of the position."""
    values = [NOTHING, NOTHING, NOTHING]
    if 0 in b.linked or 2 in b.linked:
        price = (b.add("average_price", suffix="price"), "value")
        values[0] = Value(NUMBER, price, positive=True)
    if 1 in b.linked or 2 in b.linked:
        quantity = (b.add("position_quantity", suffix="quantity"), "value")
        values[1] = Value(NUMBER, quantity, known=True)
    if 2 in b.linked:
        held = minutes(b, (b.add("bars_held", {"bars": (b.bars(), "bars")}, suffix="held"), "value"), "minutes")
        zero = (b.add("number", suffix="zero", params={"value": 0.0}), "value")
        is_held = (b.add("not_equal", {"a": quantity, "b": zero}, suffix="is_held"), "value")
        created = b.add("choose", {"condition": is_held, "then": held, "otherwise": price}, suffix="created")
        values[2] = Value(NUMBER, (created, "value"))
    return tuple(values)
