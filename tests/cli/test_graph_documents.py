"""`wick graph diff`, `merge`, `format` and `upgrade`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import EXAMPLES, Wick

EMA = EXAMPLES / "ema_cross.json"
OLD_NODE = '''
from typing import Any
from wickwork import node
from wickwork.graph.migrated import Migrated
from wickwork.graph.types import Series

def from_1(params: dict[str, Any]) -> Migrated:
    if "length" not in params:
        raise ValueError("it has no length")
    return Migrated({"period": params["length"]}, renamed={"length": "period"})

@node(title="Mine", group="own", version=2, migrations={1: from_1})
def mine(source: Series, *, period: int = 14) -> Series:
    """A sentence."""
    return source + period
'''


@pytest.fixture
def files(home: Path) -> dict[str, Any]:
    """Copies of an example, `base.json`, `ours.json` and `theirs.json`, with different changes."""
    data = json.loads(EMA.read_text())
    (home / "base.json").write_text(EMA.read_text())
    for name, period in (("ours", 10), ("theirs", 11)):
        changed = json.loads(EMA.read_text())
        changed["nodes"]["fast"]["params"]["period"] = period
        changed["layout"] = {"nodes": {"fast": {"x": period}}}
        changed["notes"] = "theirs" if name == "theirs" else ""
        (home / f"{name}.json").write_text(json.dumps(changed))
    return data


def test_diff(wick: Wick, files: dict[str, Any]) -> None:
    answer = wick("graph", "diff", "base.json", "ours.json")
    assert (answer.code, answer.out) == (1, "~ fast.period: 12 → 10\n")
    answer = wick("graph", "diff", "ours.json", "theirs.json", "--json")
    assert answer.code == 1
    assert answer.json == {
        "equal": False,
        "same_logic": False,
        "changes": [
            {"kind": "changed", "where": "fast.period", "before": 10, "after": 11},
            {"kind": "notes", "where": "", "before": "", "after": "theirs"},
        ],
    }
    same = wick("graph", "diff", "base.json", EXAMPLES / "ema_cross.py")
    assert (same.code, "equal, apart from layout" in same.out) == (0, True)
    assert wick("graph", "diff", "base.json", "bse.json").code == 2


def test_merge(wick: Wick, home: Path, files: dict[str, Any]) -> None:
    sides = ("base.json", "ours.json", "theirs.json")
    answer = wick("graph", "merge", *sides, "--output", "out.json")
    assert (answer.code, answer.out) == (1, "fast.period: ours 10, theirs 11 (before: 12)\n")
    assert "nothing was written" in answer.err
    assert not (home / "out.json").exists()
    assert wick("graph", "merge", *sides, "--output", "out.json", "--theirs").code == 0
    merged = json.loads((home / "out.json").read_text())
    assert (merged["nodes"]["fast"]["params"]["period"], merged["notes"]) == (11, "theirs")
    assert wick("graph", "merge", *sides, "--output", "out.json", "--ours").code == 2  # it is there and differs
    assert wick("graph", "merge", *sides, "--output", "out.json", "--ours", "--force").code == 0
    assert wick("graph", "merge", *sides, "--output", "out.json", "--ours", "--theirs").code == 2
    assert wick("graph", "merge", *sides, "behind.json", "--ours").code == 0
    refused = wick("graph", "merge", *sides)
    assert (refused.code, "The file to write is missing: wick graph merge base.json" in refused.err) == (2, True)
    listed = wick("graph", "merge", *sides, "--output", "new.json", "--json")
    conflict = {"where": "fast.period", "base": 12, "ours": 10, "theirs": 11}
    assert (listed.code, listed.json) == (1, {"file": None, "conflicts": [conflict]})
    base = (home / "base.json").read_text()
    assert wick("graph", "merge", "base.json", "ours.json", "base.json", "--output", "ours.json").code == 0
    assert wick("graph", "merge", "ours.json", "ours.json", "base.json", "--output", "ours.json").code == 0
    assert (home / "ours.json").read_text() == base


def test_format(wick: Wick, home: Path, files: dict[str, Any]) -> None:
    assert wick("graph", "format", "base.json", "--check").code == 0
    assert wick("graph", "format", "base.json").out == "base.json is in canonical form.\n"
    before = wick("graph", "hash", "ours.json").out
    content = (home / "ours.json").read_text()
    check = wick("graph", "format", "ours.json", "--check")
    assert (check.code, (home / "ours.json").read_text()) == (1, content)
    assert wick("graph", "format", "ours.json", "--json").json["written"] is True
    assert wick("graph", "format", "ours.json", "--check").code == 0
    assert wick("graph", "hash", "ours.json").out == before


def test_upgrade(wick: Wick, home: Path) -> None:
    (home / "own.py").write_text(OLD_NODE)
    nodes = {"bars": {"type": "bars"}, "m": {"type": "mine", "params": {"length": 9}}}
    content = json.dumps({"nodes": nodes, "wires": [["bars.close", "m.source"]]})
    (home / "old.json").write_text(content)
    dry = wick("graph", "upgrade", "old.json", "--nodes", "own.py", "--dry-run")
    assert dry.code == 0
    assert dry.out.splitlines()[:3] == ["~ m (version): 1 → 2", "- m.length: 9", "+ m.period: 9"]
    assert wick("graph", "check", "old.json", "--nodes", "own.py").code == 0
    assert (home / "old.json").read_text() == content
    hashes = [wick("graph", "hash", "old.json", "--nodes", "own.py").out]
    assert wick("graph", "upgrade", "old.json", "--nodes", "own.py").code == 0
    assert json.loads((home / "old.json").read_text())["nodes"]["m"]["params"] == {"period": 9}
    hashes.append(wick("graph", "hash", "old.json", "--nodes", "own.py").out)
    assert hashes[0] == hashes[1]
    again = wick("graph", "upgrade", "old.json", "--nodes", "own.py", "--json")
    assert again.json == {"file": "old.json", "written": False, "changes": []}
    (home / "bad.json").write_text(content.replace("length", "size"))
    failed = wick("graph", "upgrade", "bad.json", "--nodes", "own.py")
    assert (failed.code, "m: the migration of mine from version 1 failed: it has no length" in failed.err) == (2, True)


@pytest.mark.parametrize("verb", ["format", "upgrade"])
def test_what_is_no_document_is_refused(verb: str, wick: Wick, home: Path) -> None:
    (home / "x.json").write_text("[]")
    assert wick("graph", verb, "x.json").code == 2
    assert wick("graph", verb, "no.json").code == 2
    assert wick("graph", verb, EXAMPLES / "ema_cross.py").code == 2
