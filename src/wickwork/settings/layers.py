"""The layers of a configuration and their precedence: command line > environment > file > default.

Each layer is brought to the same names first (`symbol` and `instrument` become `instruments`), so that a variable
`WICKWORK_STRATEGIES__0__TIMEFRAME` replaces `timeframes` of the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wickwork.model.errors import InputError
from wickwork.settings import kinds
from wickwork.settings.document import Document
from wickwork.settings.faults import ERROR, Fault, Path, path_text
from wickwork.settings.kinds import BY_NAME, FREE, LIST, SECTION, Kind
from wickwork.settings.schema import Settings
from wickwork.settings.spec import known_as, specs

DEFAULT, FILE, ENVIRONMENT, COMMAND_LINE = "default", "file", "environment", "command line"
SHORTCUTS = {"mode": ("execution", "mode")}
"""Names at the top of a file that stand for a deeper setting."""


@dataclass(frozen=True)
class Origin:
    """Where a value comes from."""

    layer: str
    detail: str = ""
    """`config.yaml:12`, `WICKWORK_CAPITAL`, `--set capital`."""
    written: Path = ()
    """The path with the names that were used there."""

    def __str__(self) -> str:
        return self.detail or self.layer


@dataclass
class Layered:
    """The values of all layers, and where each comes from."""

    data: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path, Origin] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def origin(self, path: Path) -> Origin:
        """The origin of a value; of the nearest value around it where it has none of its own."""
        for length in range(len(path), -1, -1):
            found = self.origins.get(path[:length])
            if found is not None:
                return Origin(found.layer, found.detail, (*found.written, *path[length:]))
        return Origin(DEFAULT, written=path)

    def fault(self, path: Path, problem: str, severity: str = ERROR) -> Fault:
        """A fault of a setting, with its place."""
        origin = self.origin(path)
        where = "" if origin.layer == DEFAULT else str(origin)
        return Fault(path_text(origin.written or path), problem, where, severity)


def from_file(document: Document, name: str) -> Layered:
    """The layer of a file."""
    made = Layered(faults=list(document.faults))

    def origin(written: Path) -> Origin:
        line = next(
            (document.lines[written[:n]] for n in range(len(written), -1, -1) if written[:n] in document.lines), 0
        )
        return Origin(FILE, f"{name}:{line}" if line and written else name, written)

    made.data = copied(made, origin, Settings, document.data, (), ())
    for word, path in SHORTCUTS.items():
        if word in made.data:
            value, source = made.data.pop(word), made.origins.pop((word,))
            around = made.data.setdefault(path[0], {})
            if not isinstance(around, dict) or path[1] in around:
                made.faults.append(Fault(word, f"means the same as {path_text(path)}; keep one.", str(source)))
            else:
                around[path[1]] = value
                made.origins[path] = source
    made.origins[()] = Origin(FILE, name)
    return made


def copied(
    made: Layered, origin: Callable[[Path], Origin], kind: Kind | type | None, value: Any, path: Path, written: Path
) -> Any:
    """A value with the right names in it; `made` gets the origin of each value below it, and faults.

    `path` is its place by the right names, and `written` by those that were used, of which `origin` gives the origin.
    """
    made.origins[path] = origin(written)
    if isinstance(value, list):
        below = kind.of if isinstance(kind, Kind) and kind.shape == LIST else None
        return [copied(made, origin, below, one, (*path, i), (*written, i)) for i, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    section = section_of(kind)
    names = known_as(section) if section else {}
    kept: dict[str, Any] = {}
    for name, one in value.items():
        right: str = names.get(name) or (name if section else right_name(kind, name))
        here = (*written, name)
        if right in kept:
            earlier = path_text(made.origins[(*path, right)].written)
            problem = f"means the same as {earlier}, which is given too; keep one."
            made.faults.append(Fault(path_text(here), problem, str(origin(here))))
            continue
        kept[right] = copied(made, origin, kind_below(kind, right), one, (*path, right), here)
    return kept


def section_of(kind: Kind | type | None) -> type | None:
    """The class of a section; None for values of another kind."""
    if isinstance(kind, type):
        return kind
    found = kind.of if kind is not None and kind.shape == SECTION else None
    return found if isinstance(found, type) else None


def kind_below(kind: Kind | type | None, step: str | int) -> Kind | None:
    """The kind of what stands below a value."""
    section = section_of(kind)
    if section:
        found = specs(section).get(str(step))
        return found.kind if found else None
    if isinstance(kind, Kind) and kind.shape in (LIST, BY_NAME) and isinstance(kind.of, Kind):
        return kind.of
    if isinstance(kind, Kind) and kind.is_secret:
        return {"env": kinds.text(), "file": kinds.path()}.get(str(step))
    return kind if isinstance(kind, Kind) and kind.shape == FREE else None


def right_name(kind: Kind | type | None, name: str) -> str:
    """A name of a mapping as it is read: BTC/USDT for BTCUSDT among instruments. A wrong one stays as it is."""
    if not isinstance(kind, Kind) or kind.shape != BY_NAME:
        return name
    try:
        return str(kind.read(name))
    except InputError:
        return name
