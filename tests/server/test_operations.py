"""Measurements, health, settings that follow their file, and background work that begins again."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from tests.server.conftest import ClientOf
from wickwork.server import supervised as module
from wickwork.server.app import make_app
from wickwork.server.live_settings import LiveSettings, Source, server_of
from wickwork.server.operations import Operations
from wickwork.server.supervised import end, supervised
from wickwork.services import jobs as job_service
from wickwork.services.access import Caller, scopes_of
from wickwork.services.core import Services
from wickwork.settings import load_settings
from wickwork.settings.server import Server
from wickwork.store.database.tables import AuditEntry

pytestmark = pytest.mark.anyio
ONCE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


async def test_requests_jobs_and_the_database_are_measured(client_of: ClientOf, services: Services) -> None:
    client = await client_of("trader")
    user = (await client.get("/api/session")).json()["user_id"]
    caller = Caller(user, "", "trader", scopes_of("trader"), "local")
    await job_service.start(services, caller, "backtest", {"graph": {}})
    for path in ("/api/jobs/a", "/api/jobs/b", "/api/typo", "/x/../y", f"/{'z' * 500}.js"):
        await client.get(path)
    await client.request("BREW", "/api/jobs")
    found = samples((await client.get("/metrics")).text)
    route = ("route", "/api/jobs/{job_id}")
    assert found["wickwork_requests_total", (("method", "GET"), route, ("status", "404"))] == 2
    assert found["wickwork_request_seconds_count", (("method", "GET"), route)] == 2
    assert found["wickwork_jobs", (("kind", "backtest"), ("state", "queued"))] == 1
    assert found["wickwork_database_up", ()] == 1
    assert found["wickwork_database_seconds", ()] > 0
    assert found["wickwork_websockets", (("path", "/ws"),)] == 0
    assert found["process_resident_memory_bytes", ()] > 1e6
    routes = {dict(labels).get("route", "") for _, labels in found}
    assert not [one for one in routes if "zzz" in one or "typo" in one]


@ONCE
async def test_measurements_need_a_token_or_the_setting_and_this_machine(
    client_of: ClientOf, services: Services
) -> None:
    client, viewer = await client_of(), await client_of("viewer")
    assert (await viewer.get("/api/metrics")).status_code == 200
    assert (await client.get("/metrics")).status_code == 401
    client._transport.app.state.settings = Server(metrics_open=True)  # type: ignore[attr-defined]
    assert (await client.get("/metrics")).status_code == 200
    for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP"):
        assert (await client.get("/metrics", headers={name: "127.0.0.1"})).status_code == 401


@ONCE
async def test_live_and_ready_are_for_everybody_and_the_parts_are_named(
    client_of: ClientOf, services: Services, app: FastAPI
) -> None:
    client = await client_of()
    assert (await client.get("/api/health")).json() == {"status": "healthy", "service": "wickwork"}
    assert (await client.get("/api/health/ready")).content == b""
    assert (await client.get("/api/health/parts")).status_code == 401
    viewer = await client_of("viewer")
    found = (await viewer.get("/api/health/parts")).json()
    assert [one["name"] for one in found["parts"]] == ["database", "disk", "jobs", "events", "bars", "settings"]
    operations: Operations = app.state.operations
    operations.live.fault = "config.yaml:3: server.port: is 'x'."
    found = (await viewer.get("/api/health/parts")).json()
    assert not found["ok"]
    assert found["parts"][-1]["detail"] == "config.yaml:3: server.port: is 'x'."


@ONCE
async def test_a_job_that_no_process_does_is_seen(client_of: ClientOf, services: Services) -> None:
    viewer = await client_of("trader")
    user = (await viewer.get("/api/session")).json()["user_id"]
    caller = Caller(user, "", "trader", scopes_of("trader"), "local")
    past = Services(services.database, services.context, services.pool, now=lambda: services.now() - 120_000)
    await job_service.start(past, caller, "backtest", {"graph": {}})
    parts = {one["name"]: one for one in (await viewer.get("/api/health/parts")).json()["parts"]}
    assert not parts["jobs"]["ok"]
    assert "wick worker" in parts["jobs"]["detail"]


async def test_a_database_that_does_not_answer_is_not_ready(client_of: ClientOf, services: Services) -> None:
    client = await client_of()
    kept = str(services.database.url.database)
    if services.database.kind == "sqlite":
        await services.database.close()
        Path(kept).rename(f"{kept}.away")
        Path(kept).mkdir()
        answer = await client.get("/api/health/ready")
        Path(kept).rmdir()
        Path(f"{kept}.away").rename(kept)
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
    assert (await client.get("/api/health/ready")).status_code == 200


async def audited(services: Services) -> list[tuple[str, Any]]:
    async with services.database.reading() as session:
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("settings.")))
        return [(one.action, json.loads(one.detail)) for one in rows]


@ONCE
async def test_a_changed_file_holds_at_once_but_for_what_needs_a_new_start(services: Services, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("server: {port: 9000, names: [one.example], log_level: info}")
    options = (("--port", "server.port", "9001"),)
    live = LiveSettings(server_of(load_settings(file, {}, options)), Source(file, options))
    app = make_app(services, live.now, operations=Operations(live))
    file.write_text("server: {port: 9000, names: [two.example], log_level: debug, workers: 3, demo: true}")
    await live.reload(services)
    assert live.now == Server(port=9001, names=("two.example",), log_level="debug", demo=True)
    assert app.state.settings == live.now
    assert live.waiting == ("workers",)
    assert await audited(services) == [
        ("settings.changed", {"changed": ["names", "demo", "log_level"], "after_a_new_start": ["workers"]})
    ]


@ONCE
@pytest.mark.parametrize("content", ["server: {port: nothing}", "server: {colour: red}", "server: [", "", None])
async def test_a_wrong_file_keeps_the_settings_and_says_why(
    services: Services, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("server: {names: [one.example]}")
    live = LiveSettings(server_of(load_settings(file, {})), Source(file))
    before = live.now
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    await live.reload(services)
    if content == "":
        assert live.now.names == ()
        return
    assert live.now == before
    assert "config.yaml" in live.fault
    assert [action for action, _ in await audited(services)] == ["settings.refused"]
    file.write_text("server: {names: [three.example]}")
    await live.reload(services)
    assert (live.fault, live.now.names) == ("", ("three.example",))


@ONCE
async def test_a_name_that_was_added_is_a_host_of_this_server(client_of: ClientOf, app: FastAPI) -> None:
    client = await client_of()
    headers = {"Host": "Wick.Example:8420"}
    assert (await client.get("/api/health", headers=headers)).status_code == 403
    app.state.settings = Server(names=("wick.example",))
    assert (await client.get("/api/health", headers=headers)).status_code == 200


async def test_background_work_begins_again_later_each_time_and_its_fault_is_logged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    said: list[Any] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async def fails() -> None:
        if len(pauses) < 9:
            raise ExceptionGroup("of several", [ValueError("wrong")])

    monkeypatch.setattr(module._log, "error", lambda event, **values: said.append((event, values)), raising=False)
    await supervised(fails, sleep)
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert said[0][0] == "failed"
    assert re.search("fails", said[0][1]["work"])


async def test_a_task_that_loses_a_cancellation_is_canceled_again() -> None:
    lost: list[str] = []

    async def loses_one() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost.append("")
                if len(lost) == 3:
                    raise

    task = asyncio.ensure_future(loses_one())
    await asyncio.sleep(0)
    await end([task], 0.01)
    assert task.cancelled()
    assert len(lost) == 3


@ONCE
async def test_the_file_is_read_when_it_changes_and_at_a_signal(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wickwork.server.live_settings._LOOK", 0.01)
    file = tmp_path / "config.yaml"
    file.write_text("server: {names: [one.example]}")
    live = LiveSettings(server_of(load_settings(file, {})), Source(file))
    changes: asyncio.Queue[Server] = asyncio.Queue()
    live.on_change(changes.put_nowait)
    following = asyncio.ensure_future(live.run(services))
    try:
        file.write_text("server: {names: [two.example]}")
        async with asyncio.timeout(20):
            assert (await changes.get()).names == ("two.example",)
        monkeypatch.setenv("WICKWORK_SERVER__LOG_LEVEL", "debug")
        live.reload_soon()
        async with asyncio.timeout(20):
            assert (await changes.get()).log_level == "debug"
    finally:
        await end([following])
