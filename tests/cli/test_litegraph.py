"""`wick graph import` and `wick graph export --litegraph`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import EXAMPLES, Wick

GRID = EXAMPLES / "pve" / "long_grid_bot.json"


def test_an_imported_file_is_reported_and_exported_as_it_was(wick: Wick, tmp_path: Path) -> None:
    target, back = tmp_path / "grid.json", tmp_path / "back.json"
    answer = wick("graph", "import", GRID, "--output", target)
    assert answer.code == 0
    assert "As in PVE but for what is said (6)" in answer.out
    assert "33 trade/create_order → n33_create_order" in answer.out
    assert wick("graph", "export", target, back, "--litegraph").code == 0
    assert json.loads(back.read_text()) == json.loads(GRID.read_text())


def test_the_report_is_json_on_request(wick: Wick, tmp_path: Path) -> None:
    data = wick("graph", "import", GRID, "--output", tmp_path / "a.json", "--name", "Grid", "--json").json
    assert data["report"]["counts"]["differs"] == 6
    assert data["suggested_run"]["timeframe"] == "3m"
    assert data["faults"] == []
    assert wick("graph", "show", tmp_path / "a.json").out.startswith("Grid")


def test_a_file_with_unknown_nodes_is_written_and_the_exit_code_says_that_it_cannot_run(
    wick: Wick, tmp_path: Path
) -> None:
    older, target = tmp_path / "older.json", tmp_path / "graph.json"
    older.write_text(json.dumps({"nodes": [{"id": 1, "type": "backtest/run"}], "links": []}))
    answer = wick("graph", "import", older, "--output", target)
    assert answer.code == 1
    assert "it stands for node 1 (backtest/run)" in answer.err
    assert wick("graph", "check", target).code == 1
    back = tmp_path / "back.json"
    assert wick("graph", "export", target, back, "--litegraph").code == 0
    assert json.loads(back.read_text()) == json.loads(older.read_text())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("{", "is not JSON"), ("[]", "is not a LiteGraph file"), ('{"nodes": [7]}', "a node must be an object")],
)
def test_what_cannot_be_read_ends_with_a_sentence(wick: Wick, tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "broken.json"
    file.write_text(text)
    answer = wick("graph", "import", file, "--output", tmp_path / "out.json")
    assert answer.code == 2
    assert sentence in answer.err
    assert not (tmp_path / "out.json").exists()


def test_other_files_are_kept(wick: Wick, tmp_path: Path) -> None:
    target = tmp_path / "there.json"
    target.write_text("mine")
    assert "add --force" in wick("graph", "import", GRID, "--output", target).err
    assert target.read_text() == "mine"
    assert wick("graph", "import", GRID, "--output", target, "--force").code == 0
    assert wick("graph", "import", tmp_path / "none.json", "--output", target).code == 2
    assert wick("graph", "import", tmp_path, "--output", target).code == 2


def test_what_pve_does_not_have_is_refused_or_left_out(wick: Wick, tmp_path: Path) -> None:
    target = tmp_path / "cross.json"
    answer = wick("graph", "export", EXAMPLES / "ema_cross.json", target, "--litegraph")
    assert answer.code == 2
    assert "(enter_long): PVE has no such node; PVE's nodes are like place_order" in answer.err
    assert not target.exists()
    partial = wick("graph", "export", EXAMPLES / "ema_cross.json", target, "--litegraph", "--partial")
    assert partial.code == 0
    assert "left out: " in partial.out
    assert json.loads(target.read_text())["version"] == 0.4
    assert "with --litegraph" in wick("graph", "export", EXAMPLES / "ema_cross.json", target, "--partial").err


def test_the_file_to_write_may_stand_behind_the_file(wick: Wick, tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    assert wick("graph", "import", GRID, one).code == wick("graph", "import", GRID, "--output", two).code == 0
    assert one.read_text() == two.read_text()
    assert wick("graph", "import", GRID, one, "--output", one).code == 0
    refused = wick("graph", "import", GRID, one, "--output", two)
    assert (refused.code, "both name the file to write; give one of them" in refused.err) == (2, True)
    refused = wick("graph", "import", GRID)
    assert (refused.code, refused.err) == (
        2, f"wick: The file to write is missing: wick graph import {GRID} OUT.json.\n"
    )  # fmt: skip
