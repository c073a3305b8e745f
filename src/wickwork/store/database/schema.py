"""The version of a database's schema, and bringing it up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text

from wickwork.model.errors import Refused
from wickwork.store.database.engine import SQLITE, Database
from wickwork.store.durable import make_folder

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

_FOLDER = Path(__file__).with_name("migrations")
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
        return await (await session.connection()).run_sync(_version)


async def upgrade(database: Database) -> bool:
    """Bring the schema up to date in one transaction; return whether something changed.

    Raises Refused for a schema that a newer version of Wickwork has made.
    """
    if database.kind == SQLITE:
        make_folder(Path(database.url.database or "").absolute().parent)
    async with database.writing() as session:
        return await (await session.connection()).run_sync(_upgrade)


def refuse_newer(version: str | None) -> None:
    """Raise Refused for a version that this program does not know."""
    if version is not None and version not in {one.revision for one in _scripts().walk_revisions()}:
        raise Refused(
            f"The database has the schema {version}, which a newer version of Wickwork has made; this one knows "
            f"{newest()}. Install the newer version, or restore a backup made before the upgrade."
        )


def _newest_by_name() -> str:
    """The newest version by the names of the files, which begin with it: importing Alembic takes long."""
    return max(file.name.partition("_")[0] for file in (_FOLDER / "versions").glob("[0-9]*_*.py"))


def _upgrade(connection: Connection) -> bool:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    version = _version(connection)
    if version == _newest_by_name():
        return False
    refuse_newer(version)
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return True


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


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
