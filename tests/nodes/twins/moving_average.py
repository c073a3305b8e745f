"""Twin of nodes/moving_average.py."""

from __future__ import annotations

from tests.nodes.twins.common import TWINS, Numbers, twin


@twin
def moving_average(source: Numbers, *, kind: str, period: int, seed: str) -> Numbers:
    """The twin of the kind's own node, with the parameters that people expect of it."""
    seeded = {"seed": seed}
    name, more = {
        "ema": ("ema", seeded),
        "dema": ("dema", seeded),
        "tema": ("tema", seeded),
        "zlma": ("zlema", seeded),
        "t3": ("t3", {"factor": 0.7, **seeded}),
        "smma": ("rma", {}),
        "swma": ("trima", {}),
        "linreg": ("linear_regression", {"multiplier": 2.0}),
        "kama": ("kama", {"fast": 2, "slow": 30}),
        "alma": ("alma", {"offset": 0.85, "sigma": 6.0}),
        "vidya": ("vidya", {"cmo_period": period}),
        "mcgd": ("mcginley", {"factor": 0.6}),
        "jma": ("jma", {"phase": 50.0, "power": 2}),
    }.get(kind, (kind, {}))
    if kind == "hwma":
        return TWINS["hwma"](source, level=0.2, speed=0.1, acceleration=0.1)  # type: ignore[no-any-return]
    answer = TWINS[name](source, period=period, **more)
    return answer[0] if kind == "linreg" else answer  # type: ignore[no-any-return]
