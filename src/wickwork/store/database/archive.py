"""The file of a backup: a ZIP archive with the rows of every table, the stored files, and a manifest with their hashes.

manifest.json            the format, the version of the schema, and the SHA-256 and size of every other entry
tables/strategies.jsonl  the names of the columns, then one row a line
files/1f2e…              a stored file, by the hash of its content
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from wickwork.model.errors import InputError, shown

FORMAT = 1
MANIFEST = "manifest.json"
_TABLE, _FILE = re.compile(r"tables/(\w+)\.jsonl"), re.compile(r"files/([0-9a-f]{64})")
_DAMAGE = (
    BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError, TypeError,
    AttributeError, OverflowError,
)  # fmt: skip
"""What reading raises where bytes of an archive were changed."""
_BLOCK = 1 << 20


def table_entry(name: str) -> str:
    """The name of the entry of a table."""
    return f"tables/{name}.jsonl"


def file_entry(sha256: str) -> str:
    """The name of the entry of a stored file."""
    return f"files/{sha256}"


@dataclass
class Writer:
    """Writes an archive into an open file."""

    archive: ZipFile
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, name: str, blocks: Iterable[bytes]) -> None:
        """Add an entry. Stored files are compressed already, tables are not."""
        info = ZipInfo(name)
        info.compress_type = ZIP_STORED if _FILE.fullmatch(name) else ZIP_DEFLATED
        digest, size = hashlib.sha256(), 0
        with self.archive.open(info, "w", force_zip64=True) as entry:
            for block in blocks:
                entry.write(block)
                digest.update(block)
                size += len(block)
        self.entries[name] = {"sha256": digest.hexdigest(), "size": size}

    def finish(self, **values: Any) -> None:
        """Add the manifest, with these values, as the last entry."""
        manifest = {"format": FORMAT, **values, "entries": self.entries}
        self.archive.writestr(MANIFEST, json.dumps(manifest, indent=1), ZIP_DEFLATED)


@contextmanager
def writing(file: BinaryIO) -> Iterator[Writer]:
    """A writer into this file."""
    with ZipFile(file, "w", allowZip64=True) as opened:
        yield Writer(opened)


@dataclass(frozen=True)
class Archive:
    """An archive that is being read, whose manifest is whole."""

    path: Path
    zip: ZipFile
    manifest: dict[str, Any]

    @property
    def schema(self) -> str:
        """The version of the schema that its tables have."""
        return str(self.manifest["schema"])

    @property
    def missing(self) -> list[str]:
        """The hashes of the stored files that were absent or damaged when it was made."""
        return list(self.manifest["missing"])

    def tables(self) -> list[str]:
        """The names of its tables."""
        return [found[1] for found in map(_TABLE.fullmatch, self.manifest["entries"]) if found]

    def files(self) -> list[str]:
        """The hashes of its stored files."""
        return [found[1] for found in map(_FILE.fullmatch, self.manifest["entries"]) if found]

    def check(self) -> None:
        """Compare every entry with its hash. Raises InputError, which names the first that is damaged or absent."""
        for name, expected in self.manifest["entries"].items():
            digest, size = hashlib.sha256(), 0
            with self._explained(name), self.zip.open(name) as entry:
                while block := entry.read(_BLOCK):
                    digest.update(block)
                    size += len(block)
                if [digest.hexdigest(), size] != [expected["sha256"], expected["size"]]:
                    raise ValueError
                found = _FILE.fullmatch(name)
                if found and found[1] != digest.hexdigest():
                    raise ValueError

    def read(self, name: str) -> bytes:
        """The content of an entry. Raises InputError where it is damaged."""
        with self._explained(name):
            return self.zip.read(name)

    def lines(self, name: str) -> Iterator[Any]:
        """The JSON values of an entry, one a line. Raises InputError where it is damaged."""
        with self._explained(name), self.zip.open(name) as entry:
            for line in entry:
                yield json.loads(line)

    @contextmanager
    def _explained(self, name: str) -> Iterator[None]:
        with _damage(f"The entry {shown(name, 100)} of {self.path} is damaged; use another backup."):
            yield


@contextmanager
def reading(path: Path) -> Iterator[Archive]:
    """Open an archive. Raises InputError for a file that is none, or whose manifest is damaged."""
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    with _damage(f"{path} is no backup of Wickwork, or it is damaged or cut off; use another one."):
        opened = ZipFile(path)
    with opened:
        yield Archive(path, opened, _manifest(path, opened))


def _manifest(path: Path, opened: ZipFile) -> dict[str, Any]:
    with _damage(f"{path} is no backup of Wickwork, or its entry {MANIFEST} is damaged; use another one."):
        manifest: dict[str, Any] = json.loads(opened.read(MANIFEST))
        format_number, named = manifest["format"], set(manifest["entries"])
        if format_number == FORMAT:
            str(manifest["schema"]), list(manifest["missing"]), int(manifest["made_at"])
            for one in manifest["entries"].values():
                str(one["sha256"]), int(one["size"])
    if format_number != FORMAT:
        raise InputError(
            f"{path} has the format {shown(str(format_number))}, which a newer version of Wickwork has made; "
            f"this one reads format {FORMAT}. Install the newer version."
        )
    for name in sorted(named ^ (set(opened.namelist()) - {MANIFEST})):
        where = "is missing" if name in named else "is not in its manifest"
        raise InputError(f"The entry {shown(name, 100)} of {path} {where}; use another backup.")
    for info in opened.infolist():
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise InputError(f"The entry {shown(info.filename, 100)} of {path} is damaged; use another backup.")
    return manifest


@contextmanager
def _damage(sentence: str) -> Iterator[None]:
    """Raise InputError with this sentence where bytes of the archive were changed."""
    try:
        yield
    except InputError:
        raise
    except _DAMAGE:
        raise InputError(sentence) from None
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # what a place that cannot be, or a stream that is none, gives
            raise
        raise InputError(sentence) from None
