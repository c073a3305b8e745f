"""Sub-graphs in Python: a function that builds nodes, used like a node.

    @subgraph
    def trend(source: Series, *, fast: int = 12, slow: int = 26):
        return ta.ema(source, period=fast) > ta.ema(source, period=slow)

    with strategy("Trend") as s:
        up = trend(s.bars.close, fast=8)
        trade.buy(when=ta.becomes_true(up), size=trade.percent_of_equity(95))

The function runs at each use, over a graph of its own; its positional arguments are wires, its keyword-only arguments
parameters. What it returns are the outputs: a wire, several as a dictionary or NamedTuple of wires, or nothing.
A parameter that it passes on to nodes as it is becomes a parameter of the sub-graph, which can be changed later; one
that it computes with has the value of that use.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wickwork.context import Context
from wickwork.graph.entries import SUBGRAPH, Graph, NodeEntry, Reference
from wickwork.graph.interface import read_interface
from wickwork.graph.library import find
from wickwork.graph.signature import Parameter
from wickwork.graph.types import Port
from wickwork.model.errors import InputError, did_you_mean
from wickwork.strategies.promoted import is_promotable, plain, take_plain
from wickwork.strategies.strategy import BarsOutputs, Outputs, Strategy, Wire, current
from wickwork.strategies.subgraph_function import read_function
from wickwork.strategies.trade import Orders


@dataclass(frozen=True)
class SubGraph:
    """A graph that can be used as a node of others; made by `subgraph`."""

    name: str
    build: Callable[[Mapping[str, Any]], tuple[Graph, Strategy | None]]
    """The content with these parameters, and the strategy whose own nodes it uses."""
    parameters: Mapping[str, Parameter] | None = None
    """Those of the function; None for a graph, whose interface says which parameters it has."""
    reference: Reference | None = None

    def __call__(self, *wires: Any, name: str | None = None, **options: Any) -> Any:
        """Add it to the strategy of its wires, or to the one in whose `with` block this is.

        Returns its output, its outputs by name, or None. Raises InputError for wrong wires, parameters and values.
        """
        owner = next((one.strategy for one in (*wires, *options.values()) if isinstance(one, Wire)), None)
        owner = owner or next((one._strategy for one in (*wires, *options.values()) if isinstance(one, Outputs)), None)
        strategy = owner or current(self.name)
        known = self.parameters
        given = {key: value for key, value in options.items() if known is not None and key in known}
        values = {key: known[key].check(self.name, plain(value)) for key, value in given.items()} if known else {}
        graph, made = self.build(values)
        interface = read_interface(graph.interface)
        if len(wires) > len(interface.inputs):
            raise InputError(f"{self.name} takes {len(interface.inputs)} wires, {len(wires)} were given.")
        inputs = dict(zip(interface.inputs, wires, strict=False))
        params: dict[str, Any] = {}
        for key, value in options.items():
            if key in inputs:
                raise InputError(f"{self.name}.{key} was given twice.")
            if key in interface.inputs:
                inputs[key] = value
            elif key in interface.params:
                params[key] = value if is_promotable(value) else values.get(key, _setting(f"{self.name}.{key}", value))
            elif key not in given:
                hint = did_you_mean(key, [*interface.inputs, *interface.params, *(known or ())])
                raise InputError(f"{self.name} has no input or parameter {key!r}.{hint}")
            else:
                take_plain(value)
        entry = NodeEntry(SUBGRAPH, params, graph=graph, reference=self.reference)
        wanted = {key: one.type for key, one in interface.inputs.items()}
        node = strategy.place(self.name, entry, wanted, inputs, name)
        if made is not None:
            strategy.use_nodes_of(made)
        outputs = {key: one.type for key, one in interface.outputs.items()}
        if len(outputs) == 1:
            ((port, kind),) = outputs.items()
            return (Orders if kind is Port.ORDER else Wire)(strategy, node, port, kind)
        if not outputs:
            return None
        return (BarsOutputs if outputs.get("bars") is Port.BARS else Outputs)(strategy, node, outputs, Orders)

    def graph(self, **params: Any) -> Graph:
        """The content as a graph with these parameters. Raises InputError for a wrong parameter."""
        for key in params:
            if self.parameters is None or key not in self.parameters:
                hint = did_you_mean(key, self.parameters or ())
                raise InputError(f"{self.name} has no parameter {key!r} of its function.{hint}")
        values = {key: (self.parameters or {})[key].check(self.name, value) for key, value in params.items()}
        content = self.build(values)[0]
        promoted = read_interface(content.interface).params
        ends = {".".join(end): value for key, value in values.items() if key in promoted for end in promoted[key].to}
        return content.with_params(ends)


def subgraph(content: Callable[..., Any] | Graph | Strategy) -> SubGraph:
    """Make a sub-graph of a function that builds nodes, or of a graph with an interface, which is copied at each use.

    Raises InputError for a function whose arguments have no type of a wire or parameter, and for other values.
    """
    graph = content.graph if isinstance(content, Strategy) else content
    if isinstance(graph, Graph):
        name = graph.name if graph.name.isidentifier() else SUBGRAPH
        return SubGraph(name, lambda _: (graph, content if isinstance(content, Strategy) else None))
    if not inspect.isfunction(content):
        raise InputError(f"A sub-graph is made of a function or a graph, was given {content!r:.60}.")
    name, build, parameters = read_function(content)
    return SubGraph(name, build, parameters)


def library(name: str, version: int, folder: Path | str | None = None, context: Context | None = None) -> SubGraph:
    """The graph of that name and version, used by reference; from that folder or the library of the context.

    A strategy that uses it keeps name, version and hash, and refuses to run where the file has changed. Raises NotFound
    where it is not there.
    """
    context = context or Context()
    folders = [Path(folder)] if folder is not None else [context.graphs]
    graph, reference = find(name, version, folders)
    return SubGraph(name, lambda _: (graph, None), reference=reference)


def _setting(where: str, value: Any) -> Any:
    """A value for a promoted parameter of a graph, as documents can hold it; InputError for another one."""
    value = value.item() if isinstance(value, np.generic) else value
    if not isinstance(value, bool | int | float | str):
        raise InputError(f"{where} must be a number, true, false or text, was {value!r:.60}.")
    return value
