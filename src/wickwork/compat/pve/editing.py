"""Changes of a LiteGraph file in the forms that it has: properties, links, new and removed nodes."""

from __future__ import annotations

from typing import Any

from wickwork.compat.pve.litefile import FIELDS, link_parts, whole
from wickwork.compat.pve.table import BY_TYPE, CONDITION, EXEC, NUMBER, Slot

TYPE_NAMES = {NUMBER: "float", CONDITION: "bool", EXEC: "exec"}
WHOLE_LABELS = ("Length", "Integer", "Window")


def type_name(slot: Slot) -> str:
    """The type that PVE's editor gives to a slot."""
    return "integer" if slot.label in WHOLE_LABELS else TYPE_NAMES.get(slot.kind, "string")


class Editor:
    """A copy of a file that is being changed."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self.graph: dict[str, Any] = data.get("graph", data)
        self.nodes: dict[Any, dict[str, Any]] = {whole(n["id"]): n for n in self.graph["nodes"] if isinstance(n, dict)}
        links = self.graph.get("links") or []
        values = list(links.values()) if isinstance(links, dict) else links
        self.as_object = any(isinstance(one, dict) for one in values)
        self.into: dict[tuple[Any, int], list[Any]] = {}
        """The links to each input, as they stand in the file."""
        parsed = [(one, parts) for one in values if (parts := link_parts(one))]
        for one, parts in parsed:
            if all(isinstance(part, int | str) for part in parts[1:5]):
                self.into.setdefault((parts[3], parts[4]), []).append(one)
        self.last = {
            "last_node_id": self._last("last_node_id", list(self.nodes)),
            "last_link_id": self._last("last_link_id", [parts[0] for _, parts in parsed]),
        }

    def set_property(self, node_id: Any, key: str, value: Any) -> None:
        """Change a property, and the widget that shows it."""
        node = self.nodes[node_id]
        properties = node.get("properties")
        if not isinstance(properties, dict):
            properties = node["properties"] = {}
        old = properties.get(key)
        whole = isinstance(old, int) or node["type"] == "set/integer"
        if whole and isinstance(value, float) and value.is_integer():
            value = int(value)
        properties[key] = value
        widgets = node.get("widgets_values")
        if isinstance(widgets, list) and widgets:
            widgets[0] = value

    def add_node(self, kind: str, x: float, y: float, properties: dict[str, Any] | None = None) -> int:
        """Add a node and return its id."""
        row = BY_TYPE[kind]
        number = self._next("last_node_id")
        like = next((n for n in self.nodes.values() if isinstance(n.get("size"), list | dict)), {})
        height = 30 + 20 * max(len(row.inputs), len(row.outputs), 1)
        size: Any = {"0": 210, "1": height} if isinstance(like.get("size"), dict) else [210, height]
        node: dict[str, Any] = {
            "id": number, "type": kind, "pos": [x, y], "size": size, "flags": {}, "order": len(self.nodes), "mode": 0,
            "inputs": [{"name": slot.label, "type": type_name(slot), "link": None} for slot in row.inputs],
            "outputs": [
                {"name": slot.label, "type": type_name(slot), "links": None, "slot_index": place}
                for place, slot in enumerate(row.outputs)
            ],
            "properties": properties or {},
        }  # fmt: skip
        if properties:
            node["widgets_values"] = list(properties.values())
        self.graph["nodes"].append(node)
        self.nodes[number] = node
        return number

    def remove_node(self, node_id: Any) -> None:
        """Remove a node with its links."""
        for target, ones in list(self.into.items()):
            if target[0] == node_id or any((link_parts(one) or [None, None])[1] == node_id for one in ones):
                self.unlink(*target)
        self.graph["nodes"].remove(self.nodes.pop(node_id))

    def link(self, source: Any, source_slot: int, target: Any, target_slot: int) -> None:
        """Wire an output to an input, whose former link goes."""
        self.unlink(target, target_slot)
        if self.graph.get("links") is None:
            self.graph["links"] = []
        number = self._next("last_link_id")
        row = BY_TYPE.get(self.nodes[source]["type"])
        slots = row.outputs if row else ()
        kind = type_name(slots[source_slot]) if source_slot < len(slots) else "float"
        parts = [number, source, source_slot, target, target_slot, kind]
        new: Any = dict(zip(FIELDS, parts, strict=True)) if self.as_object else parts
        links = self.graph["links"]
        if isinstance(links, dict):
            links[str(number)] = new
        else:
            links.append(new)
        self.into[target, target_slot] = [new]
        output = self._slot(source, "outputs", source_slot)
        if output is not None:
            output["links"] = [*(output.get("links") or []), number]
        entry = self._slot(target, "inputs", target_slot)
        if entry is not None:
            entry["link"] = number

    def unlink(self, target: Any, target_slot: int) -> None:
        """Remove all links to an input."""
        links = self.graph.get("links")
        for one in self.into.pop((target, target_slot), ()):
            if isinstance(links, dict):
                for key in [key for key, other in links.items() if other is one]:
                    del links[key]
            elif isinstance(links, list):
                links.remove(one)
            number, source, slot = (link_parts(one) or [None] * 3)[:3]
            output = self._slot(source, "outputs", slot)
            if output is not None and isinstance(output.get("links"), list):
                output["links"] = [other for other in output["links"] if other != number] or None
        entry = self._slot(target, "inputs", target_slot)
        if entry is not None:
            entry["link"] = None

    def move(self, node_id: Any, x: float, y: float) -> None:
        """Change where a node stands, in the form that its `pos` has."""
        pos = self.nodes[node_id].get("pos")
        self.nodes[node_id]["pos"] = {**pos, "0": x, "1": y} if isinstance(pos, dict) else [x, y]

    def _slot(self, node_id: Any, side: str, slot: int) -> dict[str, Any] | None:
        slots = self.nodes.get(node_id, {}).get(side)
        one = slots[slot] if isinstance(slots, list) and 0 <= slot < len(slots) else None
        return one if isinstance(one, dict) else None

    def _last(self, key: str, used: list[Any]) -> int:
        return max([0, *(one for one in map(whole, [self.graph.get(key), *used]) if isinstance(one, int))])

    def _next(self, key: str) -> int:
        self.last[key] += 1
        self.graph[key] = self.last[key]
        return self.last[key]
