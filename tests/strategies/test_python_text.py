"""Graphs as Python files: the file builds the same graph, whatever the graph, and is written as ruff formats it."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.promises.random_graphs import random_validated_graph
from tests.strategies.every_node import every_node_once
from wickwork import InputError, backtest, demo_bars, strategy, subgraph, ta, trade
from wickwork.graph.catalogue import Catalogue
from wickwork.graph.check import find_faults
from wickwork.graph.document import Graph, NodeEntry, WireEntry, from_text, to_text
from wickwork.graph.types import Series
from wickwork.nodes import builtin
from wickwork.strategies.load import Loaded, catalogue_of, load_strategy
from wickwork.strategies.python_text.write import python_file

ROOT = Path(__file__).parents[2]
NO_GRAPH = ("frame_strategy", "portfolio")
TEMPLATES = sorted((ROOT / "src" / "wickwork" / "templates").glob("[!_]*.py"))
EXAMPLES = [
    f for f in sorted((ROOT / "examples").glob("*.*")) if f.suffix in (".py", ".json") and f.stem not in NO_GRAPH
]
GOLDEN = [f for f in sorted((ROOT / "tests").rglob("*.json")) if '"wires"' in f.read_text("utf-8")[:100_000]]
CANNOT_RUN = ("filtered-2.json", "trend-1.json", "unknown_nodes.json")
RUFF = ["--isolated", "--line-length", "120"]


def exported(graph: Graph, folder: Path, catalogue: Catalogue | None = None, name: str = "exported.py") -> str:
    """The text, after it was loaded again: same graph, same text."""
    catalogue = catalogue or builtin()
    made = python_file(graph, catalogue, name)
    path = folder / name
    path.write_text(made.text, encoding="utf-8")
    again = load_strategy(path)
    assert again.check().graph.hash() == Loaded(graph, catalogue).check().graph.hash(), made.text
    assert (again.graph.name, again.graph.notes) == (graph.name, graph.notes)
    assert again.graph.suggested_run == graph.suggested_run
    text = re.sub(r"^    # .*\n", "", made.text, flags=re.MULTILINE)  # comments are lost when Python is run
    assert python_file(again.graph, again.catalogue, name).text == text
    return made.text


def as_ruff_formats(folder: Path) -> None:
    """All files of the folder are formatted, and have no fault by the default rules."""
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run(  # noqa: S603  # our own linter
            [Path(sys.executable).with_name("ruff"), *command, *RUFF, "--no-cache", folder],
            capture_output=True,
            text=True,
            cwd=folder,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.mark.parametrize("file", [*EXAMPLES, *TEMPLATES], ids=lambda f: f.name)
def test_examples(file: Path, tmp_path: Path) -> None:
    found = load_strategy(file)
    if file.stem == "user_node":
        (tmp_path / "user_node.py").write_bytes(file.read_bytes())
        found = load_strategy(tmp_path / "user_node.py")
    exported(found.graph, tmp_path, found.catalogue)
    exported(from_text(to_text(found.graph)), tmp_path, found.catalogue)
    as_ruff_formats(tmp_path)


@pytest.mark.parametrize("name", ["dca_grid", "scale_out", "grid"])
def test_the_same_trades(name: str, tmp_path: Path) -> None:
    found = load_strategy(ROOT / "examples" / f"{name}.py")
    exported(found.graph, tmp_path)
    bars = demo_bars("BTC/USDT", "1h").slice(0, 3_000)
    runs = [backtest(one, bars) for one in (found, tmp_path / "exported.py")]
    assert len(runs[0].fills) > 5
    assert runs[0].fills.equals(runs[1].fills)


def test_documents_of_the_tests(tmp_path: Path) -> None:
    for number, file in enumerate(GOLDEN):
        found = load_strategy(file)
        if find_faults(found.graph, found.catalogue):
            assert file.name in CANNOT_RUN
            continue
        exported(found.graph, tmp_path, name=f"golden_{number}.py")
    assert len(list(tmp_path.glob("*.py"))) >= 10
    as_ruff_formats(tmp_path)


def test_random_graphs(tmp_path: Path) -> None:
    for seed in range(150):
        exported(random_validated_graph(random.Random(seed)).graph, tmp_path, name=f"random_{seed}.py")
    as_ruff_formats(tmp_path)


def test_every_node_with_other_parameters(tmp_path: Path) -> None:
    r = random.Random(7)
    for name, graph in every_node_once(r):
        text = exported(graph, tmp_path, name=f"node_{name}.py")
        assert name.split("_")[0] in text or "trade." in text or any(sign in text for sign in "+-*/%<>=&|^~")
    as_ruff_formats(tmp_path)


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    with strategy("EMA cross", notes="Two averages.\n\nThe fast one leads.") as s:
        close = s.bars.close
        fast, slow = ta.ema(close, period=12), ta.ema(close, period=26)
        up = ta.crosses_above(fast, slow) & (close > slow)
        trade.buy(when=up, size=trade.percent_of_equity(95), stop_loss=trade.percent(2), take_profit=trade.r(3))
        trade.close(when=~up)
    assert exported(s.graph, tmp_path) == (
        '''"""Two averages.

The fast one leads."""

from wickwork import strategy, ta, trade

with strategy("EMA cross", notes=__doc__) as s:
    close = s.bars.close
    ema = ta.ema(close, period=12)
    ema_2 = ta.ema(close, period=26)
    crosses_above = ta.crosses_above(ema, ema_2)
    greater = close > ema_2
    and_ = crosses_above & greater
    trade.buy(when=and_, size=trade.percent_of_equity(95), stop_loss=trade.percent(2), take_profit=trade.r(3))
    trade.close(when=~and_)
'''
    )


BESIDE = "# The file mine.py defines nodes of your own; it must lie beside this one."
NAMES = [
    "s",
    "ta",
    "trade",
    "strategy",
    "max",
    "l",
    "I",
    "lambda",
    "close",
    "bars_2",
    "print",
    "ema_9",
    "number",
    "x" * 64,
]


@pytest.mark.parametrize("name", NAMES)
def test_ids_that_python_uses_otherwise(name: str, tmp_path: Path) -> None:
    with strategy("names") as s:
        if name != "bars_2":
            s.bars("4h")
        ta.ema(s.bars.close, name=name)
        other = ta.sma(s.bars.close, period=7)
    nodes = {**s.graph.nodes, "buy": NodeEntry("enter_long"), "over": NodeEntry("greater")}
    wires = (*s.graph.wires, WireEntry(name, "value", "over", "a"), WireEntry(other.node, "value", "over", "b"))
    exported(Graph(nodes, (*wires, WireEntry("over", "value", "buy", "when"))), tmp_path)
    as_ruff_formats(tmp_path)


def test_the_id_bars_may_be_that_of_another_node(tmp_path: Path) -> None:
    nodes = {"bars": NodeEntry("ema", {"period": 3}), "b": NodeEntry("bars"), "buy": NodeEntry("enter_long")}
    nodes |= {"over": NodeEntry("greater"), "range": NodeEntry("atr")}
    wires = [("b.close", "bars.source"), ("b.bars", "range.bars"), ("bars.value", "over.a"), ("range.value", "over.b")]
    exported(from_data_of(nodes, [*wires, ("over.value", "buy.when")]), tmp_path)


def from_data_of(nodes: dict[str, NodeEntry], wires: list[tuple[str, str]]) -> Graph:
    ends = [(*source.split("."), *target.split(".")) for source, target in wires]
    return Graph(nodes, tuple(sorted(WireEntry(*end) for end in ends)))


def test_minus_zero_is_zero(tmp_path: Path) -> None:
    with strategy("minus zero") as s:
        minus = ta.number(value=-0.0)
        same = ta.equal(s.bars.close, minus * minus, tolerance=-0.0)
        trade.close(when=same & (s.bars.close > -0.0))
    text = exported(s.graph, tmp_path)
    assert "-0" not in text


@pytest.mark.parametrize("notes", [0, None, False, 0.0, [], {}])
def test_notes_that_are_no_text_are_kept(notes: Any, tmp_path: Path) -> None:
    with strategy("notes") as s:
        trade.buy(when=s.bars.close > s.bars.open)
    exported(replace(s.graph, notes=notes), tmp_path)


TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=60),
    st.sampled_from(
        ['"', "'", '"""', "\\", '\\"', "{x}", "%s", "# no", '"+__import__("os").getcwd()+"', "é漢😀\u202e"]
    ),
)


@given(TEXTS, TEXTS, TEXTS)
@settings(max_examples=60, deadline=None)
def test_texts_stay_texts(name: str, notes: str, field: str) -> None:
    with strategy(name, notes=notes) as s:
        made = s.column(field)
        trade.buy(when=ta.crosses_above(s.bars.close, s.bars.open) & (made > 1.0))
    graph = replace(s.graph, interface={"texts": [name, {notes: field}]})
    try:
        made_file = python_file(graph, builtin())
    except InputError:
        return  # no name of a column
    scope: dict[str, Any] = {}
    exec(compile(made_file.text, "exported.py", "exec"), scope)  # noqa: S102  # that is what is tested
    known = {"s", "strategy", "ta", "trade", "and_", "column", "crosses_above", "greater"}
    assert set(scope) <= known | {"__builtins__", "__doc__"}
    again = scope["s"].graph
    assert (again.name, again.notes, again.interface) == (graph.name, graph.notes, graph.interface)
    assert again.nodes["column"].params == {"field": field}


def test_long_texts_are_formatted(tmp_path: Path) -> None:
    r = random.Random(3)
    letters = "ab \"'\\é漢\n"
    for number in range(40):
        notes = "".join(r.choices(letters, k=r.choice((5, 100, 118, 125, 300))))
        with strategy("n" * r.choice((1, 90, 100, 110, 118)), notes=notes) as s:
            trade.buy(when=s.bars.close > s.bars.open)
        s.interface = {
            "a": [1, 2.5, {"b": notes.replace("\n", " "), "c": [True, None]}],
            "long": ["x" * 50, "y" * 50, "z" * 50],
        }
        s.suggested_run = {"instrument": "BTC/USDT", "timeframe": r.choice(("1h", ""))}
        exported(s.graph, tmp_path, name=f"long_{number}.py")
    as_ruff_formats(tmp_path)


def test_what_trade_cannot_express_is_written_as_the_node(tmp_path: Path) -> None:
    """Inputs that their parameters leave unused: `trade` would refuse them or mean something else."""
    with strategy("odd") as s:
        up = ta.crosses_above(s.bars.close, s.bars.open)
        ta.enter_long(up, stop=s.bars.low, trailing=2.0, add=True, name="unused_inputs")
        ta.enter_long(up, order="stop", price=s.bars.high, size_as="quote", add=True, name="size_by_default")
        ta.close_position(up, name="percent_by_default")
        ta.place_order(up, name="no_size", order="market")
        ta.cancel_orders(up, legs=True)
    text = exported(s.graph, tmp_path)
    assert "ta.enter_long(" in text
    assert "ta.close_position(" in text
    assert "ta.place_order(" in text
    assert "trade.buy(" in text


def test_operators_only_where_they_mean_the_node(tmp_path: Path) -> None:
    with strategy("operators") as s:
        close = s.bars.close
        up = (
            ta.greater(1, close)
            & ta.less(2, 3)
            & ta.equal(close, 1, tolerance=0.5)
            & ta.not_(True)
            & ta.or_(True, False)
        )
        low = ta.between(ta.negate(4) * -(close - 2), 1 - close, ta.absolute(-(close + 0.0)))
        powers = ta.power(-2, close) + close**-2 + 2**close + ta.power(-close, 2) + (close - 1) ** (close + 1) > -0.0
        trade.buy(when=up & low & powers)
    exported(s.graph, tmp_path)
    as_ruff_formats(tmp_path)


def test_operators_inside_calls_are_executed_in_the_order_of_their_names(tmp_path: Path) -> None:
    with strategy("turned") as s:
        low, high = s.bars.low + 1.0, s.bars.high + 2.0
        trade.buy(when=ta.between(high, s.bars.close - 1.0, low), limit=ta.max(-low, high))
        trade.close(when=ta.between(s.bars.close * 3.0, high + 5.0, s.bars.open + 4.0))
        first, second = s.bars.volume % 2.0, s.bars.volume % 3.0
        trade.close(when=ta.between(s.bars.close, second, first))
    exported(s.graph, tmp_path)
    as_ruff_formats(tmp_path)


def test_nodes_named_by_number_stand_in_their_order(tmp_path: Path) -> None:
    with strategy("numbers") as s:
        first, second = ta.ema(s.bars.close, period=3), ta.ema(s.bars.close, period=5)
        trade.buy(when=ta.crosses_above(second, first))
    text = exported(s.graph, tmp_path)
    assert text.index("    ema = ta.ema(") < text.index("    ema_2 = ta.ema(")
    assert "name=" not in text


def test_like_wires_stand_in_order_until_one_is_left_out(tmp_path: Path) -> None:
    with strategy("many") as s:
        one, two, three = (s.bars.close > column for column in (s.bars.open, s.bars.low, s.bars.high))
        trade.buy(when=ta.all_of(one, two, three))
        trade.close(when=ta.any_of(one, two, d=three))
    text = exported(s.graph, tmp_path)
    assert "ta.all_of(greater, greater_2, greater_3)" in text
    assert "ta.any_of(greater, greater_2, d=greater_3)" in text


def test_a_node_of_ones_own_is_imported(tmp_path: Path) -> None:
    source = (ROOT / "examples" / "user_node.py").read_text("utf-8")
    (tmp_path / "mine.py").write_text(source, encoding="utf-8")
    found = load_strategy(tmp_path / "mine.py")
    made = python_file(found.graph, found.catalogue, "out.py")
    assert made.text.splitlines()[:4] == [
        "from wickwork import strategy, ta, trade",
        "",
        BESIDE,
        "from mine import efficiency",
    ]
    assert [one.name for one in made.imported] == ["mine.py"]
    with pytest.raises(InputError, match="from itself"):
        python_file(found.graph, found.catalogue, "mine.py")
    (tmp_path / "my-nodes.py").write_text(source, encoding="utf-8")
    found = load_strategy(tmp_path / "my-nodes.py")
    with pytest.raises(InputError, match="rename the file"):
        python_file(found.graph, found.catalogue, "out.py")


def test_comments_of_a_document_stand_above_what_they_are_about(tmp_path: Path) -> None:
    with strategy("commented") as s:
        close = s.bars.close
        fast, slow = ta.ema(close, period=5, name="fast"), ta.ema(close, period=9, name="slow")
        trade.buy(when=(fast > slow) & (close > 2.0), name="buy")
    layout = {
        "nodes": {
            "slow": {"x": 1.0, "comment": "Slow.\n\nfmt: off"},
            "number": {"comment": "Two."},
            "gone": {"comment": "-"},
        },
        "comments": {"c": {"text": 'Only in a trend"""\r\n\u202e' + "long " * 30}},
        "groups": {"g": {"title": "Entry", "members": ["slow", "buy", "gone"]}},
    }
    made = python_file(replace(s.graph, layout=layout), builtin())
    assert made.text.splitlines()[2:] == [
        'with strategy("commented") as s:',
        '    # Only in a trend"""',
        "    # \\u202e" + " ".join(["long"] * 19),
        "    # " + " ".join(["long"] * 11),
        "    close = s.bars.close",
        '    fast = ta.ema(close, period=5, name="fast")',
        "    # Entry",
        "    # Slow.",
        "    #",
        "    # fmt: off",
        '    slow = ta.ema(close, period=9, name="slow")',
        "    greater = fast > slow",
        "    # Two.",
        "    greater_2 = close > 2",
        "    and_ = greater & greater_2",
        '    trade.buy(when=and_, name="buy")',
    ]
    assert "positions" in made.left_out[0]
    (tmp_path / "commented.py").write_text(made.text, encoding="utf-8")
    assert load_strategy(tmp_path / "commented.py").check().graph.hash() == s.check().graph.hash()


def test_sub_graphs_are_written_out(tmp_path: Path) -> None:
    @subgraph
    def trend(source: Series, *, fast: int = 12) -> Any:
        return ta.ema(source, period=fast, name="fast") > ta.ema(source, name="slow")

    with strategy("packed") as s:
        trade.buy(when=ta.becomes_true(trend(s.bars.close, fast=9)))
    text = exported(s.graph, tmp_path)
    assert '    trend__fast = ta.ema(close, period=9, name="trend__fast")' in text.splitlines()
    assert "node by node" in python_file(s.graph, builtin()).left_out[0]
    as_ruff_formats(tmp_path)


def test_names_that_only_documents_can_have(tmp_path: Path) -> None:
    """A parameter called name has no place in a call; an instrument in small letters is not what `s.bars_of` writes."""
    with strategy("small") as s:
        other = ta.bars_of(instrument="eth/usdt", name="other")
        trade.buy(when=other.close > s.bars.close)
    assert 'ta.bars_of(instrument="eth/usdt", name="other")' in exported(s.graph, tmp_path)
    (tmp_path / "odd.py").write_text(
        "from wickwork import node\nfrom wickwork.graph.types import Series\n\n"
        '@node(title="Odd", group="mine")\ndef odd(source: Series, *, name: int = 3) -> Series:\n'
        '    """Odd."""\n    return source * name\n'
    )
    odd = catalogue_of([tmp_path / "odd.py"])
    nodes = {**s.graph.nodes, "odd": NodeEntry("odd", {"name": 4})}
    graph = Graph(nodes, (*s.graph.wires, WireEntry("bars", "open", "odd", "source")))
    with pytest.raises(InputError, match="called name"):
        python_file(graph, odd)
    assert "= odd(s.bars.open)" in python_file(graph.with_params({"odd.name": 3}), odd).text


def test_an_imported_name_that_the_file_needs_otherwise_is_changed(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(
        "from wickwork import node\nfrom wickwork.graph.types import Series\n\n\n"
        '@node(title="Trade", group="mine", name="mine")\ndef trade(source: Series) -> Series:\n'
        '    """Odd."""\n    return source\n'
    )
    catalogue = catalogue_of([tmp_path / "odd.py"])
    with strategy("renamed") as s:
        trade.buy(when=s.add(catalogue["mine"], (s.bars.close,), {"name": "trade_"}) > s.bars.open)
    text = exported(s.graph, tmp_path, catalogue)
    assert "from odd import trade as trade_\n" in text
    assert '    trade__ = trade_(s.bars.close, name="trade_")\n' in text
    as_ruff_formats(tmp_path)


def test_the_order_of_a_document_does_not_matter(tmp_path: Path) -> None:
    found = load_strategy(ROOT / "examples" / "dca_grid.py").graph
    turned = Graph(dict(reversed(found.nodes.items())), tuple(reversed(found.wires)), found.name)
    assert python_file(turned, builtin()).text == python_file(found, builtin()).text


def test_long_chains_and_wide_graphs(tmp_path: Path) -> None:
    with strategy("chain") as s:
        value = s.bars.close
        for _ in range(3_000):
            value = value + 1.0
        trade.buy(when=value > s.bars.open)
    exported(s.graph, tmp_path)


def test_a_node_is_not_replaced_by_one_that_it_adds_itself() -> None:
    with strategy("same name") as s, pytest.raises(InputError, match="number"):
        ta.greater(s.bars.close, 5, name="number")
    with strategy("bars") as s, pytest.raises(InputError, match="bars"):
        ta.atr(name="bars")
