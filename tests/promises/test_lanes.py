"""What every node that compares instruments promises: beside the promises of all nodes, that lanes are equal.

No node is named here but in the last tests: a new one is tested by being there.
"""

from __future__ import annotations

import harness
import numpy as np
import pytest
from harness import Column, variants
from tests.promises.lanes import columns, comparing, over, plain
from tests.promises.test_nodes import description

from wickwork.graph.node import Node
from wickwork.graph.signature import Value
from wickwork.graph.types import Port

NODES = comparing()
KINDS = ("walk", "ties", "patchy", "strange")
TOP = 1.7976931348623157e308


def cases(node: Node) -> list[tuple[str, dict[str, Value], list[list[Column]]]]:
    return [
        (f"{kind} of {lanes}, {values}", values, columns(node, kind, 1, lanes=lanes))
        for kind in KINDS
        for lanes in (1, 2, 5, 40)
        for values in variants(node)
    ]


def same(a: list[Column], b: list[Column]) -> bool:
    return [x.tobytes() for x in a] == [y.tobytes() for y in b]


@pytest.mark.parametrize("name", NODES)
def test_no_bar_depends_on_another(name: str) -> None:
    """So any prefix, any split into blocks and bar by bar give the same, and nothing is kept that could be saved."""
    node = NODES[name]
    for what, values, lanes in cases(node):
        whole = over(node, lanes, values)
        assert same(whole, over(node, lanes, values, splits=range(1, 60))), f"{what}: bar by bar"
        assert same(whole, over(node, lanes, values, splits=(7, 7, 31))), f"{what}: blocks"
        part = over(node, [[c[:41].copy() for c in lane] for lane in lanes], values)
        assert same([c[:41] for c in whole], part), f"{what}: prefix"


@pytest.mark.parametrize("name", NODES)
def test_plain_python_and_machine_code_agree(name: str) -> None:
    for what, values, lanes in cases(NODES[name]):
        assert same(over(NODES[name], lanes, values), over(NODES[name], lanes, values, block=plain(NODES[name]))), what


@pytest.mark.parametrize("name", NODES)
def test_a_lane_without_a_value_takes_no_part(name: str) -> None:
    node = NODES[name]
    for values in variants(node):
        lanes = columns(node, "patchy", 2, lanes=6)
        results = over(node, lanes, values)
        known = np.array([np.isfinite(lane).all(axis=0) for lane in lanes])
        for i in range(60):
            there = np.flatnonzero(known[:, i])
            assert all(np.isnan(results[g][i]) for g in range(6) if g not in there)
            if len(there):
                alone = over(node, [[c[i : i + 1].copy() for c in lanes[g]] for g in there], values)
                assert same([results[g][i : i + 1] for g in there], alone), f"{values} at {i}"


@pytest.mark.parametrize("name", NODES)
def test_results_go_with_the_lanes_where_none_are_equal(name: str) -> None:
    node = NODES[name]
    for values in variants(node):
        lanes = columns(node, "walk", 3, lanes=5)
        order = [3, 0, 4, 1, 2]
        mine, moved = over(node, lanes, values), over(node, [lanes[g] for g in order], values)
        np.testing.assert_allclose([mine[g] for g in order], moved, rtol=1e-9)


@pytest.mark.parametrize("name", NODES)
def test_ranges_hold_and_one_lane_works(name: str) -> None:
    node, port = NODES[name], NODES[name].outputs[0]
    low, high = (port.between.low, port.between.high) if port.between else (-TOP, TOP)
    for what, values, lanes in cases(node):
        known = np.concatenate(over(node, lanes, values))
        known = known[~np.isnan(known)]
        assert ((known >= low) & (known <= high)).all(), f"{what}: {known.min()} … {known.max()}"
        assert port.port is Port.SERIES or np.isin(known, (0.0, 1.0)).all(), what
        assert len(known) > 0, what


@pytest.mark.parametrize("name", NODES)
def test_every_parameter_changes_something(name: str) -> None:
    node = NODES[name]
    for p in node.parameters:
        found = set()
        for kind in KINDS:
            lanes = columns(node, kind, 4, lanes=5)
            for value in harness.candidates(node, p.name):
                found.add(tuple(c.tobytes() for c in over(node, lanes, {p.name: value})))
            if len(found) > 1:
                break
            found.clear()
        assert len(found) > 1, p.name


@pytest.mark.parametrize("name", NODES)
def test_the_description_is_whole(name: str) -> None:
    assert not description(NODES[name])


def test_there_are_such_nodes() -> None:
    assert len(NODES) >= 14
