"""All kinds of jobs, by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from wickwork.model.errors import NotFound, did_you_mean, shown
from wickwork.services import kinds
from wickwork.services.kinds.kind import Kind


@cache
def all_kinds() -> dict[str, Kind]:
    """Every `KIND` of the files beside this one."""
    found = [import_module(f"{kinds.__name__}.{one.name}") for one in iter_modules(kinds.__path__)]
    return {module.KIND.name: module.KIND for module in found if hasattr(module, "KIND")}


def kind_named(name: str) -> Kind:
    """One kind. Raises NotFound."""
    known = all_kinds()
    if name not in known:
        raise NotFound(f"There is no kind of job {shown(name)!r}.{did_you_mean(name, known)}")
    return known[name]


def kinds_of(lane: str) -> tuple[str, ...]:
    """The names of the kinds of one lane."""
    return tuple(kind.name for kind in all_kinds().values() if kind.lane == lane)
