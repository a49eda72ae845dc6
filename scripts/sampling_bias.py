"""How evenly do draws within a budget cover what fits? Measured where the truth can be had.

    python -m scripts.sampling_bias nasbench_macro inception mbconv
    python -m scripts.sampling_bias inception --share 0.001 --moves 0    # repair alone

The truth is every assignment that fits, in a space small enough to list them (which is drawn from
here as if it were large), or else random assignments of which those are kept that fit. For every
budget a line: the share of the space that fits; how far the distribution of macs of the draws is
from the true one (the largest difference of the two distribution functions, Kolmogorov and
Smirnov), and how far the shares of the values of single choices are (the largest total variation
over choices); beside each what as many true draws differ by, which is noise. Of a small space,
also the total variation over assignments, and how many that fit were never drawn.
"""

from __future__ import annotations

import argparse

import numpy as np
import numpy.typing as npt

from explorer.budget import Budget, Codes, Feasible, feasible
from explorer.budget.extremes import every, is_small
from explorer.space.library import find_text

SHARES = (0.1, 0.001, 0.0002)
FLOORS = (0.0, 0.9)  # of the limit
DRAWS = 5_000


def true_draws(finder: Feasible, budget: Budget, count: int, rng: np.random.Generator) -> Codes:
    """Assignments that fit, drawn by throwing away the others."""
    found: list[Codes] = []
    missing = count
    while missing > 0:
        codes = finder.draws.codes(50_000, rng)
        kept = codes[:, finder.fits(budget, codes)][:, :missing]
        found.append(kept)
        missing -= kept.shape[1]
    return np.concatenate(found, axis=1)


def macs(finder: Feasible, codes: Codes) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = finder.counter.count(codes, ("macs",))["macs"]
    return found


def between(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> float:
    """The largest difference of two distribution functions."""
    points = np.concatenate([first, second])
    shares = [np.searchsorted(np.sort(each), points, side="right") / len(each)
              for each in (first, second)]  # fmt: skip
    return float(np.abs(shares[0] - shares[1]).max())


def of_choices(first: Codes, second: Codes) -> float:
    """The largest total variation of the values of one choice."""
    worst = 0.0
    for mine, theirs in zip(first, second, strict=True):
        size = int(max(mine.max(), theirs.max())) + 1
        shares = [np.bincount(row, minlength=size) / len(row) for row in (mine, theirs)]
        worst = max(worst, float(np.abs(shares[0] - shares[1]).sum() / 2))
    return worst


def of_assignments(finder: Feasible, budget: Budget, codes: Codes) -> str:
    """Total variation over all assignments of a small space, and what was never drawn."""
    sizes = [len(choice.values) for choice in finder.space.choices.values()]
    fits = finder.fits(budget, every(finder.space))
    drawn = np.bincount(np.ravel_multi_index(tuple(codes.astype(int)), sizes), minlength=len(fits))
    even = fits / fits.sum()
    ideal = np.random.default_rng(9).multinomial(codes.shape[1], even) / codes.shape[1]
    found = np.abs(drawn / codes.shape[1] - even).sum() / 2
    noise = np.abs(ideal - even).sum() / 2
    never = int((fits & (drawn == 0)).sum())
    return f"  {found:8.3f} {noise:8.3f}  {never:5} of {fits.sum():,}"


def line(finder: Feasible, share: float, low: float) -> str:
    """What the draws within one budget differ by."""
    rng = np.random.default_rng(0)
    costs = macs(finder, finder.draws.codes(500_000, rng))
    limit = int(np.quantile(costs, share))
    budget = Budget({"macs": limit}, {"macs": int(low * limit)} if low else {})
    fitting = finder.fits(budget, finder.draws.codes(500_000, rng)).mean()
    truth, other = (true_draws(finder, budget, DRAWS, rng) for _ in range(2))
    drawn = finder.draw(budget, DRAWS, rng)
    small = of_assignments(finder, budget, drawn) if is_small(finder.space) else ""
    return (
        f"{budget!s:>30} {fitting:8.3%}  "
        f"{between(macs(finder, drawn), macs(finder, truth)):8.3f} "
        f"{between(macs(finder, other), macs(finder, truth)):8.3f}  "
        f"{of_choices(drawn, truth):8.3f} {of_choices(other, truth):8.3f}{small}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("spaces", nargs="+", metavar="SPACE")
    parser.add_argument("--share", type=float, action="append", help="of a space that fits")
    parser.add_argument("--moves", type=float, default=1.0, help="times as many as usual")
    given = parser.parse_args()
    feasible._WALK *= given.moves
    feasible._LEAST_WALK = round(feasible._LEAST_WALK * given.moves)
    feasible.is_small = lambda space: False  # as if none could be listed
    for name in given.spaces:
        finder = Feasible(find_text(name, "space").space())
        print(f"{name}\n{'budget':>30} {'fits':>8}  {'macs':>8} {'noise':>8}  {'choices':>8} "
              f"{'noise':>8}  {'all':>8} {'noise':>8}  never drawn")  # fmt: skip
        for share in given.share or SHARES:
            for low in FLOORS:
                print(line(finder, share, low), flush=True)


if __name__ == "__main__":
    main()
