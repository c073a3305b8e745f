"""The content of a sub-graph that a Python function builds."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_type_hints

from wickwork.graph.entries import MOST_LEVELS, Graph, NodeEntry, node_name
from wickwork.graph.node import Node, current_strategy
from wickwork.graph.signature import Parameter, read_parameter
from wickwork.graph.types import Bar, Port, metadata
from wickwork.model.errors import InputError
from wickwork.nodes import builtin
from wickwork.strategies.promoted import is_promotable, other_value, plain, promotable
from wickwork.strategies.strategy import BarsOutputs, Outputs, Strategy, Wire, ports
from wickwork.strategies.trade import Orders

Build = Callable[[Mapping[str, Any]], tuple[Graph, Strategy]]


def read_function(function: Callable[..., Any]) -> tuple[str, Build, dict[str, Parameter]]:
    """The name of a sub-graph that a function describes, what builds its content, and its parameters.

    Raises InputError for a function whose arguments have no type of a wire or parameter, or are called `name`.
    """
    name = node_name(function.__name__.rstrip("_"))
    try:
        hints = get_type_hints(function, include_extras=True)
    except Exception as error:  # an annotation is any expression
        raise InputError(
            f"The sub-graph {name}: an annotation cannot be read ({error}); import what it names."
        ) from None
    inputs: dict[str, Port] = {}
    parameters: dict[str, Parameter] = {}
    for key, one in inspect.signature(function).parameters.items():
        if key == "name":
            raise InputError(f"The sub-graph {name}: name= is the id of the node in Python; call {key!r} otherwise.")
        if one.kind is one.KEYWORD_ONLY:
            if key not in hints:
                raise InputError(
                    f"The sub-graph {name}: the parameter {key!r} needs a type, such as `{key}: int = 14`."
                )
            parameters[key] = read_parameter(name, key, hints[key], one.default)
            continue
        if one.default is not one.empty or one.kind is one.VAR_POSITIONAL or one.kind is one.VAR_KEYWORD:
            raise InputError(f"The sub-graph {name}: {key!r} must be one wire without a default value.")
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

    return name, build, parameters


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
        outer = current_strategy.get()
        self._level: int = outer._level + 1 if isinstance(outer, _Content) else 1
        if self._level > MOST_LEVELS:
            raise InputError(f"The sub-graph {name} is nested more than {MOST_LEVELS} times; does it use itself?")
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
