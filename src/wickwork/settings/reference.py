"""The reference of all settings as Markdown: `docs/configuration.md` ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from wickwork.settings.feeds import PARAMETERS
from wickwork.settings.kinds import BY_NAME, LIST, SECTION, VALUE, Kind
from wickwork.settings.overrides import PREFIX
from wickwork.settings.schema import Settings
from wickwork.settings.spec import Spec

_HEAD = "| setting | meaning | value | default | variable |\n|---|---|---|---|---|"


def reference() -> str:
    """One table for each section, in the order of the schema."""
    parts = ["### At the top", "", _HEAD, *_rows(Settings, "")]
    for title, section, variable in _sections(Settings, "", ""):
        parts += ["", f"### `{title}`", "", _HEAD, *_rows(section, variable)]
    parts += ["", "### Parameters of feeds", "", "| type | parameters |", "|---|---|"]
    parts += [
        f"| `{name}` | {', '.join(f'`{one}`' for one in known) or 'none'} |" for name, known in PARAMETERS.items()
    ]
    return "\n".join(parts) + "\n"


def _sections(kind: type, title: str, variable: str) -> Iterator[tuple[str, type, str]]:
    """Every section below one: its path, its class, and how the names of its variables begin."""
    for one in fields(kind):
        spec: Spec | None = one.metadata.get("spec")
        if spec is None:
            continue
        below, step, part = spec.kind, "", ""
        if below.shape == LIST and below.of.shape == SECTION:
            below, step, part = below.of, "[N]", "N__"
        elif below.shape == BY_NAME and below.of.shape == SECTION:
            below, step, part = below.of, ".NAME", "NAME__"
        if below.shape == SECTION:
            path = f"{title}.{one.name}".lstrip(".") + step
            start = f"{variable}{one.name.upper()}__{part}"
            yield path, below.of, start
            yield from _sections(below.of, path, start)


def _rows(kind: type, variable: str) -> Iterator[str]:
    for one in fields(kind):
        spec: Spec | None = one.metadata.get("spec")
        if spec is None:
            continue
        names = " or ".join(f"`{name}`" for name in (one.name, *spec.aliases))
        meaning = f"{spec.meaning} Read, without effect." if spec.unused else spec.meaning
        single = spec.kind.shape == VALUE or (spec.kind.shape == LIST and spec.kind.of.shape == VALUE)
        name = f"`{PREFIX}{variable}{one.name.upper()}`" if single else ""
        yield f"| {names} | {meaning} | {_title(spec.kind)} | {_default(one, spec)} | {name} |"


def _title(kind: Kind) -> str:
    return kind.title.replace("by instrument: section", "sections by instrument")


def _default(one: Any, spec: Spec) -> str:
    if spec.needed:
        return "must be given"
    value = one.default if one.default is not MISSING else None
    if value in (None, "", ()):
        return f"`{spec.otherwise}`" if spec.otherwise else ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
