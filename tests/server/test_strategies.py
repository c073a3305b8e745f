from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import ClientOf
from wickwork.graph.document import from_data, to_text
from wickwork.strategies.load import load_strategy
from wickwork.templates import template

pytestmark = pytest.mark.anyio
once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PVE = Path(__file__).parents[2] / "examples/pve/long_grid_bot.json"


@pytest.fixture(scope="module")
def cross() -> Any:
    return json.loads(to_text(load_strategy(template("ema_cross").path).graph))


def changed(graph: Any, node: str, **params: Any) -> Any:
    entry = graph["nodes"][node]
    return {**graph, "nodes": {**graph["nodes"], node: {**entry, "params": {**entry["params"], **params}}}}


async def made(client: Any, **body: Any) -> Any:
    answer = await client.post("/api/strategies", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_strategy_is_saved_read_renamed_and_deleted(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    one = await made(client, name="cross", graph=cross)
    path = f"/api/strategies/{one['id']}"
    read = await client.get(path)
    assert read.json()["graph"] == cross
    assert (await client.get(path, headers={"If-None-Match": read.headers["etag"]})).status_code == 304
    second = changed(cross, "fast", period=7)
    saved = await client.post(f"{path}/versions", json={"graph": second, "note": "faster"})
    assert (saved.status_code, saved.json()["version"]) == (201, 2)
    assert (await client.get(path, headers={"If-None-Match": read.headers["etag"]})).json()["graph"] == second
    assert (await client.get(path, params={"version": 1})).json()["graph"] == cross
    listed = (await client.get(f"{path}/versions")).json()["items"]
    assert [(one["number"], one["note"]) for one in listed] == [(2, "faster"), (1, "")]
    assert (await client.get(f"{path}/versions/2")).json()["graph"] == second
    assert (await client.patch(path, json={"name": "quick cross"})).json()["name"] == "quick cross"
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404


async def test_saving_over_the_change_of_another_is_refused(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    one = await made(client, name="cross", graph=cross)
    path, stale = f"/api/strategies/{one['id']}", {"If-Match": '"1"'}
    second = {"graph": changed(cross, "fast", period=7)}
    assert (await client.post(f"{path}/versions", json=second, headers=stale)).status_code == 201
    for refused in (
        await client.post(f"{path}/versions", json={"graph": cross}, headers=stale),
        await client.put(f"{path}/draft", json={"graph": cross}, headers=stale),
        await client.patch(path, json={"name": "other"}, headers=stale),
        await client.delete(path, headers=stale),
    ):
        assert refused.status_code == 412, refused.text
    assert (await client.get(path)).json()["version"] == 2


@once
async def test_the_same_text_again_adds_no_version_and_other_notes_do(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    path = f"/api/strategies/{(await made(client, name='cross', graph=cross))['id']}/versions"
    same = await client.post(path, json={"graph": dict(reversed(cross.items()))})
    assert (same.status_code, same.json()["version"], same.headers["etag"]) == (200, 1, '"1"')
    noted = await client.post(path, json={"graph": {**cross, "notes": "Why it trades."}})
    assert (noted.status_code, noted.json()["version"]) == (201, 2)


async def test_a_draft_is_never_overwritten_by_another_editor(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    path = f"/api/strategies/{(await made(client, name='cross', graph=cross))['id']}"
    mine, theirs = changed(cross, "fast", period=5), changed(cross, "fast", period=6)
    assert (await client.put(f"{path}/draft", json={"graph": mine})).status_code == 428
    assert (await client.put(f"{path}/draft", json={"graph": mine}, headers={"If-Match": "*"})).status_code == 428
    first = await client.put(f"{path}/draft", json={"graph": mine}, headers={"If-Match": '"1"'})
    assert first.json()["has_draft"]
    late = await client.put(f"{path}/draft", json={"graph": theirs}, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    unaware = await client.post(f"{path}/versions", json={"graph": theirs})
    assert unaware.json()["has_draft"], "a save that did not name the revision dropped a draft"
    assert (await client.get(f"{path}/draft")).json()["graph"] == mine
    saved = await client.post(f"{path}/versions", json={"graph": mine}, headers={"If-Match": unaware.headers["etag"]})
    assert not saved.json()["has_draft"]
    assert (await client.get(f"{path}/draft")).status_code == 404


async def test_of_changes_at_once_one_is_made(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    answers = await asyncio.gather(*(client.post("/api/strategies", json={"name": "one"}) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    (entry,) = (await client.get("/api/strategies")).json()["items"]
    path, first = f"/api/strategies/{entry['id']}", {"If-Match": '"1"'}
    drafts = [changed(cross, "fast", period=3 + number) for number in range(4)]
    puts = (client.put(f"{path}/draft", json={"graph": one}, headers=first) for one in drafts)
    answers = await asyncio.gather(*puts)
    assert sorted(one.status_code for one in answers) == [200, 412, 412, 412]
    kept = drafts[[one.status_code for one in answers].index(200)]
    assert (await client.get(f"{path}/draft")).json()["graph"] == kept
    saves = (client.post(f"{path}/versions", json={"graph": one}) for one in drafts)
    assert sorted([one.json()["version"] for one in await asyncio.gather(*saves)]) == [1, 2, 3, 4]


@once
async def test_a_draft_may_have_faults_and_is_dropped(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    path = f"/api/strategies/{(await made(client, name='cross', graph=cross))['id']}"
    broken = {**cross, "wires": []}
    kept = await client.put(f"{path}/draft", json={"graph": broken}, headers={"If-Match": '"1"'})
    assert kept.status_code == 200
    assert (await client.get(f"{path}/check", params={"version": "draft"})).json()["fault_count"] > 0
    assert (await client.get(path, params={"version": "draft"})).json()["graph"]["wires"] == []
    assert (await client.put(f"{path}/draft", json={"graph": {}}, headers={"If-Match": '"2"'})).status_code == 422
    assert not (await client.delete(f"{path}/draft", headers={"If-Match": '"2"'})).json()["has_draft"]
    assert (await client.delete(f"{path}/draft")).status_code == 404


async def test_strategies_are_searched_sorted_and_paged(client_of: ClientOf) -> None:
    client = await client_of("trader")
    for name in ("Straße", "cross slow", "Cross fast", "50% rule"):
        await made(client, name=name)

    async def names(**query: Any) -> list[str]:
        found: list[str] = []
        while True:
            page = (await client.get("/api/strategies", params={"count": 2, **query})).json()
            found += [one["name"] for one in page["items"]]
            if page["next"] is None:
                return found
            query["before"] = page["next"]

    assert await names() == ["50% rule", "Cross fast", "cross slow", "Straße"]
    assert await names(sort="name") == ["50% rule", "Cross fast", "cross slow", "Straße"]
    assert await names(search="CROSS") == ["Cross fast", "cross slow"]
    assert await names(search="STRASSE") == ["Straße"]
    assert await names(search="%") == ["50% rule"]
    assert len(await names(sort="changed")) == 4
    for wrong in ("x", "bnVsbA==", "WzEsMl0="):
        assert (await client.get("/api/strategies", params={"before": wrong})).status_code == 422


@once
async def test_a_strategy_is_made_of_a_template(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    one = await made(client, template="ema_cross")
    assert one["name"] == cross["name"]
    assert (await client.get(f"/api/strategies/{one['id']}")).json()["graph"] == cross
    assert (await client.post("/api/strategies", json={"template": "../x"})).status_code == 404
    both = await client.post("/api/strategies", json={"template": "ema_cross", "graph": cross})
    assert both.status_code == 422
    taken = await client.post("/api/strategies", json={"template": "ema_cross"})
    assert taken.status_code == 409


@once
@pytest.mark.parametrize("as_text", [True, False])
async def test_a_file_of_pve_is_imported_with_a_report_and_exported_unchanged(
    client_of: ClientOf, as_text: bool
) -> None:
    client = await client_of("trader")
    text = PVE.read_text()
    one = await made(client, name="grid", litegraph=text if as_text else json.loads(text))
    assert one["report"]["counts"]["placeholder"] == 0
    assert len(one["report"]["nodes"]) == sum(one["report"]["counts"].values())
    exported = await client.get(f"/api/strategies/{one['id']}/export", params={"as": "litegraph"})
    assert json.loads(exported.json()["text"]) == json.loads(text)
    assert exported.json()["left_out"] == []


@once
async def test_an_unknown_node_is_kept_and_named_by_the_check(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    unknown = {"type": "of_the_future", "version": 3, "params": {"a": [1]}, "colour": "red"}
    graph = {**cross, "nodes": {**cross["nodes"], "later": unknown}}
    one = await made(client, name="future", graph=graph)
    assert (await client.get(f"/api/strategies/{one['id']}")).json()["graph"]["nodes"]["later"] == unknown
    faults = (await client.get(f"/api/strategies/{one['id']}/check")).json()["faults"]
    assert [fault["node"] for fault in faults] == ["later"]


@once
async def test_a_share_file_has_nothing_of_its_owner_and_makes_the_same_strategy(client_of: ClientOf) -> None:
    client, other = await client_of("trader"), await client_of("trader")
    one = await made(client, name="my grid", litegraph=PVE.read_text())
    exported = (await client.get(f"/api/strategies/{one['id']}/export", params={"as": "share"})).json()
    for private in (one["id"], "trader", "litegraph", str(one["created_at"])):
        assert private not in exported["text"]
    assert len(exported["left_out"]) == 1
    for share in (exported["text"], json.loads(exported["text"])):
        again = await made(other, share=share, name=None if share is exported["text"] else "second")
    assert again["name"] == "second"
    graphs = [
        (await user.get(f"/api/strategies/{which['id']}")).json() for user, which in ((client, one), (other, again))
    ]
    assert graphs[0]["graph_hash"] == graphs[1]["graph_hash"]
    assert graphs[0]["graph"]["suggested_run"] == graphs[1]["graph"]["suggested_run"] != {}
    for wrong in ("", "[]", "{}", '{"kind": "wickwork strategy", "format": 2}', "[" * 50_000):
        assert (await other.post("/api/strategies", json={"share": wrong})).status_code == 422


@once
async def test_exports_are_the_document_and_python(client_of: ClientOf, cross: Any, tmp_path: Path) -> None:
    client = await client_of("trader")
    one = await made(client, name="Größe / ../cross", graph=cross)
    path = f"/api/strategies/{one['id']}/export"
    assert json.loads((await client.get(path)).json()["text"]) == cross
    file = await client.get(path, params={"as": "python", "download": True})
    assert file.headers["content-disposition"] == 'attachment; filename="gr_e_cross.py"'
    (tmp_path / "cross.py").write_text(file.text)
    assert load_strategy(tmp_path / "cross.py").graph.hash() == from_data(cross).hash()


@once
async def test_versions_drafts_and_other_strategies_are_compared(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    one = await made(client, name="cross", graph=cross)
    other = await made(client, name="other", graph=changed(cross, "slow", period=99))
    path = f"/api/strategies/{one['id']}"
    draft = {"graph": {**changed(cross, "fast", period=5), "notes": "n"}}
    await client.put(f"{path}/draft", json=draft, headers={"If-Match": '"1"'})
    found = (await client.get(f"{path}/diff", params={"before": "1", "after": "draft"})).json()
    assert not found["same_logic"]
    assert {"fast.period": 5, "": "n"}.items() <= {one["where"]: one["after"] for one in found["changes"]}.items()
    found = (await client.get(f"{path}/diff", params={"before": "newest", "other": other["id"]})).json()
    assert [one["where"] for one in found["changes"]] == ["slow.period"]
    assert (await client.get(f"{path}/diff", params={"before": "7"})).status_code == 404


@once
async def test_two_changes_of_a_version_are_merged(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    path = f"/api/strategies/{(await made(client, name='cross', graph=cross))['id']}"
    await client.post(f"{path}/versions", json={"graph": changed(cross, "slow", period=99)})
    ours = changed(cross, "fast", period=5)
    merged = (await client.post(f"{path}/merge", json={"base": "1", "ours": ours})).json()
    assert merged["conflicts"] == merged["faults"] == []
    assert merged["graph"] == changed(ours, "slow", period=99)
    ours = changed(cross, "slow", period=50)
    for prefer, period in (("ours", 50), ("theirs", 99)):
        answer = await client.post(f"{path}/merge", json={"base": "1", "ours": ours, "prefer": prefer})
        assert [one["where"] for one in answer.json()["conflicts"]] == ["slow.period"]
        assert answer.json()["graph"]["nodes"]["slow"]["params"]["period"] == period
    assert (await client.post(f"{path}/merge", json={"base": "old", "ours": ours})).status_code == 422


@once
async def test_a_duplicate_has_the_newest_version_and_the_draft(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    path = f"/api/strategies/{(await made(client, name='cross', graph=cross))['id']}"
    await client.put(f"{path}/draft", json={"graph": {**cross, "wires": []}}, headers={"If-Match": '"1"'})
    names = [(await client.post(f"{path}/duplicate", json={})).json() for _ in range(2)]
    assert [(one["name"], one["version"], one["has_draft"]) for one in names] == [
        ("cross copy", 1, True),
        ("cross copy 2", 1, True),
    ]
    assert (await client.post(f"{path}/duplicate", json={"name": "cross"})).status_code == 409


async def test_another_users_strategy_is_absent_in_every_route(client_of: ClientOf, cross: Any) -> None:
    client, other = await client_of("trader"), await client_of("admin")
    path = f"/api/strategies/{(await made(client, name='cross', graph=cross))['id']}"
    calls: list[tuple[str, str, Any]] = [
        ("GET", "", None), ("PATCH", "", {"name": "x"}), ("DELETE", "", None), ("GET", "/versions", None),
        ("GET", "/versions/1", None), ("POST", "/versions", {"graph": cross}), ("GET", "/draft", None),
        ("PUT", "/draft", {"graph": cross}), ("DELETE", "/draft", None), ("POST", "/duplicate", {}),
        ("GET", "/check", None), ("GET", "/explain", None), ("GET", "/diff?before=1", None), ("GET", "/export", None),
        ("POST", "/merge", {"base": cross, "ours": cross, "theirs": cross}),
    ]  # fmt: skip
    for method, rest, body in calls:
        answer = await other.request(method, path + rest, json=body, headers={"If-Match": '"1"'})
        assert answer.status_code == 404, (method, rest, answer.text)
    for wrong in ("x" * 26, "%ED%A0%80", "a" * 10_000):
        assert (await client.get(f"/api/strategies/{wrong}")).status_code == 404
    assert (await client.get(path)).json()["version"] == 1
    viewer = await client_of("viewer")
    assert (await viewer.post("/api/strategies", json={"name": "x"})).status_code == 403


@once
@pytest.mark.parametrize("text", ['{"graph": NaN}', '{"graph": {"nodes": {}, "notes": NaN}}', "[" * 100_000])
async def test_what_is_no_graph_is_refused_with_a_sentence(client_of: ClientOf, text: str) -> None:
    client = await client_of("trader")
    for path in ("/api/graphs/check", "/api/strategies"):
        answer = await client.post(path, content=text, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 422), answer.text
    for name in ("", " ", "a\0b", "a\ud800", "x" * 201):
        body = json.dumps({"name": name})
        answer = await client.post("/api/strategies", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 422), answer.text


async def test_a_body_that_is_no_json_says_where(client_of: ClientOf) -> None:
    client = await client_of("trader")
    answer = await client.post("/api/strategies", content=b'{"name": ', headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("body: is no JSON: ")
