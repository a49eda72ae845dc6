"""Draws, mutation, crossing."""

from __future__ import annotations

import numpy as np

from explorer.budget import Draws, cross, draw, mutate
from explorer.space.library import find_text
from tests.budget.spaces import LOG, SMALL, space_of


def test_draws_are_uniform_over_each_choice() -> None:
    space = space_of(SMALL)
    codes = Draws.of(space).codes(40_000, np.random.default_rng(0))
    for row, choice in zip(codes, space.choices.values(), strict=True):
        shares = np.bincount(row, minlength=len(choice.values)) / codes.shape[1]
        assert np.abs(shares - 1 / len(choice.values)).max() < 0.01


def test_a_log_knob_is_drawn_by_its_logarithm() -> None:
    space = space_of(LOG)
    draws = Draws.of(space)
    codes = draws.codes(60_000, np.random.default_rng(0))
    shares = np.bincount(codes[0], minlength=len(space.choices["a"].values)) / codes.shape[1]
    assert np.allclose(shares, draws.chances(np.arange(len(shares))[None]), atol=0.01)
    halves = [shares[:4].sum(), shares[4:].sum()]  # 4..16 and 20..64: both about a factor of 4
    assert abs(halves[0] - halves[1]) < 0.12
    again = draws.values(np.zeros(60_000, np.intp), np.random.default_rng(1))
    assert np.abs(np.bincount(again, minlength=len(shares)) / 60_000 - shares).max() < 0.01


def test_mutation_moves_as_many_choices_as_asked() -> None:
    space = space_of(SMALL)
    rng = np.random.default_rng(1)
    start = {path: choice.default for path, choice in space.choices.items()}
    for _ in range(50):
        child = mutate(space.choices, start, 2, rng)
        assert sum(child[path] != start[path] for path in start) == 2
        assert all(child[path] in space.choices[path].values for path in child)


def test_crossing_takes_modules_whole() -> None:
    space = find_text("inception", "space").space()
    rng = np.random.default_rng(2)
    first, second = draw(space, rng), draw(space, rng)
    child = cross(first, second, rng)
    for module in ("i3a", "i4c", "cut3"):
        mine = {path: value for path, value in child.items() if path.startswith(f"{module}.")}
        assert mine in [{path: parent[path] for path in mine} for parent in (first, second)]
