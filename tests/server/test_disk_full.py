"""A full disk: the answer says so, nothing is half-written, and work goes on when there is room."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.conftest import NO_POSTGRESQL, NO_SMALL_DISK, refuse_or_skip
from tests.server.conftest import ClientOf
from tests.small_disk import SmallDisk, small_disk
from tests.store.database.made import graph_text
from wickwork.model.errors import NoSpace, WickworkError
from wickwork.services import runner as runner_module
from wickwork.services.core import Services
from wickwork.services.verify import faults_of
from wickwork.services.work import backtest
from wickwork.store.database import schema, upkeep
from wickwork.store.database.engine import Database, open_database
from wickwork.store.files import Files

pytestmark = pytest.mark.anyio
on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


@pytest.fixture(params=databases.KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def disk(tmp_path: Path, kind: str) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 3 if kind == "sqlite" else 14) as mounted:
        if mounted is None:
            pytest.skip(NO_SMALL_DISK)
        yield mounted


@pytest.fixture
async def database(
    disk: SmallDisk, kind: str, request: pytest.FixtureRequest, anyio_backend: str
) -> AsyncIterator[Database]:
    """A database on the small disk, with its stored files."""
    files = disk.folder / "files"
    if kind == "sqlite":
        found = open_database(f"sqlite:///{disk.folder / 'wickwork.sqlite'}", files)
        await schema.upgrade(found)
        yield found
        await found.close()
        return
    server: databases.Server | None = request.getfixturevalue("postgresql_server")
    if server is None:
        refuse_or_skip(NO_POSTGRESQL)
    space = disk.folder / "space"
    space.mkdir()
    shutil.copystat(server.folder / "data", space)
    owner = (server.folder / "data").stat()
    shutil.chown(space, owner.st_uid, owner.st_gid)
    for parent in space.parents[:-1]:
        if parent.stat().st_mode & 0o005 != 0o005 and parent != Path("/tmp"):  # noqa: S108
            parent.chmod(parent.stat().st_mode | 0o055)
    server.run(f"CREATE TABLESPACE small LOCATION '{space}'")
    server.run("CREATE DATABASE on_small TABLESPACE small")
    found = open_database(server.url("on_small"), files)
    await schema.upgrade(found)
    yield found
    await found.close()
    disk.make_room()
    server.run("DROP DATABASE on_small WITH (FORCE)")
    server.run("DROP TABLESPACE small")


async def test_strategies_are_refused_while_the_disk_is_full(
    client_of: ClientOf, disk: SmallDisk, database: Database
) -> None:
    client, graph = await client_of("trader"), json.loads(graph_text())
    saved = await saved_until_full(client, graph, disk)
    disk.make_room()
    assert (await client.post("/api/strategies", json={"name": "after", "graph": graph})).status_code == 201
    names = [one["name"] for one in (await client.get("/api/strategies?count=200")).json()["items"]]
    assert names == ["after", *reversed(saved)]
    assert await faults_of(database) == []


async def saved_until_full(client: Any, graph: Any, disk: SmallDisk) -> list[str]:
    """Save strategies on a full disk until one is refused; the names of those that were saved."""
    disk.fill()
    saved: list[str] = []
    while True:
        disk.fill()
        answer = await client.post("/api/strategies", json={"name": f"n{len(saved)}", "graph": graph})
        if answer.status_code != 201:
            assert answer.status_code == 503, answer.text
            assert "full" in answer.json()["detail"]
            assert "nothing was saved" in answer.json()["detail"]
            return saved
        saved.append(f"n{len(saved)}")
        assert len(saved) < 150


@on_sqlite
@pytest.mark.usefixtures("runner")
@pytest.mark.parametrize("when", ["before the files", "before the record"])
async def test_a_job_whose_result_has_no_room_goes_on_when_there_is(
    client_of: ClientOf, services: Services, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    keep, full = backtest.keep, asyncio.Event()
    loop = asyncio.get_running_loop()

    def keep_without_room(done: Any, files: Files) -> Any:
        if when == "before the files" and not full.is_set():
            disk.fill()
            loop.call_soon_threadsafe(full.set)
        kept = keep(done, files)
        if not full.is_set():
            disk.fill()
            loop.call_soon_threadsafe(full.set)
        return kept

    monkeypatch.setattr(backtest, "keep", keep_without_room)
    monkeypatch.setattr(runner_module, "_LEASE", 900)
    client = await client_of("trader")
    graph = json.loads(graph_text())
    job = (await client.post("/api/backtests", json={"graph": graph, "end": "2024-01-10"})).json()
    await full.wait()
    await asyncio.sleep(0.5)
    now = (await client.get(f"/api/jobs/{job['id']}")).json()
    assert now["state"] == "running", now
    assert not list(services.files.folder.glob("??/.*.new"))
    disk.make_room()
    while now["state"] in ("running", "queued"):
        await asyncio.sleep(0.05)
        now = (await client.get(f"/api/jobs/{job['id']}")).json()
    assert now["state"] == "done", now
    assert len((await client.get("/api/runs")).json()["items"]) == 1
    assert await faults_of(services.database) == []


@on_sqlite
async def test_a_file_and_a_backup_without_room_leave_nothing(database: Database, disk: SmallDisk) -> None:
    files = Files(database.folder)
    files.put(b"first")
    with pytest.raises(NoSpace, match="full"):
        files.put(bytes(4_000_000))
    with pytest.raises(NoSpace, match="full"):
        files.put_made("bin", lambda path: path.write_bytes(bytes(4_000_000)))
    disk.fill()
    with pytest.raises(NoSpace, match="full"):  # SQLite cannot even be opened
        await schema.version_of(database)
    disk.make_room()
    await schema.version_of(database)
    disk.fill()
    with pytest.raises((OSError, WickworkError), match=r"backup.zip.*No space|No space.*backup.zip"):
        await upkeep.backup(database, disk.folder / "backup.zip")
    left = {path.name for path in disk.folder.rglob("*") if path.is_file() and "sqlite" not in path.name}
    assert left - {".put.lock", ".collect.lock"} == {"ballast", files.put(b"first").sha256}
    disk.make_room()
    await upkeep.backup(database, disk.folder / "backup.zip")
