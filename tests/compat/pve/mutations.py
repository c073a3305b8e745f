"""LiteGraph files mutated at random: each must give a graph or faults, and a graph must give back its file.

As a script it runs many and prints figures: `python -m tests.compat.pve.mutations 20000`.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.compat.pve.lite import ORACLES
from tests.compat.pve.long_grid import long_grid
from tests.compat.pve.trend_long import trend_long
from wickwork.compat.pve import export_litegraph, import_litegraph
from wickwork.compat.pve.table import ROWS
from wickwork.graph.check import find_faults
from wickwork.graph.document import Graph, NodeEntry, from_text, to_text
from wickwork.model.errors import InputError, WickworkError
from wickwork.nodes import builtin

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 3, 10**18, 10**400, 0.5, 1e308, "", "x", "\x00", "\ud800", "a" * 500, [], {}, [[]],
    {"0": 1}, [1, 2, 3, 4, 5, 6], {"value": 1}, "get/close", "trade/create_order", "exec", "float", "string",
)  # fmt: skip


def files() -> list[str]:
    """The texts that are mutated: templates, real ones where they are beside the checkout."""
    real = [
        path.read_text() for path in sorted((ORACLES / "litegraph").glob("*_*.json")) if "catalogue" not in path.name
    ]
    return [
        json.dumps(long_grid()),
        json.dumps(trend_long()),
        json.dumps(long_grid(sizes="object", links="object")),
        *real,
    ]


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every container of parsed JSON with each of its keys or positions."""
    found, rest = [], [data]
    while rest:
        one = rest.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            found.append((one, key))
            rest.append(one[key])
    return found


def mutated_structure(text: str, rng: random.Random) -> bytes:
    """The file with a few values replaced, removed, doubled or exchanged."""
    data = json.loads(text)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        if not places(data):
            break
        container, key = rng.choice(places(data))
        match rng.randrange(6):
            case 0 | 1:
                container[key] = rng.choice(ODD)
            case 2:
                del container[key]
            case 3 if isinstance(container, list):
                container.append(json.loads(json.dumps(container[key])))
            case 4:
                other, place = rng.choice(places(data))
                container[key] = json.loads(json.dumps(other[place]))
            case _ if isinstance(container, dict) and "type" in container:
                container["type"] = rng.choice(ROWS).type
    return json.dumps(data).encode()


def mutated_bytes(text: str, rng: random.Random) -> bytes:
    """The file with some bytes replaced, removed or doubled."""
    data = bytearray(text.encode())
    for _ in range(rng.choice((1, 1, 3, 30))):
        place = rng.randrange(len(data))
        match rng.randrange(4):
            case 0:
                data[place] = rng.randrange(256)
            case 1:
                del data[place : place + rng.choice((1, 5, 200))]
            case 2:
                data[place:place] = data[place : place + rng.choice((1, 50))]
            case _:
                data[place] = rng.choice(b'0123456789-{}[],:"etn.')
        if not data:
            break
    return bytes(data)


def outcome(text: bytes) -> str:
    """What became of a file; an exception other than InputError is a fault of ours."""
    try:
        found = import_litegraph(text)
    except InputError:
        return "refused"
    graph = found.graph
    assert from_text(to_text(graph)) == graph
    assert export_litegraph(graph).data == json.loads(text.decode("utf-8-sig"))
    return "with faults" if find_faults(graph, builtin()) else "valid"


def edited(graph: Graph, rng: random.Random) -> Graph:
    """The graph with a few nodes, parameters and wires changed, removed or added."""
    nodes, wires = dict(graph.nodes), list(graph.wires)
    for _ in range(rng.choice((1, 1, 2, 4))):
        name = rng.choice(sorted(nodes)) if nodes else ""
        match rng.randrange(6):
            case 0 if name:
                del nodes[name]
                wires = [wire for wire in wires if name not in (wire.source, wire.target)]
            case 1 if name:
                params = dict(nodes[name].params)
                params[rng.choice([*params, "period", "value"])] = rng.choice((1, 2.5, "sma", True, 7))
                nodes[name] = NodeEntry(nodes[name].type, params)
            case 2 if wires:
                wire = wires.pop(rng.randrange(len(wires)))
                wires.append(replace(wire, source="bars", source_port=rng.choice(("open", "low", "bars"))))
            case 3 if wires:
                wires.pop(rng.randrange(len(wires)))
            case 4:
                nodes[f"new_{len(nodes)}"] = NodeEntry(rng.choice(sorted(builtin())))
            case _ if len(wires) > 1:
                one, other = rng.sample(wires, 2)
                wires.append(replace(one, source=other.source, source_port=other.source_port))
                wires.remove(one)
    layout = dict(graph.layout)
    if not rng.randrange(10):
        layout["nodes"] = rng.choice(({}, {"n1": {}}, {"bars": {"x": 1e9}}, {"n1": {"colour": "#ffffff", "x": 0.5}}))
    return replace(graph, nodes=nodes, wires=tuple(sorted(set(wires))), layout=layout)


def export_outcome(graph: Graph) -> str:
    """What became of the export of an edited graph."""
    try:
        export_litegraph(graph)
    except WickworkError:
        export_litegraph(graph, partial=True)
        return "refused"
    return "exported"


def run_edits(number: int, seed: int = 1) -> Counter[str]:
    """So many edited graphs; the number of each outcome."""
    rng, counts = random.Random(seed), Counter[str]()
    graphs = [import_litegraph(json.loads(text)).graph for text in files()]
    for _ in range(number):
        counts[export_outcome(edited(rng.choice(graphs), rng))] += 1
    return counts


def run(number: int, seed: int = 1) -> tuple[Counter[str], float]:
    """So many mutated files; the number of each outcome and the longest time in seconds."""
    rng, counts, longest = random.Random(seed), Counter[str](), 0.0
    sources = files()
    for turn in range(number):
        kind = mutated_structure if turn % 2 else mutated_bytes
        text = kind(rng.choice(sources), rng)
        begin = time.perf_counter()
        try:
            counts[f"{kind.__name__}: {outcome(text)}"] += 1
        except Exception:
            Path(f"mutation-{seed}-{turn}.json").write_bytes(text)
            raise
        longest = max(longest, time.perf_counter() - begin)
    return counts, longest


if __name__ == "__main__":
    begin = time.perf_counter()
    found, longest = run(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    edits = run_edits(int(sys.argv[1]) // 10)
    sys.stdout.write(
        f"{dict(found)}, edited graphs {dict(edits)}, longest {longest:.3f} s, {time.perf_counter() - begin:.0f} s\n"
    )
