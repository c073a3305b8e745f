"""Goes on with saved runs, or runs whole ones, in a process of its own: jobs as JSON on stdin, hashes on stdout.

A job names a case and may have a saved state; without one it is run from its first bar. The answer also names the hash
of the graph, so that nobody compares two different ones.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from tests.promises.programs import Mark, bits, case_of

from wickwork.graph.native import COMPILED


def do(job: Mapping[str, Any]) -> dict[str, Any]:
    """One job: what the run left behind since it was loaded."""
    case = case_of(job["case"])
    machine = case.machine(keep=True)
    since = Mark()
    if "saved" in job:
        machine.load(job["saved"])
        since = Mark(machine.done)
    machine.run(case.size)
    return {"graph": case.validated.graph.hash(), "compiled": COMPILED, "bits": bits(machine, since)}


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        json.dump([do(job) for job in json.load(sys.stdin)], sys.stdout)
