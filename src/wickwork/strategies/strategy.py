"""A strategy under construction: nodes are added by calling them with wires.

    with strategy("EMA cross") as s:
        close = s.bars.close
        fast, slow = ta.ema(close, period=12), ta.ema(close, period=26)
        trade.buy(when=ta.crosses_above(fast, slow), size=trade.percent_of_equity(95))

A `Wire` is the value of an output; operators on wires add the node that they mean (`fast > slow` adds a `greater`),
also `==` and `!=`. Wires are hashed by identity, so they may be members of sets and keys of dictionaries.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from numbers import Real
from types import TracebackType
from typing import Any

from wickwork.graph.catalogue import Catalogue
from wickwork.graph.check import ValidatedGraph, check
from wickwork.graph.document import Graph, NodeEntry, WireEntry, node_name
from wickwork.graph.node import Node, current_strategy
from wickwork.graph.signature import Input
from wickwork.graph.types import Port
from wickwork.model.errors import InputError
from wickwork.model.instrument import Instrument
from wickwork.model.other_bars import other_name
from wickwork.model.text import plain_text
from wickwork.nodes import builtin
from wickwork.strategies.operators import Operators
from wickwork.strategies.remedies import named, too_many


class Wire(Operators["Wire"]):
    """The value of one output of a node, bar by bar."""

    __slots__ = ("node", "port", "strategy", "type")
    __array_ufunc__ = None  # a NumPy number on the left leaves the operator to the wire

    def __init__(self, strategy: Strategy, node: str, port: str, type: Port) -> None:  # noqa: A002
        self.strategy, self.node, self.port, self.type = strategy, node, port, type

    def __repr__(self) -> str:
        return f"<{self.type.value} {self.node}.{self.port}>"

    def __bool__(self) -> bool:
        raise InputError(
            f"{self!r} is a value of every bar, so Python cannot decide by it. Instead of `if`, `and`, `or` and `not` "
            "write ta.choose, &, | and ~; instead of `1 < x < 2` write (1 < x) & (x < 2); instead of min and max "
            "ta.min and ta.max; instead of `x in wires` any(x is one for one in wires)."
        )

    def _add(self, name: str, *wires: Any) -> Wire:
        return self.strategy.add(builtin()[name], wires, {})  # type: ignore[no-any-return]

    def _equal(self, other: Any, sign: str) -> Wire:
        mine, condition = self.type, (Port.CONDITION, Port.EVENT)
        if mine is Port.SERIES and (_is_number(other) or (isinstance(other, Wire) and other.type is mine)):
            return self._add("equal" if sign == "==" else "not_equal", self, other)
        if mine in condition and (isinstance(other, bool) or (isinstance(other, Wire) and other.type in condition)):
            differ = self._add("exclusive_or", self, other)
            return ~differ if sign == "==" else differ
        fitting = "a number or a series" if mine is Port.SERIES else "a condition, True or False"
        wanted = f"write {fitting} on the right" if mine in (Port.SERIES, *condition) else "it has no value to compare"
        raise InputError(f"{self!r} {sign} {other!r:.60} compares nothing; {wanted}. For the same wire use `is`.")

    def _build(self, node: Node, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self.strategy.add(node, args, kwargs)


class Outputs(Operators[Wire]):
    """The outputs of a node that has several: by name, or all at once by unpacking."""

    def __init__(self, strategy: Strategy, name: str, outputs: Mapping[str, Port], orders: type[Wire] = Wire) -> None:
        """`orders` is the class of the wires that are orders."""
        self._wires = {
            port: (orders if kind is Port.ORDER else Wire)(strategy, name, port, kind) for port, kind in outputs.items()
        }
        self._strategy, self._name = strategy, name

    def __getattr__(self, name: str) -> Wire:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._wires:
            node = f" The node {name} is written ta.{name}(…)." if name in builtin() else ""
            raise InputError(f"{self._name} has no output {name!r}.{node or named(name, list(self._wires))}")
        return self._wires[name]

    def __iter__(self) -> Iterator[Wire]:
        return iter(self._wires.values())

    def __dir__(self) -> list[str]:
        return list(self._wires)

    def __repr__(self) -> str:
        return f"<{self._name}: {', '.join(self._wires)}>"

    def __bool__(self) -> bool:
        raise self._several()

    def _add(self, name: str, *wires: Any) -> Wire:
        raise self._several()

    def _equal(self, other: Any, sign: str) -> Wire:
        raise self._several()

    def _several(self) -> InputError:
        one = "close" if "close" in self._wires else next(iter(self._wires))
        return InputError(f"{self!r} has several outputs; name the one that you mean, such as {self._name}.{one}.")

    def _build(self, node: Node, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self._strategy.add(node, args, kwargs)


class BarsOutputs(Outputs):
    """The bars of a timeframe; called with a slower one it gives the bars of that."""

    def __call__(self, timeframe: str) -> BarsOutputs:
        """The bars of a slower timeframe, each available when it has closed."""
        return self._strategy.add(builtin()["timeframe"], (self,), {"to": timeframe})  # type: ignore[no-any-return]


class Strategy:
    """A graph under construction. Inside its `with` block nodes without wires belong to it, too."""

    def __init__(self, name: str = "", suggested_run: Mapping[str, str] | None = None, notes: str = "") -> None:
        self.name = plain_text(name, "the name of the strategy")
        self.notes: Any = notes
        self.suggested_run = {key: value for key, value in (suggested_run or {}).items() if value}
        """What it was made for: `instrument`, `timeframe`, `start` and `end`, as far as they are known."""
        self.interface: Mapping[str, Any] = {}
        self._entries: dict[str, NodeEntry] = {}
        self._wires: list[WireEntry] = []
        self._nodes: dict[str, Node] = {}
        self._tokens: list[Any] = []
        self._last_numbers: dict[str, int] = {}

    def __enter__(self) -> Strategy:
        self._tokens.append(current_strategy.set(self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        current_strategy.reset(self._tokens.pop())

    def __repr__(self) -> str:
        return f"<strategy {self.name!r}: {len(self._entries)} nodes, {len(self._wires)} wires>"

    @property
    def bars(self) -> BarsOutputs:
        """The bars that the strategy runs on: `.open .high .low .close .volume`, or all at once.

        Raises InputError where another node is called `bars`.
        """
        if "bars" not in self._entries:
            self._enter("bars", builtin()["bars"], {})
        elif self._entries["bars"].type != "bars":
            raise InputError(
                f"The {self._entries['bars'].type} called 'bars' has the name of the strategy's own bars; rename it."
            )
        return BarsOutputs(self, "bars", ports(builtin()["bars"]))

    def bars_of(self, instrument: str | Instrument, name: str | None = None) -> BarsOutputs:
        """The bars of another instrument, by its name (`BTC/USDT`), at the times of the strategy's own bars.

        They are missing where that instrument has no bar. `name` names the node. Raises InputError for a text that
        names no instrument, or a venue.
        """
        which = other_name(str(instrument))
        return self.add(builtin()["bars_of"], (), {"instrument": which, "name": name})  # type: ignore[no-any-return]

    def column(self, field: str, name: str | None = None) -> Wire:
        """A column from outside that the bars carry, by its name; `name` names the node."""
        return self.add(builtin()["column"], (), {"field": field, "name": name})  # type: ignore[no-any-return]

    @property
    def graph(self) -> Graph:
        """The graph as data."""
        wires = tuple(sorted(self._wires))
        return Graph(
            dict(self._entries), wires, self.name, self.interface, self.notes, suggested_run=self.suggested_run
        )

    @property
    def catalogue(self) -> Catalogue:
        """The nodes that come with Wickwork and the user's own ones that were used."""
        return builtin().plus(self._nodes.values())

    def check(self) -> ValidatedGraph:
        """Validate the graph. Raises `GraphFaults` with all its faults."""
        return check(self.graph, self.catalogue)

    def add(self, node: Node, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Add a node: positional arguments are its wires in order, the rest wires and parameters by name.

        `name=` names the node; otherwise it is called like its type, and the second `ema` is `ema_2`. A number where
        a wire is expected is a fixed value. Bars that are not given are the strategy's own.

        Raises InputError for a name that is taken, too many wires, and unknown, doubled or wrong arguments.
        """
        kwargs = dict(kwargs)
        name = kwargs.pop("name", None)
        name = self._free_name(node.name) if name is None else node_name(name)
        self._refuse_taken(name)
        if len(args) > len(node.inputs):
            raise InputError(too_many(node, args))
        given = {entry.name: value for entry, value in zip(node.inputs, args, strict=False)}
        inputs = {i.name: i for i in node.inputs}
        params: dict[str, Any] = {}
        for key, value in kwargs.items():
            if key in given:
                raise InputError(f"{node.name}.{key} was given twice.")
            if key in inputs:
                given[key] = value
            else:
                params[key] = value
        params = self._checked(node, params, list(inputs))
        for entry in node.inputs:
            if entry.name not in given and entry.port is Port.BARS:
                given[entry.name] = self.bars
        wires = []
        for key, value in given.items():
            source = self._source(node.name, inputs[key], value, params)
            if source is not None:
                wires.append(WireEntry(source.node, source.port, name, key))
        if name in self._entries:
            raise self._taken_by_input(name, node.name)
        self._enter(name, node, params)
        self._wires += wires
        if len(node.outputs) == 1:
            return Wire(self, name, node.outputs[0].name, node.outputs[0].port)
        kind = BarsOutputs if node.outputs[0].port is Port.BARS else Outputs
        return kind(self, name, ports(node))

    def _checked(self, node: Node, params: dict[str, Any], inputs: list[str]) -> dict[str, Any]:
        known = {p.name: p for p in node.parameters}
        for key in params:
            if key not in known:
                raise InputError(f"{node.name} has no input or parameter {key!r}.{named(key, [*inputs, *known])}")
            if isinstance(params[key], Operators):
                raise InputError(
                    f"{node.name}.{key} is a parameter, the same on every bar; it cannot be {params[key]!r}."
                )
        return {key: known[key].check(node.name, value) for key, value in params.items()}

    def _source(self, owner: str, entry: Input, value: Any, params: dict[str, Any]) -> Wire | None:
        """The wire for an input; a number becomes a fixed value."""
        if isinstance(value, Outputs):
            if entry.port is not Port.BARS:
                usual = "close" if "close" in dir(value) else dir(value)[0]
                raise InputError(f"{owner}.{entry.name} needs one output of {value!r}; name it, such as .{usual}.")
            value = value.bars
        if isinstance(value, Wire):
            if value.strategy is not self:
                raise InputError(f"{value!r} belongs to the strategy {value.strategy.name!r}, not to {self.name!r}.")
            return value
        if isinstance(value, bool) and entry.port is Port.CONDITION:
            return self.add(builtin()["always"], (), {"value": value})  # type: ignore[no-any-return]
        if _is_number(value) and entry.port is Port.SERIES:
            number = _as_float(f"{owner}.{entry.name}", value)
            if not entry.required:
                params[entry.name] = number
                return None
            return self.add(builtin()["number"], (), {"value": number})  # type: ignore[no-any-return]
        raise InputError(f"{owner}.{entry.name} needs a {entry.port.value} wire, was given {value!r}.")

    def place(
        self, kind: str, entry: NodeEntry, inputs: Mapping[str, Port], given: Mapping[str, Any], name: str | None = None
    ) -> str:
        """Add a sub-graph with these inputs and what was given for them; returns its name, by default like `kind`.

        Bars that are not given are the strategy's own. Raises InputError as `add` does.
        """
        if name is not None:
            self._refuse_taken(node_name(name))
        sources: dict[str, Wire] = {}
        for key, port in inputs.items():
            value = given.get(key)
            if value is None and port is Port.BARS:
                value = self.bars
            if value is not None:
                source = self._source(kind, Input(key, port, required=True, default=math.nan), value, {})
                if source is not None:
                    sources[key] = source
        if name is None:  # only now, because a fixed value adds a node too
            name = self._free_name(kind)
        elif name in self._entries:
            raise self._taken_by_input(name, kind)
        self._wires += [WireEntry(one.node, one.port, name, key) for key, one in sources.items()]
        self._entries[name] = entry
        return name

    def use_nodes_of(self, other: Strategy) -> None:
        """Add the user's own nodes of another strategy to the catalogue.

        Raises InputError where two different ones have one name.
        """
        for node in other._nodes.values():
            self._register(node)

    def _refuse_taken(self, name: str) -> None:
        if name in self._entries:
            raise InputError(f"There is already a node called {name!r} in this strategy; choose another name.")

    def _taken_by_input(self, name: str, kind: str) -> InputError:
        """The error for a name that a fixed value or the strategy's own bars got."""
        return InputError(f"{name!r} is the name of a node that {kind} itself adds; choose another name.")

    def _enter(self, name: str, node: Node, params: dict[str, Any]) -> None:
        self._register(node)
        self._entries[name] = NodeEntry(node.name, params, node.version)

    def _register(self, node: Node) -> None:
        """Add a node to the catalogue; InputError where another one has its name, because a graph has only names."""
        known = builtin().nodes.get(node.name) or self._nodes.get(node.name)
        if known is not None and known is not node:
            whose = "comes with Wickwork" if node.name in builtin() else "is used in this strategy already"
            raise InputError(
                f"There are two nodes called {node.name!r}; the other one {whose}. Give yours another name."
            )
        if known is None:
            self._nodes[node.name] = node

    def next_name(self, kind: str, beside: Collection[str] = ()) -> str:
        """The name that the next node of that type gets where none is given; `beside` are names that are taken, too."""
        if kind not in self._entries and kind not in beside and kind != "bars":
            return kind
        number = self._last_numbers.get(kind, 1) + 1
        while f"{kind}_{number}" in self._entries or f"{kind}_{number}" in beside:
            number += 1
        return f"{kind}_{number}"

    def _free_name(self, kind: str) -> str:
        name = self.next_name(kind)
        if name != kind:
            self._last_numbers[kind] = int(name.rpartition("_")[2])
        return name


def ports(node: Node) -> dict[str, Port]:
    """The types of the outputs of a node, by name."""
    return {one.name: one.port for one in node.outputs}


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _as_float(where: str, value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        raise InputError(f"{where} was given a number that is too large for a float.") from None


def strategy(
    name: str = "",
    *,
    instrument: str = "",
    timeframe: str = "",
    start: str = "",
    end: str = "",
    notes: str | None = None,
) -> Strategy:
    """Begin a strategy, in a `with` block.

    `instrument` (several with commas between them), `timeframe`, `start` and `end` are what it was made for: the shell
    takes them where its options name nothing else. `notes` are for people, such as the file's docstring `__doc__`.

    Raises InputError where one of these texts is none.
    """
    made_for = {"instrument": instrument, "timeframe": timeframe, "start": start, "end": end}
    for key, value in (("name", name), *made_for.items()):
        if not isinstance(value, str):
            raise InputError(f"strategy({key}=…) is a text, was given {value!r:.60}.")
    return Strategy(name, made_for, notes or "")


def current(what: str) -> Strategy:
    """The strategy whose `with` block this is.

    Raises InputError outside of such a block; `what` begins the message.
    """
    found = current_strategy.get()
    if not isinstance(found, Strategy):
        raise InputError(f"{what} belongs inside a strategy: write it in a `with strategy(…) as s:` block.")
    return found
