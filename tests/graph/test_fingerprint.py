"""Machine code on the disk is found by a hash of all that decides on it."""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

import wickwork
from wickwork.graph import native, numba_backend
from wickwork.graph.code_reads import names_read
from wickwork.graph.native import fingerprint

SOURCES = sorted(Path(wickwork.__file__).parent.rglob("*.py"))
TEXT = '''
LEVEL = 3.0

def helper(x: float) -> float:
    """A sentence of more than sixty letters that says at length what it means."""
    return x + 1.0

def step(x: float, y: float = 2.0) -> float:
    return helper(x) * LEVEL - y
'''


def made(text: str = TEXT) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(text, names)  # noqa: S102
    return names["step"]  # type: ignore[no-any-return]


def test_the_same_text_has_the_same_one() -> None:
    assert fingerprint(made()) == fingerprint(made())
    assert fingerprint(
        made(TEXT.replace("What it means.", "What it means, in other and in many more words than these."))
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("LEVEL = 3.0", "LEVEL = 3.5"),
        ("x + 1.0", "x + 2.0"),
        ("x + 1.0", "x - 1.0"),
        ("= 2.0", "= 2.5"),
        ("- y", "+ y"),
    ],
)
def test_any_change_changes_it(before: str, after: str) -> None:
    assert TEXT.count(before) == 1
    assert fingerprint(made(TEXT.replace(before, after))) != fingerprint(made())


def test_so_does_another_way_of_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    function = made()
    before = fingerprint(function)
    real = numba_backend.part

    def part(function: Any) -> Any:
        return real(function, inline=True)

    part.__module__ = numba_backend.__name__
    monkeypatch.setattr(numba_backend, "part", part)
    native._toolchain.cache_clear()
    try:
        assert fingerprint(function) != before
    finally:
        monkeypatch.undo()
        native._toolchain.cache_clear()
    assert fingerprint(function) == before


def nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from nested(constant)


def names_by_dis(code: CodeType) -> set[str]:
    return {
        i.argval for one in nested(code) for i in dis.get_instructions(one) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }


def test_names_are_those_that_dis_finds() -> None:
    codes = [compile(path.read_text("utf-8"), path.name, "exec") for path in SOURCES]
    many = "\n".join(f"name_{k} = name_{k}(other_{k}.attribute_{k})" for k in range(400))  # beyond one byte
    codes.append(compile(f"def f():\n global name_0\n {many.replace(chr(10), chr(10) + ' ')}", "many", "exec"))
    codes.append(compile(many, "many", "exec"))
    every = [one for code in codes for one in nested(code)]
    for code in every:
        assert set(names_read(code)) == names_by_dis(code), code
    assert len(every) > 1000
