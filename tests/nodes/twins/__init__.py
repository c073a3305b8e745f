"""For every node a slow and obvious twin: plain lists in, a list out (a tuple of lists for several outputs).

The twins of `nodes/<group>.py` are in `<group>.py` of this folder; a new file here is found by being there. Each twin
is written from the definition and recomputes what it needs at every bar. They share no code with the nodes. Bars on
which an input is missing are left out, except for the inputs that a node handles itself: there a missing number is NaN
and a missing condition None.
"""

from __future__ import annotations

import importlib
import pkgutil

from tests.nodes.twins.common import TWINS, Bars

for _found in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_found.name}")

__all__ = ["TWINS", "Bars"]
