"""Twin of the node in examples/user_node.py."""

from __future__ import annotations

import itertools

from tests.nodes.twins.common import Numbers, nan, twin


@twin
def efficiency(source: Numbers, *, period: int) -> Numbers:
    """The smoothed steps over the smoothed lengths of the steps, each written out as a weighted sum."""
    keep, answers = 1.0 - 2.0 / (period + 1.0), [nan]
    steps = [b - a for a, b in itertools.pairwise(source)]
    for n in range(1, len(source)):
        way = sum((1.0 - keep) * keep ** (n - 1 - i) * steps[i] for i in range(n))
        walked = sum((1.0 - keep) * keep ** (n - 1 - i) * abs(steps[i]) for i in range(n))
        answers.append(way / walked if walked > 0.0 else 0.0)
    return answers
