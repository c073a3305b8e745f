"""Values of the environment and of the command line, put over those of a file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from wickwork.model.errors import InputError, did_you_mean
from wickwork.settings.faults import Fault, Path, path_text
from wickwork.settings.kinds import BY_NAME, FREE, LIST, SECTION, Kind, scalar
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
from wickwork.settings.secret import Secret
from wickwork.settings.spec import known_as

PREFIX = "WICKWORK_"
_OF_THE_PROGRAM = frozenset({"CACHE", "CONFIG", "DEBUG", "JIT", "EXCHANGE_ADDRESS", "VENV"})
"""Variables of the program that are no settings."""
PATHS = ("path", "data_dir")
"""Parameters of feeds that are paths."""


def add_environment(layered: Layered, environment: Mapping[str, str]) -> None:
    """Put the variables `WICKWORK_…` over the values: `__` goes a level deeper, capital letters count as small."""
    known = known_as(Settings) | dict.fromkeys(SHORTCUTS, "")
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
    for old in [one for one in layered.origins if one[: len(path)] == path]:
        del layered.origins[old]
    around[path[-1]] = copied(
        layered,
        lambda written: Origin(origin.layer, origin.detail, written),
        kind,
        _as_value(kind, value, path),
        path,
        path,
    )


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
