"""Where the key of the installation is: a file that only its owner reads, or the keyring of the system.

While the key is being changed there are several; the database has the id of the one in use.
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from wickwork.model.errors import InputError, Unavailable
from wickwork.services.envelope import key_id
from wickwork.store.durable import make_folder, sync_folder

FILE = "secrets.key"
_SERVICE = "wickwork"


def read_keys(home: Path, where: str) -> dict[str, bytes]:
    """The keys by their ids; empty where there is none yet. Raises Unavailable for a file that cannot be used."""
    text = _from_keyring(home) if where == "keyring" else _from_file(home / FILE)
    if not text:
        return {}
    try:
        keys = [base64.b64decode(one, validate=True) for one in json.loads(text)["keys"]]
        if not all(len(one) == 32 for one in keys):
            raise ValueError
    except (ValueError, TypeError, KeyError):
        raise Unavailable(f"The key of secrets ({_name(home, where)}) is damaged; restore it from a backup.") from None
    return {key_id(one): one for one in keys}


def write_keys(home: Path, where: str, keys: Sequence[bytes]) -> None:
    """Replace the keys, durably. Raises OSError with the path."""
    text = json.dumps({"keys": [base64.b64encode(one).decode() for one in keys]})
    if where == "keyring":
        _keyring().set_password(_SERVICE, str(home.absolute()), text)
        return
    make_folder(home)
    path = home / FILE
    fresh = path.with_name(f".{FILE}.{os.getpid()}.new")
    with suppress(FileNotFoundError):
        fresh.unlink()
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(fresh, path)
    sync_folder(home)


def _from_file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Unavailable(f"The key of secrets {path} cannot be read: {error.strerror or error}.") from None
    if os.name != "nt" and stat.S_IMODE(mode) & 0o077:
        raise Unavailable(
            f"Others may read the key of secrets, {path}; run `chmod 600 {path}`, and `wick secrets rotate` if it may "
            "have been read."
        )
    return text or "damaged"


def _from_keyring(home: Path) -> str:
    found: str | None = _keyring().get_password(_SERVICE, str(home.absolute()))
    return found or ""


def _keyring() -> Any:
    try:
        return importlib.import_module("keyring")
    except ModuleNotFoundError:
        raise InputError(
            "`server.secrets_key: keyring` needs the package keyring; install it (`pip install keyring`), or use file."
        ) from None


def _name(home: Path, where: str) -> str:
    return "in the keyring" if where == "keyring" else str(home / FILE)
