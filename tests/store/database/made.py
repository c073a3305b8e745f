"""A database with something in every part, for tests of backups and upgrades."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import text

from wickwork.graph.document import from_text, to_text
from wickwork.services.core import digest
from wickwork.store.database import audit, jobs, runs, schema, strategies, users
from wickwork.store.database.engine import Database
from wickwork.store.database.tables import SecretValue
from wickwork.store.files import Files
from wickwork.strategies.load import load_strategy
from wickwork.templates import template


def graph_text() -> str:
    """The document of a strategy."""
    return to_text(load_strategy(template("ema_cross").path).graph)


async def fill(database: Database, count: int = 2) -> str:
    """Add a user with strategies, runs with files, jobs, a secret and audit entries; return the id of the user."""
    files, document = Files(database.folder), graph_text()
    async with database.writing() as session:
        owner = (await users.add(session, 1, "ännä", "trader")).id
        session.add(SecretValue(owner=owner, name="key", wrapped_key=b"\x00\xff", ciphertext=b"", changed_at=2))
    for number in range(count):
        kept = {"a.gz": files.put(b"content %d" % number), "b.gz": files.put(b"shared")}
        async with database.writing() as session:
            strategy = await strategies.add(session, 10 + number, owner, f"strategy {number}")
            await strategies.add_version(session, 20, strategy, document, from_text(document).hash(), "first")
            values = {"name": "run", "request": {"x": [0.1, None, "é"]}, "manifest": {}, "stats": {"ratio": 1 / 3}}
            hash_of_manifest = digest({"n": number})
            await runs.add(
                session, 30, owner, "backtest", manifest_hash=hash_of_manifest, files=kept,
                strategy=(strategy.id, 1), **values,
            )  # fmt: skip
            await jobs.add(session, 40, owner, "backtest", {"n": number}, digest({"n": number}))
            await audit.append(session, 50, owner, "strategy.create", strategy.id, {"name": "é"})
    return owner


async def everything(database: Database, version: str | None = None) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, as the database has them."""
    found = {}
    async with database.reading() as session:
        for name in sorted(schema.tables_of(version or schema.newest())):
            found[name] = sorted((tuple(row) for row in await session.execute(text(f"SELECT * FROM {name}"))), key=repr)  # noqa: S608
    return found


def without_restores(rows: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """The rows without the entries of the audit log that upkeep has added."""
    return {**rows, "audit": [row for row in rows["audit"] if not str(row[3]).startswith("installation.")]}


def with_second_migration(folder: Path, body: str) -> Path:
    """A copy of the migrations with one more, `next`, whose upgrade has these lines."""
    shutil.copytree(Path(schema.__file__).with_name("migrations"), folder)
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    head = "import os, signal\nimport sqlalchemy as sa\nfrom alembic import op\n"
    place = f'revision, down_revision = "next", "{schema.newest()}"\n'
    code = f"{head}{place}\n\ndef upgrade():\n{lines}\n"
    (folder / "versions" / "next_step.py").write_text(code)
    return folder
