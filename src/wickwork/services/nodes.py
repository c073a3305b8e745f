"""The catalogue of nodes: the nodes of Wickwork, of installed packages, and of the files that the operator named."""

from __future__ import annotations

from typing import Any

from wickwork.graph.find_nodes import find_nodes
from wickwork.graph.reference import ABOUT, warmup_formula
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services


def listed(services: Services, caller: Caller, group: str = "", search: str = "") -> list[dict[str, Any]]:
    """The entries of the nodes of a group that have these words; all by name without either.

    Raises NotFound for an unknown group.
    """
    caller.require(Access.READ)
    nodes = services.context.catalogue.values()
    return [node.describe() for node in (find_nodes(nodes, group, search) if group or search else nodes)]


def groups(services: Services, caller: Caller) -> list[dict[str, Any]]:
    """The groups by name, each with what it is about and the names of its nodes."""
    caller.require(Access.READ)
    found: dict[str, list[str]] = {}
    for node in services.context.catalogue.values():
        found.setdefault(node.group, []).append(node.name)
    return [{"name": name, "about": ABOUT.get(name, ""), "nodes": sorted(found[name])} for name in sorted(found)]


def one(services: Services, caller: Caller, name: str) -> dict[str, Any]:
    """The entry of a node with what its page in the reference has besides. Raises NotFound."""
    caller.require(Access.READ)
    node = services.context.catalogue[name]
    needed = [entry.name for entry in node.inputs if entry.required]
    call = ", ".join([*needed, *(f"{p.name}={p.default!r}" for p in node.parameters)])
    return {
        **node.describe(),
        "call": f"{node.name}({call})",
        "warmup_formula": warmup_formula(node),
        "about_group": ABOUT.get(node.group, ""),
        "phrases": dict(node.phrases),
        "is_action": bool(node.verb),
    }
