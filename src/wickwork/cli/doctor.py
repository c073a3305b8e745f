"""`wick doctor`: check the installation."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer

from wickwork.cli import options, output


@dataclass(frozen=True)
class CheckResult:
    """The result of one check."""

    name: str
    ok: bool
    detail: str


def doctor(as_json: options.Json = False) -> None:
    """Check versions, folders and the compiled engine; exit code 1 if something is broken."""
    findings = [*_versions(), _computer(), *_folders(), _try("engine", _engine), _clock()]
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
    for name in ("wickwork", "numpy", "numba", "pyarrow", "pandas", "rich", "typer"):
        try:
            found.append(CheckResult(name, True, version(name)))
        except PackageNotFoundError:
            found.append(CheckResult(name, False, f"is not installed; run `pip install {name}`"))
    return found


def _computer() -> CheckResult:
    cores = output.many(os.cpu_count() or 1, "core")
    return CheckResult("computer", True, f"{platform.system()} {platform.machine()}, {cores}")


def _folders() -> list[CheckResult]:
    from wickwork.context import Context

    return [
        _try("bar store", lambda: _folder(Context().store.folder)),
        _try("kernel cache", _kernel_cache),
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


def _try(name: str, look: Callable[[], CheckResult]) -> CheckResult:
    try:
        found = look()
    except Exception as error:
        return CheckResult(name, False, f"{type(error).__name__}: {error}")
    return CheckResult(name, found.ok, found.detail)


def _engine() -> CheckResult:
    """A short run whose result was computed by hand.

    The close is first above 105 at 110; one unit is bought at the next open, 112, for 112 + 0.1 % fee = 112.112; the
    last close is 130. So 1,000 − 112.112 + 130 = 1,017.888.
    """
    from wickwork.analytics.run import backtest
    from wickwork.engine.backtest import engine_version
    from wickwork.graph.native import COMPILED
    from wickwork.model.bars import Bars
    from wickwork.model.instrument import parse_instrument
    from wickwork.model.timeframe import DAY, Timeframe
    from wickwork.strategies import trade
    from wickwork.strategies.strategy import strategy
    from wickwork.strategies.vocabulary import ta

    with strategy("self-test") as s:
        trade.buy(when=ta.greater(s.bars.close, 105.0), size=trade.quantity(1.0))
    times = [1_704_067_200_000 + DAY * day for day in range(4)]  # from 2024-01-01 on
    bars = Bars.of(
        parse_instrument("TEST/USDT"),
        Timeframe(DAY),
        times,
        open=[99.0, 101.0, 112.0, 121.0],
        high=[101.0, 111.0, 123.0, 131.0],
        low=[98.0, 100.0, 111.0, 120.0],
        close=[100.0, 110.0, 120.0, 130.0],
        volume=[1.0] * 4,
    )
    began = time.perf_counter()
    run = backtest(s, bars, capital=1_000.0, maker_fee=0.001, taker_fee=0.001, slippage_model="none")
    took = time.perf_counter() - began
    got, wanted = run.history.equity[-1], 1_017.888
    how = "compiled" if COMPILED else "not compiled (WICKWORK_JIT=0)"
    if abs(got - wanted) > 1e-9:
        return CheckResult(
            "", False, f"the self-test gave {got!r} instead of {wanted}; empty the kernel cache, reinstall"
        )
    return CheckResult("", True, f"{engine_version()}, {how}, self-test right in {took:.1f} s")


def _clock() -> CheckResult:
    zone = time.strftime("%Z") or "unknown"
    return CheckResult(
        "time zone", True, f"all times are UTC, also those that you type; this computer's zone is {zone}"
    )
