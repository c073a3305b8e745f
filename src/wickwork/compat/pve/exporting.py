"""From a graph to a LiteGraph file of PVE.

The file from which the graph was imported is in its layout. It is imported again; what the graph differs in from that
is written into a copy of the file. At last the copy is imported: only if that gives the graph, it is exported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wickwork.compat.pve import litefile
from wickwork.compat.pve.editing import Editor
from wickwork.compat.pve.envelope import write_run
from wickwork.compat.pve.importing import Imported, of_file
from wickwork.compat.pve.layout import LAYOUT, as_text, write_layout
from wickwork.compat.pve.new_nodes import NewNodes, fixed_inputs, settings_of
from wickwork.compat.pve.values import Port
from wickwork.graph.document import Graph
from wickwork.model.errors import InputError, Refused, WickworkError

EMPTY: Mapping[str, Any] = {
    "last_node_id": 0, "last_link_id": 0, "nodes": [], "links": [], "groups": [], "config": {}, "extra": {},
    "version": 0.4,
}  # fmt: skip


@dataclass
class Exported:
    """A file for PVE, and what of the graph is not in it."""

    data: Any
    problems: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The file as JSON."""
        return json.dumps(self.data, indent=2, ensure_ascii=True) + "\n"


def export_litegraph(graph: Graph, *, partial: bool = False) -> Exported:
    """A LiteGraph file of a graph.

    A graph that was imported and not changed gives the same file. Raises Refused with a list of all that PVE cannot
    have, unless `partial`: then the file has the rest, and `problems` lists what is missing.
    """
    given = graph.layout.get(LAYOUT)
    stored: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    text = stored.get("file")
    if text is not None and not isinstance(text, str):
        raise InputError("The layout's `litegraph` has no `file` as text; import the file again.")
    base = of_file(litefile.read(text, "the file in the layout") if text else litefile.of_data(dict(EMPTY), "the file"))
    editor = Editor(json.loads(as_text(base.file.data)))
    export = Exported(editor.data)
    if not text or graph.hash() not in (stored.get("hash"), base.graph.hash()):
        _refuse_other_import(base, stored)
        changes = _Changes(graph, base, editor, export.problems)
        changes.write()
        if not export.problems and changes.made:
            _compare(graph, changes, export)
    write_layout(graph.layout, base.file, base.draft, editor)
    export.data = write_run(graph.suggested_run, base.graph.suggested_run, export.data, export.problems)
    if export.problems and not partial:
        listed = "\n".join(f"- {one}" for one in export.problems)
        raise Refused(
            f"PVE cannot have all of this graph:\n{listed}\nChange these nodes, or export the rest with --partial."
        )
    return export


def _refuse_other_import(base: Imported, stored: Mapping[str, Any]) -> None:
    """Raise Refused where another version made another graph of the file: then changes since cannot be found."""
    if stored.get("hash", base.graph.hash()) != base.graph.hash():
        raise Refused(
            "This Wickwork makes another graph of the imported file than the one that this was made from, so what was "
            "changed since cannot be found; import the file again and repeat the changes."
        )


class _Changes:
    """What a graph differs in from the file it came from, written into the file."""

    def __init__(self, graph: Graph, base: Imported, editor: Editor, problems: list[str]) -> None:
        self.graph, self.base, self.editor, self.problems = graph, base, editor, problems
        self.draft = base.draft
        self.ids = {key: node.id for key, node in base.file.nodes.items()}
        self.made = False
        """Whether nodes, parameters or wires were changed."""
        then, now = base.graph.nodes, graph.nodes
        self.added = [name for name in now if name not in then or now[name].type != then[name].type]
        self.removed = [name for name in then if name not in now or now[name].type != then[name].type]
        self.new = NewNodes(graph, self.draft, self.ids, editor, problems)

    def write(self) -> None:
        """Write all changes; what cannot be written is added to the problems."""
        self._params()
        for name in self.added:
            if name != "bars":
                self.made = True
                self.new.add(name)
        self._wires()
        self._remove()

    def _params(self) -> None:
        wanted: dict[tuple[str, str], dict[Any, list[str]]] = {}
        for name, entry in self.graph.nodes.items():
            if name in self.added or name not in self.base.graph.nodes:
                continue
            then, now = settings_of(self.base.graph.nodes[name]), settings_of(entry)
            fixed = fixed_inputs(entry)
            for port, value in fixed.items():
                self._fixed_input(name, port, value)
            for param in (now.keys() | then.keys()) - fixed.keys():
                place = self.draft.properties.get((name, param))
                if now.get(param) != then.get(param) and place is None:
                    self._refuse_param(name, param, now.get(param))
                if place is not None:
                    value = now.get(param)
                    changed = value != then.get(param)
                    wanted.setdefault(place, {}).setdefault(_property(param, value), []).append(name if changed else "")
        for (key, prop), values in wanted.items():
            changed_by = [name for names in values.values() for name in names if name]
            if not changed_by:
                continue
            self.made = True
            if len(values) > 1:
                users = ", ".join(sorted(set(changed_by)))
                self.problems.append(
                    f"{users}: one constant of the file (node {self.ids[key]}) sets this and other nodes, which now "
                    "differ; give them the same value"
                )
            elif (value := next(iter(values))) is None:
                self.problems.append(f"{changed_by[0]}: PVE's {prop} has no such value")
            else:
                self.editor.set_property(self.ids[key], prop, value)

    def _fixed_input(self, name: str, port: str, value: Any) -> None:
        """A value that was given to an input instead of a wire becomes a constant of the file."""
        self.made = True
        place = self.draft.slots.get((name, port))
        if place is None:
            self.problems.append(f"{name}.{port}: PVE has no input for it")
        else:
            self.new.constant("set/float", value, self.ids[place[0]], place[1])

    def _refuse_param(self, name: str, param: str, value: Any) -> None:
        self.made = True
        self.problems.append(f"{name}.{param} = {value!r:.60}: PVE has no property for it")

    def _wires(self) -> None:
        then, now = _by_target(self.base.graph), _by_target(self.graph)
        for target, source in now.items():
            if then.get(target) == source and target[0] not in self.added and source[0] not in self.added:
                continue
            self.made = True
            place = self.new.slots.get(target) or self.draft.slots.get(target)
            if target[0] in self.new.failed or source[0] in self.new.failed:
                continue
            if place is None and self._is_made_with(target, source):
                continue
            if place is None:
                self.problems.append(f"{'.'.join(target)}: PVE has no input for it")
                continue
            self.new.wire(source, place, ".".join(target))
        for target in then.keys() - now.keys():
            if target[0] in self.removed or target[1] in fixed_inputs(self.graph.nodes[target[0]]):
                continue
            self.made = True
            place = self.draft.slots.get(target)
            if place is None:
                self.problems.append(f"{'.'.join(target)}: PVE cannot do without this wire")
            else:
                self.editor.unlink(self.ids[place[0]], place[1])

    def _is_made_with(self, target: Port, source: Port) -> bool:
        """Whether the wire comes with a new node of PVE, such as that from the bars to a supertrend."""
        return target[0] in self.added and target[1] == "bars" and source == ("bars", "bars")

    def _remove(self) -> None:
        kept = {key for name, key in self.draft.made_by.items() if name not in self.removed}
        for key in dict.fromkeys(self.draft.made_by[name] for name in self.removed if name in self.draft.made_by):
            self.made = True
            if key not in kept:
                self.editor.remove_node(self.ids[key])
            else:
                gone = [name for name in self.removed if self.draft.made_by.get(name) == key]
                self.problems.append(
                    f"{', '.join(gone)}: part of node {self.ids[key]} of the file, of which others stay"
                )


def _property(param: str, value: Any) -> Any:
    """A parameter as PVE's property; None where PVE has no such value."""
    if param == "side":
        return {"buy": True, "sell": False}.get(value)
    if param == "order":
        return {"limit": True, "market": False}.get(value)
    return value


def _by_target(graph: Graph) -> dict[Port, Port]:
    return {(w.target, w.target_port): (w.source, w.source_port) for w in graph.wires}


def _compare(graph: Graph, changes: _Changes, export: Exported) -> None:
    """Add a problem where importing the file would give another graph."""
    try:
        again = of_file(litefile.of_data(export.data, "the exported file"))
    except WickworkError as error:
        export.problems.append(f"PVE could not read the file: {error}")
        return
    names = {}
    for name, number in changes.new.numbers.items():
        for one, key in again.draft.made_by.items():
            if key == litefile.key_of(number) and again.graph.nodes[one].type == graph.nodes[name].type:
                names[name] = one
    mine, other = _normal(graph, names), _normal(again.graph, {})
    if mine == other:
        return
    nodes = {name for name in mine[0].keys() | other[0].keys() if mine[0].get(name) != other[0].get(name)}
    nodes |= {end[0] for end in mine[1].keys() | other[1].keys() if mine[1].get(end) != other[1].get(end)}
    back = {new: name for name, new in names.items()}
    listed = ", ".join(sorted(back.get(name, name) for name in nodes)[:20])
    export.problems.append(f"{listed}: in PVE this would be another strategy")


def _normal(graph: Graph, names: Mapping[str, str]) -> tuple[dict[str, Any], dict[Port, Any]]:
    """Nodes with all their settings, and what comes to each input, under other names.

    A constant is the value of the inputs that read it, whether it is a node or stands at the input.
    """
    constants = {name: one.params.get("value") for name, one in graph.nodes.items() if one.type in ("number", "always")}
    nodes: dict[str, Any] = {}
    inputs: dict[Port, Any] = {}
    for name, entry in graph.nodes.items():
        if name in constants or entry.type == "bars":
            continue
        fixed = fixed_inputs(entry)
        settings = {key: value for key, value in settings_of(entry).items() if key not in fixed}
        nodes[names.get(name, name)] = (entry.type, settings)
        inputs |= {(names.get(name, name), port): value for port, value in fixed.items()}
    for wire in graph.wires:
        source = names.get(wire.source, wire.source), wire.source_port
        target = names.get(wire.target, wire.target), wire.target_port
        inputs[target] = constants.get(wire.source, source)
    return nodes, inputs
