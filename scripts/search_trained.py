"""Are training-free scores worth anything to a search of Inception nets? By nets trained before.

    python -m scripts.search_trained reports/fidelity --features swap naswot expressivity

The nets and their accuracies are those of ``scripts.fidelity``. Random parts of them are searched
as in :mod:`scripts.replay`: with these scores as features, without any, and at random. A search
sees the first long training of a net and is judged by the mean of all, in area under the front over
macs, from the worst net and the dearest. Beside it stands how the features rank nets, and which
share the model that sees them has at the end of a search.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from explorer.budget import parse_budget
from explorer.cost.batch import encode
from explorer.errors import ExplorerError
from explorer.score.reliability import bands, kendall, within
from explorer.search.model.blend import Blend, BlendedSurrogate
from explorer.search.model.features import RankScale
from explorer.search.model.warp import warped
from explorer.search.samplers.known_cost import KnownCostSampler
from explorer.space import complete
from explorer.space.library import find_text
from scripts.benchmark_table import SCORES
from scripts.fidelity_report import Tables, tables
from scripts.lines import in_a_line
from scripts.replay import AS_IS, Array, Change, Part, compared, searched

SPACE, BUDGET = "inception", "1.5e9"
BANDS = 5  # of macs, of equally many nets
OTHERS = Change("the features are those of other nets", shuffled=True)
CHANGES = (
    Change("there are no features", plain=True),
    Change(f"with features: {AS_IS.title}"),
    OTHERS,
    Change("nets are chosen at random", at_random=True),
)


def accuracies(found: Tables) -> dict[int, list[float]]:
    """What the long trainings of each net reached, in the order of their seeds, in percent."""
    reached: dict[int, list[float]] = {}
    for (protocol, _), curves in sorted(found.runs.items()):
        if protocol == "long":
            for net, curve in curves.items():
                reached.setdefault(net, []).append(100 * curve[-1])
    return reached


def feature_table(found: Tables, nets: list[int], names: list[str]) -> Array:
    """Scores of nets as columns of a model: nets x names.

    Raises:
        ExplorerError: there is no score of a name.
    """
    free = {int(row["net"]): row for row in found.free}
    columns = next(iter(free.values()))
    known = [name for name in columns if name != "net" and not name.startswith("seconds")]
    for name in names:
        if name not in known:
            there = ", ".join(known)
            raise ExplorerError(f"--features: no score is called '{name}'; there are: {there}")
    values = np.array([[float(free[net][name] or "nan") for name in names] for net in nets])
    return RankScale(values)(values)


def trained(folder: Path, names: list[str]) -> Part:
    """All nets that were trained and scored."""
    found = tables(folder)
    if not found.free or "net" not in found.free[0]:
        raise ExplorerError(f"{folder / 'scores.csv'}: has no column 'net', or no line")
    reached = accuracies(found)
    scored = {int(row["net"]) for row in found.free}
    chosen = [row for row in found.nets if int(row["net"]) in scored & reached.keys()]
    if not chosen:
        raise ExplorerError(f"{folder}: there are no nets that were trained long and scored")
    space = find_text(SPACE, "space").space()
    encoding = KnownCostSampler(space, parse_budget(BUDGET), 0).ground.encoding
    given = [json.loads(row["assignment"]) for row in chosen]
    rows = encoding.rows(encode(space, [complete(space.choices, each) for each in given]))
    nets = [int(row["net"]) for row in chosen]
    values = np.concatenate([rows.values, feature_table(found, nets, names)], axis=1)
    truth = np.array([np.mean(reached[net]) for net in nets])
    reference = (float(truth.min()), float(rows.macs.max()) * 1.01)
    seen = np.array([reached[net][0] for net in nets])
    return Part(encoding, replace(rows, values=values), seen, truth, reference, 0)


def drawn(every: Part, size: int, seed: int) -> Part:
    """Some of the nets at random."""
    some = np.random.default_rng(seed).permutation(len(every.truth))[:size]
    own, seen, truth = every.rows.of(some), every.seen[some], every.truth[some]
    return every._replace(rows=own, seen=seen, truth=truth, seed=seed)


def ranking(part: Part) -> str:
    """How the mean of the features ranks nets, over all and among those of similar macs."""
    mean, macs = part.rows.values[:, part.encoding.costs.stop :].mean(axis=1), part.rows.macs
    inside = within(mean, part.truth, list(bands(macs, BANDS)))
    return (
        f"Kendall of the features' mean with accuracy: {kendall(mean, part.truth):.2f} "
        f"(macs {kendall(macs, part.truth):.2f}), in {BANDS} bands of macs {inside:.2f}"
    )


def trust(part: Part, change: Change, trials: int) -> float:
    """The share of the model with features after a search."""
    seen = part.seen_with(change)
    tried = searched(part, change, trials)
    model = BlendedSurrogate(part.encoding, seen.rows.values.shape[1] - part.encoding.costs.stop)
    belief = model.learn(seen.rows.values[tried], warped(seen.seen[tried]))
    return belief.share if isinstance(belief, Blend) else 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("folder", type=Path, help="of scripts.fidelity")
    add("--features", nargs="+", default=list(SCORES), metavar="NAME")
    add("--parts", type=int, default=100)
    add("--nets", type=int, default=60, help="in a part")
    add("--trials", type=int, default=16)
    arguments = parser.parse_args()
    if arguments.parts < 2 or not 2 <= arguments.trials <= arguments.nets or arguments.nets < 4:
        parser.error("--parts and --trials are at least 2, --nets at least 4 and --trials")
    if not (arguments.folder / "scores.csv").is_file():
        parser.error(f"{arguments.folder}: has no scores.csv")
    with in_a_line():
        every = trained(arguments.folder, arguments.features)
        if arguments.nets > len(every.truth):
            raise ExplorerError(f"--nets: there are {len(every.truth)}, got {arguments.nets}")
        searches = [drawn(every, arguments.nets, seed) for seed in range(arguments.parts)]
        for text in compared(searches, CHANGES, arguments.trials):
            print(text, flush=True)
        print(f"\n{ranking(every)}")
        own, others = (
            np.mean([trust(part, change, arguments.trials) for part in searches])
            for change in (AS_IS, OTHERS)
        )
        print(
            f"share of the model with features in the end: {own:.2f}, of other nets' {others:.2f}"
        )


if __name__ == "__main__":
    main()
