"""The Markdown pages of the node reference: one for each group, and an index by group and by search word."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from wickwork.cli.node_pages.picture import MARK, picture
from wickwork.cli.node_pages.running import can_run, demo_market
from wickwork.cli.node_pages.sample import VALUES, Sample, sample
from wickwork.cli.node_pages.units import units
from wickwork.cli.node_words import type_of
from wickwork.graph.node import Node
from wickwork.graph.reference import ABOUT, warmup_formula
from wickwork.graph.signature import Input, Output, Parameter
from wickwork.graph.types import Port
from wickwork.model.errors import InputError
from wickwork.model.text import first_sentence
from wickwork.store.durable import replacing

PICTURES = "pictures"


def reference(nodes: Iterable[Node]) -> dict[str, str]:
    """All files of the reference by their path within its folder: the index, a page per group, the pictures."""
    files: dict[str, str] = {}
    groups: defaultdict[str, list[Node]] = defaultdict(list)
    for node in sorted(nodes, key=lambda node: (node.group, node.name)):
        groups[node.group].append(node)
    market, links = demo_market(), {node.name: _link(node) for members in groups.values() for node in members}
    for group, members in groups.items():
        parts = [MARK, f"# Nodes: {group}", ABOUT.get(group, ""), "[All nodes](README.md)", _contents(members)]
        for node in members:
            measured = units(node, market) if can_run(node) else {}
            shown = sample(node, market) if can_run(node) else None
            drawn = picture(shown, market, measured) if shown else ""
            if drawn:
                files[f"{PICTURES}/{node.name}.svg"] = drawn
            parts.append(_section(node, measured, shown if drawn else None, links))
        files[_file(group)] = _page(parts)
    files["README.md"] = _page([MARK, *_index(groups)])
    return files


def write_reference(nodes: Iterable[Node], folder: Path) -> int:
    """Write the reference into the folder, and remove what an earlier one has left there; returns the number of files.

    Raises InputError where a file of that name is there that no reference has written.
    """
    files = reference(nodes)
    old = [file for file in (*folder.glob("*.md"), *folder.glob(f"{PICTURES}/*.svg")) if _is_written(file)]
    for name in files:
        if (folder / name).exists() and folder / name not in old:
            raise InputError(
                f"{folder / name} is there and was not written by `wick nodes --docs`; name another folder."
            )
    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        with replacing(folder / name) as new:
            new.write(text.encode())
    for file in old:
        if file.relative_to(folder).as_posix() not in files:
            file.unlink()
    return len(files)


def _is_written(file: Path) -> bool:
    with file.open(encoding="utf-8", errors="replace") as text:
        return text.read(len(MARK)) == MARK


def _file(group: str) -> str:
    """The page of a group, whatever characters its name has."""
    return re.sub(r"\W+", "-", group).strip("-") + ".md"


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


# ---- one node


def _section(node: Node, measured: Mapping[str, str], shown: Sample | None, links: Mapping[str, str]) -> str:
    own = {node.name, *(i.name for i in node.inputs), *(o.name for o in node.outputs)}
    own |= {name for p in node.parameters for name in (p.name, *p.choices)}
    help_ = _prose(node.help, {name: link for name, link in links.items() if name not in own})
    parts = [f'<a id="{node.name}"></a>', f"## {_prose(node.title)}", f"`{_call(node)}`", help_]
    if shown is not None:
        parts += [f"![{node.name} over the demo market]({PICTURES}/{node.name}.svg)", _caption(shown)]
    parts.append(_ports(node, measured))
    if node.parameters:
        rows = [(f"`{p.name}`", type_of(p), _range(p), f"`{_text(p.default)}`") for p in node.parameters]
        parts.append(_table(("parameter", "type", "range", "default"), rows))
    parts.append(" ".join(_facts(node)))
    return "\n\n".join(part for part in parts if part)


def _call(node: Node) -> str:
    given = [entry.name for entry in node.inputs if entry.required]
    given += [f"{p.name}={p.default!r}" for p in node.parameters][: 4 if not node.verb else 0]
    more = len(node.parameters) > 4 or bool(node.verb) or any(not entry.required for entry in node.inputs)
    return f"{node.name}({', '.join([*given, *(['…'] if more else [])])})"


def _prose(text: str, links: Mapping[str, str] = {}) -> str:
    """The help as Markdown: what is a mark there and a character here is escaped, code blocks stay."""

    def written(found: re.Match[str]) -> str:
        code, name, mark = found.groups()
        return links.get(name, code) if code else "\\" + mark

    blocks = text.split("\n\n")
    return "\n\n".join(b if b.startswith("    ") else re.sub(r"(`([^`]*)`)|([*<])", written, b) for b in blocks)


def _caption(shown: Sample) -> str:
    given = {**shown.wired, **VALUES.get(shown.node.name, {})}
    return f"*In the picture: {', '.join(f'`{name}` = {text}' for name, text in given.items())}.*" if given else ""


def _ports(node: Node, measured: Mapping[str, str]) -> str:
    rows = [("input", f"`{entry.name}`", entry.port.value, "", _needed(entry)) for entry in node.inputs]
    of_input = not any(entry.port is Port.BARS for entry in node.inputs)
    for output in node.outputs:
        unit = measured.get(output.name, "")
        unit = re.sub(r"price|volume", "that of the input", unit, count=1) if of_input else unit
        rows.append(("output", f"`{output.name}`", output.port.value, unit, _values(output)))
    return _table(("", "port", "type", "unit", ""), rows)


def _needed(entry: Input) -> str:
    if entry.required:
        return ""
    return "optional" if entry.default != entry.default else f"optional; {entry.default:g} unless wired"


def _values(output: Output) -> str:
    between = f"{_end(output.between.low)} to {_end(output.between.high)}" if output.between else ""
    if output.between and output.between.high > 1e15:
        between = f"{_end(output.between.low)} or more"
    missing = "may be missing after the warm-up" if output.may_be_missing else ""
    return "; ".join(part for part in (between, missing) if part)


def _end(value: float) -> str:
    return f"{value:,.15g}".replace("-", "−")


def _range(p: Parameter) -> str:
    if p.choices:
        return ", ".join(f"`{choice}`" for choice in p.choices)
    return f"{_end(p.between.low)} to {_end(p.between.high)}" if p.between and not p.time_of_day else ""


def _text(value: object) -> str:
    return (
        str(value).lower() if isinstance(value, bool) else f"{value:.15g}" if isinstance(value, float) else str(value)
    )


def _facts(node: Node) -> list[str]:
    if node.verb:
        facts = []
    else:
        bars = node.warmup_bars({p.name: p.default for p in node.parameters})
        formula = warmup_formula(node)
        defaults = f"{bars:,} bar{'s' if bars != 1 else ''}"
        facts = [f"**Warm-up:** {f'`{formula}` bars, {defaults} with the defaults' if formula else defaults}."]
    if node.source:
        facts.append(f"**Source:** {node.source}.")
    if node.terms:
        facts.append(f"**Also found as:** {', '.join(node.terms)}.")
    return [*facts, f"**Version:** {node.version}."]


# ---- tables and the index


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table without the columns that are empty."""
    rows = list(rows)
    used = [k for k in range(len(heads)) if any(row[k] for row in rows)]
    lines = [[heads[k] for k in used], ["---" for _ in used], *([row[k] for k in used] for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _contents(members: Iterable[Node]) -> str:
    return " · ".join(f"[{node.name}](#{node.name})" for node in members)


def _link(node: Node) -> str:
    return f"[{node.name}]({_file(node.group)}#{node.name})"


def _index(groups: Mapping[str, list[Node]]) -> list[str]:
    nodes = [node for members in groups.values() for node in members]
    parts = [
        "# Nodes",
        f"All {len(nodes)} nodes, each with its formula, inputs, parameters, outputs, warm-up and source, and a "
        "picture of it over the demo market (hours of BTC/USDT, which are made up). In Python a node is a function "
        "of `ta`: `ta.ema(close, period=12)`; on the command line `wick nodes NAME` shows one, and "
        "`wick nodes --search WORDS` finds some. Actions (group orders) are easier to write with `trade`.",
        "The warm-up is the number of bars until the first output. Units were measured: by what becomes of an output "
        "when prices or volumes are written in another unit. `wick nodes --docs docs/nodes` writes these pages.",
        "[By group](#by-group) · [By search word](#by-search-word)",
        "## By group",
    ]
    for group, members in groups.items():
        parts += [f"### [{group}]({_file(group)})", ABOUT.get(group, "")]
        parts.append(_table(("node", "what it does"), [(_link(n), _prose(first_sentence(n.help))) for n in members]))
    words: defaultdict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        for term in {*node.terms, node.title, node.name.replace("_", " ")}:
            words[term.lower()].append(node)
    rows = [(_prose(word), ", ".join(map(_link, found))) for word, found in sorted(words.items())]
    return [*parts, "## By search word", _table(("word", "nodes"), rows)]
