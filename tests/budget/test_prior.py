"""The prior around a space's defaults, and draws from it."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.around import around
from explorer.budget import Draws, Feasible, Prior, parse_budget
from explorer.space import Space
from explorer.space.library import Text
from tests.around.test_around import BUILT
from tests.budget.spaces import SMALL, space_of


@pytest.fixture(scope="module")
def space() -> Space:
    return around(Text("built.net", BUILT)).space()


def shares(space: Space, path: str) -> dict[str, float]:
    index = list(space.choices).index(path)
    values = map(str, space.choices[path].values)
    return dict(zip(values, Prior.of(space).shares[index], strict=True))


def test_factors_are_log_normal_around_one(space: Space) -> None:
    found = shares(space, "three_28")
    assert found["2"] / found["1"] == pytest.approx(np.exp(-0.5 * (np.log(2) / np.log(1.5)) ** 2))
    assert found["2"] == pytest.approx(found["1/2"])
    assert sum(found.values()) == pytest.approx(1)


def test_other_choices_favour_their_default(space: Space) -> None:
    assert shares(space, "form_28") == pytest.approx(
        {"own": 0.4, "full": 0.2, "stacked": 0.2, "crossed": 0.2}
    )
    assert shares(space, "depth_14") == pytest.approx({"1": 1 / 3, "2": 2 / 3})


def test_draws_are_as_likely_as_the_prior_says(space: Space) -> None:
    draws = Draws.of(space, Prior.of(space))
    codes = draws.codes(40_000, np.random.default_rng(0))
    for row, expected in zip(codes, Prior.of(space).shares, strict=True):
        met = np.bincount(row, minlength=len(expected)) / len(row)
        assert met == pytest.approx(expected, abs=0.01)


def test_a_small_space_is_drawn_from_exactly() -> None:
    space = space_of(SMALL)
    prior = Prior.of(space)
    draws = Draws.of(space, prior)
    codes = draws.codes(200, np.random.default_rng(0))
    active = np.ones(codes.shape, bool)
    odds = np.log(draws.chances(codes)) - prior.logs(codes, active)
    assert odds == pytest.approx(odds[0])


def test_a_choice_without_a_part_in_the_net_does_not_count(space: Space) -> None:
    counter = Feasible(space).counter
    codes = Draws.of(space).codes(50, np.random.default_rng(0))
    prior = Prior.of(space)
    none = np.zeros(codes.shape, bool)
    assert (prior.logs(codes, none) == 0).all()
    assert (prior.logs(codes, counter.active(codes)) <= 0).all()


def test_within_a_budget_draws_stay_near_the_net(space: Space) -> None:
    budget = parse_budget("3.5e6")
    means = []
    for prior in (Prior.of(space), None):
        finder = Feasible(space, prior=prior)
        codes = finder.draw(budget, 400, np.random.default_rng(0))
        assert finder.fits(budget, codes).all()
        means.append(Prior.of(space).logs(codes, finder.counter.active(codes)).mean())
    assert means[0] > means[1] + 2
