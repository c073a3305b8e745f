"""Hypothesis tries the same examples every time, so that a build is green or red for a reason.

`WICKWORK_EXPLORE=1` lets it look for new ones.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True)
settings.register_profile("explore", max_examples=1000)
settings.load_profile("explore" if os.environ.get("WICKWORK_EXPLORE") else "steady")
