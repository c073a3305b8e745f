"""`wick doctor`: check the installation."""

from __future__ import annotations

import os
import platform
import sys
import time
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer

from wickwork.cli import options, output
from wickwork.cli.checks import CheckResult, tried

_PACKAGES = (
    "wickwork", "numpy", "numba", "pyarrow", "pandas", "rich", "typer", "fastapi", "uvicorn", "sqlalchemy", "alembic",
    "aiosqlite", "argon2-cffi", "cryptography", "joserfc", "httpx", "limits", "msgspec", "prometheus-client",
    "python-multipart", "structlog",
)  # fmt: skip
_OPTIONAL = {"asyncpg": "postgres", "redis": "redis", "ccxt": "exchanges", "mcp": "agents"}
"""Packages that are needed for some things only, and the extra that brings each."""


def doctor(as_json: options.Json = False) -> None:
    """Check versions, folders, the engine and what the server needs; exit code 1 if something is broken."""
    from wickwork.cli.server_checks import server_checks

    findings = [*_versions(), _computer(), *_folders(), tried("engine", _engine), *server_checks(), _clock()]
    well = all(one.ok for one in findings)
    if as_json:
        output.write_json({"ok": well, "findings": [asdict(one) for one in findings]})
    else:
        rows = [("✓" if one.ok else "✗", one.name, one.detail) for one in findings]
        output.table(output.columns("", "", ""), rows)
    if not well:
        broken = ", ".join(one.name for one in findings if not one.ok)
        output.note(f"something is broken ({broken}); the table says what; correct it and run `wick doctor` again.")
        raise typer.Exit(1)


def _versions() -> list[CheckResult]:
    python = sys.version_info
    found = [CheckResult("python", python >= (3, 11), f"{platform.python_version()} (3.11 or later is needed)")]
    for name in _PACKAGES:
        try:
            found.append(CheckResult(name, True, version(name)))
        except PackageNotFoundError:
            found.append(CheckResult(name, False, f"is not installed; run `pip install {name}`"))
    for name, extra in _OPTIONAL.items():
        try:
            found.append(CheckResult(name, True, version(name)))
        except PackageNotFoundError:
            found.append(CheckResult(name, True, f"not installed, and not needed without `wickwork[{extra}]`"))
    return found


def _computer() -> CheckResult:
    cores = output.many(os.cpu_count() or 1, "core")
    return CheckResult("computer", True, f"{platform.system()} {platform.machine()}, {cores}")


def _folders() -> list[CheckResult]:
    from wickwork.context import Context

    return [
        tried("bar store", lambda: _folder(Context().store.folder)),
        tried("kernel cache", _kernel_cache),
    ]


def _kernel_cache() -> CheckResult:
    """Check the cache of machine code; damaged files are removed and compiled again."""
    from wickwork.context import Context
    from wickwork.graph.kernel_cache import damaged_files, reason_not_to_use

    folder = Context().cache
    reason = reason_not_to_use(folder)
    if reason or folder is None:
        return CheckResult("", False, reason)
    damaged = damaged_files(folder)
    if not damaged:
        return _folder(folder)
    for path in damaged:
        path.unlink()
    first = ", ".join(path.name for path in damaged[:5]) + (", …" if len(damaged) > 5 else "")
    many = output.many(len(damaged), "file")
    return CheckResult(
        "", False, f"{folder}: {many} of damaged machine code removed, to be compiled anew when it is needed: {first}"
    )


def _folder(folder: Path) -> CheckResult:
    """Whether a folder, or the nearest that exists above it, can be written to."""
    near = folder
    while not near.exists():
        near = near.parent
    if not near.is_dir():
        return CheckResult("", False, f"{near} is a file where a folder is needed; move it away")
    if not os.access(near, os.W_OK | os.X_OK):
        return CheckResult("", False, f"{near} cannot be written to; change its permissions")
    if near != folder:
        return CheckResult("", True, f"{folder} (not there yet, can be made)")
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = output.size_of(sum(path.stat().st_size for path in files))
    return CheckResult("", True, f"{folder} ({output.many(len(files), 'file')}, {size}, writable)")


def _engine() -> CheckResult:
    """A short run whose result was computed by hand."""
    from wickwork.engine.backtest import engine_version
    from wickwork.graph.native import COMPILED
    from wickwork.services.work.self_test import RIGHT, equity

    began = time.perf_counter()
    got = equity()
    took = time.perf_counter() - began
    how = "compiled" if COMPILED else "not compiled (WICKWORK_JIT=0)"
    if abs(got - RIGHT) > 1e-9:
        return CheckResult(
            "", False, f"the self-test gave {got!r} instead of {RIGHT}; empty the kernel cache, reinstall"
        )
    return CheckResult("", True, f"{engine_version()}, {how}, self-test right in {took:.1f} s")


def _clock() -> CheckResult:
    zone = time.strftime("%Z") or "unknown"
    return CheckResult(
        "time zone", True, f"all times are UTC, also those that you type; this computer's zone is {zone}"
    )
