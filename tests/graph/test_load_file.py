"""A file of one's own that fails says where: the line of that file, whatever it called there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from wickwork.graph.catalogue import load_file
from wickwork.model.errors import InputError

FAULTS = {
    "its own": ("x = 1\n\ny = x / 0\n", "line 3: ZeroDivisionError"),
    "in a function of it": ("def half(x):\n    return x / 0\n\n\nhalf(1)\n", "line 2: ZeroDivisionError"),
    "in a library that it calls": ("import json\n\n\njson.loads('{')\n", "line 4: JSONDecodeError"),
    "it ends": ("import sys\n\nsys.exit(0)\n", r"line 3: the file calls sys\.exit\(\)"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_line_of_a_fault(fault: str, tmp_path: Path) -> None:
    text, said = FAULTS[fault]
    file, before = tmp_path / "own.py", list(sys.path)
    file.write_text(text)
    with pytest.raises(InputError, match=f"own.py, {said}"):
        load_file(file)
    assert sys.path == before
