"""What every program promises, whatever its nodes: tried on random graphs over random markets, and on every example.

All comparisons are bit for bit, over fills, ended orders, round trips, denials, equity, every wire and the saved state.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.promises.programs import (
    EXAMPLES,
    Case,
    Mark,
    Tight,
    bits,
    case_of,
    different,
    example_keys,
    in_new_process,
    mark,
)
from tests.promises.random_graphs import BASE, described

from wickwork.engine.machine import OUTPUTS, Machine
from wickwork.graph import native
from wickwork.graph.check import GraphFaults, ValidatedGraph, check
from wickwork.graph.document import Graph, NodeEntry, WireEntry, from_text, load, to_text
from wickwork.graph.program import Program, instruments_read, plan
from wickwork.graph.signature import Parameter, Value
from wickwork.model.errors import InputError
from wickwork.model.order_kinds import LIQUIDATION
from wickwork.nodes import builtin
from wickwork.orders.records import STOP_LEG

CASES = int(os.environ.get("WICKWORK_PROMISE_CASES", "80"))
BARS = 90
# The graphs of the first seeds are those of tests/sim/test_program_agreement: their nodes are compiled once for both.
RANDOM = [f"random {seed} {BARS}" for seed in range(CASES)]
SHORT = [f"random {seed} 45" for seed in range(CASES // 2)]
GRAPHS = range(70_000, 70_000 + CASES // 2)
GOLDEN = Path(__file__).parent / "golden"
TIMETABLE = {"state lanes.funding_next", "state lanes.deadline"}
"""When funding falls due next: known beforehand from the calendar of the bars, so more bars may tell more of it."""


@cache
def case(key: str) -> Case:
    return case_of(key)


@cache
def program(key: str) -> Program:
    return case(key).plan()


@cache
def whole(key: str) -> Machine:
    """The whole run in one go, every wire kept."""
    return case(key).run(program(key), keep=True)


@cache
def keys() -> tuple[str, ...]:
    return (*RANDOM, *(key for file in EXAMPLES for key in example_keys(file)))


def cuts(key: str, many: int = 3) -> list[int]:
    """A few bars at which a run may be stopped: anywhere, and right after something happened."""
    r, size = random.Random(f"cuts of {key}"), case(key).size
    fills = (whole(key).output("fills")["bar"] + 1).tolist()
    found = [r.randrange(1, size), *(r.choice(fills) if fills else r.randrange(1, size) for _ in range(many - 1))]
    return sorted({min(cut, size - 1) for cut in found})


def complaint(key: str, what: str, names: list[str]) -> str:
    return f"{key}, {what}: {', '.join(names[:6])} differ\n{described(case(key).validated)}" if names else ""


# ---- (a) causal


def test_the_prefix_of_a_run_is_the_run_of_the_prefix() -> None:
    for key in keys():
        for n in cuts(key):
            part = case(key).first(n).run(program(key), keep=True)
            until = case(key).machine(program(key), keep=True)
            until.run(n)
            names = [x for x in different(bits(until), bits(part)) if x not in TIMETABLE]
            assert not names, complaint(key, f"the first {n} bars alone", names)
            # … and what the whole run wrote until then is what the prefix wrote, neither more nor less.
            for name, column in {
                "fills": "bar",
                "closed_orders": "bar",
                "denied": "bar",
                "round_trips": "closed",
            }.items():
                rows = whole(key).output(name)
                rows = rows[rows[column] < n]
                assert rows.tobytes() == part.output(name).tobytes(), f"{key}, first {n} bars: {name}"
            assert whole(key).equity[:n].tobytes() == part.equity.tobytes(), f"{key}, first {n} bars: equity"
            for name, column in whole(key).kept.items():
                assert column[:, :n].tobytes() == part.kept[name].tobytes(), f"{key}, first {n} bars: {name}"


def test_no_order_fills_on_the_bar_that_decided_it() -> None:
    seen = 0
    for key in keys():
        m = whole(key)
        orders = [*m.output("closed_orders"), *m.working()]
        placed = {int(o["order"] if "order" in o.dtype.names else o["id"]): int(o["created_bar"]) for o in orders}
        latency = int(case(key).config.latency)
        for fill in m.output("fills"):
            # legs live from the fill of their entry, a liquidation always
            if fill["kind"] != LIQUIDATION and fill["leg"] < STOP_LEG:
                assert fill["bar"] > placed[int(fill["order"])] + latency, f"{key}: {fill}"
                seen += 1
    assert seen > 10 * CASES


# ---- (b) and (d) same everywhere


@pytest.mark.parametrize("block", [1, 7, 64, 1024])
def test_any_size_of_block_gives_the_same(block: int) -> None:
    for key in keys():
        names = different(bits(whole(key)), bits(case(key).run(program(key), keep=True, block=block)))
        assert not names, complaint(key, f"blocks of {block}", names)


def test_any_split_into_calls_gives_the_same() -> None:
    for key in keys():
        r = random.Random(f"splits of {key}")
        for _ in range(2):
            splits = sorted(r.sample(range(1, case(key).size), r.choice((1, 3, 9))))
            block = r.choice((0, 5, 16))
            names = different(
                bits(whole(key)), bits(case(key).run(program(key), keep=True, splits=splits, block=block))
            )
            assert not names, complaint(key, f"calls that end at {splits} in blocks of {block}", names)


def test_bar_by_bar_gives_the_same() -> None:
    for key in keys():
        names = different(bits(whole(key)), bits(case(key).run(program(key), keep=True, splits=range(case(key).size))))
        assert not names, complaint(key, "bar by bar", names)


def test_the_runs_are_not_empty(record_property: pytest.RecordProperty) -> None:
    seen: Counter[str] = Counter(cases=len(keys()))
    for key in keys():
        for name in OUTPUTS:
            seen[name] += whole(key).written(name)
        seen["busy"] += whole(key).written("fills") > 0
        seen["wires"] += len(whole(key).kept)
        seen["dynamic"] += len(program(key).dynamic) > 0
        seen["several"] += len(case(key).markets) > 1
    record_property("seen", dict(seen))
    print(dict(seen))  # noqa: T201
    assert seen["fills"] > 10 * seen["cases"], seen
    assert min(seen["busy"], seen["dynamic"], seen["several"]) > 0.25 * seen["cases"], seen


def test_inputs_are_missing_where_the_answer_is_known() -> None:
    """The random graphs draw what three-valued conditions are about."""
    seen: Counter[str] = Counter()
    for key in RANDOM:
        validated, kept = case(key).validated, whole(key).kept
        for name, node in validated.nodes.items():
            ends = [validated.wired.get((name, i.name)) for i in node.inputs if i.may_be_missing]
            wired = [".".join(end) for end in ends if end]
            columns = [kept[wire] for wire in wired if wire in kept]
            if columns and f"{name}.value" in kept:
                missing = np.isnan(columns).any(axis=0)
                seen[node.name] += bool((missing & ~np.isnan(kept[f"{name}.value"])).any())
    print(dict(seen))  # noqa: T201
    assert seen.total() > CASES / 3, seen
    assert sum(many > 0 for many in seen.values()) > 5, seen


def test_random_graphs_read_bars_of_other_instruments_in_the_run_and_beside_it() -> None:
    seen: Counter[bool] = Counter()
    for key in RANDOM:
        traded = {str(instrument) for instrument in case(key).feed().instruments}
        seen.update(name in traded for name in instruments_read(case(key).validated))
    assert min(seen[True], seen[False]) > CASES / 40, seen


# ---- (c) resumable


def test_a_run_goes_on_in_a_new_process() -> None:
    jobs, wanted = [], []
    for key in keys():
        for cut in cuts(key, 2):
            stopped = case(key).machine(program(key), keep=True)
            stopped.run(cut)
            jobs.append({"case": key, "saved": json.loads(json.dumps(stopped.save(), allow_nan=False))})
            wanted.append(bits(whole(key), mark(stopped)))
    answers = in_new_process(jobs)
    for job, answer, right in zip(jobs, answers, wanted, strict=True):
        assert answer["graph"] == case(job["case"]).validated.graph.hash()
        names = different(right, answer["bits"])
        assert not names, complaint(job["case"], f"stopped after {job['saved']['done']} bars", names)


def test_a_run_goes_on_when_more_bars_have_come() -> None:
    """As in live trading: the run that stopped never heard of the bars with which it goes on."""
    for key in keys():
        for cut in cuts(key, 2):
            stopped = case(key).first(cut).run(program(key))
            going_on = case(key).machine(program(key), keep=True)
            going_on.load(json.loads(json.dumps(stopped.save(), allow_nan=False)))
            going_on.run(case(key).size)
            names = different(bits(whole(key), mark(stopped)), bits(going_on, Mark(cut)))
            assert not names, complaint(key, f"stopped after {cut} bars, the last there were", names)


def test_the_state_of_another_program_is_refused() -> None:
    """Of one with another memory, and of one with more or fewer instruments; and nothing of it is taken over."""
    first = next(key for key in RANDOM if len(program(key).memory) > 1)
    saved, lanes = whole(first).save(), len(case(first).markets)
    other_memory = next(
        key
        for key in RANDOM
        if len(case(key).markets) == lanes and len(program(key).memory) != len(program(first).memory)
    )
    other_lanes = [key for key in RANDOM if len(case(key).markets) != lanes][:3]
    for key in (other_memory, *other_lanes):
        machine = case(key).machine(program(key))
        before = bits(machine)
        with pytest.raises(InputError, match="another program"):
            machine.load(saved)
        assert not different(before, bits(machine)), key


# ---- (e) machine code


def test_plain_python_gives_the_same() -> None:
    keys_here = [*SHORT, *(example_keys(file)[0] for file in EXAMPLES[:1])]
    jobs: list[dict[str, Any]] = [{"case": key} for key in keys_here]
    wanted = [bits(whole(key)) for key in keys_here]
    for key in SHORT[::4]:  # begun by machine code, ended by plain Python
        begun = case(key).machine(program(key))
        begun.run(20)
        jobs.append({"case": key, "saved": json.loads(json.dumps(begun.save()))})
        wanted.append(bits(whole(key), mark(begun)))
    answers = in_new_process(jobs, compiled=False)
    for job, answer, right in zip(jobs, answers, wanted, strict=True):
        assert not answer["compiled"]
        assert answer["graph"] == case(job["case"]).validated.graph.hash()
        names = different(right, answer["bits"])
        assert not names, complaint(job["case"], "plain Python", names)
    assert sum(whole(key).written("fills") for key in SHORT) > 5 * len(SHORT)


# ---- (f) and (g) nothing that is asked for besides changes anything


def test_keeping_wires_or_no_equity_changes_nothing() -> None:
    for key in keys():
        right = bits(whole(key), columns=False)
        names = different(right, bits(case(key).run(program(key)), columns=False))
        assert not names, complaint(key, "no wires kept", names)
        names = different(right, bits(case(key).run(program(key), equity=False), columns=False))
        assert not names, complaint(key, "no equity kept", names)


def test_full_outputs_in_the_middle_of_a_block_change_nothing() -> None:
    stops = 0
    for key in keys():
        tight = case(key).run(program(key), keep=True, kind=Tight)
        names = different(bits(whole(key)), bits(tight))
        assert not names, complaint(key, f"stopped {tight.stops} times by full outputs", names)
        stops += tight.stops
    assert stops > 10 * len(keys())


# ---- (i) parameters are arguments


def another(r: random.Random, p: Parameter, value: Value) -> Value | None:
    """Another value that the parameter may have."""
    if p.choices:
        return r.choice([w for w in p.choices if w != value]) if len(p.choices) > 1 else None
    if p.timeframe:
        return r.choice([w for w in ("2h", "3h", "4h", "6h") if w != value])
    if p.time_of_day:
        return r.choice([w for w in ("03:00", "09:30", "20:00") if w != value])
    if p.type is bool:
        return not value
    if p.type is str:
        return None
    low, high = (p.between.low, p.between.high) if p.between else (-1e6, 1e6)
    near = [float(value) + step for step in ((1, -1, 2, 7) if p.type is int else (0.5, -0.25, 1.0))]
    fitting = [p.type(v) for v in near if low <= v <= high]
    return r.choice(fitting) if fitting else None


def changes(key: str) -> Iterator[tuple[str, Value, float, ValidatedGraph]]:
    """The graph of the case with one parameter changed, for every one that can be."""
    r, validated = random.Random(f"parameters of {key}"), case(key).validated
    for name, node in validated.nodes.items():
        for p in node.parameters:
            value = another(r, p, validated.values[name][p.name])
            if value is None:
                continue
            try:
                changed = check(
                    validated.graph.with_params({f"{name}.{p.name}": value}),
                    {**builtin(), **{n.name: n for n in validated.nodes.values()}},
                )  # type: ignore[arg-type]
            except GraphFaults:  # e.g. another kind of order, which needs a price
                continue
            yield f"{name}.{p.name}", value, p.number(value), changed


def compiled() -> int:
    """How many functions this process has made machine code of, or plain Python where that is switched off."""
    return native._compiled.cache_info().misses if native.COMPILED else 0


def test_parameters_are_arguments() -> None:
    seen: Counter[str] = Counter()
    for key in RANDOM[: CASES // 3]:
        old = program(key)
        for place, value, number, validated in changes(key):
            before = compiled()
            new = plan(validated, case(key).base)
            if len(new.operations) != len(old.operations):
                seen["merged or split"] += 1  # it became equal to another operation, or was so before
                continue
            assert compiled() == before, f"{key}: {place}={value} compiles something"
            seen["changed"] += 1
            same = all(
                getattr(new, t).tobytes() == getattr(old, t).tobytes()
                for t in ("static", "dynamic", "actions", "wires")
            )
            if (
                not same
                or new.order_states != old.order_states
                or new.memory.tobytes() != old.memory.tobytes()
                or len(new.params) != len(old.params)
            ):
                seen["new plan"] += 1  # a window of another length, other positions
                continue
            if place not in old.parameter_places:  # the node is a constant: its value is a column
                seen["constant"] += new.constants != old.constants
                continue
            params = old.params.copy()
            params[list(old.parameter_places[place])] = number
            assert params.tobytes() == new.params.tobytes(), f"{key}: {place}={value} is elsewhere in the array"
            seen["array"] += 1
            names = different(bits(case(key).run(new)), bits(case(key).run(old, params=params)))
            assert not names, complaint(key, f"{place}={value} in an array", names)
    print(dict(seen))  # noqa: T201
    assert seen["array"] > 5 * CASES


# ---- (j) equal operations


def test_equal_operations_are_computed_once() -> None:
    for key in RANDOM:
        validated = case(key).validated
        graph = validated.graph
        copied = [n for n, node in validated.nodes.items() if not node.verb and n != "bars"]
        twin = {n: f"twin_{n}" for n in copied}
        nodes = {**graph.nodes, **{twin[n]: graph.nodes[n] for n in copied}}
        wires = [*graph.wires]
        for w in graph.wires:
            if w.target in twin:
                wires.append(WireEntry(twin.get(w.source, w.source), w.source_port, twin[w.target], w.target_port))
        doubled = plan(check(Graph(nodes, tuple(wires)), builtin()), case(key).base)
        assert len(doubled.operations) == len(program(key).operations), key
        assert doubled.columns == program(key).columns, key
        for n, other in twin.items():
            for o in validated.nodes[n].outputs:
                if f"{n}.{o.name}" in doubled.names:
                    assert doubled.names[f"{n}.{o.name}"].index == doubled.names[f"{other}.{o.name}"].index, key
        names = different(bits(whole(key), columns=False), bits(case(key).run(doubled), columns=False))
        assert not names, complaint(key, "every operation twice", names)


# ---- (k) documents


def shuffled(r: random.Random, graph: Graph) -> Graph:
    """The same graph in another order, under another name, with notes and a layout."""
    items, wires = list(graph.nodes.items()), list(graph.wires)
    r.shuffle(items)
    r.shuffle(wires)
    nodes = {}
    for name, entry in items:
        params = list(entry.params.items())
        r.shuffle(params)
        nodes[name] = NodeEntry(entry.type, dict(params), entry.version)
    layout = {name: [r.random(), r.random()] for name in nodes}
    notes = {"of": ["notes", 1.5, None]}
    return Graph(nodes, tuple(wires), "Ünother näme – 1", graph.interface, notes, layout, parts=graph.parts)


def test_the_hash_is_of_what_the_strategy_does() -> None:
    count = 0
    for key in [*RANDOM, *(example_keys(file)[0] for file in EXAMPLES)]:
        graph = case(key).validated.graph
        r, own = random.Random(f"order of {key}"), graph.hash()
        other = shuffled(r, graph)
        assert other.hash() == own, key
        hashes = {own}
        for _, _, _, changed in changes(key):
            hashes.add(changed.graph.hash())
        wanted = 1 + sum(1 for _ in changes(key))
        assert len(hashes) == wanted, f"{key}: a parameter does not count"
        for wire in graph.wires:
            hashes.add(replace(graph, wires=tuple(w for w in graph.wires if w != wire)).hash())
        assert len(hashes) == wanted + len(graph.wires), f"{key}: a wire does not count"
        for name, entry in graph.nodes.items():
            hashes.add(replace(graph, nodes={**graph.nodes, name: replace(entry, version=entry.version + 1)}).hash())
            hashes.add(replace(graph, nodes={**graph.nodes, name: replace(entry, type=entry.type + "_")}).hash())
        assert len(hashes) == wanted + len(graph.wires) + 2 * len(graph.nodes), (
            f"{key}: a type or version does not count"
        )
        count += len(hashes)
    assert count > 20 * CASES


def test_documents_survive_to_the_byte() -> None:
    for key in [*RANDOM, *(example_keys(file)[0] for file in EXAMPLES)]:
        graph = case(key).validated.graph
        for one in (graph, shuffled(random.Random(key), graph)):
            text = to_text(one)
            back = from_text(text)
            assert to_text(back) == text, key
            assert back.hash() == graph.hash(), key
            assert back == replace(one, wires=tuple(sorted(one.wires))), key
    # … and the graph that was read does what the graph that was written did.
    for key in RANDOM[::8]:
        read = check(from_text(to_text(shuffled(random.Random(key), case(key).validated.graph))), builtin())
        names = different(bits(whole(key)), bits(case(key).run(plan(read, BASE), keep=True)))
        assert not names, complaint(key, "read from its document", names)


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda file: file.name)
def test_golden_documents_stay_loadable(file: Path) -> None:
    """Documents of every released version: `<anything>.<hash>.json`. Never change one; add another."""
    graph = load(file)
    validated = check(graph, builtin())
    assert graph.hash().startswith(file.name.split(".")[1]), "the hash of what it does has changed"
    assert to_text(graph).encode() == file.read_bytes(), "its canonical text has changed"
    assert len(plan(validated, BASE).operations) > 0


def test_there_is_a_golden_document() -> None:
    assert any(GOLDEN.glob("*.json"))
