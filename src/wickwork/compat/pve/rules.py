"""The rules of the table, but those of orders: how one PVE node becomes nodes of ours.

A rule takes the builder, the row of the table and the values of the inputs by slot, and returns those of the outputs.
It raises `LeftOut` where the node can never act, and `Unfit` where it has no counterpart.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from wickwork.compat.pve.table import AVERAGE_OF, CONDITION, EXEC, NUMBER, ORDER, TEXT, Row
from wickwork.compat.pve.values import FALSE, NOTHING, TRUE, Builder, Role, Unfit, Value, fixed_number, plain
from wickwork.nodes import builtin

Rule = Callable[[Builder, Row, Sequence[Value]], tuple[Value, ...]]
FOLDED: Mapping[str, Callable[..., float | bool]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": lambda a, b: a / b if b else math.nan,
    "clip": lambda low, high, value: max(min(low, high), min(max(low, high), value)),
    "greater": operator.gt,
    "less": operator.lt,
    "equal": operator.eq,
    "strict_and": lambda a, b: a and b,
    "strict_or": lambda a, b: a or b,
    "not": operator.not_,
}
"""What nodes give for fixed inputs, in the order of PVE's slots: a length may be computed from constants."""
NONE: frozenset[Role] = frozenset()
NOTIFY = "notify"
KEEPS_SIGN = ("add", "multiply", "divide", "clip", "highest", "lowest")
SAME_SIGN_AVERAGES = ("sma", "ema", "wma", "rma", "smma", "trima", "fwma", "pwma", "sinwma", "swma", "alma")
"""Averages with weights above 0: of prices they are above 0."""
LONGEST_WILDER = 2500
"""The longest one that an `ema` stands for, which has 2 × length − 1 bars, at most 5,000."""


def direct(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """One node of ours with the same inputs."""
    if any(value.nothing for value in inputs):
        return (NOTHING,) * len(row.outputs)
    kind = row.becomes[0]
    ports = {slot.port: value for slot, value in zip(row.inputs, inputs, strict=True)}
    name = b.add(kind, ports, slots={slot.port: place for place, slot in enumerate(row.inputs)})
    filled = [value.filled for value in inputs]
    result = Value(
        row.outputs[0].kind,
        (name, row.outputs[0].port),
        filled=frozenset().union(*filled) if kind == "strict_and" or (kind == "strict_or" and all(filled)) else NONE,
        known=all(v.known for v in inputs) and (kind != "divide" or inputs[1].positive),
        positive=kind in KEEPS_SIGN and all(v.positive for v in inputs),
    )
    if kind in FOLDED and all(isinstance(v.fixed, bool | int | float) for v in inputs):
        fixed = FOLDED[kind](*(v.fixed for v in inputs))
        if math.isfinite(fixed):
            result = replace(result, fixed=fixed, known=True, positive=fixed > 0)
    return (result,)


def market(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """A column of the bars."""
    column = row.outputs[0].label
    return (Value(NUMBER, (b.bars(), column), known=True, positive=column != "volume"),)


def constant(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """A fixed value; it gets a node when a wire needs one."""
    kind = row.outputs[0].kind
    default = {"set/float": 1.0, "set/integer": 1, "set/bool": False, "set/string": ""}[row.type]
    given = b.node.properties.get("value", default)
    if kind == NUMBER:
        number = fixed_number(b.node, given, "value")
        return (Value(NUMBER, fixed=number, known=True, positive=number > 0.0),)
    if kind == CONDITION:
        if not isinstance(given, bool | int):
            raise Unfit("its value is neither true nor false")
        return (Value(CONDITION, fixed=bool(given), known=True),)
    return (Value(TEXT, fixed=given if isinstance(given, str) else str(given)),)


def length_of(b: Builder, value: Value, slot: int) -> int:
    """A length as a parameter: a constant of the graph, or computed from such."""
    if not isinstance(value.fixed, int | float) or isinstance(value.fixed, bool):
        raise Unfit(f"its {slot_label(b, slot)} changes from bar to bar; in Wickwork a length is a parameter")
    if value.fixed != int(value.fixed) or value.fixed < 1:
        raise Unfit(f"its {slot_label(b, slot)} is {value.fixed:g}; a length is a whole number from 1 on")
    return int(value.fixed)


def slot_label(b: Builder, slot: int) -> str:
    """The label of an input of the PVE node, as its row has it."""
    from wickwork.compat.pve.table import BY_TYPE

    return BY_TYPE[b.node.type].inputs[slot].label


def length_property(value: Value) -> tuple[str, str] | None:
    """The property that holds a length, where it comes straight from a constant."""
    return (value.origin[0], "value") if value.origin and value.wire is None else None


def window(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """A node with a source and a period."""
    source, given = inputs
    if source.nothing or given.nothing:
        return (NOTHING,) * len(row.outputs)
    period = length_of(b, given, 1)
    if row.type == "indicators/bollinger" and b.node.outputs == ():
        b.notes.append("The file declares no outputs of it; they are lower, middle, upper, width and percent.")
    place = length_property(given)
    name = b.add(
        row.becomes[0],
        {"source": source},
        params={"period": period},
        slots={"source": 0},
        properties={"period": place} if place else {},
    )
    positive = row.becomes[0] in KEEPS_SIGN and source.positive
    return tuple(Value(NUMBER, (name, slot.port), positive=positive) for slot in row.outputs)


def supertrend(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """The Supertrend of the bars."""
    if any(value.nothing for value in inputs):
        return (NOTHING,)
    if [value.wire for value in inputs[:3]] != [("bars", column) for column in ("high", "low", "close")]:
        raise Unfit("its High, Low and Close are not those of the bars; Wickwork's supertrend reads the bars")
    place = length_property(inputs[3])
    multiplier = fixed_number(b.node, b.node.properties.get("multiplier", 3.0), "multiplier")
    name = b.add(
        "supertrend",
        {"bars": ("bars", "bars")},
        params={"period": length_of(b, inputs[3], 3), "multiplier": multiplier},
        properties={"multiplier": (b.node.key, "multiplier")} | ({"period": place} if place else {}),
    )
    return (Value(NUMBER, (name, "line")),)


def average(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """A moving average: the kind decides which nodes (see `table.AVERAGES`)."""
    source, given = inputs
    if source.nothing or given.nothing:
        return (NOTHING,)
    kind, period = b.node.properties.get("ma_type", "ema"), length_of(b, given, 1)
    one = AVERAGE_OF.get(kind) if isinstance(kind, str) else None
    if one is None:
        b.warn("PVE has no such kind of average and computes sma instead; so does the import.")
        one = AVERAGE_OF["sma"]
    if one.kind == "zlma" and period <= 2:
        b.notes.append("With so few bars nothing is added to the EMA.")
        one = AVERAGE_OF["ema"]
    if one.note:
        (b.warn if one.largest > 1e-3 else b.notes.append)(f"{one.kind}: {one.note}")
    if period == 1 and one.kind in SAME_SIGN_AVERAGES:
        b.notes.append("The average of one value is that value; the node is left out.")
        return (replace(source, origin=None),)
    if one.kind == "zlma":
        name = _zero_lag(b, source, period)
    elif one.becomes == "ema":
        name = _wilder(b, source, period)
    else:
        params = {"kind": one.kind, "period": period} | ({"seed": "first"} if one.first else {})
        properties, place = {"kind": (b.node.key, "ma_type")}, length_property(given)
        properties |= {"period": place} if place else {}
        name = b.add("moving_average", {"source": source}, params=params, slots={"source": 0}, properties=properties)
    return (Value(NUMBER, (name, "value"), positive=source.positive and one.kind in SAME_SIGN_AVERAGES),)


def _wilder(b: Builder, source: Value, period: int) -> str:
    """Wilder's average, which begins with the first value as an `ema` only, whose length is limited."""
    if period <= LONGEST_WILDER:
        return b.add("ema", {"source": source}, params={"period": 2 * period - 1, "seed": "first"}, slots={"source": 0})
    b.warn("It begins with the mean of the first values (PVE: with the first price), because it is so long.")
    return b.add("rma", {"source": source}, params={"period": period}, slots={"source": 0})


def _zero_lag(b: Builder, source: Value, period: int) -> str:
    """An `ema` to which the change of the price over half of its length is added."""
    params = {"kind": "ema", "period": period, "seed": "first"}
    mean = b.add("moving_average", {"source": source}, suffix="mean", params=params, slots={"source": 0})
    ago = b.add("previous", {"source": source}, suffix="ago", params={"bars": (period - 1) // 2})
    gained = b.add("subtract", {"a": source, "b": (ago, "value")}, suffix="gained")
    return b.add("add", {"a": (mean, "value"), "b": (gained, "value")})


def branch(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """An If: its branches are the condition and its opposite. With a missing condition neither is true."""
    (test,) = inputs
    if test.nothing:
        return NOTHING, NOTHING
    if test.fixed is not None:
        go, never = b.every_bar("every_bar"), replace(FALSE, kind=EXEC)
        return (go, never) if test.fixed else (never, go)
    yes = replace(test, kind=EXEC, origin=None)
    return yes, (replace(b.opposite(test, "false"), kind=EXEC) if 1 in b.linked else FALSE)


def is_none(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """Whether a value of any kind is missing."""
    (value,) = inputs
    if value.nothing:
        return (TRUE,)
    if value.kind == EXEC:  # a branch that is not taken is missing, one that waits for a missing condition as well
        if value.fixed is not None:
            return (replace(TRUE, fixed=not value.fixed),)
        never = b.shared("never", "always", {}, {"value": False})
        filled = b.add("if_condition_missing", {"condition": value, "otherwise": (never, "value")}, suffix="filled")
        return (Value(CONDITION, (b.add("not", {"value": (filled, "value")}), "value"), known=True),)
    if value.orders or value.last:
        from wickwork.compat.pve.order_reading import number_of

        return (Value(CONDITION, (b.add("is_missing", {"value": number_of(b, value)}), "value"), known=True),)
    if value.fixed is not None:
        return (FALSE,)
    kind, port = ("is_missing", "value") if value.kind == NUMBER else ("condition_is_missing", "condition")
    return (Value(CONDITION, (b.add(kind, {port: value}, slots={port: 0}), "value"), known=True),)


def drawing(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """A line or a marker of the chart: nothing that trades."""
    value, name = inputs
    if value.wire is not None:
        kind = "line" if row.type == "tools/add_indicator" else "marker"
        label = name.fixed if isinstance(name.fixed, str) else ""
        b.draft.drawn.append({"kind": kind, "wire": ".".join(value.wire), "name": plain(label)})
    return ()


def message(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """A Telegram message becomes a notification, where the catalogue has such a node; Exec passes through."""
    trigger, words = inputs[0], inputs[1]
    if trigger.wire is not None:
        label = plain(words.fixed) if isinstance(words.fixed, str) else ""
        b.draft.messages.append({"when": ".".join(trigger.wire), "text": label})
        if NOTIFY in builtin():
            text = label.replace("{", "{{").replace("}", "}}") or "Message"  # braces are places for values
            place = {"message": (words.origin[0], "value")} if words.origin else {}
            b.add(NOTIFY, {"when": trigger}, params={"message": text}, slots={"when": 0}, properties=place)
    return (replace(trigger, origin=None),)


def save_order(b: Builder, row: Row, inputs: Sequence[Value]) -> tuple[Value, ...]:
    """Exec and the order pass through."""
    order = inputs[1] if inputs[1].kind == ORDER else NOTHING
    return replace(inputs[0], origin=None), replace(order, origin=None)


RULES: dict[str, Rule] = {
    "direct": direct,
    "market": market,
    "constant": constant,
    "window": window,
    "supertrend": supertrend,
    "average": average,
    "branch": branch,
    "is_none": is_none,
    "drawing": drawing,
    "message": message,
    "save_order": save_order,
}
