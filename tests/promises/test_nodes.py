"""What every node of the catalogue promises. No node is named here: a new one is tested by being there.

A promise is a function that tries to break a node and tells what went wrong, or nothing. At the end deliberately broken
nodes show that each promise can be broken.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import harness
import numpy as np
import pytest
from harness import Block, Column, candidates, markets, run, same, strange, variants
from hypothesis import given, settings
from hypothesis import strategies as st

from wickwork.graph import native
from wickwork.graph.block import Shape
from wickwork.graph.kernel import block_function
from wickwork.graph.node import Node, node
from wickwork.graph.types import Bar, Between, ConditionOrMissing, Port, Series

NODES = harness.nodes()
MARKETS = markets(180)
SHORT = markets(90)
STRANGE = strange(90)
VALID = ("walk", "ticks", "flat", "silent", "alternating", "tiny")  # formulas have an answer on every one of their bars
N = 180
LONG = harness.market("long", harness.walk(6000))  # for what hardly ever happens
TOP = 1.7976931348623157e308  # anything above is infinite


# ---- the promises


def prefix(node: Node, block: Block | None = None) -> str:
    """The prefix of a run is the run of the prefix: no node sees what comes later."""
    for where in (MARKETS["walk"], MARKETS["gappy"], MARKETS["patchy"]):
        for values in variants(node):
            whole = run(node, where.columns(node), values, block=block)
            for n in (1, 2, 3, 41, 100, N - 1):
                part = run(node, [c[:n].copy() for c in where.columns(node)], values, block=block)
                if not same([c[:n] for c in whole], part):
                    return f"{values}: the first {n} bars alone give other answers than within {N}"
    return ""


def blocks(node: Node, block: Block | None = None) -> str:
    """Any split into blocks gives what the whole gives."""
    noise = np.random.default_rng(3)
    for where in (MARKETS["walk"], MARKETS["gappy"], MARKETS["patchy"], MARKETS["jump then flat"]):
        for values in variants(node):
            columns = where.columns(node)
            whole = run(node, columns, values, block=block)
            for _ in range(4):
                splits = np.sort(noise.integers(0, N, 6)).tolist()
                if not same(whole, run(node, columns, values, splits=splits, block=block)):
                    return f"{values}: blocks that end at {splits} give other answers than the whole"
    return ""


def bar_by_bar(node: Node, block: Block | None = None) -> str:
    """One bar at a time, as in live trading, gives what the whole history gives."""
    for where in (MARKETS["walk"], MARKETS["gappy"], MARKETS["patchy"], MARKETS["steps"]):
        for values in variants(node):
            columns = where.columns(node)
            if not same(
                run(node, columns, values, block=block), run(node, columns, values, splits=range(1, N), block=block)
            ):
                return f"{values}: bar by bar gives other answers than the whole"
    return ""


def plain(node: Node, block: Block | None = None) -> str:
    """Plain Python and machine code agree to the last bit, in the answers and in the memory, whatever comes in."""
    for where in [*SHORT.values(), *STRANGE.values()]:
        for values in variants(node):
            columns = where.columns(node)
            fast, slow = (
                harness.begin(node, values),
                harness.begin(node, values, block=block or block_function(Shape(node))),
            )
            if not same(fast.over(columns), slow.over(columns)):
                return f"{values} on {where.name}: plain Python gives other answers than machine code"
            if repr(fast.state.tolist()) != repr(slow.state.tolist()):
                return f"{values} on {where.name}: plain Python leaves another memory than machine code"
    return ""


def warm_up(node: Node, block: Block | None = None) -> str:
    """Nothing before the declared number of bars, an answer on each bar from there on; no condition is true before.

    Numbers that are declared as `SeriesOrMissing` may be missing later, too.
    """
    for name in VALID:
        for values in variants(node):
            columns = MARKETS[name].columns(node)
            answers = run(node, columns, values, block=block)
            if node.sparse:
                known = np.isfinite(answers)
                if not (known == known[0]).all():
                    return f"{values} on {name}: some outputs answer and others do not"
                continue
            need = node.warmup_bars(node.check(values))
            for port, column in zip(_ports(node), answers, strict=True):
                word = port.port in (Port.CONDITION, Port.EVENT)
                early, late = column[: need - 1], column[need - 1 :]
                if not (np.isnan(early) | (word & (early == 0.0))).all():
                    return f"{values} on {name}: {port.name} answers before its warm-up of {need} bars"
                if not (port.may_be_missing or np.isfinite(late).all()):
                    return f"{values} on {name}: {port.name} is missing after its warm-up of {need} bars"
    return ""


def ranges(node: Node, block: Block | None = None) -> str:
    """No output ever leaves its declared range, or is infinite; conditions are true or false."""
    for where in [*MARKETS.values(), *STRANGE.values()]:
        for values in variants(node):
            fault = _outside(node, run(node, where.columns(node), values, block=block))
            if fault:
                return f"{values} on {where.name}: {fault}"
    return ""


def missing(node: Node, block: Block | None = None) -> str:
    """A bar on which an input is missing that the node does not handle gives no answer and changes no memory."""
    if all(i.may_be_missing for i in node.inputs):
        return ""
    strict = {i.name for i in node.inputs if not i.may_be_missing}
    noise = np.random.default_rng(2)
    where = MARKETS["walk"]
    for values in variants(node):
        columns = [c.copy() for c in where.columns(node)]
        known = np.ones(N, dtype=bool)
        at = 0
        for name, kind in node.arguments:
            width = 5 if kind is Port.BARS else 1 if isinstance(kind, Port) or kind.value == "moment" else 0
            if name in strict:  # each wire has holes of its own, the first bar among them
                holes = np.append(True, noise.random(N - 1) < 0.15)
                known &= ~holes
                for column in columns[at : at + width]:
                    column[holes] = noise.choice([np.nan, np.inf, -np.inf])
            at += width
        with_holes = run(node, columns, values, block=block)
        without = run(node, [c[known] for c in columns], values, block=block)
        if not all(np.isnan(c[~known]).all() for c in with_holes):
            return f"{values}: an answer although an input is missing"
        if not same([c[known] for c in with_holes], without):
            return f"{values}: missing inputs change what comes after them"
    return ""


FILLING = {"if_missing", "if_condition_missing", "is_missing", "condition_is_missing"}
"""Nodes that are there to replace what is missing."""


def three_valued(node: Node, block: Block | None = None) -> str:
    """What a node answers although an input is missing, it answers whatever that input is; of conditions, it says all
    that can be said."""
    handled = [i for i in node.inputs if i.may_be_missing]
    if not handled or node.name in FILLING:
        return ""
    noise, complete = np.random.default_rng(4), all(i.port is not Port.SERIES for i in node.inputs) and not node.fields
    kinds = [kind for _, kind in node.arguments for _ in range(5 if kind is Port.BARS else 1)]
    for values in variants(node):
        columns = [c.copy() for c in MARKETS["patchy"].columns(node)]
        for i in range(60):
            now = [c[i : i + 1] for c in columns]
            if not any(np.isnan(c[0]) for c in now):
                continue
            at_hand = harness.begin(node, values, block=block)
            if i:
                at_hand.over([c[:i].copy() for c in columns])
            before = at_hand.state.copy()
            answers = [c[0] for c in at_hand.over([c.copy() for c in now])]
            ways: list[set[float]] = [set() for _ in answers]
            absent = [k for k, c in enumerate(now) if np.isnan(c[0])]
            for trial in range(max(12, 2 ** len(absent))):
                at_hand.state[:] = before
                filled = [c.copy() for c in now]
                for bit, k in enumerate(absent):
                    number = kinds[k] in (Port.SERIES, Port.BARS)
                    filled[k][0] = noise.normal(100.0, 30.0) if number else float(trial >> bit & 1)
                for way, column in zip(ways, at_hand.over(filled), strict=True):
                    way.add(column[0])
            for answer, way in zip(answers, ways, strict=True):
                if answer == answer and way != {answer}:
                    return f"{values}: answers {answer} at bar {i}, where a missing input may make it one of {way}"
                if complete and answer != answer and len(way) == 1:
                    return f"{values}: missing at bar {i}, where it is {way} whatever the missing input is"
    return ""


def parameters(node: Node, block: Block | None = None) -> str:
    """Every parameter reaches the machine code: another value gives other answers, somewhere."""
    for p in node.parameters:
        if p.type is str and not p.timeframe:
            continue
        seen = set()
        for where in (MARKETS["walk"], MARKETS["ticks"], MARKETS["steps"], STRANGE["around zero"], LONG):
            for value in candidates(node, p.name):
                seen.add(tuple(c.tobytes() for c in run(node, where.columns(node), {p.name: value}, block=block)))
            if len(seen) > 1:
                break
            seen.clear()
        else:
            return f"{p.name} changes nothing"
    return ""


def description(node: Node, block: Block | None = None) -> str:
    """Palette, forms and docs have all they need, as plain JSON; the defaults are allowed values."""
    try:
        text = json.dumps(node.describe(), allow_nan=False)
    except ValueError as error:
        return f"not plain JSON: {error}"
    if json.loads(text) != node.describe():
        return "not plain JSON: it comes back changed"
    if not (node.title and node.group and len(node.help) >= 5 and node.version >= 1):
        return "title, group, help or version is missing"
    names = [p.name for p in node.parameters] + [i.name for i in node.inputs]
    if len(set(names)) != len(names) or len({o.name for o in node.outputs}) != len(node.outputs):
        return "two inputs or parameters, or two outputs, have one name"
    if node.check({}) != {p.name: p.default for p in node.parameters}:
        return "a default is not written as a checked value is"
    for p in node.parameters:
        if p.type in (int, float) and not p.choices and not p.timeframe and p.between is None:
            return f"{p.name} has no range"
    for values in variants(node):
        checked = node.check(values)
        if node.warmup_bars(checked) < 1 or any(k < 0 for k in node.lengths(checked)):
            return f"{values}: warm-up below 1, or a window of negative length"
    return ""


PROMISES: dict[str, Callable[[Node], str]] = {
    f.__name__: f
    for f in (prefix, blocks, bar_by_bar, plain, warm_up, ranges, missing, three_valued, parameters, description)
}


def _ports(node: Node) -> list[Any]:
    return [o for o in node.outputs if o.port is not Port.BARS]


def _outside(node: Node, answers: tuple[Column, ...]) -> str:
    for port, column in zip(_ports(node), answers, strict=True):
        known = column[~np.isnan(column)]
        low, high = (port.between.low, port.between.high) if port.between else (-TOP, TOP)
        if not ((known >= low) & (known <= high)).all():
            return f"{port.name} leaves {low:g} … {high:g}: {known.min()!r} … {known.max()!r}"
        if port.port in (Port.CONDITION, Port.EVENT) and not np.isin(known, (0.0, 1.0)).all():
            return f"{port.name} is neither true nor false"
    return ""


# ---- the catalogue keeps them


@pytest.mark.parametrize("name", NODES)
@pytest.mark.parametrize("promise", PROMISES)
def test_node_keeps_promise(promise: str, name: str) -> None:
    fault = PROMISES[promise](NODES[name])
    assert not fault, f"{name}: {fault}"


def _halfway(node: Node, block: Block | None = None) -> list[tuple[harness.Run, list[Column], list[Column]]]:
    """Runs stopped half-way: the run, the columns still to come, and the answers that they give without the stop."""
    stopped = []
    for where, at in ((MARKETS["walk"], 97), (MARKETS["gappy"], 60), (MARKETS["patchy"], 60)):
        for values in variants(node):
            columns = where.columns(node)
            whole = run(node, columns, values, block=block)
            begun = harness.begin(node, values, block=block)
            begun.over([c[:at].copy() for c in columns])
            stopped.append((begun, [c[at:].copy() for c in columns], [c[at:] for c in whole]))
    return stopped


@pytest.fixture(scope="module")
def resumed() -> dict[str, list[bool]]:
    """For each node: whether its runs went on in a new process as if nothing had happened. One process for all."""
    stopped = [(name, *one) for name in NODES for one in _halfway(NODES[name])]
    answers = harness.go_on([harness.saved(begun, rest) for _, begun, rest, _ in stopped])
    equal: dict[str, list[bool]] = {name: [] for name in NODES}
    for (name, _, _, wanted), got in zip(stopped, answers, strict=True):
        equal[name].append(same(wanted, got))
    return equal


@pytest.mark.parametrize("name", NODES)
def test_node_goes_on_in_a_new_process(name: str, resumed: dict[str, list[bool]]) -> None:
    assert resumed[name]
    assert all(resumed[name])


numbers = st.one_of(
    st.floats(min_value=-1e12, max_value=1e12),
    st.sampled_from([0.0, -0.0, 1.0, 100.0, 100.1, 1e-12, math.nan]),
)


@settings(max_examples=250, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_any_series_in_any_blocks(data: st.DataObject) -> None:
    chosen = NODES[data.draw(st.sampled_from(sorted(NODES)))]
    close = np.array(data.draw(st.lists(numbers, min_size=1, max_size=60)), dtype=np.float64)
    splits = sorted(data.draw(st.lists(st.integers(0, len(close)), max_size=5)))
    values = data.draw(st.sampled_from(variants(chosen, longest=12)))
    columns = harness.market("any", close).columns(chosen)
    whole = run(chosen, columns, values)
    assert same(whole, run(chosen, columns, values, splits=splits))
    assert same(whole, run(chosen, columns, values, block=block_function(Shape(chosen))))
    assert not _outside(chosen, whole)


def test_the_catalogue_is_all_here() -> None:
    assert len(NODES) >= 50
    assert len({n.title for n in NODES.values()}) == len(NODES)


# ---- and the promises can be broken


class Mean(NamedTuple):
    total: float = 0.0
    seen: int = 0


@node(title="Correct", group="broken", warmup=lambda period: period)
def correct(
    memory: Mean, source: Series, *, period: Annotated[int, Between(1, 50)] = 5
) -> tuple[Mean, Annotated[Series, Between(-1e300, 1e300)]]:
    """The mean of everything so far, shown from `period` bars on. Nothing is wrong with it."""
    seen = memory.seen + 1
    total = memory.total + source
    return Mean(total, seen), total / seen if seen >= period else math.nan


@node(title="Narrow", group="broken", warmup=lambda period: period)
def narrow(
    memory: Mean, source: Series, *, period: Annotated[int, Between(1, 50)] = 5
) -> tuple[Mean, Annotated[Series, Between(0, math.inf)]]:
    """Says that it is never negative, and says so with an infinity, which JSON has not."""
    return Mean(memory.total, memory.seen + 1), source - 100.0 if memory.seen + 1 >= period else math.nan


@node(title="Deaf", group="broken")
def deaf(bar: Bar, *, period: Annotated[int, Between(1, 50)] = 5) -> Series:
    """Does not listen to its parameter."""
    return bar.close


_hidden: list[float] = []


@node(title="Hiding", group="broken")
def hiding(memory: Mean, source: Series) -> tuple[Mean, Series]:
    """Remembers in a place that is not saved."""
    _hidden.append(source)
    return Mean(0.0, memory.seen + 1), _hidden[-2] if len(_hidden) > 1 else source


@node(title="Rounding", group="broken")
def rounding(memory: Mean, source: Series) -> tuple[Mean, Series]:
    """Divides by zero without a guard: machine code goes on, plain Python does not."""
    return memory, source / memory.total


def peeking(
    state: int, inputs: int, outputs: int, params: int, offset: int, n: int, account: int, position: int, orders: int
) -> None:
    """A block function that answers with the next value where there is one."""
    x, y = native.floats(native.integers(inputs)[0]), native.floats(native.integers(outputs)[0])
    for i in range(offset, offset + n):
        y[i] = x[min(i + 1, offset + n - 1)]


def forgetting(state: int, *rest: int) -> None:
    """A block function that does not write its memory back."""
    kept = np.ctypeslib.as_array(native.floats(state), (len(correct.fields),))
    before = kept.copy()
    block_function(Shape(correct))(state, *rest)
    kept[:] = before


def test_a_correct_node_passes() -> None:
    assert {promise: f(correct) for promise, f in PROMISES.items()} == dict.fromkeys(PROMISES, "")


@pytest.mark.parametrize("error", [-1, 1])
def test_a_wrong_warm_up_is_caught(error: int) -> None:
    assert warm_up(dataclasses.replace(correct, warmup=lambda period: max(1, period + error)))


def test_a_peeking_node_is_caught() -> None:
    assert "first" in prefix(correct, peeking)
    assert "blocks" in blocks(correct, peeking)
    assert "bar by bar" in bar_by_bar(correct, peeking)


def test_a_memory_that_is_not_kept_is_caught() -> None:
    assert blocks(correct, forgetting)
    assert bar_by_bar(correct, forgetting)
    assert "memory" in plain(correct, forgetting)


def test_a_hidden_memory_is_caught() -> None:
    _hidden.clear()
    stopped = _halfway(hiding, block_function(Shape(hiding)))
    here = Path(__file__)
    answers = harness.go_on([harness.saved(begun, rest, file=here, name="hiding") for begun, rest, _ in stopped[:1]])
    assert not same(stopped[0][2], answers[0])
    honest = _halfway(correct, block_function(Shape(correct)))
    answers = harness.go_on([harness.saved(begun, rest, file=here, name="correct") for begun, rest, _ in honest])
    assert all(same(wanted, got) for (_, _, wanted), got in zip(honest, answers, strict=True))


def test_a_false_range_is_caught() -> None:
    assert "leaves" in ranges(narrow)


def test_a_deaf_parameter_is_caught() -> None:
    assert parameters(deaf) == "period changes nothing"


def test_other_machine_code_is_caught() -> None:
    assert "other answers" in plain(correct, block_function(Shape(dataclasses.replace(correct, step=_one_more))))
    with pytest.raises(ZeroDivisionError):
        plain(rounding)


def _one_more(memory: Mean, source: float, *, period: int) -> tuple[Mean, float]:
    kept, value = correct.step(memory, source, period=period)
    return kept, value * (1.0 + 2.0**-52)


def test_a_node_that_counts_missing_bars_is_caught() -> None:
    open_ = dataclasses.replace(correct, inputs=(dataclasses.replace(correct.inputs[0], may_be_missing=True),))
    assert missing(correct, block_function(Shape(open_)))


@node(title="Trusting", group="broken")
def trusting(a: ConditionOrMissing, b: ConditionOrMissing) -> ConditionOrMissing:
    """Takes what is missing for true."""
    return 0.0 if (a == 0.0) | (b == 0.0) else 1.0


@node(title="Silent", group="broken")
def silent(a: ConditionOrMissing, b: ConditionOrMissing) -> ConditionOrMissing:
    """Says nothing where one input decides."""
    return a * b


class Pair(NamedTuple):
    first: ConditionOrMissing
    second: ConditionOrMissing


@node(title="Half trusting", group="broken")
def half_trusting(
    a: ConditionOrMissing, b: ConditionOrMissing, c: ConditionOrMissing, d: ConditionOrMissing, e: ConditionOrMissing
) -> Pair:
    """Right in its first output; takes what is missing for true in its second."""
    return Pair(0.0 if a == 0.0 else a, 0.0 if e == 0.0 else 1.0)


def test_a_wrong_answer_to_missing_conditions_is_caught() -> None:
    assert "may make it" in three_valued(trusting)
    assert "may make it" in three_valued(half_trusting)
    right = dataclasses.replace(half_trusting, step=lambda a, b, c, d, e: Pair(a, e))
    assert not three_valued(right, block_function(Shape(right)))
    assert "whatever" in three_valued(silent)


def test_a_default_out_of_range_is_caught() -> None:
    wrong = dataclasses.replace(correct.parameters[0], between=None)
    assert "no range" in description(dataclasses.replace(correct, parameters=(wrong,)))
