"""Which short training ranks nets like a longer one? A table of runs, made in pieces.

    python -m scripts.fidelity FOLDER --data images.npz --protocols long --minutes 60
    python -m scripts.fidelity_report FOLDER

FOLDER gets ``nets.csv``, the nets, drawn once, and ``runs.csv``, a line for every finished run;
with ``--scores`` ``scores.csv``, and with ``--timing`` ``timing.csv``. The same command goes on
where it stopped. Several processes may work on one folder at once: give every
second one ``--backwards``, and they meet in the middle.
"""

from __future__ import annotations

import argparse
import csv
import fcntl
import json
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from explorer.budget import Budget, Feasible
from explorer.cost import count
from explorer.graph import fingerprint
from explorer.score import (
    DivergedError,
    Protocol,
    Recipe,
    Scorer,
    pick_device,
    prepare_process,
    training_seed,
)
from explorer.score.free import draw_batch, free_scores
from explorer.space import bind
from explorer.space.library import find_text
from scripts.lines import mend

SPACE = "inception"
SEED = 0
CHEAPEST, DEAREST = 750_000, 5_000_000  # macs of what is trained; limits lie between the two
# With these strides the three stages see grids of 16, 8 and 4, and the stem's 3x3 works at 16.
LONG = Protocol(
    resolution=32,
    width=Fraction(1, 8),
    params={"stride1": 1, "stride2": 2, "stride3": 1, "drop": 0},
    recipe=Recipe(epochs=4, images=9_000, batch=32, rate=0.15, shift=0, mirror=True),
)


def changed(protocol: Protocol, **recipe: Any) -> Protocol:
    """The protocol with another recipe."""
    return replace(protocol, recipe=replace(protocol.recipe, **recipe))


QUARTER = changed(LONG, images=2_250)
PROTOCOLS: dict[str, Protocol] = {
    "long": LONG,
    "half": changed(LONG, images=4_500),
    "quarter": QUARTER,
    "eighth": changed(LONG, images=1_125),
    "sixteenth": changed(LONG, images=562),
    "quarter, 24 px": replace(QUARTER, resolution=24),
    "quarter, 16 px": replace(QUARTER, resolution=16),
    "quarter, width 1/16": replace(QUARTER, width=Fraction(1, 16)),
    "quarter, no smoothing": changed(QUARTER, smoothing=0.0),
    "quarter, batches of 64": changed(QUARTER, batch=64),
    "quarter, rate 0.05": changed(QUARTER, rate=0.05),
    "quarter, rate 0.02": changed(QUARTER, rate=0.02),
    "quarter, averaged": changed(QUARTER, average=0.98),
    "quarter, stem at 32": replace(QUARTER, params={"stride1": 1, "stride2": 1, "drop": 0}),
}


class Job(NamedTuple):
    """One run: which net, by which protocol, with which seed."""

    net: int
    protocol: str
    repeat: int


# ---- the nets


def draw_nets(number: int, data: str) -> Iterator[dict[str, object]]:
    """Nets under limits that spread evenly, in their logarithm, over the range of macs."""
    text = find_text(SPACE)
    scorer = Scorer(text, replace(LONG, data=data))
    feasible, whole = Feasible(scorer.space), text.space()
    rng = np.random.default_rng(SEED)
    known: set[str] = set()
    while len(known) < number:
        limit = CHEAPEST * (DEAREST / CHEAPEST) ** rng.random()
        candidate = feasible.candidate(Budget({"macs": round(limit)}), rng)
        if candidate is None or fingerprint(candidate.graph) in known:
            continue
        known.add(fingerprint(candidate.graph))
        trained, deployed = count(candidate.graph), count(bind(whole, candidate.assignment).graph)
        yield {
            "net": len(known) - 1,
            "fingerprint": fingerprint(candidate.graph),
            "trained_macs": trained.macs,
            "trained_params": trained.params,
            "macs": deployed.macs,
            "params": deployed.params,
            "assignment": json.dumps(candidate.written()),
        }


def write(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Rows at the end of a table; several processes may write to it."""
    with path.open("a", newline="", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        mend(path)
        for row in rows:
            writer = csv.DictWriter(file, list(row))
            if not path.stat().st_size:
                writer.writeheader()
            writer.writerow(row)
            file.flush()


def read(path: Path) -> list[dict[str, str]]:
    """The rows that are whole: a killed process may have left half of one."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if None not in row.values()]


# ---- the runs


def missing(folder: Path, jobs: list[Job]) -> list[Job]:
    done = {
        Job(int(row["net"]), row["protocol"], int(row["repeat"]))
        for row in read(folder / "runs.csv")
    }
    return [job for job in jobs if job not in done]


def measure(folder: Path, jobs: list[Job], data: str, end: float) -> None:
    """Run what the folder does not hold yet, in order, until it is late."""
    nets = read(folder / "nets.csv")
    scorers = {
        name: Scorer(find_text(SPACE), replace(PROTOCOLS[name], data=data), pick_device())
        for name in {job.protocol for job in jobs}
    }
    while (left := missing(folder, jobs)) and time.monotonic() < end:
        row = run(scorers[left[0].protocol], left[0], nets[left[0].net])
        if left[0] in missing(folder, left[:1]):
            write(folder / "runs.csv", [row])
        print(f"{len(left) - 1} left", row, flush=True)


def run(scorer: Scorer, job: Job, net: Mapping[str, str]) -> dict[str, object]:
    seed = training_seed(SEED, net["fingerprint"], job.repeat)
    try:
        result, _ = scorer.score(json.loads(net["assignment"]), seed)
        curve, seconds = result.curve, result.seconds
    except DivergedError:
        curve, seconds = (math.nan,), math.nan
    return {
        **job._asdict(),
        "accuracy": f"{curve[-1]:.5f}",
        "seconds": f"{seconds:.1f}",
        "curve": " ".join(f"{accuracy:.4f}" for accuracy in curve),
    }


def score(folder: Path, data: str) -> None:
    """Training-free scores of the nets, as they are trained, that the folder does not hold yet."""
    scorer = Scorer(find_text(SPACE), replace(LONG, data=data))
    batch = draw_batch(scorer.data, seed=SEED)
    done = {row["net"] for row in read(folder / "scores.csv")}
    for net in read(folder / "nets.csv"):
        if net["net"] in done:
            continue
        found = free_scores(scorer.proxy(json.loads(net["assignment"])), batch, SEED)
        seconds = {f"seconds_{name}": f"{spent:.4f}" for name, spent in found.seconds.items()}
        write(folder / "scores.csv", [{"net": net["net"], **found.values, **seconds}])


def time_all(folder: Path, data: str) -> None:
    """How long every protocol takes for the net of median macs, one after another."""
    nets = sorted(read(folder / "nets.csv"), key=lambda net: int(net["trained_macs"]))
    middle = nets[len(nets) // 2]
    (folder / "timing.csv").unlink(missing_ok=True)
    for name, protocol in PROTOCOLS.items():
        scorer = Scorer(find_text(SPACE), replace(protocol, data=data), pick_device())
        row = run(scorer, Job(int(middle["net"]), name, 0), middle)
        timed = {key: row[key] for key in ("protocol", "net", "seconds")}
        write(folder / "timing.csv", [timed])
        print(timed, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("folder", type=Path)
    add("--data", required=True, help="images, by a shipped name or a path")
    add("--protocols", nargs="+", choices=PROTOCOLS, default=["long"], metavar="NAME")
    add("--nets", type=int, default=150, help="the first so many of the nets")
    add("--repeats", type=int, nargs="+", default=[0, 1], help="which seeds")
    add("--minutes", type=float, default=1e9, help="begin no run after so long")
    add("--scores", action="store_true", help="no training: the training-free scores of the nets")
    add("--timing", action="store_true", help="how long each protocol takes, on an idle machine")
    add("--backwards", action="store_true", help="begin at the other end of the list")
    arguments = parser.parse_args()
    prepare_process()
    folder: Path = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "nets.csv").exists():
        write(folder / "nets.csv", draw_nets(arguments.nets, arguments.data))
    if arguments.scores:
        score(folder, arguments.data)
        return
    if arguments.timing:
        time_all(folder, arguments.data)
        return
    jobs = [
        Job(net, protocol, repeat)
        for repeat in arguments.repeats
        for protocol in arguments.protocols
        for net in range(arguments.nets)
    ]
    if arguments.backwards:
        jobs.reverse()
    measure(folder, jobs, arguments.data, time.monotonic() + 60 * arguments.minutes)


if __name__ == "__main__":
    main()
