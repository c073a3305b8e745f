"""Every wire is known from its declared warm-up on: `need` bars, counted through timeframes and nodes."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from tests.promises import harness
from tests.promises.lanes import over
from tests.promises.programs import case_of
from tests.promises.random_graphs import described, random_validated_graph, reads
from tests.promises.test_programs import GRAPHS
from tests.sim.random_markets import random_market

from wickwork.graph.check import ValidatedGraph
from wickwork.graph.node import Node
from wickwork.graph.program import Program
from wickwork.graph.signature import Value
from wickwork.graph.types import Port, Surrounding
from wickwork.model.timeframe import HOUR


@cache
def always_answers(node: Node, settings: tuple[tuple[str, Value], ...]) -> bool:
    """Whether the node, alone, begins to answer on one certain bar and never stops, whatever finite numbers come in."""
    if reads(node) or node.verb or any(o.may_be_missing for o in node.outputs):
        return False
    if node.sparse or not node.arguments:
        return True
    values, n = dict(settings), 200
    noise = np.random.default_rng(1)
    bars = harness.market("any", harness.walk(n))
    begins = set()
    for trial in range(10):
        columns = [
            c if kind is Surrounding.MOMENT or k is None else _any_numbers(noise, kind, n, trial)
            for c, kind, k in _inputs(node, bars)
        ]
        plain = harness.plain_python(node)
        answers = (
            over(node, [columns], values, block=plain)
            if node.across
            else harness.run(node, columns or [bars.close], values, block=plain)
        )
        for answer in answers:
            known = np.isfinite(answer)
            begins.add(int(known.argmax()))
            if not known[known.argmax() :].all():
                return False
    return len(begins) == 1


def _inputs(node: Node, bars: harness.Market) -> Iterator[tuple[Any, Any, int | None]]:
    """Every input column: its values on that market, its kind, and a number unless it belongs to bars."""
    columns = iter(bars.columns(node))
    for k, (_, kind) in enumerate(node.arguments):
        if kind is Port.BARS:
            yield from ((next(columns), kind, None) for _ in range(5))
        elif isinstance(kind, Port) or kind is Surrounding.MOMENT:
            yield next(columns), kind, k


def _any_numbers(noise: np.random.Generator, kind: Any, n: int, trial: int) -> Any:
    if kind in (Port.CONDITION, Port.EVENT):
        return (noise.random(n) < (0.0, 1.0, 0.3)[trial % 3]).astype(np.float64)
    choices = (
        np.zeros(n),
        np.full(n, noise.choice((-3.0, 100.0, 1e6))),
        noise.normal(0.0, 1.0, n) * 10.0 ** noise.integers(-6, 6, n),
        noise.integers(-2, 3, n).astype(np.float64),
        100.0 + noise.normal(0.0, 1.0, n),
    )
    return choices[int(noise.integers(len(choices)))]


def ancestry(validated: ValidatedGraph, name: str) -> set[str]:
    """The node and all that feed it."""
    found, waiting = set(), {name}
    while waiting:
        found |= waiting
        waiting = {s for (target, _), (s, _) in validated.wired.items() if target in waiting} - found
    return found


def complete(validated: ValidatedGraph, seed: int, size: int = 260) -> tuple[Program, Mapping[str, Any]]:
    """Every wire on a market without holes, which begins anywhere in a slower bar."""
    r = random.Random(seed)
    market = random_market(r, size, "perpetual", gaps=False, finer=False, grid=0.25)
    market = replace(
        market, columns={name: list(market.close) for name in market.columns}
    )  # from outside, without holes
    market = replace(market, opened_at=[t + r.randrange(24) * HOUR for t in [market.opened_at[0]]])
    market = replace(market, opened_at=[market.opened_at[0] + i * HOUR for i in range(size)])
    made = replace(case_of("random 0 20"), key=f"complete {seed}", validated=validated, markets=(market,))
    machine = made.run(keep=True)
    return machine.program, machine.kept


def unknown_inputs(validated: ValidatedGraph, name: str) -> bool:
    """Whether an input that nothing is wired to has no value either: then the node may have none."""
    return any(
        (name, i.name) not in validated.wired and math.isnan(validated.literals[name].get(i.name, i.default))
        for i in validated.nodes[name].inputs
    )


def fits(validated: ValidatedGraph, name: str) -> bool:
    """Whether every slower bar before the node is made of whole ones. (Three hours cannot be made of 4h bars.)"""

    def length(slower: str) -> int:
        node = validated.nodes[slower]
        return int(max(p.number(validated.values[slower][p.name]) for p in node.parameters if p.timeframe))

    slower = [a for a in ancestry(validated, name) if validated.nodes[a].sparse]
    pairs = [(a, b) for a in slower for b in ancestry(validated, a) - {a} if validated.nodes[b].sparse]
    return all(length(a) > length(b) and length(a) % length(b) == 0 for a, b in pairs)


def warm_up_faults(validated: ValidatedGraph, seed: int) -> tuple[list[str], Counter[str]]:
    """Wires that are missing after their declared warm-up, or known before it, as far as that can be said at all.

    Said is: (1) from bar `need` on a wire is known, when it reads neither position nor account, no node before it was
    ever seen without an answer to finite numbers, and all of these are of a sane size (else a logarithm, a division
    or an overflow may rightly be missing). (2) Before it a series is missing, when only series, of the bars' own
    clock, lead to it (a condition is false before its warm-up, not missing, and a slower bar may come earlier than
    declared).
    """
    made, kept = complete(validated, seed)
    seen: Counter[str] = Counter()
    faults = []
    sane = {
        name
        for name in validated.nodes
        if all(
            (np.abs(kept[f"{name}.{o.name}"]) < 1e6).sum() == np.isfinite(kept[f"{name}.{o.name}"]).sum()
            for o in validated.nodes[name].outputs
            if f"{name}.{o.name}" in kept
        )
    }
    for wire, column in made.names.items():
        name = wire.partition(".")[0]
        if column.index < 0 or column.dynamic or column.index in made.constants:
            continue
        known = np.isfinite(kept[wire][0])
        before = ancestry(validated, name) - {"bars"}
        if fits(validated, name) and all(
            always_answers(validated.nodes[a], tuple(sorted(validated.values[a].items())))
            and a in sane
            and not unknown_inputs(validated, a)
            for a in before
        ):
            seen["known"] += column.warmup <= len(known)
            if not known[column.warmup - 1 :].all():
                faults.append(
                    f"{wire} ({validated.nodes[name].name}) is missing after its warm-up of {column.warmup} bars"
                )
        only_series = all(
            not validated.nodes[a].sparse
            and not any(i.may_be_missing for i in validated.nodes[a].inputs)
            and validated.nodes[a].arguments
            and all(i.port in (Port.SERIES, Port.BARS) for i in validated.nodes[a].inputs)
            for a in before
        )
        if only_series and column.port is Port.SERIES and column.warmup > 1:
            seen["missing"] += 1
            if known[: column.warmup - 1].any():
                faults.append(
                    f"{wire} ({validated.nodes[name].name}) is known before its warm-up of {column.warmup} bars"
                )
    return faults, seen


def warm_up_graphs() -> Iterator[tuple[int, ValidatedGraph]]:
    for seed in GRAPHS:
        yield seed, random_validated_graph(random.Random(seed), 14, 1)


def test_every_wire_has_its_declared_warm_up() -> None:
    seen: Counter[str] = Counter()
    with np.errstate(all="ignore"):
        for seed, validated in warm_up_graphs():
            faults, more = warm_up_faults(validated, seed)
            assert not faults, f"{seed}: {faults}\n{described(validated)}"
            seen += more
    print(dict(seen))  # noqa: T201
    assert seen["known"] > 2 * len(GRAPHS)
    assert seen["missing"] > len(GRAPHS)
