"""What can be said of the texts of a caller's strategies: what differs, how two changes go together, other forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from wickwork.services import graphs, strategies
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services

_CHANGES = "wickwork.services.work.changes"
_FILES: Mapping[graphs.Form, tuple[str, str]] = {
    "document": (".json", "application/json"),
    "python": (".py", "text/x-python; charset=utf-8"),
    "litegraph": (".litegraph.json", "application/json"),
    "share": (".wickwork.json", "application/json"),
}


class Exported(NamedTuple):
    """A strategy as a file."""

    file_name: str
    media_type: str
    text: str
    left_out: list[str]


async def check(services: Services, caller: Caller, strategy_id: str, which: str) -> dict[str, Any]:
    """The faults of one text of a strategy. Raises NotFound."""
    return await graphs.check(services, caller, await strategies.document(services, caller, strategy_id, which))


async def explain(services: Services, caller: Caller, strategy_id: str, which: str) -> dict[str, Any]:
    """What one text of a strategy does, in sentences. Raises NotFound and GraphFaults."""
    return await graphs.explain(services, caller, await strategies.document(services, caller, strategy_id, which))


async def diff(
    services: Services, caller: Caller, strategy_id: str, before: str, after: str, other: str | None = None
) -> dict[str, Any]:
    """What differs from the text `before` of a strategy to `after`, of the same strategy or of the `other`.

    Raises NotFound.
    """
    caller.require(Access.READ)
    texts = {
        "before": await strategies.document(services, caller, strategy_id, before),
        "after": await strategies.document(services, caller, other or strategy_id, after),
    }
    found: dict[str, Any] = await services.pool.call(f"{_CHANGES}:diff", texts)
    return found


async def merge(
    services: Services,
    caller: Caller,
    strategy_id: str,
    sides: Mapping[str, str | Mapping[str, Any]],
    prefer: Literal["ours", "theirs"] = "ours",
) -> dict[str, Any]:
    """Two changes of a graph in one; `sides` has `base`, `ours` and `theirs`, each a graph or the name of a text.

    Nothing is saved. Raises NotFound, and InputError for what is no graph.
    """
    caller.require(Access.READ)
    request: dict[str, Any] = {"prefer": prefer}
    await strategies.get(services, caller, strategy_id)
    for name, side in sides.items():
        if isinstance(side, str):
            request[name] = await strategies.document(services, caller, strategy_id, side)
        else:
            request[name] = graphs.json_text(side)
    found: dict[str, Any] = await services.pool.call(f"{_CHANGES}:merge", request)
    return found


async def export(services: Services, caller: Caller, strategy_id: str, which: str, form: graphs.Form) -> Exported:
    """A text of a strategy as a file. Raises NotFound, and what `graphs.export` raises."""
    found = await strategies.text(services, caller, strategy_id, which)
    document = found.document or await strategies.document(services, caller, strategy_id, which)
    made = await graphs.export(services, caller, document, form, found.strategy.name)
    ending, media_type = _FILES[form]
    return Exported(_file_name(found.strategy.name) + ending, media_type, made["text"], made["left_out"])


def _file_name(name: str) -> str:
    """A name as every system takes it for a file."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return plain[:60] or "strategy"
