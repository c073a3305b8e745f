"""Reads a report back as its page does: a second, plain hand for src/wickwork/analytics/report/pack.py."""

from __future__ import annotations

import base64
import gzip
import json
import struct
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass
class Page(HTMLParser):
    """What is in the file: scripts with their attributes, the text of some elements, every address."""

    scripts: list[tuple[dict[str, str | None], str]] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    policy: str = ""
    words: str = ""
    _open: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, action: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._open = action
        if action == "script":
            self.scripts.append((given, ""))
        if action == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given.get("content") or ""
        self.addresses += [str(value) for name, value in attrs if name in ("src", "href", "action", "srcset", "poster")]

    def handle_endtag(self, action: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            given, text = self.scripts[-1]
            self.scripts[-1] = given, text + data
        elif self._open == "title":
            self.titles.append(data)
        else:
            self.words += data


def page_of(text: str) -> Page:
    page = Page()
    page.feed(text)
    return page


class Unpacked:
    """The data of a report."""

    def __init__(self, base: str) -> None:
        raw = gzip.decompress(base64.b64decode(base))
        (size,) = struct.unpack("<I", raw[:4])
        self.data: dict[str, Any] = json.loads(raw[4 : 4 + size], parse_constant=_refuse)
        self._columns = raw[4 + size :]

    def numbers(self, packed: dict[str, Any]) -> NDArray[np.float64]:
        decimals = packed["decimals"]
        if decimals is None:
            values = self._floats(packed)
        else:
            steps = np.cumsum(self._integers(packed["at"], packed["length"]))
            values = steps / 10.0**decimals if decimals >= 0 else steps * 10.0**-decimals
        missing = packed.get("missing", [])
        for start, stop in zip(missing[::2], missing[1::2], strict=True):
            values[start:stop] = np.nan
        return np.asarray(values, np.float64)

    def candles(self, packed: dict[str, Any]) -> dict[str, NDArray[np.float64]]:
        if packed["decimals"] is None:
            names = ("open", "close", "high", "low")
            return {name: self._floats(part) for name, part in zip(names, packed["columns"], strict=True)}
        o, c, h, low = (self._integers(part["at"], part["length"]) for part in packed["columns"])
        close = np.cumsum(o + c)
        opens = close - c
        found = {
            "open": opens,
            "high": np.maximum(opens, close) + h,
            "low": np.minimum(opens, close) - low,
            "close": close,
        }
        return {name: values / 10.0 ** packed["decimals"] for name, values in found.items()}

    def _floats(self, part: dict[str, Any]) -> NDArray[np.float64]:
        integers = self._integers(part["at"], part["length"]).astype("<i4")
        return np.frombuffer(integers.tobytes(), "<f4").astype(np.float64)

    def _integers(self, at: int, length: int) -> NDArray[np.int64]:
        planes = np.frombuffer(self._columns, np.uint8, 4 * length, at).reshape(4, length)
        return np.ascontiguousarray(planes.T).view("<i4").ravel().astype(np.int64)


def unpacked(text: str) -> Unpacked:
    (base,) = (words for given, words in page_of(text).scripts if given.get("id") == "data")
    return Unpacked(base)


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} in the JSON")
