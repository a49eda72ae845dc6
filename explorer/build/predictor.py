"""A predictor of latency for the nets of one space, fitted to measurements of some of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import mean

import numpy as np
import torch

from explorer.budget import Budget, Feasible, draw
from explorer.build.latency import measure_latency
from explorer.build.machine import setting
from explorer.build.weights import Measured, calibrated, disturbed, fit, tested
from explorer.cost.batch import decode
from explorer.cost.latency import Predictor
from explorer.errors import ExplorerError, NetError
from explorer.graph import Graph, fingerprint
from explorer.space import Assignment, Space, bind

FITTED, TESTED = 8, 19  # nets; 19 are the fewest whose largest error bounds the next one at 95 %
SECONDS = 40.0
_PATIENCE = 1.5  # times as long is waited for others to leave the machine alone
_VISIT = 0.1  # seconds that one net is measured for at a time
_FEWEST = 3  # nets to test on
_ATTEMPTS = 100  # draws for one net before the space counts as used up

Propose = Callable[[Space, np.random.Generator], Assignment]
Progress = Callable[[int, int], None]


def fit_predictor(
    space: Space,
    device: torch.device | str = "cpu",
    seed: int = 0,
    *,
    propose: Propose = draw,
    batch: int = 1,
    threads: int = 1,
    seconds: float = SECONDS,
    on_progress: Progress = lambda done, of: None,
) -> Predictor:
    """Measure random nets of a space, node by node, and fit what each kind of node takes.

    Eight nets are fitted to: for every kind the non-negative weights of its features, and for all
    of them one factor, by which whole nets take longer than their nodes. Nineteen others say how
    far predictions are off. In a space of fewer nets, fewer are measured.

    Nodes are measured where they work, inside their net, rather than each by itself: there the
    caches hold what they hold in use.

    Args:
        space: a space with choices.
        device: ``cpu``, ``cuda``, ``mps`` or such a device of torch.
        seed: decides which nets.
        propose: draws an assignment: uniformly, or :func:`within` a budget that predictions will
            be asked for.
        batch: images at once.
        threads: of torch on a CPU.
        seconds: about how long it may take, and half as long again when others disturb it; every
            net is visited once anyway.
        on_progress: told how many nets are measured and how many there are, anew at each visit.

    Raises:
        ExplorerError: the space has too few nets.
    """
    device = torch.device(device)
    graphs = list(islice(_different(space, seed, propose), FITTED + TESTED))
    fitted = min(FITTED, len(graphs) - _FEWEST)
    if fitted < 1:
        raise ExplorerError(f"{space.name}: {len(graphs)} nets are too few to fit a predictor to")

    def measure(index: int) -> Measured:
        latency = measure_latency(
            graphs[index],
            device,
            batch=batch,
            threads=threads,
            seconds=_VISIT,
            by_node=index < fitted,
        )
        return Measured.of(graphs[index], latency)

    nets = _visit(measure, len(graphs), seconds, on_progress)
    weights, general = fit(nets[:fitted])
    predictor = Predictor(
        weights,
        general,
        errors=(),
        setting=setting(device, threads, batch),
        space=space.name,
        input=str(space.header.input),
        busy=mean(net.busy for net in nets),
        pace=min(net.pace for net in nets),
        disturbed=len(disturbed(nets)) / len(nets),
    )
    return tested(calibrated(predictor, nets[:fitted]), nets[fitted:])


def _visit(
    measure: Callable[[int], Measured], count: int, seconds: float, on_progress: Progress
) -> list[Measured]:
    """The best of several visits to each net, as far apart as the time allows.

    What disturbs a measurement often lasts for seconds, and would spoil all rounds of one visit. So
    all nets are visited in random order, and then those that were disturbed before the others.
    """
    begun, visits = time.perf_counter(), 0
    rng = np.random.default_rng(0)
    nets: dict[int, Measured] = {}
    wanted = list(range(count))
    while wanted:
        for done, index in enumerate(map(int, rng.permutation(wanted))):
            on_progress(done, len(wanted))
            found = measure(index)
            nets[index] = nets[index].best(found) if index in nets else found
        on_progress(len(wanted), len(wanted))
        visits += len(wanted)
        elapsed = time.perf_counter() - begun
        again = disturbed([nets[index] for index in range(count)])
        limit = seconds * _PATIENCE if again else seconds
        affordable = int((limit - elapsed) / elapsed * visits)
        wanted = again[: max(0, affordable)] if again else list(range(count))
        if len(wanted) > affordable:
            break
    return [nets[index] for index in range(count)]


def within(space: Space, budget: Budget) -> Propose:
    """A way to propose assignments of a space that a budget allows."""
    feasible = Feasible(space)
    ready: list[Assignment] = []

    def propose(space: Space, rng: np.random.Generator) -> Assignment:
        if not ready:
            codes = feasible.draw(budget, FITTED + TESTED, rng)
            ready.extend(decode(space, column) for column in codes.T)
        return ready.pop()

    return propose


def _different(space: Space, seed: int, propose: Propose) -> Iterator[Graph]:
    """Random nets of a space, none twice, until no new one is found in a fair number of draws."""
    rng = np.random.default_rng(seed)
    known: set[str] = set()
    misses = 0
    while misses < _ATTEMPTS:
        misses += 1
        try:
            graph = bind(space, propose(space, rng)).graph
        except NetError:  # a requirement that does not hold, shapes that do not fit
            continue
        name = fingerprint(graph)
        if name not in known:
            known.add(name)
            misses = 0
            yield graph
