"""What flows through a wire of PVE while a file is imported, and the graph that grows from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wickwork.compat.pve.litefile import LiteNode
from wickwork.compat.pve.table import CONDITION, EXEC, NUMBER
from wickwork.graph.document import MOST_NODES, NodeEntry, WireEntry
from wickwork.model.errors import InputError
from wickwork.model.finite import is_finite
from wickwork.nodes import builtin

Port = tuple[str, str]
"""A node of ours and its output."""
PlaceOf = tuple[str, int]
"""A PVE node by its key, and a slot."""


@dataclass(frozen=True)
class Role:
    """What an order does for the position."""

    side: int
    """1 buys, −1 sells."""
    is_market: bool
    exit: bool


@dataclass(frozen=True)
class Value:
    """The value of one output of a PVE node, in every bar.

    It is a wire of ours, or fixed before the run, or both; of orders it is the actions that place them. Without any of
    these PVE never gives a value there (*nothing*).
    """

    kind: str
    wire: Port | None = None
    fixed: float | bool | str | None = None
    orders: tuple[str, ...] = ()
    """The actions whose newest order is meant."""
    last: bool = False
    """Of orders: the newest of the instrument, not of these actions alone."""
    known: bool = False
    """Never missing, not even on the first bars."""
    positive: bool = False
    """Above 0 wherever it is known."""
    origin: PlaceOf | None = None
    """The PVE output that it comes from."""
    after: frozenset[Role] = frozenset()
    """Of a condition: the roles of the orders that its exec chain has placed when it is true."""
    filled: frozenset[Role] = frozenset()
    """Of a condition: the roles of the orders of which one has filled when it is true."""
    unknown: bool = False
    """A text or an order of a node that cannot be imported."""

    @property
    def nothing(self) -> bool:
        """Whether PVE never gives a value here."""
        return self.wire is None and self.fixed is None and not self.orders and not self.unknown and not self.last


NOTHING = Value("")
FALSE, TRUE = Value(CONDITION, fixed=False), Value(CONDITION, fixed=True)


class Unfit(Exception):  # no error: the node becomes a placeholder
    """A PVE node cannot become nodes of ours; the text says why."""


class LeftOut(Exception):  # no error: the node does nothing
    """A PVE node never does anything; the text says why."""


@dataclass
class Draft:
    """The graph while it is built."""

    nodes: dict[str, NodeEntry] = field(default_factory=dict)
    wires: list[WireEntry] = field(default_factory=list)
    actions: dict[str, Role] = field(default_factory=dict)
    """The order nodes of ours."""
    made_by: dict[str, str] = field(default_factory=dict)
    """The key of the PVE node from which each node of ours comes."""
    slots: dict[Port, PlaceOf] = field(default_factory=dict)
    """The PVE input behind an input of ours."""
    properties: dict[Port, tuple[str, str]] = field(default_factory=dict)
    """The PVE node and property behind a parameter of ours."""
    outputs: dict[Port, list[PlaceOf]] = field(default_factory=dict)
    """The PVE outputs that an output of ours stands for."""
    order_outputs: dict[str, list[PlaceOf]] = field(default_factory=dict)
    """The PVE outputs that carry the id of an action's orders."""
    drawn: list[dict[str, str]] = field(default_factory=list)
    messages: list[dict[str, str]] = field(default_factory=list)
    later: list[Callable[[], None]] = field(default_factory=list)
    """What can be built only when all order nodes are there."""
    has_conditional_orders: bool = False


@dataclass
class Builder:
    """Adds the nodes of one PVE node to the draft."""

    draft: Draft
    node: LiteNode
    linked: frozenset[int] = frozenset()
    """The outputs of the PVE node that something is wired to."""
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def name(self, suffix: str = "") -> str:
        """The name of a node of ours: the key and the last word of the PVE type, `n12_create_order`."""
        word = "".join(c if c.isascii() and c.isalnum() else "_" for c in self.node.type.rsplit("/", 1)[-1].lower())
        return f"{self.node.key}_{word[:24]}{'_' if suffix else ''}{suffix}"

    def shared(self, name: str, kind: str, wires: Mapping[str, Port], params: Mapping[str, Any] | None = None) -> str:
        """Add a node that several PVE nodes use, under a name of its own, once; it counts as made for the first."""
        if name not in self.draft.nodes:
            self._enter(name, kind, params)
            self.draft.wires += [WireEntry(*source, name, port) for port, source in wires.items()]
        return name

    def add(
        self,
        kind: str,
        wires: Mapping[str, Value | Port | None] | None = None,
        *,
        suffix: str = "",
        params: Mapping[str, Any] | None = None,
        slots: Mapping[str, int] | None = None,
        properties: Mapping[str, tuple[str, str]] | None = None,
    ) -> str:
        """Add a node of ours once, and return its name; a node of that name that is there already is kept.

        `slots` and `properties` say from which input and which property of the PVE node an input or parameter comes.
        """
        name = self.name(suffix)
        if name in self.draft.nodes:
            return name
        self._enter(name, kind, params)
        for port, value in (wires or {}).items():
            if value is not None:
                source = value if isinstance(value, tuple) else self.wire(value)
                self.draft.wires.append(WireEntry(*source, name, port))
        for port, slot in (slots or {}).items():
            self.draft.slots[name, port] = (self.node.key, slot)
        self.draft.properties |= {(name, param): place for param, place in (properties or {}).items()}
        return name

    def _enter(self, name: str, kind: str, params: Mapping[str, Any] | None) -> None:
        if len(self.draft.nodes) >= MOST_NODES:
            raise InputError(f"The graph of this file would have more than {MOST_NODES:,} nodes; split the file.")
        for parameter in builtin()[kind].parameters:
            if params and parameter.name in params:
                try:
                    parameter.check(kind, params[parameter.name])
                except InputError as error:
                    raise Unfit(f"Wickwork has no such node: {str(error).rstrip('.')}") from None
        self.draft.nodes[name] = NodeEntry(kind, dict(params or {}))
        self.draft.made_by[name] = self.node.key

    def wire(self, value: Value) -> Port:
        """The wire of a value; a fixed one gets its node, `number` or `always`, the first time that it is needed."""
        if value.wire is not None:
            return value.wire
        if value.fixed is None or value.origin is None or isinstance(value.fixed, str):
            raise Unfit("it reads a value that no wire can carry")
        key, slot = value.origin
        is_number = value.kind == NUMBER
        name = f"{key}_{'number' if is_number else 'always'}{'' if slot == 0 else f'_{slot}'}"
        if name not in self.draft.nodes:
            setting = float(value.fixed) if is_number else bool(value.fixed)
            self.draft.nodes[name] = NodeEntry("number" if is_number else "always", {"value": setting})
            self.draft.made_by[name] = key
            self.draft.properties[name, "value"] = (key, "value")
            self.draft.outputs.setdefault((name, "value"), []).append(value.origin)
        return name, "value"

    def bars(self) -> str:
        """The node with the bars of the run."""
        if "bars" not in self.draft.nodes:
            self.draft.nodes["bars"] = NodeEntry("bars")
        return "bars"

    def warn(self, text: str) -> None:
        """Add a difference that can change decisions to the report."""
        self.warnings.append(text)

    # ---- conditions made of conditions

    def both(self, a: Value, b: Value, suffix: str) -> Value:
        """True where both are; fixed ones are worked out."""
        for one, other in ((a, b), (b, a)):
            if one.fixed is not None:
                return other if one.fixed else FALSE
        name = self.add("and", {"a": a, "b": b}, suffix=suffix)
        return replace(a, wire=(name, "value"), origin=None, known=a.known and b.known)

    def opposite(self, value: Value, suffix: str) -> Value:
        """True where it is false."""
        if value.fixed is not None:
            return replace(value, fixed=not value.fixed, wire=None)
        name = self.add("not", {"value": value}, suffix=suffix)
        return Value(value.kind, (name, "value"), known=value.known)

    def every_bar(self, suffix: str) -> Value:
        """A condition that is true on every bar."""
        close = (self.bars(), "close")
        name = self.add("equal", {"a": close, "b": close}, suffix=suffix)
        return Value(EXEC, (name, "value"), known=True)


def fixed_number(node: LiteNode, value: Any, what: str) -> float:
    """That property as a number; Unfit where it is none that a node can have."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = None
    if not is_finite(value) or abs(value) > 1e15:
        raise Unfit(f"its {what} is not a number from −1e15 to 1e15")
    return float(value)


def plain(text: str) -> str:
    """A text that a document may hold: control characters become spaces, and it is cut to 200 characters."""
    return "".join(c if c.isprintable() else " " for c in text)[:200].strip()
