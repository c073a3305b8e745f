"""Every setting with its value and where it comes from, as rows; secrets are masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wickwork.model.bars import iso
from wickwork.settings.faults import Path, path_text
from wickwork.settings.kinds import BY_NAME, FREE, LIST, MOMENT, SECTION, Kind
from wickwork.settings.layers import Layered
from wickwork.settings.schema import Settings
from wickwork.settings.secret import MASK, Secret, is_secret_name
from wickwork.settings.spec import specs


@dataclass(frozen=True)
class Row:
    """One setting."""

    path: str
    value: Any
    """As it would be in JSON."""
    origin: str
    """`config.yaml:12`, `WICKWORK_CAPITAL`, `--set capital=5`, or `default`."""


def rows_of(settings: Settings, layered: Layered) -> list[Row]:
    """The settings in the order of the reference, those that are not given too. Secrets are masked."""
    return [
        Row(path_text(path), value, str(layered.origin(path)) if path in layered.origins else "default")
        for path, value in _section(Settings, settings, ())
    ]


def plain_settings(settings: Settings) -> dict[str, Any]:
    """The settings as one JSON value, with secrets masked: what a server may show."""
    return _plain_section(Settings, settings)


def _section(kind: type, section: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    for name, spec in specs(kind).items():
        yield from _value(spec.kind, getattr(section, name), (*path, name))


def _value(kind: Kind, value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if kind.shape == SECTION and value is not None:
        yield from _section(kind.of, value, path)
    elif kind.shape == LIST and kind.of.shape == SECTION and value:
        for i, one in enumerate(value):
            yield from _section(kind.of.of, one, (*path, i))
    elif kind.shape in (BY_NAME, FREE) and value:
        for name, one in value.items():
            here = (*path, name)
            yield from _value(kind.of, one, here) if kind.shape == BY_NAME else _free(one, here)
    else:
        yield path, _plain(kind, value)


def _free(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping) and value and not is_secret_name(str(path[-1])):
        for name, one in value.items():
            yield from _free(one, (*path, name))
    else:
        yield path, MASK if is_secret_name(str(path[-1])) else _masked(value)


def _plain_section(kind: type, section: Any) -> dict[str, Any]:
    return {name: _whole(spec.kind, getattr(section, name)) for name, spec in specs(kind).items()}


def _whole(kind: Kind, value: Any) -> Any:
    if kind.shape == SECTION and value is not None:
        return _plain_section(kind.of, value)
    if kind.shape == LIST:
        return [_whole(kind.of, one) for one in value]
    if kind.shape == BY_NAME:
        return {name: _whole(kind.of, one) for name, one in value.items()}
    return _masked(value) if kind.shape == FREE else _plain(kind, value)


def _masked(value: Any) -> Any:
    """A value of a strategy or a feed, with secrets at any depth masked."""
    if isinstance(value, Mapping):
        return {name: MASK if is_secret_name(str(name)) else _masked(one) for name, one in value.items()}
    return [_masked(one) for one in value] if isinstance(value, list) else value


def _plain(kind: Kind, value: Any) -> Any:
    if isinstance(value, Secret):
        return MASK
    if kind.shape == LIST:
        return [_plain(kind.of, one) for one in value]
    if isinstance(value, Mapping | tuple):
        return dict(value) if isinstance(value, Mapping) else [list(one) for one in value]
    if kind.title == MOMENT and value is not None:
        return iso(value)
    return "max" if value == float("inf") else value
