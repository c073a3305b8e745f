"""Mutated documents are refused with a sentence, or are graphs with or without faults; nothing else happens.

`WICKWORK_MUTATIONS=5000` runs that many in a process of its own, with limits of time and memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.graph.mutations import MOST_MEMORY, MOST_SECONDS, constructs, documents, outcome

from wickwork.graph.check import find_faults
from wickwork.graph.document import from_text
from wickwork.model.errors import InputError
from wickwork.nodes import builtin

ROOT = Path(__file__).parents[2]
MANY = int(os.environ.get("WICKWORK_MUTATIONS", "0"))


@pytest.mark.parametrize("seed", range(6))
def test_mutated_documents(seed: int) -> None:
    kinds = set()
    for name, text in documents(60, seed):
        try:
            kinds.add(outcome(text)[0])
        except Exception as error:
            raise AssertionError(f"{name}: {error!r}") from error
    assert kinds == {"refused", "faulty", "valid"}


def test_deep_wide_and_huge_documents() -> None:
    for name, text in constructs():
        said = ""
        try:
            faults = find_faults(from_text(text), builtin())
        except InputError as error:
            said = str(error)
        else:
            said = max(map(str, faults[:1_000]), key=len, default="")
        assert len(said) < 1_000, name


def test_reading_executes_nothing() -> None:
    code = (
        "from tests.graph.mutations import *\n"
        "for text in TEXTS: outcome(text.encode())\n"  # what is imported at the first use
        "forbid_execution()\n"
        "for name, text in documents(100, 3): outcome(text)\n"
        "for text in TEXTS: outcome(text.encode())\n"
        "try: exec('1')\n"
        "except RuntimeError: print('forbidden')\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603
    assert (answer.stdout, answer.stderr) == ("forbidden\n", "")


@pytest.mark.skipif(not MANY, reason="set WICKWORK_MUTATIONS to a number of documents")
def test_many_mutated_documents_in_little_time_and_memory() -> None:
    args = [sys.executable, "-m", "tests.graph.mutations", str(MANY), "1000"]
    answer = subprocess.run(  # noqa: S603
        args, capture_output=True, text=True, check=False, timeout=60 + MANY, cwd=ROOT
    )
    assert answer.returncode == 0, answer.stderr[-3_000:]
    figures = json.loads(answer.stdout)
    print(figures)  # noqa: T201
    assert figures["slowest_mutation"][0] < MOST_SECONDS
    assert figures["slowest_construct"][0] < MOST_SECONDS
    assert figures["peak_mb"][0] < MOST_MEMORY / 2**20
