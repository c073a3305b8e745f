"""Secrets are read from where they are, and never shown."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.settings.sample import written
from wickwork.settings import kinds, load_settings, read_settings
from wickwork.settings.layers import Layered
from wickwork.settings.listing import plain_settings, rows_of
from wickwork.settings.reading import Reader
from wickwork.settings.secret import Secret
from wickwork.settings.spec import setting


def test_a_secret_is_read_from_where_it_is_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2\n")
    text = '[secrets]\nbot = {env = "BOT"}\nmail = {file = "token"}\n[[data_feeds]]\ntype = "demo"\n'
    loading = read_settings(written(tmp_path, text), {"BOT": "hunter2", "WICKWORK_SECRETS__THIRD": "hunter2"})
    assert not loading.errors
    assert {name: one.reveal() for name, one in loading.settings.secrets.items()} == dict.fromkeys(
        ("bot", "mail", "third"), "hunter2"
    )
    shown = [repr(loading), str(loading.settings), str(plain_settings(loading.settings))]
    shown.append(str(rows_of(loading.settings, loading.layered)))
    assert not [text for text in shown if "hunter2" in text]


@pytest.mark.parametrize(
    "text",
    [
        'secrets = "hunter2"',
        '[secrets]\nbot = "hunter2"',
        "[secrets]\nbot = {hunter2 = 1}",
        '[secrets]\nbot = {env = "ABSENT", file = "hunter2"}',
        '[secrets]\nbot = ["hunter2"]',
        '[[data_feeds]]\ntype = "demo"\nparameters = {api_key = "hunter2"}',
        'api_key = "hunter2"',
        '[[strategies]]\nname = "a"\nhandler = "x.py"\nsymbol = "BTC"\ntimeframe = "1h"\napi_token = "hunter2"',
        'logging = {token = "hunter2"}',
    ],
)
def test_a_misplaced_secret_is_not_in_the_fault(tmp_path: Path, text: str) -> None:
    faults = read_settings(written(tmp_path, text), {}).errors
    assert faults
    assert "hunter2" not in "".join(str(fault) for fault in faults)


@pytest.mark.parametrize(
    "parameter",
    [
        "api_key",
        "apiKey",
        "API-KEY",
        "botToken",
        "accessKey",
        "secretkey",
        "api key",
        "pwd",
        "authToken2",
        "exchange.password",
        "X-Authorization",
    ],
)
@pytest.mark.parametrize(
    "shape", ['{"%s" = "hunter2"}', '{keys = [{"%s" = "hunter2"}]}', '{a = {b = {"%s" = ["hunter2"]}}}']
)
def test_a_parameter_with_the_name_of_a_secret_is_masked_and_noted(tmp_path: Path, parameter: str, shape: str) -> None:
    head = '[[strategies]]\nname = "a"\nhandler = "x.py"\nsymbol = "BTC"\ntimeframe = "1h"\nparameters = '
    loading = read_settings(written(tmp_path, head + shape % parameter), {})
    assert ["has the name of a secret" in str(fault) for fault in loading.faults] == [True]
    shown = [*loading.faults, plain_settings(loading.settings), rows_of(loading.settings, loading.layered)]
    assert "hunter2" not in str(shown)


def test_other_names_of_parameters_are_shown(tmp_path: Path) -> None:
    names = ("key", "tokenize", "secretary", "keyboard", "monkey", "fast.period")
    parameters = ", ".join(f'"{name}" = 5' for name in names)
    head = '[[strategies]]\nname = "a"\nhandler = "x.py"\nsymbol = "BTC"\ntimeframe = "1h"\nparameters = '
    settings = load_settings(written(tmp_path, f"{head}{{{parameters}}}"), {})
    assert plain_settings(settings)["strategies"][0]["parameters"] == dict.fromkeys(names, 5)


@pytest.mark.parametrize("given", ["hunter2", {"hunter2": 1}, {"env": "hunter2", "file": "x"}, ["hunter2"], 5, True])
def test_a_secret_of_any_section_is_not_in_the_fault(tmp_path: Path, given: object) -> None:
    @dataclass(frozen=True)
    class Server:
        database: Secret | None = setting(kinds.secret(), "The URL of the database.")  # noqa: RUF009

    reader = Reader(Layered(), {}, tmp_path)
    assert reader.section(Server, {"database": given}, ("server",)) == Server()
    (fault,) = reader.faults
    assert "{env: NAME}" in fault.problem
    assert "hunter2" not in str(fault)


def test_a_secret_on_the_command_line_is_refused() -> None:
    for path in ("secrets.bot", "SECRETS.bot", '"secrets"[bot]', "secrets"):
        (fault,) = read_settings(None, {}, [(f"--set {path}", path.replace("[bot]", ".bot"), "hunter2")]).errors
        assert "can be read by others" in str(fault)
        assert "hunter2" not in str(fault)


def test_the_file_of_a_secret_that_a_variable_names_is_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "key").write_text("hunter2")
    monkeypatch.chdir(tmp_path)
    file = written(tmp_path / "below", "")
    for name, value in (("WICKWORK_SECRETS__A__FILE", "key"), ("WICKWORK_SECRETS", '{"a": {"file": "key"}}')):
        assert load_settings(file, {name: value}).secrets["a"].reveal() == "hunter2"
