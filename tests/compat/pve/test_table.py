"""The table of PVE's nodes: complete, about nodes that there are, equal to its page, and to PVE's own averages."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from tests.compat.pve.lite import ORACLES, Lite, bars, column, imported
from wickwork.compat.pve.importing import ALL_RULES, FAMILIES
from wickwork.compat.pve.page import page
from wickwork.compat.pve.table import ANY, AVERAGES, BY_TYPE, NEVER_LOADED, ORDER, PROMISED, ROWS, TEXT, Slot
from wickwork.nodes import builtin

CATALOGUE = ORACLES / "litegraph" / "pve_node_catalogue.json"
INDICATORS = ORACLES / "systems" / "pve_indicators.json"


def test_the_table_has_forty_nodes_of_the_engine_and_two_of_the_palette() -> None:
    assert len(BY_TYPE) == len(ROWS) == 42
    assert sum(row.in_backend for row in ROWS) == 40
    assert len(AVERAGES) == 24


def test_the_table_names_rules_nodes_and_ports_that_there_are() -> None:
    catalogue = builtin()
    names = {name for row in ROWS for name in row.becomes} | {n for one in AVERAGES for n in one.becomes.split(", ")}
    assert names <= set(catalogue)
    for row in ROWS:
        assert row.rule in ALL_RULES
        if row.rule in ("direct", "window", "supertrend"):
            node = catalogue[row.becomes[0]]
            assert {slot.port for slot in row.inputs} - {""} <= {one.name for one in node.inputs}
            assert {slot.port for slot in row.outputs} - {""} <= {one.name for one in node.outputs}
    for _, used in PROMISED:
        assert "`@node`" in used or set(used.split(" (")[0].split(", ")) <= set(catalogue)


@pytest.mark.skipif(not CATALOGUE.exists(), reason="no catalogue of PVE beside the checkout")
def test_the_table_is_complete_and_has_the_slots_of_pve() -> None:
    known = {one["type"]: one for one in json.loads(CATALOGUE.read_text())}
    assert {kind for kind, one in known.items() if one["in_backend"]} == {r.type for r in ROWS if r.in_backend}
    assert {kind for kind, one in known.items() if one["in_palette"]} == set(BY_TYPE)
    assert set(known) == set(BY_TYPE) | set(NEVER_LOADED)
    for kind, row in BY_TYPE.items():
        for slots, theirs in ((row.inputs, known[kind]["inputs"]), (row.outputs, known[kind]["outputs"])):
            if theirs:  # the catalogue leaves out slots that an editor adds while it runs
                assert [fits(slot, one) for slot, one in zip(slots, theirs, strict=True)] == [True] * len(slots), kind
    kinds = next(one["combo_values"] for kind, one in known.items() if kind == "indicators/ma")
    assert sorted(kinds) == sorted(one.kind for one in AVERAGES)


def fits(slot: Slot, theirs: dict[str, str]) -> bool:
    family = FAMILIES.get(theirs["type"])
    return slot.kind == ANY or family == (TEXT if slot.kind == ORDER else slot.kind)


def test_the_page_is_written_from_the_table() -> None:
    there = (Path(__file__).parents[3] / "docs" / "pve-nodes.md").read_text(encoding="utf-8")
    assert there == page(), "run: python -m wickwork.compat.pve.page > docs/pve-nodes.md"


PRICES = [round(100 + 10 * math.sin(i / 5) + 0.1 * i + 3 * math.cos(1.7 * i), 6) for i in range(60)]


@pytest.mark.skipif(not INDICATORS.exists(), reason="no reference values of PVE beside the checkout")
@pytest.mark.parametrize("one", AVERAGES, ids=lambda one: one.kind)
def test_each_kind_of_average_differs_from_pve_by_what_the_table_says(one: object) -> None:
    from wickwork.compat.pve.table import EXACT, Average

    assert isinstance(one, Average)
    wanted = json.loads(INDICATORS.read_text())["ma"][one.kind]
    lite = Lite()
    node = lite.node(
        "indicators/ma", lite.node("get/close"), lite.value("integer", 7), properties={"ma_type": one.kind}
    )
    found = imported(lite)
    got = column(found, (node, 0), bars(PRICES))
    largest = max(abs(got[bar] - wanted[name]) for bar, name in ((20, "at_20"), (40, "at_40"), (59, "last")))
    if one.largest == EXACT:
        assert largest < EXACT
    else:
        assert one.largest / 2 < largest <= one.largest
        assert one.note
    warned = [line for line in found.report.lines if line.id == node and line.outcome == "differs"]
    assert bool(warned) == (one.largest > 1e-3)
    if one.largest == EXACT and one.kind != "trima":
        assert next(bar for bar, value in enumerate(got) if value == value) == wanted["first_value_index"]


@pytest.mark.skipif(not INDICATORS.exists(), reason="no reference values of PVE beside the checkout")
def test_rsi_and_supertrend_have_the_values_of_pve() -> None:
    wanted = json.loads(INDICATORS.read_text())
    lite = Lite()
    rsi = lite.node("indicators/rsi", lite.node("get/close"), lite.value("integer", 14))
    prices = [lite.node(f"get/{name}") for name in ("high", "low", "close")]
    trend = lite.node("indicators/super_trend", *prices, lite.value("integer", 10), properties={"multiplier": 3.0})
    series = bars(PRICES, high=[round(p + 1 + 0.5 * math.sin(i), 6) for i, p in enumerate(PRICES)],
                  low=[round(p - 1 - 0.5 * math.cos(i), 6) for i, p in enumerate(PRICES)])  # fmt: skip
    for node, name, limit in ((rsi, "rsi14", 1e-12), (trend, "supertrend_10_3", 1e-12)):
        got = column(imported(lite), (node, 0), series)
        named = wanted[name]
        np.testing.assert_allclose([got[20], got[40], got[59]], [named["at_20"], named["at_40"], named["last"]], limit)
        assert math.isnan(got[named["first_value_index"] - 1])
