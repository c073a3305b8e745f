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
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

from wickwork.context import Context
from wickwork.graph.entries import SUBGRAPH, Graph, NodeEntry, Reference, node_name
from wickwork.graph.interface import read_interface
from wickwork.graph.library import find
from wickwork.graph.node import Node, Parameter, read_parameter
from wickwork.graph.types import Bar, Port, metadata
from wickwork.model.errors import InputError, did_you_mean
from wickwork.nodes import builtin
from wickwork.strategies.promoted import is_promotable, other_value, plain, promotable, take_plain
from wickwork.strategies.strategy import BarsOutputs, Outputs, Strategy, Wire, current, ports
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
                params[key] = value
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
        return (BarsOutputs if "bars" in outputs else Outputs)(strategy, node, outputs)

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
    return _of_function(content)


def library(name: str, version: int, folder: Path | str | None = None, context: Context | None = None) -> SubGraph:
    """The graph of that name and version, used by reference; from that folder or the library of the context.

    A strategy that uses it keeps name, version and hash, and refuses to run where the file has changed. Raises NotFound
    where it is not there.
    """
    context = context or Context()
    folders = [Path(folder)] if folder is not None else []
    graph, reference = find(name, version, [*folders, context.graphs])
    return SubGraph(name, lambda _: (graph, None), reference=reference)


def _of_function(function: Callable[..., Any]) -> SubGraph:
    name = node_name(function.__name__.rstrip("_"))
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise InputError(
            f"The sub-graph {name}: an annotation cannot be read ({error}); import what it names."
        ) from None
    inputs: dict[str, Port] = {}
    parameters: dict[str, Parameter] = {}
    for key, one in inspect.signature(function).parameters.items():
        if one.kind is one.KEYWORD_ONLY:
            if key not in hints:
                raise InputError(
                    f"The sub-graph {name}: the parameter {key!r} needs a type, such as `{key}: int = 14`."
                )
            parameters[key] = read_parameter(name, key, hints[key], one.default)
            continue
        port = Port.BARS if hints.get(key) is Bar else metadata(hints.get(key), Port)
        if port is None:
            raise InputError(
                f"The sub-graph {name}: {key!r} must be a Series, Condition, Event, Bar or OrderHandle; settings such "
                "as a period come after a `*`."
            )
        inputs[key] = port

    def made(values: Mapping[str, Any], fixed: Collection[str] = ()) -> tuple[Graph, Strategy]:
        content = _Content(name, inputs, parameters, fixed)
        return content.made_by(function, values), content

    def build(values: Mapping[str, Any]) -> tuple[Graph, Strategy]:
        whole = {key: one.default for key, one in parameters.items()} | dict(values)
        graph, content = made(whole)
        promoted = {one["name"]: one["to"] for one in graph.interface["params"]}
        fixed = {key for key, ends in promoted.items() if _depends(graph, made, whole, parameters[key], ends)}
        if fixed or promoted.keys() & values.keys():  # the use sets what is promoted, so all uses have the same content
            defaults = {key: parameters[key].default for key in promoted if key not in fixed}
            return made(whole | defaults, fixed)
        return graph, content

    return SubGraph(name, build, parameters)


def _depends(
    graph: Graph,
    made: Callable[[Mapping[str, Any]], tuple[Graph, Strategy]],
    values: Mapping[str, Any],
    parameter: Parameter,
    ends: Sequence[str],
) -> bool:
    """Whether more than these parameters of nodes depends on a parameter."""
    other = other_value(values[parameter.name], parameter)
    if other is None:
        return False
    try:
        changed = made({**values, parameter.name: other})[0]
        return changed.with_params(dict.fromkeys(ends, 0)) != graph.with_params(dict.fromkeys(ends, 0))
    except InputError:
        return True


class _Content(Strategy):
    """The content of a sub-graph under construction. Wires of its inputs come from a node called `.input`."""

    def __init__(
        self, name: str, inputs: Mapping[str, Port], parameters: Mapping[str, Parameter], fixed: Collection[str]
    ) -> None:
        super().__init__(name)
        self._inputs, self._parameters, self._fixed = inputs, parameters, fixed
        self._targets: dict[str, list[str]] = {}

    def made_by(self, function: Callable[..., Any], values: Mapping[str, Any]) -> Graph:
        """The graph that the function builds with these parameters."""
        settings = {key: v if key in self._fixed else promotable(key, v) for key, v in values.items()}
        with self:
            result = function(*map(self._input, self._inputs), **settings)
        outputs = [
            {"name": key, "type": wire.type.value, "from": f"{wire.node}.{wire.port}"}
            for key, wire in self._outputs(result).items()
        ]
        computed = {key for key, one in settings.items() if getattr(one, "computed", True)}
        graph = self.graph
        inner = tuple(wire for wire in graph.wires if not wire.source.startswith("."))
        interface = {
            "inputs": [self._input_data(key, graph) for key in self._inputs],
            "outputs": outputs,
            "params": [self._param_data(key, ends) for key, ends in self._targets.items() if key not in computed],
        }
        return replace(graph, wires=inner, interface=interface)

    def add(self, node: Node, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Add a node, and note which of its parameters were passed on from the sub-graph."""
        names = [entry.name for entry in node.inputs]
        passed = {
            key: value for key, value in (*zip(names, args, strict=False), *kwargs.items()) if is_promotable(value)
        }
        optional = {p.name for p in node.parameters} | {i.name for i in node.inputs if not i.required}
        numbers = {}
        for key, value in passed.items():
            if key not in optional:  # a number for an input that must be wired
                numbers[key] = self.add(builtin()["number"], (), {"value": value})
        args = (
            tuple(numbers.get(key, plain(value)) for key, value in zip(names, args, strict=False)) + args[len(names) :]
        )
        made = super().add(node, args, {key: numbers.get(key, plain(value)) for key, value in kwargs.items()})
        owner = made.node if isinstance(made, Wire) else made._name
        for key, value in passed.items():
            if key not in numbers:
                self._targets.setdefault(value.promoted, []).append(f"{owner}.{key}")
        return made

    def place(
        self, kind: str, entry: NodeEntry, inputs: Mapping[str, Port], given: Mapping[str, Any], name: str | None = None
    ) -> str:
        """Add a sub-graph in this one, and note which of its parameters were passed on."""
        params = {key: plain(value) for key, value in entry.params.items()}
        owner = super().place(kind, replace(entry, params=params), inputs, given, name)
        for key, value in entry.params.items():
            if is_promotable(value):
                self._targets.setdefault(value.promoted, []).append(f"{owner}.{key}")
        return owner

    def _input(self, key: str) -> Any:
        if self._inputs[key] is Port.BARS:
            return BarsOutputs(self, f".{key}", ports(builtin()["bars"]))
        return (Orders if self._inputs[key] is Port.ORDER else Wire)(self, f".{key}", "value", self._inputs[key])

    def _input_data(self, key: str, graph: Graph) -> dict[str, Any]:
        wires = [wire for wire in graph.wires if wire.source == f".{key}"]
        columns: dict[str, list[str]] = {}
        ends: list[str] = []
        for wire in wires:
            column = self._inputs[key] is Port.BARS and wire.source_port != "bars"
            place = columns.setdefault(wire.source_port, []) if column else ends
            place.append(f"{wire.target}.{wire.target_port}")
        return {"name": key, "type": self._inputs[key].value, "to": ends} | ({"columns": columns} if columns else {})

    def _param_data(self, key: str, ends: Sequence[str]) -> dict[str, Any]:
        one = self._parameters[key]
        data: dict[str, Any] = {"name": key, "to": list(ends)}
        if one.between is not None:
            data["between"] = [one.between.low, one.between.high]
        return data | ({"choices": list(one.choices)} if one.choices else {})

    def _outputs(self, result: Any) -> dict[str, Wire]:
        """What the function returned, by name."""
        if result is None:
            return {}
        if isinstance(result, Wire):
            named: dict[str, Any] = {{Port.ORDER: "order", Port.BARS: "bars"}.get(result.type, "value"): result}
        elif isinstance(result, Outputs):
            named = {name: getattr(result, name) for name in dir(result)}
        elif isinstance(result, Mapping):
            named = dict(result)
        elif isinstance(result, tuple) and hasattr(result, "_asdict"):
            named = result._asdict()
        else:
            named = {"": result}
        for name, wire in named.items():
            if not isinstance(name, str) or not name or not isinstance(wire, Wire) or wire.strategy is not self:
                raise InputError(
                    f"The sub-graph {self.name} must return a wire of its own nodes, a dictionary or NamedTuple of "
                    f"such wires, or None; it returned {result!r:.60}."
                )
            if wire.node.startswith("."):
                raise InputError(
                    f"The sub-graph {self.name} returns its input {wire.node[1:]!r} as it is; use that wire itself."
                )
        return {node_name(name): wire for name, wire in named.items()}
