"""Screening by training-free scores: only where a study's own trials bear them out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.budget import Budget
from explorer.cost import count
from explorer.errors import NetError
from explorer.ops import Cost
from explorer.score.free import DEFAULT
from explorer.search.records import Trial
from explorer.search.samplers.named import make_sampler
from explorer.search.screen import FEWEST, FreeValues, Screen
from explorer.space import Candidate, Space, bind
from explorer.space.library import Text
from tests.search.tiny import TINY

TRIAL = Trial(0, "complete", {}, "g1:0", Cost(1, 1, 1), 1)


@pytest.fixture(scope="module")
def space() -> Space:
    return Text("tiny.space", TINY).space()


def trials(scores: list[float], accuracies: list[float], macs: list[int]) -> list[Trial]:
    return [
        replace(
            TRIAL,
            number=number,
            cost=Cost(cost, 1, 1),
            curve=(accuracy,),
            free=dict.fromkeys(DEFAULT, score),
        )
        for number, (score, accuracy, cost) in enumerate(zip(scores, accuracies, macs, strict=True))
    ]


def by_first_branch(candidate: Candidate) -> FreeValues:
    return dict.fromkeys(DEFAULT, float(candidate.assignment["n1"]))


def test_scores_that_rank_the_trials_are_borne_out() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=30).tolist()
    macs = rng.permutation(30).tolist()
    screen = Screen(by_first_branch)
    assert screen.is_borne_out(trials(truth, truth, macs))
    assert not screen.is_borne_out(trials(truth, truth, macs)[: FEWEST - 1])
    assert not screen.is_borne_out(trials(rng.normal(size=30).tolist(), truth, macs))
    assert not screen.is_borne_out(trials([-value for value in truth], truth, macs))


def test_scores_that_say_no_more_than_macs_are_not() -> None:
    truth = np.random.default_rng(1).normal(size=30)
    macs = truth.argsort().argsort().tolist()
    screen = Screen(by_first_branch)
    assert not screen.is_borne_out(trials(truth.tolist(), truth.tolist(), macs))


def test_trials_of_older_studies_have_no_scores() -> None:
    old = [replace(trial, free={}) for trial in trials([1.0] * 20, [0.5] * 20, [1] * 20)]
    assert not Screen(by_first_branch).is_borne_out(old)


def test_a_net_is_measured_once_and_one_that_cannot_be_built_has_no_scores(space: Space) -> None:
    measured: list[object] = []

    def measure(candidate: Candidate) -> FreeValues:
        measured.append(candidate.assignment["n1"])
        if candidate.assignment["n1"] == 4:
            raise NetError("too small")
        return by_first_branch(candidate)

    screen = Screen(measure)
    small, wide = (bind(space, {"n1": width}) for width in (4, 32))
    assert screen.scores(small) == dict.fromkeys(DEFAULT)
    assert screen.best([small, wide, small]) is wide
    assert measured == [4, 32]


class Trusting(Screen):
    """Believes its scores whatever the trials say."""

    def is_borne_out(self, trials: object) -> bool:
        return True


def test_a_screened_proposal_is_the_best_of_its_pool_and_fits(space: Space) -> None:
    budget = Budget({"macs": 1_000_000})
    plain = make_sampler("random", space, budget, 1)
    screened = make_sampler("random", space, budget, 1, screen=Trusting(by_first_branch))
    alone = [plain.candidate(number, []) for number in range(1, 13)]
    chosen = [screened.candidate(number, []) for number in range(1, 13)]
    assert all(count(candidate.graph).macs <= 1_000_000 for candidate in chosen)
    widths = [
        np.mean([int(candidate.assignment["n1"]) for candidate in found])
        for found in (alone, chosen)
    ]
    assert widths[1] > widths[0] + 4  # channels, of 4 to 32
