from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Wick
from tests.ports import free_port
from wickwork.analytics import run as runs
from wickwork.cli import server_checks
from wickwork.cli.checks import CheckResult
from wickwork.services import state


@pytest.fixture(autouse=True)
def port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WICKWORK_SERVER__PORT", str(free_port()))


def test_a_healthy_computer(wick: Wick) -> None:
    answer = wick("doctor")
    assert answer.code == 0, answer.out
    assert "✗" not in answer.out
    told = wick("doctor", "--json").json
    assert told["ok"] is True
    names = {"python", "numba", "fastapi", "bar store", "kernel cache", "engine", "database", "child process", "port"}
    assert names <= {f["name"] for f in told["findings"]}


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


def test_what_the_server_needs_is_tried(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_checks, "_child", lambda settings: CheckResult("", True, ""))
    (home / "home").mkdir()
    with sqlite3.connect(home / "home" / "wickwork.sqlite") as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
    database.close()
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("WICKWORK_SERVER__PORT", str(other.getsockname()[1]))
        monkeypatch.setattr(state, "LEAST_FREE", 10**18)
        found = {one.name: one for one in server_checks.server_checks()}
    assert [one.name for one in found.values() if not one.ok] == ["database", "disk", "port"]
    assert "schema 9999, which a newer version" in found["database"].detail
    assert "in use" in found["port"].detail
    (home / "wrong.yaml").write_text("server: {port: none}")
    monkeypatch.setenv("WICKWORK_CONFIG", str(home / "wrong.yaml"))
    monkeypatch.delenv("WICKWORK_SERVER__PORT")
    (settings,) = [one for one in server_checks.server_checks() if one.name == "settings"]
    assert not settings.ok
    assert "wrong.yaml" in settings.detail
