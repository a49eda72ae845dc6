r"""Is it worth to score a front again, or are more candidates better? By made-up scores.

    python -m scripts.confirm_gain confirmed.jsonl
    python -m scripts.confirm_gain confirmed.jsonl --report

The truth is that of :mod:`scripts.made_up`, additive; each score has noise of its own, by its seed.
Every landscape is searched with some candidates, whose front is then confirmed once and twice, as
``explorer search --confirm`` does; beside it stands a search that begins as many more candidates
in the place of these scores. A landscape is a line of the output; what is there already is not
searched again. Second seeds, which both have, count as nobody's; a net that is scored again counts
with its own as well, as in the product, which favours confirming a little.

Measured is what the shown front gives to whoever believes it: at every cost the net that it offers
there counts with its truth, in area above what a tenth of random nets do not reach, over that of
the best front that is known. A front that shows a poor net in the place of a better one loses by
it, whatever else the search has found.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

import explorer
from explorer.budget import parse_budget
from explorer.cli.options import positive
from explorer.cost.batch import encode
from explorer.errors import ExplorerError
from explorer.score import Protocol
from explorer.search import Orders, Settings, StudyRecord, create_study, load_study
from explorer.search.records import front
from explorer.search.workers.worker import Worker
from explorer.space.library import find_text
from scripts.benchmark_made_up import SPACES, Judge
from scripts.lines import append_json, in_a_line, read_json
from scripts.made_up import landscape
from scripts.tables import line

KIND = "additive"
NOISES = (0.2, 0.5)  # of one score, in the logit, where effects of choices have .5
TIMES = (1, 2)  # that the front is scored again
_NAMES = ("CONFIRM_SPACE", "CONFIRM_BUDGET", "CONFIRM_SEED", "CONFIRM_NOISE")


@dataclass(frozen=True, slots=True)
class Place:
    """A landscape, how loud its scores are, and how many candidates are to be begun."""

    space: str
    budget: str
    seed: int
    noise: float
    candidates: int

    def judge(self) -> Judge:
        return Judge(landscape(self.space, self.budget, KIND, self.seed))

    def searched(self) -> dict[str, Any]:
        """A line of what came of every way to spend scores on it."""
        return asdict(self) | {"ways": list(self._ways())}

    def _ways(self) -> Iterator[dict[str, Any]]:
        """Candidates alone, confirmed so often, and as many more candidates (negative times)."""
        values = (self.space, self.budget, self.seed, self.noise)
        os.environ |= dict(zip(_NAMES, map(str, values), strict=True))
        judge = self.judge()
        with tempfile.TemporaryDirectory() as folder:
            study = Path(folder, "confirmed")
            self._begin(study)
            spent = []
            for times in (0, *TIMES):
                record = _run(study, self.candidates, times)
                spent.append(len(record.complete) + sum(len(t.again) for t in record.complete))
                yield self._line(judge, times, spent[-1], record.front)
            more = Path(folder, "more")
            self._begin(more)
            every = _run(more, spent[-1], 0).complete
            for times, scores in zip(TIMES, spent[1:], strict=True):
                yield self._line(judge, -times, scores, front(every[:scores]))

    def _begin(self, folder: Path) -> None:
        text, budget = find_text(self.space, "space").alone(), parse_budget(self.budget)
        score = "scripts.confirm_gain:score"
        settings = Settings(text, budget, Protocol(), "", "known_cost", self.seed, score=score)
        create_study(folder, settings, command=" ".join(sys.argv))

    def _line(
        self, judge: Judge, times: int, scores: int, shown: Sequence[explorer.search.Trial]
    ) -> dict[str, Any]:
        codes = encode(judge.made.space, [trial.assignment for trial in shown])
        truth, macs = judge.made.truth(codes), judge.macs(codes)
        least, budget = judge.reference
        steps = np.diff(macs, append=budget)
        area = float((np.maximum(truth - least, 0) * steps).sum())
        return {
            "times": times,
            "scores": scores,
            "offered": round(area / judge.best, 4),
            "flattered": round(float(np.mean([t.accuracy for t in shown] - truth)), 4),
            "best": round(float(truth[-1]), 4),
        }


def score(candidate: explorer.Candidate, seed: int) -> float:
    """The truth of a net, 0 to 1, with the noise of its seed."""
    space, budget, number, noise = (os.environ[name] for name in _NAMES)
    made = landscape(space, budget, KIND, int(number))
    truth = float(made.truth(encode(made.space, [candidate.assignment]))[0])
    logit = np.log(truth / (1 - truth)) + float(noise) * np.random.default_rng(seed).normal()
    return float(1 / (1 + np.exp(-logit)))


def _run(folder: Path, candidates: int, confirm: int) -> StudyRecord:
    worker = Worker.open(Orders(folder, candidates, confirm=confirm))
    with worker.study.queue.at_work(worker.orders.name):
        worker.run()
    return load_study(folder).record()


def read(path: Path) -> dict[Place, dict[str, Any]]:
    """The lines of a file, by what was searched.

    Raises:
        ExplorerError: a line is none.
    """
    names, every = Place.__dataclass_fields__, {0, *TIMES, *(-times for times in TIMES)}
    found = {}
    for each in read_json(path):
        try:
            is_whole = {way["times"] for way in each["ways"]} == every
            found[Place(**{name: each[name] for name in names})] = each
        except (KeyError, TypeError):
            is_whole = False
        if not is_whole:
            raise ExplorerError(f"{path}: holds a line that is no search of this kind")
    return found


def report(lines: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Lines of Markdown: what each way is worth, and the gain over more candidates."""
    yield line(["noise", "way", "scores", "flattered by", "best net", "offered", "gain"])
    yield "|---|---|---|---|---|---|---|"
    for begun, noise in dict.fromkeys((each["candidates"], each["noise"]) for each in lines):
        own = [each for each in lines if (each["candidates"], each["noise"]) == (begun, noise)]
        same = [way for each in own for way in each["ways"]]
        yield line([f"{noise:g}", f"{begun} candidates", *_means(_of(same, 0)), ""])
        for times in TIMES:
            ours, others = _of(same, times), _of(same, -times)
            way = f"{begun} candidates, confirmed {('once', 'twice')[times - 1]}"
            yield line([f"{noise:g}", way, *_means(ours), _gain(ours, others)])
            yield line([f"{noise:g}", "more candidates", *_means(others), ""])


def _gain(own: Sequence[dict[str, Any]], other: Sequence[dict[str, Any]]) -> str:
    """Of what is offered, landscape by landscape."""
    pairs = zip(own, other, strict=True)
    gains = np.array([this["offered"] - that["offered"] for this, that in pairs])
    return f"{gains.mean():+.3f} ± {gains.std(ddof=1) / np.sqrt(len(gains)):.3f}"


def _of(lines: Sequence[dict[str, Any]], times: int) -> list[dict[str, Any]]:
    return [each for each in lines if each["times"] == times]


def _means(lines: Sequence[dict[str, Any]]) -> list[str]:
    columns = {
        name: np.mean([each[name] for each in lines])
        for name in ("scores", "flattered", "best", "offered")
    }
    return [
        f"{columns['scores']:.0f}", f"{columns['flattered']:.3f}", f"{columns['best']:.3f}",
        f"{columns['offered']:.3f}",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("runs", type=Path, metavar="RUNS.jsonl")
    add("--seeds", type=positive, default=4, help="landscapes of every space")
    add("--candidates", type=positive, default=40)
    add("--report", action="store_true", help="only say what is there")
    arguments = parser.parse_args()
    if not arguments.runs.parent.is_dir():
        parser.error(f"there is no folder {arguments.runs.parent}")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with in_a_line():
        places = [
            Place(space, budget, seed, noise, arguments.candidates)
            for seed in range(arguments.seeds)
            for space, budget in SPACES
            for noise in NOISES
        ]
        known = read(arguments.runs)
        for place in () if arguments.report else places:
            if place not in known:
                found = place.searched()
                append_json(arguments.runs, found)
                print(found, flush=True)
        lines = list(read(arguments.runs).values())
        if not lines:
            raise ExplorerError(f"{arguments.runs}: holds no searches")
        print("\n".join(report(lines)))


if __name__ == "__main__":
    main()
