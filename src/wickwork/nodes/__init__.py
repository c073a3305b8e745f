"""The nodes: one typed function each. A node is added by writing it into one of these files, or into a new one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from wickwork.graph.catalogue import Catalogue, collect
from wickwork.graph.node import Node
from wickwork.store.packages import added


@cache
def builtin() -> Catalogue:
    """Every node that comes with Wickwork, and those that installed packages add.

    The same for all contexts: what is installed belongs to the process. A context can have other nodes.
    """
    own = collect(importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return own.plus(added("wickwork.nodes", Node, own.nodes))
