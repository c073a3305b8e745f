"""Rules for nodes that place, change and cancel orders.

An exec wire is a condition of the same bar, so every order of a chain has the condition of its first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from wickwork.compat.pve.order_reading import known_number, newest_conditions, read_condition
from wickwork.compat.pve.table import CONDITION, ORDER, TOO_SMALL, Row
from wickwork.compat.pve.values import Builder, LeftOut, Port, Role, Unfit, Value

FILLS = {
    "market": "Fills at the next open (PVE: at the close of the deciding bar).",
    "limit": "Fills at the open where the price gaps through the limit (PVE: at the limit).",
    "stop": "A stop order: fills at the open where the price gaps through the trigger (PVE: at the trigger).",
}
EXIT = "It exits a position, so it is reduce-only: two exits in one bar cannot turn the position (PVE: they do)."


def create_order(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """Limit and market orders."""
    trigger, side, is_limit, price, quantity = inputs
    _need(row, inputs, (0, 1, 2, 4))
    if price.nothing and is_limit.fixed is True:
        raise LeftOut("nothing comes to its Price, so PVE cannot place the limit order")
    if price.nothing and is_limit.fixed is None:
        b.warn("Nothing comes to its Price: only market orders are placed.")
    kinds = [] if price.nothing else [("limit", {"price": price}, {"price": 3})]
    kinds += [("market", {}, {})]
    chosen = [kind for kind in kinds if is_limit.fixed is None or is_limit.fixed == (kind[0] == "limit")]
    return _place(b, trigger, side, is_limit, quantity, chosen, 4)


def create_conditional_order(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """Stop orders: a buy above its trigger, a sell below it."""
    trigger, side, price, quantity = inputs
    _need(row, inputs, (0, 1, 2, 3))
    kind = ("stop", {"stop": price}, {"stop": 2})
    return _place(b, trigger, side, Value(CONDITION, fixed=False), quantity, [kind], 3)


Kind = tuple[str, dict[str, Value], dict[str, int]]
"""The `order` of place_order, its price wire, and the PVE input of that."""


def _need(row: Row, inputs: Sequence[Value], slots: tuple[int, ...]) -> None:
    for slot in slots:
        if inputs[slot].nothing:
            raise LeftOut(f"nothing comes to its {row.inputs[slot].label}, so PVE never acts on it")
    if inputs[0].fixed is False:
        raise LeftOut("its Exec is never GO")


def _place(
    b: Builder, trigger: Value, side: Value, is_limit: Value, quantity: Value, kinds: Sequence[Kind], slot: int
) -> tuple[Value, ...]:
    """One action for each side and type that the order may have."""
    size = magnitude(b, quantity, "size")
    sides = [one for one in ("buy", "sell") if side.fixed is None or side.fixed == (one == "buy")]
    several = len(sides) * len(kinds) > 1
    is_exit = side.fixed is not None and _is_exit(trigger, 1 if side.fixed else -1)
    names = []
    for one in sides:
        when = trigger
        if len(sides) > 1:
            when = b.both(trigger, side if one == "buy" else b.opposite(side, "is_sell"), f"when_{one}")
        for kind, prices, price_slots in kinds:
            now = when
            if is_limit.fixed is None and len(kinds) > 1:
                test = is_limit if kind == "limit" else b.opposite(is_limit, "is_market")
                now = b.both(when, test, f"when_{one}_{kind}" if len(sides) > 1 else f"when_{kind}")
            suffix = "_".join(
                ([one] if len(sides) > 1 else []) + ([kind] if is_limit.fixed is None and len(kinds) > 1 else [])
            )
            params: dict[str, object] = {"side": one, "order": kind} | ({"reduce_only": True} if is_exit else {})
            name = b.add(
                "place_order",
                {"when": now, "size": size, **prices},
                suffix=suffix,
                params=params,
                slots={"size": slot, **price_slots} | ({} if several else {"when": 0}),
                properties=_side_properties(b, side, is_limit, several, kind),
            )
            b.draft.actions[name] = Role(1 if one == "buy" else -1, kind == "market", is_exit)
            names.append(name)
    b.notes += [FILLS[kind] for kind, _, _ in kinds] + [TOO_SMALL]
    if is_exit:
        b.notes.append(EXIT)
    elif several:
        b.warn("Its side or type changes from bar to bar, so it is never treated as an exit: it may turn the position.")
    made = frozenset(b.draft.actions[name] for name in names)
    chain = _go_on(b, trigger, [quantity, *(value for _, prices, _ in kinds for value in prices.values())])
    return replace(chain, origin=None, after=trigger.after | made), Value(ORDER, orders=tuple(names))


def _go_on(b: Builder, trigger: Value, values: Sequence[Value]) -> Value:
    """The exec wire after an order: it is not GO where a value is missing, without which the order is not placed."""
    for place, value in enumerate(values):
        if 0 in b.linked and not value.known:
            test = b.add("equal", {"a": value, "b": value}, suffix=f"known_{place}")
            trigger = b.both(trigger, Value(CONDITION, (test, "value")), f"placed_{place}")
    return trigger


def _side_properties(b: Builder, side: Value, is_limit: Value, several: bool, kind: str) -> dict[str, tuple[str, str]]:
    """The constants behind the parameters `side` and `order`."""
    found = {}
    if not several and side.origin and side.wire is None:
        found["side"] = (side.origin[0], "value")
    if not several and is_limit.origin and is_limit.wire is None and kind != "stop":
        found["order"] = (is_limit.origin[0], "value")
    return found


def _is_exit(trigger: Value, side: int) -> bool:
    """Whether an order of that side closes what entries before it opened.

    It follows a market order of the other side in its chain, or the fill of an order of the other side that is itself
    no exit.
    """
    if any(one.is_market and one.side == -side and not one.exit for one in trigger.after):
        return True
    return bool(trigger.filled) and all(one.side == -side and not one.exit for one in trigger.filled)


def magnitude(b: Builder, value: Value, suffix: str) -> Value | Port:
    """A quantity without its sign, as PVE takes it."""
    if value.positive:
        return value
    return b.add("absolute", {"value": value}, suffix=suffix), "value"


def cancel_all(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """Cancel all working orders."""
    (trigger,) = inputs
    _need(row, inputs, (0,))
    if trigger.after:
        b.warn(
            "It follows an order in one exec chain: PVE cancels that order too, Wickwork cancels what worked before."
        )
    b.add("cancel_orders", {"when": trigger}, slots={"when": 0})
    return (replace(trigger, origin=None),)


def cancel_order(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """Cancel the working orders of an order node."""
    trigger, order = inputs
    _need(row, inputs, (0, 1))
    if order.unknown:
        raise Unfit("it cancels an order of a node that could not be imported")

    def build() -> None:
        for place, (action, newest) in enumerate(newest_conditions(b, order)):
            mark = f"{place}" if newest else ""
            when = b.both(trigger, Value(CONDITION, newest), f"when_{mark}") if newest else trigger
            slots = {} if newest else {"when": 0, "order": 1}
            b.add("cancel_orders", {"when": when, "order": (action, "order")}, suffix=mark, slots=slots)

    _now_or_later(b, order, build)
    return (_if(b, trigger, lambda: known_number(b, order)),)


def modify_order(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """Change price and quantity of an order; what is missing stays as it is."""
    trigger, order, price, quantity = inputs
    _need(row, inputs, (0, 1))
    if order.unknown:
        raise Unfit("it changes an order of a node that could not be imported")
    if price.nothing and quantity.nothing:
        b.notes.append("Neither price nor quantity is wired: it changes nothing and is left out.")
        return replace(trigger, origin=None), replace(order, origin=None)

    def build() -> None:
        for place, (action, newest) in enumerate(newest_conditions(b, order)):
            mark = f"{place}" if newest else ""
            when = b.both(trigger, Value(CONDITION, newest), f"when_{mark}") if newest else trigger
            _modify(b, when, action, price, quantity, mark, single=newest is None)

    _now_or_later(b, order, build)
    chain = _if(b, trigger, lambda: read_condition(b, order, ("working",), "open"))
    return chain, replace(order, origin=None)


def _if(b: Builder, trigger: Value, test: Callable[[], Value]) -> Value:
    """The exec wire after a change: in PVE it is GO only where there was an order to change."""
    return replace(b.both(trigger, test(), "done") if 0 in b.linked else trigger, origin=None)


def _modify(b: Builder, when: Value, action: str, price: Value, quantity: Value, mark: str, *, single: bool) -> None:
    size = None if quantity.nothing else magnitude(b, quantity, "quantity")
    given = {"price": None if price.nothing else price, "quantity": size}
    slots = {"when": 0, "order": 1} | {port: 2 + place for place, port in enumerate(given) if given[port] is not None}
    wires = {"when": when, "order": (action, "order"), **given}
    b.add("modify_orders", wires, suffix=mark, slots=slots if single else {})


def _now_or_later(b: Builder, order: Value, build: Callable[[], None]) -> None:
    """Build at once, or, where any order may be meant, when all order nodes are there."""
    if order.last:
        b.draft.later.append(build)
    else:
        build()
