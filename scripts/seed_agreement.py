"""Do two training seeds rank the same candidates alike? Measures a recipe's protocol, resumably.

    python -m scripts.seed_agreement studies/default.toml --candidates 12 -o agreement.csv

Candidates are the first ones that random search within the recipe's budget proposes. Every
finished run is a line of the CSV file; the same command goes on where it stopped. Kendall's tau is
between the two seeds; the spread is the standard deviation over candidates, the noise is the one
between seeds.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, pstdev

from explorer.cost import count
from explorer.graph import fingerprint
from explorer.score import Scorer, pick_device, prepare_process, training_seed
from explorer.score.reliability import kendall
from explorer.search import StudyRecipe, read_recipe
from explorer.search.samplers.evolution import RandomSampler
from explorer.space import Candidate
from explorer.space.library import find_text

FIELDS = [
    "candidate",
    "repeat",
    "macs",
    "params",
    "proxy_macs",
    "accuracy",
    "seconds",
    "fingerprint",
]


def candidates(recipe: StudyRecipe, number: int) -> list[Candidate]:
    """The space's default, repaired, and random candidates over the range of costs."""
    space = find_text(recipe.space).space()
    sampler = RandomSampler(space, recipe.budget, recipe.seed)
    return [sampler.candidate(index, []) for index in range(number)]


def read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def measure(recipe: StudyRecipe, number: int, repeats: Sequence[int], path: Path) -> None:
    """Train every candidate with every seed that the file does not hold yet."""
    scorer = Scorer(find_text(recipe.space), recipe.protocol, pick_device())
    done = {(row["candidate"], row["repeat"]) for row in read(path)}
    for index, candidate in enumerate(candidates(recipe, number)):
        for repeat in repeats:
            if (str(index), str(repeat)) not in done:
                append(path, _run(scorer, recipe, candidate, index, repeat))


def _run(
    scorer: Scorer, recipe: StudyRecipe, candidate: Candidate, index: int, repeat: int
) -> dict[str, object]:
    name = fingerprint(candidate.graph)
    result, _ = scorer.score(candidate.assignment, training_seed(recipe.seed, name, repeat))
    cost = count(candidate.graph)
    row = [index, repeat, cost.macs, cost.params, scorer.cost(candidate.assignment).macs]
    return dict(zip(FIELDS, [*row, result.accuracy, round(result.seconds, 1), name], strict=True))


def append(path: Path, row: dict[str, object]) -> None:
    fresh = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if fresh:
            writer.writeheader()
        writer.writerow(row)
    print(row, flush=True)


def summary(rows: list[dict[str, str]]) -> str:
    """Agreement, spread and noise over the candidates that have both seeds."""
    scores = {(row["candidate"], row["repeat"]): float(row["accuracy"]) for row in rows}
    both = sorted({c for c, r in scores if r == "0" and (c, "1") in scores}, key=int)
    if len(both) < 3:
        return "fewer than three candidates have both seeds so far"
    first, second = ([scores[c, r] for c in both] for r in ("0", "1"))
    macs = {row["candidate"]: float(row["macs"]) for row in rows}
    means = [(a + b) / 2 for a, b in zip(first, second, strict=True)]
    noise = math.sqrt(mean((a - b) ** 2 / 2 for a, b in zip(first, second, strict=True)))
    return (
        f"{len(both)} candidates: Kendall {kendall(first, second):.2f}; mean accuracy "
        f"{mean(means):.3f}, from {min(means):.3f} to {max(means):.3f}; spread "
        f"{pstdev(means):.4f}, noise of a seed {noise:.4f}; Kendall with macs "
        f"{kendall([macs[c] for c in both], means):.2f}; seconds a run "
        f"{mean(float(row['seconds']) for row in rows):.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--candidates", type=int, default=12)
    parser.add_argument("--repeats", type=int, nargs="*", default=[0, 1])
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    prepare_process()
    measure(
        read_recipe(arguments.recipe), arguments.candidates, arguments.repeats, arguments.output
    )
    print(summary(read(arguments.output)))


if __name__ == "__main__":
    main()
