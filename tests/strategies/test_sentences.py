"""Strategies as sentences: what a trader reads of the examples, and nothing of a node is left out.

`python -m tests.strategies.test_sentences` writes the stored sentences anew; read what changed.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from tests.promises.random_graphs import random_validated_graph
from tests.strategies.every_node import other_parameters
from wickwork import InputError, Strategy, strategy, ta, trade
from wickwork.graph.check import ValidatedGraph, check
from wickwork.graph.document import Graph, NodeEntry, WireEntry
from wickwork.graph.node import node
from wickwork.graph.types import Condition, Port, Series
from wickwork.nodes import builtin
from wickwork.strategies.load import catalogue_of, load_strategy
from wickwork.strategies.sentences.explain import explained
from wickwork.strategies.sentences.words import setting_text

ROOT = Path(__file__).parents[2]
FOLDERS = {"examples": ROOT / "examples", "templates": ROOT / "src" / "wickwork" / "templates"}
GOLDEN = Path(__file__).parent / "golden" / "sentences.txt"
STORED = dict(re.findall(r"^# (\S+)\n(.*?)\n(?:\n|\Z)", GOLDEN.read_text("utf-8"), re.MULTILINE | re.DOTALL))


def sentences(s: Strategy) -> list[str]:
    return str(explained(s.check())).splitlines()


@pytest.mark.parametrize("name", STORED)
def test_strategies_read_as_stored(name: str) -> None:
    folder, _, stem = name.partition("/")
    file = FOLDERS[folder] / f"{stem}.py"
    if not file.exists():
        assert not FOLDERS[folder].exists()
        return
    assert str(explained(load_strategy(file).check())) == STORED[name]


def test_each_example_is_stored() -> None:
    graphs = {f.stem for f in FOLDERS["examples"].glob("*.py")} - {"frame_strategy", "portfolio"}
    assert {f"examples/{stem}" for stem in graphs} <= set(STORED)


def wired_apart(name: str, params: dict[str, object]) -> Graph:
    """The node under the id `it`, each input from a source of its own, and an action that reads all its outputs."""
    kind = builtin()[name]
    nodes = {"bars": NodeEntry("bars"), "it": NodeEntry(name, params)}
    wires = []
    for number, entry in enumerate(kind.inputs):
        source = f"in_{entry.name}"
        if entry.port is Port.BARS:
            nodes[source] = NodeEntry("bars_of", {"instrument": f"{'ABCDEFGH'[number]}X/USDT"})
            wires.append((source, "bars", "it", entry.name))
        elif entry.port is Port.ORDER:
            nodes |= {source: NodeEntry("enter_long"), "begin": NodeEntry("crosses_above")}
            wires += [
                ("bars", "close", "begin", "a"),
                ("bars", "open", "begin", "b"),
                ("begin", "value", source, "when"),
            ]
            wires.append((source, "order", "it", entry.name))
        else:
            nodes[f"c_{source}"] = NodeEntry("column", {"field": source})
            start = (f"c_{source}", "value")
            if entry.port is not Port.SERIES:
                nodes[source] = NodeEntry("changed")
                wires.append((*start, source, "source"))
                start = (source, "value")
            wires.append((*start, "it", entry.name))
    if not kind.verb:
        for output in kind.outputs:
            what, last = f"read_{output.name}", f"act_{output.name}"
            nodes[last] = NodeEntry("close_position")
            if output.port is Port.BARS:
                nodes |= {what: NodeEntry("doji")}
                wires.append(("it", output.name, what, "bars"))
            elif output.port is Port.SERIES:
                nodes |= {what: NodeEntry("crosses_above")}
                wires += [("it", output.name, what, "a"), ("bars", "open", what, "b")]
            else:
                nodes |= {what: NodeEntry("and"), f"other_{output.name}": NodeEntry("doji")}
                wires += [("it", output.name, what, "a"), ("bars", "bars", f"other_{output.name}", "bars")]
                wires.append((f"other_{output.name}", "value", what, "b"))
            wires.append((what, "value", last, "when"))
    return Graph(nodes, tuple(sorted(WireEntry(*one) for one in wires)))


@pytest.mark.parametrize("name", sorted(builtin()))
def test_every_node_mentions_its_inputs_and_its_parameters(name: str) -> None:
    if name in ("number", "always"):
        return  # a fixed value is mentioned where it is used; nothing that reads nothing else can trigger an action
    kind = builtin()[name]
    params = other_parameters(random.Random(name), kind)
    validated = check(wired_apart(name, params), builtin())
    whole = whole_text(validated)
    for number, entry in enumerate(kind.inputs):
        said = f"{'ABCDEFGH'[number]}X/USDT" if entry.port is Port.BARS else f"in_{entry.name}"
        said = said.replace("_", " ") if entry.port is Port.ORDER else said
        for text in whole:
            assert re.search(rf"\b{re.escape(said)}(?!\w| \d)", text), (entry.name, text)
    for one in kind.parameters:
        value = validated.values["it"][one.name]
        if value == one.default:
            continue
        if isinstance(value, bool) or (kind.verb and one.choices):
            try:
                plain = check(wired_apart(name, {**params, one.name: one.default}), builtin())
            except InputError:
                continue
            assert all(text != other for text, other in zip(whole, whole_text(plain), strict=True)), (one.name, whole)
        else:
            assert all(setting_text(one, value) in text for text in whole), (one.name, value, whole)


def whole_text(validated: ValidatedGraph) -> list[str]:
    """For each action that reads the node, or is it: its sentence and all definitions."""
    found = explained(validated)
    after = " ".join(text for _, text in found.definitions)
    return [f"{text} {after}" for action, text in found.actions if action == "it" or action.startswith("act_")]


def test_conditions_are_joined_with_the_right_precedence() -> None:
    with strategy("logic") as s:
        bars = s.bars
        a, b, c = bars.close > 1, bars.open > 2, bars.high > 3
        trade.close(when=a & b & c, name="c_1")
        trade.close(when=(a & b) | c, name="c_2")
        trade.close(when=a & (b | c), name="c_3")
        trade.close(when=~(a | b), name="c_4")
        trade.close(when=~a & ~~b, name="c_5")
        trade.close(when=ta.cool_down(a) & b, name="c_6")
        trade.close(when=~ta.k_of_n(a, b=b, c=c) & ~(a ^ b), name="c_7")
        trade.close(when=~ta.crosses_above(bars.close, 1) & ~ta.equal(bars.open, 2), name="c_8")
    when = [text.removeprefix("Closes the position when ").rstrip(".") for text in sentences(s)]
    a_text, b_text, c_text = "the close is above 1", "the open is above 2", "the high is above 3"
    assert when == [
        f"{a_text}, {b_text} and {c_text}",
        f"({a_text} and {b_text}) or {c_text}",
        f"{a_text} and ({b_text} or {c_text})",
        f"it is not true that ({a_text} or {b_text})",
        f"the close is not above 1 and {b_text}",
        f"({a_text}, but at most once in 10 bars) and {b_text}",
        f"it is not true that (at least 2 of ({a_text}; {b_text}; {c_text}) are true) and it is not true that (exactly "
        f"one of ({a_text}; {b_text}) is true)",
        "the close does not cross above 1 and the open does not equal 2",
    ]


def test_arithmetic_has_the_brackets_that_it_needs() -> None:
    with strategy("sums") as s:
        o, h, c = s.bars.open, s.bars.high, s.bars.close
        for number, value in enumerate(
            (
                h - (o - c),
                (h + o) * 3,
                h / (o * c),
                h * o / c,
                ta.sma(h - o, period=3),
                h * 0.99,
                1 * h,
                ta.floor(h) * 2,
            )
        ):
            trade.close(when=value > c, name=f"c_{number + 1}")
    found = [re.search("when (.*) is above", text)[1] for text in sentences(s)]  # type: ignore[index]
    assert found == [
        "the high − (the open − the close)",
        "3 × (the high + the open)",
        "the high / (the open × the close)",
        "the high × the open / the close",
        "the 3-bar SMA of (the high − the open)",
        "99 % of the high",
        "the high",
        "2 × (the high rounded down)",
    ]


def test_what_two_values_are_of_is_mentioned_once() -> None:
    with strategy("of") as s:
        close, low = s.bars.close, s.bars.low
        bands = ta.bollinger(close, period=9)
        pairs = [
            (ta.ema(close, period=5), ta.ema(close, period=9), "the 5-bar EMA of the close", "the 9-bar EMA"),
            (ta.ema(close, period=5), ta.ema(low, period=9), "the 5-bar EMA of the close", "the 9-bar EMA of the low"),
            (close, ta.ema(close, period=9), "the close", "its 9-bar EMA"),
            (low, ta.ema(close, period=9), "the low", "the 9-bar EMA of the close"),
            (close, bands.middle, "the close", "the middle of the Bollinger bands (9 bars)"),
        ]
        for number, (a, b, _, _) in enumerate(pairs):
            trade.close(when=ta.crosses(a, b), name=f"c_{number + 1}")
    found = [text.removeprefix("Closes the position when ").rstrip(".") for text in sentences(s)]
    assert found == [f"{a} crosses {b}" for _, _, a, b in pairs]


def test_what_is_used_several_times_is_mentioned_once() -> None:
    with strategy("shared") as s:
        trend = ta.greater(ta.ema(s.bars("4h").close, period=10), ta.ema(s.bars.close, period=30), name="the_trend")
        trade.buy(when=trend & (s.bars.close > 1))
        trade.close(when=~trend)
    text = sentences(s)
    assert text[0].endswith("when *the trend* is true and the close is above 1.")
    assert text[1] == "Closes the position when *the trend* is false."
    assert text[-1] == "*the trend* means that the 10-bar EMA of the 4h close is above the 30-bar EMA of the close."


def test_an_expression_that_a_drawing_repeats_is_one() -> None:
    with strategy("Repeated") as s:
        close, high = s.bars.close, s.bars.high

        def rising(**name: str) -> Any:
            average = ta.ema(close, period=21)
            return ta.and_(ta.crosses_above(close, average), ta.greater(high, ta.sma(high, period=50)), **name)

        trade.buy(when=rising(name="rising"), size=trade.percent_of_equity(50))
        trade.notify(when=rising(), message="rising")
        trade.close(when=ta.not_(rising()), name="end")
    texts = sentences(s)
    assert [text for text in texts if "21-bar EMA" in text] == [
        "*rising* means that the close crosses above its 21-bar EMA and the high is above its 50-bar SMA."
    ]
    assert sum("*rising* is true" in text for text in texts) == 2
    assert sum("*rising* is false" in text for text in texts) == 1


def test_a_value_compared_with_itself_is_known() -> None:
    with strategy("Known") as s:
        average = ta.ema(ta.highest(s.bars.high, period=20), period=21)
        order = trade.buy(when=ta.equal(average, average), size=trade.percent_of_equity(50), name="entry")
        number = ta.order_state(order).number
        trade.notify(when=ta.not_(ta.equal(number, number)), message="none yet")
        trade.notify(when=ta.greater(s.bars.high, s.bars.low) & ta.equal(s.bars.high, s.bars.low), message="both")
    text = "\n".join(sentences(s))
    assert "when the 21-bar EMA of the highest high in the last 20 bars is known" in text
    assert "when it is false that *entry* has placed an order, which never happens" in text
    assert "the high equals the low" in text


def test_a_list_of_conditions_is_not_cut_into_pieces() -> None:
    with strategy("list") as s:
        close = s.bars.close
        averages = [ta.ema(close, period=period) for period in (5, 9, 20, 50, 200)]
        up = close > averages[0]
        for one in averages[1:]:
            up = up & (close > one)
        trade.buy(when=up)
    text = sentences(s)
    assert len(text) == 2
    assert "5-bar EMA, the close is above its 9-bar EMA" in text[0]
    assert "50-bar EMA and the close is above its 200-bar EMA" in text[0]


def test_names_that_are_made_are_not_those_of_nodes() -> None:
    with strategy("names") as s:
        ta.ema(s.bars.close, name="condition_1")
        long = ta.ema(s.bars("4h").close, period=10) > ta.ema(s.bars.close, period=30)
        trade.buy(when=long)
        trade.close(when=~long)
    assert "when *condition 2* is true" in sentences(s)[0]


def test_a_value_and_an_action_have_different_names() -> None:
    with strategy("both") as s:
        trend = ta.greater(ta.ema(s.bars("4h").close, period=10), ta.ema(s.bars.close, period=30), name="my__entry")
        entry = trade.buy(when=trend, name="my_entry")
        trade.cancel(when=~trend, order=entry)
    text = sentences(s)
    assert text[0] == "*my entry*: Buys 95 % of equity when *my entry 2* is true."
    assert text[1] == "Cancels the working orders of *my entry* when *my entry 2* is false."


def test_a_long_chain_stays_short() -> None:
    with strategy("chain") as s:
        value = s.bars.close
        for number in range(2_000):
            value = value + (s.bars.open - float(number))
        trade.buy(when=value > 1.0)
    assert max(map(len, sentences(s))) < 400


def test_sizes_and_orders() -> None:
    with strategy("orders") as s:
        up, low = s.bars.close > s.bars.open, s.bars.low
        trade.buy(when=up, size=trade.quantity(1), limit=low, name="a_1", add=True)
        trade.buy(when=up, size=trade.quote(500), stop=low, limit=1, name="a_2", add=True)
        trade.short(when=up, size=trade.percent_of_cash(50), trail=trade.amount(5), trailing=trade.r(1), name="a_3")
        trade.reverse(when=up, size=trade.quote(500), stop_loss=trade.price(low))
        trade.close(when=up, percent=50, only="short")
        trade.place(when=up, side="buy", size=trade.quantity(2), order="market", time_in_force="fok", oco=3)
        trade.grid(when=up, size=trade.quote(50), spacing=trade.amount(2), centre=low, upper=9, direction="short")
        ta.place_order(up, order="market", size_as="quote", name="sizeless")
    text = sentences(s)
    assert text.pop(0) == (
        "Starts a grid of 5 limit orders to buy below the low and 5 to sell above it, 2 apart, each for 50 in quote "
        "currency, none of them above 9, when the close is above the open, unless a grid is running. It first sells "
        "short what its buy orders need, and never goes long."
    )
    assert text.pop(1) == "Places a market order to buy when the close is above the open (size as: quote)."
    up_text = "when the close is above the open"
    assert text[:6] == [
        f"Places a market order to buy 2 units {up_text}, as one of the orders of group 3, in which a fill of one "
        "cancels the others; it fills at once as a whole, or not at all.",
        f"Buys 1 unit by a limit order at the low {up_text}, also when such a position is held already.",
        f"Buys for 500 in quote currency by a stop-limit order with the trigger the low and the limit 1 {up_text}, "
        "also when such a position is held already.",
        f"Sells short 50 % of cash by a trailing stop, 5 behind the best price since then {up_text}, with a trailing "
        "stop 1 R behind the best price.",
        f"Reverses the position, with 500 in quote currency on the other side, {up_text}, with a stop loss at the low.",
        f"Closes 50 % of a short position {up_text}.",
    ]


def test_random_graphs_have_a_definition_of_each_name() -> None:
    for seed in range(40):
        found = explained(random_validated_graph(random.Random(seed)))
        text = str(found)
        actions = {name for name, _ in found.actions}
        said = {name.replace("_", " ") for name in actions} | {name for name, _ in found.definitions}
        assert set(re.findall(r"\*([^*]+)\*", text)) <= said
        assert max(map(len, text.splitlines())) < 3_000
        assert len(found.definitions) == len(set(found.definitions))


def test_distances_in_ranges() -> None:
    with strategy("ranges") as s:
        up = s.bars.close > s.bars.open
        trade.buy(when=up, stop_loss=trade.atr(2), name="a_1")
        trade.buy(when=up, stop_loss=trade.atr(2, period=7), trailing=trade.percent(5), name="a_2")
        trade.buy(when=up, stop_loss=trade.atr(2), atr=ta.atr(s.bars("4h")), trailing_after=trade.r(1), name="a_3",
                  trailing=trade.amount(5))  # fmt: skip
    found = [text.partition(", with ")[2] for text in sentences(s)[:3]]
    assert found == [
        "a stop loss 2 ATR below the entry.",
        "a stop loss 2 × (the 7-bar ATR) below the entry and a trailing stop 5 % behind the best price.",
        "a stop loss 2 × (the 14-bar ATR of the 4h bars) below the entry and a trailing stop 5 behind the best price, "
        "which follows from a price at 1 R on.",
    ]


def test_the_opposite_of_a_phrase_keeps_what_stands_in_brackets() -> None:
    with strategy("opposites") as s:
        known = ta.if_missing(s.bars.close > 3, False)
        trade.close(when=~known)
        trade.close(when=~ta.is_missing(s.bars.close))
        trade.close(when=~ta.condition_is_missing(s.bars.close > 3))
    assert sentences(s)[:3] == [
        "Closes the position when it is not true that (the close is above 3 (false where that is not known)).",
        "Closes the position when the close is not missing.",
        "Closes the position when it is not unknown whether the close is above 3.",
    ]


def test_the_opposite_of_a_phrase_with_two_verbs_is_not_that_of_one() -> None:
    @node(title="Within", group="own", phrase="{value} is above {low} and is below {high}")
    def within(value: Series, low: Series = 1.0, high: Series = 2.0) -> Condition:
        """Inside of both."""
        return (value > low) & (value < high)

    with strategy("two verbs") as s:
        trade.close(when=~within(s.bars.close))
    assert sentences(s)[0] == "Closes the position when it is not true that (the close is above 1 and is below 2)."


def test_a_leg_is_named_also_where_it_is_the_default() -> None:
    with strategy("legs") as s:
        entry = trade.buy(when=s.bars.close > 3, stop_loss=trade.percent(2), name="entry")
        trade.close(when=entry.leg("stop_loss").filled | ta.last_order().canceled)
    assert sentences(s)[1] == (
        "Closes the position when the stop loss of the orders of *entry* fills or the newest order has ended unfilled."
    )


def test_messages_are_quoted_as_they_are_and_hide_no_definition() -> None:
    with strategy("messages") as s:
        trend = ta.greater(ta.sma(s.bars.close, period=70), ta.sma(s.bars.open, period=700) * 3.0 + 5.0, name="trend")
        trade.notify(when=trend, message="a * b after 1 bars")
        trade.close(when=trend)
    found = sentences(s)
    assert found[0] == 'Records the message "a * b after 1 bars" when *trend* is true.'
    assert found[-1].startswith("*trend* means that ")


def test_a_graph_without_actions() -> None:
    with strategy("nothing") as s:
        ta.ema(s.bars.close)
    s.suggested_run = {"instrument": "BTC/USDT", "timeframe": "1h"}
    assert sentences(s) == ["It has no action, so it never trades.", "It was made for 1h bars of BTC/USDT."]


def test_nodes_of_ones_own_without_a_phrase(tmp_path: Path) -> None:
    """What reads orders, what takes a text, and conditions of several inputs: none of them is left out."""
    (tmp_path / "own.py").write_text(
        "from wickwork import node\nfrom wickwork.graph.types import Condition, OrderHandle, Series\n\n"
        '@node(title="Fill count", group="mine")\n'
        "def fills(order: OrderHandle, source: Series) -> Series:\n"
        '    """Fills."""\n    return source\n\n'
        '@node(title="RSI alike", group="mine")\n'
        'def alike(a: Series, b: Series, *, text: str = "") -> Condition:\n'
        '    """Alike."""\n    return a == b\n'
    )
    catalogue = catalogue_of([tmp_path / "own.py"])
    with strategy("own") as s:
        entry = trade.buy(when=s.bars.close > s.bars.open, name="my_entry")
        count = s.add(catalogue["fills"], (entry, s.bars.low), {})
        trade.close(when=s.add(catalogue["alike"], (count, s.bars.high), {"text": "a_b {c}"}))
    found = str(explained(check(s.graph, catalogue))).splitlines()
    assert found[0] == "*my entry*: Buys 95 % of equity when the close is above the open."
    assert found[1] == (
        "Closes the position when the RSI alike (the fill count (order: the orders of *my entry*; source: the low); "
        "the high) is true (text: a_b {c})."
    )


def test_a_phrase_names_what_the_node_has() -> None:
    def step(source: Series, *, period: int = 3) -> Series:
        """A node."""
        return source * period

    made = node(title="Mine", group="mine", phrase="mine of {source} ({period})")(step)
    assert made.phrases == (("value", "mine of {source} ({period})"),)
    with pytest.raises(InputError, match="'length'"):
        node(title="Mine", group="mine", phrase="mine of {length}")(step)
    with pytest.raises(InputError, match="output 'upper'"):
        node(title="Mine", group="mine", phrase={"upper": "mine"})(step)


def test_nodes_of_imported_files_have_sentences_too() -> None:
    with strategy("Imported") as s:
        close = s.bars.close
        crossed = ta.crosses_strictly_above(close, ta.sma(close, period=20))
        flat = ta.strict_and(ta.position_quantity() == 0, close > 100)
        trade.buy(when=ta.strict_and(crossed, flat))
    words = (
        "when the close crosses strictly above its 20-bar SMA, the quantity held equals 0 and the close is above 100"
    )
    assert words in str(explained(s.check()))


def _write_stored() -> None:
    texts = {}
    for folder, path in FOLDERS.items():
        for file in sorted(path.glob("[!_]*.py")):
            found = load_strategy(file)
            if found.frame_strategy is None and file.stem != "portfolio":
                texts[f"{folder}/{file.stem}"] = f"# {folder}/{file.stem}\n{explained(found.check())}\n"
    kept = {name: f"# {name}\n{text}\n" for name, text in STORED.items() if not FOLDERS[name.split("/")[0]].exists()}
    GOLDEN.write_text("\n".join((texts | kept).values()), encoding="utf-8")


if __name__ == "__main__":
    _write_stored()
