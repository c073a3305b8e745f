"""What a portfolio keeps of the documents of its members."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from wickwork import InputError, Member, portfolio, strategy, ta, trade
from wickwork.graph.document import Graph, Part, from_text, to_text
from wickwork.graph.parts import join, part_graphs
from wickwork.strategies.portfolio import with_part


def dip(name: str = "Dip") -> Graph:
    with strategy(name) as s:
        trade.buy(when=ta.rsi(s.bars.close) < 30, size=trade.quantity(1))
    return replace(
        s.graph,
        notes="Buys what fell.\n\nNot on Mondays.",
        layout={
            "nodes": {"rsi": {"x": 40, "y": 80, "comment": "fourteen bars"}},
            "comments": {"c1": {"text": "Slow", "x": 0, "y": 0}},
            "groups": {"g1": {"title": "Entry", "members": ["rsi", "gone"]}},
            "zoom": 2,
        },
        interface={"params": [{"name": "length", "to": ["rsi.period"], "title": "Length"}]},
        suggested_run={"instrument": "BTC/USDT", "timeframe": "1h"},
    )


def plain() -> Graph:
    with strategy("") as s:
        trade.buy(when=ta.rsi(s.bars.close) < 30, size=trade.quantity(1))
    return s.graph


def test_joining_and_taking_apart_gives_the_same_graphs() -> None:
    given = {"a": dip(), "b": plain(), "c": dip("c")}
    joined = join("all", [(Part(name, "1h", ("BTC/USDT",)), graph) for name, graph in given.items()])
    assert part_graphs(joined) == given
    read = from_text(to_text(joined))
    assert part_graphs(read) == given
    assert to_text(read) == to_text(joined)
    assert join("all", list(zip(read.parts, part_graphs(read).values(), strict=True))) == joined


def test_what_is_not_logic_does_not_count_for_the_hash() -> None:
    part = Part("a", "1h", ("BTC/USDT",))
    bare = replace(dip("other"), notes="", layout={}, interface={}, suggested_run={})
    assert join("x", [(part, dip())]).hash() == join("x", [(part, bare)]).hash()


def test_a_part_that_is_replaced_brings_its_own_notes() -> None:
    both = portfolio(Member("a", dip(), "BTC/USDT", "1h"), Member("b", plain(), "BTC/USDT", "1h")).graph
    assert part_graphs(with_part(both, "b", replace(dip(), notes="new")))["b"].notes == "new"


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ([], "perhaps about"),
        ({"colour": "red"}, "The part a: about has name, interface"),
        ({"layout": 3}, "layout of about must be an object"),
        ({"name": None}, "name of about must be a text"),
        ({"layout": {"nodes": 3}}, "The part a: The nodes of the layout"),
        ({"suggested_run": {"venue": "x"}}, "The part a: The suggested run has"),
    ],
)
def test_a_wrong_form_is_named_with_its_part(about: Any, words: str) -> None:
    text = to_text(join("x", [(Part("a", "1h", ("BTC/USDT",)), plain())]))
    assert '"name": ""' in text
    with pytest.raises(InputError, match=words):
        from_text(text.replace('"about": {"name": ""}', f'"about": {json.dumps(about)}'))
