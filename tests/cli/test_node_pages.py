"""The node reference: in the tree as it is written now, with links that lead somewhere and figures that are true."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from wickwork import backtest, demo_bars, strategy, ta, trade
from wickwork.cli import main
from wickwork.cli.node_pages.pages import reference, write_reference
from wickwork.cli.node_pages.picture import MARK
from wickwork.cli.node_pages.running import BARS, LAST_DAY, can_run, demo_market, run
from wickwork.cli.node_pages.units import units
from wickwork.graph.node import Node, node
from wickwork.graph.reference import warmup_formula
from wickwork.graph.types import Series
from wickwork.model.errors import InputError
from wickwork.model.timeframe import DAY, HOUR
from wickwork.nodes import builtin

FOLDER = Path(__file__).parents[2] / "docs" / "nodes"
MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def files() -> Mapping[str, str]:
    return reference(builtin().values())


def test_the_reference_in_the_tree_is_what_is_written_now(files: Mapping[str, str]) -> None:
    there = {
        file.relative_to(FOLDER).as_posix(): file.read_text(encoding="utf-8")
        for file in FOLDER.rglob("*")
        if file.is_file()
    }
    stale = sorted(name for name in there.keys() | files.keys() if there.get(name) != files.get(name))
    assert not stale, "write it anew: wick nodes --docs docs/nodes"
    assert sum(len(text.encode()) for text in files.values()) < MOST_BYTES


def test_every_node_is_in_the_reference_and_every_link_leads_to_one(files: Mapping[str, str]) -> None:
    pages = {name: text for name, text in files.items() if name.endswith(".md")}
    anchors = {(name, anchor) for name, text in pages.items() for anchor in re.findall(r'<a id="(\w+)">', text)}
    assert {anchor for _, anchor in anchors} == set(builtin())
    for page, text in pages.items():
        for target in re.findall(r"\]\(([^)]+)\)", text):
            file, _, anchor = target.partition("#")
            assert (file or page) in files, target
            assert not anchor or (page == "README.md" and not file) or (file or page, anchor) in anchors, target
    assert set(re.findall(r"\(([\w-]+\.md#\w+)\)", pages["README.md"])) == {f"{name}#{a}" for name, a in anchors}


def test_pictures_are_small_and_well_formed(files: Mapping[str, str]) -> None:
    pictures = {name: text for name, text in files.items() if name.endswith(".svg")}
    assert len(pictures) > 200
    for name, text in pictures.items():
        assert len(text) < 12_000, name
        assert ElementTree.fromstring(text).tag.endswith("svg"), name  # noqa: S314  # our own
        assert "nan" not in re.sub(r">[^<]*<", "", text), name


@pytest.mark.parametrize("shown", builtin().values(), ids=lambda shown: shown.name)
def test_the_formula_of_a_warm_up_is_what_the_node_needs(shown: Node) -> None:
    formula = warmup_formula(shown)
    values = {p.name: p.default for p in shown.parameters}
    if formula:
        functions = {"max": max, "min": min, "math": math}
        assert eval(formula, functions, dict(values)) == shown.warmup_bars(values)  # noqa: S307  # our own
    elif not shown.verb and shown.warmup.__name__ == "<lambda>" and shown.group != "candles":
        assert shown.warmup_bars(values) <= 3


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("atr", {"value": "price"}),
        ("obv", {"value": "volume"}),
        ("rsi", {"value": ""}),
        ("force_index", {"value": "price × volume"}),
        ("covariance", {"value": "price²"}),
        ("ease_of_movement", {"value": "price² × 1 / volume"}),
        ("log_returns", {"value": ""}),
        ("supertrend", {"line": "price", "direction": ""}),
    ],
)
def test_units_are_measured(name: str, wanted: dict[str, str]) -> None:
    assert units(builtin()[name], demo_market()) == wanted


def test_nodes_of_the_reference_give_what_they_give_in_a_backtest() -> None:
    with strategy("shown") as s:
        bands = ta.bollinger(s.bars.close, name="bands")
        ta.session_range(s.bars, name="asia")
        trade.buy(when=s.bars.close < bands.lower, size=trade.quantity(0.01))
    found = backtest(s, demo_bars("BTC/USDT", "1h", LAST_DAY * DAY - BARS * HOUR, LAST_DAY * DAY)).columns
    market = demo_market()
    for name, kind in (("bands", "bollinger"), ("asia", "session_range")):
        for output, column in run(builtin()[kind], market, {}, {}).items():
            np.testing.assert_array_equal(column, found[f"{name}.{output}"])


def test_what_an_earlier_reference_left_is_removed_and_files_of_others_are_kept(tmp_path: Path) -> None:
    nodes = [one for one in builtin().values() if one.group == "structure"]
    for name, text in (
        ("old.md", MARK),
        ("pictures/old.svg", MARK),
        ("own.md", "mine"),
        ("pictures/own.svg", "<svg/>"),
    ):
        (tmp_path / "pictures").mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    write_reference(nodes, tmp_path)
    assert write_reference(nodes, tmp_path) == 5
    names = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.*")}
    assert names == {
        "README.md", "structure.md", "own.md", "pictures/own.svg", "pictures/fair_value_gap.svg",
        "pictures/support_resistance.svg", "pictures/divergence.svg",
    }  # fmt: skip
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(InputError, match=r"README\.md is there and was not written by"):
        write_reference(nodes, tmp_path)


def test_a_group_with_any_name_has_a_page_inside_the_folder(tmp_path: Path) -> None:
    own = replace(builtin()["doji"], group="../my own: patterns")
    write_reference([own], tmp_path / "pages")
    assert [file.name for file in tmp_path.iterdir()] == ["pages"]
    assert "[doji](my-own-patterns.md#doji)" in (tmp_path / "pages" / "README.md").read_text(encoding="utf-8")


@node(title="Unguarded", group="mine")
def unguarded(value: Series) -> Series:
    """Divides by zero."""
    return 1.0 / (value - value)


def test_a_node_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"The node unguarded fails over the demo market: float division by zero\."):
        write_reference([unguarded], tmp_path)


def test_nodes_without_bars_series_or_conditions_have_no_picture() -> None:
    assert not {name for name in ("enter_long", "equity", "bars", "column") if can_run(builtin()[name])}


def test_the_reference_is_of_all_nodes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nodes", "rsi", "--docs", str(tmp_path)]) == 2
    assert "without NAME" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
