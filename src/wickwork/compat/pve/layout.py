"""What of a LiteGraph file is no logic: places, titles, colours, groups, and the file itself for a later export."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from wickwork.compat.pve.editing import Editor
from wickwork.compat.pve.litefile import LiteFile, pair
from wickwork.compat.pve.values import Draft, plain

LAYOUT = "litegraph"
"""The key of the layout that holds the file."""
_COLOUR = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
COLOURS = {"color": "color", "background": "bgcolor"}
"""Keys of the layout, and those of LiteGraph."""


def layout_of(file: LiteFile, draft: Draft, digest: str = "") -> dict[str, Any]:
    """Where nodes stand, their titles and colours, groups, what is drawn, and the whole file for a later export.

    `digest` is the hash of the graph that was made of the file.
    """
    nodes: dict[str, dict[str, Any]] = {}
    steps: dict[str, int] = {}
    for name, key in draft.made_by.items():
        node = file.nodes[key]
        step = steps[key] = steps.get(key, -1) + 1
        nodes[name] = {"x": node.pos[0] + 20.0 * step, "y": node.pos[1] + 20.0 * step}
        nodes[name] |= {"title": plain(node.title)} if node.title else {}
        nodes[name] |= {o: plain(node.raw[t]) for o, t in COLOURS.items() if isinstance(node.raw.get(t), str)}
    if "bars" in draft.nodes:
        places = [node.pos for node in file.nodes.values()] or [(0.0, 0.0)]
        nodes["bars"] = {"x": min(x for x, _ in places) - 250.0, "y": min(y for _, y in places)}
    layout: dict[str, Any] = {"nodes": nodes, LAYOUT: {"file": as_text(file.data), "hash": digest}}
    groups = file.graph.get("groups")
    if isinstance(groups, list) and groups:
        boxes = [one for one in groups if isinstance(one, dict)]
        layout["groups"] = {f"g{i}": _group(one, nodes) for i, one in enumerate(boxes, start=1)}
    if draft.drawn:
        layout["drawn"] = draft.drawn
    if draft.messages:
        layout["messages"] = draft.messages
    return layout


def _group(group: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A group as the layout has it; its members are the nodes that stand inside of its box."""
    box = group.get("bounding")
    values = list(box.values()) if isinstance(box, dict) else box
    x, y = pair(values)
    width, height = pair(values[2:]) if isinstance(values, list) else (0.0, 0.0)
    members = [n for n, one in nodes.items() if 0.0 <= one["x"] - x <= width and 0.0 <= one["y"] - y <= height]
    found: dict[str, Any] = {"x": x, "y": y, "width": width, "height": height, "members": members}
    if isinstance(group.get("title"), str):
        found["title"] = plain(group["title"])
    colour = group.get("color")
    if isinstance(colour, str) and _COLOUR.fullmatch(colour):
        found["colour"] = colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])
    return found


def write_layout(now: Mapping[str, Any], file: LiteFile, draft: Draft, editor: Editor) -> None:
    """Write into a file what was changed in the layout: places, titles and colours of nodes, and groups."""
    then = layout_of(file, draft)
    places = now.get("nodes")
    done: set[str] = set()
    for name, key in draft.made_by.items():
        here = places.get(name) if isinstance(places, Mapping) else None
        if key not in done and isinstance(here, Mapping) and file.nodes[key].id in editor.nodes:
            _write_node(here, then["nodes"][name], file.nodes[key].id, editor)
        done.add(key)
    groups = now.get("groups", {})
    if groups != then.get("groups", {}):
        old = [one for one in editor.graph.get("groups") or [] if isinstance(one, dict)]
        known = {f"g{i}": one for i, one in enumerate(old, start=1)}
        editor.graph["groups"] = [_lite_group(one, known.get(name, {})) for name, one in groups.items()]


def _write_node(here: Mapping[str, Any], there: Mapping[str, Any], node_id: Any, editor: Editor) -> None:
    x, y = pair([here.get("x"), here.get("y")])
    if (x, y) != (there["x"], there["y"]):
        editor.move(node_id, x, y)
    for ours, theirs in {"title": "title", **COLOURS}.items():
        if here.get(ours) != there.get(ours) and isinstance(here.get(ours), str):
            editor.nodes[node_id][theirs] = here[ours]


def _lite_group(group: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    x, y = pair([group.get("x"), group.get("y")])
    width, height = pair([group.get("width"), group.get("height")])
    texts = {o: group[t] for o, t in {"title": "title", "color": "colour"}.items() if isinstance(group.get(t), str)}
    return {"title": "", "color": "#3f789e", "font_size": 24, **old, **texts, "bounding": [x, y, width, height]}


def as_text(data: Any) -> str:
    """The file as one line of ASCII, in which any text of it fits into a document."""
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"))
