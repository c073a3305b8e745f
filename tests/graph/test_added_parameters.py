"""A parameter that a node got after its release changes no journal and no hash while it has its default."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pytest

from wickwork.engine.journal_entries import start_from
from wickwork.graph.catalogue import Catalogue
from wickwork.graph.check import check
from wickwork.graph.document import Graph, NodeEntry, WireEntry
from wickwork.graph.node import node
from wickwork.graph.types import Added, Series
from wickwork.nodes import builtin

GOLDEN = Path(__file__).parents[1] / "cli" / "golden" / "schema_1.jsonl"
TARGETS = {"take_profit_share": 100.0}
for k in (2, 3, 4):
    TARGETS |= {f"take_profit_{k}_as": "none", f"take_profit_{k}_share": 0.0}
DEFAULTS = {
    "cancel_orders": (1, {"leg": "none", "target": 1}),
    "enter_long": (1, {"trail_as": "percent", "trailing_after_as": "none"} | TARGETS),
    "enter_short": (1, {"trail_as": "percent", "trailing_after_as": "none"} | TARGETS),
    "modify_orders": (1, {"leg": "none", "target": 1}),
    "place_order": (1, {"trailing_after_as": "none"} | TARGETS),
    "reverse": (1, {"trailing_after_as": "none"} | TARGETS),
}
"""Version and defaults of nodes with added parameters. A default that changes needs a new version of its node."""


def test_the_defaults_of_added_parameters() -> None:
    found = {
        name: (one.version, {p.name: p.default for p in one.parameters if p.added}) for name, one in builtin().items()
    }
    assert {name: one for name, one in found.items() if one[1]} == DEFAULTS


def test_a_strategy_of_the_first_schema_has_the_hash_of_then() -> None:
    """Nodes have got parameters since, which it does not use."""
    graph = start_from(json.loads(GOLDEN.read_text().splitlines()[0]), "golden").graph
    assert check(graph, builtin()).graph.hash() == graph.hash()


@node(title="Scaled", group="maths")
def scaled(value: Series, *, by: float = 2.0) -> Series:
    """A multiple."""
    return value * by


@node(title="Scaled", group="maths", name="scaled")
def scaled_and_moved(value: Series, *, by: float = 2.0, plus: Annotated[float, Added()] = 0.0) -> Series:
    """A multiple, moved."""
    return value * by + plus


BEFORE, AFTER = (Catalogue({**builtin(), "scaled": one}) for one in (scaled, scaled_and_moved))


def hash_of(catalogue: Catalogue, **params: float) -> str:
    nodes = {"bars": NodeEntry("bars"), "line": NodeEntry("scaled", params)}
    return check(Graph(nodes, (WireEntry("bars", "close", "line", "value"),)), catalogue).graph.hash()


@pytest.mark.parametrize("params", [{}, {"by": 2.0}, {"by": 3.0}])
def test_an_added_parameter_changes_no_hash(params: dict[str, float]) -> None:
    assert hash_of(BEFORE, **params) == hash_of(AFTER, **params) == hash_of(AFTER, **params, plus=0.0)
    assert hash_of(AFTER, **params, plus=1.0) != hash_of(AFTER, **params)


def test_a_new_version_of_a_node_changes_the_hash() -> None:
    """So a default may change together with the version."""
    newer = Catalogue({**builtin(), "scaled": replace(scaled_and_moved, version=2)})
    assert hash_of(newer) != hash_of(AFTER)


def test_an_added_parameter_counts_where_it_is_not_written() -> None:
    nodes = {"bars": NodeEntry("bars"), "line": NodeEntry("scaled")}
    validated = check(Graph(nodes, (WireEntry("bars", "close", "line", "value"),)), AFTER)
    assert "plus" not in validated.graph.nodes["line"].params
    assert validated.values["line"]["plus"] == 0.0
    assert check(validated.graph, AFTER).graph == validated.graph
