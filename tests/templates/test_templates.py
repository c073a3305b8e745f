"""Every template runs as it is, trades, and does what it did when it was released.

`python -m tests.templates.test_templates` writes expected.json anew, after a change of a template or of a rule.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from wickwork import backtest, demo_bars
from wickwork.graph.document import from_text, to_text
from wickwork.model.timeframe import parse_timeframe
from wickwork.strategies.load import Loaded, load_strategy
from wickwork.strategies.python_text.write import python_file
from wickwork.templates import Template, templates

EXPECTED = Path(__file__).with_name("expected.json")
BARS = 6_000


def result(loaded: Loaded) -> dict[str, Any]:
    """Hash, trades and fills of a template over the first bars of the demo market."""
    made_for = loaded.graph.suggested_run
    names = [name.strip() for name in made_for["instrument"].split(",")]
    bars = [demo_bars(name, made_for["timeframe"]).slice(0, BARS) for name in names]
    run = backtest(loaded, bars)
    fills = "".join(f"{f['bar']} {f['side']} {f['quantity']:.6f} {f['price']:.6f};" for f in run.history.fills)
    return {
        "hash": loaded.check().graph.hash(),
        "trades": int(run.stats["trades"] or 0),
        "final_equity": round(float(run.equity.iloc[-1]), 2),
        "fills": hashlib.sha256(fills.encode()).hexdigest()[:16],
    }


@pytest.mark.parametrize("template", templates(), ids=lambda one: one.name)
def test_a_template_does_what_it_did(template: Template) -> None:
    loaded = load_strategy(template.path)
    found = result(loaded)
    assert found["trades"] >= 5
    assert found == json.loads(EXPECTED.read_text())[template.name]
    assert result(Loaded(from_text(to_text(loaded.graph)), loaded.catalogue)) == found


@pytest.mark.parametrize("template", templates(), ids=lambda one: one.name)
def test_as_python_of_the_export_it_does_the_same(template: Template, tmp_path: Path) -> None:
    """Graph → Python → graph: the same hash and the same trades."""
    loaded = load_strategy(template.path)
    file = tmp_path / "exported.py"
    file.write_text(python_file(loaded.graph, loaded.catalogue, file.name).text)
    assert result(load_strategy(file)) == json.loads(EXPECTED.read_text())[template.name]


@pytest.mark.parametrize("template", templates(), ids=lambda one: one.name)
def test_a_template_says_what_it_is(template: Template) -> None:
    loaded = load_strategy(template.path)
    assert template.help.endswith(".")
    assert 40 < len(template.help) < 130
    assert loaded.graph.name
    assert parse_timeframe(loaded.graph.suggested_run["timeframe"])


def test_there_are_as_many_as_are_listed() -> None:
    assert set(json.loads(EXPECTED.read_text())) == {one.name for one in templates()}


if __name__ == "__main__":
    EXPECTED.write_text(json.dumps({one.name: result(load_strategy(one.path)) for one in templates()}, indent=1) + "\n")
