"""Golden documents: graphs as released versions wrote them, with what they did then.

Each folder of `tests/graph/golden` is a released version: documents, the files that they refer to, and
`expected.json` with the hash, the faults and the fills of each over the demo market. They are never changed. At a
release, documents that use what is new are added by

    python -m tests.graph.golden_files FILE.json …

which writes them, in canonical form, into the folder of the version in pyproject.toml.
"""

from __future__ import annotations

import json
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from wickwork import Context, backtest, demo_bars
from wickwork.graph.check import find_faults
from wickwork.graph.document import to_text
from wickwork.strategies.load import Loaded, load_strategy

GOLDEN = Path(__file__).parent / "golden"
MOST_FILLS = 30
"""Fills that are kept of each document; their number is kept, too."""
BARS = 1000
"""The bars of a document whose suggested run has no dates."""


def documents() -> list[Path]:
    """All golden documents, without those that others refer to."""
    return sorted(file for file in GOLDEN.glob("*/*.json") if file.name != "expected.json" and not _is_library(file))


def _is_library(file: Path) -> bool:
    """Whether a file is one that references name, `trend-1.json`."""
    return file.stem.rpartition("-")[2].isdigit()


def loaded(file: Path) -> Loaded:
    """The graph of a golden document, without any home folder."""
    return load_strategy(file, context=Context(file.parent / "no home"))


def outcome(file: Path) -> dict[str, Any]:
    """What a document gives: its hash and fills, or its faults."""
    found = loaded(file)
    faults = find_faults(found.graph, found.catalogue)
    if faults:
        return {"faults": sorted([fault.node, fault.port] for fault in faults), "hash": found.graph.hash()}
    fills = _fills(found)
    return {"hash": found.check().graph.hash(), "count": len(fills), "fills": fills[:MOST_FILLS]}


def _fills(found: Loaded) -> list[list[float]]:
    """Bar, side, quantity and price of each fill over the suggested run."""
    suggested = found.graph.suggested_run
    start, stop = (_moment(suggested[key]) if key in suggested else None for key in ("start", "end"))
    bars = demo_bars(suggested["instrument"], suggested["timeframe"], start, stop)
    bars = bars if stop is not None else bars.slice(0, BARS)
    entries = found.graph.nodes.values()
    names = [entry.params["field"] for entry in entries if entry.type == "column"]
    others = [entry.params["instrument"] for entry in entries if entry.type == "bars_of"]
    run = backtest(
        found,
        bars,
        columns={name: np.sin(np.arange(len(bars)) / 7.0) for name in names} or None,
        with_bars=[demo_bars(name, suggested["timeframe"], start, stop).slice(0, len(bars)) for name in others],
    )
    rows = run.history.fills
    return [[int(r["bar"]), int(r["side"]), float(r["quantity"]), float(r["price"])] for r in rows]


def _moment(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}T00:00:00+00:00").timestamp() * 1000)


def add(files: list[Path]) -> None:
    """Write documents, with what they give, into the folder of the present version."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    folder = GOLDEN / project["project"]["version"]
    folder.mkdir(parents=True, exist_ok=True)
    expected_file = folder / "expected.json"
    expected = json.loads(expected_file.read_text()) if expected_file.exists() else {}
    for file in files:
        target = folder / file.name
        if target.exists():
            sys.exit(f"{target} is there already, and golden documents are never changed; choose another name.")
        target.write_text(to_text(load_strategy(file).graph))
        if not _is_library(target):
            expected[file.name] = outcome(target)
        print(target)  # noqa: T201
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(expected[name])}" for name in sorted(expected))
    expected_file.write_text(f"{{\n{rows}\n}}\n")


if __name__ == "__main__":
    add([Path(name) for name in sys.argv[1:]])
