"""Documents of every released version load, have the hash and make the trades that they had then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.graph.golden_files import GOLDEN, documents, loaded, outcome

from wickwork.graph.document import from_text, load, to_text

FILES = documents()
EXPECTED: dict[Path, Any] = {
    GOLDEN / version.parent.name / name: entry
    for version in GOLDEN.glob("*/expected.json")
    for name, entry in json.loads(version.read_text()).items()
}


def test_every_document_has_an_expected_outcome() -> None:
    assert len(FILES) >= 10
    assert set(FILES) == set(EXPECTED)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name} {file.stem}")
def test_it_loads_checks_and_trades_as_it_did(file: Path) -> None:
    found, expected = outcome(file), EXPECTED[file]
    fills, then = found.pop("fills", []), expected.get("fills", [])
    assert found == {key: value for key, value in expected.items() if key != "fills"}
    assert len(fills) == len(then)
    for one, other in zip(fills, then, strict=True):
        assert one == pytest.approx(other, rel=1e-9)


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*/*.json")), ids=lambda file: f"{file.parent.name} {file.stem}")
def test_its_text_stays_as_it_is(file: Path) -> None:
    if file.name == "expected.json":
        return
    text = file.read_text()
    assert to_text(load(file)) == text
    assert to_text(loaded(file).graph) == text
    assert to_text(from_text(json.dumps(json.loads(text)))) == text
