"""Speaks for one contestant in its own environment: `python -P worker.py FILE VARIANT BARS_FOLDER`.

Says on standard output, one JSON object a line, who it is; then for each line `WORK SIZE` on standard input it does
that work once and answers with the seconds that it took and the results. It imports the standard library and numpy
alone, and hands a contestant nothing but arrays, so that a rival's file needs nothing of Wickwork.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import math
import os
import platform
import resource
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np

FEE, SLIPPAGE = 0.001, 0.0005
STOP, TARGET, TRAIL = 0.02, 0.05, 0.02
FAST, SLOW = 12, 26
MINUTE, HOUR = 60_000, 3_600_000
SWEEP_BARS = 50_000
GRIDS = {100: (10, 10), 200: (10, 20), 1_000: (25, 40), 10_000: (100, 100)}
"""Sizes of the sweep: how many fast and how many slow averages."""
START = 1_577_836_800_000


def market(work: str, size: int, folder: Path) -> SimpleNamespace:
    """The bars and terms of one work, as a contestant's `prepare` gets them."""
    given = SimpleNamespace(
        work=work, size=size, fee=FEE, slippage=SLIPPAGE, stop=STOP, target=TARGET, trail=TRAIL, fast=FAST, slow=SLOW
    )
    if work == "universe":
        rows = np.load(folder / "universe.npy")
        given.lanes = [SimpleNamespace(**_columns(lane, HOUR)) for lane in rows]
        return given
    bars = SWEEP_BARS if work == "sweep" else size
    vars(given).update(_columns(np.load(folder / "minutes.npy", mmap_mode="r")[:, :bars], MINUTE))
    if work == "sweep":
        fast, slow = GRIDS[size]
        given.pairs = [(f, s) for f in range(2, 2 + fast) for s in range(110, 110 + slow)]
    return given


def _columns(rows: np.ndarray, step: int) -> dict[str, np.ndarray]:
    names = ("open", "high", "low", "close", "volume")
    times = START + np.arange(rows.shape[1], dtype=np.int64) * step
    return {"times": times, **{name: np.array(row) for name, row in zip(names, rows, strict=True)}}


def load(file: Path) -> ModuleType:
    """The contestant's file as a module that hides no package of the same name."""
    spec = importlib.util.spec_from_file_location(f"contestant_{file.stem}", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """The installed versions of those packages that are there."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def plain(results: dict[str, object]) -> dict[str, float | None]:
    """Numbers that JSON can hold; None for what is not one."""
    numbers = {name: None if value is None else float(value) for name, value in results.items()}  # type: ignore[arg-type]
    return {name: value if value is not None and math.isfinite(value) else None for name, value in numbers.items()}


def main() -> None:
    """Answer until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a rival prints must not come between the answers

    def answer(**what: object) -> None:
        answers.write(json.dumps(what) + "\n")
        answers.flush()

    file, variant, folder = Path(sys.argv[1]).resolve(), sys.argv[2], Path(sys.argv[3]).resolve()
    try:
        module = load(file)
        begin = time.perf_counter()
        works = module.start(variant)
        answer(
            works=works,
            versions={"python": platform.python_version(), **versions(module.PACKAGES)},
            import_seconds=time.perf_counter() - begin,
        )
    except Exception as fault:
        answer(error=f"does not start: {type(fault).__name__}: {fault}")
        return
    prepared, asked = None, ""
    for line in sys.stdin:
        try:
            if line != asked:
                work, size = line.split()
                prepared, asked = module.prepare(market(work, int(size), folder)), line
            gc.collect()
            begin = time.perf_counter()
            results = prepared()
            took = time.perf_counter() - begin
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            megabytes = peak / (1024.0 if sys.platform != "darwin" else 1024.0**2)
            answer(seconds=took, results=plain(results), peak_mb=megabytes)
        except Exception as fault:
            answer(error=f"{type(fault).__name__}: {fault}")


if __name__ == "__main__":
    main()
