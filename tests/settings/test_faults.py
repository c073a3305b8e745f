"""Each wrong input: the path in the file, the value, the remedy; all faults at once."""

import random
from pathlib import Path
from typing import Any

import pytest

from tests.settings.sample import TEXTS, written
from wickwork.model.errors import InputError, NotFound
from wickwork.settings import SettingsFaults, load_settings, read_settings
from wickwork.settings.faults import Fault
from wickwork.settings.parts import parts_of
from wickwork.settings.schema import Settings

ONE = '[[strategies]]\nname = "a"\nhandler = "x.py"\nsymbol = "BTC"\ntimeframe = "1h"\n'
FEED = '[[data_feeds]]\ntype = "files"\n'


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        ("capital = 0", "capital", "is 0; write a number above 0"),
        ("capital = true", "capital", "is true; write a number"),
        ('capital = "1,5"', "capital", "is '1,5'; write a number"),
        ('capital = "1_0"', "capital", "is '1_0'; write a number"),
        ('capital = "٣"', "capital", "write a number"),
        ('costs.fee_pct = "0,05"', "costs.fee_pct", "is '0,05'; write percent"),
        ('schedule.bars = "1,5"', "schedule.bars", "write a whole number"),
        ("start = 2024", "start", "is 2024; write a time"),
        ("start = 1704067200", "start", "write a time"),
        ('end = "1970-01-01"', "end", "write a time"),
        ("capital = nan", "capital", "write a number"),
        ("capital = [1]", "capital", "is a list of 1; write a number"),
        ("version = 2", "version", "write one of 1"),
        ('start = "soon"', "start", "is 'soon'; write a time such as 2024-01-31"),
        ('start = 2024-02-01\nend = 2024-01-01', "start", "is not before end"),
        ("logging = 3", "logging", "write settings below it"),
        ('[logging]\nlevel = "loud"', "logging.level", "write one of debug"),
        ("[loging]", "loging", "Did you mean 'logging'"),
        ('[execution]\nmode = "live"', "execution.mode", "nothing in it can send a live one"),
        ('mode = "LIVE"', "mode", "nothing in it can send a live one"),
        ('[execution]\nmode = "papre"', "execution.mode", "Did you mean 'paper'"),
        ('[execution]\nfiner = "fine"', "execution.finer", "write auto, none or a timeframe"),
        ("[execution]\nreported = 1.5", "execution.reported", "write true or false"),
        ('[schedule]\nspeed = "fast"', "schedule.speed", "or max"),
        ("[schedule]\nbars = 1.5", "schedule.bars", "write a whole number"),
        ("[costs]\ntaker_fee_pct = 60", "costs.taker_fee_pct", "is 60; write percent from 0 to 50"),
        ("[costs]\ntaker_fee = 0.001", "costs.taker_fee", "Did you mean 'taker_fee_pct'"),
        ("[costs]\nslippage = 2", "costs.slippage", "needs a slippage_model"),
        ('[costs]\nslippage_model = "atr"', "costs.slippage_model", "needs slippage"),
        ('[costs]\nslippage_model = "atr"\nslippage = 1\nslippage_pct = 1', "costs.slippage_pct", "does not go with"),
        ("[costs]\nmaintenance_tiers = [[1]]", "costs.maintenance_tiers", "write rows such as"),
        ("[costs]\nmaintenance_tiers = [[0, 0.1]]\nmaintenance_pct = 1", "costs.maintenance_pct", "keep one"),
        ("[costs.instruments.BTCUSDT]\nleverag = 2", "costs.instruments.BTCUSDT.leverag", "Did you mean 'leverage'"),
        ("[costs.instruments]\nBTCUSDT = 2", "costs.instruments.BTCUSDT", "write settings below it"),
        ("[rules.BTCUSDT]\ntick = -1", "rules.BTCUSDT.tick", "write a number of at least 0"),
        ("[rules.BTC]\n[rules.BTCUSDT]", "rules.BTCUSDT", "means the same as rules.BTC,"),
        ('[rules."B/"]', 'rules["B/"]', "write an instrument"),
        ("[backtester]\ncommission_pct = 1\n[costs]\nfee_pct = 1", "backtester.commission_pct", "keep one"),
        ("data_feeds = 3", "data_feeds", "write a list"),
        ("data_feeds = [3]", "data_feeds[0]", "write settings below it"),
        ('[[data_feeds]]\nname = "x"', "data_feeds[0]", "has no type"),
        ('[[data_feeds]]\ntype = "binanc"', "data_feeds[0].type", "Did you mean 'binance'"),
        ('[[data_feeds]]\nhandler = "a.b:Mine"', "data_feeds[0].handler", "a feed of that class is not read"),
        (FEED, "data_feeds[0]", "has no path of its files"),
        (FEED + 'params = {pth = "x", path = "y"}', "data_feeds[0].params.pth", "Did you mean 'path'"),
        ('[[data_feeds]]\ntype = "demo"\nsymbols = ["A/"]', "data_feeds[0].symbols[0]", "write an instrument"),
        ('[[data_feeds]]\nname = "a"\ntype = "demo"\n' * 2, "data_feeds[1].name", "give each its own"),
        ("[[strategies]]", "strategies[0]", "has no name"),
        ('[[strategies]]\nname = "a"', "strategies[0]", "has no handler"),
        (ONE.replace('"a"', '"a:b"'), "strategies[0].name", "without a colon"),
        (ONE.replace("x.py", "x"), "strategies[0].handler", "write package.module:Class"),
        (ONE.replace("x.py", "x:y z"), "strategies[0].handler", "write package.module:Class"),
        (ONE.replace('"1h"', '"1M"'), "strategies[0].timeframe", "is '1M'; write a timeframe"),
        (ONE.replace('timeframe = "1h"', ""), "strategies[0]", "has no timeframe"),
        (ONE.replace('symbol = "BTC"', ""), "strategies[0]", "has no instrument"),
        (ONE.replace('"BTC"', '["BTC", "BTCUSDT"]'), "strategies[0].symbol", "has BTC/USDT twice"),
        (ONE.replace('"BTC"', '["BTC", "KRAKEN:BTC/USDT"]'), "strategies[0].symbol", "has BTC/USDT twice"),
        (ONE + ONE.replace('"BTC"', '"KRAKEN:BTC"'), "strategies[1].name", "is BTC/USDT:1h:a once more"),
        ('[costs.instruments]\nBTC = {}\n"KRAKEN:BTC" = {}', "costs.instruments", "has BTC/USDT twice"),
        ('[rules]\n"BINANCE:BTC" = {}\n"KRAKEN:BTC" = {}', "rules", "has BTC/USDT twice"),
        (FEED + 'params = {path = "a", data_dir = "b"}', "data_feeds[0].params.data_dir", "means the same as path"),
        (FEED + 'params.path = ""', "data_feeds[0]", "has no path of its files"),
        (ONE + "enabled = 3", "strategies[0].enabled", "write true or false"),
        (ONE + "parameters = 3", "strategies[0].parameters", "write values by name"),
        (ONE + "[strategies.parameters]\nx = inf", "strategies[0].parameters.x", "is not finite; write a number"),
        (FEED + 'handler = "a:CSVDataFeed"\nparams.path = "x"', "data_feeds[0].handler", "is given beside type"),
        (ONE.replace("x.py", "é" * 200 + ".py"), "strategies[0].handler", "write a shorter path"),
        ('home = "' + "a/" * 600 + '"', "home", "write a shorter path"),
        (FEED + f'params.path = "{"x" * 300}"', "data_feeds[0].params.path", "write a shorter text"),
        (FEED + 'params.path = "\\u0000"', "data_feeds[0].params.path", "write a shorter text"),
        (ONE + 'feed = "x"', "strategies[0].feed", "there is no feed named 'x'"),
        (ONE + '[[data_feeds]]\ntype = "demo"\nsymbols = ["ETH"]', "strategies[0].symbol", "no feed has BTC/USDT"),
        (ONE + ONE, "strategies[1].name", "is BTC/USDT:1h:a once more, after strategies[0]"),
    ],
)  # fmt: skip
def test_a_fault_names_its_place_and_what_to_write(tmp_path: Path, text: str, path: str, says: str) -> None:
    file = written(tmp_path, text)
    faults = read_settings(file, {}).errors
    assert [fault for fault in faults if fault.path == path and says in fault.problem], faults
    assert all(str(file) in fault.where for fault in faults)


@pytest.mark.parametrize(
    ("text", "value"),
    [("10,000", 10_000.0), ("1_000_000.5", 1_000_000.5), ("1e4", 10_000.0), (" .5 ", 0.5), ("999", 999.0)],
)
def test_a_text_may_have_marks_between_thousands(tmp_path: Path, text: str, value: float) -> None:
    assert load_settings(written(tmp_path, f'capital = "{text}"'), {}).capital == value


@pytest.mark.parametrize("text", ["2024-01-01", "20240101", "1704067200000", "2024-01-01T00:00Z"])
def test_a_time_is_the_same_as_a_text_and_as_a_number(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.yaml").write_text(f"start: {text}\nend: '2024-01-02'\n")
    assert load_settings(tmp_path / "c.yaml", {}).start == 1_704_067_200_000
    assert load_settings(None, {"WICKWORK_START": text}).start == 1_704_067_200_000


def test_all_faults_are_found_at_once(tmp_path: Path) -> None:
    file = written(tmp_path, 'capital = 0\nx = 1\n[[strategies]]\n[[strategies]]\nname = "a"\n[costs]\nfee_pct = -1')
    with pytest.raises(SettingsFaults, match=r"wick config check") as caught:
        load_settings(file, {})
    assert {one.path for one in caught.value.faults} == {
        "x",
        "capital",
        "strategies[0]",
        "strategies[1]",
        "costs.fee_pct",
    }


def test_a_fault_after_a_faulty_entry_names_the_number_in_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "[[strategies]]\n" + ONE.replace("x.py", "x"))
    assert "strategies[1].handler" in [one.path for one in read_settings(file, {}).errors]


def test_what_has_no_effect_is_a_note(tmp_path: Path) -> None:
    loading = read_settings(written(tmp_path, ONE + "[backtester]\nrr_ratio = 2\n[rules.ETH]\ntick = 1"), {})
    assert not loading.errors
    assert {one.path for one in loading.faults} == {"backtester.rr_ratio", "rules.ETH"}


@pytest.mark.parametrize("section", ["[risk]\nmax_position = 1", "[risk]", "[risk]\nmax_drawdown = 0.1"])
def test_limits_that_no_run_keeps_are_refused(section: str, tmp_path: Path) -> None:
    (fault,) = read_settings(written(tmp_path, f"{ONE}\n{section}"), {}).errors
    assert fault.path == "risk"
    assert "no run keeps limits of positions (max_position)" in fault.problem
    assert "remove the section" in fault.problem


def settings_of(tmp_path: Path) -> Settings:
    return load_settings(written(tmp_path, TEXTS[".toml"]), {})


def test_strategies_are_enabled_and_disabled_by_triples(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    assert [(one.name, one.timeframe, one.instruments) for one in parts_of(settings)] == [
        ("trend", "1h", ("BTC/USDT",))
    ]
    found = parts_of(settings, ["ETHUSDT:4h:burst", "BTC/USDT:240:burst", "eth-usdt:1h:burst"], ["BTCUSDT:1h:trend"])
    assert [(one.name, one.instruments) for one in found] == [
        ("burst 1h", ("ETH/USDT",)),
        ("burst 4h", ("BTC/USDT", "ETH/USDT")),
    ]
    for text in ("BTCUSDT:1h:trnd", "SOLUSDT:1h:trend", "BTCUSDT:2h:trend"):
        with pytest.raises(NotFound, match=r"has BTC/USDT:1h:trend, BTC/USDT:1h:burst, ETH/USDT:1h:burst"):
            parts_of(settings, [text])
    for text in ("", "trend", "BTCUSDT:trend", "BTCUSDT:x:trend", ":::"):
        with pytest.raises(InputError, match="is not INSTRUMENT:TIMEFRAME:NAME"):
            parts_of(settings, [text])
    with pytest.raises(InputError, match="both enabled and disabled"):
        parts_of(settings, ["BTC:1h:trend"], ["BTCUSDT:1h:trend"])


ODD = [
    "",
    "\n",
    " ",
    "-",
    ":",
    "[",
    "]",
    "{",
    "}",
    '"',
    "'",
    "#",
    "&a ",
    "*a",
    "<<: ",
    "\t",
    "é",
    "\x00",
    "1e999",
    "null",
]
ODD += ["true", "[[strategies]]\n", "  - ", "0x1f", ".inf", "9" * 30, "\ud7ff"]


def mutated(text: str, chance: random.Random) -> str:
    """A text with a few characters, lines or words in other places."""
    for _ in range(chance.randint(1, 6)):
        i, j = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        j = min(j, i + chance.choice([1, 3, 40]))
        odd = chance.choice(ODD)
        text = chance.choice([text[:i] + odd + text[j:], text[:i] + odd + text[i:], text[:j] + text[i:j] + text[j:]])
    return text


@pytest.mark.parametrize("ending", [".yaml", ".toml", ".json"])
def test_a_mutated_file_gives_settings_or_faults(tmp_path: Path, ending: str) -> None:
    chance = random.Random(7)
    outcomes = set()
    for _ in range(400):
        path = written(tmp_path, mutated(TEXTS[ending], chance), ending)
        loading = read_settings(path, {})
        assert isinstance(loading.settings, Settings)
        assert all(isinstance(one, Fault) and one.problem.endswith((".", "?")) for one in loading.faults)
        outcomes.add(bool(loading.errors))
    assert outcomes == {True, False}


WORDS: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    1e300,
    10**40,
    "",
    "x",
    "BTC/USDT",
    "1h",
    [],
    [1],
    ["a", {}],
    {},
    {"a": 1},
    {"env": 3},
]


def test_values_of_any_type_in_any_place_give_settings_or_faults(tmp_path: Path) -> None:
    import json

    chance, base = random.Random(3), TEXTS[".json"]
    for _ in range(400):
        data = json.loads(base)
        for _ in range(chance.randint(1, 3)):
            around: Any = data
            while True:
                keys = list(around) if isinstance(around, dict) else list(range(len(around)))
                if not keys:
                    break
                key = chance.choice(keys)
                if isinstance(around[key], dict | list) and chance.random() < 0.7:
                    around = around[key]
                    continue
                around[key] = chance.choice(WORDS)
                if isinstance(around, dict) and chance.random() < 0.3:
                    around[chance.choice(["secrets", "name", "rules", "type", "x"])] = chance.choice(WORDS)
                break
        loading = read_settings(written(tmp_path, json.dumps(data), ".json"), {})
        assert all(isinstance(one, Fault) for one in loading.faults)
