"""The tools themselves: bounded answers, errors as sentences, and that none of them can go live."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import wickwork.server.mcp
from wickwork.model.errors import InputError
from wickwork.server.mcp import answers, jobs
from wickwork.server.mcp.calling import call
from wickwork.server.mcp.registry import all_tools
from wickwork.server.mcp.tool import On
from wickwork.server.routes.backtests import RunRequest
from wickwork.services import identity
from wickwork.services import jobs as job_service
from wickwork.services.access import Access
from wickwork.services.core import Services

pytestmark = pytest.mark.anyio
FOLDER = Path(wickwork.server.mcp.__file__).parent
EMPTY: dict[str, Any] = {"schema": 1, "nodes": {}, "wires": []}


@pytest.fixture
async def on(services: Services) -> On:
    await identity.first_start(services)
    return On(services, await identity.local_admin(services))


sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_no_tool_can_go_live() -> None:
    assert set(jobs.PERMITTED) == {"backtest", "sweep", "paper"}
    for one in all_tools().values():
        assert one.access in (Access.READ, Access.WRITE, Access.RUN)
        said = json.dumps([one.name, one.help, one.schema]).lower()
        assert not re.search(r"\blive|\bplace_order|\bapi.?key|\bsecret|\bpassword|\bwithdraw|\bexchange", said), (
            one.name
        )
        assert not {"venue", "exchange", "broker", "account", "key", "mode"} & set(one.takes.model_fields), one.name


def test_the_tools_reach_no_venue_and_start_only_what_is_permitted() -> None:
    for file in FOLDER.rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        imported = [one.module or "" for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)]
        imported += [name.name for one in ast.walk(tree) if isinstance(one, ast.Import) for name in one.names]
        for name in imported:
            assert not re.match(r"wickwork\.(venues|engine)|ccxt|wickwork\.market\.download", name), (file, name)
        text = file.read_text("utf-8")
        starts = set(re.findall(r"(\w+)\.start\(", text))
        assert starts <= {"backtests", "sweeps", "papers"}, file


@sqlite
async def test_a_job_of_another_kind_is_not_canceled(on: On, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await job_service.start(on.services, on.caller, "backtest", {"graph": EMPTY})
    monkeypatch.setattr(jobs, "PERMITTED", {"paper": "runs on paper"})
    text, is_error = await call(on, "cancel_job", {"job_id": job.id})
    assert is_error
    assert text.startswith("Jobs of the kind backtest are not for assistants")
    assert not (await job_service.get(on.services, on.caller, job.id)).cancel_requested


@sqlite
@pytest.mark.parametrize(
    ("tool", "given", "said"),
    [
        ("run_backtset", {}, "There is no tool 'run_backtset'. Did you mean 'run_backtest'?"),
        ("", {}, "There is no tool ''."),
        ("describe_node", {"name": "emma"}, "There is no node called 'emma'. Did you mean 'ema'?"),
        ("describe_node", {}, "describe_node needs the argument name: As list_nodes has it: `ema`."),
        ("describe_node", {"nmae": "ema"}, "describe_node takes no argument 'nmae'. Did you mean 'name'?"),
        ("list_nodes", {"group": "trends"}, "There is no group 'trends'. Did you mean 'trend'?"),
        ("list_nodes", {"search": "supertrand"}, "No node is about 'supertrand'. Did you mean 'supertrend'?"),
        ("list_nodes", {"skip": -1}, "skip: Input should be greater than or equal to 0."),
        ("get_template", {"name": "ema_kross"}, "There is no template 'ema_kross'. Did you mean 'ema_cross'?"),
        ("check_graph", {}, "A run needs one strategy"),
        ("check_graph", {"graph": "{"}, "graph: this is no JSON"),
        ("check_graph", {"graph": '{"nodes": NaN}'}, "graph: There is a number that is too large"),
        ("check_graph", {"graph": {"nodes": 1e999}}, "There is a number that is too large"),
        ("check_graph", {"graph": {"nodes": "\0"}}, "There is a text with the character 0"),
        ("check_graph", {"graph": {"nodes": "\ud800"}}, "There is a text with half of a character"),
        ("get_job", {"job_id": "nothing"}, "There is no job 'nothing'."),
        ("read_report", {"run_id": "nothing"}, "There is no run 'nothing'."),
        ("compare_runs", {"run_ids": ["a", "a"]}, "Name 2 to 6 different runs."),
        ("explain_bar", {"run_id": "nothing", "bar": 1}, "There is no run 'nothing'."),
        ("explain_bar", {"run_id": "x", "time": "noon"}, "'noon' is not a time"),
        ("save_strategy", {"graph": EMPTY}, "Give `name` for a new strategy, or `strategy_id`"),
        ("run_backtest", {"graph": EMPTY, "data": "live"}, "data: Input should be 'demo' or 'store'."),
        ("run_sweep", {"graph": EMPTY, "over": {}}, "over: "),
    ],
)
async def test_an_error_is_a_sentence(on: On, tool: str, given: dict[str, Any], said: str) -> None:
    text, is_error = await call(on, tool, given)
    assert is_error
    assert said in text


@sqlite
async def test_deep_and_faulty_graphs_are_sentences(on: On) -> None:
    deep: Any = {}
    for _ in range(5_000):
        deep = {"nodes": deep}
    assert (await call(on, "check_graph", {"graph": deep}))[0] == "This is nested too deep; flatten it."
    for graph in ({}, {"schema": 1, "nodes": []}, {"schema": 99, "nodes": {}, "wires": []}, '{"a": NaN}', "[]"):
        text, is_error = await call(on, "explain_graph", {"graph": graph})
        assert is_error, graph
        assert "fault of Wickwork" not in text, text


@sqlite
async def test_a_fault_of_ours_is_said_without_a_traceback(on: On, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> Any:
        raise KeyError("secret detail")

    monkeypatch.setattr("wickwork.services.jobs.get", broken)
    text, is_error = await call(on, "get_job", {"job_id": "x"})
    assert is_error
    assert text == "This is a fault of Wickwork itself; its log has it. Other tools still work."


@sqlite
@pytest.mark.usefixtures("runner")
async def test_a_backtest_that_fails_says_why_and_its_job_can_be_read(on: On) -> None:
    text, is_error = await call(on, "run_backtest", {"graph": {**EMPTY, "nodes": {"a": {"type": "nothing"}}}})
    assert is_error
    assert "failed: " in text
    assert "nothing" in text
    job = text.split()[1]
    assert await call(on, "get_job", {"job_id": job}) == (text, False)


@sqlite
async def test_a_long_backtest_is_answered_as_a_job_that_can_be_canceled(on: On) -> None:
    text, is_error = await call(on, "run_backtest", {"graph": EMPTY, "wait": 0})
    assert not is_error
    assert " is queued: 0 % done." in text
    text, _ = await call(on, "cancel_job", {"job_id": text.split()[1]})
    assert text.endswith("was canceled.")


@sqlite
async def test_requests_have_the_fields_of_the_routes(on: On, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[str, dict[str, Any]]] = []

    async def start(_: Any, __: Any, kind: str, request: Mapping[str, Any]) -> Any:
        started.append((kind, dict(request)))
        raise InputError("enough")

    monkeypatch.setattr("wickwork.services.jobs.start", start)
    given = {"graph": EMPTY, "instruments": ["BTC/USDT"], "bars_of": "binance", "timeframe": "1h", "data": "store"}
    given |= {"capital": 1000, "costs": {"taker_fee": 0.001}}
    span = {"start": "2024-01-01", "end": "2024-02-01"}
    assert (await call(on, "run_backtest", {**given, **span, "params": {"a.b": 2}, "rules": {}}))[0] == "enough"
    assert (await call(on, "run_sweep", {**given, **span, "over": {"a.b": [1, 2.5, "x", True]}}))[0] == "enough"
    assert (await call(on, "start_paper_run", {**given, "params": {"a.b": 2}}))[0] == "enough"
    assert [kind for kind, _ in started] == ["backtest", "sweep", "paper"]
    assert (started[1][1].pop("over"), started[1][1].pop("by")) == ({"a.b": [1, 2.5, "x", True]}, "sharpe")
    assert started[2][1].pop("speed") == 1.0
    for _, request in started:
        assert RunRequest.model_validate(request).venue == "binance"


@sqlite
async def test_every_answer_is_bounded_and_says_how_to_go_on(on: On) -> None:
    whole: list[str] = []
    given: Mapping[str, Any] = {"search": " a", "skip": 0}
    while True:
        text, is_error = await call(on, "list_nodes", given)
        assert not is_error
        assert len(text) <= answers.MOST
        *lines, last = text.splitlines()
        whole += lines
        if "call this again with skip=" not in last:
            whole.append(last)
            break
        given = {"search": " a", "skip": int(last.partition("skip=")[2].rstrip("."))}
    assert whole[0] == f"{len(whole) - 1} nodes; describe_node has each in full"
    assert len(set(whole)) == len(whole)


def test_parts_of_texts_and_lines_make_the_whole() -> None:
    text = "".join(chr(97 + i % 26) for i in range(20_000))
    parts, skip = "", 0
    while True:
        part = answers.part_of_text(text, skip)
        assert len(part) <= answers.MOST
        body, mark, rest = part.partition("\n… ")
        parts += body
        if not mark:
            break
        skip = int(rest.partition("skip=")[2].rstrip("."))
    assert parts == text
    assert answers.part_of_text(text, 20_000) == "The text has only 20,000 characters."
    assert answers.part_of_lines(["a"], 7) == "The list ends after 1 line."
    assert len(answers.part_of_lines(["x" * 50_000])) <= answers.MOST
    assert answers.part_of_lines([]) == ""


def test_figures_of_any_kind_of_run_are_texts() -> None:
    assert answers.figure(-36.7631, "percent") == "-36.76 %"
    assert answers.figure(124.0, "count") == "124"
    assert answers.figure(None, "quote") == "not enough data"
    assert answers.figure(3.0) == "3"
    best = {"params": {"fast.period": 15}, "stats": {"sharpe": 0.376665014616553, "trades": None}}
    assert answers.figure(best) == "params fast.period 15, stats sharpe 0.376665, trades not enough data"
    assert answers.figure({}) == "none"


def test_signs_of_the_report_become_those_of_programs() -> None:
    assert answers.plain("−12\u202f699.32\u202f% of 1\u00a0bar") == "-12,699.32 % of 1 bar"


def test_every_tool_has_a_short_description_and_described_arguments() -> None:
    for one in all_tools().values():
        assert 30 < len(one.help.splitlines()[0]) <= 120, one.name
        for name, about in one.schema["properties"].items():
            assert about.get("description"), (one.name, name)
    assert sum(len(json.dumps(one.schema)) + len(one.help) for one in all_tools().values()) < 17_000
