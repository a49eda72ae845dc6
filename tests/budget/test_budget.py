"""Bounds, draws and repair."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from explorer.budget import Budget, Repairer, cross, draw, mutate, parse_budget
from explorer.cost import count
from explorer.errors import BudgetError, NetError
from explorer.ops import Cost
from explorer.space import Space, bind, broken_requirements
from explorer.space.library import Text, find_text

SMALL = """space small
input 3x16x16  classes 4
default conv same
knob a = 8 in 4..16 step 4
knob b = 8 in 4..16 step 4
lever k in {wide, narrow}
require a <= b
x: conv 1x1 a > choose k { wide: conv 5x5 b | narrow: conv 3x3 b } > avgpool global > linear classes
"""


@pytest.fixture(scope="module")
def space() -> Space:
    return Text("small", SMALL).space()


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("1.5e9", {"macs": 1_500_000_000}),
        ("1.5G", {"macs": 1_500_000_000}),
        ("macs=1e6,params=7k", {"macs": 1_000_000, "params": 7_000}),
    ],
)
def test_budgets_are_read(text: str, limits: dict[str, int]) -> None:
    assert parse_budget(text).limits == limits
    assert parse_budget(str(parse_budget(text))) == parse_budget(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a lot", "not a count"),
        ("0", "positive"),
        ("flops=1e9", "no cost is called 'flops'; allowed: macs, params, activations"),
        ("1e9,macs=2e9", "bounded twice"),
        ("-5", "not a count"),
        ("1.5", "not a whole number"),
        ("", "not a count"),
    ],
)
def test_malformed_budgets(text: str, message: str) -> None:
    with pytest.raises(BudgetError, match=message):
        parse_budget(text)


def test_bounds() -> None:
    budget = Budget({"macs": 10, "params": 5})
    assert budget.fits(Cost(10, 5, 99))
    assert not budget.fits(Cost(10, 6, 0))
    assert budget.excess(Cost(20, 5)) == 2


def test_the_cheapest_is_the_cheapest(space: Space) -> None:
    """Against every assignment of the space that holds its requirement."""
    values = [choice.values for choice in space.choices.values()]
    costs = []
    for combination in product(*values):
        assignment = dict(zip(space.choices, combination, strict=True))
        if not broken_requirements(space, assignment):
            costs.append(count(bind(space, assignment).graph).macs)
    assert Repairer(space).floor.macs == min(costs)


def test_repair_reaches_every_budget_that_can_be_met(space: Space) -> None:
    repairer = Repairer(space)
    rng = np.random.default_rng(0)
    for _ in range(100):
        budget = Budget({"macs": int(rng.uniform(repairer.floor.macs, 2_000_000))})
        candidate = repairer.repair(budget, draw(space, rng), rng)
        assert budget.fits(count(candidate.graph))
        assert not broken_requirements(space, candidate.assignment)


def test_repair_leaves_alone_what_fits(space: Space) -> None:
    start = {"a": 4, "b": 12, "k": "narrow"}
    repaired = Repairer(space).repair(Budget({"macs": 10**9}), start)
    assert dict(repaired.assignment) == start


def test_repair_turns_levers_last(space: Space) -> None:
    start = {"a": 16, "b": 16, "k": "wide"}
    repaired = Repairer(space).repair(Budget({"macs": 500_000}), start)
    assert repaired.assignment["k"] == "wide"
    assert count(repaired.graph).macs > 300_000


def test_a_budget_that_nothing_meets_names_the_least(space: Space) -> None:
    with pytest.raises(BudgetError, match=r"its cheapest net has .* macs \(\d[\d,]*\)"):
        Repairer(space).repair(Budget({"macs": 1000}), {"a": 8, "b": 8, "k": "wide"})


def test_contradictory_requirements() -> None:
    text = SMALL.replace("require a <= b", "require a < b\nrequire b < a")
    with pytest.raises(NetError, match="no values satisfy a < b and b < a together"):
        Text("small", text).space()
    # So many values that a text's requirements are not tried out where it is read.
    space = Text("small", text.replace("4..16 step 4", "1..200")).space()
    with pytest.raises(NetError, match=r"contradict|nothing holds"):
        Repairer(space)


def test_googlenet_fits_its_own_budget_after_repair() -> None:
    space = find_text("inception").space()
    assert count(bind(space).graph).macs == 1_582_671_872
    defaults = {path: choice.default for path, choice in space.choices.items()}
    repaired = Repairer(space).repair(parse_budget("1.5e9"), defaults)
    assert 1_400_000_000 < count(repaired.graph).macs <= 1_500_000_000


def test_mutation_moves_as_many_choices_as_asked(space: Space) -> None:
    rng = np.random.default_rng(1)
    start = {"a": 4, "b": 16, "k": "wide"}
    for _ in range(50):
        child = mutate(space.choices, start, 2, rng)
        assert sum(child[path] != start[path] for path in start) == 2
        assert all(child[path] in space.choices[path].values for path in child)


def test_crossing_takes_modules_whole() -> None:
    space = find_text("inception").space()
    rng = np.random.default_rng(2)
    first, second = draw(space, rng), draw(space, rng)
    child = cross(first, second, rng)
    for module in ("i3a", "i4c", "cut3"):
        mine = {path: value for path, value in child.items() if path.startswith(f"{module}.")}
        assert mine in [{path: parent[path] for path in mine} for parent in (first, second)]
