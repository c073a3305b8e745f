"""`wick db`: upgrade, back up, restore and check what the server keeps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import output
from wickwork.cli.codes import FAULTY

if TYPE_CHECKING:
    from wickwork.store.database.engine import Database

Config = Annotated[Path | None, typer.Argument(metavar="[CONFIG]", help="A configuration with `server`.")]
Backup = Annotated[Path, typer.Argument(metavar="FILE", help="The archive of the backup.")]


def upgrade(config: Config = None) -> None:
    """Bring the schema of the database up to date, after a backup of it; `wick up` does the same by itself."""
    from wickwork.store.database import schema, upkeep

    async def go(database: Database, backups: Path) -> None:
        saved = await upkeep.upgrade(database, backups)
        if saved:
            output.say(f"The schema was {saved.schema}; a backup of it is {saved.path}.")
        output.say(f"The database has the schema {schema.newest()}.")

    _run(config, go)


def backup(file: Backup, config: Config = None) -> None:
    """Write one state of the database and its stored files to one archive; the server may go on running."""
    from wickwork.store.database import upkeep

    async def go(database: Database, backups: Path) -> int:
        saved = await upkeep.backup(database, file)
        output.say(f"{file} has {_amount(saved.rows, saved.files)}, schema {saved.schema}.")
        return _missing(saved.missing)

    _end(_run(config, go))


def restore(
    file: Backup,
    config: Config = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an installation that is not empty, after a backup of it.")
    ] = False,
) -> None:
    """Replace all that the installation keeps by a backup. The server must not be running."""
    from wickwork.store.database import upkeep

    async def go(database: Database, backups: Path) -> int:
        done = await upkeep.restore(database, file, backups, force=force)
        if done.before:
            output.say(f"A backup of what was there is {done.before.path}.")
        output.say(f"Restored {_amount(done.rows, done.files)}; everybody has to log in again.")
        return _missing(done.missing)

    _end(_run(config, go))


def verify(config: Config = None) -> None:
    """Check the database, the audit log, the files of runs and all strategies; exit 1 where something is wrong."""
    from wickwork.services.verify import faults_of

    async def go(database: Database, backups: Path) -> int:
        faults = await faults_of(database)
        for fault in faults:
            output.say(fault)
        if not faults:
            output.say("Everything is whole: the database, the audit log, the files of runs, and all strategies.")
        return FAULTY if faults else 0

    _end(_run(config, go))


VERBS: dict[str, Callable[..., None]] = {"upgrade": upgrade, "backup": backup, "restore": restore, "verify": verify}


def _run(config: Path | None, work: Callable[[Database, Path], Awaitable[Any]]) -> Any:
    """Call `work` with the database that the settings name, and the folder for backups that are made by themselves."""
    import asyncio

    from wickwork.launch.folders import context_of
    from wickwork.server.serve import BACKUPS, database_of
    from wickwork.settings import load_settings

    settings = load_settings(config, None, [])
    home = context_of(settings).home

    async def go() -> Any:
        database = database_of(settings, home)
        try:
            return await work(database, home / BACKUPS)
        finally:
            await database.close()

    return asyncio.run(go())


def _end(code: int) -> None:
    if code:
        raise typer.Exit(code)


def _amount(rows: int, files: int) -> str:
    return f"{rows:,} rows and {files:,} stored files"


def _missing(hashes: list[str]) -> int:
    """Name the stored files that a backup has not; the exit code."""
    for one in hashes:
        output.note(f"the stored file {one} was missing or damaged when the backup was made; it is not in it.")
    return FAULTY if hashes else 0
