"""The layers of a configuration and their precedence: command line > environment > file > default.

Each layer is brought to the same names first (`symbol` and `instrument` become `instruments`), so that a variable
`WICKWORK_STRATEGIES__0__TIMEFRAME` replaces `timeframes` of the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from wickwork.model.errors import InputError, did_you_mean
from wickwork.settings.document import Document
from wickwork.settings.faults import ERROR, Fault, Path, path_text
from wickwork.settings.kinds import BY_NAME, FREE, LIST, SECTION, Kind, scalar
from wickwork.settings.paths import path_of
from wickwork.settings.schema import Settings, known_as, specs
from wickwork.settings.secret import Secret

PREFIX = "WICKWORK_"
DEFAULT, FILE, ENVIRONMENT, COMMAND_LINE = "default", "file", "environment", "command line"
_OF_THE_PROGRAM = frozenset({"CACHE", "CONFIG", "DEBUG", "JIT", "EXCHANGE_ADDRESS", "VENV"})
"""Variables of the program that are no settings."""
PATHS = ("path", "data_dir")
"""Parameters of feeds that are paths."""
_SHORTCUTS = {"mode": ("execution", "mode")}
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

    def copy(kind: Kind | type | None, value: Any, path: Path, written: Path) -> Any:
        made.origins[path] = origin(written)
        if isinstance(value, dict):
            return mapping(kind, value, path, written)
        if isinstance(value, list):
            below = kind.of if isinstance(kind, Kind) and kind.shape == LIST else None
            return [copy(below, one, (*path, i), (*written, i)) for i, one in enumerate(value)]
        return value

    def mapping(kind: Kind | type | None, value: dict[str, Any], path: Path, written: Path) -> dict[str, Any]:
        section = _section(kind)
        names = known_as(section) if section else {}
        kept: dict[str, Any] = {}
        for name_, one in value.items():
            right = names.get(name_, name_) if section else _right_name(kind, name_)
            here = (*written, name_)
            if right in kept:
                earlier = path_text(made.origins[(*path, right)].written)
                made.faults.append(
                    Fault(
                        path_text(here),
                        f"means the same as {earlier}, which is given too; keep one.",
                        str(origin(here)),
                    )
                )
                continue
            kept[right] = copy(_below(kind, right), one, (*path, right), here)
        return kept

    raw = dict(document.data)
    made.data = mapping(Settings, raw, (), ())
    for name_, path in _SHORTCUTS.items():
        if name_ in made.data:
            value, source = made.data.pop(name_), made.origins.pop((name_,))
            around = made.data.setdefault(path[0], {})
            if not isinstance(around, dict) or path[1] in around:
                made.faults.append(Fault(name_, f"means the same as {path_text(path)}; keep one.", str(source)))
            else:
                around[path[1]] = value
                made.origins[path] = source
    made.origins[()] = Origin(FILE, name)
    return made


def add_environment(layered: Layered, environment: Mapping[str, str]) -> None:
    """Put the variables `WICKWORK_…` over the values: `__` goes a level deeper, capital letters count as small."""
    known = known_as(Settings) | dict.fromkeys(_SHORTCUTS, "")
    for name in sorted(environment):
        if not name.startswith(PREFIX):
            continue
        rest = name.removeprefix(PREFIX)
        steps = rest.lower().split("__")
        if rest in _OF_THE_PROGRAM or not environment[name]:
            continue
        if steps[0] not in known:
            near = _single_underline(rest.lower(), known) or did_you_mean(steps[0], known)
            if len(steps) > 1 or near.endswith("levels.") or _is_near(steps[0], known):
                layered.faults.append(
                    Fault(name, f"is no setting.{near} Correct it, or unset the variable.", "environment")
                )
            continue
        _put(layered, name, tuple(steps), environment[name], Origin(ENVIRONMENT, name))


def add_options(layered: Layered, options: Iterable[tuple[str, str, str]]) -> None:
    """Put values of the command line over the others: (the option as typed, the path of the setting, the value)."""
    for option, path, value in options:
        try:
            steps = path_of(path)
        except InputError as error:
            layered.faults.append(Fault(option, f"{error}", COMMAND_LINE))
            continue
        if steps[0] == "secrets":
            problem = "a secret on the command line can be read by others; name it in the file as {env: NAME}."
            layered.faults.append(Fault("secrets", problem, option))
            continue
        _put(layered, option, steps, value, Origin(COMMAND_LINE, option))


def _put(layered: Layered, given_as: str, steps: Path, value: str, origin: Origin) -> None:
    try:
        path, kind = _located(layered.data, steps)
        around = _around(layered.data, path)
    except InputError as error:
        layered.faults.append(Fault(given_as, f"{error}", origin.layer))
        return
    last = path[-1]
    around[last] = _as_value(kind, value, path)
    for old in [one for one in layered.origins if one[: len(path)] == path]:
        del layered.origins[old]
    layered.origins[path] = Origin(origin.layer, origin.detail, path)


def _as_value(kind: Kind | None, text: str, path: Path) -> Any:
    """The text as it would be in a file; kinds of values read texts themselves."""
    if path[0] == "data_feeds" and path[-1] in PATHS:
        return os.path.abspath(os.path.expanduser(text))
    if kind is None or kind.shape == FREE:
        return scalar(text)
    if kind.shape == LIST and kind.of.is_path and not text.startswith("["):
        return [os.path.abspath(os.path.expanduser(one.strip())) for one in text.split(",") if one.strip()]
    if kind.is_path and (":" not in text or os.path.isabs(text)) and text.lower() != "store":
        return os.path.abspath(os.path.expanduser(text))
    if kind.is_secret:
        return Secret(text)
    if kind.shape in (SECTION, BY_NAME) or (kind.shape == LIST and kind.of.shape == SECTION):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _located(data: Any, steps: Path) -> tuple[Path, Kind | None]:
    """The path of a setting with the right names, and its kind. Raises InputError where there is none."""
    if steps[0] in _SHORTCUTS and len(steps) == 1:
        steps = _SHORTCUTS[str(steps[0])]
    path: Path = ()
    kind: Kind | type | None = Settings
    for step in steps:
        section = _section(kind)
        if section:
            names = known_as(section)
            right: str | int | None = names.get(str(step).lower())
            if right is None:
                raise InputError(f"there is no setting {path_text((*path, step))}.{did_you_mean(str(step), names)}")
        elif isinstance(kind, Kind) and kind.shape == LIST:
            right = _entry(data, step, path)
        else:
            keys = list(data) if isinstance(data, dict) else []
            right = next((key for key in keys if key.lower() == str(step).lower()), _right_name(kind, str(step)))
        kind = _below(kind, right)
        path = (*path, right)
        if isinstance(data, dict):
            data = data.get(str(right))
        elif isinstance(data, list) and isinstance(right, int):
            data = data[right]
        else:
            data = None
    return path, kind if isinstance(kind, Kind) else None


def _entry(data: Any, step: str | int, path: Path) -> int:
    """The number of an entry of a list, by its number or its name."""
    entries = data if isinstance(data, list) else []
    if str(step).isdecimal() and len(str(step)) < 9:
        if int(step) < len(entries):
            return int(step)
        have = f"it has {len(entries)}, counted from 0" if entries else "it has none"
        raise InputError(f"{path_text(path)} has no entry {step}; {have}.")
    names = [str(one.get("name", "")) for one in entries if isinstance(one, dict)]
    found = [
        i
        for i, one in enumerate(entries)
        if isinstance(one, dict) and str(one.get("name", "")).lower() == str(step).lower()
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"{path_text(path)} has several entries named {step}; write a number, {found[0]} for the first."
        )
    raise InputError(f"{path_text(path)} has no entry named {step}.{did_you_mean(str(step), names)}")


def _around(data: dict[str, Any], path: Path) -> Any:
    """The mapping or list that holds the last step of a path; mappings are made where they are missing."""
    around: Any = data
    for step in path[:-1]:
        if isinstance(around, dict):
            if around.get(str(step)) is None:
                around[str(step)] = {}
            around = around[str(step)]
        elif isinstance(around, list) and isinstance(step, int):
            around = around[step]
    if not isinstance(around, dict | list):
        raise InputError(f"{path_text(path[:-1])} has no settings below it in the file; correct it there.")
    return around


def _section(kind: Kind | type | None) -> type | None:
    if isinstance(kind, type):
        return kind
    found = kind.of if kind is not None and kind.shape == SECTION else None
    return found if isinstance(found, type) else None


def _below(kind: Kind | type | None, step: str | int) -> Kind | None:
    """The kind of what stands below a value."""
    section = _section(kind)
    if section:
        found = specs(section).get(str(step))
        return found.kind if found else None
    if isinstance(kind, Kind) and kind.shape in (LIST, BY_NAME) and isinstance(kind.of, Kind):
        return kind.of
    return kind if isinstance(kind, Kind) and kind.shape == FREE else None


def _right_name(kind: Kind | type | None, name: str) -> str:
    """A name of a mapping as it is read: BTC/USDT for BTCUSDT among instruments. A wrong one stays as it is."""
    if not isinstance(kind, Kind) or kind.shape != BY_NAME:
        return name
    try:
        return str(kind.read(name))
    except InputError:
        return name


def _single_underline(name: str, known: Iterable[str]) -> str:
    """For a name that divides levels by one underline, `costs_fee_pct`: how it is written."""
    sections = {one.name for one in fields(Settings) if "spec" in one.metadata and _section(one.metadata["spec"].kind)}
    head = next((one for one in known if one in sections and name.startswith(f"{one}_")), "")
    return " Two underlines divide the levels." if head else ""


def _is_near(name: str, known: Iterable[str]) -> bool:
    from difflib import get_close_matches

    return bool(get_close_matches(name, list(known), n=1, cutoff=0.8))
