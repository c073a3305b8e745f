"""Every combination of a sweep is its own backtest, to the last bit, however the sweep was run."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.promises.programs import Case, case_of, in_new_process
from tests.promises.random_graphs import described
from wickwork import Bars, InputError, Strategy, Sweep, Terms, backtest, demo_bars, strategy, sweep, ta, trade
from wickwork.engine import variants
from wickwork.engine.machine import Machine
from wickwork.graph.program import plan
from wickwork.graph.signature import Parameter
from wickwork.nodes import builtin
from wickwork.orders.records import ACCOUNT
from wickwork.research.combinations import run_combinations, validated_graph
from wickwork.research.parameter_space import ParameterSpace, parameter_space
from wickwork.research.sweep import SweepInterrupted
from wickwork.strategies.load import Loaded, load_strategy

EXAMPLES = Path(__file__).parents[2] / "examples"
SEEDS = range(81_000, 81_048)


def both(case: Case, loaded: Loaded, grid: ParameterSpace, **options: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """The books of the sweep, and those of every combination by itself."""
    feed, terms = case.feed(), case.terms()
    alone = np.zeros(len(grid), ACCOUNT)
    for i in range(len(grid)):
        machine = Machine(plan(validated_graph(loaded, grid, i), feed.timeframe), feed, terms)
        machine.run(feed.size)
        alone[i] = machine.arrays["account"][0]
    return run_combinations(loaded, grid, feed, terms, **options), alone


def random_grid(case: Case, r: random.Random) -> tuple[Loaded, ParameterSpace] | None:
    """Up to three parameters or fixed values of the graph with two or three values each; None where nothing varies."""
    loaded = Loaded(case.validated.graph, builtin())
    names = [f"{n}.{p.name}" for n, node in case.validated.nodes.items() for p in node.parameters if p.type is not str]
    names += [f"{n}.{key}" for n, own in case.validated.literals.items() for key in own]
    over: dict[str, list[Any]] = {}
    for name in r.sample(names, min(len(names), 12)):
        node, _, own = name.partition(".")
        parameter = next((p for p in case.validated.nodes[node].parameters if p.name == own), None)
        now = case.validated.values[node][own] if parameter else case.validated.literals[node][own]
        try:
            values = [now, *(_other(r, parameter, now) for _ in range(2))]
            grid = parameter_space(loaded, {**over, name: values})
            for i in range(len(grid)):
                plan(validated_graph(loaded, grid, i), case.base)
        except InputError:  # values that do not go together
            continue
        over[name] = values
        if len(over) == 3:
            break
    return (loaded, parameter_space(loaded, over)) if over else None


def _other(r: random.Random, parameter: Parameter | None, now: Any) -> Any:
    if parameter is None:
        return float(now) * r.choice((0.5, 0.9, 1.5)) + r.choice((0.0, 0.1))
    if parameter.choices:
        return r.choice(parameter.choices)
    if parameter.timeframe:
        return r.choice(("2h", "3h", "4h"))
    if parameter.time_of_day:
        return r.choice(("03:00", "13:30", "22:00"))
    if parameter.type is bool:
        return not now
    return now + 1 + r.randrange(3) if parameter.type is int else now * 1.25 + 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_random_graphs(seed: int) -> None:
    """With much memory and with hardly any, by one worker and by three."""
    case, r = case_of(f"random {seed} 90"), random.Random(seed)
    made = random_grid(case, r)
    if made is None:
        pytest.skip("nothing in this graph varies")
    loaded, grid = made
    column = 8 * (case.size + 7) * len(case.markets)
    for workers, memory in ((1, 1 << 26), (3, 4 * column), (2, 0)):
        swept, alone = both(case, loaded, grid, workers=workers, memory=memory)
        assert swept.tobytes() == alone.tobytes(), (dict(grid.axes), described(case.validated))


def test_the_random_graphs_trade_and_share() -> None:
    """What the test above compares is not always nothing."""
    round_trips, stages = 0, 0
    for seed in SEEDS:
        case = case_of(f"random {seed} 90")
        made = random_grid(case, random.Random(seed))
        if made is not None:
            account = run_combinations(*made, case.feed(), case.terms())
            round_trips += len(np.unique(account["cash"])) > 2
            stages += 1
    assert stages > len(SEEDS) * 0.8
    assert round_trips >= 5


SWEEPS: dict[str, dict[str, list[Any]]] = {
    "ema_cross.py": {"fast.period": [5, 12, 30], "slow.period": [20, 26], "buy.stop_loss": [1.0, 4.0]},
    "rsi_reversion.py": {},
    "bollinger_long_short.py": {},
    "breakout_bracket.py": {},
    "multi_timeframe.py": {"fast_4h.period": [5, 10], "rsi.period": [7, 14], "buy.stop_loss": [2.0, 3.0]},
    "universe_momentum.py": {"month.period": [10, 30], "best.n": [1, 2]},
    "bitcoin_filter.py": {"btc_average.period": [50, 100], "top.period": [24, 48]},
    "dca_grid.py": {"rsi.period": [7, 14], "step_1.good_for": [24, 240], "step_2.size": [500.0, 2500.0]},
    "user_node.py": {},
}


@pytest.mark.parametrize("kind", ["spot 1", "perpetual 3"])
@pytest.mark.parametrize("file", sorted(SWEEPS))
def test_examples(file: str, kind: str) -> None:
    """On one instrument, and on three with holes, some with finer bars, that share an account."""
    case = case_of(f"example {file} - {kind}")
    loaded = load_strategy(EXAMPLES / file)
    over = SWEEPS[file] or _some(case)
    swept, alone = both(case, loaded, parameter_space(loaded, over))
    assert swept.tobytes() == alone.tobytes()
    assert len(np.unique(swept["cash"])) > 1


def _some(case: Case) -> dict[str, list[Any]]:
    """The first numbers of the graph, each with one more value."""
    over: dict[str, list[Any]] = {}
    for name, node in case.validated.nodes.items():
        for p in node.parameters:
            if p.type in (int, float) and not p.choices and not p.timeframe and p.name in ("period", "deviations"):
                now = case.validated.values[name][p.name]
                over[f"{name}.{p.name}"] = [now, now * 2]
    return dict(list(over.items())[:3])


# ---- the front door


@cache
def bars() -> Bars:
    return demo_bars("BTC/USDT", "4h", 1_609_459_200_000, 1_638_316_800_000)  # January to November 2021


@cache
def cross() -> Strategy:
    with strategy("cross") as s:
        fast = ta.ema(s.bars.close, period=5, name="fast")
        slow = ta.ema(s.bars.close, period=20, name="slow")
        trade.buy(when=ta.crosses_above(fast, slow), stop_loss=trade.percent(4), name="buy")
        trade.close(when=ta.crosses_below(fast, slow))
    return s


OVER = {"fast.period": [4, 8, 16], "slow.period": [8, 30], "buy.stop_loss": [2, 6.5], "slow.seed": ["mean", "first"]}


@cache
def swept() -> Sweep:
    return sweep(cross(), bars(), OVER, where=lambda p: p["fast.period"] < p["slow.period"])


def test_every_combination_has_the_figures_of_its_own_backtest() -> None:
    found = swept()
    assert found.tried == 3 * 2 * 2 * 2 - 2 * 4
    for i in range(found.tried):
        run = backtest(cross(), bars(), params=found.space.params(i))
        assert run.history.account.tobytes() == found.account[i].tobytes()
        one = found.combination(i).stats
        for name in ("total_return", "sharpe", "max_drawdown", "win_rate", "trades"):
            assert one[name] == run.stats[name]
        assert one["sharpe"] is not None


def test_combinations_come_in_order_and_none_is_missing() -> None:
    table = swept().table
    names = list(OVER)
    assert list(table.columns) == [*names, "total_return", "sharpe", "max_drawdown", "win_rate", "trades"]
    rows = [tuple(row) for row in table[names].itertuples(index=False)]
    wanted = [
        (f, s, x, w) for f in OVER["fast.period"] for s in OVER["slow.period"]
        for x in OVER["buy.stop_loss"] for w in OVER["slow.seed"] if f < s  # type: ignore[operator]
    ]  # fmt: skip
    assert rows == wanted


def test_the_best_is_told_with_how_many_were_tried() -> None:
    found = swept()
    best = found.best("total_return")
    assert best.stats["total_return"] == found.table["total_return"].max()
    assert "16 combinations tried" in str(best)
    assert found.best("max_drawdown").stats["max_drawdown"] == found.table["max_drawdown"].min()
    assert backtest(cross(), bars(), params=best.params).stats["total_return"] == best.stats["total_return"]
    assert "16 combinations tried" in found._repr_html_()
    assert found.manifest["tried"] == 16


def test_any_number_of_workers_gives_the_same_bits() -> None:
    over = {"fast.period": range(2, 12), "slow.period": range(12, 30)}
    one, three = (sweep(cross(), bars(), over, workers=n) for n in (1, 3))
    assert one.account.tobytes() == three.account.tobytes()
    assert {k: v.tobytes() for k, v in one.figures.items()} == {k: v.tobytes() for k, v in three.figures.items()}


def test_uncompiled_it_is_the_same() -> None:
    job = {"sweep": "example ema_cross.py - spot 1", "over": {"fast.period": [5, 9], "buy.stop_loss": [1.0, 3.0]}}
    compiled, plain = (in_new_process([job], compiled=c, module="tests.research.resweep") for c in (True, False))
    assert json.dumps(compiled) == json.dumps(plain)


def test_progress_counts_all_of_them() -> None:
    seen: list[tuple[int, int]] = []
    sweep(cross(), bars(), {"fast.period": range(2, 40)}, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (38, 38)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


def test_an_interruption_ends_it() -> None:
    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(cross(), bars(), {"fast.period": range(2, 40)}, progress=stop)
    assert sweep(cross(), bars(), {"fast.period": [3]}).tried == 1


def test_outputs_are_overwritten_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A strategy that trades on nearly every bar writes far more fills than there is room for."""
    with strategy("busy") as s:
        up = s.bars.close > ta.previous(s.bars.close, bars=1, name="before")
        trade.buy(when=up, size=trade.percent_of_equity(10), name="buy")
        trade.close(when=~up)
    machines: list[Any] = []

    class Watched(variants._Repeater):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            machines.append(self)

    monkeypatch.setattr(variants, "_Repeater", Watched)
    found = sweep(s, bars(), {"before.bars": [1, 2, 3]}, terms=Terms(taker_fee=0.0, slippage=0.0))
    rooms = [len(one.machine.outputs["fills"]) for one in machines]
    assert found.account["fill_rows"].max() > max(rooms)
    assert {len(Machine(plan(s.check(), bars().timeframe), one.machine.feed, Terms()).outputs["fills"])
            for one in machines} == set(rooms)  # fmt: skip


def test_shared_columns_stay_within_their_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms: list[int] = []
    made = variants._Made

    def watched(columns: Any, which: Any) -> Any:
        rooms.append(columns.nbytes)
        return made(columns, which)

    case = case_of("example ema_cross.py - spot 1")
    loaded = load_strategy(EXAMPLES / "ema_cross.py")
    grid = parameter_space(loaded, {"fast.period": range(5, 25), "slow.period": range(30, 50)})
    whole = run_combinations(loaded, grid, case.feed(), case.terms())
    monkeypatch.setattr(variants, "_Made", watched)
    column = 8 * (case.size + 7)
    limited = run_combinations(loaded, grid, case.feed(), case.terms(), memory=10 * column)
    assert limited.tobytes() == whole.tobytes()
    assert rooms
    assert max(rooms) <= 10 * column


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({}, "needs parameters"),
        ({"fast.period": []}, "no values"),
        ({"fast.period": 5}, "list of values"),
        ({"fast.period": "5,6"}, "list of values"),
        ({"fast": [1]}, "does not name a parameter"),
        ({"fsat.period": [5]}, "Did you mean 'fast'"),
        ({"fast.perod": [5]}, "id you mean 'period'"),
        ({"fast.period": [5, 100_000_000]}, "between"),
        ({"fast.period": [5, 5.5]}, "whole number"),
        ({"slow.seed": ["mean", "frist"]}, "Did you mean 'first'"),
        ({"buy.stop_loss": [1.0, "x"]}, "must be a number"),
        ({"buy.stop_loss": [1.0, float("nan")]}, "must be a number"),
        ({"fast.period": range(2, 4000), "slow.period": range(2, 4000)}, "too many"),
    ],
)
def test_wrong_grids(over: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        sweep(cross(), bars(), over)


def test_other_wrong_inputs() -> None:
    over = {"fast.period": [5, 6]}
    with pytest.raises(InputError, match="leaves none of the 2"):
        sweep(cross(), bars(), over, where=lambda p: False)
    with pytest.raises(InputError, match="'slow\\.period', which the sweep does not vary"):
        sweep(cross(), bars(), over, where=lambda p: p["slow.period"] > 5)
    with pytest.raises(InputError, match="at least 1"):
        sweep(cross(), bars(), over, workers=0)
    with pytest.raises(InputError, match="no assumption 'captal'"):
        sweep(cross(), bars(), over, captal=5)
    with pytest.raises(InputError, match="ranked by one of total_return"):
        swept().best("sharp")
    with strategy() as s:
        trade.buy(when=s.bars.close > 1.0, stop_loss=trade.price(ta.multiply(s.bars.close, 0.9)), name="buy")
    with pytest.raises(InputError, match="wired to"):
        sweep(s, bars(), {"buy.stop_loss": [1.0]})


def test_tables_are_written(tmp_path: Path) -> None:
    import pandas as pd

    found = swept()
    pd.testing.assert_frame_equal(pd.read_csv(found.to_csv(tmp_path / "a.csv")), found.table)
    pd.testing.assert_frame_equal(pd.read_parquet(found.to_parquet(tmp_path / "a.parquet")), found.table)


def interrupting(after: int) -> Callable[[int, int], None]:
    """A `progress` that stands for Ctrl-C once so many combinations are done."""

    def progress(done: int, of: int) -> None:
        if done >= after:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("after", [1, 40, 110])
def test_an_interrupted_sweep_keeps_what_was_finished(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variants, "BATCH", 1)
    over = {"fast.period": range(5, 15), "slow.period": range(20, 31), "buy.add": [False, True]}
    bars = demo_bars("BTC/USDT", "1d")
    whole = sweep(EXAMPLES / "ema_cross.py", bars, over)
    with pytest.raises(KeyboardInterrupt) as stopped:
        sweep(EXAMPLES / "ema_cross.py", bars, over, progress=interrupting(after))
    assert isinstance(stopped.value, SweepInterrupted)
    part = stopped.value.sweep
    assert after <= part.tried < part.planned == whole.tried == 220
    rows = [next(i for i in range(220) if whole.space.params(i) == part.space.params(k)) for k in range(part.tried)]
    assert part.account.tobytes() == whole.account[rows].tobytes()
    assert part.manifest["tried"] == part.tried
    assert part.combination(0).tried == part.tried


def test_an_interrupted_sweep_has_every_run_that_was_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variants, "BATCH", 1)
    run, done = variants._Repeater.run, []

    def slow(self: Any, tables: Any, first: int, last: int) -> int:
        if done:
            time.sleep(0.2)
        at = run(self, tables, first, last)
        done.extend(range(first, at))
        return at

    monkeypatch.setattr(variants._Repeater, "run", slow)
    over = {"buy.stop_loss": [float(x) for x in range(1, 200)]}
    with pytest.raises(SweepInterrupted) as stopped:
        sweep(EXAMPLES / "ema_cross.py", demo_bars("BTC/USDT", "1d"), over, progress=interrupting(2), workers=4)
    assert stopped.value.sweep.tried == len(set(done)) > 2


def test_an_interrupted_sweep_without_any_result_is_a_plain_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("wickwork.research.combinations.run_variants", stop)
    with pytest.raises(KeyboardInterrupt) as stopped:
        sweep(EXAMPLES / "ema_cross.py", demo_bars("BTC/USDT", "1d"), {"fast.period": [5, 6]})
    assert not isinstance(stopped.value, SweepInterrupted)
