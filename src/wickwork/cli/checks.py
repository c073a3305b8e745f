"""Checks of `wick doctor`: what each gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wickwork.model.errors import WickworkError


@dataclass(frozen=True)
class CheckResult:
    """The result of one check."""

    name: str
    ok: bool
    detail: str


def tried(name: str, look: Callable[[], CheckResult]) -> CheckResult:
    """The result of a check under that name; an error is a result, too."""
    try:
        found = look()
    except WickworkError as error:
        return CheckResult(name, False, str(error))
    except Exception as error:
        return CheckResult(name, False, f"{type(error).__name__}: {error}")
    return CheckResult(name, found.ok, found.detail)
