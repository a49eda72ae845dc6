"""Spaces counted both ways."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import numpy as np
import numpy.typing as npt

from explorer.cost.batch import COSTS, BatchCounter, cost_of, decode
from explorer.errors import NetError
from explorer.language import parse
from explorer.space import Space, bind, elaborate
from explorer.space.library import shipped

Codes = npt.NDArray[np.int16]

SHIPPED = sorted(name for name, path in shipped().items() if Path(name).suffix == ".space")


def space_of(text: str) -> Space:
    return elaborate(parse(dedent(text), "test.space"))


def drawn(space: Space, count: int, seed: int) -> Codes:
    """Codes of assignments with every choice drawn independently."""
    rng = np.random.default_rng(seed)
    rows = [rng.integers(len(choice.values), size=count) for choice in space.choices.values()]
    return np.array(rows, np.int16).reshape(len(rows), count)


def alone(space: Space, codes: Codes) -> list[int] | None:
    """The costs of one graph; None where an assignment has none."""
    try:
        graph = bind(space, decode(space, codes)).graph
    except NetError:
        return None
    return [cost_of(graph, name) for name in COSTS]


def differences(space: Space, codes: Codes) -> list[tuple[int, object, object]]:
    """The assignments that are counted otherwise together than alone."""
    counts = BatchCounter(space).count(codes, COSTS)
    found = []
    for column in range(codes.shape[1]):
        single = alone(space, codes[:, column])
        valid = counts.valid[column]
        together = [int(counts[name][column]) for name in COSTS] if valid else None
        if single != together:
            found.append((column, single, together))
    return found
