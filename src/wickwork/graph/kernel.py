"""Block functions: a node's step, looped over a block of bars.

From each step one function `block(state, inputs, outputs, params, offset, n, account, position)` is generated. It
keeps the memory in local scalars while it loops and writes it back at the end, so that a whole history, a block and a
single live bar run the very same machine code. Two rules live here and nowhere else:

- *missing*: where a wired input is not finite the node does not advance and answers NaN;
- an answer that is not finite is NaN.
"""

from __future__ import annotations

from functools import cache
from types import FunctionType
from typing import Any

import numpy as np

from wickwork.graph import native
from wickwork.graph.node import Node
from wickwork.graph.types import Account, Bar, Intent, Port, Position, Surrounding

nan = float("nan")
BLOCK_ARGUMENTS = 8

POSITION = np.dtype([("quantity", "f8"), ("average", "f8"), ("trip", "i8")], align=True)
ACCOUNT = np.dtype([("cash", "f8"), ("capital", "f8")], align=True)
INTENT = np.dtype(
    [(name, "i8" if isinstance(Intent._field_defaults[name], int) else "f8") for name in Intent._fields], align=True
)


@cache
def address_of(node: Node, unwired: tuple[bool, ...] = (), presence: bool = False) -> int:
    """The address of the node's block function.

    `unwired` tells for each input whether nothing is wired to it. With `presence` one more column comes behind the
    inputs, which is missing where the instrument has no bar: for nodes that no wire tells so.
    """
    return native.native(block_function(node, unwired, presence), BLOCK_ARGUMENTS)


@cache
def block_function(node: Node, unwired: tuple[bool, ...] = (), presence: bool = False) -> Any:
    """The node's block function as plain Python; `native` makes machine code of it.

    For an action, n is 1 and the position argument is followed by the address where its Intent goes (in `outputs`).
    """
    text = block_source(node, unwired, presence)
    names: dict[str, Any] = {
        "__name__": native.__name__,
        "step": node.step,
        "floats": native.floats,
        "integers": native.integers,
        "record": native.record,
        "nan": nan,
        "Bar": Bar,
        "Position": Position,
        "Account": Account,
        "POSITION": POSITION,
        "ACCOUNT": ACCOUNT,
        "INTENT": INTENT,
    }
    if node.memory is not None:
        names["Memory"] = node.memory
    scope: dict[str, Any] = {}
    exec(compile(text, f"<block of {node.name}>", "exec"), names, scope)  # noqa: S102  # our own text, not a user's
    function: FunctionType = scope["block"]
    return function


def block_source(node: Node, unwired: tuple[bool, ...] = (), presence: bool = False) -> str:
    """The text of the block function."""
    head = ["s = floats(state)", "x = integers(inputs)", "y = integers(outputs)", "p = floats(params)"]
    body: list[str] = []
    given, watched = _arguments(node, unwired, presence, head)
    scalars = [f for f in node.fields if f.length is None]
    windows = [f for f in node.fields if f.length is not None]
    for i, field in enumerate(scalars):
        head.append(f"s{i} = int(s[{i}])" if field.whole else f"s{i} = s[{i}]")
    for i, parameter in enumerate(node.parameters):
        whole = parameter.type is int or parameter.words or parameter.timeframe
        value = f"int(p[{i}])" if whole else f"p[{i}] > 0.0" if parameter.type is bool else f"p[{i}]"
        head.append(f"p{i} = {value}")
    if windows:  # windows lie behind the scalars; their lengths follow the parameters
        at = f"state + {8 * len(scalars)}"
        for i in range(len(windows)):
            head.append(f"w{i} = floats({at})")
            at += f" + 8 * int(p[{len(node.parameters) + i}])"
    memory = _memory(node)
    arguments = ", ".join(
        [*([memory] if memory else []), *given, *(f"{q.name}=p{i}" for i, q in enumerate(node.parameters))]
    )
    result = f"step({arguments})"
    if node.verb:
        body += _intent(node, result)
    else:
        body += _answers(node, head, result, memory, watched)
    for i in range(len(scalars)):
        body.append(f"    s[{i}] = float(s{i})" if scalars[i].whole else f"    s[{i}] = s{i}")
    lines = ["def block(state, inputs, outputs, params, offset, n, account, position):"]
    lines += [f"    {line}" for line in head] + body
    return "\n".join(lines) + "\n"


def _arguments(node: Node, unwired: tuple[bool, ...], presence: bool, head: list[str]) -> tuple[list[str], list[str]]:
    """Expressions of the step's positional arguments, and those columns whose values may be missing."""
    given, watched, column, wire = [], [], 0, 0
    for _, kind in node.arguments:
        if kind is Position:
            head.append("at = record(position, POSITION)")
            head.append("held = Position(at.quantity, at.average, at.trip)")
            given.append("held")
        elif kind is Account:
            head.append("books = record(account, ACCOUNT)")
            head.append("money = Account(books.cash, books.capital)")
            given.append("money")
        elif kind is Surrounding.MOMENT:
            head.append(f"x{column} = integers(x[{column}])")
            given.append(f"x{column}[i]")
            column += 1
        elif kind is Surrounding.BAR_LENGTH:
            head.append(f"bar_length = int(p[{len(node.parameters) + sum(f.length is not None for f in node.fields)}])")
            given.append("bar_length")
        elif kind is Surrounding.EQUITY:
            head.append(f"x{column} = floats(x[{column}])")
            given.append(f"x{column}[i]")
            column += 1
        elif kind is Port.BARS:
            head += [f"x{column + k} = floats(x[{column + k}])" for k in range(5)]
            given.append("Bar(" + ", ".join(f"x{column + k}[i]" for k in range(5)) + ")")
            watched.append(f"x{column + 3}[i]")
            column, wire = column + 5, wire + 1
        elif kind is Port.ORDER:
            head.append(f"x{column} = floats(x[{column}])")
            given.append(f"int(x{column}[i])")
            column, wire = column + 1, wire + 1
        else:
            head.append(f"x{column} = floats(x[{column}])")
            value = f"x{column}[i]"
            given.append(value if kind is Port.SERIES else f"{value} > 0.0")
            if not (unwired and unwired[wire]):
                watched.append(value)
            column, wire = column + 1, wire + 1
    if presence:
        head.append(f"x{column} = floats(x[{column}])")
        watched.append(f"x{column}[i]")
    return given, watched


def _memory(node: Node) -> str:
    if node.memory is None:
        return ""
    pieces, scalar, window = [], 0, 0
    for field in node.fields:
        if field.length is None:
            pieces.append(f"s{scalar}")
            scalar += 1
        else:
            pieces.append(f"w{window}")
            window += 1
    return f"Memory({', '.join(pieces)})"


def _answers(node: Node, head: list[str], result: str, memory: str, watched: list[str]) -> list[str]:
    """The loop over the block."""
    ports = [o for o in node.outputs if o.port is not Port.BARS]
    head += [f"y{k} = floats(y[{k}])" for k in range(len(ports))]
    body = ["    for i in range(offset, offset + n):"]
    known = "" if node.missing else " & ".join(f"({w} - {w} == 0.0)" for w in watched)
    blank = " = ".join(f"y{k}[i]" for k in range(len(ports))) + " = nan"
    if memory:
        if known:
            body += [f"        if not ({known}):", f"            {blank}", "            continue"]
        body.append(f"        m, v = {result}")
        scalar = 0
        for field in node.fields:
            if field.length is None:
                body.append(f"        s{scalar} = m.{field.name}")
                scalar += 1
    else:
        body.append(f"        v = {result}")
    for k, port in enumerate(ports):
        value = "v" if node.answer is None else f"v.{port.name}"
        if port.port in (Port.CONDITION, Port.EVENT):
            value = f"(1.0 if {value} else 0.0)"
            good = "" if memory else known
        else:
            body.append(f"        a{k} = {value}")
            value = f"a{k}"
            good = f"(a{k} - a{k} == 0.0)"
            if not memory and known:
                good = f"{known} & {good}"
        body.append(f"        y{k}[i] = {value} if {good} else nan" if good else f"        y{k}[i] = {value}")
    return body


def _intent(node: Node, result: str) -> list[str]:
    """One call of an action: its Intent is written where `outputs` points."""
    body = ["    i = offset"]
    body.append(f"    m, v = {result}" if node.memory is not None else f"    v = {result}")
    scalar = 0
    for field in node.fields:
        if field.length is None:
            body.append(f"    s{scalar} = m.{field.name}")
            scalar += 1
    body.append("    wish = record(outputs, INTENT)")
    body += [f"    wish.{name} = v.{name}" for name in Intent._fields]
    return body
