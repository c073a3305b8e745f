"""The house itself: files that can be read at one go, and pages that tell the truth about where things are."""

from __future__ import annotations

import re
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


def test_every_room_stands_in_the_architecture() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {folder.name for folder in (ROOT / "src" / "wickwork").iterdir() if (folder / "__init__.py").exists()}
    assert rooms == set(re.findall(r"^\| \d+ \| `(\w+)/`", page, re.MULTILINE))


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_what_a_page_points_to_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https:)([^)#]+)\)", text)
    targets += re.findall(r"`((?:tests|docs|examples|src)/[\w./-]+)`", text)
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target


def test_the_example_of_the_readme_runs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    scope: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), scope)  # noqa: S102  # our own page
    run = scope["run"]
    assert run.stats["trades"] > 100  # type: ignore[attr-defined]
    assert "order" in str(run.explain(440))  # type: ignore[attr-defined]
