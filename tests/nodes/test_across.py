"""Nodes that compare instruments, against their twins and in worked examples; and what they refuse."""

from __future__ import annotations

import random

import numpy as np
import pytest
from harness import variants
from tests.nodes.twins import TWINS
from tests.promises.lanes import columns, comparing, over
from tests.promises.random_graphs import BASE
from tests.sim.both import fast_machine
from tests.sim.random_markets import random_config, random_market

from wickwork import strategy, ta, trade
from wickwork.graph.check import GraphFaults, check, find_faults
from wickwork.graph.document import Graph, NodeEntry, WireEntry
from wickwork.graph.node import node
from wickwork.graph.program import plan
from wickwork.graph.types import LaneCount, SeriesOfLanes, SeriesToLanes
from wickwork.model.errors import InputError
from wickwork.nodes import builtin

NODES = comparing()


def test_every_node_has_a_twin() -> None:
    assert set(TWINS) >= set(NODES)


@pytest.mark.parametrize("name", NODES)
def test_node_agrees_with_its_twin(name: str) -> None:
    one = NODES[name]
    for values in variants(one):
        for kind in ("walk", "ties", "patchy"):
            for lanes in (1, 2, 7):
                given = columns(one, kind, 5, lanes=lanes)
                mine = np.array(over(one, given, values))
                for i in range(60):
                    row = np.array([[c[i] for c in lane] for lane in given])
                    there = np.isfinite(row).all(axis=1)
                    twins = TWINS[name](*row[there].T.tolist(), **one.check(values)) if there.any() else []
                    np.testing.assert_allclose(
                        mine[there, i], twins, rtol=1e-9, atol=1e-9, err_msg=f"{values} {kind} {i}"
                    )


def answers(name: str, values: list[list[float]], **params: object) -> list[float]:
    """The result of each instrument at one bar; for each instrument the values of its inputs."""
    return [float(c[0]) for c in over(NODES[name], [[np.array([x]) for x in row] for row in values], params)]


def test_ranks_of_equal_values_are_shared_and_choices_go_to_the_first() -> None:
    prices = [[3.0], [5.0], [3.0], [1.0]]
    assert answers("rank", prices) == [2.0, 1.0, 2.0, 4.0]
    assert answers("rank", prices, ascending=True) == [2.0, 4.0, 2.0, 1.0]
    assert answers("top", prices, n=2) == [1.0, 1.0, 0.0, 0.0]
    assert answers("bottom", prices, n=2) == [1.0, 0.0, 0.0, 1.0]
    assert answers("percentile_rank_across", prices) == [50.0, 100.0, 50.0, 0.0]


def test_weights_add_up_to_the_total() -> None:
    assert answers("target_weights", [[1.0, 2.0], [0.0, 9.0], [1.0, 2.0]]) == [50.0, 0.0, 50.0]
    inverse = answers("target_weights", [[1.0, 1.0], [1.0, 3.0], [1.0, 0.0]], weighting="inverse", total=80.0)
    assert inverse == [60.0, 20.0, 0.0]
    scores = answers("target_weights", [[1.0, 3.0], [1.0, -1.0]], weighting="proportional", maximum=50.0)
    assert scores == [50.0, -25.0]
    assert answers("target_weights", [[0.0, 3.0], [0.0, 1.0]]) == [0.0, 0.0]
    assert answers("target_weights", [[1.0, 0.0], [1.0, 0.0]], weighting="proportional") == [0.0, 0.0]


def test_values_of_slower_bars_are_compared_at_every_bar_of_the_instrument() -> None:
    with strategy("slow") as s:
        day = ta.timeframe(s.bars, to="4h")
        place = ta.rank(ta.roc(day.close, period=1), name="place")
        trade.buy(when=place <= 1.0)
    r = random.Random(2)
    markets = [random_market(r, 40, "spot", gaps=k == 2, finer=False, grid=0.25) for k in range(3)]
    program = plan(check(s.graph, builtin()), BASE)
    machine = fast_machine(markets, random_config(r), program, keep={"place": program.column("place").index})
    machine.run(40)
    places = machine.kept["place"]
    bare = np.isnan([m.close for m in markets])
    assert np.isnan(places[bare]).all()
    assert np.isfinite(places[:, 20:][~bare[:, 20:]]).all()


def test_a_comparison_of_what_depends_on_the_position_is_refused() -> None:
    entries = {"bars": NodeEntry("bars"), "p": NodeEntry("position_quantity"), "d": NodeEntry("absolute")}
    entries["r"] = NodeEntry("rank")
    wires = (WireEntry("p", "value", "d", "value"), WireEntry("d", "value", "r", "source"))
    (fault,) = find_faults(Graph(entries, wires, "x"), builtin())
    assert fault.node == "r"
    assert "depends on p" in str(fault)
    assert "connect it to prices" in str(fault)


def test_a_step_of_the_wrong_shape_is_refused() -> None:
    def late(source: SeriesOfLanes, result: SeriesToLanes, count: LaneCount) -> None:
        """Its result comes last."""

    def mixed(result: SeriesToLanes, count: LaneCount, source: SeriesOfLanes, more: float) -> None:
        """Has a wire of one lane."""

    for step, words in ((late, "before its inputs"), (mixed, "'more' must be a SeriesOfLanes")):
        with pytest.raises(InputError, match=words):
            node(title="X", group="x")(step)


def test_faults_say_what_to_do() -> None:
    with pytest.raises(GraphFaults, match="nothing is wired to it"):
        check(Graph({"r": NodeEntry("rank")}, (), "x"), builtin())
