"""The loop as machine code: compiled once, with help where there is help."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from wickwork.engine import compiling
from wickwork.graph import native


def test_the_loop_is_warm_once_it_was_compiled() -> None:
    loop = compiling.compiled_loop()
    assert compiling.is_warm()
    assert len({loop.run, loop.next_event, loop.on_bar, loop.on_close}) == 4


def test_an_empty_cache_is_cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WICKWORK_CACHE", str(tmp_path / "nothing here"))
    assert compiling.is_warm() is not native.COMPILED


@pytest.mark.parametrize("python", ["", "/nonexistent/python"])
def test_no_helper_is_no_misfortune(python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", python)
    assert compiling._start_helper(tmp_path) is None


@pytest.mark.skipif(not native.COMPILED, reason="compiling is switched off")
def test_the_helper_compiles_matching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Into the folder that it is given, whatever that of the process is."""
    monkeypatch.setenv("WICKWORK_CACHE", str(tmp_path / "another"))
    assert not native.is_compiled(compiling.on_bar, tmp_path)
    helper = compiling._start_helper(tmp_path)
    assert helper is not None
    assert helper.wait() == 0
    assert native.is_compiled(compiling.on_bar, tmp_path)
    assert not native.is_compiled(compiling.on_bar)
