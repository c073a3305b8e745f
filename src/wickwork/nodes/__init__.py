"""The nodes: one typed function each. A node is added by writing it into one of these files, or into a new one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from wickwork.graph.catalogue import Catalogue, collect


@cache
def builtin() -> Catalogue:
    """Every node that comes with Wickwork."""
    return collect(importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
