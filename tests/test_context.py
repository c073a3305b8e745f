"""One object holds what belongs to a user, and two users of one process do not see each other's."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from wickwork import backtest, demo_bars, sweep
from wickwork.context import Context
from wickwork.engine import compiling
from wickwork.graph import native
from wickwork.graph.catalogue import Catalogue
from wickwork.graph.check import GraphFaults
from wickwork.market.store import Store
from wickwork.model.errors import InputError
from wickwork.nodes import builtin

NODE = """
from wickwork.graph.node import node
from wickwork.graph.types import Series

@node(title="Scaled", group="maths")
def scaled(value: Series) -> Series:
    "A multiple."
    return value * {factor}
"""
GRAPH = """{"schema": 1, "name": "above", "nodes": {"bars": {"type": "bars"}, "line": {"type": "scaled"},
  "zero": {"type": "number", "params": {"value": 0}}, "above": {"type": "greater"}, "buy": {"type": "enter_long"}},
  "wires": [["bars.close", "line.value"], ["line.value", "above.a"], ["zero.value", "above.b"],
  ["above.value", "buy.when"]]}"""
BARS = demo_bars("BTC/USDT", "1h").slice(0, 50)


def test_the_context_of_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WICKWORK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WICKWORK_CACHE", str(tmp_path / "cache"))
    context = Context()
    assert (context.home, context.cache) == (tmp_path / "home", tmp_path / "cache")
    assert context.store == Store()
    assert context.catalogue is builtin()
    assert not list(tmp_path.iterdir())


def test_a_context_without_a_home_has_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wickwork.context.home", lambda: _refuse())
    context = Context()
    assert context.catalogue is builtin()
    with pytest.raises(InputError, match="no home"):
        _ = context.runs


def _refuse() -> Path:
    raise InputError("There is no home.")


def test_contexts_of_two_users(tmp_path: Path) -> None:
    one, other = Context(tmp_path / "one"), Context(tmp_path / "other", Catalogue({}))
    one.store.append(demo_bars("BTC/USDT", "1h").slice(0, 10))
    assert [len(user.store.series()) for user in (one, other)] == [1, 0]
    assert (len(other.catalogue), other.journals) == (0, tmp_path / "other" / "journals")
    assert one.runs != other.runs
    with pytest.raises(FrozenInstanceError):
        one.home = other.home  # type: ignore[misc]


@pytest.fixture
def users(tmp_path: Path) -> Mapping[float, tuple[Context, Path]]:
    """Two users, each with a node `scaled` of another factor, and a graph that uses it."""
    return {factor: _user(tmp_path / str(factor), factor) for factor in (2.0, 3.0)}


def _user(folder: Path, factor: float) -> tuple[Context, Path]:
    folder.mkdir()
    (folder / "own.py").write_text(NODE.format(factor=factor))
    (folder / "graph.json").write_text(GRAPH)
    cache = folder / "cache"
    if native.COMPILED:
        _copy_loop(cache)
    return Context(folder / "home", kernels=cache).with_nodes([folder / "own.py"]), folder / "graph.json"


def _copy_loop(cache: Path) -> None:
    """Put the machine code of the loop into that folder, since compiling it takes long."""
    compiling.compiled_loop()
    common = Context().cache
    cache.mkdir(mode=0o700)
    assert common is not None
    for part in compiling.PARTS:
        for file in common.glob(f"{part.__name__}-{native.fingerprint(part)}-*.nbc"):
            shutil.copy(file, cache)


def test_nodes_of_one_name(users: Mapping[float, tuple[Context, Path]]) -> None:
    """Each run uses the node of its own user, also when runs of both go on at once."""

    def lines(factor: float) -> list[float]:
        context, graph = users[factor]
        return list(backtest(graph, BARS, context=context).columns["line"])

    factors = [2.0, 3.0] * 4
    with ThreadPoolExecutor(4) as threads:
        for factor, line in zip(factors, threads.map(lines, factors), strict=True):
            assert line == list(BARS.close * factor)
    with pytest.raises(GraphFaults, match="scaled"):
        backtest(users[2.0][1], BARS)
    assert "scaled" not in builtin()


@pytest.mark.skipif(not native.COMPILED, reason="compiling is switched off")
def test_machine_code_lies_in_the_folder_of_its_user(
    users: Mapping[float, tuple[Context, Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Backtest, wires read later, and sweep keep it there, and nothing is written to the folder of the process."""
    common = tmp_path / "common"
    monkeypatch.setenv("WICKWORK_CACHE", str(common))
    for context, graph in users.values():
        before = _blocks(context)
        run = backtest(graph, BARS, context=context)
        assert dict(run.columns)
        assert run.missing_conditions is not None
        sweep(graph, BARS, {"zero.value": [0.0, 1.0]}, context=context, workers=1)
        assert _blocks(context) - before
    (one, _), (other, _) = users.values()
    own = [{name for name in _blocks(user) if name.startswith("block-")} for user in (one, other)]
    assert len(own[0] ^ own[1]) >= 2  # the blocks of the two nodes `scaled`
    assert not common.exists()


def _blocks(context: Context) -> set[str]:
    return set(os.listdir(context.cache or "."))
