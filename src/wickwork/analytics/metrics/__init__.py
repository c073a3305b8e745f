"""The metrics of a run. A function with `@metric` in a module of this package is found by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from wickwork.analytics.ledger import Ledger
from wickwork.analytics.metrics.definition import GROUPS, Metric, metric
from wickwork.model.errors import InputError, did_you_mean
from wickwork.store.packages import added

__all__ = ["Ledger", "Metric", "Stats", "compute", "describe", "metric", "metrics"]


@cache
def metrics() -> tuple[Metric, ...]:
    """Every metric: group by group, within a module as they are written, and then those that packages add."""
    found = []
    for entry in sorted(iter_modules(__path__), key=lambda entry: entry.name):
        module = import_module(f"{__name__}.{entry.name}")
        found += [one for one in vars(module).values() if isinstance(one, Metric) and one.module == module.__name__]
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"There are two metrics called {twice[0]!r}; give one of them another name.")
    found += added("wickwork.metrics", Metric, {one.name: one for one in found})
    return tuple(sorted(found, key=lambda one: GROUPS.index(one.group)))


class Stats(Mapping[str, float | None]):
    """Every metric of a ledger by name, each computed at first access.

    None where there is not enough to say. `dict(stats)` computes all of them.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[str, float | None] = {}

    def __getitem__(self, name: str) -> float | None:
        if name not in self._known:
            if name not in _by_name():
                raise KeyError(f"There is no metric {name!r}.{did_you_mean(name, _by_name())}")
            self._known[name] = _by_name()[name](self._ledger)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_by_name())

    def __len__(self) -> int:
        return len(_by_name())

    def __repr__(self) -> str:
        return repr(dict(self))


@cache
def _by_name() -> dict[str, Metric]:
    return {one.name: one for one in metrics()}


def compute(ledger: Ledger) -> dict[str, float | None]:
    """Every metric of the ledger by name, always in the same order; None means that there is not enough to say."""
    return dict(Stats(ledger))


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
