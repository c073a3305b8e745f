"""The catalogue of nodes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from wickwork.graph.nearest import meant, same_name
from wickwork.graph.node import Node
from wickwork.model.errors import NotFound, did_you_mean, shown
from wickwork.model.text import first_sentence
from wickwork.server.mcp.answers import Skip, many, part_of_lines
from wickwork.server.mcp.tool import On, tool
from wickwork.services.access import Access


@tool(Access.READ)
async def list_nodes(
    on: On,
    search: Annotated[str, Field(max_length=100, description="Words: nodes about all of them, as `trend`.")] = "",
    group: Annotated[str, Field(max_length=50, description="Only nodes of this group, as `momentum`.")] = "",
    skip: Skip = 0,
) -> str:
    """List nodes, the parts of which strategies are made: indicators, conditions, orders.

    Without `search` and `group` it lists the groups with the names of their nodes.
    """
    nodes = list(on.services.context.catalogue.values())
    groups: dict[str, list[Node]] = {}
    for node in sorted(nodes, key=lambda one: (one.group, one.name)):
        groups.setdefault(node.group, []).append(node)
    if group and group.lower() not in groups:
        hint = did_you_mean(group, groups) or f" There are {', '.join(groups)}."
        raise NotFound(f"There is no group {shown(group)!r}.{hint}")
    if not search.split() and not group:
        lines = [f"{name} ({len(found)}): {', '.join(one.name for one in found)}" for name, found in groups.items()]
        return part_of_lines([f"{many(len(nodes), 'node')} in {len(groups)} groups", *lines], skip)
    found = [node for name, members in groups.items() if group.lower() in ("", name) for node in members]
    found = [node for node in found if _has(search, node.group, *_names(node), node.help)]
    found.sort(key=lambda node: (not _has(search, node.group), not _has(search, *_names(node))))
    if not found:
        hint = meant(search, on.services.context.catalogue)
        raise NotFound(f"No node is about {shown(search)!r}.{hint or ' Try another word, or a group.'}")
    return part_of_lines([f"{many(len(found), 'node')}; describe_node has each in full", *map(_line, found)], skip)


@tool(Access.READ)
async def describe_node(
    on: On, name: Annotated[str, Field(max_length=100, description="As list_nodes has it: `ema`.")]
) -> str:
    """Describe one node: inputs, parameters with ranges and defaults, outputs, warm-up and source."""
    catalogue = on.services.context.catalogue
    found = catalogue[name if name in catalogue else same_name(name, catalogue) or name].describe()
    lines = [f"{found['name']}: {found['title']} (group {found['group']})", found["help"], ""]
    lines += [f"input {one['name']}: {_input(one)}" for one in found["inputs"]]
    lines += [f"parameter {one['name']}: {_parameter(one)}" for one in found["params"]]
    lines += [f"output {one['name']}: {_output(one)}" for one in found["outputs"]]
    lines += [f"warm-up: {many(found['warmup'], 'bar')} with the defaults"]
    lines += [f"also called: {', '.join(found['terms'])}"] if found["terms"] else []
    lines += [f"source: {found['source']}"] if found["source"] else []
    return part_of_lines(lines)


def _names(node: Node) -> tuple[str, ...]:
    return (node.name, node.title, *node.terms)


def _has(search: str, *texts: str) -> bool:
    """Whether all words, or their singulars, stand in these texts."""
    text = " ".join(texts).lower()
    return all(word in text or (word.endswith("s") and word[:-1] in text) for word in search.lower().split())


def _line(node: Node) -> str:
    needed = [one.name if one.required else f"[{one.name}]" for one in node.inputs if one.required or not node.verb]
    given = ", ".join([*needed, "…"] if node.verb else needed)
    return f"{node.name}({given}) → {', '.join(o.name for o in node.outputs)} — {first_sentence(node.help)}"


def _input(one: dict[str, Any]) -> str:
    default = f", {one['default']:g} unless wired" if "default" in one else ""
    return f"{one['type']}, {'needed' if one['required'] else 'optional'}{default}"


def _output(one: dict[str, Any]) -> str:
    between = f", {one['minimum']:g} to {one['maximum']:g}" if {"minimum", "maximum"} <= one.keys() else ""
    return f"{one['type']}{between}{', may be missing' if one.get('may_be_missing') else ''}"


def _parameter(one: dict[str, Any]) -> str:
    parts = [str(one["type"])]
    if one.get("choices"):
        parts.append("one of " + ", ".join(map(str, one["choices"])))
    if "minimum" in one and "maximum" in one:
        parts.append(f"{one['minimum']:,} to {one['maximum']:,}")
    return f"{', '.join(parts)}; {one['default']} unless set"
