"""By which rule should a front be scored again? By nets that were trained twice before.

    python -m scripts.confirm_rules reports/fidelity

The nets are those of ``scripts.fidelity``. The mean of a net's two long trainings is taken for the
truth here, and scores are drawn around it: as loud as the two are apart, and twice that. Searches
of some of the nets are made with such scores, as in :mod:`scripts.replay`; then their fronts are
scored again by each rule, and beside it as many more candidates are begun instead. What a front is
worth to whoever believes it is the truth of the net that it offers, on average over the logarithm
of macs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import numpy as np

from explorer.cli.options import positive
from explorer.errors import ExplorerError
from explorer.ops import Cost
from explorer.search.records import Trial, front, standing
from explorer.search.trials.confirm import FIRST, due_again
from scripts.fidelity_report import tables
from scripts.lines import in_a_line
from scripts.replay import Array, Change, Part, searched
from scripts.search_trained import accuracies, trained
from scripts.tables import line

PLAIN = Change("there are no features", plain=True)
_POINTS = 200  # of macs, evenly by their logarithm, at which nets are offered
_SEEDS = 8  # scores that every net could have


class Shown(NamedTuple):
    """A front as it is shown: nets from the cheapest up, their scores, and what those cost.

    Attributes:
        nets: by their places among all.
        scores: what is shown of each.
        again: how many scores were spent on it.
    """

    nets: Sequence[int]
    scores: Sequence[float]
    again: int


Rule = Callable[[list[Trial], Array, int], Shown]


def once(trials: list[Trial], draws: Array, times: int) -> Shown:
    """Nothing is scored again."""
    ends = front(trials)
    return Shown([t.number for t in ends], [t.first for t in ends], 0)


def by_new(trials: list[Trial], draws: Array, times: int) -> Shown:
    """The nets of the front are scored again, and only the new scores count."""
    ends = [t.number for t in front(trials)]
    return _best(trials, ends, {n: fmean(draws[n, 1 : 1 + times]) for n in ends}, times)


def by_all(trials: list[Trial], draws: Array, times: int) -> Shown:
    """The nets of the front are scored again, and all scores count."""
    ends = [t.number for t in front(trials)]
    return _best(trials, ends, {n: fmean(draws[n, : 1 + times]) for n in ends}, times)


def settled(trials: list[Trial], draws: Array, times: int) -> Shown:
    """The rule of ``--confirm``: until every net on the front was scored so often."""
    every, begun = list(trials), {trial.number: trial for trial in trials}
    while jobs := due_again(every, 0, times):
        seed = jobs[0].seed
        score = float(draws[jobs[0].candidate, seed - FIRST + 1])
        own = begun[jobs[0].candidate]
        every.append(replace(own, number=len(draws) + len(every), curve=(score,), seed=seed))
    ends = front(standing(every))
    spent = len(every) - len(trials)
    return Shown([t.number for t in ends], [t.accuracy for t in ends], spent)


SINGLE, SETTLED = "single scores", "until it is settled, by all scores"
MORE = "as many more candidates, by single scores"
RULES: dict[str, Rule] = {
    SINGLE: once,
    "the front once, by the new scores alone": by_new,
    "the front once, by all scores": by_all,
    SETTLED: settled,
}


def _best(trials: list[Trial], ends: Sequence[int], shown: dict[int, float], times: int) -> Shown:
    """Those of some nets that no other beats by what is shown now."""
    own = {trial.number: trial for trial in trials}
    left = front([replace(own[number], curve=(shown[number],)) for number in ends])
    nets = [trial.number for trial in left]
    return Shown(nets, [shown[number] for number in nets], times * len(ends))


def replayed(
    every: Part, noise: float, candidates: int, times: int, repetitions: int
) -> Iterator[dict[str, tuple[float, float, float]]]:
    """For each search what every rule makes of it: shown, true, and scores spent."""
    macs = every.rows.macs
    for seed in range(repetitions):
        rng = np.random.default_rng([seed, 3])
        draws = every.truth[:, None] + noise * rng.normal(size=(len(macs), _SEEDS))
        part = every._replace(seen=draws[:, 0], seed=seed)
        begun = _tried(part, candidates)
        shown = {title: rule(begun, draws, times) for title, rule in RULES.items()}
        more = shown[SETTLED].again
        longer = _tried(part, candidates + more)
        shown[MORE] = once(longer, draws, times)._replace(again=len(longer) - candidates)
        yield {title: _worth(each, every.truth, macs) for title, each in shown.items()}


def _tried(part: Part, number: int) -> list[Trial]:
    """The nets that a search tries, with the score that it sees of each."""
    trials = []
    for net in searched(part, PLAIN, min(number, len(part.truth))):
        cost = Cost(**{**dict.fromkeys(Cost._fields, 0), "macs": int(part.rows.macs[net])})
        trials.append(Trial(net, "complete", {}, "", cost, 0, (float(part.seen[net]),)))
    return trials


def _worth(shown: Shown, truth: Array, macs: Array) -> tuple[float, float, float]:
    """What is offered on average: as it is shown, as it is, and the scores spent on it."""
    least, most = np.log(np.quantile(macs, 0.1)), np.log(macs.max())
    costs = macs[list(shown.nets)]
    within = np.searchsorted(costs, np.exp(np.linspace(least, most, _POINTS)), side="right")
    chosen = np.maximum(within - 1, 0)
    true = truth[list(shown.nets)]
    return float(np.mean(np.array(shown.scores)[chosen])), float(np.mean(true[chosen])), shown.again


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("folder", type=Path, help="of scripts.fidelity")
    add("--candidates", type=positive, default=40)
    add("--repetitions", type=positive, default=60)
    arguments = parser.parse_args()
    with in_a_line():
        every = trained(arguments.folder, ["swap"]).plain()
        if arguments.candidates > len(every.truth) or arguments.repetitions < 2:
            raise ExplorerError(
                f"--candidates: at most {len(every.truth)}, and 2 --repetitions or more"
            )
        noise = _apart(arguments.folder)
        print(line(["noise", "times", "rule", "scores more", "shown", "true", "gain"]))
        print("|---|---|---|---|---|---|---|")
        for loud in (noise, 2 * noise):
            for times in (1, 2):
                found = list(
                    replayed(every, loud, arguments.candidates, times, arguments.repetitions)
                )
                for cells in _rows(found):
                    print(line([f"{loud:.2f}", str(times), *cells]), flush=True)


def _apart(folder: Path) -> float:
    """One standard deviation between the long trainings of a net, in points."""
    pairs = [each[:2] for each in accuracies(tables(folder)).values() if len(each) > 1]
    if not pairs:
        raise ExplorerError(f"{folder}: no net was trained long with two seeds")
    return float(np.sqrt(np.mean([(first - second) ** 2 for first, second in pairs]) / 2))


def _rows(found: Sequence[dict[str, tuple[float, float, float]]]) -> Iterator[list[str]]:
    """Means of each rule, and what is truly gained over single scores, in points."""
    base = np.array([each[SINGLE][1] for each in found])
    for title in (*RULES, MORE):
        shown, true, again = np.array([each[title] for each in found]).T
        gains = true - base
        error = gains.std(ddof=1) / np.sqrt(len(gains))
        gain = "" if title == SINGLE else f"{gains.mean():+.2f} ± {error:.2f}"
        yield [title, f"{again.mean():.0f}", f"{shown.mean():.2f}", f"{true.mean():.2f}", gain]


if __name__ == "__main__":
    main()
