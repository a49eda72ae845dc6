"""Texts with mistakes by the hundred thousand: ``python -m tests.soak.fuzz [COUNT] [SEED]``."""

from __future__ import annotations

import sys

from tests.soak.follow import failure, input_of
from tests.soak.minimise import minimised
from tests.soak.series import Failure, Task, arguments, keep, one_of_each, run

COUNT = 100_000


def failures(task: Task) -> list[Failure]:
    seed, start, end = task
    found = ((number, failure(input_of(seed, number))) for number in range(start, end))
    return [Failure(number, reason) for number, reason in found if reason is not None]


def main(count: int, seed: str) -> int:
    """How many of the inputs failed."""
    found = run("fuzz", failures, count, seed, chunk=250)
    for each in one_of_each(found):
        keep("fuzz", seed, each, _small(seed, each))
    return len(found)


def _small(seed: str, found: Failure) -> str:
    text, kind = input_of(seed, found.number), found.reason[:30]
    return minimised(text, lambda other: (failure(other) or "").startswith(kind))


if __name__ == "__main__":
    sys.exit(bool(main(*arguments(COUNT))))
