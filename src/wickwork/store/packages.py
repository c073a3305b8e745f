"""What installed packages add to Wickwork, by the entry points that they declare.

    [project.entry-points."wickwork.nodes"]
    mine = "my_package.nodes"

The groups are `wickwork.nodes`, `wickwork.metrics` and `wickwork.formats`. An entry names a module, of which everything
of that kind is taken, or one object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TypeVar

from wickwork.model.errors import InputError

T = TypeVar("T")


def added(group: str, kind: type[T], taken: Mapping[str, T]) -> Iterator[T]:
    """Everything of that kind that packages add in a group.

    `kind` has a `name`. `taken` are those in use by name; a module of a package may import them.
    Raises InputError for an entry that cannot be loaded or has nothing of that kind, and for a name that is taken.
    """
    known, owners = dict(taken), dict.fromkeys(taken, "Wickwork")
    for entry in sorted(set(entry_points(group=group)), key=lambda one: (_package(one), one.name)):
        for one in _loaded(entry, kind):
            name = str(one.name)  # type: ignore[attr-defined]
            if known.get(name) is one:
                continue
            if name in owners:
                raise InputError(
                    f"The package {_package(entry)} adds a {kind.__name__.lower()} called {name!r}, "
                    f"which {owners[name]} has already; rename it there, or uninstall one of the packages."
                )
            known[name], owners[name] = one, f"the package {_package(entry)}"
            yield one


def _loaded(entry: EntryPoint, kind: type[T]) -> list[T]:
    where = f"The package {_package(entry)} adds {entry.group.partition('.')[2]} by {entry.value}"
    try:
        found = entry.load()
    except (Exception, SystemExit) as error:
        raise InputError(
            f"{where}, which cannot be loaded ({type(error).__name__}: {error}); mend that package, or uninstall it."
        ) from error
    values = vars(found).values() if isinstance(found, ModuleType) else [found]
    ours = {id(one): one for one in values if isinstance(one, kind)}
    if not ours:
        raise InputError(f"{where}, where there is no {kind.__name__}; mend that package, or uninstall it.")
    return list(ours.values())


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else entry.value.partition(".")[0]
