"""The text of block functions of nodes that compare the instruments of a run at one bar.

The step of such a node is called once for each bar. It receives the values of the instruments that *take part*: those
that have a bar and for which none of the inputs is missing; so a step never receives NaN. For the others the result is
missing, and what they have changes no result of those that take part. A step has no memory:

    def mean_across(result: SeriesToLanes, count: LaneCount, source: SeriesOfLanes) -> None:
        for i in range(count):
            result[i] = ...

The values stand in the order in which the run lists its instruments, which decides ties. A block of such a node has the
arguments of other blocks (`graph/kernel`), with another meaning of three: `state` is memory for one number of each wire
and lane, `account` the number of lanes, `position` the bytes between the wires of two lanes.
"""

from __future__ import annotations

from wickwork.graph.block import Shape
from wickwork.graph.node import Node
from wickwork.graph.types import Port
from wickwork.model.errors import InputError


def across_source(shape: Shape) -> str:
    """The text of the block function."""
    node, wires = shape.node, range(len(shape.node.inputs))
    watched = [i for i in wires if not (shape.unwired and shape.unwired[i])]
    watched += [len(wires)] if shape.presence else []
    known = " & ".join(f"(x{i} - x{i} == 0.0)" for i in watched)
    is_series = node.outputs[0].port is Port.SERIES
    good, answer = ("a - a == 0.0", "a") if is_series else ("a == a", "1.0 if a > 0.0 else 0.0")
    given = ["result", "count", *(f"v{i}" for i in wires)]
    params = [f"{p.name}=p{i}" for i, p in enumerate(node.parameters)]
    read = ["x = integers(inputs + g * position)", *(f"x{i} = floats(x[{i}])[i]" for i in sorted({*wires, *watched}))]
    values = [
        f"v{i}[count] = " + (f"x{i}" if entry.port is Port.SERIES else f"1.0 if x{i} > 0.0 else 0.0")
        for i, entry in enumerate(node.inputs)
    ]
    lines = ["p = floats(params)"]
    for i, parameter in enumerate(node.parameters):
        whole = parameter.type is int or parameter.choices or parameter.timeframe
        lines.append(
            f"p{i} = " + (f"int(p[{i}])" if whole else f"p[{i}] > 0.0" if parameter.type is bool else f"p[{i}]")
        )
    lines += [f"v{i} = floats(state + {8 * i} * account)" for i in wires]
    lines += [
        f"result = floats(state + {8 * len(wires)} * account)",
        "for i in range(offset, offset + n):",
        "    count = 0",
        "    for g in range(account):",
        *(f"        {line}" for line in read),
        f"        if {known}:",
        *(f"            {line}" for line in values),
        "            count += 1",
        "    if count > 0:",
        f"        step({', '.join([*given, *params])})",
        "    k = 0",
        "    for g in range(account):",
        *(f"        {line}" for line in read),
        "        y = floats(integers(outputs + g * position)[0])",
        f"        if {known}:",
        "            a = result[k]",
        f"            y[i] = ({answer}) if {good} else nan",
        "            k += 1",
        "        else:",
        "            y[i] = nan",
    ]
    head = "def block(state, inputs, outputs, params, offset, n, account, position, orders):"
    return "\n".join([head, *(f"    {line}" for line in lines)]) + "\n"


def compares_position(name: str, node: Node) -> InputError:
    """What to raise where a node that compares instruments depends on the position or the account."""
    return InputError(
        f"{name}: {node.name} compares instruments at one bar, so it can read only what depends on bars alone, "
        "not the position or the account; connect it to prices, indicators or conditions of these."
    )
