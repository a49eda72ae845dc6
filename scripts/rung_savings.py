"""How much training do rungs save at an equally good front? From curves; nothing is trained.

    python -m scripts.rung_savings reports/fidelity

Candidates come in random orders from the nets of ``scripts.fidelity`` and are promoted as a search
promotes them, by the accuracies that were measured after each epoch of the long training. A front
is that of the candidates that reached the end, its quality the area under it over the logarithm of
macs, as a share of what training all of them finds. Beside it: as many epochs spent on training
fewer candidates to the end, which is what a search without rungs would do.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np

from explorer.ops import Cost
from explorer.score.rungs import Rungs
from explorer.search.model.ehvi import Staircase
from explorer.search.records import Trial
from explorer.search.trials.rungs import next_job
from scripts.fidelity_report import MACS, tables

LADDERS = [
    Rungs(epochs, share)
    for epochs in ((1, 4), (2, 4), (1, 2, 4))
    for share in (Fraction(1, 3), Fraction(1, 2), Fraction(2, 3))
]


class Net(NamedTuple):
    """A net that was trained.

    Attributes:
        curve: accuracy after each epoch.
    """

    macs: float
    curve: tuple[float, ...]


class Outcome(NamedTuple):
    """What a search found.

    Attributes:
        area: under its front.
        spent: epochs of training, each times the macs of the net.
    """

    area: float
    spent: float


def climbed(rungs: Rungs, nets: Sequence[Net]) -> Outcome:
    """A search of these candidates, one worker, in this order."""
    trials: list[Trial] = []
    spent = 0.0
    while (job := _job(rungs, trials, len(nets))) is not None:
        net = nets[job[0]]
        before = rungs.epochs[job[1] - 1] if job[1] else 0
        spent += (rungs.epochs[job[1]] - before) * net.macs
        cost = Cost(**{**dict.fromkeys(Cost._fields, 0), "macs": round(net.macs)})
        trials.append(
            Trial(
                len(trials), "complete", {}, "", cost, 0, net.curve[: rungs.epochs[job[1]]],
                rung=job[1], candidate=job[0],
            )
        )  # fmt: skip
    ended = [nets[trial.candidate] for trial in trials if trial.rung == rungs.top]
    return Outcome(area(ended), spent)


def _job(rungs: Rungs, trials: Sequence[Trial], limit: int) -> tuple[int, int] | None:
    """The candidate and the rung that are next; here nobody is excused from waiting."""
    job = next_job(rungs, trials, limit)
    if job is None:
        return None
    return job.candidate, job.rung if job.standing is not None else 0


def area(nets: Sequence[Net]) -> float:
    """Under the front of nets, above .44 and up to 5.5M macs: just outside of the table."""
    accuracies = np.array([net.curve[-1] for net in nets])
    macs = np.log(np.array([net.macs for net in nets]) / 7e5)
    return Staircase.of(accuracies, macs, (0.44, float(np.log(5.5 / 0.7)))).area


def rows(nets: Sequence[Net], counts: Sequence[int], orders: int) -> Iterator[str]:
    """Lines of Markdown."""
    yield "| candidates | rungs | go on | training | front | as good without rungs after |"
    yield "|---|---|---|---|---|---|"
    rng = np.random.default_rng(0)
    for count in counts:
        drawn = [[nets[i] for i in rng.permutation(len(nets))[:count]] for _ in range(orders)]
        whole = [climbed(Rungs((4,)), order) for order in drawn]
        shares = np.linspace(0.2, 1, 33)
        without = [
            np.mean(
                [area(o[: round(s * count)]) / w.area for o, w in zip(drawn, whole, strict=True)]
            )
            for s in shares
        ]
        for rungs in LADDERS:
            found = [climbed(rungs, order) for order in drawn]
            pairs = list(zip(found, whole, strict=True))
            front = float(np.mean([f.area / w.area for f, w in pairs]))
            spent = float(np.mean([f.spent / w.spent for f, w in pairs]))
            equal = float(np.interp(front, without, shares))
            waits = ", ".join(map(str, rungs.epochs))
            yield (
                f"| {count} | {waits} | {rungs.share} | {spent:.0%} | {front:.1%} | {equal:.0%}: "
                f"{1 - spent / equal:.0%} saved |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("folder", type=Path)
    add("--candidates", type=int, nargs="+", default=[24, 48])
    add("--orders", type=int, default=40)
    arguments = parser.parse_args()
    found = tables(arguments.folder)
    macs = {int(net["net"]): float(net[MACS]) for net in found.nets}
    nets = [Net(macs[net], tuple(curve)) for net, curve in found.runs["long", 0].items()]
    for line in rows(nets, arguments.candidates, arguments.orders):
        print(line, flush=True)


if __name__ == "__main__":
    main()
