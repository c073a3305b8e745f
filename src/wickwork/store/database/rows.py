"""The rows of all tables as plain JSON and back, the same for SQLite and PostgreSQL."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Connection, LargeBinary, MetaData, Table, func, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, StatementError

from wickwork.model.errors import InputError, shown
from wickwork.store.database import schema

_BATCH = 500


def tables(connection: Connection, version: str) -> list[Table]:
    """The tables of a version as the database has them, each after those that it refers to."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name in schema.tables_of(version))
    for table in found.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
    return found.sorted_tables


def count(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    return connection.scalar(select(func.count()).select_from(table)) or 0


def dumped(connection: Connection, table: Table) -> Iterator[list[Any]]:
    """The names of the columns, then every row in the order of the primary key; bytes are in base 64."""
    yield list(table.columns.keys())
    binary = [isinstance(column.type, LargeBinary) for column in table.columns]
    wanted = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_BATCH)
    for row in connection.execute(wanted):
        yield [base64.b64encode(v).decode() if b and v is not None else v for v, b in zip(row, binary, strict=True)]


def line(row: list[Any]) -> bytes:
    """A row as a line of JSON."""
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def load(connection: Connection, table: Table, lines: Iterable[Any]) -> int:
    """Add what `dumped` gave to an empty table; return how many rows. Raises InputError where it does not fit."""
    rest = iter(lines)
    names, total = next(rest, None), 0
    columns = {column.name: isinstance(column.type, LargeBinary) for column in table.columns}
    if not isinstance(names, list) or set(names) != set(columns):
        raise InputError(f"The table {table.name} of the backup has other columns than its schema; use another backup.")
    try:
        while rows := list(islice(rest, _BATCH)):
            values = [dict(zip(names, row, strict=True)) for row in rows]
            for name in (name for name, binary in columns.items() if binary):
                for row in values:
                    row[name] = None if row[name] is None else base64.b64decode(row[name])
            connection.execute(table.insert(), values)
            total += len(values)
    except (ValueError, TypeError, StatementError) as error:
        if isinstance(error, DBAPIError) and not isinstance(error, (DataError, IntegrityError, ProgrammingError)):
            raise  # of the database, not of the rows
        reason = shown(str(getattr(error, "orig", error)), 200)
        raise InputError(f"The table {table.name} of the backup does not fit its schema: {reason}.") from None
    return total
