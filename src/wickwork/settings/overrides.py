"""Values of the environment and of the command line, put over those of a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from wickwork.model.errors import InputError, did_you_mean
from wickwork.settings.faults import NOTE, Fault, Path, path_text
from wickwork.settings.kinds import LIST, Kind
from wickwork.settings.layers import (
    COMMAND_LINE,
    ENVIRONMENT,
    SHORTCUTS,
    Layered,
    Origin,
    copied,
    kind_below,
    right_name,
    section_of,
)
from wickwork.settings.paths import path_of
from wickwork.settings.schema import Settings
from wickwork.settings.spec import known_as
from wickwork.settings.syntax import DEEPEST
from wickwork.settings.texts import value_of_text

PREFIX = "WICKWORK_"
_OF_THE_PROGRAM = frozenset({"CACHE", "CONFIG", "DEBUG", "JIT", "EXCHANGE_ADDRESS", "VENV"})
"""Variables of the program that are no settings."""


def add_environment(layered: Layered, environment: Mapping[str, str]) -> None:
    """Put the variables `WICKWORK_…` over the values: `__` goes a level deeper, capital letters count as small."""
    known = known_as(Settings) | dict.fromkeys(SHORTCUTS, "")
    given: dict[Path, str] = {}
    for name in sorted(environment, key=lambda name: (name.count("__"), name)):  # sections before what is in them
        if not name.upper().startswith(PREFIX) or not environment[name]:
            continue
        rest = name[len(PREFIX) :]
        steps = rest.lower().split("__")
        if rest.upper() in _OF_THE_PROGRAM:
            continue
        if steps[0] not in known:
            near = _single_underline(rest.lower(), known) or did_you_mean(steps[0], known)
            if len(steps) > 1 or near.endswith("levels.") or _is_near(steps[0], known):
                layered.faults.append(
                    Fault(name, f"is no setting.{near} Correct it, or unset the variable.", ENVIRONMENT)
                )
        elif not name.startswith(PREFIX):
            layered.faults.append(
                Fault(name, f"is not read: its name must begin with {PREFIX} in capital letters.", ENVIRONMENT, NOTE)
            )
        else:
            _put(layered, name, tuple(steps), environment[name], Origin(ENVIRONMENT, name), given)


def add_options(layered: Layered, options: Iterable[tuple[str, str, str]]) -> None:
    """Put values of the command line over the others: (the option as typed, the path of the setting, the value).

    Of an option that is given twice the last one counts.
    """
    given: dict[Path, str] = {}
    for option, path, value in options:
        try:
            steps = path_of(path)
        except InputError as error:
            layered.faults.append(Fault(option, f"{error}", COMMAND_LINE))
            continue
        _put(layered, option, steps, value, Origin(COMMAND_LINE, option), given)


def _put(layered: Layered, given_as: str, steps: Path, text: str, origin: Origin, given: dict[Path, str]) -> None:
    """Put a value over those of lower layers; `given` has the settings of this layer, with what each was given as."""
    try:
        if len(steps) > DEEPEST:
            raise InputError(f"the path has more than {DEEPEST} steps; correct it.")
        path, kind = _located(layered.data, steps)
        if origin.layer == COMMAND_LINE and (path[0] == "secrets" or (kind is not None and kind.is_secret)):
            raise InputError("a secret on the command line can be read by others; name it in the file as {env: NAME}.")
        path = _as_in_file(layered.data, path)
        around = _around(layered.data, path)
        value = value_of_text(kind, text, path)
    except InputError as error:
        layered.faults.append(
            Fault(given_as, f"{error}" if str(error).endswith((".", "?")) else f"{error}.", origin.layer)
        )
        return
    earlier = given.setdefault(path, given_as)
    if earlier != given_as:
        layered.faults.append(
            Fault(given_as, f"means the same as {earlier}, which is given too; keep one.", origin.layer)
        )
        return
    for old in [one for one in layered.origins if one[: len(path)] == path]:
        del layered.origins[old]
    around[path[-1]] = copied(
        layered, lambda written: Origin(origin.layer, origin.detail, written), kind, value, path, path
    )


def _as_in_file(data: dict[str, Any], path: Path) -> Path:
    """The place of a strategy's parameter: `"fast.period": 5` and `fast: {period: 5}` are the same one."""
    if path[0] != "strategies" or path[2:3] != ("parameters",) or len(path) < 4:
        return path
    parameters = data["strategies"][path[1]].get("parameters")
    if not isinstance(parameters, dict):
        return path
    dotted = ".".join(map(str, path[3:]))
    same = next((name for name in parameters if name.lower() == dotted.lower()), None)
    if same is not None:
        return (*path[:3], same)
    node, _, name = dotted.partition(".")
    return (*path[:3], node, name) if name and isinstance(parameters.get(node), dict) else path


def _located(data: Any, steps: Path) -> tuple[Path, Kind | None]:
    """The path of a setting with the right names, and its kind. Raises InputError where there is none."""
    if steps[0] in SHORTCUTS and len(steps) == 1:
        steps = SHORTCUTS[str(steps[0])]
    path: Path = ()
    kind: Kind | type | None = Settings
    for step in steps:
        section = section_of(kind)
        if section:
            names = known_as(section)
            right: str | int | None = names.get(str(step).lower())
            if right is None:
                raise InputError(f"there is no setting {path_text((*path, step))}.{did_you_mean(str(step), names)}")
        elif (isinstance(kind, Kind) and kind.shape == LIST) or isinstance(data, list):
            right = _entry(data, step, path)
        else:
            keys = list(data) if isinstance(data, dict) else []
            right = next((key for key in keys if key.lower() == str(step).lower()), right_name(kind, str(step)))
        kind = kind_below(kind, right)
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
    if not isinstance(around, list if isinstance(path[-1], int) else dict):
        raise InputError(f"{path_text(path[:-1])} has no settings below it in the file; correct it there.")
    return around


def _single_underline(name: str, known: Iterable[str]) -> str:
    """For a name that divides levels by one underline, `costs_fee_pct`: how it is written."""
    sections = {
        one.name for one in fields(Settings) if "spec" in one.metadata and section_of(one.metadata["spec"].kind)
    }
    head = next((one for one in known if one in sections and name.startswith(f"{one}_")), "")
    return " Two underlines divide the levels." if head else ""


def _is_near(name: str, known: Iterable[str]) -> bool:
    return bool(get_close_matches(name, list(known), n=1, cutoff=0.8))
