"""Documents that were changed at random, and large or deep ones: what reading, checking and comparing them gives.

Each must be refused with a sentence (`InputError`) or be a graph with or without faults. In a process of its own, with
limits of memory and time for each document:

    python -m tests.graph.mutations COUNT SEED
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from tests.graph.golden_files import GOLDEN

from wickwork.graph.check import check, find_faults
from wickwork.graph.compare import differences
from wickwork.graph.document import MOST_BYTES, MOST_NODES, from_text, to_text
from wickwork.graph.entries import Graph
from wickwork.graph.library import resolve
from wickwork.graph.merge import merge
from wickwork.graph.migrate import migrate
from wickwork.model.errors import InputError
from wickwork.nodes import builtin

MOST_SECONDS = 1.0
MOST_MEMORY = 256 * 2**20
TEXTS = [file.read_text() for file in sorted(GOLDEN.glob("*/*.json")) if file.name != "expected.json"]
FOLDERS = sorted(GOLDEN.iterdir())
NASTY: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 10**400, -(10**30), 0.1, -0.0, 1e308, 5e-324, 1e15 + 0.5),
    *("", "x", "bars.close", "subgraph", "bars", "a" * 64, "a" * 65, "é", "\u2028", "\x00", "\ud800", "__", "a__b"),
    *("1h", "0m", "𝔘", "x" * 5000, [], {}, [[]], [None], {"a": {}}, [["bars.close", "up.a"]]),
    *({"type": "subgraph"}, {"type": "ema", "params": {"period": []}}),
]


def structural(text: str, r: random.Random) -> bytes:
    """One to four changes in the tree of a document."""
    data = json.loads(text)
    for _ in range(r.choice((1, 1, 1, 2, 3, 4))):
        data = r.choice(CHANGES)(data, r)
    try:
        return json.dumps(data, ensure_ascii=r.random() < 0.5).encode()
    except UnicodeEncodeError:
        return json.dumps(data).encode()


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every place in a tree as its container and the key in that."""
    found: list[tuple[Any, Any]] = []
    rest = [data]
    while rest:
        one = rest.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        found += [(one, key) for key in keys]
        rest += [one[key] for key in keys]
    return found


def put_nasty(data: Any, r: random.Random) -> Any:
    """Replace a value."""
    found = places(data)
    if not found:
        return r.choice(NASTY)
    where, key = r.choice(found)
    where[key] = copy.deepcopy(r.choice(NASTY))
    return data


def delete(data: Any, r: random.Random) -> Any:
    """Remove a value."""
    found = places(data)
    if found:
        where, key = r.choice(found)
        del where[key]
    return data


def copy_over(data: Any, r: random.Random) -> Any:
    """Put a part of this or another document in place of a part."""
    found = places(data)
    if not found:
        return data
    other = data if r.random() < 0.5 else json.loads(r.choice(TEXTS))
    source, key = r.choice(places(other) or [([other], 0)])
    part = copy.deepcopy(source[key])
    where, place = r.choice(found)
    where[place] = part
    return data


def rename_key(data: Any, r: random.Random) -> Any:
    """Give a key another name."""
    found = [(where, key) for where, key in places(data) if isinstance(where, dict)]
    if found:
        where, key = r.choice(found)
        new = r.choice([str(one) for one in NASTY if isinstance(one, str)] + [k for _, k in found])
        where[new] = where.pop(key)
    return data


def nest(data: Any, r: random.Random) -> Any:
    """Put the document into a sub-graph of itself, once or often."""
    for _ in range(r.choice((1, 1, 2, 5, 15, 16, 40))):
        if not isinstance(data, dict):
            break
        inner = {key: value for key, value in data.items() if key not in ("schema", "suggested_run")}
        data = {"schema": 1, "nodes": {"s": {"type": "subgraph", "graph": inner}}, "wires": []}
    return data


def repeat(data: Any, r: random.Random) -> Any:
    """Make a list longer, or an object with more entries."""
    found = [where for where, _ in places(data)]
    times = r.choice((2, 10, 300))
    if found and len(found) * times < 1_000_000:  # several such changes would else make documents of gigabytes
        where = r.choice(found)
        if isinstance(where, list):
            where += [copy.deepcopy(r.choice(where)) for _ in range(times)] if len(where) < 1000 else []
        else:
            value = copy.deepcopy(r.choice(list(where.values())))
            where |= {f"k{k}": value for k in range(times)}
    return data


def graphs_in(data: Any) -> list[dict[str, Any]]:
    """The document and the sub-graphs in it, as far as they still have nodes and wires."""
    found = [where for where, key in places([data]) if isinstance(where, dict) and key == "nodes"]
    return [one for one in found if isinstance(one["nodes"], dict) and isinstance(one.get("wires"), list)]


def rewire(data: Any, r: random.Random) -> Any:
    """Draw a wire from or to another place."""
    for graph in r.sample(graphs_in(data), min(1, len(graphs_in(data)))):
        ends = [end for wire in graph["wires"] if isinstance(wire, list) for end in wire if isinstance(end, str)]
        if ends:
            wire = [r.choice(ends), r.choice(ends)]
            graph["wires"][r.randrange(len(graph["wires"])) : r.choice((0, len(graph["wires"])))] = [wire]
    return data


def change_node(data: Any, r: random.Random) -> Any:
    """Give a node another type, version, parameter or key."""
    for graph in r.sample(graphs_in(data), min(1, len(graphs_in(data)))):
        entries = [one for one in graph["nodes"].values() if isinstance(one, dict)]
        if not entries:
            continue
        entry = r.choice(entries)
        params = entry.get("params")
        kind = r.randrange(4)
        if kind == 0:
            entry["type"] = r.choice(sorted(builtin()))
        elif kind == 1:
            entry["version"] = r.choice((-1, 0, 2, 10**30))
        elif kind == 2 or not isinstance(params, dict) or not params:
            entry[r.choice(("graph", "reference", "title", "x"))] = copy.deepcopy(r.choice(NASTY))
        else:
            params[r.choice(sorted(params))] = copy.deepcopy(r.choice(NASTY))
    return data


CHANGES: list[Callable[[Any, random.Random], Any]] = [
    *(put_nasty, delete, copy_over, rename_key, nest, repeat, rewire, rewire, change_node, change_node),
]


def bytewise(text: str, r: random.Random) -> bytes:
    """Changes of single bytes and of stretches of them."""
    raw = bytearray(text.encode())
    for _ in range(r.choice((1, 1, 2, 8))):
        at, end = sorted(r.randrange(len(raw) + 1) for _ in range(2))
        kind = r.randrange(5)
        if kind == 0 and raw:
            raw[min(at, len(raw) - 1)] = r.randrange(256)
        elif kind == 1:
            del raw[at : min(end, at + r.choice((1, 5, 100)))]
        elif kind == 2:
            raw[at:at] = r.choice(
                (b"0", b"-", b"[", b"{", b'"', b"9" * 400, b"1e999", b"NaN", b"\xff", b"\\ud800", b"null,")
            )
        elif kind == 3:
            raw[at:at] = raw[at : min(end, at + 200)] * r.choice((1, 3, 20))
        else:
            del raw[end:]
            raw = raw or bytearray(b"{")
    return bytes(raw)


def constructs() -> Iterator[tuple[str, bytes]]:
    """Deep, wide and huge documents."""
    many = MOST_NODES
    yield "deep lists", b"[" * 100_000
    yield "deep objects", b'{"nodes":' * 50_000
    yield "deep notes", b'{"nodes": {}, "notes": ' + b"[" * 900 + b"]" * 900 + b"}"
    yield "deep sub-graphs", b'{"nodes": {"s": {"type": "subgraph", "graph": ' * 300 + b'{"nodes": {}}' + b"}}}" * 300
    yield "digits", b'{"nodes": {"x": {"type": "ema", "params": {"period": ' + b"9" * 1_000_000 + b"}}}}"
    yield "large numbers", b'{"nodes": {"x": {"type": "ema", "params": {"period": ' + b"9" * 4_000 + b"}}}}"
    yield "a long type", b'{"nodes": {"x": {"type": "' + b"e" * 7_900_000 + b'"}}}'
    yield "a long parameter", b'{"nodes": {"x": {"type": "ema", "params": {"' + b"p" * 7_900_000 + b'": 1}}}}'
    yield "too long", b" " * (MOST_BYTES + 1)
    unknown = {f"n{k}": {"type": f"emma{k}", "params": {"a": 1}} for k in range(many)}
    yield "unknown nodes", json.dumps({"nodes": unknown}).encode()
    chain = {f"n{k}": {"type": "ema"} for k in range(many)}
    wires = [[f"n{k}.value", f"n{(k + 1) % many}.source"] for k in range(many)]
    yield "a circle", json.dumps({"nodes": chain, "wires": wires}).encode()
    yield "one node too many", json.dumps({"nodes": {**chain, "x": {"type": "ema"}}}).encode()
    yield (
        "wires to nothing",
        json.dumps({"nodes": {}, "wires": [[f"a{k}.b", f"c{k}.d"] for k in range(100_000)]}).encode(),
    )
    yield (
        "wires to one input",
        json.dumps({"nodes": chain, "wires": [[f"n{k}.value", "n0.source"] for k in range(many)]}).encode(),
    )
    small = {f"s{k}": {"type": "subgraph", "graph": {"nodes": {"e": {"type": "ema"}}}} for k in range(many // 2)}
    yield "many sub-graphs", json.dumps({"nodes": small}).encode()
    ends = [f"e{k}.source" for k in range(2_000)]
    inner = {
        "nodes": {f"e{k}": {"type": "ema"} for k in range(2_000)},
        "interface": {"inputs": [{"name": "x", "type": "series", "to": ends}]},
    }
    outer = {"inputs": [{"name": f"x{k}", "type": "series", "to": ["s.x"]} for k in range(2_000)]}
    bomb = {"nodes": {"s": {"type": "subgraph", "graph": inner}}, "interface": outer}
    yield "many ends", json.dumps(bomb).encode()
    yield (
        "a large layout",
        json.dumps({"nodes": {}, "layout": {"nodes": {f"n{k}": {"x": k} for k in range(140_000)}}}).encode(),
    )
    node = {"s": {"type": "subgraph", "params": {"p": 1}, "graph": {"nodes": {"e": {"type": "ema"}}}}}
    node["s"]["graph"]["interface"] = {"params": [{"name": "p", "to": [f"e.p{k}" for k in range(49_000)]}]}  # type: ignore[index]
    yield "a parameter for many", json.dumps({"nodes": node}).encode()
    twins = {
        f"s{k}": {"type": "subgraph", "graph": {"nodes": {key: {"type": "e"} for key in "abcdefgh"}}}
        for k in range(20_000)
    }
    yield "many nodes in sub-graphs", json.dumps({"nodes": twins}).encode()[:MOST_BYTES]
    yield "many small nodes", json.dumps({"nodes": {f"n{k}": {"type": ""} for k in range(350_000)}}).encode()
    yield (
        "many parameters",
        json.dumps({"nodes": {"x": {"type": "ema", "params": {f"p{k}": k for k in range(500_000)}}}}).encode(),
    )
    wide = {f"n{k}": {"type": "ema", "params": {f"p{i}": i for i in range(900)}} for k in range(600)}
    yield "parameters of many nodes", json.dumps({"nodes": wide}).encode()
    some = {"type": "t", "params": {}, "x": "é"}
    yield (
        "unusual text",
        json.dumps({"nodes": {f"n{k}": {**some, "y": "é" * 30} for k in range(19_000)}}, ensure_ascii=False).encode(),
    )
    for kind, key in (
        ("timeframe", "to"),
        ("bars_of", "instrument"),
        ("column", "field"),
        ("enter_long", "size_as"),
        ("ema", "period"),
    ):
        entry = {"type": kind, "params": {key: "1" * 7_000_000}}
        yield f"a long {key} of {kind}", json.dumps({"nodes": {"x": entry}}).encode()
    yield "small lists", b'{"nodes": {"x": {"type": "t", "params": {"a": [' + b"[]," * 299_000 + b"[]]}}}}"
    yield "small objects", b'{"nodes": {}, "notes": [' + b"{}," * 299_000 + b"{}]}"
    yield "too many values", b'{"nodes": {}, "notes": [' + b"[]," * 2_600_000 + b"[]]}"
    yield "strings", b'{"nodes": {}, "notes": [' + b'"ab\\n",' * 590_000 + b"0]}"
    yield "numbers", b'{"nodes": {}, "notes": [' + b"1.0625," * 590_000 + b"0]}"
    yield "wires", json.dumps({"nodes": {}, "wires": [[f"a{k}.b", "c.d"] for k in range(350_000)]}).encode()
    yield "a large value", b'{"nodes": {"x": {"type": "t", "params": {"a": [' + b"1," * 590_000 + b"1]}}}}"


def documents(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Mutated documents, each with what made it."""
    for k in range(count):
        r = random.Random(f"{seed} {k}")
        kind = bytewise if r.random() < 0.25 else structural
        yield f"{kind.__name__} {seed} {k}", kind(r.choice(TEXTS), r)


ORIGINAL = from_text(TEXTS[0])


def outcome(text: bytes) -> tuple[str, float]:
    """`refused`, `faulty` or `valid`, and the seconds that reading and checking took; raises whatever else happens."""
    begun = time.process_time()
    try:
        graph = resolve(from_text(text), FOLDERS)
        faults = find_faults(graph, builtin())
    except InputError as error:
        _sentence(error)
        return "refused", time.process_time() - begun
    seconds = time.process_time() - begun
    for fault in faults[:50]:
        assert len(str(fault)) < 2_000, "a sentence too long to read"
    try:
        written = to_text(graph)
    except InputError as error:  # longer than what was read, by its spaces
        _sentence(error)
        return "faulty", seconds
    assert to_text(from_text(written)) == written
    _compared(graph, len(text))
    if faults:
        return "faulty", seconds
    validated = check(graph, builtin())
    assert check(from_text(to_text(validated.graph)), builtin()).graph.hash() == validated.graph.hash()
    return "valid", seconds


def _compared(graph: Graph, size: int) -> None:
    """Everything else that a document goes through."""
    graph.hash()
    migrate(graph, builtin())
    assert differences(graph, graph, builtin()) == ()
    if size < 200_000:
        differences(ORIGINAL, graph, builtin())
        try:
            merged, _ = merge(ORIGINAL, graph, ORIGINAL)
        except InputError as error:
            _sentence(error)
        else:
            assert to_text(merged) == to_text(graph)


def _sentence(error: InputError) -> None:
    assert len(str(error)) < 2_000, f"a sentence too long to read: {str(error)[:200]}"
    str(error).encode()


def opened_apart(text: bytes) -> tuple[float, float]:
    """Seconds and MB that reading and checking take, in a process of its own; `RuntimeError` where it fails."""
    resident = _pages(1)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with contextlib.suppress(InputError):
                find_faults(from_text(text), builtin())
            code = 0
        finally:
            os._exit(code)
    _, status, used = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"the process ended with {status}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024 - resident / 2**20


def _pages(field: int) -> int:
    """Bytes of virtual (0) or resident (1) memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[field]) * resource.getpagesize()


def forbid_execution() -> None:
    """Raise an error, from now on in this process, where code is compiled, run or imported, or a process is started."""
    forbidden = ("exec", "compile", "import", "subprocess.Popen", "os.system", "os.exec", "socket.connect", "os.remove")

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
        if event in forbidden or writes:
            raise RuntimeError(f"reading a document led to {event} {args!r:.200}")

    sys.addaudithook(refuse)


def main(count: int, seed: int) -> None:
    """Run and print the figures; a failure is a traceback that names the document."""
    find_faults(ORIGINAL, builtin())
    largest = [(*opened_apart(text), name) for name, text in constructs()]
    most = _pages(0) + MOST_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for text in TEXTS:
        outcome(text.encode())
    forbid_execution()
    found, slowest, started = Counter[str](), (0.0, ""), time.perf_counter()
    for name, text in documents(count, seed):
        try:
            kind, seconds = outcome(text)
        except BaseException:
            print(f"failed: {name}", file=sys.stderr)  # noqa: T201
            raise
        found[kind] += 1
        slowest = max(slowest, (seconds, name))
    figures = {
        **found,
        "seconds": round(time.perf_counter() - started, 1),
        "slowest_mutation": slowest,
        "slowest_construct": max(largest)[::2],
        "peak_mb": max((round(peak), name) for _, peak, name in largest),
    }
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
