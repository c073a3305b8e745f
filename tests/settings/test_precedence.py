"""Command line > environment > file > default."""

from pathlib import Path

import pytest

from tests.settings.sample import TOML, written
from wickwork.model.errors import InputError
from wickwork.settings import load_settings, read_settings, read_values
from wickwork.settings.listing import rows_of

ENV = {"WICKWORK_CAPITAL": "6000"}
SET = [("--set capital=7000", "capital", "7000")]


def test_each_layer_wins_over_those_below(tmp_path: Path) -> None:
    file = written(tmp_path, TOML)
    assert load_settings(None, {}).capital == 10_000.0
    assert load_settings(file, {}).capital == 5000.0
    assert load_settings(file, ENV).capital == 6000.0
    assert load_settings(file, ENV, SET).capital == 7000.0
    assert load_settings(None, ENV).capital == 6000.0


def test_the_origin_of_each_value_is_known(tmp_path: Path) -> None:
    file = written(tmp_path, TOML)
    env = {"WICKWORK_COSTS__SPREAD_PCT": "0.02", "WICKWORK_STRATEGIES__1__TIMEFRAME": "15m,1h"}
    loading = read_settings(
        file, env, [("--set strategies.trend.parameters.slow=9", "strategies.trend.parameters.slow", "9")]
    )
    origins = {row.path: (row.value, row.origin) for row in rows_of(loading.settings, loading.layered)}
    assert origins["capital"] == (5000.0, f"{file}:4")
    assert origins["costs.spread_pct"] == (0.02, "WICKWORK_COSTS__SPREAD_PCT")
    assert origins["strategies[1].timeframes"] == (["15m", "1h"], "WICKWORK_STRATEGIES__1__TIMEFRAME")
    assert origins["strategies[0].parameters.slow"] == (9, "--set strategies.trend.parameters.slow=9")
    assert origins['strategies[0].parameters["fast.period"]'][0] == 10
    assert origins["execution.mode"] == ("backtest", "default")
    assert origins["costs.leverage"] == (None, "default")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("WICKWORK_CAPTIAL", "1", "Did you mean 'capital'"),
        ("WICKWORK_COSTS__TAKER_FE", "1", "Did you mean 'taker_fee_pct'"),
        ("WICKWORK_CAPITAL", "much", "is 'much'; write a number"),
        ("WICKWORK_STRATEGIES__7__NAME", "x", "has no entry 7; it has 2"),
        ("WICKWORK_STRATEGIES__TREN__NAME", "x", "Did you mean 'trend'"),
        ("WICKWORK_CAPITAL__X", "1", "no settings below"),
        ("WICKWORK_STRATEGIES", "x", "write a list"),
        ("WICKWORK_FOO__BAR", "x", "is no setting"),
        ("WICKWORK_COSTS_FEE_PCT", "1", "Two underlines divide the levels"),
        ("WICKWORK_LOGGING_LEVEL", "1", "Two underlines divide the levels"),
    ],
)
def test_a_wrong_variable_is_a_fault_that_names_it(tmp_path: Path, name: str, value: str, says: str) -> None:
    faults = read_settings(written(tmp_path, TOML), {name: value}).errors
    assert any(says in str(fault) and name in str(fault) for fault in faults), faults


def test_variables_of_the_program_itself_are_left_alone(tmp_path: Path) -> None:
    env = {
        "WICKWORK_JIT": "0",
        "WICKWORK_CACHE": "/x",
        "WICKWORK_PROMISE_CASES": "3",
        "OTHER_CAPITAL": "1",
        "WICKWORK_CAPITAL": "",
    }
    assert not read_settings(written(tmp_path, TOML), env).faults


def test_settings_of_the_command_line_take_every_way_to_write_a_path(tmp_path: Path) -> None:
    file = written(tmp_path, TOML)
    for path in ("strategies[0].timeframe", "strategies.0.timeframes", "strategies.trend.TIMEFRAME"):
        assert load_settings(file, {}, [("--set", path, "1d")]).strategies[0].timeframes == ("1d",)
    tiers = [("--set", 'costs.instruments["BTCUSDT"].leverage', "3"), ("--set", "mode", "paper")]
    tiers.append(("--set", "costs.instruments.BTC/USDT:USDT.leverage", "2"))
    settings = load_settings(file, {}, tiers)
    assert settings.costs.instruments["BTC/USDT:USDT"].leverage == 2.0
    assert settings.costs.instruments["BTC/USDT"].leverage == 3.0
    assert settings.execution.mode == "paper"
    whole = '[{"name": "x", "handler": "x.py", "symbol": "BTC", "timeframe": 60}]'
    (strategy,) = load_settings(file, {}, [("--set", "strategies", whole)]).strategies
    assert (strategy.instruments, strategy.timeframes) == (("BTC/USDT",), ("1h",))
    for path in ("strategies[0].symbol.x", "strategies[0].parameters.word.x", "strategies[0].parameters.deep[3]"):
        assert read_settings(
            file, {"WICKWORK_STRATEGIES__0__PARAMETERS__DEEP": "[1, 2]"}, [("--set", path, "1")]
        ).errors
    given = [("--set", "strategies[0].parameters.deep[1]", "5"), ("--set", "strategies[0].parameters.deep.0.x", "5")]
    loading = read_settings(file, {"WICKWORK_STRATEGIES__0__PARAMETERS__DEEP": '[{"x": 1}, 2]'}, given)
    assert loading.settings.strategies[0].parameters["deep"] == [{"x": 5}, 5]
    for path in ("", "a..b", "strategies[x]", "strategies[0]timeframe["):
        assert read_settings(file, {}, [("--set", path, "1")]).errors


def test_paths_of_the_file_begin_in_its_folder_and_others_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path)
    text = 'home = "h"\n[output]\nreport = "r.html"\n[[data_feeds]]\ntype = "files"\npath = "x"\n'
    file = written(tmp_path / "below", text.replace("path =", "params.path ="))
    given = [("--set", "output.report", "r.html"), ("--set", "data_feeds[0].params.path", "x")]
    given += [("--set", "costs.funding.BTCUSDT", "f.csv"), ("--set", "costs.mark_prices", '{"BTC": "m.csv"}')]
    settings = load_settings(file, {})
    assert settings.path(settings.home) == tmp_path / "below" / "h"
    settings = load_settings(file, {"WICKWORK_HOME": "h"}, given)
    assert settings.path(settings.home) == tmp_path / "h"
    assert settings.path(settings.output.report) == tmp_path / "r.html"
    assert settings.costs.funding == {"BTC/USDT": str(tmp_path / "f.csv")}
    assert settings.data_feeds[0].parameters == {"path": str(tmp_path / "x")}


@pytest.mark.parametrize(
    ("path", "text", "read"),
    [
        ("output.folder", "store", "output.folder"),
        ("output.folder", "a:b", "output.folder"),
        ("output", '{"folder": "a"}', "output.folder"),
        ("strategies[0].handler", "a.py", "strategies[0].handler"),
        ("strategies[0].nodes", '["a.py", "b.py"]', "strategies[0].nodes"),
        ("strategies[0].nodes", "a.py, b.py", "strategies[0].nodes"),
        (
            "strategies",
            '[{"name": "x", "file": "a.json", "symbol": "BTC", "timeframe": "1h"}]',
            "strategies[0].handler",
        ),
        ("costs", '{"funding": {"BTC/USDT": "f.csv"}}', 'costs.funding["BTC/USDT"]'),
        ("data_feeds", '[{"type": "files", "params": {"data_dir": "d"}}]', "data_feeds[0].parameters.data_dir"),
    ],
)
def test_a_path_inside_a_value_begins_in_the_working_folder_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, text: str, read: str
) -> None:
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path)
    loading = read_settings(written(tmp_path / "below", TOML), {}, [("--set", path, text)])
    (value,) = (row.value for row in rows_of(loading.settings, loading.layered) if row.path == read)
    assert all(one.startswith(f"{tmp_path}/") for one in (value if isinstance(value, list) else [value]))


def test_what_is_no_path_stays_as_it_is(tmp_path: Path) -> None:
    given = [
        ("--set", "strategies[0].handler", "package.module:Class"),
        ("--set", 'costs.funding["BTC/USDT"]', "store"),
        ("--set", "output.folder", ""),
        ("--set", "execution.venue", "binance"),
    ]
    settings = load_settings(written(tmp_path, TOML), {}, given)
    assert settings.strategies[0].handler == "package.module:Class"
    assert (settings.costs.funding["BTC/USDT"], settings.output.folder) == ("store", "")
    assert settings.execution.venue == "binance"


def test_an_empty_value_takes_a_setting_of_the_file_back(tmp_path: Path) -> None:
    file = written(tmp_path, TOML)
    names = (
        "start",
        "capital",
        "costs",
        "data_feeds",
        "strategies[0].enabled",
        "costs.fee_pct",
        "strategies.burst.feed",
    )
    loading = read_settings(file, {}, [(f"--set {name}", name, "") for name in names])
    assert not loading.errors
    settings = loading.settings
    assert (settings.start, settings.capital, settings.data_feeds, settings.costs.fee_pct) == (None, 10_000.0, (), None)
    origins = {row.path: row.origin for row in rows_of(settings, loading.layered)}
    assert (origins["start"], origins["end"]) == ("--set start", f"{file}:3")
    (fault,) = read_settings(file, {}, [("--set name", "strategies[0].name", "")]).errors
    assert "has no name" in fault.problem
    assert load_settings(file, {"WICKWORK_CAPITAL": ""}).capital == 5000.0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("WICKWORK_FROM", "WICKWORK_START"),
        ("WICKWORK_CAPITAL", "WICKWORK_capital"),
        ("WICKWORK_MODE", "WICKWORK_EXECUTION__MODE"),
        ("WICKWORK_STRATEGIES__0__TIMEFRAME", "WICKWORK_STRATEGIES__TREND__TIMEFRAMES"),
        ("WICKWORK_COSTS__INSTRUMENTS__BTCUSDT__LEVERAGE", "WICKWORK_COSTS__INSTRUMENTS__BTC__LEVERAGE"),
    ],
)
def test_two_variables_of_one_setting_are_a_fault(tmp_path: Path, first: str, second: str) -> None:
    faults = read_settings(written(tmp_path, TOML), {first: "1", second: "2"}).errors
    assert f"means the same as {first}" in str([one for one in faults if one.path == second])


def test_two_options_of_one_setting_are_a_fault_and_of_one_given_twice_the_last_counts() -> None:
    given = [("--backtest", "execution.mode", "backtest"), ("--set mode", "mode", "paper")]
    (fault,) = read_settings(None, {}, given).errors
    assert str(fault) == "--set mode (command line): means the same as --backtest, which is given too; keep one."
    assert load_settings(None, {}, [("--set capital", "capital", text) for text in "12"]).capital == 2.0


def test_a_variable_inside_a_section_is_stronger_than_one_of_the_whole_section() -> None:
    env = {"WICKWORK_DATA_FEEDS__0__TYPE": "store", "WICKWORK_FEEDS": '[{"type": "demo"}]'}
    assert load_settings(None, env).data_feeds[0].type == "store"


@pytest.mark.parametrize("name", ["wickwork_capital", "Wickwork_Capital", "wickwork_COSTS__FEE_PCT"])
def test_a_variable_in_small_letters_is_noted(name: str) -> None:
    loading = read_settings(None, {name: "7", "wickwork_of_another_program": "1", "wickwork_jit": "0"})
    (fault,) = loading.faults
    assert fault.path == name
    assert "capital letters" in fault.problem
    assert not loading.errors


@pytest.mark.parametrize("inside", ['"fast.period" = 10', "fast = {period = 10}", '"Fast.Period" = 10'])
@pytest.mark.parametrize("path", ["parameters.fast.period", 'parameters["fast.period"]'])
def test_a_parameter_of_a_node_is_one_setting_in_both_spellings(tmp_path: Path, inside: str, path: str) -> None:
    head = '[[strategies]]\nname = "a"\nhandler = "x.json"\nsymbol = "BTC"\ntimeframe = "1h"\nparameters = '
    file = written(tmp_path, f"{head}{{{inside}}}")
    env = {"WICKWORK_STRATEGIES__0__PARAMETERS__FAST__PERIOD": "5"}
    option = [("--set", f"strategies.a.{path}", "7")]
    for given, value in ((env, ()), 5), ((env, option), 7), (({}, option), 7):
        (found,) = load_settings(file, *given).strategies[0].parameters.values()
        assert found in (value, {"period": value})


@pytest.mark.parametrize("text", ["[" * 900 + "]" * 900, '{"a":' * 60 + "1" + "}" * 60, "[" + "1," * 20_000 + "1]"])
@pytest.mark.parametrize("path", ["strategies[0].parameters.x", "strategies", "costs"])
def test_a_value_that_is_too_large_is_a_fault(tmp_path: Path, path: str, text: str) -> None:
    loading = read_settings(written(tmp_path, TOML), {}, [("--set x", path, text)])
    assert "levels; a configuration is smaller" in str(loading.errors[0])
    name = "WICKWORK_" + path.replace("[0].", "__0__").replace(".", "__").upper()
    assert "levels; a configuration is smaller" in str(read_settings(written(tmp_path, TOML), {name: text}).errors[0])


@pytest.mark.parametrize("path", ["strategies[0].parameters", "costs.instruments", "a"])
def test_a_path_of_too_many_steps_is_a_fault(tmp_path: Path, path: str) -> None:
    file = written(tmp_path, TOML)
    (fault,) = read_settings(file, {}, [("--set x", path + ".a" * 5000, "1")]).errors
    assert "more than 40 steps" in fault.problem or path == "a"
    assert read_settings(file, {"WICKWORK_STRATEGIES__0__PARAMETERS" + "__A" * 5000: "1"}).errors


def test_values_without_a_file_are_read_as_a_file_is(tmp_path: Path) -> None:
    strategy = {"name": "a", "handler": "x.py", "symbol": "BTC", "timeframe": "1h"}
    loading = read_values({"capital": 5, "strategies": [strategy]}, "the request", tmp_path, {})
    assert (loading.settings.capital, loading.settings.folder) == (5.0, tmp_path)
    (fault,) = read_values({"capital": "x"}, "the request", tmp_path, {}).errors
    assert str(fault) == "capital (the request): is 'x'; write a number above 0 (quote units), such as 10000."
    deep: dict[str, object] = {}
    for _ in range(50):
        deep = {"a": deep}
    with pytest.raises(InputError, match="levels"):
        read_values(deep, "the request", tmp_path, {})
