"""The front door: settings from a file, the environment and options of the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from wickwork.settings.checks import faults_between
from wickwork.settings.document import Document, read_document
from wickwork.settings.faults import ERROR, Fault, SettingsFaults
from wickwork.settings.layers import Layered, add_environment, add_options, from_file
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

    @property
    def errors(self) -> list[Fault]:
        """The faults that keep it from being used."""
        return [one for one in self.faults if one.severity == ERROR]


def read_settings(
    path: FilePath | None,
    environment: Mapping[str, str] | None = None,
    options: Iterable[tuple[str, str, str]] = (),
) -> Loading:
    """Read a configuration: YAML, TOML or JSON; without a path, the defaults below environment and options.

    `environment` is that of the process where it is None; `options` are (the option as typed, the path of a setting,
    the value). Raises NotFound for an absent file and InputError for one that cannot be read at all.
    """
    environment = os.environ if environment is None else environment
    document = Document() if path is None else read_document(path)
    layered = from_file(document, str(path)) if path is not None else Layered()
    if document.faults and not document.data:
        return Loading(Settings(), layered, tuple(document.faults))
    add_environment(layered, environment)
    add_options(layered, options)
    folder = FilePath() if path is None else path.parent
    reader = Reader(layered, environment, folder)
    found: Any = reader.section(Settings, layered.data, ())
    settings = replace(found, folder=folder)
    between = faults_between(settings, reader)
    return Loading(settings, layered, (*layered.faults, *reader.faults, *between))


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
