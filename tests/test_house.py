"""The repository: files of a readable length, and pages whose statements about files are true."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [
    f
    for room in ("src", "tests", "examples", "benchmarks")
    for f in sorted((ROOT / room).rglob("*.py"))
    if ".environments" not in f.parts  # those of the rivals
]


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(ROOT)))
def test_no_file_has_more_than_500_lines(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 500


def test_every_package_is_in_the_architecture() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    packages = {folder.name for folder in (ROOT / "src" / "wickwork").iterdir() if (folder / "__init__.py").exists()}
    assert packages == set(re.findall(r"^\| \d+ \| `(\w+)/`", page, re.MULTILINE))


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_what_a_page_points_to_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https:)([^)#]+)\)", text)
    targets += re.findall(r"`((?:tests|docs|examples|src)/[\w./-]+)`", text)
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target


def touched() -> list[tuple[str, list[str], set[str]]]:
    """The rows of ARCHITECTURE.md with an example: (what is new, names of the example, files that it touches)."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("| a new … | example | touches |")[1]
    rows = re.findall(r"^\| ([\w ()]+) \| ((?:`\w+`(?:, )?)+) \| (.+) \|$", text, re.MULTILINE)
    return [
        (new, re.findall(r"\w+", names), set(re.findall(r"`([\w/]+\.(?:py|md))`", files))) for new, names, files in rows
    ]


@pytest.mark.parametrize(("new", "names", "files"), touched(), ids=lambda value: value if type(value) is str else "")
def test_the_architecture_names_every_file_that_a_new_thing_touches(
    new: str, names: list[str], files: set[str]
) -> None:
    pattern = re.compile(rf"\b({'|'.join(names)})\b".replace("_", "[ _-]"), re.IGNORECASE if names[0].islower() else 0)
    source = ROOT / "src" / "wickwork"
    mention = {f.relative_to(source).as_posix() for f in source.rglob("*.py") if pattern.search(f.read_text("utf-8"))}
    mention = {file for file in mention if not file.startswith("compat/")}  # they translate what another platform has
    elsewhere = {file for file in files if file.startswith(("docs/", "tests/"))}
    assert mention == files - elsewhere, new
    for file in elsewhere:
        assert pattern.search((ROOT / file).read_text("utf-8")) or file.startswith("tests/"), file


def test_the_architecture_has_an_example_of_each_thing_that_touches_several_files() -> None:
    assert [row[0] for row in touched()] == ["order kind", "action (a verb)", "metric", "node", "venue"]


def test_the_example_of_the_readme_runs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    scope: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), scope)  # noqa: S102  # our own page
    run = scope["run"]
    assert run.stats["trades"] > 100  # type: ignore[attr-defined]
    assert "order" in str(run.explain(440))  # type: ignore[attr-defined]


def raising_functions() -> list[tuple[str, str]]:
    """Public functions that raise an error of Wickwork themselves: (where it is, its docstring)."""
    found = []
    for package in ("graph", "nodes", "strategies", "model", "risk", "store"):
        for file in sorted((ROOT / "src" / "wickwork" / package).rglob("*.py")):
            for one in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
                    errors = {
                        ast.unparse(r.exc).split("(")[0] for r in ast.walk(one) if isinstance(r, ast.Raise) and r.exc
                    }
                    if errors & {"InputError", "NotFound", "Refused", "WickworkError", "GraphFaults"}:
                        found.append((f"{package}/{file.name}: {one.name}", ast.get_docstring(one) or ""))
    return found


def test_public_functions_that_raise_say_so() -> None:
    error = re.compile(r"InputError|NotFound|Refused|WickworkError|GraphFaults")
    assert [where for where, text in raising_functions() if text and not error.search(text)] == []


def _imports(file: Path, modules: Collection[str]) -> set[str]:
    """The modules of Wickwork that a file imports anywhere: also within functions, and for types alone."""
    found: set[str] = set()
    for one in ast.walk(ast.parse(file.read_text())):
        if isinstance(one, ast.ImportFrom) and one.module:
            names = {f"{one.module}.{alias.name}" for alias in one.names}
            found |= {name if name in modules else one.module for name in names}
        elif isinstance(one, ast.Import):
            found |= {alias.name for alias in one.names}
    return found & set(modules)


def test_no_file_imports_itself_by_way_of_others() -> None:
    source = ROOT / "src"
    files = {
        ".".join(file.relative_to(source).with_suffix("").parts).removesuffix(".__init__"): file
        for file in (source / "wickwork").rglob("*.py")
    }
    graph = {name: _imports(file, files) - {name} for name, file in files.items()}
    tuple(TopologicalSorter(graph).static_order())  # raises CycleError, which names the files of a circle
