"""A million inputs gone wrong: `python -m tests.endurance.mutants_of_input FOLDER [cases] [--workers 2] [--first 0]`.

Each case of `inputs.py` goes through loader, check, plan and a backtest of 64 bars, or as far as it gets. It must end
in a run or in a sentence (`WickworkError`). Anything else is a failure and is written down with its number: another
exception or a warning, a number in an order, a fill or the equity that is not finite, more than a second of processor
time, more than 256 MB.

Time is counted in processor time; a case that took longer than a second is done once more, because it may have been
the first to need a node's machine code, which is compiled once per machine. Memory is the peak of the resident memory
(`ru_maxrss`) over the whole life of a worker, less what it has before its first case: a bound for every case. A worker
that spends ten seconds on one case, or dies, is noted and begun anew behind that case.

`--one NUMBER` does one case and shows what comes of it. What is done is kept in the folder, so that a run can go on.
"""

from __future__ import annotations

import argparse
import json
import mmap
import os
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from tests.endurance.inputs import KINDS, case, feeds, files, graphs, kind_of, programs
from wickwork.engine.machine import Machine
from wickwork.model.errors import WickworkError

SECONDS, MEGABYTES, FATAL = 1.0, 256, 10.0
KEEP_EVERY = 2000
ORDERS = {
    "fills": ("quantity", "price", "fee", "position", "gain", "slippage"),
    "closed_orders": ("quantity", "filled", "average", "limit", "stop"),
    "round_trips": ("quantity", "entry", "exit", "gain", "fees", "funding"),
}


def outcome(number: int, folder: Path) -> str:
    """`ran`, `ran with fills`, `refused`, or what is wrong."""
    try:
        machine = case(number)(folder)
    except WickworkError as error:
        told = str(error)
        return "refused" if told and "\n" not in told.strip() and len(told) < 20_000 else f"no sentence: {told[:200]!r}"
    except Exception as error:  # all else is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {str(error)[:200]} ({Path(last.filename).name}:{last.lineno})"
    if machine is None:
        return "ran"
    return _fault(machine) or ("ran with fills" if machine.written("fills") else "ran")


def _fault(machine: Machine) -> str:
    """A number that is none."""
    tables: dict[str, Any] = {name: machine.output(name) for name in ORDERS}
    for name, fields in ORDERS.items():
        for field in fields if len(tables[name]) else ():
            if not np.isfinite(tables[name][field]).all():
                return f"{name}.{field} is not finite"
    working = machine.working() if machine.arrays["lanes"]["count"].any() else ()
    for field in ("quantity", "remaining", "limit", "stop", "extreme", "trail") if len(working) else ():
        if not np.isfinite(working[field]).all():  # type: ignore[call-overload]
            return f"a working order's {field} is not finite"
    return "" if np.isfinite(machine.equity).all() else "equity is not finite"


# ---- one worker


def work(folder: Path, worker: int, workers: int, first: int, cases: int) -> None:
    """Do every `workers`-th case; what is done is kept now and then."""
    _prepare()
    kept, place = folder / f"worker{worker}.json", folder / f"worker{worker}.at"
    done = json.loads(kept.read_text()) if kept.exists() else {"next": first + worker, "counts": {}, "failures": []}
    counts = {kind: Counter(done["counts"].get(kind, {})) for kind in KINDS}
    with place.open("r+b") as file:
        at = mmap.mmap(file.fileno(), 8)
    worst = done.get("worst", [0.0, -1])
    cold = done.get("cold", 0)
    scratch = Path(tempfile.mkdtemp(dir=folder))
    base = done.setdefault("base_mb", _peak())
    for number in range(done["next"], first + cases, workers):
        at[:8] = struct.pack("=q", number)
        signal.setitimer(signal.ITIMER_PROF, FATAL)
        before = time.process_time()
        what = outcome(number, scratch)
        spent = time.process_time() - before
        if spent > SECONDS:
            before = time.process_time()
            what = outcome(number, scratch)
            spent = time.process_time() - before
            cold += 1
            if spent > SECONDS:
                what = f"{spent:.1f} s"
        worst = max(worst, [round(spent, 4), number])
        if _peak() - base > MEGABYTES and not done.get("fat"):
            done["fat"] = number
            what = f"{_peak() - base:.0f} MB"
        good = what in ("ran", "ran with fills", "refused")
        counts[kind_of(number)][what if good else "failed"] += 1
        if not good:
            done["failures"].append([number, kind_of(number), what])
        if number // workers % KEEP_EVERY == 0 or number + workers >= first + cases:
            done |= {
                "next": number + workers, "counts": counts, "worst": worst, "cold": cold, "peak_mb": max(_peak(),
                done.get("peak_mb", 0)),
                "cpu": done.get("cpu", 0.0) + time.process_time() - _since[0],
            }  # fmt: skip
            _since[0] = time.process_time()
            kept.with_suffix(".new").write_text(json.dumps(done))
            kept.with_suffix(".new").replace(kept)


_since = [0.0]


def _prepare() -> None:
    warnings.simplefilter("error")
    os.environ["PYTHONWARNINGS"] = "ignore"
    programs(), feeds(), files(), graphs()
    soft = resource.getrlimit(resource.RLIMIT_AS)[1]
    size = int(Path("/proc/self/statm").read_text().split()[0]) * 4096
    resource.setrlimit(resource.RLIMIT_AS, (size + (4 << 30), soft))  # an endless allocation shall not end the machine
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    _since[0] = time.process_time()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# ---- all of them


def main() -> None:
    """Begin the workers, show how far they are, and write the summary."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("cases", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--one", type=int)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.one is not None:
        warnings.simplefilter("error")
        machine = case(given.one)(given.folder)
        print(_fault(machine) if machine else "", machine and machine.written("fills"))
        return
    graphs()
    running = {}
    for worker in range(given.workers):
        (given.folder / f"worker{worker}.at").write_bytes(struct.pack("=q", -1))
        running[_begin(given, worker)] = worker
    begin = time.monotonic()
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid:
            worker = running.pop(pid)
            if status:
                _note_death(given, worker, status)
                running[_begin(given, worker)] = worker
            continue
        time.sleep(2.0)
        print(f"\r{time.monotonic() - begin:6.0f} s  {_progress(given)}", end="", file=sys.stderr, flush=True)
    summary = summarise(given.folder, given.workers)
    (given.folder / "summary.json").write_text(json.dumps(summary, indent=1))
    print("\n" + json.dumps({**summary, "failures": summary["failures"][:40]}, indent=1))
    if summary["failures"]:
        sys.exit(1)


def _begin(given: Any, worker: int) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work(given.folder, worker, given.workers, given.first, given.cases)
            code = 0
        except BaseException:
            traceback.print_exc()
        os._exit(code)
    return pid


def _note_death(given: Any, worker: int, status: int) -> None:
    """Write down the case at which a worker died, and go on behind it; what it had not kept is done again."""
    number = struct.unpack("=q", (given.folder / f"worker{worker}.at").read_bytes())[0]
    kept = given.folder / f"worker{worker}.json"
    done = (
        json.loads(kept.read_text()) if kept.exists() else {"next": given.first + worker, "counts": {}, "failures": []}
    )
    done["failures"].append([number, kind_of(number), f"the worker died: status {status}"])
    done["next"] = number + given.workers
    kept.write_text(json.dumps(done))


def _progress(given: Any) -> str:
    places = [struct.unpack("=q", (given.folder / f"worker{w}.at").read_bytes())[0] for w in range(given.workers)]
    summary = summarise(given.folder, given.workers)
    return f"at {', '.join(f'{p:,}' for p in places)}  {len(summary['failures'])} failures"


def summarise(folder: Path, workers: int) -> dict[str, Any]:
    """The workers' counts added up."""
    kept = [json.loads(p.read_text()) for w in range(workers) if (p := folder / f"worker{w}.json").exists()]
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for one in kept:
        for kind in KINDS:
            counts[kind].update(one["counts"].get(kind, {}))
    return {
        "cases": sum(sum(c.values()) for c in counts.values()),
        "counts": {kind: dict(c) for kind, c in counts.items()},
        "worst_seconds": max((one.get("worst", [0.0, -1]) for one in kept), default=[0.0, -1]),
        "compiled_on_the_way": sum(one.get("cold", 0) for one in kept),
        "peak_mb_above_start": round(
            max((one.get("peak_mb", 0) - one.get("base_mb", 0) for one in kept), default=0), 1
        ),
        "cpu_seconds": round(sum(one.get("cpu", 0.0) for one in kept), 1),
        "failures": [failure for one in kept for failure in one["failures"]],
    }


if __name__ == "__main__":
    main()
