"""Profiles of spaces, against every assignment of small ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from math import log
from statistics import fmean

import numpy as np
import pytest

from explorer.budget import Budget, Feasible, Profile, parse_budget, profile
from explorer.budget.drivers import first_order
from explorer.budget.profile import LEVELS, PROFILED, cheapest
from explorer.budget.sample import quantiles, sample
from explorer.budget.share import Share, estimate, fits_in_words, percent
from explorer.cost.batch import cost_of
from explorer.errors import BudgetError, ExplorerError, NetError
from explorer.graph import Graph
from explorer.space import Space, bind
from explorer.space.fix import fix
from explorer.space.library import Text, find_text

# Cells with an operation each, as benchmarks of NAS have them; `none` leaves one out.
CELLS = """space cells
input 3x16x16  classes 10
default conv same norm=batch act=relu
default maxpool same
block cell(n):
  lever op = conv3 in {none, conv1, conv3, pool}
  choose op { none: id | conv1: conv 1x1 n | conv3: conv 3x3 n | pool: maxpool 3x3/1 }
knob width = 8 in 8..32 step 8
stem: conv 3x3 width
c1: cell(width)
c2: cell(2*width)
down: maxpool 2x2/2
c3: cell(4*width)
head: avgpool global > linear classes
"""

# What is required leaves some out, and one knob is drawn by its logarithm.
UNEVEN = """space uneven
input 3x8x8  classes 4
knob a = 8 in 4..32 step 4 log
knob b = 8 in 4..16 step 4
lever k in {wide, narrow}
require a <= 2*b
x: conv 1x1 a > choose k { wide: conv 3x3 b | narrow: conv 1x1 b } > avgpool global > linear classes
"""


def space_of(text: str) -> Space:
    return Text("test", text).space()


@pytest.fixture(scope="module")
def cells() -> Space:
    return space_of(CELLS)


@pytest.fixture(scope="module")
def profiled(cells: Space) -> Profile:
    return profile(cells, Budget({"macs": 500_000}))


@pytest.fixture(scope="module")
def graphs(cells: Space) -> dict[tuple[object, ...], Graph]:
    """Every net of the space, one by one."""
    return dict(every(cells))


def every(space: Space) -> Iterator[tuple[tuple[object, ...], Graph]]:
    for values in product(*(choice.values for choice in space.choices.values())):
        try:
            yield values, bind(space, dict(zip(space.choices, values, strict=True))).graph
        except NetError:
            continue


def sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small spaces are sampled as large ones are."""
    for name in ("sample", "feasible", "extremes"):
        monkeypatch.setattr(f"explorer.budget.{name}.is_small", lambda _: False)


# ---- a small space is counted whole


@pytest.mark.parametrize("name", PROFILED)
def test_quantiles_and_ends_are_those_of_all_nets(
    profiled: Profile, graphs: dict[tuple[object, ...], Graph], name: str
) -> None:
    costs = [cost_of(graph, name) for graph in graphs.values()]
    expected = np.quantile(costs, LEVELS, method="inverted_cdf")
    assert profiled.drawn.quantiles(name, LEVELS) == tuple(expected)
    assert profiled.least[name].cost == min(costs) and profiled.least[name].is_exact
    assert profiled.most[name].cost == max(costs)


def test_what_fits_is_all_that_fits(
    profiled: Profile, graphs: dict[tuple[object, ...], Graph]
) -> None:
    fitting = sorted(
        macs for macs in (cost_of(g, "macs") for g in graphs.values()) if macs <= 500_000
    )
    assert profiled.is_exact and profiled.fitting is not None and profiled.within is not None
    assert profiled.fitting == Share(
        *[pytest.approx(len(fitting) / len(graphs))] * 3, len(fitting), len(graphs)
    )
    assert sorted(profiled.within.costs["macs"]) == fitting
    assert profiled.cheapest.costs["macs"] == fitting[0]
    assert profiled.dearest.costs["macs"] == fitting[-1]
    assert cost_of(profiled.dearest.candidate.graph, "macs") == fitting[-1]
    assert "op" in profiled.dearest.words


def effects(space: Space, costs: dict[tuple[object, ...], int]) -> list[float]:
    """First-order indices by their definition, for choices that are drawn evenly."""
    logs = {values: log(cost) for values, cost in costs.items()}
    mean = fmean(logs.values())
    variance = fmean((value - mean) ** 2 for value in logs.values())
    found = []
    for index, choice in enumerate(space.choices.values()):
        means = [
            fmean(value for values, value in logs.items() if values[index] == one)
            for one in choice.values
        ]
        found.append(fmean((each - mean) ** 2 for each in means) / variance)
    return found


@pytest.mark.parametrize("name", PROFILED)
def test_drivers_are_the_first_order_effects(
    cells: Space, profiled: Profile, graphs: dict[tuple[object, ...], Graph], name: str
) -> None:
    costs = {values: cost_of(graph, name) for values, graph in graphs.items()}
    expected = effects(cells, costs)
    assert first_order(profiled.drawn, name) == pytest.approx(expected)
    shares = [driver.share for driver in profiled.drivers[name]]
    assert shares == sorted(shares, reverse=True)
    assert profiled.explained(name) == pytest.approx(sum(expected))
    index = {path: number for number, path in enumerate(cells.choices)}
    for driver in profiled.drivers[name]:
        for end in driver.ends:
            here = [
                c
                for values, c in costs.items()
                if str(values[index[driver.path]]) == str(end.value)
            ]
            assert end.cost == np.quantile(here, 0.5, method="inverted_cdf")


def test_a_knob_goes_from_its_smallest_value_and_a_lever_from_its_cheapest(
    profiled: Profile,
) -> None:
    ends = {d.path: [end.value for end in d.ends] for d in profiled.drivers["macs"]}
    assert ends["width"] == [8, 32]
    assert ends["c3.op"][0] in ("none", "pool") and ends["c3.op"][1] == "conv3"


def test_defaults_are_told(cells: Space, profiled: Profile) -> None:
    assert profiled.defaults["macs"] == cost_of(bind(cells).graph, "macs")


# ---- a large one is sampled


def test_effects_of_a_sample_are_near_the_true_ones(
    cells: Space, profiled: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = first_order(profiled.drawn, "macs")
    sampled(monkeypatch)
    drawn = sample(Feasible(cells), ("macs",), 20_000, np.random.default_rng(1))
    assert not drawn.is_every and drawn.size == 20_000
    assert first_order(drawn, "macs") == pytest.approx(exact, abs=0.01)


def test_a_choice_without_effect_has_none_on_average(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain correlation ratio would say (groups - 1) / (size - 1) = 0.16."""
    sampled(monkeypatch)
    text = CELLS.replace("knob width", "knob idle = 8 in 8..136 step 4\nknob width")
    text = text.replace("head:", "x: if (idle > 0) (id)\nhead:")
    feasible = Feasible(space_of(text))
    number = list(feasible.space.choices).index("idle")
    found = [
        first_order(sample(feasible, ("macs",), 200, np.random.default_rng(seed)), "macs")[number]
        for seed in range(60)
    ]
    assert abs(fmean(found)) < 0.02
    assert min(found) < 0 < max(found)


def test_a_sampled_space_has_the_same_profile(
    cells: Space, profiled: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampled(monkeypatch)
    found = profile(cells, profiled.budget)
    assert found.fitting is not None and profiled.fitting is not None and found.within is not None
    assert found.fitting.low < profiled.fitting.value < found.fitting.high
    assert found.within.size == 2_000
    assert max(found.within.costs["macs"]) <= 500_000
    for name in PROFILED:
        assert found.least[name].cost == profiled.least[name].cost
        assert found.most[name].cost == profiled.most[name].cost
    for name in ("macs", "params"):
        middle, exact = (p.drawn.quantiles(name, [0.5])[0] for p in (found, profiled))
        assert middle == pytest.approx(exact, rel=0.05)
    assert found.cheapest.costs == profiled.cheapest.costs
    assert found.dearest.costs["macs"] == profiled.dearest.costs["macs"]
    assert profile(cells, profiled.budget).to_json() == found.to_json()  # decided by the seed
    assert profile(cells, seed=1).to_json() != profile(cells, seed=2).to_json()


# ---- requirements, and knobs that are not drawn evenly


def chances(space: Space) -> dict[tuple[object, ...], float]:
    """How likely a draw is each assignment: of `a`, what lies nearest on a logarithmic scale."""
    values = space.choices["a"].values
    logs = [log(float(value)) for value in values]
    edges = [logs[0], *((x + y) / 2 for x, y in pairwise(logs)), logs[-1]]
    parts = [(y - x) / (logs[-1] - logs[0]) for x, y in pairwise(edges)]
    of = dict(zip(values, parts, strict=True))
    others = [choice.values for path, choice in space.choices.items() if path != "a"]
    rest = 1 / np.prod([len(found) for found in others])
    return {(a, *more): of[a] * float(rest) for a in values for more in product(*others)}


def test_shares_are_those_of_random_draws() -> None:
    space = space_of(UNEVEN)
    assert list(space.choices) == ["a", "b", "k"]
    found = profile(space, Budget({"macs": 10_000}))
    likely = chances(space)
    costs = {values: cost_of(graph, "macs") for values, graph in every(space)}
    valid = sum(likely[values] for values in costs)
    assert 0 < len(costs) < space.size
    assert found.drawn.valid.value == pytest.approx(valid)
    assert (found.drawn.valid.hits, found.drawn.valid.of) == (len(costs), space.size)
    fits = [values for values, macs in costs.items() if macs <= 10_000]
    assert found.fitting is not None and found.fitting.is_exact
    assert found.fitting.value == pytest.approx(sum(likely[values] for values in fits))
    assert found.fitting.hits == len(fits)
    by_cost = sorted(costs, key=lambda values: costs[values])
    reached = np.cumsum([likely[values] for values in by_cost]) / valid
    median = costs[by_cost[int(np.searchsorted(reached, 0.5))]]
    assert found.drawn.quantiles("macs", [0.5]) == (median,)


def test_where_few_have_a_graph_more_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    sampled(monkeypatch)
    space = space_of(UNEVEN.replace("a <= 2*b", "a == b"))
    drawn = sample(Feasible(space), ("macs",), 1_000, np.random.default_rng(0))
    assert drawn.valid.of > 1_000
    assert drawn.valid.hits == drawn.size >= 500
    true = sum(chance for (a, b, _), chance in chances(space).items() if a == b)
    assert drawn.valid.low < true < drawn.valid.high


def test_where_hardly_any_has_a_graph_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    sampled(monkeypatch)
    space = space_of(
        UNEVEN.replace("in 4..16 step 4", "in 4..512 step 4").replace("a <= 2*b", "b == 8")
    )
    with pytest.raises(NetError, match="hardly any assignment of the space 'uneven' has a graph"):
        sample(Feasible(space), ("macs",), 1, np.random.default_rng(3))


# ---- choices that are made


def test_a_choice_that_is_made_is_no_longer_open(cells: Space) -> None:
    fixed = fix(cells, {"c3.op": "pool", "width": "16"})
    found = profile(fixed)
    alike = [
        cost_of(graph, "macs")
        for (width, _, _, last), graph in every(cells)
        if (width, last) == (16, "pool")
    ]
    assert list(cells.choices) == ["width", "c1.op", "c2.op", "c3.op"]
    assert sorted(found.drawn.costs["macs"]) == sorted(alike)
    assert {driver.path for driver in found.drivers["macs"]} == {"c1.op", "c2.op"}
    assert found.open == 2


def test_choices_that_exclude_each_other_are_refused() -> None:
    space = space_of(UNEVEN)
    with pytest.raises(NetError, match=r"no values satisfy the requirement a <= 2\*b"):
        fix(space, {"a": 32, "b": 4})
    with pytest.raises(NetError, match="a = 5 is not allowed"):
        fix(space, {"a": 5})


def test_a_net_has_no_profile(cells: Space) -> None:
    with pytest.raises(ExplorerError, match="'googlenet' is a net: it has no knobs or levers"):
        profile(find_text("googlenet").space())
    made = {path: choice.default for path, choice in cells.choices.items()}
    with pytest.raises(ExplorerError, match="has no choice left open; see: explorer count cells"):
        profile(fix(cells, made))


# ---- budgets


def test_a_budget_that_nothing_meets_is_refused(cells: Space) -> None:
    with pytest.raises(BudgetError, match="the least is"):
        profile(cells, Budget({"macs": 10}))
    with pytest.raises(BudgetError):
        profile(cells, parse_budget("macs=1e9..2e9"))


def test_the_cheapest_is_that_of_the_cost_that_cannot_be_met(cells: Space) -> None:
    by_params = cheapest(cells, Budget({"macs": 10**9, "params": 1}))
    assert by_params.costs["params"] == min(cost_of(g, "params") for _, g in every(cells))
    by_macs = cheapest(cells, Budget({"macs": 10**9, "params": 10**9}))
    assert by_macs.costs["macs"] == min(cost_of(g, "macs") for _, g in every(cells))


def test_the_budget_s_first_cost_stands_first(cells: Space) -> None:
    found = profile(cells, parse_budget("params=5e3,training_memory=1MiB"))
    assert found.names == ("params", "macs", "activations", "memory", "training_memory")
    fits = [
        cost_of(graph, "params")
        for _, graph in every(cells)
        if cost_of(graph, "params") <= 5_000 and cost_of(graph, "training_memory") <= 2**20
    ]
    assert found.cheapest.costs["params"] == min(fits)
    assert found.dearest.costs["params"] == max(fits)


@pytest.mark.parametrize("bins", [10, 48])
@pytest.mark.parametrize(
    "text", ["5e5", "1e5..5e5", "4.8e5..5e5", "1e12", "params=3e3", "macs=5e5,params=2e4"]
)
def test_bins_hold_everything_and_end_at_the_bounds(cells: Space, text: str, bins: int) -> None:
    budget = parse_budget(text)
    found = profile(cells, budget)
    for name in found.names:
        edges = found.edges(name, bins)
        assert len(edges) <= bins + 3
        assert np.all(np.diff(edges) > 0)
        for drawn in (found.drawn, found.within):
            assert drawn is not None
            assert drawn.histogram(name, edges).sum() == pytest.approx(1)
        if name in budget.limits and edges[0] <= budget.limits[name] < edges[-1]:
            inside = edges[:-1] < budget.limits[name] + 0.5
            assert found.within is not None
            assert found.within.histogram(name, edges)[~inside].sum() == 0
        assert np.diff(np.log(edges)) == pytest.approx(np.log(edges[2] / edges[1]))


def test_a_cost_that_is_the_same_in_all() -> None:
    found = profile(find_text("resnext_forms").space())
    assert [driver.share for driver in found.drivers["macs"]] == [0.0]
    assert found.telling("macs", 8) == []
    assert len(found.edges("macs", 20)) == 2
    assert found.telling("activations", 8)[0].share == pytest.approx(1)


# ---- shares


@pytest.mark.parametrize(
    ("share", "held"), [(0.002, 0.91), (0.05, 0.94), (0.5, 0.94), (0.97, 0.94)]
)
def test_intervals_hold_the_truth(share: float, held: float) -> None:
    """Wilson's intervals hold 95% on average over shares, and a little less of some rare ones."""
    hits = np.random.default_rng(5).binomial(2_000, share, 2_000)
    found = [estimate(int(hit), 2_000) for hit in hits]
    assert fmean(each.low <= share <= each.high for each in found) > held


def test_intervals_at_the_ends() -> None:
    none, all_ = estimate(0, 20_000), estimate(20_000, 20_000)
    assert (none.value, none.low, none.high) == (0, 0, 3 / 20_000)
    assert all_.high == all_.value == 1 and 0.999 < all_.low < 1
    assert estimate(1, 1) == Share(1.0, pytest.approx(0.2065, abs=1e-3), 1.0, 1, 1)
    assert not none.is_exact and not all_.is_exact


def test_shares_in_words() -> None:
    budget = Budget({"macs": 10**6})
    none = fits_in_words(budget, estimate(0, 20_000))
    assert none == "none of 20,000 fits within 1M macs: fewer than 1 in 6,600 do (95%)"
    some = fits_in_words(budget, estimate(829, 20_000))
    assert some == "4.15% of the space fits within 1M macs (95% interval 3.88% to 4.43%)"
    exact = fits_in_words(budget, Share(0.25, 0.25, 0.25, 2, 8))
    assert exact == "25% of the space fits within 1M macs (2 of 8 assignments)"
    assert [percent(x) for x in (0, 1e-7, 0.12345, 0.99999, 1)] == [
        *("0%", "0.00001%", "12.3%", "99.999%", "100%")
    ]


def test_quantiles_by_chances() -> None:
    costs, parts = np.array([30, 10, 20]), np.array([0.5, 0.25, 0.25])
    assert quantiles(costs, parts, [0, 0.25, 0.26, 0.5, 0.51, 1]) == (10, 10, 20, 20, 30, 30)
