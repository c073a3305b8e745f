"""All tools, by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from wickwork.model.errors import NotFound, did_you_mean, shown
from wickwork.server.mcp import tools
from wickwork.server.mcp.tool import Tool
from wickwork.services.access import Caller


@cache
def all_tools() -> dict[str, Tool]:
    """The tools of the files in `tools`, in the order of the files and within a file as they are written."""
    files = sorted(iter_modules(tools.__path__), key=lambda one: one.name)
    modules = [import_module(f"{tools.__name__}.{one.name}") for one in files]
    found = [one for module in modules for one in vars(module).values() if isinstance(one, Tool)]
    return {one.name: one for one in found}


def tools_for(caller: Caller) -> list[Tool]:
    """The tools that a caller may use."""
    return [one for one in all_tools().values() if caller.may(one.access)]


def tool_named(name: str) -> Tool:
    """One tool. Raises NotFound."""
    known = all_tools()
    if name not in known:
        raise NotFound(f"There is no tool {shown(name)!r}.{did_you_mean(name, known)} There are {', '.join(known)}.")
    return known[name]
