"""The version of a database's schema, and bringing it up to date."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, create_engine, inspect, text

from wickwork.model.errors import Refused
from wickwork.store.database.engine import SQLITE, Database
from wickwork.store.database.tables import Table
from wickwork.store.durable import make_folder

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

_FOLDER = Path(__file__).with_name("migrations")
VERSION_TABLE = "alembic_version"
"""The table in which Alembic records the version."""
_LOCK = 0x7769636C
"""The number of PostgreSQL's advisory lock that lets one process at a time change the schema."""


def newest() -> str:
    """The newest version that this program knows."""
    head = _scripts().get_current_head()
    assert head is not None  # noqa: S101
    return head


async def version_of(database: Database) -> str | None:
    """The version of a database; None for an empty one."""
    if database.kind == SQLITE and not Path(database.url.database or "").exists():
        return None
    async with database.reading() as session:
        return await (await session.connection()).run_sync(version_on)


async def upgrade(database: Database) -> bool:
    """Bring the schema up to date in one transaction; return whether something changed.

    Raises Refused for a schema that a newer version of Wickwork has made.
    """
    make_place(database)
    async with database.rebuilding() as session:
        return await (await session.connection()).run_sync(upgrade_on)


def make_place(database: Database) -> None:
    """Make the folder of a database that is a file, and the file, which has hashes that only its user may read."""
    if database.kind == SQLITE:
        path = Path(database.url.database or "").absolute()
        make_folder(path.parent)
        if not path.exists():
            path.touch(0o600)


def refuse_newer(version: str | None) -> None:
    """Raise Refused for a version that this program does not know."""
    if version is not None and version not in versions():
        raise Refused(
            f"The database has the schema {version}, which a newer version of Wickwork has made; this one knows "
            f"{newest()}. Install the newer version, or restore a backup made before the upgrade."
        )


def _newest_by_name() -> str:
    """The newest version by the names of the files, which begin with it: importing Alembic takes long."""
    return max(file.name.partition("_")[0] for file in (_FOLDER / "versions").glob("*_*.py"))


def version_on(connection: Connection) -> str | None:
    """The version of the database of a connection; None for an empty one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    return found


def upgrade_on(connection: Connection, version: str = "head") -> bool:
    """Bring the schema of a connection's database to a version, within its transaction.

    Returns whether something changed. Raises Refused for a schema that a newer version of Wickwork has made, and for a
    database with tables of another program.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    before = version_on(connection)
    if before == (_newest_by_name() if version == "head" else version):
        return False
    refuse_newer(before)
    if before is None:
        _refuse_tables_of_others(connection)
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, version)
    return True


def _refuse_tables_of_others(connection: Connection) -> None:
    names = sorted(set(inspect(connection).get_table_names()) & set(Table.metadata.tables))
    if names:
        raise Refused(
            f"The database has a table {names[0]} already, which Wickwork has not made; name a database of its own."
        )


def versions() -> list[str]:
    """All versions that this program knows, the oldest first."""
    return [one.revision for one in _scripts().walk_revisions()][::-1]


def tables_of(version: str) -> frozenset[str]:
    """The names of the tables that a version has."""
    return _tables_of(version, _FOLDER)


@cache
def _tables_of(version: str, _: Path) -> frozenset[str]:
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            upgrade_on(connection, version)
            return frozenset(inspect(connection).get_table_names()) - {VERSION_TABLE}
    finally:
        engine.dispose()


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    values: dict[str, Any] = {"script_location": str(_FOLDER)}
    for name, value in values.items():
        config.set_main_option(name, value.replace("%", "%%"))
    return config
