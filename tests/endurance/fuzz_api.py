"""Requests made from the server's own specification: `python -m tests.endurance.fuzz_api [--cases 20000]`.

schemathesis makes requests, valid and not, in all its phases (examples, coverage, fuzzing, stateful), with a token of
each role, and checks every answer: no 5xx but a documented 503, no status or media type that is not documented, no body
that differs from its schema, no answer that takes more than five seconds. A server of its own is started, with an
empty folder.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.server.server_processes import server_process
from wickwork.server.serve import open_services
from wickwork.services import identity
from wickwork.services.access import Caller, scopes_of
from wickwork.settings import Settings
from wickwork.store.database import users

ROLES = ("viewer", "trader", "admin")
PHASES = ("examples", "coverage", "fuzzing", "stateful")
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance",
)  # fmt: skip
MOST_SECONDS = 5
CONFIGURATION = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "503"]
"""


@dataclass(frozen=True)
class Outcome:
    """What one run of schemathesis gave."""

    cases: int
    passed: bool
    output: str


async def make_tokens(home: Path) -> dict[str, str]:
    """A token of a new user of each role."""
    services = open_services(Settings(), home)
    found = {}
    try:
        for role in ROLES:
            async with services.database.writing() as session:
                user = await users.add(session, services.now(), f"fuzz-{role}", role)
            caller = Caller(user.id, user.name, role, scopes_of(role), "local")
            found[role] = (await identity.create_token(services, caller, "fuzz"))[1]
    finally:
        await services.database.close()
    return found


def fuzz(url: str, token: str, *, examples: int, seconds: int | None = None, seed: int = 1) -> Outcome:
    """Run schemathesis with one token: at most `examples` of each operation and phase, for at most `seconds`."""
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "schemathesis.toml"
        configuration.write_text(CONFIGURATION)
        command = [
            *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(configuration)),
            *("run", f"{url}/api/openapi.json", "--header", f"Authorization: Bearer {token}"),
            *("--phases", ",".join(PHASES), "--checks", ",".join(CHECKS), "--continue-on-failure", "--no-shrink"),
            *("--max-response-time", str(MOST_SECONDS), "--max-examples", str(examples), "--seed", str(seed)),
            *("--no-color", "--warnings", "off", "--suppress-health-check", "all"),
            *(("--max-time", str(seconds)) if seconds else ()),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    cases = re.search(r"([\d,]+) generated", done.stdout)
    return Outcome(int(cases[1].replace(",", "")) if cases else 0, done.returncode == 0, done.stdout + done.stderr)


def main() -> int:
    """Fuzz with each role in turn; the status is 1 where anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="at least so many in all")
    parser.add_argument("--examples", type=int, default=50, help="of each operation, in one run")
    given = parser.parse_args()
    total, failed, seed = 0, 0, 1
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with server_process(home) as server:
            tokens = asyncio.run(make_tokens(home))
            while total < given.cases:
                for role, token in tokens.items():
                    found = fuzz(server.url, token, examples=given.examples, seed=seed)
                    total += found.cases
                    failed += not found.passed
                    print(f"{role}, seed {seed}: {found.cases:,} cases, {total:,} in all", flush=True)
                    if not found.passed:
                        print(found.output, flush=True)
                    if not found.cases:
                        return 2
                seed += 1
            faults = server.log.read_text().count("Traceback")
    print(f"{total:,} cases, {failed} runs with failures, {faults} tracebacks in the log")
    return 1 if failed or faults else 0


if __name__ == "__main__":
    sys.exit(main())
