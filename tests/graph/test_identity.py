"""The identity of code changes with every value that the code reads, and with nothing else."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from wickwork.graph import native
from wickwork.graph.block import Shape
from wickwork.graph.catalogue import load_file, nodes_of
from wickwork.graph.identity import identity
from wickwork.graph.kernel import block_function
from wickwork.graph.native import fingerprint
from wickwork.graph.node import Node
from wickwork.model.errors import InputError
from wickwork.nodes import builtin

HEAD = """
import math
import numba
from dataclasses import dataclass
import numpy as np
from typing import NamedTuple
from wickwork.graph.node import node
from wickwork.graph.types import Series
"""
NODE = '''
@node(title="Scaled", group="own")
def scaled(source: Series, *, k: int = 1) -> Series:
    """A sentence."""
    return source * {read}
'''
READS = {
    "an array's element": ("TABLE = np.ones(2000); TABLE[1000] = 5.0", "TABLE[1000]", ("5.0", "7.0")),
    "an array past its eighth digit": ("TABLE = np.array([1.00000000001])", "TABLE[0]", ("0001]", "0002]")),
    "an array's type": ("TABLE = np.ones(3, dtype=np.float64)", "TABLE[0]", ("float64", "float32")),
    "an array's shape": ("TABLE = np.ones((2, 3))", "TABLE[0, 0]", ("(2, 3)", "(3, 2)")),
    "a tuple of tuples": ("TABLE = ((1.0, 2.0), (3.0,))", "TABLE[1][0]", ("3.0", "4.0")),
    "a dict": ("TABLE = {'a': [1.0, 2.0]}", "TABLE['a'][1]", ("2.0", "3.0")),
    "a set": ("TABLE = {'a', 'b', 'c'}", "len(TABLE)", ("'c'", "'d'")),
    "a global of a helper": ("F = 2.0\ndef helper():\n    return F", "helper()", ("2.0", "3.0")),
    "a closure": ("def make(f):\n    def g():\n        return f\n    return g\ng = make(2.0)", "g()", ("2.0", "3.0")),
    "a default": ("def g(x, f=2.0):\n    return f", "g(source)", ("2.0", "3.0")),
    "a keyword default": ("def g(x, *, f=2.0):\n    return f", "g(source)", ("2.0", "3.0")),
    "a compiled helper": ("@numba.njit\ndef g(x):\n    return x + 2.0", "g(source)", ("2.0", "3.0")),
    "a constant of a class": ("class C:\n    F = 2.0", "C.F", ("2.0", "3.0")),
    "a default of a named tuple": ("class C(NamedTuple):\n    f: float = 2.0", "C().f", ("2.0", "3.0")),
    "a method of a named tuple": (
        "class C(NamedTuple):\n    f: float = 2.0\n    def g(self):\n        return 2 * self.f",
        "C().g()",
        ("2 *", "3 *"),
    ),
    "a method of a dataclass": (
        "@dataclass\nclass C:\n    f: float\n    def g(self):\n        return 2 * self.f\nc = C(1.0)",
        "c.g()",
        ("2 *", "3 *"),
    ),
    "a property": ("class C:\n    @property\n    def g(self):\n        return 2.0", "C().g", ("2.0", "3.0")),
    "which of two helpers": (
        "def f():\n    return 2.0\ndef g():\n    return 3.0\nh = f",
        "f() * g() * h()",
        ("h = f", "h = g"),
    ),
    "a lambda in it": ("", "(lambda x: x + 2.0)(source)", ("2.0", "3.0")),
    "a long text": ("T = 'a' * 80 + 'b'", "len(T)", ("'b'", "'cc'")),
}


def node_in(folder: Path, text: str) -> Node:
    folder.mkdir(exist_ok=True)
    file = folder / "own.py"
    file.write_text(HEAD + text)
    return nodes_of(load_file(file))[0]


@pytest.mark.parametrize("what", READS)
def test_every_value_that_is_read_counts(what: str, tmp_path: Path) -> None:
    setting, read, (before, after) = READS[what]
    text = setting + NODE.format(read=read)
    assert before in text
    one, same, other = (
        node_in(tmp_path / n, t) for n, t in (("a", text), ("b", text), ("c", text.replace(before, after)))
    )
    assert identity(one) == identity(same)
    assert identity(one) != identity(other)
    assert fingerprint(one) == fingerprint(same) != fingerprint(other)


@pytest.mark.parametrize(
    ("read", "module", "change"),
    [
        ("identity_a.FACTOR", "FACTOR = 2.0", ("2.0", "3.0")),
        ("identity_a.helper()", "F = 2.0\ndef helper():\n    return F", ("2.0", "3.0")),
        ("identity_a.TABLE[7]", "import numpy as np\nTABLE = np.arange(9.0) * 2.0", ("2.0", "3.0")),
        ("identity_a.C.F", "class C:\n    F = 2.0", ("2.0", "3.0")),
    ],
)
def test_values_read_through_a_module(read: str, module: str, change: tuple[str, str], tmp_path: Path) -> None:
    found = []
    for text in (module, module.replace(*change)):
        sys.modules.pop("identity_a", None)
        (tmp_path / "identity_a.py").write_text(text)
        importlib.invalidate_caches()
        for cached in tmp_path.glob("__pycache__/*"):
            cached.unlink()
        found.append(identity(node_in(tmp_path, "import identity_a\n" + NODE.format(read=read))))
    sys.modules.pop("identity_a", None)
    assert found[0] != found[1]


@pytest.mark.parametrize(
    ("setting", "read"),
    [
        ("class C:\n    f = 2.0\nSETTINGS = C()", "SETTINGS.f"),
        ("SETTINGS = open(__file__)\nSETTINGS.close()", "SETTINGS.closed"),
        ("SETTINGS = [object()]", "len(SETTINGS)"),
        ("SETTINGS = (x for x in ())", "len(SETTINGS)"),
    ],
)
def test_what_has_no_stable_form_is_refused_by_name(setting: str, read: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"reads SETTINGS in scaled, a value of the type .* read numbers"):
        identity(node_in(tmp_path, setting + NODE.format(read=read)))


def test_functions_of_numpy_and_python_are_taken_by_name(tmp_path: Path) -> None:
    text = "from numpy import mean, sqrt\nfrom statistics import fmean\nfrom numba import prange, literally\n"
    read = "sqrt(mean(np.ones(3))) * fmean((1.0,)) * len(prange(3)) * literally(2.0) * np.linalg.norm(np.ones(2))"
    one = node_in(tmp_path, text + NODE.format(read=read))
    assert identity(one) == identity(one)


def test_an_import_inside_of_a_function_is_refused(tmp_path: Path) -> None:
    text = "def helper():\n    import json\n    return 1.0" + NODE.format(read="helper()")
    with pytest.raises(InputError, match="imports json inside of helper; import it at the top"):
        identity(node_in(tmp_path, text))


def test_what_lies_between_the_fields_of_an_array_does_not_count(tmp_path: Path) -> None:
    text = (
        "TABLE = np.frombuffer(bytes([1] * 8 + [{}] * 8), np.dtype([('a', 'f8'), ('b', 'i1')], align=True)).copy()\n"
        "TABLE['b'] = 1" + NODE.format(read="TABLE['a'][0]").replace("{", "{{").replace("}", "}}")
    )
    assert identity(node_in(tmp_path / "a", text.format(7))) == identity(node_in(tmp_path / "b", text.format(9)))


def test_texts_for_people_do_not_count(tmp_path: Path) -> None:
    text = NODE.format(read="2.0")
    other = text.replace("A sentence.", "Other words.").replace('title="Scaled"', 'title="Times"')
    assert identity(node_in(tmp_path / "a", text)) == identity(node_in(tmp_path / "b", other))


def test_versions_count_for_the_cache_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = NODE.format(read="np.sqrt(math.pi)")
    one = node_in(tmp_path / "a", text)
    code, key = identity(one), fingerprint(one)
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "99.0")
    monkeypatch.setattr(np, "__version__", "99.0")
    native._toolchain.cache_clear()
    try:
        other = node_in(tmp_path / "b", text)
        assert identity(other) == code
        assert fingerprint(other) != key
    finally:
        monkeypatch.undo()
        native._toolchain.cache_clear()


def test_two_nodes_of_one_name_have_two(tmp_path: Path) -> None:
    text = NODE.format(read="k")
    assert identity(node_in(tmp_path / "a", text)) != identity(
        node_in(tmp_path / "b", text.replace("k: int = 1", "k: int = 2"))
    )


def test_it_is_the_same_in_every_process(tmp_path: Path) -> None:
    text = "@numba.njit\ndef g(x):\n    return x in (1.0, 2.0) and len({'a', 'b', 'c', 'd'}) > 2" + NODE.format(
        read="g(source)"
    )
    node_in(tmp_path, text)
    run = (
        "import sys; from pathlib import Path; from wickwork.graph.catalogue import load_file, nodes_of;"
        "from wickwork.graph.identity import identity; print(identity(nodes_of(load_file(Path(sys.argv[1])))[0]))"
    )
    told = {
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", run, str(tmp_path / "own.py")], check=True, capture_output=True, text=True
        ).stdout
        for _ in range(3)
    }
    assert len(told) == 1


def test_every_node_of_the_catalogue_has_one() -> None:
    assert len({identity(node) for node in builtin().values()}) == len(builtin())


def test_the_parts_of_the_loop_have_one() -> None:
    from wickwork.engine.compiling import PARTS

    assert len({identity(part) for part in PARTS}) == len(PARTS)


def test_block_functions_have_the_values_that_their_steps_read(tmp_path: Path) -> None:
    """The key of the machine code that really runs is that of the block around the step."""
    text = "TABLE = np.ones(2000); TABLE[1000] = 5.0" + NODE.format(read="TABLE[1000]")

    def key(folder: str, content: str) -> str:
        return fingerprint(block_function(Shape(node_in(tmp_path / folder, content), (False,), False, 1)))

    assert key("a", text) == key("b", text)
    assert key("a", text) != key("c", text.replace("5.0", "7.0"))


def test_every_block_function_of_the_catalogue_has_its_own_key() -> None:
    nodes = [n for n in builtin().values() if n.arguments and not n.verb]
    keys = {fingerprint(block_function(Shape(n, (False,) * len(n.inputs), False, 1))) for n in nodes}
    assert len(keys) == len(nodes)
