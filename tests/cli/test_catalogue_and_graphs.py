"""`wick nodes` and `wick graph`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import EMA, EXAMPLES, ONE_MONTH, Wick
from wickwork.graph.document import load, to_text
from wickwork.nodes import builtin
from wickwork.strategies.load import load_strategy

EVERY = sorted(path for path in EXAMPLES.iterdir() if path.suffix in (".py", ".json"))


def test_nodes_as_json_are_the_whole_catalogue(wick: Wick) -> None:
    told = wick("nodes", "--json").json
    assert {one["name"] for one in told} == set(builtin())
    for one in told:
        assert set(one) >= {"name", "title", "group", "help", "inputs", "outputs", "params", "warmup"}


def test_nodes_by_group(wick: Wick) -> None:
    told = wick("nodes", "--group", "Trend", "--json").json
    assert told
    assert {one["group"] for one in told} == {"trend"}
    table = wick("nodes").out.splitlines()
    assert table[0].split()[:2] == ["group", "name"]
    assert table[-1].startswith(f"{len(builtin())} nodes")


def test_one_node(wick: Wick) -> None:
    out = wick("nodes", "ema").out
    for words in (
        "Exponential moving average",
        "1 to 5,000; 20 unless set",
        "mean, first",
        "Warm-up: 20 bars",
        "Source:",
    ):
        assert words in out
    assert wick("nodes", "ema", "--json").json == builtin()["ema"].describe()


def test_every_node_can_be_shown(wick: Wick) -> None:
    for name in builtin():
        answer = wick("nodes", name)
        assert (answer.code, answer.err) == (0, ""), name


def test_search_looks_in_other_words_too(wick: Wick) -> None:
    assert {"ema", "dema"} <= {one["name"] for one in wick("nodes", "--search", "exponential moving", "--json").json}
    assert "timeframe" in {one["name"] for one in wick("nodes", "--search", "MTF", "--json").json}


def test_nodes_of_a_file_of_ones_own(wick: Wick) -> None:
    own = ("--nodes", EXAMPLES / "user_node.py")
    assert "How straight the price moves" in wick("nodes", "efficiency", *own).out
    assert wick("nodes", "--group", "mine", *own, "--json").json[0]["name"] == "efficiency"


@pytest.mark.parametrize("file", EVERY, ids=lambda path: path.name)
def test_graphs_are_checked_shown_and_hashed(file: Path, wick: Wick) -> None:
    own = ("--nodes", EXAMPLES / "user_node.py") if file.name == "user_node.json" else ()
    assert "is valid" in wick("graph", "check", file, *own).out
    assert wick("graph", "check", file, *own, "--json").json == {"valid": True, "sound": True, "faults": []}
    assert "when " in wick("graph", "show", file, *own).out
    loaded = load_strategy(file)
    instrument = "BTC/USDT:USDT" if "short" in file.name else "BTC/USDT"
    traded = () if loaded.graph.parts else ("--instrument", instrument)
    run = wick("backtest", file, *own, *traded, *ONE_MONTH, "--json").json
    if not loaded.has_frames:
        assert wick("graph", "hash", file, *own).out.strip() == run["manifest"]["strategy"]["hash"]


def test_the_hash_follows_set_and_not_the_name(wick: Wick, home: Path) -> None:
    plain = wick("graph", "hash", EMA, "--json").json["hash"]
    changed = wick("graph", "hash", EMA, "--set", "fast.period=13", "--json").json["hash"]
    run = wick("backtest", EMA, "--set", "fast.period=13", *ONE_MONTH, "--json").json
    assert changed == run["manifest"]["strategy"]["hash"] != plain
    (home / "named.json").write_text(json.dumps({**json.loads(EMA.read_text()), "name": "other", "notes": "x"}))
    assert wick("graph", "hash", "named.json", "--json").json["hash"] == plain


def test_show_is_readable(wick: Wick) -> None:
    out = wick("graph", "show", EMA).out
    assert "  up = crosses_above(a = fast, b = slow)\n" in out
    assert out.index("fast = ema(source = bars.close, period = 12") < out.index("when up: enter_long(")
    assert wick("graph", "show", EMA, "--json").out == to_text(load(EMA)) == EMA.read_text()


def test_check_lists_every_fault_and_show_still_shows(wick: Wick, home: Path) -> None:
    data = json.loads(EMA.read_text())
    data["nodes"]["fast"] = {"type": "emma", "params": {"period": 3}}
    data["nodes"]["slow"]["params"]["period"] = 0
    (home / "bad.json").write_text(json.dumps(data))
    answer = wick("graph", "check", "bad.json", "--json")
    assert answer.code == 1
    assert {("fast", ""), ("slow", "period")} <= {(f["node"], f["port"]) for f in answer.json["faults"]}
    assert "faults; correct the graph" in answer.err
    table = wick("graph", "check", "bad.json").out
    assert "emma" in table
    assert "slow.period" in table
    assert "fast = emma(" in wick("graph", "show", "bad.json").out
    run = wick("backtest", "bad.json")
    assert run.code == 2
    assert "`wick graph check` shows" in run.err


def test_explain(wick: Wick) -> None:
    answer = wick("graph", "explain", EMA)
    assert answer.out.splitlines() == [
        "EMA cross",
        "Buys 95 % of equity when the 12-bar EMA of the close crosses above the 26-bar EMA, with a stop loss 4 % below "
        "the entry and a trailing stop 5 ATR behind the best price.",
        "Closes the position when the 12-bar EMA of the close crosses below the 26-bar EMA.",
        "It enters only while it holds no position.",
    ]
    data = wick("graph", "explain", EMA, "--json").json
    assert [one["action"] for one in data["actions"]] == ["buy", "sell"]
    assert "the 9-bar EMA" in wick("graph", "explain", EMA, "--set", "fast.period=9").out
    assert wick("graph", "explain", EXAMPLES / "frame_strategy.py").code == 2


def test_export(wick: Wick, home: Path) -> None:
    python = EXAMPLES / "ema_cross.py"
    assert wick("graph", "export", python, "out.json").code == 0
    assert (home / "out.json").read_text() == EMA.read_text()
    assert wick("graph", "export", python, "out.json").code == 0  # the same again is no harm
    assert wick("graph", "export", python, "out.json", "--set", "fast.period=9").code == 2
    assert wick("graph", "export", python, "out.json", "--set", "fast.period=9", "--force").code == 0
    own = wick("graph", "export", EXAMPLES / "user_node.py", "own.json", "--json")
    assert own.json["own_nodes"] == ["efficiency"]
    assert wick("graph", "check", "own.json").code == 1
    assert wick("graph", "check", "own.json", "--nodes", EXAMPLES / "user_node.py").code == 0


def test_export_as_python(wick: Wick, home: Path) -> None:
    answer = wick("graph", "export", EMA, "cross.py")
    assert (answer.code, answer.err) == (0, "")
    assert "cross.py has EMA cross as Python, hash " in answer.out
    assert "with strategy(" in (home / "cross.py").read_text()
    assert wick("graph", "hash", "cross.py").out == wick("graph", "hash", EMA).out
    assert wick("graph", "export", "cross.py", "again.txt", "--python").code == 0
    assert (home / "again.txt").read_text() == (home / "cross.py").read_text()
    assert wick("graph", "export", EMA, "cross.py", "--set", "fast.period=9").code == 2
    assert wick("graph", "export", EMA, "cross.py", "--json").json["form"] == "python"


def test_export_as_python_says_what_else_the_file_needs(wick: Wick, home: Path) -> None:
    own = wick("graph", "export", EXAMPLES / "user_node.py", "own.py")
    assert own.code == 0
    assert "from user_node.py beside it; copy" in own.err
    assert wick("graph", "check", "own.py").code == 2
    (home / "user_node.py").write_bytes((EXAMPLES / "user_node.py").read_bytes())
    assert wick("graph", "check", "own.py").code == 0
    assert wick("graph", "export", EXAMPLES / "user_node.py", "user_node.py", "--force").code == 2
    drawn = json.loads(EMA.read_text()) | {"layout": {"nodes": {"fast": {"x": 1, "comment": "Twelve bars."}}}}
    (home / "drawn.json").write_text(json.dumps(drawn))
    assert "positions and colours" in wick("graph", "export", "drawn.json", "drawn.py").err
    assert "    # Twelve bars.\n    fast = " in (home / "drawn.py").read_text()


def test_export_keeps_nodes_that_are_unknown(wick: Wick, home: Path) -> None:
    data = json.loads(EMA.read_text())
    data["nodes"]["other"] = {"type": "tools/add", "version": 3, "params": {"a": [1, {"b": None}]}, "slots": [1]}
    (home / "foreign.json").write_text(json.dumps(data))
    answer = wick("graph", "export", "foreign.json", "copy.json", "--json")
    assert (answer.code, answer.json["own_nodes"]) == (0, ["tools/add"])
    assert "cannot run yet" in answer.err
    assert json.loads((home / "copy.json").read_text()) == data


PACKED = """
from typing import Annotated, Any
from wickwork import strategy, subgraph, ta, trade
from wickwork.graph.types import Series

@subgraph
def trend(source: Series, *, fast: int = 12, slow: int = 26) -> Any:
    return ta.ema(source, period=fast, name="fast") > ta.ema(source, period=slow, name="slow")

with strategy("Packed") as s:
    trade.buy(when=ta.becomes_true(trend(s.bars.close)), size=trade.percent_of_equity(95))
"""


def test_a_strategy_with_a_sub_graph(wick: Wick, home: Path) -> None:
    (home / "packed.py").write_text(PACKED)
    assert wick("graph", "export", "packed.py", "packed.json").code == 0
    assert "packed.json is valid: 4 nodes" in wick("graph", "check", "packed.json").out
    assert "  trend__fast = ema(source = bars.close, period = 12)\n" in wick("graph", "show", "packed.json").out
    assert "    trend.fast = 12 sets trend__fast.period\n" in wick("graph", "show", "packed.json").out
    assert wick("graph", "show", "packed.json", "--json").out == (home / "packed.json").read_text()
    hashes = {wick("graph", "hash", f"packed{kind}").out for kind in (".py", ".json")}
    assert len(hashes) == 1
    assert wick("graph", "hash", "packed.json", "--set", "trend.fast=9").out not in hashes
    assert wick("graph", "hash", "packed.json", "--reference").out == f"{load(home / 'packed.json').hash()}\n"
    run = wick("backtest", "packed.json", "--set", "trend__slow.period=40", *ONE_MONTH, "--json")
    assert (run.code, run.err) == (0, "")
    swept = wick("sweep", "packed.json", "--set", "trend.slow=30,40", *ONE_MONTH, "--json")
    assert [one["params"] for one in swept.json["combinations"]].count({"trend.slow": 40}) == 1
    wrong = wick("graph", "check", "packed.json", "--set", "trend.fast=x")
    assert (wrong.code, "trend__fast.period" in wrong.out) == (1, True)


RUNNING_FILES = [
    *("backtest", "paper", "sweep", "replay", "nodes"),
    *("graph check", "graph show", "graph hash", "graph export", "graph explain"),
]


@pytest.mark.parametrize("command", RUNNING_FILES)
def test_the_help_says_that_python_files_are_run(command: str, wick: Wick) -> None:
    text = " ".join(wick(*command.split(), "--help").out.replace("│", " ").split())
    assert "which is run" in text
    if command not in ("replay", "nodes"):
        assert "it is run" in text


def test_check_says_that_it_ran_the_file(wick: Wick) -> None:
    assert "was run" in wick("graph", "check", EXAMPLES / "ema_cross.py").out
    assert "was run" not in wick("graph", "check", EMA).out
