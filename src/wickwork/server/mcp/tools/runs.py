"""Runs: what backtests, sweeps and runs on paper left."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from wickwork.model.bars import iso
from wickwork.server.mcp.answers import Skip, figure, many, part_of_lines, plain
from wickwork.server.mcp.arguments import Before, Count, RunId
from wickwork.server.mcp.jobs import run_text
from wickwork.server.mcp.tool import On, tool
from wickwork.services import run_report
from wickwork.services import runs as service
from wickwork.services.access import Access
from wickwork.services.core import canonical
from wickwork.store.database.tables import Run

Kind = Literal["", "backtest", "sweep", "paper"]
_MOST_COMPARED = 6
"""Runs side by side that an answer has room for."""


@tool(Access.READ)
async def list_runs(
    on: On,
    kind: Annotated[Kind, Field(description="Only runs of this kind.")] = "",
    before: Before = None,
    count: Count = 10,
) -> str:
    """List runs with their main figures, the newest first."""
    found = await service.page(on.services, on.caller, before, count + 1, kind)
    lines = [f"{iso(one.created_at)}  {run_text(one)}" for one in found[:count]]
    if len(found) > count:
        lines.append(f"… there are more; call this again with before={found[count - 1].id}")
    return part_of_lines(lines or ["There are no runs yet; run_backtest makes one."])


@tool(Access.READ)
async def read_report(on: On, run_id: RunId, skip: Skip = 0) -> str:
    """Read the report of a run: assumptions, reasons for doubt, every figure with its unit, trades, exits by reason."""
    run, report = await run_report.read(on.services, on.caller, run_id)
    lines = [f"Run {run.id}: {run.kind} of {run.name}, made {iso(run.created_at)}"]
    if report:
        lines += _context(report)
    group = None
    for one in service.figures(run):
        if one["group"] != group:
            group = one["group"]
            lines.append(f"\n{(group or 'other figures').upper()}")
        lines += _figure_lines(one, report)
    if report:
        lines += _trades(report) + _exits(report)
        lines += _groups("BY INSTRUMENT", report["by_instrument"]) + _groups("BY STRATEGY", report["by_strategy"])
    return part_of_lines([plain(part) for line in lines for part in line.split("\n")], skip)


@tool(Access.READ)
async def compare_runs(
    on: On,
    run_ids: Annotated[list[str], Field(min_length=2, max_length=_MOST_COMPARED, description="2 to 6 runs.")],
    skip: Skip = 0,
) -> str:
    """Put runs side by side: every figure that differs, the best one marked *, and what differs in what was run."""
    found = await service.several(on.services, on.caller, run_ids, 2, _MOST_COMPARED)
    letters = [chr(ord("A") + place) for place in range(len(found))]
    lines = [f"{letter} = {run.id} ({run.kind} of {run.name})" for letter, run in zip(letters, found, strict=True)]
    lines += ["", "WHAT DIFFERS IN WHAT WAS RUN", *_differences(found, letters)]
    lines += ["", f"FIGURES ({' | '.join(letters)}); equal ones are left out"]
    tables = [{one["name"]: one for one in service.figures(run)} for run in found]
    for name, about in {name: one for table in tables for name, one in table.items()}.items():
        values = [table[name]["value"] if name in table else None for table in tables]
        if len({figure(value, about["unit"]) for value in values}) > 1:
            lines.append(f"{about['title']}: {' | '.join(_marked(values, about))} [{name}]")
    return part_of_lines(lines, skip)


def _context(report: dict[str, Any]) -> list[str]:
    lines = [f"{report['market']}; amounts in {report['quote']}"]
    lines += [f"{one['label']}: {one['value']}" for one in report["assumptions"]]
    lines += ["", "REASONS FOR DOUBT (! is a warning)"]
    return lines + [
        f"{'!' if one['tone'] == 'warn' else ' '} {one['title']}: {one['value']} — {one['note']}"
        for one in report["doubts"]
    ]


def _figure_lines(one: dict[str, Any], report: dict[str, Any]) -> list[str]:
    """One figure; of a list, such as the best combinations of a sweep, each on a line of its own."""
    if isinstance(one["value"], list):
        return [f"{one['title']} {place}: {figure(value)}" for place, value in enumerate(one["value"], 1)]
    return [f"{one['title']}: {figure(one['value'], one['unit'])}{_in_quote(one, report)} [{one['name']}]"]


def _in_quote(one: dict[str, Any], report: dict[str, Any]) -> str:
    return f" {report['quote']}" if report and one["unit"] == "quote" and one["value"] is not None else ""


def _trades(report: dict[str, Any]) -> list[str]:
    open_trades = report["open_trades"]
    lines = [f"\nTRADES: {report['trades'] - open_trades:,} closed, {open_trades:,} still open"]
    for title, rows in (("best", report["best"]), ("worst", report["worst"])):
        for one in rows:
            span = f"{_time(one['opened_at'])} to {_time(one['closed_at'])}"
            prices = f"{one['entry']:g} to {one['exit']:g}"
            what = f"#{one['number']} {one['direction']} {one['instrument']}"
            lines.append(f"{title}: {what}, {span}, {prices}, gain {one['gain']:+,.2f} ({one['exit_reason']})")
    return lines


def _time(at: int | str | None) -> str:
    return iso(at) if isinstance(at, int) else str(at)


def _groups(title: str, groups: list[dict[str, Any]]) -> list[str]:
    lines = [
        f"{one['name']}: {many(one['count'], 'trade')}, {one['won']:,} won, net {one['gain']:+,.2f}" for one in groups
    ]
    return [f"\n{title}", *lines] if lines else []


def _exits(report: dict[str, Any]) -> list[str]:
    if not report["exits"]:
        return []
    return ["\nEXITS BY REASON"] + [
        f"{one['reason']}: {many(one['exits'], 'exit')}, {one['win_rate']:.0f} % won, "
        f"{one['bars']:.1f} bars on average, net {one['net']:+,.2f}"
        for one in report["exits"]
    ]


def _marked(values: list[Any], about: dict[str, Any]) -> list[str]:
    """The values, the best of them with a star where it is known which is better."""
    known = [value for value in values if isinstance(value, int | float)]
    best = max(known) if about["better"] == "higher" else min(known) if about["better"] == "lower" else None
    best = None if len(known) < 2 else best
    return [f"{figure(v, about['unit'])}{'*' if best is not None and v == best else ''}" for v in values]


def _differences(found: list[Run], letters: list[str]) -> list[str]:
    """The parts of the manifests that are not equal, one on each line."""
    flat = [_flat(run.manifest) for run in found]
    lines = []
    for name in sorted({name for one in flat for name in one}):
        values = [one.get(name, "—") for one in flat]
        if any(value != values[0] for value in values):
            given = (f"{letter} {value[:80]}" for letter, value in zip(letters, values, strict=True))
            lines.append(f"{name}: {' | '.join(given)}")
    return lines or ["nothing: they have the same manifest"]


def _flat(value: Any, name: str = "") -> dict[str, str]:
    """The leaves of a document as texts by their paths."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if pairs is None:
        return {name: value if isinstance(value, str) else canonical(value)}
    return {k: v for key, one in pairs for k, v in _flat(one, f"{name}.{key}" if name else str(key)).items()}
