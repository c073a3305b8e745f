from __future__ import annotations

import json
from typing import Any

import pytest

from tests.server.conftest import ClientOf
from wickwork.graph.document import MOST_BYTES, from_data, to_text
from wickwork.nodes import builtin
from wickwork.strategies.load import load_strategy
from wickwork.templates import template, templates

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture(scope="module")
def cross() -> Any:
    return json.loads(to_text(load_strategy(template("ema_cross").path).graph))


async def test_an_unsaved_graph_is_checked_explained_formatted_and_exported(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("viewer")

    async def post(verb: str, graph: Any) -> Any:
        answer = await client.post(f"/api/graphs/{verb}", json={"graph": graph})
        assert answer.status_code == 200, answer.text
        return answer.json()

    sound = load_strategy(template("ema_cross").path)
    assert await post("check", cross) == {"hash": sound.check().graph.hash(), "faults": [], "fault_count": 0}
    hashes = await post("hash", cross)
    assert hashes == {"written": sound.graph.hash(), "run": sound.check().graph.hash()}
    assert (await post("format", dict(reversed(cross.items()))))["text"] == to_text(from_data(cross))
    assert "EMA" in (await post("explain", cross))["actions"][0]["text"]
    assert "with strategy(" in (await post("python", cross))["text"]
    for_pve = await post("litegraph", cross)
    assert json.loads(for_pve["text"])["graph"]["nodes"] == []
    assert for_pve["left_out"], "PVE has none of these nodes"
    broken = {**cross, "wires": []}
    assert (await post("check", broken))["fault_count"] > 1
    assert (await post("hash", broken))["run"] is None
    refused = await client.post("/api/graphs/explain", json={"graph": broken})
    assert refused.status_code == 422
    assert len(refused.json()["errors"]) > 1


async def test_a_portfolio_is_explained_by_its_parts(client_of: ClientOf) -> None:
    client = await client_of("viewer")
    names = [one["name"] for one in (await client.get("/api/templates")).json()["items"] if one["parts"]]
    for name in names:
        graph = (await client.get(f"/api/templates/{name}")).json()["graph"]
        parts = (await client.post("/api/graphs/explain", json={"graph": graph})).json()["parts"]
        assert all(one["actions"] for one in parts)


async def test_a_graph_may_be_as_large_as_a_document(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("viewer")
    notes = "x" * (MOST_BYTES - 10_000)
    answer = await client.post("/api/graphs/check", json={"graph": {**cross, "notes": notes}})
    assert answer.status_code == 200, answer.text
    answer = await client.post("/api/graphs/check", json={"graph": {**cross, "notes": notes + "x" * 20_000}})
    assert answer.status_code == 422
    answer = await client.post("/api/graphs/check", json={"graph": {**cross, "notes": notes + "x" * 300_000}})
    assert answer.status_code == 413


async def test_the_catalogue_is_encoded_once_and_answered_with_304(client_of: ClientOf, monkeypatch: Any) -> None:
    client = await client_of("viewer")
    first = await client.get("/api/nodes")
    assert {one["name"] for one in first.json()} == set(builtin())
    again = await client.get("/api/nodes", headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    monkeypatch.setattr("wickwork.services.nodes.listed", None)
    assert (await client.get("/api/nodes")).content == first.content
    assert (await (await client_of()).get("/api/nodes")).status_code == 401


async def test_nodes_are_found_by_words_and_group(client_of: ClientOf) -> None:
    client = await client_of("viewer")

    async def names(**query: str) -> list[str]:
        return [one["name"] for one in (await client.get("/api/nodes", params=query)).json()]

    assert "ema" in await names(search="exponential")
    assert set(await names(group="trend")) == {one.name for one in builtin().values() if one.group == "trend"}
    assert "value_when" in await names(search="ta.valuewhen")
    assert await names(search="qwxyz") == []
    assert (await client.get("/api/nodes", params={"group": "trends"})).status_code == 404
    groups = (await client.get("/api/nodes/groups")).json()
    assert sum(len(one["nodes"]) for one in groups) == len(builtin())
    assert all(one["about"] for one in groups)


async def test_one_node_has_its_page_of_the_reference(client_of: ClientOf) -> None:
    client = await client_of("viewer")
    answer = await client.get("/api/nodes/adx")
    page = answer.json()
    assert page["warmup_formula"] == "2 * period"
    assert page["call"] == "adx(bars, period=14)"
    assert page["params"][0] == {"name": "period", "type": "integer", "default": 14, "minimum": 2, "maximum": 5000}
    assert "average of" in page["help"]
    assert (await client.get("/api/nodes/adx", headers={"If-None-Match": answer.headers["etag"]})).status_code == 304
    for wrong in ("none_such", "x" * 10_000):
        assert (await client.get(f"/api/nodes/{wrong}")).status_code == 404


async def test_templates_have_help_graph_python_and_suggested_run(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("viewer")
    listed = await client.get("/api/templates")
    assert [one["name"] for one in listed.json()["items"]] == [one.name for one in templates()]
    assert all(one["help"] for one in listed.json()["items"])
    same = {"If-None-Match": listed.headers["etag"]}
    assert (await client.get("/api/templates", headers=same)).status_code == 304
    one = (await client.get("/api/templates/ema_cross")).json()
    assert one["graph"] == cross
    assert one["python"] == template("ema_cross").text
    assert one["suggested_run"] == {"instrument": "BTC/USDT", "timeframe": "4h"}
    for wrong in ("none_such", "..%2Fnodes"):
        assert (await client.get(f"/api/templates/{wrong}")).status_code == 404
