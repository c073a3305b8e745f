"""Mutated files give a graph or faults, edited graphs a file or a refusal: never another exception."""

from __future__ import annotations

from tests.compat.pve.mutations import run, run_edits


def test_mutated_files_give_a_graph_or_faults_and_graphs_give_back_their_file() -> None:
    counts, _ = run(200, seed=7)
    assert sum(counts.values()) == 200
    assert len(counts) >= 5


def test_edited_graphs_give_a_file_that_imports_as_them_or_are_refused() -> None:
    counts = run_edits(40, seed=7)
    assert counts["exported"] >= 2
    assert counts["refused"] >= 4
