"""What may be imported, and when: help must be quick, so nothing heavy is loaded before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# All that `wick --help` may load beside the standard library: typer, what it brings along, and rich.
LIGHT = {
    "annotated_doc",
    "click",
    "colorama",
    "markdown_it",
    "mdurl",
    "pygments",
    "rich",
    "shellingham",
    "typer",
    "typing_extensions",
    "wickwork",
}
# What typer loads to read options; `wick --help` alone does without.
READING = {"annotated_types", "pydantic", "pydantic_core", "typing_inspection"}
HEAVY = {"numpy", "numba", "llvmlite", "pandas", "pyarrow", "platformdirs"}
INSIDE = {
    "wickwork.model",
    "wickwork.model.digits",
    "wickwork",
    "wickwork.cli",
    "wickwork.cli.app",
    "wickwork.cli.assumptions",
    "wickwork.cli.backtest",
    "wickwork.cli.codes",
    "wickwork.cli.configuration",
    "wickwork.cli.data",
    "wickwork.cli.db",
    "wickwork.cli.doctor",
    "wickwork.cli.documents",
    "wickwork.cli.download",
    "wickwork.cli.funding",
    "wickwork.cli.graph",
    "wickwork.cli.mcp",
    "wickwork.cli.meter",
    "wickwork.cli.new",
    "wickwork.cli.nodes",
    "wickwork.cli.options",
    "wickwork.cli.writing",
    "wickwork.cli.output",
    "wickwork.cli.paper",
    "wickwork.cli.replay",
    "wickwork.cli.run",
    "wickwork.cli.runs",
    "wickwork.cli.secret_keys",
    "wickwork.cli.setting",
    "wickwork.cli.streams",
    "wickwork.cli.sweep",
    "wickwork.cli.checks",
    "wickwork.cli.installation",
    "wickwork.cli.link",
    "wickwork.cli.tokens",
    "wickwork.cli.up",
    "wickwork.model.errors",
    "wickwork.cli.worker",
}


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh Python has after that code, without those that it began with."""
    script = (
        "import sys, json, io\nbefore = set(sys.modules)\nout = sys.stdout\nsys.stdout = io.StringIO()\n"
        f"{code}\nout.write(json.dumps(sorted(set(sys.modules) - before)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    return set(json.loads(done.stdout))


def foreign(modules: set[str]) -> set[str]:
    roots = {name.partition(".")[0] for name in modules}
    return {root for root in roots if root not in sys.stdlib_module_names and not root.startswith("_")}


@pytest.mark.parametrize(
    "args", [["--help"], ["backtest", "--help"], ["sweep", "--help"], ["data", "--help"], ["nodes", "--help"], ["nope"]]
)
def test_help_loads_nothing_heavy(args: list[str]) -> None:
    modules = loaded_by(f"from wickwork.cli import main\nsys.stderr = io.StringIO()\nmain({args!r})")
    assert foreign(modules) <= (LIGHT if args == ["--help"] else LIGHT | READING)
    assert {name for name in modules if name.partition(".")[0] == "wickwork"} <= INSIDE


def test_the_version_loads_nothing_heavy() -> None:
    assert foreign(loaded_by("from wickwork.cli import main\nmain(['--version'])")) <= LIGHT


def test_the_package_itself_loads_nothing() -> None:
    assert foreign(loaded_by("import wickwork")) == {"wickwork"}


def test_nodes_are_listed_without_engine_and_files_of_bars() -> None:
    code = "from wickwork.cli import main\nmain(['nodes', '--json'])"
    assert not foreign(loaded_by(code)) & (HEAVY - {"numpy"})
