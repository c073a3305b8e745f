"""One server process for each database that is a file, and the note that says where it is reached."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wickwork.model.errors import InputError, Refused, WickworkError
from wickwork.store.database.engine import SQLITE, Database
from wickwork.store.durable import locked, make_folder, replace_file

_NOTE = "server.json"


@contextmanager
def sole_server(home: Path, database: Database) -> Iterator[None]:
    """Hold the lock of the database for this process, where it is SQLite.

    Raises InputError where the folder cannot be written to, and Refused where another server has it.
    """
    prepare_home(home)
    if database.kind != SQLITE:
        yield
        return
    path = Path(database.url.database or "").absolute()
    lock = path.with_name(f"{path.name}.server")
    try:
        make_folder(path.parent)
        held = locked(lock, "this database", patience=0.0)
        held.__enter__()
    except WickworkError:
        found = running(home)
        where = f" at {found['address']} (process {found['process']})" if found else ""
        raise Refused(
            f"Another server runs over {path}{where}; stop it first, choose another folder with WICKWORK_HOME, or use "
            "PostgreSQL, which several servers can share."
        ) from None
    except OSError as error:
        raise InputError(f"{error.filename or lock} cannot be written: {error.strerror}.") from None
    try:
        yield
    finally:
        held.__exit__(None, None, None)


def prepare_home(home: Path) -> None:
    """Make the folder, and see that it can be written to. Raises InputError."""
    probe = home / f".{os.getpid()}.probe"
    try:
        make_folder(home)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        reason = error.strerror or error
        raise InputError(
            f"The folder {home} cannot be written to ({reason}); change its permissions, or name another with "
            "WICKWORK_HOME."
        ) from None


@contextmanager
def noted(home: Path, address: str) -> Iterator[None]:
    """Say in the folder where the server is reached, for `wick link`, until the block ends."""
    note = home / _NOTE
    replace_file(note, json.dumps({"address": address, "process": os.getpid()}).encode())
    try:
        yield
    finally:
        found = running(home)
        if found is not None and found["process"] == os.getpid():
            with suppress(OSError):
                note.unlink()


def running(home: Path) -> dict[str, object] | None:
    """The address and the process of the server that runs over a folder; None where none runs."""
    try:
        found = json.loads((home / _NOTE).read_bytes())
        process, address = found["process"], found["address"]
        if not isinstance(process, int) or not isinstance(address, str) or process <= 0:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return {"address": address, "process": process} if _lives(process) else None


def _lives(process: int) -> bool:
    if os.name == "nt":  # pragma: no cover - there signal 0 would end the process
        return True
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True
