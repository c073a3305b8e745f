"""`--terms` and `--funding`: what the venue asks for, from files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import EMA, JANUARY, ONE_MONTH, Wick

HOUR = 3_600_000
RUN = [EMA, *ONE_MONTH, "--instrument", "BTC/USDT:USDT"]
TOML = """
taker_fee = 0.0004
leverage = 10

[instruments."BTC/USDT:USDT"]
maintenance_tiers = [[0, 0.004], [50000, 0.005, 50]]
"""


@pytest.fixture
def market(home: Path) -> list[str]:
    """Two days of bars of a perpetual, in a file."""
    rows = "".join(f"{JANUARY + HOUR * t},{100 + t % 7},{108},{99},{100 + (t + 1) % 7},5\n" for t in range(200))
    (home / "BTCUSDT_1h.csv").write_text("time,open,high,low,close,volume\n" + rows)
    return [str(EMA), "--data", "BTCUSDT_1h.csv", "--instrument", "BTC/USDT:USDT"]


def rates(path: Path, months: list[int]) -> None:
    lines = [f"{JANUARY + 8 * HOUR * k},0.0003" for k in months]
    path.write_text("\n".join(["calc_time,last_funding_rate", *lines]) + "\n")


def test_terms_of_a_file_and_options_that_go_before_them(wick: Wick, home: Path, market: list[str]) -> None:
    (home / "terms.toml").write_text(TOML)
    made = wick("backtest", *market, "--terms", "terms.toml", "--leverage", "5", "--json").json["manifest"]["terms"]
    assert (made["taker_fee"], made["leverage"], made["maker_fee"]) == (0.0004, 5.0, 0.001)
    own = {"BTC/USDT:USDT": {"maintenance_tiers": [[0.0, 0.004, 0.0], [50000.0, 0.005, 50.0]]}}
    assert made["instruments"] == own
    (home / "terms.json").write_text(json.dumps({"instruments": own}))
    again = wick("backtest", *market, "--terms", "terms.json", "--json").json["manifest"]["terms"]
    assert again["instruments"] == own
    assert "2 tiers, 0.4 % to 0.5 %" in wick("backtest", *market, "--terms", "terms.toml").out


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("terms.json", '{"leverage": 2, "leverage": 3}', "leverage (terms.json:1): is given twice"),
        ("terms.json", "[" * 100_000, "nested"),
        ("terms.toml", "leverage = 0x" + "F" * 5000, "too many digits"),
        ("terms.yaml", "leverage: [", "is not YAML"),
        ("terms.toml", "#" * 200_001, "larger than"),
        ("terms", "leverag = 2", "Did you mean 'leverage'"),
        ("term.toml", "", "Did you mean 'terms.toml'"),
    ],
)
def test_a_file_of_terms_is_read_as_a_configuration_is(
    wick: Wick, home: Path, market: list[str], name: str, text: str, says: str
) -> None:
    (home / ("terms.toml" if name == "term.toml" else name)).write_text(text)
    answer = wick("backtest", *market, "--terms", name)
    assert (answer.code, says in answer.err) == (2, True), answer.err


def test_a_run_on_paper_has_the_terms_of_the_file_and_is_replayed(wick: Wick, home: Path, market: list[str]) -> None:
    (home / "terms.toml").write_text(TOML.replace("maintenance_tiers", "taker_fee = 0.01\nmaintenance_tiers"))
    given = [*market, "--terms", "terms.toml"]
    assert wick("paper", *given, "--speed", "max", "--journal", "run.jsonl").code == 0
    replayed = wick("replay", "run.jsonl", "--json").json
    made = wick("backtest", *given, "--json").json
    assert made["fills"][0]["fee"] == pytest.approx(made["fills"][0]["quantity"] * made["fills"][0]["price"] * 0.01)
    assert (replayed["differences"], replayed["fills"]) == ([], len(made["fills"]))
    refused = wick("paper", *market, "--speed", "max", "--journal", "run.jsonl")
    assert (refused.code, "instruments (--terms)" in refused.err) == (2, True)


def test_a_sweep_takes_terms_and_funding(wick: Wick, home: Path, market: list[str]) -> None:
    (home / "terms.toml").write_text(TOML)
    rates(home / "BTCUSDT.csv", [0, 1, 2])
    answer = wick(
        "sweep", *market, "--terms", "terms.toml", "--funding", "BTCUSDT.csv", "--set", "fast.period=3,5", "--json"
    )
    assert answer.json["manifest"]["terms"]["taker_fee"] == 0.0004
    assert answer.json["manifest"]["funding_data"][0]["rates"] == 3


def test_months_of_funding_are_joined(wick: Wick, home: Path, market: list[str]) -> None:
    for number, months in enumerate(([10, 11, 12], [0, 1, 2])):
        rates(home / f"BTCUSDT-fundingRate-2024-0{number + 1}.csv", months)
    files = ["--funding", "BTCUSDT-fundingRate-2024-01.csv", "--funding", "BTCUSDT-fundingRate-2024-02.csv"]
    (one,) = wick("backtest", *market, *files, "--json").json["manifest"]["funding_data"]
    assert (one["rates"], one["first"][:13]) == (6, "2024-01-01T00")
    assert "6 rates" in wick("backtest", *market, *files).out


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("leverge = 3", ("leverge", "'leverage'")),
        ("leverage = ", ("TOML",)),
        ("leverage = 3000", ("terms.toml", "leverage")),
        ("[instruments.'BTC/USDT']\nleverage = 3", ("BTC/USDT:USDT",)),
        ("instruments = 3", ("instruments",)),
        ("[instruments.'BTC/USDT:USDT']\nfee = 3", ("fee", "taker_fee")),
    ],
)
def test_a_file_of_terms_that_is_wrong(
    wick: Wick, home: Path, market: list[str], text: str, hints: tuple[str, ...]
) -> None:
    (home / "terms.toml").write_text(text)
    answer = wick("backtest", *market, "--terms", "terms.toml")
    assert answer.code == 2
    assert "Traceback" not in answer.err
    assert all(hint in " ".join(answer.err.split()) for hint in hints)


@pytest.mark.parametrize(
    "arguments",
    [
        ["backtest", EMA, *ONE_MONTH, "--funding", "BTCUSDT.csv"],
        ["backtest", *RUN, "--funding", "no.csv"],
        ["backtest", *RUN, "--funding", "ETH/USDT:USDT=BTCUSDT.csv"],
        ["backtest", *RUN, "--terms", "no.toml"],
        ["paper", *RUN, "--speed", "max", "--funding", "ETH/USDT:USDT=BTCUSDT.csv"],
        ["paper", EMA, *ONE_MONTH, "--speed", "max", "--funding", "BTCUSDT.csv"],
    ],
)
def test_funding_that_cannot_be_charged_is_refused(wick: Wick, home: Path, arguments: list[object]) -> None:
    rates(home / "BTCUSDT.csv", [1, 2])
    answer = wick(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.strip()


def test_columns_of_a_file_reach_the_strategy_in_backtest_and_paper(wick: Wick, home: Path, market: list[str]) -> None:
    (home / "follow.py").write_text(
        "from wickwork import strategy, trade\n"
        "with strategy('follow') as s:\n"
        "    trade.buy(when=s.column('signal') > 0.5, size=trade.quantity(1))\n"
        "    trade.close(when=s.column('signal') < -0.5)\n"
    )
    rows = "".join(f"{JANUARY + HOUR * t},{(t % 5 == 1) - (t % 5 == 3)},x\n" for t in range(200))
    (home / "signals.csv").write_text("time,signal,note\n" + rows)
    given = ["follow.py", *market[1:], "--columns", "signals.csv"]
    made = wick("backtest", *given, "--json").json
    assert made["stats"]["trades"] == 40
    assert made["manifest"]["data"][0]["columns"] == ["signal"]
    paper = wick("paper", *given, "--speed", "max", "--journal", "run.jsonl", "--json")
    assert paper.code == 0
    replayed = wick("replay", "run.jsonl", "--json").json
    assert (replayed["differences"], replayed["fills"]) == ([], len(made["fills"]))
    without = wick("backtest", *given[:-2])
    assert (without.code, "'signal'" in without.err) == (2, True)
    (home / "signals.csv").write_text("time,signals\n1,2\n")
    wrong = wick("backtest", *given)
    assert (wrong.code, "signals" in wrong.err) == (2, True)
    assert wick("backtest", *market, "--columns", "signals.csv").code == 2


def test_mark_prices_of_files_decide_liquidations(wick: Wick, home: Path, market: list[str]) -> None:
    given = [*market, "--leverage", "100", "--json"]

    def marks(name: str, hours: range, price: int = 107) -> str:
        rows = "".join(f"{JANUARY + HOUR * t},{price},{price},{price},{price}\n" for t in hours)
        (home / name).write_text("time,open,high,low,close\n" + rows)
        return name

    def liquidations(*more: str) -> int:
        return sum(one["kind"] == "liquidation" for one in wick("backtest", *given, *more).json["orders"])

    early, late = marks("BTCUSDT-1h-mark-1.csv", range(100)), marks("BTCUSDT-1h-mark-2.csv", range(100, 200))
    usual = liquidations()
    assert usual > 0
    assert liquidations("--mark-prices", early) < usual
    assert liquidations("--mark-prices", early, "--mark-prices", f"BTC/USDT:USDT={late}") == 0
    (one,) = wick("backtest", *given, "--mark-prices", late, "--mark-prices", early).json["manifest"]["mark_data"]
    assert (one["bars"], one["covered"], one["timeframe"]) == (200, 200, "1h")
    assert "mark price bars of 1h" in " ".join(wick("backtest", *market, "--mark-prices", early).out.split())
    swept = wick("sweep", *market, "--mark-prices", early, "--set", "fast.period=3,5", "--json")
    assert swept.json["manifest"]["mark_data"][0]["covered"] == 100


@pytest.mark.parametrize(
    ("name", "text", "hint"),
    [
        ("no.csv", None, "no.csv"),
        ("ETH=BTCUSDT_1h.csv", None, "ETH"),
        ("wrong.csv", "time,open,high,low\n1704067200000,1,1,1\n", "close"),
        ("wrong.csv", "time,open,high,low,close\n1704067200000,1,1,2,1\n1704070800000,1,1,1,1\n", "low"),
        ("wrong.csv", "time,open,high,low,close\n1704067200000,1,1,1,1\n1704070800000,1,-1,1,1\n", "wrong.csv"),
        ("unit.csv", "time,open,high,low,close\n1704067200000,1,1,1,1\n1704070800000,1,1,1,1\n", "another unit"),
        ("past.csv", "time,open,high,low,close\n1672531200000,99,99,99,99\n1672534800000,99,99,99,99\n", "no bar"),
    ],
)
def test_mark_prices_that_cannot_be_used_are_refused(
    wick: Wick, home: Path, market: list[str], name: str, text: str | None, hint: str
) -> None:
    if text:
        (home / name).write_text(text)
    for command in (["backtest"], ["paper", "--speed", "max"]):
        answer = wick(*command, *market, "--finer", "none", "--mark-prices", name)
        assert (answer.code, answer.out, hint in answer.err) == (2, "", True), answer.err
        assert "Traceback" not in answer.err


@pytest.mark.parametrize("mode", [[], ["--reported"]], ids=["plain", "reported"])
def test_paper_takes_funding_and_mark_prices_and_goes_on_with_them(wick: Wick, home: Path, mode: list[str]) -> None:
    rates(home / "BTCUSDT.csv", list(range(90)))
    rows = "".join(f"{JANUARY + HOUR * t},50000,50000,{1 if t % 40 == 0 else 50000},50000\n" for t in range(400))
    (home / "marks.csv").write_text("time,open,high,low,close\n" + rows)
    given = [*RUN, "--leverage", "5", "--funding", "BTCUSDT.csv", "--mark-prices", "marks.csv"]
    made = wick("backtest", *given, "--json").json
    assert made["stats"]["funding"] != 0
    assert any(one["kind"] == "liquidation" for one in made["orders"])
    on_paper = ["paper", *given, *mode, "--speed", "max", "--journal", "run.jsonl"]
    assert wick(*on_paper, "--bars", "70").code == 0
    whole = wick(*on_paper, "--json").json
    assert whole["equity"] == made["stats"]["final_equity"]
    replayed = wick("replay", "run.jsonl", "--json").json
    assert (replayed["differences"], replayed["fills"]) == ([], len(made["fills"]))
    without = wick("paper", *given[:-2], *mode, "--speed", "max", "--journal", "run.jsonl")
    was = "The run was started with --mark-prices BTC/USDT:USDT, not none."
    assert (without.code, was in " ".join(without.err.split())) == (2, True)
