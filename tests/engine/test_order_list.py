"""The orders of a run as a list: client ids, states, times in ms; and the same in the rows of its journal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_faults import begun, fill
from tests.engine.test_late_fills import placed
from tests.engine.test_live import paper
from tests.engine.test_live_reported import busy
from wickwork.engine import live
from wickwork.engine.advance import advance
from wickwork.engine.bot import Bot
from wickwork.engine.journal_entries import INPUT, OUTPUT
from wickwork.engine.live import passed
from wickwork.engine.order_list import OrderStatus, orders_of
from wickwork.engine.paper.exchange import PaperExchange
from wickwork.market.stream import stream
from wickwork.model import events as e
from wickwork.store.journal import read_journal

HOUR = 3_600_000


def status(bot: Bot, order: str) -> OrderStatus:
    (found,) = [one for one in orders_of(bot) if one.client_id == order]
    return found


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    return begun(tmp_path / "bot")


def test_an_order_goes_from_in_flight_to_filled_with_its_times(bot: Bot) -> None:
    order = placed(bot)  # requested at 5
    assert (status(bot, order).state, status(bot, order).created_at) == ("in flight", 5)
    advance(bot, e.Accepted(at=17, order=order))
    found = status(bot, order)
    assert (found.state, found.accepted_at, found.changed_at, found.price) == ("working", 17, 17, None)
    advance(bot, fill(order=order, quantity=0.25, price=1_000.0, fill="a"))
    assert (status(bot, order).state, status(bot, order).filled) == ("partially filled", 0.25)
    advance(bot, e.Filled(at=29, **vars_of(order, 0.25, "b")))
    found = status(bot, order)
    assert (found.state, found.reason, found.filled, found.quantity) == ("filled", "filled", 0.5, 0.5)
    assert (found.created_at, found.accepted_at, found.changed_at) == (5, 17, 29)
    assert (found.instrument, found.side, found.kind, found.price) == ("BTC/USDT", "buy", "limit", 1_000.0)


def vars_of(order: str, quantity: float, name: str) -> dict[str, Any]:
    return {"order": order, "fill": name, "quantity": quantity, "price": 1_000.0, "fee": 0.0, "liquidity": "maker"}


@pytest.mark.parametrize(
    ("report", "state", "reason"),
    [
        (e.Rejected(at=9, order="", reason="too far from the market"), "rejected", "rejected by the venue"),
        (e.Rejected(at=9, order="", reason="denied by the risk gate"), "denied", "denied by the risk gate"),
        (e.Canceled(at=9, order="", reason="would have taken"), "canceled", "would have taken"),
        (e.Expired(at=9, order=""), "expired", "good-for over"),
    ],
)
def test_how_an_order_ends(report: e.OrderReport, state: str, reason: str, bot: Bot) -> None:
    order = placed(bot)
    advance(bot, type(report)(**{**vars(report), "order": order}))
    found = status(bot, order)
    assert (found.state, found.reason, found.filled, found.changed_at) == (state, reason, 0.0, 9)


def test_a_partly_filled_order_that_ends_keeps_what_was_filled_also_when_a_fill_comes_late(bot: Bot) -> None:
    order = placed(bot)
    advance(bot, e.Filled(at=7, **vars_of(order, 0.125, "a")))
    advance(bot, e.Expired(at=9, order=order))
    assert (status(bot, order).state, status(bot, order).filled) == ("expired", 0.125)
    advance(bot, e.Filled(at=8, **vars_of(order, 0.125, "b")))
    assert (status(bot, order).state, status(bot, order).filled) == ("expired", 0.25)
    advance(bot, e.Filled(at=8, **vars_of(order, 0.25, "c")))
    assert (status(bot, order).state, status(bot, order).filled) == ("filled", 0.5)


def test_a_saved_bot_lists_the_same_orders(bot: Bot, tmp_path: Path) -> None:
    order = placed(bot)
    advance(bot, e.Accepted(at=17, order=order))
    again = busy(tmp_path).bot()
    again.load(bot.save())
    assert orders_of(again) == orders_of(bot)
    assert len(orders_of(bot)) == 2


def test_orders_and_legs_of_a_run_are_reported_by_the_simulated_venue(tmp_path: Path) -> None:
    run = busy(tmp_path, 100)
    bot, venue = run.bot(), PaperExchange(run.start.universe, run.terms, name="run")
    answers: list[e.Report] = []
    seen = set()
    for event in stream(run.bars):
        reports = [*answers, *venue.take_bars(event)]
        while reports:
            reports += venue.send(passed(bot, advance(bot, reports.pop(0)))[0])
        answers = venue.send(passed(bot, advance(bot, event))[0])
        closed_at = event.opened_at + run.bars[0].timeframe.milliseconds
        assert {one.at for one in answers} <= {closed_at}, "the exchange answers when the bars have closed"
        found = orders_of(bot)
        seen |= {one.state for one in found}
        in_flight = {one.client_id for one in found if one.state == "in flight"}
        assert in_flight == {one.order for one in answers if isinstance(one, e.Accepted)}
        assert {one.client_id for one in found if one.state == "working"} | in_flight == set(venue.open_orders())
    assert seen >= {"in flight", "working", "filled", "canceled"}
    assert all(one.accepted_at is not None for one in found if one.state == "filled")
    assert len({one.client_id for one in found}) == len(found)


def killed_after(where: str, number: int) -> Any:
    left = iter([False] * (number - 1) + [True])
    return lambda here: here == where and next(left, False)


@pytest.mark.parametrize("lists", [True, False])
def test_an_order_that_was_sent_before_a_kill_is_unknown_until_the_venue_lists_or_reports_it(
    lists: bool, tmp_path: Path
) -> None:
    states: list[list[str]] = []

    async def looking(bot: Bot, feed: Any, ports: live.Ports, saved_bars: int) -> None:
        states.append([one.state for one in orders_of(bot)])
        await live.run(bot, feed, ports, saved_bars)
        states.append([one.state for one in orders_of(bot)])
        assert all(one.sent_at is not None for one in orders_of(bot))

    run = busy(tmp_path, run=looking)
    run.kill_at = killed_after("after send", 1)
    assert run.go() is None
    run.kill_at = lambda where: False
    if not lists:
        opened = run._venue

        def silent(first: str) -> Any:
            venue = opened(first)
            venue.open_orders = lambda: ()  # type: ignore[method-assign]
            return venue

        run._venue = silent  # type: ignore[method-assign]
    assert run.go() is not None
    assert states[1] == (["working"] if lists else ["unknown"])
    assert states[2][0] == "filled"
    assert "unknown" not in states[2]
    assert run.replay() == []


def test_a_venue_that_does_not_answer_in_time_leaves_the_order_unknown_until_it_reports(tmp_path: Path) -> None:
    seen: list[tuple[str, ...]] = []

    async def timing_out(bot: Bot, feed: Any, ports: live.Ports, saved_bars: int) -> None:
        send = ports.venue.send

        async def late(cause: Any, commands: Sequence[Any] = ()) -> None:
            await send(cause, commands)
            if commands:
                raise TimeoutError("no answer within 10 s")

        def on_outcome(outcome: Any) -> None:
            seen.append(tuple(one.state for one in orders_of(bot)))

        ports.venue.send = late  # type: ignore[method-assign]
        ports.venue.open_orders = lambda: ()  # type: ignore[method-assign]
        await live.run(bot, feed, live.Ports(**vars(ports) | {"on_outcome": on_outcome}), saved_bars)

    run = busy(tmp_path, run=timing_out)
    bot = run.go()
    assert bot is not None
    first = seen.index(("unknown",))
    assert seen[first + 1] in {("filled",), ("working",)} | {("filled", "working")}
    lines = [entry.data for entry in read_journal(run.journal) if entry.kind == "unanswered"]
    assert (lines[0]["orders"], lines[0]["reason"]) == (["run-1"], "no answer within 10 s")
    assert status(bot, "run-1").state == "filled"
    assert run.replay() == []


@pytest.mark.parametrize("reported", [False, True])
def test_rows_of_the_journal_have_client_ids_times_and_states(reported: bool, tmp_path: Path) -> None:
    run = busy(tmp_path) if reported else paper(tmp_path, count=120)
    assert run.go() is not None
    events: list[Any] = []
    rows: dict[str, list[dict[str, Any]]] = {"placed": [], "fills": [], "closed_orders": []}
    for entry in read_journal(run.journal):
        if entry.kind == INPUT:
            events.append(entry.data)
        elif entry.kind == OUTPUT:
            for name, found in rows.items():
                found += [row | {"event": events[-1]} for row in entry.data.get(name, ())]
    assert all(rows.values())
    for row in (row for found in rows.values() for row in found):
        data = row["event"]
        opened = data["opened_at"] if data["event"] == "BarsClosed" else data["fields"]["at"]
        closed = opened + HOUR if data["event"] == "BarsClosed" else opened
        assert row["at"] in (opened, closed)
        assert row["client_id"].startswith("run-")
    assert {row["state"] for row in rows["closed_orders"]} <= {"filled", "canceled"}
    assert [row["at"] for row in rows["placed"] if row["leg"] == ""] == [
        row["event"]["opened_at"] + HOUR for row in rows["placed"] if row["leg"] == ""
    ]
