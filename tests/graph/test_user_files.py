"""Two users' files of one name are two modules, and so are the files beside them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from wickwork.graph.catalogue import load_file
from wickwork.model.errors import InputError


def folder(at: Path, name: str, **files: str) -> Path:
    """A folder of files with those texts; returns its file own.py."""
    (at / name).mkdir(exist_ok=True)
    for file, text in files.items():
        (at / name / f"{file}.py").write_text(text)
    return at / name / "own.py"


@pytest.mark.parametrize(
    ("reading", "beside"),
    [
        ("import helpers\nF = helpers.F", {"helpers": "F = {}"}),
        ("from helpers import F", {"helpers": "import deeper\nF = deeper.F", "deeper": "F = {}"}),
        (
            "from pack import part\nF = part.F",
            {"pack/__init__": "", "pack/part": "from . import rest\nF = rest.F", "pack/rest": "F = {}"},
        ),
        ("import pack.part as p\nF = p.F", {"pack/part": "from helpers import F", "helpers": "F = {}"}),
        ("import statistics\nF = statistics.F", {"statistics": "F = {}"}),
        ("F = lambda: 0\ndef F():\n    import helpers\n    return helpers.F", {"helpers": "F = {}"}),
    ],
)
def test_files_of_one_name(reading: str, beside: dict[str, str], tmp_path: Path) -> None:
    modules = []
    for number in (1, 2):
        for name, text in {"own": reading, **beside}.items():
            path = tmp_path / str(number) / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("{}", str(number)))
        modules.append(load_file(tmp_path / str(number) / "own.py"))
    found = [one.F() if callable(one.F) else one.F for one in modules]
    assert found == [1, 2]
    assert len({one.__name__ for one in modules}) == 2
    assert all(sys.modules[one.__name__] is one for one in modules)


def test_the_program_does_not_see_the_files_beside(tmp_path: Path) -> None:
    folder(tmp_path, "a", own="import only_beside_own\nimport random", random="F = 1", only_beside_own="")
    before = list(sys.path)
    load_file(tmp_path / "a" / "own.py")
    assert sys.path == before
    assert "only_beside_own" not in sys.modules
    assert hasattr(importlib.import_module("random"), "Random")


def test_a_module_that_the_program_has_imported_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder(tmp_path, "a", own="import shared_beside_own\nM = shared_beside_own", shared_beside_own="")
    monkeypatch.syspath_prepend(str(file.parent))
    mine = importlib.import_module("shared_beside_own")
    monkeypatch.setitem(sys.modules, "shared_beside_own", mine)
    assert load_file(file).M is mine


def test_a_file_that_is_loaded_and_imported_is_one_module(tmp_path: Path) -> None:
    file = folder(tmp_path, "a", own="import mine\nM = mine", mine="")
    mine = load_file(tmp_path / "a" / "mine.py")
    assert load_file(file).M is mine


def test_a_changed_file_beside_is_run_again(tmp_path: Path) -> None:
    file = folder(tmp_path, "a", own="from helpers import F", helpers="from deeper import F", deeper="F = 1")
    first = load_file(file)
    folder(tmp_path, "a", deeper="F = 2 ")
    assert (first.F, load_file(file).F) == (1, 2)


def test_names_that_are_no_identifiers(tmp_path: Path) -> None:
    for name in ("my-own.py", "my_own.py", "my.own.py"):
        (tmp_path / name).write_text(f"NAME = {name!r}")
    modules = [load_file(tmp_path / name) for name in ("my-own.py", "my_own.py", "my.own.py")]
    assert [one.NAME for one in modules] == ["my-own.py", "my_own.py", "my.own.py"]
    assert len({one.__name__ for one in modules}) == 3


def test_a_file_beside_that_is_not_there(tmp_path: Path) -> None:
    file = folder(tmp_path, "a", own="x = 1\nimport not_there_at_all")
    with pytest.raises(InputError, match=r"own\.py, line 2: ModuleNotFoundError: No module named 'not_there_at_all'"):
        load_file(file)
