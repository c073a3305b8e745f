"""Nodes of PVE for nodes of ours that no file had: the table read backwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.compat.pve.editing import Editor
from wickwork.compat.pve.litefile import pair
from wickwork.compat.pve.table import AVERAGE_OF, BY_TYPE, CONDITION, EXEC, ORDER, ROWS, Row
from wickwork.compat.pve.values import Draft, PlaceOf, Port
from wickwork.graph.document import Graph, NodeEntry
from wickwork.nodes import builtin

DIRECT: Mapping[str, Row] = {row.becomes[0]: row for row in ROWS if row.rule == "direct"}
WINDOWS: Mapping[str, Row] = {row.becomes[0]: row for row in ROWS if row.rule == "window" and row.in_backend}
POSITION: Mapping[str, int] = {"average_price": 0, "position_quantity": 1}
INSTEAD: Mapping[str, str] = {
    "and": "strict_and",
    "or": "strict_or",
    "crosses_above": "crosses_strictly_above",
    "crosses_below": "crosses_strictly_below",
    "ema": "moving_average with kind ema and seed first",
    "sma": "moving_average with kind sma",
    "enter_long": "place_order",
    "enter_short": "place_order",
    "close_position": "place_order",
}
"""What to use for nodes that PVE does not have."""


def settings_of(entry: NodeEntry) -> dict[str, Any]:
    """All parameters of a node, those that are not written with their defaults."""
    node = builtin().nodes.get(entry.type)
    defaults = {p.name: p.default for p in node.parameters} if node else {}
    return {**defaults, **entry.params}


def fixed_inputs(entry: NodeEntry) -> dict[str, Any]:
    """The inputs of a node that have a fixed value instead of a wire."""
    node = builtin().nodes.get(entry.type)
    inputs = {one.name for one in node.inputs} if node else set()
    return {key: value for key, value in entry.params.items() if key in inputs}


class NewNodes:
    """Adds nodes to a file and wires them."""

    def __init__(self, graph: Graph, draft: Draft, ids: Mapping[str, Any], editor: Editor, problems: list[str]) -> None:
        self.graph, self.draft, self.ids, self.editor, self.problems = graph, draft, ids, editor, problems
        self.numbers: dict[str, int] = {}
        """The id in the file of each new node of ours."""
        self.slots: dict[Port, PlaceOf] = {}
        """The input in the file of each input of a new node; the node by `#` and its id."""
        self.outputs: dict[Port, tuple[int, int]] = {}
        self.failed: set[str] = set()
        self.columns: dict[str, int] = {}
        self.branches: dict[Port, int] = {}

    def add(self, name: str) -> None:
        """Add what PVE has for a node; without any, add a problem."""
        entry = self.graph.nodes[name]
        settings = settings_of(entry)
        made = self._make(name, entry.type, settings)
        if made is None:
            self.failed.add(name)
            instead = INSTEAD.get(entry.type)
            hint = f"; PVE's nodes are like {instead}" if instead else ""
            self.problems.append(f"{name} ({entry.type}): PVE has no such node{hint}")
            return
        for port, value in fixed_inputs(entry).items():
            if (name, port) in self.slots:
                self.constant("set/float", value, made, self.slots[name, port][1])

    def _make(self, name: str, kind: str, settings: Mapping[str, Any]) -> int | None:
        """The id of the new node of the file, or None."""
        if kind in DIRECT:
            row = DIRECT[kind]
            return self._node(name, row.type, {slot.port: place for place, slot in enumerate(row.inputs)})
        if kind == "number":
            return self._node(name, "set/float", {}, {"value": settings["value"]})
        if kind == "always":
            return self._node(name, "set/bool", {}, {"value": settings["value"]})
        if kind in POSITION:
            return self._node(name, "trade/get_position", {}, port={POSITION[kind]: "value"})
        if kind in WINDOWS:
            return self._with_length(name, WINDOWS[kind].type, settings["period"], {"source": 0}, 1)
        if kind == "supertrend":
            number = self._with_length(name, "indicators/super_trend", settings["period"], {}, 3,
                                       {"multiplier": settings["multiplier"]})  # fmt: skip
            for slot, column in enumerate(("high", "low", "close")):
                self.editor.link(self._column(column), 0, number, slot)
            return number
        if kind == "moving_average":
            one = AVERAGE_OF[settings["kind"]]
            if one.becomes != "moving_average":
                return None
            return self._with_length(name, "indicators/ma", settings["period"], {"source": 0}, 1,
                                     {"ma_type": one.kind})  # fmt: skip
        return self._order(name, kind, settings)

    def _order(self, name: str, kind: str, settings: Mapping[str, Any]) -> int | None:
        wired = {wire.target_port for wire in self.graph.wires if wire.target == name}
        if kind == "cancel_orders":
            one = "trade/cancel_order" if "order" in wired else "trade/cancel_all_order"
            return self._node(name, one, {"when": 0, "order": 1})
        if kind == "modify_orders":
            return self._node(name, "trade/modify_order", {"when": 0, "order": 1, "price": 2, "quantity": 3})
        if kind != "place_order" or settings["order"] not in ("limit", "market", "stop"):
            return None
        if settings["order"] == "stop":
            number = self._node(name, "trade/create_conditional_order", {"when": 0, "stop": 2, "size": 3})
        else:
            number = self._node(name, "trade/create_order", {"when": 0, "price": 3, "size": 4})
            self.constant("set/bool", settings["order"] == "limit", number, 2)
        self.constant("set/bool", settings["side"] == "buy", number, 1)
        return number

    def _node(
        self,
        name: str,
        kind: str,
        slots: Mapping[str, int],
        properties: dict[str, Any] | None = None,
        port: Mapping[int, str] | None = None,
    ) -> int:
        x, y = self._place(name)
        number = self.numbers[name] = self.editor.add_node(kind, x, y, properties)
        self.slots |= {(name, one): (f"#{number}", slot) for one, slot in slots.items()}
        ports = port or {place: slot.port or "value" for place, slot in enumerate(BY_TYPE[kind].outputs)}
        self.outputs |= {(name, one): (number, place) for place, one in ports.items()}
        if BY_TYPE[kind].outputs and BY_TYPE[kind].outputs[-1].kind == ORDER:
            self.outputs[name, "order"] = (number, len(BY_TYPE[kind].outputs) - 1)
        return number

    def _with_length(
        self, name: str, kind: str, period: int, slots: Mapping[str, int], slot: int,
        properties: dict[str, Any] | None = None,
    ) -> int:  # fmt: skip
        number = self._node(name, kind, slots, properties)
        self.constant("set/integer", period, number, slot)
        return number

    def constant(self, kind: str, value: Any, target: Any, slot: int) -> None:
        """Add a constant, and wire it to an input."""
        x, y = pair(self.editor.nodes[target].get("pos"))
        self.editor.link(self.editor.add_node(kind, x - 240.0, y + 40.0 * slot, {"value": value}), 0, target, slot)

    def _place(self, name: str) -> tuple[float, float]:
        nodes = self.graph.layout.get("nodes")
        one = nodes.get(name) if isinstance(nodes, Mapping) else None
        if isinstance(one, Mapping):
            return pair([one.get("x"), one.get("y")])
        count = len(self.numbers)
        return 240.0 * (count % 8), 150.0 * (count // 8)

    def _column(self, column: str) -> int:
        """The id of a node that gives a column of the bars."""
        if column not in self.columns:
            there = next((i for i, n in self.editor.nodes.items() if n.get("type") == f"get/{column}"), None)
            self.columns[column] = self.editor.add_node(f"get/{column}", -300.0, 0.0) if there is None else there
        return self.columns[column]

    def wire(self, source: Port, place: PlaceOf, what: str) -> None:
        """Wire an output of ours to an input of the file; add a problem where PVE has no such output."""
        key, slot = place
        target = int(key[1:]) if key.startswith("#") else self.ids[key]
        row = BY_TYPE.get(self.editor.nodes[target]["type"])
        kind = row.inputs[slot].kind if row and slot < len(row.inputs) else ""
        found = self._output(source, kind)
        if found is None:
            self.problems.append(f"{what}: PVE has no output for {'.'.join(source)}")
        else:
            self.editor.link(*found, target, slot)

    def _output(self, source: Port, kind: str) -> tuple[Any, int] | None:
        """The output of the file for an output of ours, as the kind of slot needs it."""
        if source[0] == "bars" and source[1] != "bars":
            return self._column(source[1]), 0
        if kind == ORDER:
            ends = self.draft.order_outputs.get(source[0], ())
            return self.outputs.get(source) or next(((self.ids[key], slot) for key, slot in ends), None)
        for key, slot in self.draft.outputs.get(source, ()):
            if kind in ("", self._kind(key, slot)):
                return self.ids[key], slot
        if kind == EXEC:
            test = self._output(source, CONDITION)
            return None if test is None else (self._branch(source, test), 0)
        return self.outputs.get(source)

    def _kind(self, key: str, slot: int) -> str:
        row = BY_TYPE.get(self.editor.nodes.get(self.ids[key], {}).get("type", ""))
        return row.outputs[slot].kind if row and slot < len(row.outputs) else ""

    def _branch(self, source: Port, test: tuple[Any, int]) -> int:
        """An If that makes an exec wire of a condition."""
        if source not in self.branches:
            x, y = pair(self.editor.nodes[test[0]].get("pos"))
            number = self.branches[source] = self.editor.add_node("logic/if", x + 240.0, y)
            self.editor.link(*test, number, 0)
        return self.branches[source]
