"""Every shipped space counted together, alone and by fvcore: ``python -m tests.soak.counts``.

Arguments: how many assignments are counted alone (10,000), how many by fvcore (200), of which
spaces (all). Of small spaces every assignment is taken once.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from explorer.build import audit
from explorer.cost.batch import decode
from explorer.space import Space, bind
from explorer.space.library import find_text
from tests.cost.batch.spaces import SHIPPED, Codes, differences, drawn

COUNT, AUDITED = 10_000, 200


def some(space: Space, count: int, seed: int) -> Codes:
    """Assignments at random; all of them, when there are fewer."""
    if space.size > count:
        return drawn(space, count, seed)
    sizes = [len(choice.values) for choice in space.choices.values()]
    return np.array(np.unravel_index(np.arange(space.size), sizes), np.int16)


def recounted(space: Space, codes: Codes) -> int:
    """How many of the assignments fvcore counts otherwise."""
    graphs = (bind(space, decode(space, column)).graph for column in codes.T)
    return sum(not audit(graph).agrees for graph in graphs)


def main(count: int, audited: int, names: list[str]) -> int:
    """How many assignments are counted otherwise; a line for each space."""
    wrong = 0
    for name in names:
        space, started = find_text(name, "space").space(), time.monotonic()
        codes = some(space, count, seed=4)
        differ = len(differences(space, codes))
        sample = codes[:, :: max(1, codes.shape[1] // max(audited, 1))][:, :audited]
        otherwise = recounted(space, sample)
        wrong += differ + otherwise
        print(
            f"{space.name}: {codes.shape[1]:,} assignments, {differ} counted otherwise alone; "
            f"{sample.shape[1]} recounted by fvcore, {otherwise} otherwise "
            f"({time.monotonic() - started:.0f} s)",
            flush=True,
        )
    return wrong


if __name__ == "__main__":
    given = sys.argv[1:]
    numbers = [int(text) for text in given[:2]] + [COUNT, AUDITED][len(given[:2]) :]
    sys.exit(main(*numbers, given[2:] or SHIPPED) > 0)
