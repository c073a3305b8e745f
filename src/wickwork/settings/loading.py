"""The front door: settings from a file, the environment and options of the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

from wickwork.settings.checks import faults_between
from wickwork.settings.document import Document, read_document, refuse_large
from wickwork.settings.faults import ERROR, Fault, Path, SettingsFaults
from wickwork.settings.layers import Layered, from_file
from wickwork.settings.overrides import add_environment, add_options
from wickwork.settings.reading import Reader
from wickwork.settings.schema import Settings


@dataclass(frozen=True)
class Loading:
    """What was read: the settings, where each comes from, and what is wrong."""

    settings: Settings
    """With defaults in the place of values that have a fault."""
    layered: Layered
    faults: tuple[Fault, ...]
    """Errors, and notes on values without effect."""
    kept: Mapping[Path, Sequence[int]] = field(default_factory=dict)
    """Of each list, the numbers of its entries without a fault: the others are not among the settings."""

    @property
    def errors(self) -> list[Fault]:
        """The faults that keep it from being used."""
        return [one for one in self.faults if one.severity == ERROR]

    def place(self, path: Path, problem: str, severity: str = ERROR) -> Fault:
        """A fault of a setting, `("strategies", 1, "handler")`, with its place in the file."""
        if len(path) > 1 and isinstance(path[1], int) and path[:1] in self.kept:
            path = (path[0], self.kept[path[:1]][path[1]], *path[2:])
        return self.layered.fault(path, problem, severity)


def read_settings(
    path: FilePath | None,
    environment: Mapping[str, str] | None = None,
    options: Iterable[tuple[str, str, str]] = (),
) -> Loading:
    """Read a configuration: YAML, TOML or JSON; without a path, the defaults below environment and options.

    `environment` is that of the process where it is None; `options` are (the option as typed, the path of a setting,
    the value). Raises NotFound for an absent file and InputError for one that cannot be read at all.
    """
    if path is None:
        return _read(Layered(), FilePath(), environment, options)
    document = read_document(path)
    layered = from_file(document, str(path))
    if document.faults and not document.data:
        return Loading(Settings(), layered, tuple(document.faults))
    return _read(layered, path.parent, environment, options)


def read_values(
    values: Mapping[str, Any], name: str, folder: FilePath, environment: Mapping[str, str] | None = None
) -> Loading:
    """Read a configuration that is there as plain values, such as one that a server was sent.

    `name` is what faults call it, and `folder` where its paths begin. Raises InputError where it is too large.
    """
    refuse_large(values)
    return _read(from_file(Document(dict(values)), name), folder, environment, ())


def _read(
    layered: Layered,
    folder: FilePath,
    environment: Mapping[str, str] | None,
    options: Iterable[tuple[str, str, str]],
) -> Loading:
    environment = os.environ if environment is None else environment
    add_environment(layered, environment)
    add_options(layered, options)
    reader = Reader(layered, environment, folder)
    found: Any = reader.section(Settings, layered.data, ())
    settings = replace(found, folder=folder)
    loading = Loading(settings, layered, (*layered.faults, *reader.faults), reader.kept)
    between = [loading.place(*one) for one in faults_between(settings)]
    return replace(loading, faults=(*loading.faults, *between))


def load_settings(
    path: FilePath | None,
    environment: Mapping[str, str] | None = None,
    options: Iterable[tuple[str, str, str]] = (),
) -> Settings:
    """The settings of a configuration. Raises SettingsFaults with all its faults, else as `read_settings`."""
    loading = read_settings(path, environment, options)
    if loading.errors:
        raise SettingsFaults(loading.errors)
    return loading.settings
