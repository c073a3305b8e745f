"""The journal: an append-only file of what happened, one JSON object a line.

Every line ends with a hash of itself (`sum`) and holds that of the line before it (`prev`), so that a line that was
changed, lost or moved is found. `append` waits until the disk has the line, unless the caller passes `durable=False`;
`synced` in each line is the number of the last one that was waited for.

A kill or a power cut may leave a torn last line, and of lines that were not waited for any part. Nothing relied on
them: what follows the last valid line is cut off when the journal is opened again, unless a later line says that a
damaged one was waited for. It is cut off only after a valid first line: any other file is refused and stays as it is.

Lines of the first schema have a shorter sum over the line before and themselves, and no `prev`; both can be read.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from wickwork.model.errors import InputError, NotFound, WickworkError
from wickwork.store.durable import locked, make_folder, sync_folder

_SUM = ',"sum":"'
_OWN = ("n", "kind", "at", "synced", "prev", "sum")
"""The fields that the journal adds to each line."""


@dataclass(frozen=True)
class Entry:
    """One line: its number (from 0), what kind it is, when it was written (ms, UTC), and what it says."""

    number: int
    kind: str
    at: int
    data: Mapping[str, Any]
    sum: str
    """The hash of this line and all before it, in hexadecimal digits: 64, of the first schema 16."""
    synced: int = -1
    """The number of the last line that was waited for when this one was written."""


class Journal:
    """A journal open for appending, by this process only."""

    def __init__(self, path: Path, now: Callable[[], int] | None = None) -> None:
        """Open the journal, or begin one; `now` gives the time in ms since 1970.

        Symbolic links are followed first, so that a journal has one lock under all its names.
        Raises InputError where the file is no journal or a line is damaged (the file is not changed then), and
        WickworkError where another process has it open.
        """
        self.path = path = _resolved(path)
        self._now = now or (lambda: time.time_ns() // 1_000_000)
        self._stack = ExitStack()
        what = f"the journal {path}"
        try:
            make_folder(path.parent)
            self._stack.enter_context(locked(path.with_name(path.name + ".lock"), what, patience=0.2))
            found = path.exists()
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
            self._stack.callback(os.close, self._file)
            _lock_file(self._file, what)
            if not found:
                sync_folder(path.parent)
            self.first, self.last, self._end, self.torn = _valid_part(path)
            self._synced = self.last.number if self.last else -1
            if self.torn and self.first is None:
                raise InputError(
                    f"{path} is no journal: its first line is not one. Nothing in it was changed; name another file."
                )
            if self.torn:
                os.ftruncate(self._file, self._end)
            if self.last is not None:
                os.fsync(self._file)
        except OSError as error:
            self._stack.close()
            raise InputError(f"The journal {path} cannot be opened: {error.strerror}.") from None
        except WickworkError:
            self._stack.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def append(self, kind: str, data: Mapping[str, Any], *, durable: bool = True) -> Entry:
        """Write one entry; with `durable` return only when the disk has it and all before it.

        Raises WickworkError where the disk takes no more; the journal is then as it was before.
        """
        if data.keys() & set(_OWN):
            raise ValueError(f"{', '.join(_OWN)} are the journal's own fields")
        before = self.last
        number = before.number + 1 if before else 0
        head = {"n": number, "kind": kind, "at": self._now(), **data}
        head |= {"synced": self._synced, "prev": before.sum if before else ""}
        body = json.dumps(head, separators=(",", ":"), ensure_ascii=False, allow_nan=False)[:-1]
        entry = Entry(number, kind, head["at"], data, _sum(body), self._synced)
        line = f'{body}{_SUM}{entry.sum}"}}\n'.encode()
        try:
            done = 0
            while done < len(line):
                done += os.pwrite(self._file, line[done:], self._end + done)
            if durable:
                os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, self._end)
            raise WickworkError(
                f"The journal {self.path} cannot be written: {error.strerror}. Nothing was done after its last line; "
                "make room and start again."
            ) from None
        if durable:
            self._synced = number
        self._end += len(line)
        self.first = self.first or entry
        self.last = entry
        return entry

    def close(self) -> None:
        """Close the file and release its lock."""
        self._stack.close()


def read_journal(path: Path) -> Iterator[Entry]:
    """The entries of a journal from first to last; what a power cut left after the last valid line is ignored.

    Raises NotFound, or InputError naming the first line that is damaged.
    """
    before = ""
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file):
                if not raw.endswith(b"\n"):
                    return
                entry = _entry(raw, number, before)
                if entry is None:
                    if not _was_waited_for(number, raw, file):
                        return
                    raise InputError(
                        f"Line {number + 1} of {path} is damaged, or a line in front of it is missing; "
                        "what follows cannot be trusted. Take a copy that is whole."
                    )
                before = entry.sum
                yield entry
    except FileNotFoundError:
        raise NotFound(f"There is no journal {path}; `wick paper` names its own when it begins.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None


def _resolved(path: Path) -> Path:
    """The target of symbolic links; InputError where a journal cannot be kept there."""
    try:
        real = path.resolve()
        other = real.exists() and not real.is_file()
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links that form a circle
        raise InputError(f"The journal {path} cannot be opened: {getattr(error, 'strerror', None) or error}.") from None
    if other:
        raise InputError(f"{path} is no file, so no journal can be kept in it; name a file with --journal.")
    return real


def _lock_file(file: int, what: str) -> None:
    """Lock the open file itself, which a second hard link to it does not get around."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise WickworkError(
            f"Another process is writing {what}; wait until it is done, or stop it, and try again."
        ) from None


def _valid_part(path: Path) -> tuple[Entry | None, Entry | None, int, bool]:
    """The first and the last valid entry of a journal, where the last ends, and whether something torn follows."""
    first, last, count = None, None, 0
    for entry in read_journal(path):
        first, last, count = first or entry, entry, count + 1
    with path.open("rb") as file:
        for _ in range(count):
            file.readline()
        end = file.tell()
    return first, last, end, end < path.stat().st_size


def _entry(raw: bytes, number: int, before: str) -> Entry | None:
    """One line read; None if it is not the line that was written after the one with the sum `before`."""
    try:
        text = raw.decode().removesuffix("\n")
        body, given = text.rsplit(_SUM, 1)
        given = given.removesuffix('"}')
        data = json.loads(text)
        older = "prev" not in data
        valid = given == (_older_sum(before, body) if older else _sum(body)) and data.pop("n") == number
        valid = valid and (older or data.pop("prev") == before)
        kind, at, synced = data.pop("kind"), data.pop("at"), data.pop("synced", -1)
        del data["sum"]
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    return Entry(number, kind, at, data, given, synced) if valid else None


def _was_waited_for(number: int, damaged: bytes, rest: Iterable[bytes]) -> bool:
    """Whether a damaged line was waited for, according to the valid lines after it; the first line always was.

    Lines of the first schema do not record this, so the result is then True.
    """
    following = list(rest)
    if number == 0:
        return bool(following)
    for raw in (damaged, *following):
        try:
            text = raw.decode().removesuffix("\n")
            body, given = text.rsplit(_SUM, 1)
            data = json.loads(text)
            if "prev" not in data:
                return True
            if given.removesuffix('"}') == _sum(body) and data["synced"] >= number:
                return True
        except (ValueError, KeyError, AttributeError, TypeError):
            continue
    return False


def _sum(body: str) -> str:
    return hashlib.blake2b(body.encode(), digest_size=32).hexdigest()


def _older_sum(before: str, body: str) -> str:
    return hashlib.blake2b((before + body).encode(), digest_size=8).hexdigest()
