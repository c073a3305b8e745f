"""Machine code on the disk is found by a hash of all that decides on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wickwork.graph import eight, native
from wickwork.graph.native import fingerprint

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
    def forget() -> None:
        fingerprint.cache_clear()
        native._compiler.cache_clear()

    function = made()
    before = fingerprint(function)
    real = eight.intrinsics

    def others() -> dict[Any, Any]:
        return {**real(), len: len}

    monkeypatch.setattr(eight, "intrinsics", others)
    forget()
    try:
        assert fingerprint(function) != before
    finally:
        monkeypatch.undo()
        forget()
    assert fingerprint(function) == before
