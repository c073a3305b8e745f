"""Reading the figures of a report back from its page."""

from __future__ import annotations

import base64
import gzip
import json
import re
import struct
from typing import Any

from wickwork.model.errors import InputError

_DATA = re.compile(r'<script type="application/octet-stream" id="data">([A-Za-z0-9+/=]+)</script>')
_LENGTH = struct.Struct("<I")


def data_of_page(text: str) -> dict[str, Any]:
    """What `data.page_data` gave for a page, without the packed columns. Raises InputError for another text."""
    found = _DATA.search(text)
    if found is None:
        raise InputError("This page has no data; it is no report.")
    whole = gzip.decompress(base64.b64decode(found[1]))
    (length,) = _LENGTH.unpack_from(whole)
    data: dict[str, Any] = json.loads(whole[_LENGTH.size : _LENGTH.size + length])
    return data
