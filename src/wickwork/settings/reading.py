"""From plain values to `Settings`: every value checked, every fault noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from wickwork.model.errors import InputError, did_you_mean, shown
from wickwork.model.finite import is_finite
from wickwork.settings.faults import NOTE, Fault, Path
from wickwork.settings.kinds import BY_NAME, FREE, LIST, SECTION, Kind
from wickwork.settings.layers import Layered
from wickwork.settings.schema import REFUSED
from wickwork.settings.secret import is_secret_name, read_secret
from wickwork.settings.spec import Spec, known_as, specs

_WRONG, _DEFAULT = object(), object()
"""Stand for a value that has a fault, and for the default of a setting."""


@dataclass
class Reader:
    """One reading of a configuration; `faults` grows."""

    layered: Layered
    environment: Mapping[str, str]
    folder: FilePath
    faults: list[Fault] = field(default_factory=list)
    kept: dict[Path, list[int]] = field(default_factory=dict)
    """Of each list, the numbers of the entries without a fault."""

    def section(self, kind: type, data: Any, path: Path) -> Any:
        """A section, with defaults in the place of values that have a fault; `_WRONG` where one has no default."""
        if data is None:
            data = {}
        if not isinstance(data, Mapping):
            return self.wrong(path, data, "write settings below it, each with its name")
        known = specs(kind)
        for name in data:
            if name not in known:
                self._unknown(kind, (*path, name))
        made = {name: self._setting(spec, data.get(name), (*path, name)) for name, spec in known.items()}
        given = {name: value for name, value in made.items() if value is not _DEFAULT}
        return _WRONG if any(value is _WRONG for value in given.values()) else kind(**given)

    def _setting(self, spec: Spec, value: Any, path: Path) -> Any:
        """The value; `_DEFAULT` where none is given or it has a fault, `_WRONG` where there is no default."""
        if value is None or (value == "" and spec.may_be_empty):
            if not spec.needed:
                return _DEFAULT
            meaning = f"{spec.meaning[:1].lower()}{spec.meaning[1:].rstrip('.')}"
            self.fault(path[:-1], f"has no {path[-1]}; write {path[-1]}: {meaning}.")
            return _WRONG
        found = self.value(spec.kind, value, path)
        if found is _WRONG:
            return _WRONG if spec.needed else _DEFAULT
        if spec.unused and found != ():
            self.fault(path, f"is read and has no effect: {spec.unused}.", NOTE)
        return found

    def value(self, kind: Kind, value: Any, path: Path) -> Any:
        """A value of that kind, or `_WRONG`."""
        if kind.shape == SECTION:
            return self.section(kind.of, value, path)
        if kind.shape in (FREE, BY_NAME):
            if not isinstance(value, Mapping):
                return self.wrong(path, value, "write values by name")
            return self._by_name(kind, value, path) if kind.shape == BY_NAME else self._free(value, path)
        try:
            if kind.is_secret and isinstance(value, Mapping):
                return read_secret(value, self.environment, self.folder)
            found = kind.read(value)
        except InputError as error:
            return self.wrong(path, value, str(error), hidden=kind.is_secret)
        if kind.shape == LIST:
            each = [
                self.value(kind.of, one, (*path, i) if isinstance(value, list) else path) for i, one in enumerate(found)
            ]
            self.kept[path] = [i for i, one in enumerate(each) if one is not _WRONG]
            return tuple(one for one in each if one is not _WRONG)
        return found

    def _free(self, value: Mapping[str, Any], path: Path) -> Any:
        infinite = list(_infinite(value, path))
        for place in infinite:
            self.fault(place, "is not finite; write a number.")
        return _WRONG if infinite else dict(value)

    def _by_name(self, kind: Kind, data: Mapping[str, Any], path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, one in data.items():
            here = (*path, name)
            try:
                right = kind.read(name)
            except InputError as error:
                self.wrong(here, name, str(error))
                continue
            found = self.value(kind.of, one, here)
            if found is not _WRONG:
                made[right] = found
        return made

    def _unknown(self, kind: type, path: Path) -> None:
        if path in REFUSED:
            self.fault(path, f"{REFUSED[path]}.")
            return
        names = known_as(kind)
        word = str(path[-1])
        hint = did_you_mean(word, names) or next(
            (f" Did you mean {one!r}?" for one in names if one.startswith(f"{word.lower()}_")), ""
        )
        listed = f" There are {', '.join(specs(kind))}."
        self.fault(path, f"there is no such setting.{hint or listed}")

    def wrong(self, path: Path, value: Any, remedy: str, hidden: bool = False) -> Any:
        """Note a value that is not of its kind; secrets are not shown."""
        shown = "" if hidden or _is_hidden(path) else f"is {shown_value(value)}; "
        self.fault(path, f"{shown}{remedy}.")
        return _WRONG

    def fault(self, path: Path, problem: str, severity: str = "error") -> None:
        """Note a fault of a setting."""
        self.faults.append(self.layered.fault(path, problem, severity))


def shown_value(value: Any) -> str:
    """A value for a sentence, cut to a readable length, with secrets in it hidden."""
    if isinstance(value, Mapping):
        return (
            f"a mapping ({', '.join(shown(str(one), 30) for one in list(value)[:3])}, …)"
            if value
            else "an empty mapping"
        )
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    if value is None or isinstance(value, bool):
        return {None: "empty", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _infinite(value: Any, path: Path) -> Iterator[Path]:
    """The places of numbers that JSON does not have."""
    if isinstance(value, Mapping | list):
        for step, one in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _infinite(one, (*path, step))
    elif isinstance(value, float) and not is_finite(value):
        yield path


def _is_hidden(path: Path) -> bool:
    return path[:1] == ("secrets",) or any(isinstance(step, str) and is_secret_name(step) for step in path)
