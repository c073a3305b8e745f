"""Lets these tests use the harness of the promises."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "promises"))
