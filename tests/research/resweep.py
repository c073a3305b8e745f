"""Sweeps in a process of its own: reads jobs as JSON, writes what the books say as hexadecimal numbers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.promises.programs import case_of
from wickwork.research.combinations import run_combinations
from wickwork.research.parameter_space import parameter_space
from wickwork.strategies.load import load_strategy


def answer(job: dict[str, Any]) -> list[str]:
    case = case_of(job["sweep"]).first(150)
    loaded = load_strategy(Path(__file__).parents[2] / "examples" / job["sweep"].split()[1])
    account = run_combinations(loaded, parameter_space(loaded, job["over"]), case.feed(), case.terms())
    return [row.tobytes().hex() for row in account]


if __name__ == "__main__":
    json.dump([answer(job) for job in json.load(sys.stdin)], sys.stdout)
