"""`wick worker` as a process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wickwork.graph.document import to_text
from wickwork.store.database import jobs, users
from wickwork.store.database.engine import open_database
from wickwork.store.database.tables import Job
from wickwork.strategies.load import load_strategy
from wickwork.templates import template

pytestmark = pytest.mark.anyio


async def test_a_worker_does_jobs_and_queues_them_again_when_it_is_ended(tmp_path: Path) -> None:
    environment = {**os.environ, "WICKWORK_HOME": str(tmp_path), "WICKWORK_JIT": "0"}
    command = [sys.executable, "-m", "wickwork", "worker"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as worker:  # noqa: S603
        try:
            assert worker.stdout is not None
            assert await asyncio.to_thread(worker.stdout.readline) == "Doing jobs, 1 job at once.\n"
            database = open_database(f"sqlite:///{tmp_path / 'wickwork.sqlite'}", tmp_path / "files")
            async with database.writing() as session:
                user = await users.add(session, 1, "ann", "trader")
                job = await jobs.add(session, 1, user.id, "backtest", {"graph": {"nodes": 5}}, "1")

            async def now(state: str) -> Job:
                async with asyncio.timeout(60):
                    while True:
                        async with database.reading() as session:
                            found = await jobs.get(session, user.id, job.id)
                        if found.state == state:
                            return found
                        await asyncio.sleep(0.05)

            failed = await now("failed")
            assert failed.error
            async with database.writing() as session:
                graph = json.loads(to_text(load_strategy(template("ema_cross").path).graph))
                request = {"graph": graph, "timeframe": "1m"}  # takes minutes without machine code
                job = await jobs.add(session, 1, user.id, "backtest", request, "2")
            await now("running")
            worker.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(worker.wait, 20) == 0
            assert (await now("queued")).attempts == 0
            await database.close()
        finally:
            worker.kill()
