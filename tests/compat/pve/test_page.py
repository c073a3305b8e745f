"""docs/coming-from-pve.md: every block of code runs and answers what the page says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests import test_guide
from tests.test_guide import folder as folder  # the fixture

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "coming-from-pve.md"


def test_every_block_of_code_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    test_guide.test_every_block_of_code_runs(PAGE, folder, capsys)


def test_the_pages_it_leads_to_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)", PAGE.read_text(encoding="utf-8")):
        assert (PAGE.parent / target).exists(), target
