"""What installed packages add: a tiny package in a folder of `sys.path`, in a new process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

NODES = """
from wickwork import node, strategy, ta, trade
from wickwork.graph.types import Series
from wickwork.nodes.trend import ema
@node(title="Tripled", group="tiny")
def {name}(series: Series) -> Series:
    "Three times the value."
    return series * 3.0
"""
METRICS = """
from wickwork.analytics.metrics import metric
@metric(name="{name}", title="Bars", unit="count", group="returns")
def bars(ledger):
    "The number of bars."
    return float(len(ledger.equity))
"""
FORMATS = """
from wickwork.market.sources.table import Format
FORMAT = Format("{name}", ("{ending}",), lambda path: None)
"""
USE = """
from pathlib import Path
from wickwork import backtest, demo_bars, strategy, ta, trade
from wickwork.market.sources.formats import format_of
from wickwork.nodes import builtin
import pickle
with strategy("tiny") as s:
    trade.buy(when=builtin()["tripled"](s.bars.close) > s.bars.open, size=trade.quantity(0.01))
run = backtest(s, demo_bars("BTC/USDT", "1h").slice(0, 50))
assert len(run.fills) == 1 and pickle.loads(pickle.dumps(run)).stats == run.stats
print(run.stats["bars_counted"], format_of(Path("a.tiny")).name)
"""


def package(folder: Path, name: str = "tiny", node: str = "tripled", metric: str = "bars_counted",
            file_format: str = "tiny", ending: str = ".tiny") -> Path:  # fmt: skip
    code, info = folder / f"{name}_pack", folder / f"{name}-1.0.dist-info"
    code.mkdir(parents=True)
    info.mkdir()
    for file, text in (
        ("__init__", ""),
        ("nodes", NODES.format(name=node)),
        ("metrics", METRICS.format(name=metric)),
        ("formats", FORMATS.format(name=file_format, ending=ending)),
    ):
        (code / f"{file}.py").write_text(text)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    groups = ("nodes", "metrics", "formats")
    (info / "entry_points.txt").write_text("".join(f"[wickwork.{g}]\n{name} = {name}_pack.{g}\n" for g in groups))
    return code


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    text = f"import sys; sys.path.insert(0, {str(folder)!r}); sys.argv = ['wick', *sys.argv[1:]]\n"
    program = USE if not arguments else "from wickwork.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", text + program, *arguments]
    return subprocess.run(command, capture_output=True, check=False, text=True)  # noqa: S603


def test_a_package_adds_a_node_a_metric_and_a_format(tmp_path: Path) -> None:
    package(tmp_path)
    done = python(tmp_path)
    assert done.stdout.split() == ["50.0", "tiny"], done.stderr
    assert "tripled" in python(tmp_path, "nodes").stdout


@pytest.mark.parametrize("broken", ["import not_there_at_all", "1 / 0", "raise SystemExit(3)", "def half(:", "x = 1"])
def test_a_broken_package_is_named_in_one_sentence(broken: str, tmp_path: Path) -> None:
    (package(tmp_path) / "nodes.py").write_text(broken)
    done = python(tmp_path, "nodes")
    assert done.returncode == 2
    assert "The package tiny adds nodes by tiny_pack.nodes" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("clash", "sentence"),
    [
        ({"node": "ema"}, "adds a node called 'ema', which Wickwork has already"),
        ({"metric": "sharpe"}, "adds a metric called 'sharpe', which Wickwork has already"),
        ({"file_format": "CSV"}, "adds a format called 'CSV', which Wickwork has already"),
        ({"ending": ".csv"}, "reads files that end in .csv, as the format"),
    ],
)
def test_names_that_wickwork_has(clash: dict[str, str], sentence: str, tmp_path: Path) -> None:
    package(tmp_path, **clash)
    assert sentence in python(tmp_path).stderr


def test_names_that_another_package_has(tmp_path: Path) -> None:
    package(tmp_path)
    package(tmp_path, name="other", metric="others", file_format="other", ending=".other")
    done = python(tmp_path, "nodes")
    assert done.returncode == 2
    assert "The package tiny adds a node called 'tripled', which the package other has already" in done.stderr
