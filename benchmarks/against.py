"""Wickwork beside its rivals on the same work: `make bench`, or `python benchmarks/against.py --quick`.

Makes an environment for each rival (once, under `benchmarks/.environments`), starts all of them, asks each in turn to
do the work once, round by round, and prints medians, ratios and results as Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import asdict
from pathlib import Path

from contest import Contestant, Row, contest
from environments import Unavailable, interpreter_of, rivals
from table import TITLES, page
from walks import MINUTES, stored

HERE = Path(__file__).parent

QUICK_WORKS = ("cross", "unit", "sweep")
SWEEPS = (1_000, 10_000)
BUSY = 0.25
"""A load before the suite begins, for each core, above which its figures are not worth quoting."""


def arguments() -> argparse.Namespace:
    """What the command was asked for."""
    known = rivals(HERE / "rivals")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help=f"rivals beside Wickwork, parted by commas: {', '.join(known)}")
    parser.add_argument("--works", default="", help=f"parted by commas: {', '.join(TITLES)}")
    parser.add_argument("--bars", type=int, default=MINUTES, help="bars of the single backtests, at most 1,000,000")
    parser.add_argument("--runs", type=int, default=7, help="runs of each after its first call")
    parser.add_argument("--seconds", type=float, default=15.0, help="after which a slow contestant sits out (per work)")
    parser.add_argument("--quick", action="store_true", help="three works, fewer bars and runs: under two minutes")
    parser.add_argument("--json", type=Path, help="also write every figure there")
    parser.add_argument("--markdown", type=Path, help="also write the page there")
    asked = parser.parse_args()
    for name, given, allowed in (("--only", asked.only, known), ("--works", asked.works, TITLES)):
        for one in filter(None, given.split(",")):
            if one not in allowed:
                parser.error(f"{name}: there is no {one!r}; there are {', '.join(allowed)}")
    if not 1_000 <= asked.bars <= MINUTES or asked.runs < 1:
        parser.error(f"--bars is a number from 1,000 to {MINUTES:,}, --runs at least 1")
    return asked


def entrants(only: str) -> tuple[list[Contestant], dict[str, str]]:
    """Everybody who is installed, in each variant; and the reasons of those who are not."""
    ready: list[Contestant] = []
    absent: dict[str, str] = {}
    chosen = only.split(",") if only else None
    for rival in rivals(HERE / "rivals").values():
        if chosen and rival.dependencies and rival.name not in chosen:
            continue
        try:
            python = interpreter_of(rival, HERE / ".environments")
        except Unavailable as fault:
            absent[rival.title] = str(fault)
            continue
        ready += [Contestant(rival, variant, python) for variant in rival.variants]
    return ready, absent


def machine() -> dict[str, str]:
    """What the figures depend on."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"machine": f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"}


def main() -> None:
    """Measure and print."""
    asked = arguments()
    size, runs, budget, slower = asked.bars, asked.runs, asked.seconds, 1
    works = [one for one in TITLES if one in (asked.works.split(",") if asked.works else TITLES)]
    sweeps = SWEEPS
    if asked.quick:
        size, runs, budget, slower = min(size, 200_000), min(runs, 3), 3.0, 5
        works = works if asked.works else list(QUICK_WORKS)
        sweeps = (100,)
    contestants, absent = entrants(asked.only)
    bars, log = stored(HERE / ".bars"), HERE / ".environments" / "workers.log"
    log.parent.mkdir(exist_ok=True)
    log.write_bytes(b"")
    before, begin = os.getloadavg()[0], time.monotonic()
    rows: list[Row] = []
    for work in works:
        for n in {"sweep": sweeps, "universe": (1,)}.get(work, (size,)):
            taking = contestants if n <= SWEEPS[0] or work != "sweep" else [one for one in contestants if one.measured]
            print(f"{TITLES[work]} ", end="", file=sys.stderr, flush=True)
            rows += contest(work, n, taking, bars, log, runs=runs, budget=budget, slower=slower)
    after = os.getloadavg()[0]
    busy = before > BUSY * (os.cpu_count() or 1)
    about = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        **machine(),
        "load average": f"{before:.2f} before, {after:.2f} after (the suite itself keeps one core busy)"
        + (". **The machine was busy with other things: measure again before quoting anything**" if busy else ""),
        "duration": f"{(time.monotonic() - begin) / 60.0:.1f} minutes{', --quick' if asked.quick else ''}",
    }
    text = page(rows, absent, about)
    print(text)
    if asked.markdown:
        asked.markdown.write_text(text, encoding="utf-8")
    if asked.json:
        data = {"about": about, "absent": absent, "rows": [asdict(row) for row in rows]}
        asked.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
