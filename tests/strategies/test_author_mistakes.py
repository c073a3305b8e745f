"""Mistakes of people who write strategies in Python: each is a sentence, and none changes what the graph does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wickwork import Member, Strategy, portfolio, strategy, ta, trade
from wickwork.graph.node import Node, node
from wickwork.graph.types import Bar, Series
from wickwork.model.errors import InputError
from wickwork.strategies.load import load_strategy
from wickwork.strategies.sentences.explain import explained
from wickwork.strategies.subgraph import subgraph


def average(source: Series) -> Any:
    return ta.ema(source)


def range_(bars: Bar) -> Any:
    return ta.atr(bars)


@pytest.mark.parametrize(("function", "wires", "name"), [(average, (5.0,), "number"), (range_, (), "bars")])
def test_a_sub_graph_does_not_replace_a_node_that_its_own_input_adds(
    function: Callable[..., Any], wires: tuple[Any, ...], name: str
) -> None:
    with strategy("s") as s, pytest.raises(InputError):
        subgraph(function)(*wires, name=name)
    assert all(entry.type != "subgraph" for entry in s.graph.nodes.values())


def test_a_sub_graph_called_like_a_fixed_value_gets_another_name() -> None:
    @subgraph
    def number(source: Series) -> Any:
        return ta.ema(source)

    with strategy("s") as s:
        trade.close(when=number(5.0) > number(6.0))
    assert {name: entry.type for name, entry in s.graph.nodes.items() if name.startswith("number")} == {
        "number": "number",
        "number_2": "subgraph",
        "number_3": "number",
        "number_4": "subgraph",
    }


def test_the_bars_of_another_instrument_are_not_taken_for_the_own_ones() -> None:
    with strategy("s") as s:
        s.bars_of("BTC/USDT", name="bars")
        with pytest.raises(InputError, match="the name of the strategy's own bars"):
            ta.sma(s.bars.close)


def test_orders_among_several_outputs_of_a_sub_graph_can_be_canceled_and_read() -> None:
    @subgraph
    def entry(source: Series) -> Any:
        return {"orders": trade.buy(when=source > 3, size=trade.quantity(1)), "up": source > 3}

    with strategy("s") as s:
        made = entry(s.bars.close)
        made.orders.cancel(when=made.orders.filled & made.up)
    s.check()


def test_two_orders_of_one_sub_graph_have_states_of_their_own() -> None:
    @subgraph
    def entries(source: Series) -> Any:
        up, down = source > 3, source < 3
        return {"long": trade.buy(when=up), "short": trade.short(when=down)}

    with strategy("s") as s:
        made = entries(s.bars.close)
        assert made.long.filled.node == made.long.price.node != made.short.filled.node
        assert made.long.leg("stop_loss").filled.node != made.short.leg("stop_loss").filled.node


def test_an_output_called_bars_that_is_none_is_a_plain_output() -> None:
    @subgraph
    def streak(source: Series) -> Any:
        return {"bars": ta.bars_true(source > 3), "up": source > 3}

    with strategy("s") as s:
        made = streak(s.bars.close)
        trade.close(when=made.up & (made.bars > 3))
        assert not callable(made)  # as the bars of a timeframe are
    s.check()


@pytest.mark.parametrize(("base", "digits"), [(10, 400), (-10, 401), (10, 5000)])
def test_a_whole_number_beyond_floats_is_refused(base: int, digits: int) -> None:
    size = base**digits
    with strategy("s") as s:
        for add in (
            lambda: s.bars.close > size,
            lambda: trade.buy(when=s.bars.close > 1, size=trade.quantity(size)),
            lambda: ta.ema(size),
        ):
            with pytest.raises(InputError, match="too large"):
                add()


@pytest.mark.parametrize("given", [{"name": 5}, {"instrument": ["BTC/USDT"]}, {"timeframe": 60}, {"start": None}])
def test_what_a_strategy_was_made_for_is_text(given: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=rf"{next(iter(given))}=…. is a text"):
        strategy(**given)


def using_itself(source: Series) -> Any:
    return subgraph(using_itself)(source)


def with_a_parameter_called_name(source: Series, *, name: str = "a") -> Any:
    return ta.ema(source)


def with_an_input_called_name(name: Series) -> Any:
    return ta.ema(name)


def with_an_annotation_that_fails(source: ta.nothing) -> Any:  # type: ignore[name-defined]
    return source


def with_an_annotation_that_is_no_expression(source: Series) -> Any:
    return source


with_an_annotation_that_is_no_expression.__annotations__["source"] = "two words"


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (using_itself, "does it use itself"),
        (with_a_parameter_called_name, "name= is the id of the node"),
        (with_an_input_called_name, "name= is the id of the node"),
        (with_an_annotation_that_fails, "an annotation cannot be read"),
        (with_an_annotation_that_is_no_expression, "an annotation cannot be read"),
    ],
)
def test_functions_that_are_no_sub_graph_are_refused(function: Callable[..., Any], message: str) -> None:
    with strategy("s") as s, pytest.raises(InputError, match=message):
        subgraph(function)(s.bars.close)


def test_a_sub_graph_may_use_itself_with_an_end() -> None:
    @subgraph
    def smooth(source: Series, *, times: int = 3) -> Any:
        return smooth(ta.ema(source), times=times - 1) if times > 0 else ta.ema(source)

    with Strategy("s") as s:
        trade.close(when=smooth(s.bars.close, times=4) > 3)
    s.check()


@pytest.mark.parametrize(
    ("options", "which"),
    [
        ({"limit": 5, "order": "market"}, "order="),
        ({"limit": 5, "price": 6}, "price="),
        ({"stop_loss": trade.percent(2), "stop_loss_as": "price"}, "stop_loss_as="),
        ({"stop_loss": trade.atr(2, period=20), "atr_period": 14}, "atr_period="),
        ({"size": trade.quantity(1), "size_as": "quote"}, "size_as="),
        ({"trail": trade.percent(2), "trail_as": "amount"}, "trail_as="),
        ({"take_profit": [trade.percent(1), trade.percent(2)], "take_profit_share": 10}, "take_profit_share="),
        ({"take_profit": [trade.percent(1), trade.percent(2)], "take_profit_2": trade.r(9)}, "take_profit_2:"),
        ({"take_profit": [None, trade.percent(2)]}, "take_profit:"),
    ],
)
def test_no_argument_of_an_entry_replaces_another(options: dict[str, Any], which: str) -> None:
    with strategy("s") as s, pytest.raises(InputError, match=which):
        trade.buy(when=s.bars.close > 3, **options)


@pytest.mark.parametrize(
    "place",
    [
        lambda when: trade.place(when=when, side="buy", size=trade.quote(5), size_as="quantity"),
        lambda when: trade.reverse(when=when, stop_loss=trade.percent(5), stop_loss_as="price"),
        lambda when: trade.grid(when=when, spacing=trade.percent(5), spacing_as="amount"),
        lambda when: trade.grid(when=when, until=when, size=trade.quote(5), size_as="quantity"),
        lambda when: trade.ladder(when=when, side="buy", spacing=trade.percent(5), spacing_as="amount"),
    ],
)
def test_no_argument_of_another_action_replaces_another(place: Callable[[Any], Any]) -> None:
    with strategy("s") as s, pytest.raises(InputError, match="given twice"):
        place(s.bars.close > 3)


def test_one_strategy_with_two_variables_is_one(tmp_path: Path) -> None:
    file = tmp_path / "twice.py"
    file.write_text(
        "from wickwork import strategy, trade\nwith strategy() as s:\n    trade.buy(when=s.bars.close > 1)\nfinal = s\n"
    )
    assert len(load_strategy(file).graph.nodes) > 0
    file.write_text(file.read_text() + "with strategy() as other:\n    trade.close(when=other.bars.close > 1)\n")
    with pytest.raises(InputError, match="several strategies; choose one of 's', 'other'"):
        load_strategy(file)


def test_a_portfolio_is_read_by_member() -> None:
    with strategy("up") as s:
        trade.buy(when=s.bars.close > 3, size=trade.quantity(1))
    both = portfolio(Member("slow", s, ["BTC/USDT", "ETH/USDT"], "4h"), Member("fast", s, "BTC/USDT", "1h"))
    assert [text for _, text in explained(both.check()).actions] == [
        "fast, 1h bars of BTC/USDT: Buys 1 unit when the close is above 3.",
        "slow, 4h bars of BTC/USDT and ETH/USDT: Buys 1 unit when the close is above 3.",
    ]


def own_node(name: str, factor: float) -> Node:
    @node(name=name, title="Mine", group="own")
    def times(source: Series) -> Series:
        """The value times a number."""
        return source * factor

    made: Node = times
    return made


def test_two_nodes_of_one_name_are_not_taken_for_the_same() -> None:
    one, other = own_node("mine", 1.0), own_node("mine", 2.0)
    with strategy("s") as s:
        one(s.bars.close)
        with pytest.raises(InputError, match="two nodes called 'mine'; the other one is used"):
            other(s.bars.close)
    with strategy("s") as s:

        @subgraph
        def inside(source: Series) -> Any:
            return other(source)

        one(s.bars.close)
        with pytest.raises(InputError, match="two nodes called 'mine'"):
            inside(s.bars.close)
    assert s.catalogue["mine"] is one


def test_a_node_called_like_one_of_wickwork_is_refused() -> None:
    with strategy("s") as s, pytest.raises(InputError, match="two nodes called 'ema'; the other one comes with"):
        own_node("ema", 1.0)(s.bars.close)
    assert "ema" not in s.graph.nodes
