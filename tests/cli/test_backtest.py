"""`wick backtest`: the same run as in Python, whichever way the bars come, and a summary that says what it rests on."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import DAY, EMA, EXAMPLES, JANUARY, ONE_MONTH, Wick, write_csv
from wickwork import backtest, demo_bars


def test_json_is_the_run(wick: Wick) -> None:
    answer = wick("backtest", EMA, *ONE_MONTH, "--json")
    bars = demo_bars("BTC/USDT", "1h", JANUARY, JANUARY + 31 * DAY)
    assert answer.code == 0
    assert answer.out == backtest(EMA, bars).to_json()
    assert set(answer.json) >= {"manifest", "stats", "trades", "orders", "fills"}
    assert answer.err == ""


def test_two_runs_give_the_same_bytes(wick: Wick) -> None:
    for extra in (["--json"], ["--trades", "--full", "--explain", "100"]):
        first, second = (wick("backtest", EMA, *ONE_MONTH, *extra) for _ in range(2))
        assert first.out == second.out


def test_a_graph_and_its_python_file_are_the_same_run(wick: Wick) -> None:
    graph, python = (wick("backtest", EXAMPLES / f"ema_cross{end}", *ONE_MONTH, "--json") for end in (".json", ".py"))
    assert graph.out == python.out


def test_the_summary_says_what_the_result_rests_on(wick: Wick) -> None:
    answer = wick("backtest", EMA, *ONE_MONTH)
    lines = answer.out.splitlines()
    assert lines[0] == "EMA cross on BTC/USDT"
    assert "synthetic" in lines[1]
    for words in (
        "2024-01-01 00:00 to 2024-01-31 23:00 UTC, 744 bars",
        "10,000.00 USDT",
        "fees 0.1 % maker, 0.1 % taker; slippage 0.05 %",
        "the worst outcome that a bar allows",
        "ambiguous bar",
        "buy and hold",
        "The last 5 of",
    ):
        assert words in answer.out, words
    assert answer.out.index("fees 0.1 %") < answer.out.index("Total return") < answer.out.index("The last 5")


def test_what_cannot_be_said_is_not_said(wick: Wick) -> None:
    week = ("--from", "2024-01-01", "--to", "2024-01-08")
    assert "CAGR not enough" in " ".join(wick("backtest", EMA, *week).out.split())
    assert wick("backtest", EMA, *week, "--json").json["stats"]["cagr"] is None


def test_plain_output_has_no_signs_of_a_terminal(wick: Wick) -> None:
    out = wick("backtest", EMA, *ONE_MONTH, "--full", "--trades").out
    assert "\x1b" not in out
    assert not set(out) & set("─│┌┐└┘━┃╭╮╰╯▁▂▃▄▅▆▇█")
    assert all(line == line.rstrip() for line in out.splitlines())


def test_a_file_says_its_own_name_and_is_not_called_synthetic(wick: Wick, hourly: Path) -> None:
    answer = wick("backtest", EMA, "--data", hourly)
    assert "BTCUSDT_1h.csv, bars of 1h" in answer.out
    assert "synthetic" not in answer.out
    same = wick("backtest", EMA, "--from", "2024-01-01", "--to", "2024-03-01", "--json").json
    other = wick("backtest", EMA, "--data", hourly, "--lot", "0.00001", "--json").json
    assert len(same["trades"]) == len(other["trades"]) > 5


def test_a_finer_file_is_resampled_and_looked_into(wick: Wick, minutes: Path) -> None:
    manifest = wick("backtest", EMA, "--data", minutes, "--timeframe", "15m", "--json").json["manifest"]
    assert [(d["timeframe"], d["bars"]) for d in manifest["data"]] == [("15m", 288)]
    assert [(d["timeframe"], d["bars"]) for d in manifest["finer_data"]] == [("1m", 4317)]
    blind = wick("backtest", EMA, "--data", minutes, "--timeframe", "15m", "--finer", "none", "--json").json["manifest"]
    assert blind["finer_data"] == []
    assert blind["data"] == manifest["data"]


def test_a_span_of_a_resampled_file_has_whole_bars(wick: Wick, minutes: Path) -> None:
    args = ("--data", minutes, "--timeframe", "1h", "--from", "2024-01-01T12:30", "--to", "2024-01-02T12:30")
    data = wick("backtest", EMA, *args, "--json").json["manifest"]["data"][0]
    assert (data["first"], data["last"], data["bars"]) == ("2024-01-01T13:00:00Z", "2024-01-02T12:00:00Z", 24)


def test_the_store_gives_what_was_imported(wick: Wick, minutes: Path) -> None:
    assert wick("data", "import", minutes, "--venue", "binance").code == 0
    run = wick("backtest", EMA, "--data", "store", "--timeframe", "5m", "--json").json["manifest"]
    assert (run["data"][0]["source"], run["data"][0]["venue"]) == ("store", "binance")
    assert run["finer_data"][0]["timeframe"] == "1m"


def test_a_folder_is_a_universe(wick: Wick, home: Path) -> None:
    folder = home / "many"
    folder.mkdir()
    for name in ("BTC", "ETH"):
        for part in (0, 1):  # files of one series are joined
            start = JANUARY + part * 20 * DAY
            write_csv(
                folder / f"{name}USDT-1h-2024-0{part + 1}.csv", demo_bars(f"{name}/USDT", "1h", start, start + 20 * DAY)
            )
    both = wick("backtest", EXAMPLES / "ema_cross.py", "--data", folder, "--json").json["manifest"]["data"]
    assert [(d["instrument"], d["bars"]) for d in both] == [("BTC/USDT", 960), ("ETH/USDT", 960)]
    one = wick("backtest", EMA, "--data", folder, "--instrument", "ETH", "--json").json["manifest"]["data"]
    assert [d["instrument"] for d in one] == ["ETH/USDT"]


def test_several_instruments_share_the_account(wick: Wick) -> None:
    args = ("--instrument", "BTC/USDT", "--instrument", "ethusdt", "--timeframe", "4h", *ONE_MONTH)
    answer = wick("backtest", EXAMPLES / "universe_momentum.py", *args)
    assert "on BTC/USDT, ETH/USDT" in answer.out


@pytest.mark.parametrize(
    ("options", "terms"),
    [
        ([], {"maker_fee": 0.001, "taker_fee": 0.001, "slippage": 0.0005, "capital": 10_000.0, "assume": "worst"}),
        (["--fees", "0.1"], {"maker_fee": 0.001, "taker_fee": 0.001}),
        (["--fees", "0.02/0.05"], {"maker_fee": 0.0002, "taker_fee": 0.0005}),
        (["--fees", "-0.01%/0.07%"], {"maker_fee": -0.0001, "taker_fee": 0.0007}),
        (["--slippage", "0.2", "--spread", "0.1"], {"slippage": 0.002, "spread": 0.001, "slippage_model": "percent"}),
        (["--slippage-model", "fixed", "--slippage", "1.5"], {"slippage": 1.5, "slippage_model": "fixed"}),
        (["--slippage-model", "none"], {"slippage_model": "none"}),
        (
            ["--capital", "25,000", "--leverage", "3", "--latency", "2"],
            {"capital": 25_000, "leverage": 3, "latency": 2},
        ),
        (["--volume-limit", "10", "--funding-rate", "0.02"], {"volume_limit": 0.1, "funding_rate": 0.0002}),
        (["--assume", "best"], {"assume": "best"}),
    ],
)
def test_options_are_the_terms(options: list[str], terms: dict[str, object], wick: Wick) -> None:
    made = wick("backtest", EMA, *ONE_MONTH, *options, "--json").json["manifest"]["terms"]
    assert {name: made[name] for name in terms} == terms


def test_rules_of_orders_can_be_changed(wick: Wick) -> None:
    run = wick("backtest", EMA, *ONE_MONTH, "--lot", "0.01", "--tick", "1", "--min-notional", "20", "--json").json
    rules = run["manifest"]["data"][0]["rules"]
    assert (rules["lot"], rules["tick"], rules["minimum_notional"]) == (0.01, 1, 20)
    assert all(round(fill["quantity"] * 100, 6).is_integer() for fill in run["fills"])


def test_set_changes_parameters(wick: Wick) -> None:
    run = wick("backtest", EMA, *ONE_MONTH, "--set", "fast.period=5", "--set", "buy.stop_loss=3.5", "--json").json
    params = run["manifest"]["strategy"]["params"]
    assert params["fast"]["period"] == 5
    assert params["buy"]["stop_loss"] == 3.5


def test_a_choice_and_a_flag_can_be_set(wick: Wick) -> None:
    run = wick("backtest", EMA, *ONE_MONTH, "--set", "fast.seed=first", "--set", "buy.add=true", "--json").json
    params = run["manifest"]["strategy"]["params"]
    assert (params["fast"]["seed"], params["buy"]["add"]) == ("first", True)


def test_a_perpetual_can_be_sold_short_and_pays_funding(wick: Wick) -> None:
    file = EXAMPLES / "bollinger_long_short.py"
    run = wick("backtest", file, "--instrument", "BTC/USDT:USDT", "--to", "2021-03-01", "--json").json
    assert {trade["direction"] for trade in run["trades"]} == {"long", "short"}
    assert run["stats"]["funding"] != 0.0
    assert "funding 0.01 % each 8 h" in wick("backtest", file, "--instrument", "BTCUSDT.P", "--to", "2021-03-01").out


def test_finer_bars_of_the_demo_market(wick: Wick) -> None:
    run = wick("backtest", EMA, *ONE_MONTH, "--finer", "5m", "--json").json["manifest"]
    assert (run["finer_data"][0]["timeframe"], run["finer_data"][0]["bars"]) == ("5m", 31 * 288)
    assert "finer bars of 5m" in wick("backtest", EMA, *ONE_MONTH, "--finer", "5m").out


def test_explain_a_bar_by_number_and_by_time(wick: Wick) -> None:
    by_number = wick("backtest", EMA, *ONE_MONTH, "--explain", "100").out
    by_time = wick("backtest", EMA, *ONE_MONTH, "--explain", "2024-01-05T04:30").out
    assert by_number == by_time
    assert "Bar 100 (2024-01-05T04:00:00Z) of BTC/USDT" in by_number
    assert "fast.value" in by_number
    last = wick("backtest", EMA, *ONE_MONTH, "--explain", "-1", "--json").json["explanations"][0]
    assert last["bar"] == 743


def test_trades_are_all_shown_when_asked_for(wick: Wick) -> None:
    args = ("backtest", EMA, *ONE_MONTH)
    count = len(wick(*args, "--json").json["trades"])
    assert f"All {count} trades" in wick(*args, "--trades").out
    assert "No trades." in wick(*args, "--set", "slow.period=700").out


def test_full_shows_every_figure(wick: Wick) -> None:
    out = wick("backtest", EMA, *ONE_MONTH, "--full").out
    assert "Omega ratio" in out
    assert "Return above buy and hold" in out


def test_what_was_denied_is_told(wick: Wick) -> None:
    assert "× below the minimum" in wick("backtest", EMA, *ONE_MONTH, "--min-notional", "50000").out


def test_the_answer_can_be_written(wick: Wick, home: Path) -> None:
    answer = wick("backtest", EMA, *ONE_MONTH, "--json-file", "run.json", "--out", "folder")
    told = wick("backtest", EMA, *ONE_MONTH, "--json")
    assert "Total return" in answer.out
    assert (home / "run.json").read_text() == told.out
    assert pq.read_table(home / "folder" / "trades.parquet").num_rows == len(told.json["trades"])
    assert json.loads((home / "folder" / "manifest.json").read_text())["stats"] == told.json["stats"]


def test_one_of_several_strategies(wick: Wick, home: Path) -> None:
    text = "".join(
        f"with strategy('{name}') as {name}:\n    trade.buy(when={name}.bars.close > {n}, name='buy')\n"
        for n, name in enumerate(("one", "two"))
    )
    (home / "both.py").write_text("from wickwork import strategy, trade\n" + text)
    run = wick("backtest", "both.py", "--strategy", "two", *ONE_MONTH, "--json").json
    assert run["manifest"]["strategy"]["name"] == "two"


def test_the_summary_counts_missing_conditions(wick: Wick, tmp_path: Path) -> None:
    """Only where there are any."""
    file = tmp_path / "root.py"
    file.write_text(
        "from wickwork import strategy, ta, trade\n"
        "with strategy('root') as s:\n"
        "    root = ta.power(s.bars.close - ta.sma(s.bars.close, period=50), 0.5)\n"
        "    trade.buy(when=root > 3.0, name='buy')\n"
        "    trade.close(when=ta.bars_held() > 5.0)\n"
    )
    (line,) = (line for line in wick("backtest", file, *ONE_MONTH).out.splitlines() if "Missing" in line)
    assert "the condition of buy on" in line
    assert "Missing" not in wick("backtest", EMA, *ONE_MONTH).out
