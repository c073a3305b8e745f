"""A node of the user's own always computes with the values that its file has now."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from tests.promises import harness

from wickwork.graph.catalogue import load_file, nodes_of

HEAD = "import numpy as np\nfrom wickwork import node\nfrom wickwork.graph.types import Series\n"
NODE = '''
@node(title="Scaled", group="own")
def scaled(source: Series) -> Series:
    """A sentence."""
    return source * {read}
'''


def answer(file: Path) -> float:
    (column,) = harness.run(nodes_of(load_file(file))[0], [np.array([1.0, 10.0])])
    return float(column[1])


@pytest.mark.parametrize(
    ("setting", "read", "change", "answers"),
    [
        ("TABLE = np.ones(2000); TABLE[1000] = 5.0", "TABLE[1000]", ("5.0", "7.0"), (50.0, 70.0)),
        ("TABLE = np.array([1.00000000001])", "(TABLE[0] - 1.0) * 1e11", ("0001]", "0003]"), (10.0, 30.0)),
        (
            "def make(f):\n    def g():\n        return f\n    return g\ng = make(2.0)",
            "g()",
            ("2.0", "3.0"),
            (20.0, 30.0),
        ),
    ],
)
def test_an_edited_file(
    setting: str, read: str, change: tuple[str, str], answers: tuple[float, float], tmp_path: Path
) -> None:
    file = tmp_path / "own.py"
    for text, expected in zip((setting, setting.replace(*change)), answers, strict=True):
        file.write_text(HEAD + text + NODE.format(read=read))
        assert answer(file) == pytest.approx(expected, rel=1e-5)


def test_an_edited_module_beside_it(tmp_path: Path) -> None:
    read = "stale_a.FACTOR * stale_a.helper() * stale_a.TABLE[1]"
    (tmp_path / "own.py").write_text("import stale_a\n" + HEAD + NODE.format(read=read))
    text = "import numpy as np\nFACTOR = {}\nTABLE = np.ones(2)\ndef helper():\n    return FACTOR\n"
    for factor, expected in ((2.0, 40.0), (3.0, 90.0)):
        sys.modules.pop("stale_a", None)
        (tmp_path / "stale_a.py").write_text(text.format(factor) + "#" * int(factor))
        assert answer(tmp_path / "own.py") == expected
    sys.modules.pop("stale_a", None)


def test_a_value_that_changes_in_the_process(tmp_path: Path) -> None:
    """As in a notebook, where one cell sets a constant and another defines the node."""
    file = tmp_path / "own.py"
    file.write_text(HEAD + "F = 2.0\ndef helper():\n    return F\n" + NODE.format(read="helper()"))
    module = load_file(file)
    (own,) = nodes_of(module)
    found = []
    for module.F in (2.0, 3.0, 2.0):
        (column,) = harness.run(own, [np.array([1.0, 10.0])])
        found.append(float(column[1]))
    assert found == [20.0, 30.0, 20.0]
