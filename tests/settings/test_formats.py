"""YAML, TOML and JSON: the same settings, the lines of values, faults of the syntax."""

from pathlib import Path

import pytest

from tests.settings.sample import TEXTS, written
from wickwork.model.errors import InputError, NotFound
from wickwork.settings import load_settings, read_settings
from wickwork.settings.listing import plain_settings
from wickwork.settings.paths import path_of

ENDINGS = [".yaml", ".toml", ".json"]

MERGES = "z: &a0 {}\n" + "".join(f"k{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 60))
"""Each mapping merges the one before it twice, and none has a value."""


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_format_gives_the_same_settings(tmp_path: Path, ending: str) -> None:
    settings = load_settings(written(tmp_path, TEXTS[ending], ending), {})
    assert settings == load_settings(written(tmp_path, TEXTS[".json"], ".json"), {})
    assert settings.capital == 5000.0
    assert settings.strategies[0].parameters == {"fast.period": 10, "limit": 1e-4, "word": "yes", "on_at": "12:30"}
    assert settings.strategies[1].instruments == ("BTC/USDT", "ETH/USDT")
    assert settings.strategies[1].timeframes == ("1h", "4h")
    assert settings.costs.instruments["BTC/USDT"].taker_fee_pct == 0.04
    assert plain_settings(settings)["end"] == "2024-03-01T12:00:00Z"


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("capital", "capital"),
        ("strategies[1].timeframes", "timeframes"),
        ("costs.fee_pct", "fee_pct"),
        ("start", "start"),
    ],
)
def test_an_origin_names_file_and_line(tmp_path: Path, ending: str, path: str, word: str) -> None:
    text = TEXTS[ending]
    file = written(tmp_path, text, ending)
    (line,) = [i for i, one in enumerate(text.split("\n"), 1) if one.strip(' "').startswith(word)]
    assert str(read_settings(file, {}).layered.origin(path_of(path))) == f"{file}:{line}"


@pytest.mark.parametrize(
    ("ending", "text", "says"),
    [
        (".yaml", "capital: [1", "is not YAML"),
        (".yaml", "capital: 1\n\tx: 2", "config.yaml:2"),
        (".yaml", "capital: 1\ncapital: 2", "capital ("),
        (".yaml", "a: &a [*a]", "levels"),
        (".yaml", "--- 1\n--- 2", "single document"),
        (".yaml", "capital: !!python/name:os.system 1", "has a tag"),
        (".yaml", "? [a]\n: 1", "a name of a setting is a list"),
        (".yaml", "x: \x01", "is not YAML"),
        (".toml", "capital = ", "config.toml:1"),
        (".toml", "capital = 1\ncapital = 2", "is not TOML"),
        (".toml", f"capital = {'1' * 5000}", "too many digits"),
        (".json", '{"capital": 1,}', "is not JSON"),
        (".json", '{"capital": 1, "capital": 2}', "is given twice"),
        (".json", '{"capital": NaN}', "NaN is not a number"),
        (".json", "[1]", "holds no settings by name"),
        (".json", "[" * 100_000, "nested"),
        (".json", '{"a": ' * 60 + "1" + "}" * 60, "levels"),
        (".json", " " * 200_001, "larger than"),
        (".json", '{"capital": ' + "9" * 5000 + "}", "too many digits"),
        (".toml", "capital = 0x" + "F" * 5000, "too many digits"),
        (".toml", "strategies = [{name = 0b1" + "0" * 20_000 + "}]", "too many digits"),
        (".toml", "a = 1\n" + "b." * 50_000 + "c = 1", "toml:2: has a name of more than 40 steps"),
        (".toml", "a = {" + '"b" . ' * 30_000 + "c = 1}", "has a name of more than 40 steps"),
        (".toml", "capital = [\n[" + " " * 50_000 + "1],\n]", "write a number"),
        (".yaml", MERGES, "has more than 20,000 values"),
        (".yaml", "a: &a {}\nb: {<<: [" + "*a, " * 30_000 + "*a]}", "has more than 20,000 values"),
        (".yaml", "strategies: !group [{name: a}]", "has a tag"),
        (".yaml", "costs: !!python/object {fee_pct: 1}", "has a tag"),
        (".yaml", "capital: !money 5", "has a tag"),
    ],
)
def test_wrong_syntax_is_a_fault_with_its_line(tmp_path: Path, ending: str, text: str, says: str) -> None:
    faults = read_settings(written(tmp_path, text, ending), {}).errors
    assert any(says in str(fault) for fault in faults), faults


def test_a_name_is_taken_from_the_first_mapping_that_has_it(tmp_path: Path) -> None:
    text = """
    logging: &low {level: debug}
    costs:
      fee_pct: 0.1
      <<: [{fee_pct: 0.2, spread_pct: 0.3}, {<<: {leverage: 2}, spread_pct: 0.4, leverage: 3}]
      <<: {leverage: 9, latency_bars: 4}
    """
    costs = load_settings(written(tmp_path, text, ".yaml"), {}).costs
    assert (costs.fee_pct, costs.spread_pct, costs.leverage, costs.latency_bars) == (0.1, 0.3, 3, 4)


def test_a_password_without_quotes_is_not_in_the_fault(tmp_path: Path) -> None:
    for word in ("*hunter2", "!hunter2", "&hunter2 *hunter2x", "%hunter2", "@hunter2", "`hunter2"):
        faults = read_settings(written(tmp_path, f"secrets: {{t: {word}}}", ".yaml"), {}).errors
        assert faults
        assert "hunter2" not in "".join(map(str, faults)), faults


def test_yaml_takes_anchors_and_merges(tmp_path: Path) -> None:
    text = """
    strategies:
      - &base {name: a, handler: x.py, symbol: BTC, timeframe: 1h}
      - {<<: *base, name: b}
      - {<<: [*base], name: c, timeframe: 4h}
    """
    settings = load_settings(written(tmp_path, text, ".yaml"), {})
    assert [(one.name, one.timeframes) for one in settings.strategies] == [
        ("a", ("1h",)),
        ("b", ("1h",)),
        ("c", ("4h",)),
    ]


def test_a_name_that_means_the_same_is_refused(tmp_path: Path) -> None:
    text = '[[strategies]]\nname = "a"\nhandler = "x.py"\nsymbol = "BTC"\ninstrument = "ETH"\ntimeframe = "1h"'
    (fault,) = read_settings(written(tmp_path, text), {}).errors
    assert fault.path == "strategies[0].instrument"
    assert "means the same as strategies[0].symbol" in fault.problem


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    written(tmp_path, "")
    (tmp_path / "a.ini").write_text("")
    with pytest.raises(NotFound, match=r"Did you mean 'config.toml'"):
        read_settings(tmp_path / "confg.toml", {})
    with pytest.raises(InputError, match="is a folder"):
        read_settings(tmp_path, {})
    with pytest.raises(InputError, match="must end in"):
        read_settings(tmp_path / "a.ini", {})
    (tmp_path / "b.json").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in str(read_settings(tmp_path / "b.json", {}).errors[0])
