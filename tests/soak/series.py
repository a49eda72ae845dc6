"""Long series of inputs over two processes: progress, and what failed, small and in a file."""

from __future__ import annotations

import multiprocessing
import resource
import secrets
import sys
import time
from collections.abc import Callable
from os import environ
from pathlib import Path
from typing import NamedTuple

FAILURES = Path(__file__).parent / "failures"
MEMORY = 6 << 30  # bytes of one process
TOLD = 15  # seconds between two lines of progress


class Failure(NamedTuple):
    """An input by its number, and what went wrong with it."""

    number: int
    reason: str


Task = tuple[str, int, int]  # the seed, and the numbers from which and to which


def fresh_seed() -> str:
    """``SOAK_SEED``, or a new one."""
    return environ.get("SOAK_SEED") or secrets.token_hex(4)


def run(
    name: str, work: Callable[[Task], list[Failure]], count: int, seed: str, chunk: int
) -> list[Failure]:
    """All failures among the inputs of a series, with progress as it goes."""
    tasks = [(seed, start, min(start + chunk, count)) for start in range(0, count, chunk)]
    print(f"\n{name}: {count:,} inputs, SOAK_SEED={seed}", flush=True)
    started = told = time.monotonic()
    found: list[Failure] = []
    with multiprocessing.get_context("spawn").Pool(2, _limit_memory) as pool:
        for done, failures in enumerate(pool.imap_unordered(work, tasks), 1):
            found += failures
            if time.monotonic() - told > TOLD or done == len(tasks):
                told = time.monotonic()
                inputs = min(done * chunk, count)
                print(f"{name}: {inputs:,} in {told - started:.0f} s, {len(found)} failed",
                      flush=True)  # fmt: skip
    return sorted(found)


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def one_of_each(found: list[Failure]) -> list[Failure]:
    """Of the failures that begin alike, the first."""
    kinds: dict[str, Failure] = {}
    for failure in found:
        kinds.setdefault(failure.reason[:60], failure)
    return list(kinds.values())


def keep(name: str, seed: str, failure: Failure, small: str) -> None:
    """Write a failing input into a file of its own, and say where it is."""
    FAILURES.mkdir(exist_ok=True)
    path = FAILURES / f"{name}-{seed}-{failure.number}.txt"
    note = f"# {name}, seed {seed}, number {failure.number}: {failure.reason!r}\n"
    path.write_text(note + small, "utf-8", newline="")
    print(f"{name}: {failure.reason[:80]!r}: {path}", flush=True)


def arguments(count: int) -> tuple[int, str]:
    """How many inputs, and the seed, as the command line says."""
    given = sys.argv[1:]
    return int(given[0]) if given else count, given[1] if given[1:] else fresh_seed()
