from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Wick
from wickwork.analytics import run as runs


def test_a_healthy_computer(wick: Wick) -> None:
    answer = wick("doctor")
    assert answer.code == 0, answer.out
    assert "✗" not in answer.out
    told = wick("doctor", "--json").json
    assert told["ok"] is True
    assert {"python", "numba", "bar store", "kernel cache", "engine", "time zone"} <= {
        f["name"] for f in told["findings"]
    }


def test_a_store_that_cannot_be(wick: Wick, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("WICKWORK_HOME", str(home / "file"))
    answer = wick("doctor")
    assert answer.code == 1
    assert "✗  bar store" in answer.out
    assert (
        answer.err
        == "wick: something is broken (bar store); the table says what; correct it and run `wick doctor` again.\n"
    )


def test_a_broken_engine(wick: Wick, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(runs, "backtest", fail)
    answer = wick("doctor", "--json")
    assert answer.code == 1
    engine = next(f for f in answer.json["findings"] if f["name"] == "engine")
    assert engine == {"name": "engine", "ok": False, "detail": "RuntimeError: no such kernel"}
