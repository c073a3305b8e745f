"""The version of the engine that journals and reports name."""

from __future__ import annotations

import hashlib
from pathlib import Path

import wickwork
from wickwork.engine.backtest import engine_version

ROOMS = ("model", "graph", "nodes", "risk", "orders", "sim", "engine")


def test_it_covers_every_source_that_a_result_depends_on() -> None:
    root = Path(wickwork.__file__).parent
    sources = sorted(path for room in ROOMS for path in (root / room).rglob("*.py"))
    assert len(sources) > 50
    sha = hashlib.sha256()
    for path in sources:
        sha.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    assert engine_version().endswith(f"+{sha.hexdigest()[:12]}")
