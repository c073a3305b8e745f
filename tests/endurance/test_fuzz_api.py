"""A small part of the requests of `fuzz_api`, with a token of each role; WICKWORK_FUZZ_SECONDS makes it longer."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from tests.endurance.fuzz_api import fuzz, make_tokens
from tests.server.server_processes import server_process

SECONDS = int(os.environ.get("WICKWORK_FUZZ_SECONDS", "30"))


def test_no_answer_contradicts_the_specification(tmp_path: Path) -> None:
    with server_process(tmp_path / "home") as server:
        tokens = asyncio.run(make_tokens(tmp_path / "home"))
        for number, token in enumerate(tokens.values(), 1):
            found = fuzz(server.url, token, examples=2, seconds=SECONDS // len(tokens), seed=number)
            assert found.passed, found.output
            assert found.cases > 20
        log = server.log.read_text()
    assert "Traceback" not in log, log[-4000:]
