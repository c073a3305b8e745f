"""Runs on paper whose processes are killed."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wickwork.context import Context
from wickwork.graph.document import to_text
from wickwork.services.child import Child, Place
from wickwork.services.core import Services
from wickwork.services.kinds.kind import PAPER
from wickwork.services.pool import Pool
from wickwork.services.runner import Runner
from wickwork.services.tools import Tools
from wickwork.services.work import paper_replay
from wickwork.store.database import jobs, users
from wickwork.store.database.engine import open_database
from wickwork.store.database.tables import Job
from wickwork.strategies.load import load_strategy
from wickwork.templates import template

pytestmark = pytest.mark.anyio


async def test_a_run_goes_on_after_kills_of_server_and_child_and_decides_the_same(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path / "files")
    graph = json.loads(to_text(load_strategy(template("ema_cross").path).graph))
    request = {"graph": graph, "timeframe": "1h", "start": "2024-01-01", "end": "2024-01-12", "finer": "none"}
    database = open_database(f"sqlite:///{tmp_path / 'wickwork.sqlite'}", place.files)
    command = [sys.executable, "-m", "wickwork", "worker"]
    environment = {**os.environ, "WICKWORK_HOME": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as worker:  # noqa: S603
        try:
            assert worker.stdout is not None
            await asyncio.to_thread(worker.stdout.readline)
            async with database.writing() as session:
                user = await users.add(session, 1, "ann", "trader")
                made = await jobs.add(session, 1, user.id, "paper", request | {"speed": 200_000}, "1")

            async def now(least: int, state: str = "running") -> Job:
                async with asyncio.timeout(60):
                    while True:
                        async with database.reading() as session:
                            job = await jobs.get(session, user.id, made.id)
                        if job.state == state and (job.result or {}).get("bars", 0) >= least:
                            return job
                        assert job.state in (*jobs.ACTIVE, state), job.error
                        await asyncio.sleep(0.05)

            await now(30)
        finally:
            worker.kill()
    children: list[Child] = []

    def make_child(place: Place) -> Child:
        children.append(Child(place))
        return children[-1]

    services = Services(database, Context(place.home), Pool(place, 0))
    doing = asyncio.create_task(Runner(services, place, 1, make_child, PAPER).run())
    try:
        await now(120)
        process = children[0].process_id
        assert process is not None
        os.kill(process, 9)
        done = await now(264, "done")
    finally:
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
        await database.close()
    assert done.attempts <= 1  # it advanced between the kills
    assert done.log.count("goes on after bar") == 2
    tools = Tools(place, lambda share, stage: None, lambda text: None, lambda question: None)
    found: dict[str, Any] = paper_replay.run({"owner": user.id, "job": made.id}, tools)
    assert found["differences"] == []
    assert found["bars"] == 264
