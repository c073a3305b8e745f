"""The guide: every block of code runs, in order, and answers what the page says."""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wickwork.cli import main

GUIDE = Path(__file__).parents[1] / "docs" / "guide"
PAGES = sorted(GUIDE.glob("*.md"))
WITH_CODE = [page for page in PAGES if "```python" in page.read_text(encoding="utf-8")]
BLOCK = re.compile(r"^```(\w+)?([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    language: str
    file: str
    text: str


def blocks(page: Path) -> list[Block]:
    found = []
    for language, rest, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        found.append(Block(language, rest.strip().removeprefix("file="), text))
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WICKWORK_HOME", str(tmp_path / "home"))
    monkeypatch.syspath_prepend(str(tmp_path))
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        if not name.startswith(("wickwork", "pandas", "numpy")):
            del sys.modules[name]


def run_blocks(page: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> int:
    """Run the code of a page in a folder; how many outputs were compared with its text."""
    names: dict[str, Any] = {"__name__": "__guide__"}
    said = ""
    compared = 0
    for block in blocks(page):
        match block.language:
            case "python" if block.file:
                (folder / block.file).write_text(block.text, encoding="utf-8")
            case "python":
                out = io.StringIO()
                with redirect_stdout(out):
                    exec(compile(block.text, page.name, "exec", dont_inherit=True), names)  # noqa: S102  # our own page
                said = out.getvalue()
            case "text":
                if os.environ.get("WICKWORK_GUIDE") == "show":
                    sys.stderr.write(f"--- {page.name}\n{said}")
                else:
                    assert said == block.text
                compared += 1
            case "console":
                for line in block.text.splitlines():
                    command, *args = shlex.split(line.removeprefix("$ "))
                    assert command == "wick"
                    capsys.readouterr()
                    assert main(args) == 0, line
                    assert capsys.readouterr().out, line
            case other:
                raise AssertionError(f"{page.name} has a block of {other!r}, which nothing runs")
    return compared


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.stem)
def test_every_block_of_code_runs(page: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_blocks(page, folder, capsys) >= 3


def test_the_guide_leads_to_every_page() -> None:
    index = (GUIDE / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert page.name == "README.md" or f"({page.name})" in index
    for target in re.findall(r"\]\(([^)#]+)\)", "".join(page.read_text(encoding="utf-8") for page in PAGES)):
        assert (GUIDE / target).exists(), target


def test_every_assumption_is_in_the_guide() -> None:
    from wickwork.sim.terms import Terms

    page = (GUIDE / "assumptions.md").read_text(encoding="utf-8")
    for name in Terms.__dataclass_fields__:
        assert f"`{name}`" in page or name in ("assume",), name
