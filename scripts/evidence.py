"""Is a net that is constructed from correlations better than a random one? A table of runs.

    python -m scripts.evidence reports/evidence --data clothing_32.npz --jobs 2
    python -m scripts.evidence_report reports/evidence --write

FOLDER gets ``nets``, all that are compared, and ``runs.csv``, a line for every training; with
``--depth`` instead ``depth.csv``, what constructions saw in each module. The same command goes on
where it stopped.

All images of the data are pooled and split anew, by a fixed seed: for training, for the search's
own comparisons, and for testing, which no topology is made or chosen by.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from explorer.budget import Budget
from explorer.build import build
from explorer.cli.options import positive, write_text
from explorer.construct.layers.construct import Construction, construct
from explorer.construct.layers.fit import graph_of
from explorer.construct.layers.plan import Module
from explorer.construct.layers.rule import SIZES
from explorer.cost import count, receptive_field
from explorer.data import Dataset, Split, load
from explorer.errors import ExplorerError
from explorer.graph import Graph
from explorer.ops import image
from explorer.score import Feed, Recipe, Run, pick_device, prepare_process
from explorer.search import load_study, read_recipe
from explorer.space import Rebind, bind
from explorer.space.library import find_text
from scripts.lines import append, in_a_line, mend, read, write
from scripts.topologies import Task, fitted, like_googlenet, random_topologies

BUDGET = Budget({"macs": 3_000_000})
RECIPE = Recipe(epochs=12, batch=32, rate=0.1)
SEEDS = (0, 1, 2)  # of trainings
CONSTRUCTED, RANDOM = 3, 20  # how many topologies
TRIALS = 48  # of the search
FULL_SIZE = "6e8"  # macs of a net whose proxy has about BUDGET
SPLIT, DRAW = 0, 1  # seeds: of the split of the images, and of random topologies
TESTED, COMPARED = 2 / 7, 1 / 9  # shares of the images
DEEP = Budget({"macs": 50_000_000})  # for the question of depth: room for many modules
DEEP_SEEDS = (0, 1, 2, 3, 4)
SHORT = Path(__file__).resolve().parent.parent / "studies" / "short.toml"
_NETS = (".net", ".json")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_FINE = 4096  # parts of the factor on a searched net's widths


class Job(NamedTuple):
    """One training."""

    net: str
    seed: int


# ---- data


@cache
def resplit(path: Path) -> Dataset:
    """The images of a file, split anew."""
    data = load(str(path))
    if data.kind != "images":
        raise ExplorerError(f"{path}: holds {data.kind}; topologies are compared on images")
    parts = [part for _, part in data.splits()]
    images = np.concatenate([part.images for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    order = np.random.default_rng(SPLIT).permutation(len(images))
    tested, compared = round(TESTED * len(order)), round(COMPARED * len(order))
    places = np.split(order, [tested, tested + compared])
    test, val, train = (Split(images[chosen], labels[chosen]) for chosen in places)
    return Dataset(data.name, train, val, test, data.classes)


def without_test(data: Dataset, path: Path) -> None:
    """What a search may see, as a file."""
    names = np.array(data.classes)
    shown = {"train": data.train, "val": data.val, "test": data.val}
    images = {f"{name}_images": part.images for name, part in shown.items()}
    labels = {f"{name}_labels": part.labels for name, part in shown.items()}
    np.savez(path, classes=names, **images, **labels)


# ---- nets


def make_nets(folder: Path, data: Path) -> None:
    """Every topology that is not in the folder yet."""
    folder.mkdir(parents=True, exist_ok=True)
    made = resplit(data)
    for number in range(CONSTRUCTED):
        path = folder / f"constructed{number}.net"
        if not path.is_file():
            found = constructed(made, BUDGET, number)
            if number == 0:  # first, since who is killed here does not construct it again
                task = Task(_shape(made), len(made.classes), BUDGET, ())
                layers = like_googlenet([step.named for step in found.steps])
                _save(folder / "googlenet.net", fitted(layers, task, "googlenet"))
            _save(path, found.text)
    task = Task(_shape(made), len(made.classes), BUDGET, _common_window(folder))
    drawn = random_topologies(task, np.random.default_rng(DRAW))
    for number, text in enumerate(islice(drawn, RANDOM)):
        path = folder / f"random{number:02}.net"
        if not path.is_file():
            _save(path, text)
    if not (folder / "searched.json").is_file():
        _save(folder / "searched.json", json.dumps(searched(made), indent=1) + "\n")


def constructed(data: Dataset, budget: Budget, seed: int) -> Construction:
    """As ``explorer construct`` does."""
    begun = time.process_time()
    found = construct(data, budget, seed=seed)
    print(f"constructed, seed {seed}: {time.process_time() - begun:.0f} s of the processor")
    return found


def _save(path: Path, text: str) -> None:
    write_text(path, text)
    print(path.name, flush=True)


def _shape(data: Dataset) -> tuple[int, int, int]:
    height, width = data.size
    return data.channels, height, width


def _common_window(folder: Path) -> tuple[int, int]:
    """A square, its side the odd number nearest to the mean of the constructed nets' windows."""
    windows = []
    for path in sorted(folder.glob("constructed*.net")):
        field = receptive_field(graph_of(path.read_text("utf-8")))
        assert field is not None
        windows.append(field.window)
    side = 2 * round((float(np.mean(windows)) - 1) / 2) + 1
    return side, side


def searched(data: Dataset) -> dict[str, object]:
    """The best of the trials of a search of ``inception.space``, by the command."""
    begun = time.time()
    with tempfile.TemporaryDirectory() as place:
        recipes = Path(place, "studies")
        recipes.mkdir()
        shutil.copy(SHORT, recipes)
        without_test(data, Path(place, "shown.npz"))
        words = ["search", "--study", SHORT.stem, "--data", "shown.npz", "--trials", str(TRIALS)]
        words += ["--budget", FULL_SIZE]
        subprocess.run([sys.executable, "-m", "explorer", *words], cwd=place, check=True)
        trials = load_study(recipes / SHORT.stem).record().complete
    best = max(trials, key=lambda trial: trial.accuracy)
    width = _width_that_fits(best.assignment, data)
    return {
        "width": str(width),
        "assignment": dict(best.assignment),
        "accuracy in the search": best.accuracy,
        "trials": len(trials),
        "seconds": round(time.time() - begun),
    }


def _width_that_fits(assignment: Mapping[str, object], data: Dataset) -> Fraction:
    """The largest factor on a net's widths with which it is within the budget."""
    low, high = 1, _FINE  # within, not within: in parts
    while high - low > 1:
        middle = (low + high) // 2
        graph = _of_inception(assignment, Fraction(middle, _FINE), data)
        low, high = (middle, high) if count(graph).macs <= BUDGET.limits["macs"] else (low, middle)
    return Fraction(low, _FINE)


def _of_inception(assignment: Mapping[str, object], width: Fraction, data: Dataset) -> Graph:
    params = read_recipe(SHORT).protocol.params
    rebind = Rebind(image(*_shape(data)), len(data.classes), width, params)
    return bind(find_text("inception").space(rebind), assignment).graph


def graph_from(path: Path, data: Dataset) -> Graph:
    """The net of a file."""
    text = path.read_text("utf-8")
    if path.suffix == ".net":
        return graph_of(text)
    told = json.loads(text)
    return _of_inception(told["assignment"], Fraction(told["width"]), data)


# ---- trainings


def train(path: Path, data: Path, seed: int) -> dict[str, object]:
    """One training: which test images it gets right, as bits of a hexadecimal number."""
    prepare_process()
    shown = resplit(data)
    graph = graph_from(path, shown)
    torch.manual_seed(seed)
    feed = Feed(replace(shown, val=shown.test), pick_device())
    run = Run(build(graph), feed, RECIPE, seed)
    found = run.advance(RECIPE.epochs)
    return {
        "net": path.stem,
        "seed": seed,
        "macs": count(graph).macs,
        "accuracy": f"{found.accuracy:.5f}",
        "seconds": f"{found.seconds:.1f}",
        "right": _right(run, feed),
    }


@torch.inference_mode()
def _right(run: Run, feed: Feed) -> str:
    run.net.eval()
    parts = [run.net(feed.floats(images)).argmax(1) for images in feed.val.split(250)]
    right = (torch.cat(parts) == feed.val_labels).cpu().numpy()
    return np.packbits(right).tobytes().hex()


def measure(folder: Path, data: Path, jobs: int) -> None:
    """Every training that the folder does not hold yet; all nets once, and again."""
    table = folder / "runs.csv"
    mend(table)
    done = {Job(row["net"], int(row["seed"])) for row in read(table)}
    nets = sorted(path for path in (folder / "nets").iterdir() if path.suffix in _NETS)
    wanted = [(path, seed) for seed in SEEDS for path in nets if Job(path.stem, seed) not in done]
    pool = ProcessPoolExecutor(jobs, get_context("spawn"))
    runs = [pool.submit(train, path, data, seed) for path, seed in wanted]
    try:
        for left, finished in zip(range(len(runs) - 1, -1, -1), as_completed(runs), strict=True):
            row = finished.result()
            append(table, row)
            told = [str(value) for name, value in row.items() if name != "right"]
            print(left, "left:", *told, flush=True)
    finally:
        pool.shutdown(cancel_futures=True)


# ---- depth


def depth(folder: Path, data: Path) -> None:
    """What constructions with room for many modules see beneath each of these."""
    table = folder / "depth.csv"
    name = data.stem
    done = {(row["data"], int(row["seed"])) for row in read(table)}
    for seed in DEEP_SEEDS:
        if (name, seed) not in done:
            found = constructed(resplit(data), DEEP, seed)
            rows = [{"data": name, "seed": seed, **row} for row in _modules(found)]
            write(table, [*read(table), *rows])  # all of a seed, or none


def _modules(found: Construction) -> Iterator[dict[str, object]]:
    modules = [step for step in found.steps if isinstance(step.named.layer, Module)]
    for number, step in enumerate(modules):
        shares = {f"by_{size}": f"{s:.5f}" for size, s in zip(SIZES, step.seen.shares, strict=True)}
        yield {"module": number, "grid": step.seen.grid[0], **shares}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("folder", type=Path)
    add("--data", type=Path, required=True)
    add("--jobs", type=positive, default=1, help="trainings at a time")
    add("--depth", action="store_true", help="only look at what constructions see with depth")
    arguments = parser.parse_args()
    data = arguments.data.resolve()
    for library in _THREADS:
        os.environ[library] = "1"  # for the processes that begin now; linear algebra heeds it
    with in_a_line():
        resplit(data)
        arguments.folder.mkdir(parents=True, exist_ok=True)
        if arguments.depth:
            _alone(depth, arguments.folder, data)
            return
        _alone(make_nets, arguments.folder / "nets", data)
        measure(arguments.folder, data, arguments.jobs)


def _alone(work: Callable[[Path, Path], None], folder: Path, data: Path) -> None:
    """Do something in a process of its own: several threads would construct other nets."""
    with ProcessPoolExecutor(1, get_context("spawn"), prepare_process) as pool:
        pool.submit(work, folder, data).result()


if __name__ == "__main__":
    main()
