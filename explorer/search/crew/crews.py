"""Crews: which are worth a try, and which of those that were tried is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

_TIE = 0.05  # a rate this share below the best is as good: one crew measured twice differs as much
_HEADROOM = 1.5  # nets of a space may be larger than its first, and validation takes larger batches


class Crew(NamedTuple):
    """So many workers of so many threads each; of two crews the one with fewer workers is less."""

    workers: int
    threads: int = 1

    def __str__(self) -> str:
        return f"{_counted(self.workers, 'worker')} x {_counted(self.threads, 'thread')}"


Rates = Mapping[Crew, float]  # training images a second, of all workers together


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What was measured.

    Attributes:
        rates: of every crew that was tried.
        peak: bytes that the largest worker held.
        most: workers that there was work for.
        doubt: why it should be made again; empty where it holds for the next search, too.
    """

    rates: Rates
    peak: int
    most: int
    doubt: str = ""

    def within(self, most: int) -> Rates:
        """The rates of crews of at most so many workers."""
        return {crew: rate for crew, rate in self.rates.items() if crew.workers <= most}


def possible(cores: int, most: int) -> tuple[Crew, ...]:
    """The crews to try: of one worker, of half as many as there are cores, and of as many.

    Each with one thread a worker, which come first, and with as many as the cores allow. Half of
    the cores, since two of them may share what computes.

    Args:
        cores: that may be used.
        most: workers that there is work and memory for.
    """
    sizes = {min(size, most) for size in (1, cores // 2, cores) if size}
    crews = {Crew(size, threads) for size in sizes for threads in (1, cores // size)}
    return tuple(sorted(crews, key=lambda crew: (crew.threads > 1, crew)))


def choose(rates: Rates) -> Crew:
    """The crew that trains the most images a second; of equally good ones the smallest.

    Trials that run side by side learn nothing from each other, so fewer workers are better where
    they get as much done.
    """
    enough = (1 - _TIE) * max(rates.values())
    return min(crew for crew, rate in rates.items() if rate >= enough)


def room(memory: int, peak: int) -> int:
    """How many workers fit into memory, from 1.

    Args:
        memory: bytes to be had.
        peak: bytes that one of them holds at most.
    """
    return max(1, int(memory / (_HEADROOM * max(peak, 1))))


def in_words(rates: Rates, chosen: Crew) -> str:
    """``2 workers x 1 thread: 196 images/s (1 x 1: 104, 1 x 2: 121)``."""
    others = ", ".join(
        f"{crew.workers} x {crew.threads}: {rate:.4g}"
        for crew, rate in sorted(rates.items())
        if crew != chosen
    )
    return f"{chosen}: {rates[chosen]:.4g} images/s" + (f" ({others})" if others else "")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
