"""`wick mcp` as an assistant's program starts it: a process with which it exchanges messages over stdin and stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Wick
from tests.server.test_mcp import SESSION, assert_is_a_whole_session

ROOT = Path(__file__).parents[2]


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "WICKWORK_HOME": str(home)}


def test_a_session_over_stdio_without_a_server(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(SESSION), str(tmp_path / "home")],
        env=environment(tmp_path), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert_is_a_whole_session(done.stdout)
    assert "Traceback" not in done.stderr


def test_what_is_no_message_is_answered_or_ignored_and_the_end_of_stdin_ends_it(tmp_path: Path) -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    info = {"clientInfo": {"name": "t", "version": "1"}, "capabilities": {}, "protocolVersion": "2025-06-18"}
    messages = [
        "no message",
        "",
        '{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": ' + json.dumps(info | {"_meta": meta}) + "}",
        '{"jsonrpc": "2.0", "method": "notifications/initialized"}',
        '{"jsonrpc": "2.0", "id": 2, "method": "tools/list"}',
        '{"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "save_strategy", "arguments": {}}}',
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "wickwork", "mcp", "--read-only"], env=environment(tmp_path / "home"), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n".join(messages) + "\n")
    process.stdin.flush()
    answers: dict[Any, Any] = {}
    while 3 not in answers:
        one = json.loads(process.stdout.readline())  # stdout has nothing but messages
        answers[one.get("id")] = one
    rest, errors = process.communicate(timeout=120)  # closes stdin
    assert (process.returncode, rest) == (0, ""), errors
    names = {one["name"] for one in answers[2]["result"]["tools"]}
    assert "run_backtest" not in names
    assert "read_report" in names
    assert answers[3]["result"]["isError"]
    assert "Traceback" not in errors


def test_without_the_sdk_it_says_what_to_install(wick: Wick, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    failed = wick("mcp")
    assert failed.code == 2
    assert "pip install 'wickwork[agents]'" in failed.err


def test_without_standard_input_it_is_a_sentence(wick: Wick, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    failed = wick("mcp")
    assert failed.code == 2
    assert "standard input is closed" in failed.err


def test_a_wrong_configuration_is_a_sentence(wick: Wick, tmp_path: Path) -> None:
    failed = wick("mcp", tmp_path / "nothing.yaml")
    assert failed.code == 2
    assert "nothing.yaml" in failed.err
