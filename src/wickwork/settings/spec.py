"""How settings are declared: fields of dataclasses, each with its kind, its meaning and its default."""

# the calls give fields of dataclasses
from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from wickwork.settings import kinds


@dataclass(frozen=True)
class Spec:
    """What is known of one setting."""

    kind: kinds.Kind
    meaning: str
    aliases: tuple[str, ...] = ()
    needed: bool = False
    may_be_empty: bool = False
    """Whether an empty text is the same as no value."""
    otherwise: str = ""
    """The value that holds where none is given, for those whose default comes from elsewhere."""
    unused: str = ""
    """For settings of other platforms that are read and have no effect: the reason, a sentence."""


def setting(
    kind: kinds.Kind,
    meaning: str,
    default: Any = None,
    *,
    aliases: tuple[str, ...] = (),
    otherwise: str = "",
    unused: str = "",
) -> Any:
    """A field of a section."""
    spec = Spec(kind, meaning, aliases, may_be_empty=default == "", otherwise=otherwise, unused=unused)
    return field(default=default, metadata={"spec": spec})


def needed(kind: kinds.Kind, meaning: str, *, aliases: tuple[str, ...] = ()) -> Any:
    """A field that a section must have."""
    return field(metadata={"spec": Spec(kind, meaning, aliases, needed=True)})


def part(of: type, meaning: str, *, aliases: tuple[str, ...] = ()) -> Any:
    """A section within a section."""
    return field(default_factory=of, metadata={"spec": Spec(kinds.section(of), meaning, aliases)})


def mapping(kind: kinds.Kind, meaning: str, *, aliases: tuple[str, ...] = ()) -> Any:
    """A field with values by name."""
    return field(default_factory=dict, hash=False, metadata={"spec": Spec(kind, meaning, aliases)})


def specs(section: type) -> dict[str, Spec]:
    """The settings of a section by name, in the order of the reference."""
    return {one.name: one.metadata["spec"] for one in fields(section) if "spec" in one.metadata}


def known_as(section: type) -> dict[str, str]:
    """Every spelling of the names of a section, with the name that it stands for."""
    found = specs(section)
    return {name: name for name in found} | {alias: name for name, one in found.items() for alias in one.aliases}
