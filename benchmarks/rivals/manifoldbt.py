# /// script
# requires-python = ">=3.11"
# dependencies = ["manifoldbt"]
# [tool.against]
# title = "Manifold-BT"
# ///
"""Manifold-BT. No version of it could be installed where this suite was written, so that no work is offered yet."""

from __future__ import annotations

from typing import Any

PACKAGES = ("manifoldbt",)


def start(variant: str) -> dict[str, dict[str, Any]]:
    """Nothing: it is installed here for the first time, and somebody has to write its works."""
    raise NotImplementedError("it installs, but nobody has written its works: rivals/manifoldbt.py")
