"""What is drawn fits, everything that fits can be drawn, and how evenly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from explorer.budget import Budget, Codes, Feasible, feasible, parse_budget
from explorer.budget.extremes import every
from explorer.cost import count
from explorer.cost.batch import decode, encode
from explorer.errors import BudgetError, NetError
from explorer.space import Space, bind, broken_requirements
from explorer.space.library import find_text
from tests.budget.spaces import BOUND, LOG, SMALL, space_of


@pytest.fixture
def as_if_large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Draw from a small space as from one whose assignments cannot all be looked at."""
    monkeypatch.setattr(feasible, "is_small", lambda space: False)
    yield


def quantile(space: Space, share: float) -> int:
    """The macs that this share of the space does not exceed."""
    counts = Feasible(space).counter.count(every(space))
    return int(np.quantile(counts["macs"][counts.valid], share))


def shares(space: Space, codes: Codes) -> npt.NDArray[np.float64]:
    """How often each assignment of a small space is among some."""
    sizes = [len(choice.values) for choice in space.choices.values()]
    numbers = np.ravel_multi_index(tuple(codes.astype(int)), sizes)
    found: npt.NDArray[np.float64] = np.bincount(numbers, minlength=space.size) / codes.shape[1]
    return found


def distance(space: Space, budget: Budget, codes: Codes) -> tuple[float, float, int]:
    """Total variation from even draws: of the codes, of as many even draws; what was missed."""
    finder = Feasible(space)
    fits = finder.fits(budget, every(space))
    chances = finder.draws.chances(every(space)) * fits
    even = chances / chances.sum()
    rng = np.random.default_rng(5)
    ideal = rng.multinomial(codes.shape[1], even) / codes.shape[1]
    found = shares(space, codes)
    return (
        float(np.abs(found - even).sum() / 2),
        float(np.abs(ideal - even).sum() / 2),
        int((fits & (found == 0)).sum()),
    )


@pytest.mark.parametrize("text", [SMALL, BOUND, LOG])
@pytest.mark.parametrize("share", [0.5, 0.1, 0.01])
@pytest.mark.usefixtures("as_if_large")
def test_draws_cover_all_that_fits_evenly(text: str, share: float) -> None:
    """Against every assignment: nothing is out of reach, and what bias there is, is small."""
    space = space_of(text)
    budget = Budget({"macs": quantile(space, share)})
    finder = Feasible(space)
    count_ = 60 * max(60, int(finder.fits(budget, every(space)).sum()))
    codes = finder.draw(budget, count_, np.random.default_rng(0))
    assert finder.fits(budget, codes).all()
    found, ideal, missed = distance(space, budget, codes)
    assert missed == 0
    assert found < ideal + 0.04


@pytest.mark.parametrize("budget", ["{low}..{high}", "macs={high},params=2500", "{high}"])
def test_a_small_space_is_drawn_from_without_any_bias(budget: str) -> None:
    space = space_of(BOUND)
    high = quantile(space, 0.3)
    bounds = parse_budget(budget.format(low=int(high * 0.9), high=high))
    codes = Feasible(space).draw(bounds, 60_000, np.random.default_rng(0))
    found, ideal, missed = distance(space, bounds, codes)
    assert missed == 0
    assert found < ideal * 1.3


@pytest.mark.usefixtures("as_if_large")
def test_a_band_is_covered() -> None:
    """Coarse grids make a band hard to walk in: all of it is reached, though not evenly."""
    space = space_of(SMALL)
    high = quantile(space, 0.5)
    budget = Budget({"macs": high}, {"macs": int(high * 0.9)})
    codes = Feasible(space).draw(budget, 60_000, np.random.default_rng(0))
    assert Feasible(space).fits(budget, codes).all()
    _, _, missed = distance(space, budget, codes)
    assert missed == 0


@pytest.mark.parametrize(
    ("name", "budget"),
    [
        ("inception", "1.5e9"),
        ("inception", "1.4e9..1.5e9"),
        ("inception", "8.2e7"),
        ("inception", "macs=1.5e9,params=4e6,memory=8MiB,training_memory=60MiB"),
        ("inception_v3", "2e9..2.2e9"),
        ("mbconv", "2.9e8..3e8"),
        ("resnext", "macs=2e9,activations=6e6"),
        ("plain", "4e8"),
    ],
)
def test_shipped_spaces(name: str, budget: str) -> None:
    """Every exact bound holds for every candidate, counted one at a time."""
    space, bounds = find_text(name, "space").space(), parse_budget(budget)
    finder, rng = Feasible(space), np.random.default_rng(0)
    codes = finder.draw(bounds, 200, rng)
    assert codes.shape[1] == 200
    assert finder.fits(bounds, codes).all()
    assert len(np.unique(codes, axis=1).T) > 150
    for column in codes.T[:10]:
        cost = count(bind(space, decode(space, column)).graph)
        assert bounds.limits.get("macs", cost.macs) >= cost.macs
    repaired, inside = finder.repair(bounds, finder.draws.codes(200, rng), rng)
    assert inside.mean() > 0.95
    assert (finder.fits(bounds, repaired) == inside).all()


def test_repair_leaves_alone_what_fits() -> None:
    space = space_of(BOUND)
    start = {"a": 4, "b": 12, "k": "narrow"}
    rng = np.random.default_rng(0)
    repaired = Feasible(space).candidate(Budget({"macs": 10**9}), rng, start=start)
    assert repaired is not None
    assert {path: repaired.assignment[path] for path in start} == start


def test_repair_turns_levers_last() -> None:
    space = space_of(BOUND)
    start = {"a": 16, "b": 16, "k": "wide"}
    rng = np.random.default_rng(0)
    repaired = Feasible(space).candidate(Budget({"macs": 500_000}), rng, start=start)
    assert repaired is not None
    assert repaired.assignment["k"] == "wide"
    assert 300_000 < count(repaired.graph).macs <= 500_000


def test_repair_reaches_every_budget_that_can_be_met() -> None:
    space = space_of(BOUND)
    finder, rng = Feasible(space), np.random.default_rng(0)
    low = quantile(space, 0)
    for _ in range(60):
        budget = Budget({"macs": int(rng.uniform(low, 2_000_000))})
        start = decode(space, finder.draws.codes(1, rng)[:, 0])
        candidate = finder.candidate(budget, rng, start=start)
        assert candidate is not None
        assert count(candidate.graph).macs <= budget.limits["macs"]
        assert not broken_requirements(space, candidate.assignment)


def test_repair_raises_what_is_too_cheap() -> None:
    space = find_text("inception", "space").space()
    finder, rng = Feasible(space), np.random.default_rng(0)
    budget = parse_budget("1.45e9..1.5e9")
    cheap = finder.draw(parse_budget("3e8"), 50, rng)
    repaired, inside = finder.repair(budget, cheap, rng)
    assert inside.mean() > 0.9
    macs = finder.counter.count(repaired[:, inside])["macs"]
    assert macs.min() >= 1_450_000_000


def test_googlenet_fits_its_own_budget_after_repair() -> None:
    space = find_text("inception", "space").space()
    assert count(bind(space).graph).macs == 1_582_671_872
    rng = np.random.default_rng(0)
    repaired = Feasible(space).candidate(parse_budget("1.5e9"), rng, start={})
    assert repaired is not None
    assert 1_400_000_000 < count(repaired.graph).macs <= 1_500_000_000


def test_the_same_seed_draws_the_same() -> None:
    space = find_text("inception", "space").space()
    budget = parse_budget("1.5e9")
    first, second = (Feasible(space).draw(budget, 20, np.random.default_rng(7)) for _ in range(2))
    assert (first == second).all()


# ---- what cannot be


def test_one_search_for_the_cheapest_net_serves_all_limits_of_a_cost() -> None:
    space = find_text("inception").space()
    shared, budgets = (
        Feasible(space),
        [Budget({"macs": limit}) for limit in (15 * 10**8, 3 * 10**8)],
    )
    for budget in budgets:
        alone = Feasible(space).cheapest(budget)
        assert shared.cheapest(budget)["macs"] == alone["macs"] <= budget.limits["macs"]
    with pytest.raises(BudgetError, match="has no net within"):
        shared.cheapest(Budget({"macs": 10**6}))


def test_a_budget_that_nothing_meets_names_the_least() -> None:
    space = space_of(BOUND)
    low = quantile(space, 0)
    with pytest.raises(BudgetError, match=rf"the least is .* macs \({low:,}\), with every knob"):
        Feasible(space).check(Budget({"macs": 1000}))


def test_a_bound_that_is_not_proven_says_so() -> None:
    space = find_text("inception", "space").space()
    with pytest.raises(BudgetError, match=r"the least found is 79\.17M macs .*none lies below"):
        Feasible(space).check(Budget({"macs": 10**6}))


def test_bounds_that_exclude_each_other() -> None:
    space = space_of(SMALL)
    costs = Feasible(space).counter.count(every(space))
    dear = int(costs["macs"].max())
    budget = Budget({"macs": dear, "params": int(costs["params"].min())}, {"macs": dear})
    with pytest.raises(BudgetError, match="no net of the space 'small' was found within"):
        Feasible(space).draw(budget, 1, np.random.default_rng(0))


def test_a_floor_that_nothing_reaches() -> None:
    space = find_text("plain", "space").space()
    budget = parse_budget("1e15..2e15")
    with pytest.raises(BudgetError, match="was found within"):
        Feasible(space).check(budget)
    with pytest.raises(BudgetError, match="was found within"):
        Feasible(space).draw(budget, 1, np.random.default_rng(0))


def test_contradictory_requirements() -> None:
    text = BOUND.replace("require a <= b", "require a < b\n    require b < a")
    with pytest.raises(NetError, match="no values satisfy a < b and b < a together"):
        space_of(text)
    # So many values that a text's requirements are not tried out where it is read.
    space = space_of(text.replace("4..32 step 4", "1..200"))
    with pytest.raises(
        NetError, match=r"no assignment .* has a graph.*contradict.*a < b and b < a"
    ):
        Feasible(space).check(Budget({"macs": 10**9}))


def test_codes_of_defaults_are_repaired_too() -> None:
    space = space_of(BOUND)
    codes = encode(space, [{"a": 32, "b": 4}])
    repaired, inside = Feasible(space).repair(
        Budget({"macs": 10**9}), codes, np.random.default_rng(0)
    )
    assert inside.all()
    assert not broken_requirements(space, decode(space, repaired[:, 0]))
