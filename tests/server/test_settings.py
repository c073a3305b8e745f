from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.conftest import ClientOf
from wickwork.services.preferences import merged

NAMES = st.sampled_from(["", "a", "b", "\u00e9"])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.anyio
async def test_settings_are_merged_and_belong_to_one_user(client_of: ClientOf) -> None:
    client, other, viewer = await client_of("trader"), await client_of("trader"), await client_of("viewer")
    first = {"theme": "dark", "chart": {"grid": True, "colours": {"up": "green"}}}
    assert (await client.patch("/api/settings", json=first)).json() == first
    changes = {"theme": None, "chart": {"colours": {"down": "red"}, "grid": False}}
    expected = {"chart": {"grid": False, "colours": {"up": "green", "down": "red"}}}
    assert (await client.patch("/api/settings", json=changes)).json() == expected
    assert (await client.get("/api/settings")).json() == expected
    assert (await other.get("/api/settings")).json() == {}
    assert (await viewer.patch("/api/settings", json={"a": 1})).status_code == 403


@pytest.mark.anyio
async def test_changes_at_once_are_all_made(client_of: ClientOf) -> None:
    client = await client_of("trader")
    await asyncio.gather(*(client.patch("/api/settings", json={"a": {f"k{n}": n}}) for n in range(10)))
    assert (await client.get("/api/settings")).json() == {"a": {f"k{n}": n for n in range(10)}}


@pytest.mark.anyio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "null",
        "1",
        "{",
        '{"": 1}',
        '{"a.b": 1}',
        '{"\u00e9": 1}',
        '{"a\\u0000": 1}',
        json.dumps({"x" * 65: 1}),
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": "\\ud800"}',
        '{"a": {"\\udfff": 1}}',
        json.dumps({"a": "x" * 256_001}),
        json.dumps({f"a{n}": 1 for n in range(101)}),
        '{"a": ' + "[" * 22 + "]" * 22 + "}",
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)
async def test_what_cannot_be_kept_is_refused_and_changes_nothing(client_of: ClientOf, body: str) -> None:
    client = await client_of("trader")
    await client.patch("/api/settings", json={"kept": 1})
    answer = await client.patch("/api/settings", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    assert (await client.get("/api/settings")).json() == {"kept": 1}


@given(target=PLAIN, patch=PLAIN)
def test_a_merge_patch_has_the_properties_of_its_standard(target: Any, patch: Any) -> None:
    found = merged(target, patch)
    assert merged(found, patch) == found
    if not isinstance(patch, dict):
        assert found == patch
    else:
        assert {name for name, value in patch.items() if value is None} & set(found) == set()
