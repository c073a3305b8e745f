"""A run on paper: killed wherever it can be killed, it goes on as if nothing had been, and its replay shows it."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.live_cases import Killed, Paper
from wickwork import Terms, demo_bars
from wickwork.engine import live
from wickwork.engine.advance import advance
from wickwork.engine.backtest import run_history
from wickwork.engine.bot import Bot
from wickwork.engine.fast_clock import FastClock
from wickwork.engine.journal_entries import INPUT, OUTPUT, input_data, output_data, output_from
from wickwork.engine.window import Universe
from wickwork.graph.parts import lanes_of
from wickwork.graph.program import plan
from wickwork.market.demo import DEMO_START
from wickwork.market.stream import stream
from wickwork.model.bars import Bars
from wickwork.model.errors import WickworkError
from wickwork.model.events import BarsClosed
from wickwork.model.outside import with_other_bars
from wickwork.model.timeframe import HOUR
from wickwork.orders.records import DENIALS
from wickwork.store.journal import Journal, read_journal
from wickwork.strategies.frame_run import with_signals
from wickwork.strategies.load import Loaded, load_strategy
from wickwork.venues.paper import PaperVenue, message_of

EXAMPLES = Path(__file__).parents[2] / "examples"
EVERY = sorted(path for path in EXAMPLES.iterdir() if path.suffix in (".py", ".json"))
NAMES = {
    "bollinger_long_short.py": ["BTC/USDT:USDT"],
    "universe_momentum.py": ["BTC/USDT", "ETH/USDT", "SOL/USDT"],
    "pairs.py": ["BTC/USDT:USDT", "ETH/USDT:USDT"],
    "bitcoin_filter.py": ["ETH/USDT"],
    "portfolio.py": ["BTC/USDT", "ETH/USDT"],
}
READ_ONLY = {"bitcoin_filter.py": ["BTC/USDT"]}
BARS = 400
START = DEMO_START + 30 * 24 * HOUR


def bars_of(file: str, count: int, timeframe: str = "1h") -> list[Bars]:
    return [demo_bars(name, timeframe, START, START + count * HOUR) for name in NAMES.get(file, ["BTC/USDT"])]


def paper(folder: Path, file: str = "ema_cross.py", count: int = 300, **options: Any) -> Paper:
    read = [demo_bars(name, "1h", START, START + count * HOUR) for name in READ_ONLY.get(file, [])]
    loaded = load_strategy(EXAMPLES / file)
    strategy, bars = with_signals(loaded, lanes_of(loaded.graph, with_other_bars(bars_of(file, count), read)))
    return Paper(folder, strategy, bars, **options)


@pytest.mark.parametrize("file", EVERY, ids=lambda path: path.name)
def test_an_example_killed_anywhere_does_what_its_backtest_does(file: Path, tmp_path: Path) -> None:
    r = random.Random(file.name)
    kills: Counter[str] = Counter()

    def kill_at(where: str) -> bool:
        killed = r.random() < 0.015
        kills[where] += killed
        return killed

    run = paper(tmp_path, file.name, BARS, kill_at=kill_at)
    run.finer = bars_of(file.name, BARS, "15m")
    while (bot := run.go()) is None:
        assert sum(kills.values()) < 300
    assert sum(kills.values()) >= 10
    assert run.replay() == []
    history = run_history(bot.machine.program, run.bars, run.terms, {b.instrument: b for b in run.finer})
    told = {outcome.bar: outcome for outcome in run.told}
    done = [entry.data for entry in read_journal(run.journal) if entry.kind == OUTPUT]
    assert [data["bar"] for data in done] == list(range(BARS))
    assert [data["equity"] for data in done] == history.equity.tolist()
    assert [row for data in done for row in output_from(data).fills] == [tuple(row) for row in history.fills.tolist()]
    assert len(history.fills) >= 2
    heard = list(read_journal(tmp_path / "venue.jsonl"))
    assert len(heard) - 1 == sum(bool(data.keys() & {"placed", "closed_orders", "fills"}) for data in done)
    assert all(outcome.equity == history.equity[bar] for bar, outcome in told.items())


STEPS = ["before input", "after input", "before output", "after output", "after send", "after keep"]


@pytest.mark.parametrize("where", STEPS)
def test_killed_at_every_step_of_every_bar(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One kill at that step of each bar in turn: whatever was half done is done once."""
    monkeypatch.setattr(live, "SAVE_EVERY", 4)
    passed = Counter[str]()
    state = {"next": 1}

    def kill_at(here: str) -> bool:
        if here != where:
            return False
        passed[here] += 1
        if passed[here] >= state["next"]:
            state["next"] = passed[here] + 2
            return True
        return False

    run = paper(tmp_path, count=80, kill_at=kill_at)
    busy = run.strategy.graph.with_params({"fast.period": 2, "slow.period": 4})
    run.strategy = Loaded(busy, run.strategy.catalogue)
    lives = 1
    while run.go() is None:
        lives += 1
    assert lives > 10
    assert run.replay() == []


def test_a_saved_state_spares_hearing_all_bars_again(tmp_path: Path) -> None:
    run = paper(tmp_path, count=100)
    assert run.go() is not None
    run.bars = bars_of("ema_cross.py", 103)
    bot = run.bot()
    saved = json.loads((tmp_path / "state.json").read_text())
    bot.load(saved["bot"])
    assert bot.bars == 100
    assert run.go() is not None
    assert run.replay() == []


def test_funding_moments_are_forgotten_once_all_have_passed_them() -> None:
    """Or a bot would grow with every eight hours; that numbering goes on is held by tests/promises/test_live.py."""
    strategy = load_strategy(EXAMPLES / "bollinger_long_short.py")
    bars = bars_of("bollinger_long_short.py", 400)
    market = Universe((bars[0].instrument,), bars[0].timeframe)
    bot = Bot(plan(strategy.check(), market.timeframe), market, Terms())
    for event in stream(bars):
        advance(bot, event)
        assert len(bot.window.funding) <= 2
    assert bot.window.funding_before >= 400 // 8 - 2


# ---- planted faults: each is told


async def _journal_after(bot: Bot, feed: Any, ends: live.Ports, saved_bars: int) -> None:
    """A run that writes down what it heard only after it has acted on it."""
    for event in feed:
        bar = bot.bars
        outcome = advance(bot, event)
        last = ends.journal.last
        assert last is not None
        told = type(last)(last.number + 2, OUTPUT, 0, output_data(outcome), "0" * 16)
        await ends.venue.send(told)
        ends.journal.append(INPUT, input_data(bar, event))
        ends.journal.append(OUTPUT, output_data(outcome))


def test_a_journal_written_after_the_act_is_found(tmp_path: Path) -> None:
    """A message that was sent before its line was written: the run is refused, and its replay shows the message."""
    run = paper(tmp_path, count=300, run=_journal_after, kill_at=lambda where: where == "after send")
    assert run.go() is None
    run.kill_at = lambda where: False
    with pytest.raises(WickworkError, match="venue's statement"):
        run.go()
    found = run.replay()
    assert any("message" in one.what and one.recorded == "no line that it came from" for one in found)


def _tampered_state(folder: Path, change: Callable[[Any], None]) -> None:
    path = folder / "state.json"
    saved = json.loads(path.read_text())
    change(saved["bot"])
    path.write_text(json.dumps(saved))


TAMPERED: dict[str, Callable[[Any], None]] = {
    "cash": lambda bot: bot["machine"]["account"]["cash"].__setitem__(0, bot["machine"]["account"]["cash"][0] + 1000.0),
    "next id": lambda bot: bot["machine"]["account"]["next_id"].__setitem__(0, 10**15),
    "count of orders": lambda bot: bot["machine"]["lanes"]["count"].__setitem__(0, 10**9),
    "memory of nodes": lambda bot: bot["machine"]["states"].__setitem__(0, 1.5),
    "bars": lambda bot: bot["machine"].__setitem__("done", 7),
    "last price": lambda bot: bot["window"]["values"].__setitem__(0, 1.0),
    "last range": lambda bot: bot["window"]["average_range"].__setitem__(0, 1.0),
    "nothing left": lambda bot: bot.clear(),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_saved_state_that_was_changed_is_not_used(what: str, tmp_path: Path) -> None:
    run = paper(tmp_path, count=60)
    assert run.go() is not None
    _tampered_state(tmp_path, TAMPERED[what])
    run.bars = bars_of("ema_cross.py", 70)
    bot = run.go()
    assert bot is not None
    assert run.resumed is not None
    assert run.resumed.run_again == 60
    assert "not the one that the journal names" in run.resumed.note
    assert bot.bars == 70
    assert run.replay() == []


def test_a_run_that_goes_on_with_another_engine_runs_all_bars_again_and_writes_it_down(tmp_path: Path) -> None:
    run = paper(tmp_path, count=60)
    assert run.go() is not None
    run.code = {"engine": "another", "nodes": {}}
    for again in (60, 0):  # once is enough: the next saved state is of the new engine
        run.bars = bars_of("ema_cross.py", len(run.bars[0]) + 5)
        assert run.go() is not None
        assert run.resumed is not None
        assert run.resumed.run_again == again
    written = [entry.data["engine"] for entry in read_journal(run.journal) if entry.kind == "engine"]
    assert written == ["another"]
    assert run.replay() == []


def test_the_state_is_saved_after_so_many_bars_of_the_run_not_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SAVE_EVERY", 40)
    monkeypatch.setattr(live, "_save", _unless_killed(live._save))
    seen = {"outputs": 0}

    def kill_at(where: str) -> bool:
        seen["outputs"] += where == "after output"
        return where == "after output" and seen["outputs"] % 15 == 0

    run, again = paper(tmp_path, count=200, kill_at=kill_at), []
    while run.go() is None:
        assert run.resumed is not None
        again.append(run.resumed.run_again)
    assert len(again) > 10
    assert max(again) < 60
    assert run.replay() == []


def _unless_killed(save: Callable[..., int]) -> Callable[..., int]:
    """No state is saved by a process on its way out of a kill."""

    def saving(bot: Bot, ports: live.Ports) -> int:
        if isinstance(sys.exc_info()[1], Killed):
            return bot.bars
        return save(bot, ports)

    return saving


def test_every_send_comes_after_the_disk_has_the_line_that_caused_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fsync has returned for is on the disk; a line beyond that is not."""
    run, on_disk, sends = paper(tmp_path, count=200), {"size": 0}, []
    real = os.fsync

    def fsync(file: int) -> None:
        real(file)
        if run.journal.exists() and os.path.samestat(os.fstat(file), run.journal.stat()):
            on_disk["size"] = run.journal.stat().st_size

    send = PaperVenue.send

    async def checked(venue: PaperVenue, cause: Any, commands: Any = ()) -> None:
        if cause.number > venue.last_line and message_of(cause.data):
            sends.append(on_disk["size"] == run.journal.stat().st_size)
        await send(venue, cause, commands)

    monkeypatch.setattr(PaperVenue, "send", checked)
    monkeypatch.setattr(os, "fsync", fsync)
    assert run._go() is not None
    assert len(sends) > 3
    assert all(sends)


@pytest.mark.parametrize("lines", [1, 2, 3, 10])
def test_a_journal_cut_behind_what_was_sent_is_refused_and_nothing_is_sent(lines: int, tmp_path: Path) -> None:
    run = paper(tmp_path, count=300)
    assert run.go() is not None
    (tmp_path / "state.json").unlink()
    statement = (tmp_path / "venue.jsonl").read_bytes()
    last = list(read_journal(tmp_path / "venue.jsonl"))[-1].data["cause_line"]
    kept = run.journal.read_bytes().splitlines(keepends=True)[: last + 1 - lines]
    run.journal.write_bytes(b"".join(kept))
    with pytest.raises(WickworkError, match="venue's statement"):
        run.go()
    assert (tmp_path / "venue.jsonl").read_bytes() == statement


@pytest.mark.parametrize("how", ["doubled", "lost"])
def test_a_message_that_was_doubled_or_lost_is_found_by_replay(how: str, tmp_path: Path) -> None:
    run = paper(tmp_path, count=300)
    assert run.go() is not None
    path = tmp_path / "venue.jsonl"
    messages = list(read_journal(path))
    path.unlink()
    at = len(messages) // 2
    changed = [*messages[:at], *([messages[at]] * 2 if how == "doubled" else []), *messages[at + 1 :]]
    with Journal(path) as statement:
        for message in changed:
            statement.append(message.kind, message.data, durable=False)
    found = run.replay()
    assert [one.replayed for one in found] == (["two of them"] if how == "doubled" else ["nothing"])


def test_a_state_that_knows_more_than_the_journal_is_refused(tmp_path: Path) -> None:
    run = paper(tmp_path, count=50)
    assert run.go() is not None
    lines = run.journal.read_bytes().splitlines(keepends=True)
    run.journal.write_bytes(b"".join(lines[:-2]))
    with pytest.raises(WickworkError, match="done before it was written down"):
        run.go()


def test_a_node_that_changed_is_told_when_the_run_goes_on(tmp_path: Path) -> None:
    run = paper(tmp_path, count=200)
    assert run.go() is not None
    (tmp_path / "state.json").unlink()
    other = load_strategy(EXAMPLES / "ema_cross.py")
    run.strategy = Loaded(other.graph.with_params({"fast.period": 5}), other.catalogue)
    with pytest.raises(WickworkError, match="does something else than the run did"):
        run.go()


@pytest.mark.parametrize(
    "what", ["equity", "fills", "closed_orders", "placed", "denied", "notifications", "state", "bar"]
)
def test_every_kind_of_difference_is_told(what: str, tmp_path: Path) -> None:
    """The journal of an honest run with one thing in it changed, and the sums made right again."""
    run = paper(tmp_path, count=300)
    assert run.go() is not None
    entries = list(read_journal(run.journal))
    run.journal.unlink()
    (tmp_path / "venue.jsonl").unlink()
    changed = False
    with Journal(run.journal) as journal, Journal(tmp_path / "venue.jsonl"):
        for entry in entries:
            data: dict[str, Any] = json.loads(json.dumps(entry.data))
            if entry.kind == OUTPUT and not changed and data["bar"] > 50:
                if what == "equity":
                    data["equity"] = data["equity"] * (1 + 2**-50)
                    changed = True
                elif what == "state":
                    data["state"] = "0" * 16
                    changed = True
                elif what == "denied":
                    data["denied"] = [{"bar": data["bar"], "lane": 0, "action": 0, "reason": DENIALS[3]}]
                    changed = True
                elif what == "notifications":
                    data[what] = [{"instrument": "BTC/USDT", "node": "buy", "level": "info", "text": "None was made"}]
                    changed = True
                elif what == "bar":
                    changed = True
                    continue
                elif data.get(what):
                    del data[what][0]
                    changed = True
            journal.append(entry.kind, data, durable=False)
    assert changed
    found = run.replay()
    assert found
    assert what == "bar" or any(what in one.what for one in found)


# ---- bars that are not sound


def test_a_bar_that_is_not_sound_changes_nothing(tmp_path: Path) -> None:
    run = paper(tmp_path, count=40)
    bot = run.go()
    assert bot is not None
    nan, at = float("nan"), START + 40 * HOUR
    good = (100.0, 101.0, 99.0, 100.0, 1.0)
    before, lines = bot.state(), run.journal.read_bytes()
    for event, match in (
        (BarsClosed(at, ((nan, 101.0, 99.0, 100.0, 1.0),), (None,)), "finite and above 0"),
        (BarsClosed(at, ((100.0, 99.0, 98.0, 100.0, 1.0),), (None,)), "outside its low and high"),
        (BarsClosed(at + 1, (good,), (None,)), "grid"),
        (BarsClosed(at - HOUR, (good,), (None,)), "do not come after"),
        (BarsClosed(at, (good, good), (None, None)), "the run has 1"),
        (BarsClosed(at, (None,), (None,)), "no instrument has a bar"),
    ):
        with pytest.raises(WickworkError, match=match):
            advance(bot, event)
        assert bot.state() == before
        assert bot.bars == 40
    assert run.journal.read_bytes() == lines


def test_the_clock_waits_as_long_as_its_speed_says() -> None:
    clock = FastClock(1_000_000, 1e6)
    asyncio.run(clock.until(1_000_000 + 50_000))
    assert 50_000 <= clock.now() - 1_000_000 < 50_000_000
    endless = FastClock(5, float("inf"))
    asyncio.run(endless.until(10**15))
    assert endless.now() == 10**15
