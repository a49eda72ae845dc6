"""How long a net takes: measured on the machine at hand, whole and node by node."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from statistics import median, quantiles
from typing import NamedTuple

import torch
from torch import Tensor

from explorer.build.example import examples
from explorer.build.machine import Pace, clock, keep_memory, setting, synchronise, use_threads
from explorer.build.module import build
from explorer.cost.kinds import timed
from explorer.cost.latency import Setting
from explorer.graph import Graph, without_heads

SECONDS = 3.0  # that measuring one net may take, when nobody says otherwise
_WARM_UP = 2  # rounds in which memory is taken and kernels are chosen
_FEWEST, _MOST = 5, 200  # rounds


@dataclass(frozen=True, slots=True)
class Latency:
    """How long one batch takes at inference, in milliseconds.

    Attributes:
        ms: the median of the rounds, by the clock on the wall.
        quartiles: half of the rounds took between these.
        least: the shortest round. Where one thread of a CPU works, only the time that it ran
            counts, without its waiting for a core: on a busy machine this is the figure that comes
            back from one measurement to the next, and what predictions are of.
        busy: the share of the time in which that one thread waited for a core.
        rounds: how often the net ran.
        pace: what a fixed convolution took beside the shortest round; the higher it is above what
            it takes at other times, the more did others slow down that round. 0: not known.
        nodes: of each node, by its path, the shortest time in rounds of their own.
        setting: what was measured on.
    """

    ms: float
    quartiles: tuple[float, float]
    least: float
    busy: float
    rounds: int
    pace: float
    nodes: dict[str, float]
    setting: Setting

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def measure_latency(
    graph: Graph,
    device: torch.device | str = "cpu",
    *,
    batch: int = 1,
    threads: int = 1,
    seconds: float = SECONDS,
    by_node: bool = True,
) -> Latency:
    """Build a net with random weights and measure how long a random batch takes.

    Float32, channels last, without gradients. The last round of a warm-up says how many rounds fit
    into the time, 5 to 200.

    Args:
        graph: the net.
        device: ``cpu``, ``cuda``, ``mps`` or such a device of torch.
        batch: images at once.
        threads: of torch on a CPU, set for the measurement alone.
        seconds: about how long to measure, besides building and warming up.
        by_node: after each round, run the net once more and look at the clock after every node.
    """
    device = torch.device(device)
    with keep_memory(), use_threads(threads):
        bench = _Bench(graph, device, batch, threads)
        rounds = list(bench.rounds(seconds, by_node))
    walls, owns = [each.wall for each in rounds], [each.own for each in rounds]
    shortest = min(rounds, key=lambda each: each.own)
    low, _, high = quantiles(walls, method="inclusive")
    nodes = map(min, zip(*(each.nodes for each in rounds), strict=True))
    return Latency(
        ms=median(walls),
        quartiles=(low, high),
        least=shortest.own,
        busy=max(0.0, 1 - sum(owns) / sum(walls)),
        rounds=len(rounds),
        pace=shortest.pace,
        nodes=dict(zip(bench.paths, nodes, strict=True)) if by_node else {},
        setting=setting(device, threads, batch),
    )


class _Round(NamedTuple):
    """Milliseconds of a run: by the clock on the wall, by the thread's own, the pace, by node."""

    wall: float
    own: float
    pace: float
    nodes: list[float]


class _Bench:
    """A built net on a device, and a batch for it."""

    def __init__(self, graph: Graph, device: torch.device, batch: int, threads: int) -> None:
        draw = torch.Generator().manual_seed(0)
        self.device = device
        self.net = build(graph).eval().to(device)
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.inputs = [_laid_out(value.to(device)) for value in examples(graph, batch, draw)]
        self.paths = [node.path for node in timed(without_heads(graph))]
        self.is_alone = device.type == "cpu" and threads == 1
        self.clock = clock(device, threads)
        self.pace = Pace(device, threads)

    @torch.inference_mode()
    def rounds(self, seconds: float, by_node: bool) -> Iterator[_Round]:
        """Warm up, then run the net as often as fits into the time."""
        for _ in range(_WARM_UP):
            begun = time.perf_counter()
            self._round(by_node)
        each = time.perf_counter() - begun
        for _ in range(min(max(int(seconds / each), _FEWEST), _MOST)):
            yield self._round(by_node)

    def _round(self, by_node: bool) -> _Round:
        before = self.pace.ms()
        wall, own = self._whole()
        pace = max(before, self.pace.ms())
        return _Round(wall, own, pace, self._nodes() if by_node else [])

    def _whole(self) -> tuple[float, float]:
        synchronise(self.device)
        wall, own = time.perf_counter(), time.thread_time()
        self.net(*self.inputs)
        synchronise(self.device)
        own, wall = time.thread_time() - own, time.perf_counter() - wall
        return wall * 1e3, (own if self.is_alone else wall) * 1e3

    def _nodes(self) -> list[float]:
        """The times of all nodes in one run, in the order of ``paths``."""
        synchronise(self.device)
        marks = [self.clock.mark()]
        for _ in self.net.walk(*self.inputs):
            marks.append(self.clock.mark())
        synchronise(self.device)
        return [self.clock.between(*pair) for pair in pairwise(marks)]


def _laid_out(value: Tensor) -> Tensor:
    """A batch of maps with its channels last."""
    return value.contiguous(memory_format=torch.channels_last) if value.dim() == 4 else value
