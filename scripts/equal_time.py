"""Which sampler finds the better front in the same time? Whole searches, one after another.

    python -m scripts.equal_time reports/equal_time --data cifar10.npz --minutes 10 --seeds 3
    python -m scripts.equal_time reports/equal_time --data cifar10.npz --again 2
    python -m scripts.equal_time_report reports/equal_time --write

Each search is the command itself, with the recipe ``studies/short.toml``, in a folder of its own
that is thrown away. FOLDER gets ``trials.csv``, the trials of every finished search with the
seconds after which each was known, counted from the start of the command; the same command goes on
where it stopped. With ``--again`` the nets of every search's front are trained again with other
seeds, into ``again.csv``: what a search ranks highest by one training owes some of that to luck.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from explorer.score import Scorer, pick_device, prepare_process, training_seed
from explorer.search import load_study, read_recipe
from explorer.space.library import find_text
from scripts.fidelity import read, write

RECIPE = Path(__file__).resolve().parent.parent / "studies" / "short.toml"
ENDLESS = 100_000  # trials: the time ends a search
_OTHER = 1_000_000  # the seed of trainings that no search has made


class Search(NamedTuple):
    """One search."""

    sampler: str
    seed: int


def searched(
    question: Search, data: Path, minutes: float, workers: int
) -> Iterator[dict[str, Any]]:
    """The trials that one search finishes, by the command."""
    with tempfile.TemporaryDirectory() as place:
        recipes = Path(place, "studies")
        recipes.mkdir()
        shutil.copy(RECIPE, recipes)
        begun = time.time()
        subprocess.run(
            [
                *(sys.executable, "-m", "explorer", "search", "--study", RECIPE.stem),
                *("--data", str(data.resolve()), "--sampler", question.sampler),
                *("--seed", str(question.seed), "--time", f"{minutes:g}m"),
                *("--trials", str(ENDLESS), "--workers", str(workers)),
            ],
            cwd=place,
            check=True,
        )
        study = load_study(recipes / RECIPE.stem)
        ends = {t.number: t.datetime_complete for t in study.inner.get_trials(deepcopy=False)}
        for trial in study.record().complete:
            end = ends[trial.number]
            assert end is not None
            yield {
                **question._asdict(),
                "number": trial.number,
                "seconds": round(end.timestamp() - begun, 1),
                "macs": trial.cost.macs,
                "accuracy": round(trial.accuracy, 5),
                "fingerprint": trial.fingerprint,
                "assignment": json.dumps(dict(trial.assignment)),
            }


def fronts(rows: Sequence[dict[str, str]]) -> Iterator[dict[str, str]]:
    """The nets of each search than which no other of it is cheaper and as accurate."""
    searches = {(row["sampler"], row["seed"]) for row in rows}
    for search in sorted(searches):
        own = [row for row in rows if (row["sampler"], row["seed"]) == search]
        best = -1.0
        for row in sorted(own, key=lambda r: (int(r["macs"]), -float(r["accuracy"]))):
            if float(row["accuracy"]) > best:
                best = float(row["accuracy"])
                yield row


def train_again(folder: Path, data: Path, repeats: int) -> None:
    """Train every net of a front with seeds that its search did not use, once for all searches."""
    recipe = read_recipe(RECIPE)
    text = find_text(recipe.space)
    protocol = replace(recipe.protocol, data=str(data))
    prepare_process()
    scorer = Scorer(text, protocol, pick_device())
    done = {(row["fingerprint"], int(row["repeat"])) for row in read(folder / "again.csv")}
    nets = {row["fingerprint"]: row for row in fronts(read(folder / "trials.csv"))}
    jobs = [(n, mark) for n in range(repeats) for mark in nets if (mark, n) not in done]
    for left, (repeat, mark) in zip(range(len(jobs), 0, -1), jobs, strict=True):
        seed = training_seed(_OTHER, mark, repeat)
        training, _ = scorer.score(json.loads(nets[mark]["assignment"]), seed)
        row = {"fingerprint": mark, "repeat": repeat, "accuracy": round(training.accuracy, 5)}
        write(folder / "again.csv", [row])
        print(left, "left", row, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("folder", type=Path)
    add("--data", type=Path, required=True, help="an .npz of 32x32 images")
    add("--samplers", nargs="+", default=["known_cost", "tpe", "random"])
    add("--seeds", type=int, default=3)
    add("--minutes", type=float, default=10, help="for each search")
    add("--workers", type=int, default=2)
    add("--again", type=int, metavar="REPEATS", help="train the nets of fronts again instead")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.again:
        train_again(arguments.folder, arguments.data, arguments.again)
        return
    table = arguments.folder / "trials.csv"
    for seed in range(arguments.seeds):
        for sampler in arguments.samplers:  # by turns, so that a slow hour is slow for all
            question = Search(sampler, seed)
            if str(seed) in {r["seed"] for r in read(table) if r["sampler"] == sampler}:
                continue
            found = searched(question, arguments.data, arguments.minutes, arguments.workers)
            write(table, list(found))


if __name__ == "__main__":
    main()
