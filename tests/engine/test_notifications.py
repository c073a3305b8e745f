"""Messages that a strategy records: in a backtest, and in the journal of a run on paper that was killed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.live_cases import Paper
from wickwork import Bars, InputError, backtest, demo_bars, strategy, ta, trade
from wickwork.engine.journal_entries import OUTPUT, kind_of, output_from
from wickwork.graph.check import GraphFaults
from wickwork.market.demo import DEMO_START
from wickwork.model.messages import Notification, message_text, with_values
from wickwork.model.timeframe import DAY
from wickwork.nodes import builtin
from wickwork.store.journal import read_journal
from wickwork.strategies.load import Loaded
from wickwork.strategies.strategy import Strategy


def messages() -> Strategy:
    with strategy("messages") as s:
        average = ta.sma(s.bars.close, period=5)
        above = ta.crosses_above(s.bars.close, average)
        trade.notify(above, "{instrument} at {a:.2f}, average {b:,.1f}", a=s.bars.close, b=average, name="cross")
        late = ta.sma(s.bars.close, period=30)
        trade.notify(above, "slow {a}", a=late, level="warning", name="also")
        trade.buy(when=above, name="buy")
    return s


@pytest.fixture
def bars() -> list[Bars]:
    return [demo_bars(name, "1d", DEMO_START, DEMO_START + 60 * DAY) for name in ("BTC/USDT", "ETH/USDT")]


def test_a_run_lists_its_messages_in_order(bars: list[Bars]) -> None:
    s = messages()
    run = backtest(s, bars)
    rows = run.notifications
    assert list(rows.columns) == ["notified_at", "instrument", "node", "level", "text", "values"]
    assert rows["notified_at"].is_monotonic_increasing
    assert not rows.duplicated(["notified_at", "instrument", "node"]).any()
    first = rows.iloc[0]
    assert (first["node"], first["level"], first["text"]) == ("also", "warning", "slow missing")
    second = rows.iloc[1]
    assert (second["node"], second["level"], second["instrument"]) == ("cross", "info", first["instrument"])
    close = bars[[str(b.instrument) for b in bars].index(first["instrument"])]
    price = close.close[[int(t) for t in close.opened_at].index(first["notified_at"].value // 10**6)]
    assert second["text"].startswith(f"{first['instrument']} at {price:.2f}, average ")
    assert set(rows["instrument"]) == {"BTC/USDT", "ETH/USDT"}
    assert list(first["values"].values()) == [None]
    assert second["values"]["bars.close"] == price
    assert run.to_data()["notifications"][1]["values"] == second["values"]


def test_messages_place_nothing(bars: list[Bars]) -> None:
    with strategy("message only") as s:
        trade.notify(ta.weekday() == 0.0, "Monday", name="monday")
    run = backtest(s, bars)
    assert len(run.notifications) > 10
    assert len(run.fills) == len(run.history.denied) == 0
    assert "recorded a message" in str(run.explain(int(run.history.notifications["bar"][0])))


@pytest.mark.parametrize("reported", [False, True])
@pytest.mark.parametrize("where", ["before output", "after output", "after input", "after keep", "before input"])
def test_each_message_is_in_the_journal_once_also_after_kills(
    where: str, reported: bool, tmp_path: Path, bars: list[Bars]
) -> None:
    loaded = Loaded(messages().graph, builtin())
    paper = Paper(tmp_path, loaded, bars, reported=reported)
    for kill in (7, 3, 11, 2):
        paper.kill_at = counted(where, kill)
        paper.go()
    paper.kill_at = lambda where: False
    paper.go()
    found = [
        one
        for entry in read_journal(paper.journal)
        if kind_of(entry) == OUTPUT
        for one in output_from(entry.data).notifications
    ]
    run = backtest(messages(), bars)
    columns = ("instrument", "node", "level", "text")
    assert found == [Notification(*row) for row in run.notifications[list(columns)].itertuples(index=False)]
    assert len(found) > 10
    assert paper.replay() == []


def counted(where: str, many: int) -> Callable[[str], bool]:
    left = many

    def kill(at: str) -> bool:
        nonlocal left
        left -= at == where
        return left == 0

    return kill


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{e}", "place {e}, which is none of {a}, {b}, {c}, {d}, {instrument}"),
        ("{instrumnt}", "did you mean"),
        ("{a", "write {{ for a brace"),
        ("{a!r}", "place with `!`"),
        ("{a:>10}", "none of a number"),
        ("{instrument:.2f}", "none of a number"),
        ("{a.real}", "place {a.real}"),
        ("{}", "place {}"),
        (" ", "needs 1 to 500 characters"),
        ("x" * 501, "this one has 501"),
        ("bell\x07", "control character"),
        ("{a:{b}}", "none of a number"),
    ],
)
def test_wrong_messages_are_refused(text: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        message_text(text)
    assert words.lower() in str(error.value).lower()
    with strategy("wrong") as s:
        trade.notify(s.bars.close > 1.0, text, a=s.bars.close, b=s.bars.close)
    with pytest.raises(InputError) as fault:
        s.check()
    assert len(getattr(fault.value, "faults", [1])) == 1


def test_a_value_that_is_shown_must_be_wired() -> None:
    with strategy("unwired") as s:
        trade.notify(s.bars.close > 1.0, "{a} and {c}", a=s.bars.close, name="say")
    with pytest.raises(GraphFaults, match=r"say\.c: .*wire a series to it or give it a fixed value"):
        s.check()


def test_numbers_and_braces() -> None:
    values: dict[str, Any] = {"a": 64123.456789, "b": float("nan"), "c": -1e-7, "d": 0.5}
    text = "{{{a}}} {a:,.1f} {b:.2f} {c} {d:.0%} {instrument}"
    assert with_values(text, values, "X/Y") == "{64123.457} 64,123.5 missing -1e-07 50% X/Y"
