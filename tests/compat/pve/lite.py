"""Writes LiteGraph files for tests, in every form that occurs, and runs what is imported from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from wickwork import Bars, backtest, parse_instrument, parse_timeframe
from wickwork.compat.pve import Imported, import_litegraph
from wickwork.compat.pve.editing import type_name
from wickwork.compat.pve.table import BY_TYPE
from wickwork.engine.backtest import columns_of
from wickwork.graph.check import find_faults
from wickwork.graph.document import Graph
from wickwork.nodes import builtin

ORACLES = Path(__file__).parents[4] / "shared" / "oracles"
nan = float("nan")
FREE: dict[str, Any] = {"taker_fee": 0.0, "maker_fee": 0.0, "slippage": 0.0, "spread": 0.0, "capital": 100_000.0}
"""A venue without costs."""


class Lite:
    """A LiteGraph file under construction: `node` returns an id, `wire` connects slots."""

    def __init__(self, *, sizes: str = "list", links: str = "list") -> None:
        self.sizes, self.link_form = sizes, links
        self.nodes: list[dict[str, Any]] = []
        self.links: list[Any] = []

    def node(self, kind: str, *sources: Any, properties: dict[str, Any] | None = None, **more: Any) -> int:
        """Add a node; each source is an id (its output 0), a pair of id and output, or None."""
        number, row = len(self.nodes) + 1, BY_TYPE.get(kind)
        inputs = [{"name": s.label, "type": type_name(s), "link": None} for s in row.inputs] if row else []
        outputs = [{"name": s.label, "type": type_name(s), "links": []} for s in row.outputs] if row else []
        size: Any = [210, 60] if self.sizes == "list" else {"0": 210, "1": 60}
        self.nodes.append(
            {"id": number, "type": kind, "pos": [100 * number, 50], "size": size, "flags": {}, "order": number,
             "mode": 0, "inputs": inputs, "outputs": outputs, "properties": properties or {}, **more}
        )  # fmt: skip
        for slot, source in enumerate(sources):
            if source is not None:
                self.wire(source, number, slot)
        return number

    def value(self, kind: str, value: Any) -> int:
        """Add a constant: `set/<kind>`."""
        return self.node(f"set/{kind}", properties={"value": value}, widgets_values=[value])

    def wire(self, source: Any, target: int, slot: int) -> None:
        origin, output = source if isinstance(source, tuple) else (source, 0)
        number = len(self.links) + 1
        parts = [number, origin, output, target, slot, "float"]
        names = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
        self.links.append(parts if self.link_form == "list" else dict(zip(names, parts, strict=True)))
        for end, side, place in ((origin, "outputs", output), (target, "inputs", slot)):
            slots = self.nodes[end - 1][side]
            if place < len(slots) and side == "inputs":
                slots[place]["link"] = number
            elif place < len(slots):
                slots[place].setdefault("links", []).append(number)

    def data(self, **envelope: Any) -> dict[str, Any]:
        graph = {
            "last_node_id": len(self.nodes), "last_link_id": len(self.links), "nodes": self.nodes, "links": self.links,
            "groups": [{"title": "All", "bounding": [0, 0, 900, 300], "color": "#3f789e", "font_size": 24}],
            "config": {}, "extra": {}, "version": 0.4,
        }  # fmt: skip
        return {"graph": graph, **envelope} if envelope else graph


def imported(lite: Lite, **envelope: Any) -> Imported:
    found = import_litegraph(lite.data(**envelope))
    refuse_others(found)
    return found


def refuse_others(found: Imported) -> None:
    """Fail where a node of PVE became a node that its row does not name."""
    for name, key in found.draft.made_by.items():
        row, kind = BY_TYPE.get(found.file.nodes[key].type), found.graph.nodes[name].type
        assert row is None or kind in (*row.becomes, "number", "always", f"pve:{row.type}"), (row.type, kind)


def bars(close: list[float], **columns: list[float]) -> Bars:
    """Bars of one hour of A/USDT:USDT; other columns are the close where they are not given."""
    moments = np.arange(len(close), dtype=np.int64) * 3_600_000 + 1_704_067_200_000
    price = {name: np.array(columns.get(name, close), dtype=np.float64) for name in ("open", "high", "low", "close")}
    price["high"] = np.maximum.reduce(list(price.values()))
    price["low"] = np.minimum.reduce(list(price.values()))
    volume = np.array(columns.get("volume", [1.0] * len(close)), dtype=np.float64)
    return Bars.of(
        parse_instrument("A/USDT:USDT"), parse_timeframe("1h"), moments, *price.values(), volume, source="test"
    )


def column(found: Imported, pve: tuple[int, int], series: Bars) -> list[float]:
    """The values of an output of the file at every bar."""
    ends = [(wire, end) for wire, ends in found.draft.outputs.items() for end in ends]
    node, port = next(wire for wire, end in ends if end == (f"n{pve[0]}", pve[1]))
    return values(found.graph, f"{node}.{port}", series)


def values(graph: Graph, wire: str, series: Bars) -> list[float]:
    faults = [fault for fault in find_faults(graph, builtin()) if "no action" not in fault.reason]
    assert not faults, faults
    run = backtest(graph, series, **FREE)
    names = run.history.program.names
    return [float(x) for x in columns_of(run.history, {wire: names[wire]})[wire][0]]
