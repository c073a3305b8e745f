"""The phrase of each output of a node: the one of its definition, or one made of title, inputs and parameters."""

from __future__ import annotations

from wickwork.graph.node import Node
from wickwork.graph.phrases import INPUTS
from wickwork.graph.signature import Output
from wickwork.graph.types import Port

_CLAUSES = (Port.CONDITION, Port.EVENT)


def template(node: Node, port: str) -> str:
    """The phrase of that output, with places for inputs and parameters (`graph.phrases`)."""
    output = node.output(port)
    return dict(node.phrases).get(port) or (_made(node, output) if output else node.title)


def is_clause(node: Node, port: str) -> bool:
    """Whether the output is true or false, so that its phrase is a clause."""
    output = node.output(port)
    return output is not None and output.port in _CLAUSES


def _made(node: Node, output: Output) -> str:
    name = _in_a_sentence(node.title)
    part = "" if len(node.outputs) == 1 else output.name.replace("_", " ")
    wires = [one for one in node.inputs if one.port is not Port.BARS and one.required]
    if output.port in _CLAUSES:
        of = f" of {{{wires[0].name}}}" if len(wires) == 1 else f" ({{{INPUTS}}})" if wires else ""
        if of:
            return f"the {name}{of} is {part or 'true'}"
        kind = f"{part} {name}" if part else name
        what = f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"
        return f"{what} pattern forms" if node.group == "candles" else f"there is {what}"
    period = "{period}-bar " if any(one.name == "period" for one in node.parameters) else ""
    head = f"the {part} of the {period}{name}" if part else f"the {period}{name}"
    return f"{head} of {{{wires[0].name}}}" if len(wires) == 1 and wires[0].port not in _CLAUSES else head


def _in_a_sentence(title: str) -> str:
    """The title with a small first letter, unless it is an abbreviation (`RSI`)."""
    return title if title[1:2].isupper() or title[1:2].isdigit() else title[:1].lower() + title[1:]
