"""The metrics of a run. A function with `@metric` in a module of this package is found by itself."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from wickwork.analytics.ledger import Ledger
from wickwork.analytics.metrics.definition import GROUPS, Metric, metric
from wickwork.model.errors import InputError

__all__ = ["Ledger", "Metric", "compute", "describe", "metric", "metrics"]


@cache
def metrics() -> tuple[Metric, ...]:
    """Every metric: group by group, within a module as they are written."""
    found = []
    for entry in sorted(iter_modules(__path__), key=lambda entry: entry.name):
        module = import_module(f"{__name__}.{entry.name}")
        found += [one for one in vars(module).values() if isinstance(one, Metric) and one.module == module.__name__]
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"There are two metrics called {twice[0]!r}; give one of them another name.")
    return tuple(sorted(found, key=lambda one: GROUPS.index(one.group)))


def compute(ledger: Ledger) -> dict[str, float | None]:
    """Every metric of the ledger by name, always in the same order; None means that there is not enough to say."""
    return {one.name: one(ledger) for one in metrics()}


def describe() -> list[dict[str, str]]:
    """What the metrics are, as plain JSON, in the order of `compute`."""
    return [
        {
            "name": one.name,
            "title": one.title,
            "unit": one.unit,
            "group": one.group,
            "better": one.better,
            "help": one.help,
        }
        for one in metrics()
    ]
