"""Two nodes of one name with other code, or other constants, have two manifests."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from wickwork import Run, backtest, sweep
from wickwork.market.demo import demo_bars

SOURCE = """
from wickwork import node, strategy, trade
from wickwork.graph.types import Condition, Series

FACTOR = {factor}

def helper(x: float) -> float:
    return x * {inner}

@node(title="Above", group="price")
def above(a: Series) -> Condition:
    '''True above a number.'''
    return helper(a) > FACTOR

with strategy("own") as s:
    trade.buy(when=above(s.bars.close), size=trade.percent_of_equity(50), name="buy")
    trade.close(when=~above(s.bars.close))
"""


def own(tmp_path: Path, factor: float, inner: float) -> Any:
    file = tmp_path / f"own_{factor}_{inner}.py"
    file.write_text(SOURCE.format(factor=factor, inner=inner))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.s


def run(tmp_path: Path, factor: float = 30_000.0, inner: float = 1.0) -> Run:
    return backtest(own(tmp_path, factor, inner), demo_bars("BTC/USDT", "1d"))


def test_the_code_of_own_nodes_is_part_of_the_manifest(tmp_path: Path) -> None:
    first, again = run(tmp_path), run(tmp_path)
    assert first.manifest == again.manifest
    assert set(first.manifest["strategy"]["nodes"]) == {"above"}
    for other in (run(tmp_path, factor=31_000.0), run(tmp_path, inner=2.0)):
        assert other.manifest["strategy"]["hash"] == first.manifest["strategy"]["hash"]
        assert other.manifest["strategy"]["nodes"] != first.manifest["strategy"]["nodes"]
        assert other.stats != first.stats


def test_the_manifest_of_a_sweep_has_them_as_well(tmp_path: Path) -> None:
    found = sweep(own(tmp_path, 30_000.0, 1.0), demo_bars("BTC/USDT", "1d"), {"buy.size": [10.0, 20.0]})
    assert set(found.manifest["strategy"]["nodes"]) == {"above"}
