from __future__ import annotations

import json

import pytest
from pydantic_core import PydanticCustomError

from wickwork.server.plain import plain


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"costs": {"fee_pct": NaN}}', "costs.fee_pct is not a finite number"),
        ('{"rules": {"a": [1, -Infinity]}}', "rules.a[1] is not"),
        ('{"params": {"a": 1e999}}', "params.a is not"),
        ('{"graph": {"nodes": {"a": {"x": [{"y": NaN}]}}}}', "graph.nodes.a.x[0].y is not"),
        ('{"venue": "\\u0000"}', "venue has the character NUL"),
        ('{"venue": "\u00e9\\u0000"}', "venue has"),
        ('{"costs": {"\\ud800": 1}}', "a name in costs has half of a surrogate pair"),
        ('{"\\udc00": 1}', "a name has half"),
        ('["\\udfff"]', "[0] has half"),
        ("NaN", "the body is not"),
        ('{"fee_pct": ' + "9" * 400 + "}", "more than 64 bits"),
        ('{"rules": ' + '{"a":' * 101 + "1" + "}" * 101 + "}", "nested"),
        ("[" * 101 + "]" * 101, "nested"),
        ('{"' + "k" * 100_000 + '": [NaN]}', "is not a finite number"),
    ],
)
def test_what_cannot_be_kept_is_named(text: str, words: str) -> None:
    with pytest.raises(PydanticCustomError) as raised:
        plain(json.loads(text))
    assert words in raised.value.message()
    assert len(raised.value.message()) < 300


@pytest.mark.parametrize("value", [{"a": [1, -1.5, None, True, "\u00e9\U0001f600", {"b": 2**63}]}, [], "", 0, None])
def test_everything_else_stays_as_it_is(value: object) -> None:
    assert plain(value) is value
