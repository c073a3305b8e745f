"""How a tool is declared: a function with `@tool(Access.…)`, in a file of `tools`."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from wickwork.services.access import Access, Caller
from wickwork.services.core import Services

Run = Callable[..., Awaitable[str]]


@dataclass(frozen=True)
class On:
    """What a tool works on: the first argument of its function."""

    services: Services
    caller: Caller


@dataclass(frozen=True)
class Tool:
    """A tool: what it is called, what it is for, what it takes, and what its caller must be allowed to do."""

    name: str
    help: str
    access: Access
    takes: type[BaseModel]
    function: Run

    async def run(self, on: On, given: Mapping[str, Any]) -> str:
        """Do it. Raises Refused, pydantic's ValidationError for wrong arguments, and what the services raise."""
        on.caller.require(self.access)
        read = self.takes.model_validate(given)
        return await self.function(on, **{name: getattr(read, name) for name in self.takes.model_fields})

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its arguments."""
        schema: dict[str, Any] = _compact(self.takes.model_json_schema())
        return schema


def tool(access: Access) -> Callable[[Run], Tool]:
    """Make a tool of a function: its name, its docstring, and its typed arguments behind the first one."""

    def declare(function: Run) -> Tool:
        hints = get_type_hints(function, include_extras=True)
        given = list(inspect.signature(function).parameters.values())[1:]
        fields: dict[str, Any] = {
            one.name: (hints[one.name], ... if one.default is one.empty else one.default) for one in given
        }
        settings = ConfigDict(extra="forbid", allow_inf_nan=False, protected_namespaces=())
        takes = create_model(function.__name__, __config__=settings, **fields)
        return Tool(function.__name__, inspect.getdoc(function) or "", access, takes, function)

    return declare


def _compact(schema: Any) -> Any:
    """A schema without the titles that pydantic makes of names, and without null: an argument is simply left out.

    Each list of tools takes room in an assistant's memory.
    """
    if isinstance(schema, list):
        return [_compact(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {k: _compact(v) for k, v in schema.items() if not (k == "title" and isinstance(v, str))}
    choices = kept.get("anyOf", [])
    if {"type": "null"} in choices and len(choices) == 2:
        choices.remove({"type": "null"})
        del kept["anyOf"]
        kept = choices[0] | {k: v for k, v in kept.items() if k != "default"}
    return kept
