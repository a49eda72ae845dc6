"""The separated places are feasible, and no feasible ones are nearer to those wished for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from explorer.picture.separate import Constraint, Separator

WISHES = st.lists(st.integers(-50, 50), min_size=2, max_size=9)


def cost(places: list[float], wished: list[float], weights: list[float]) -> float:
    return sum(w * (p - d) ** 2 for p, d, w in zip(places, wished, weights, strict=True))


def kept(places: list[float], constraints: list[Constraint], slack: float = 1e-4) -> bool:
    return all(places[r] - places[l] >= gap - slack for l, r, gap in constraints)  # noqa: E741


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[float], list[float], list[Constraint]]:
    wished = [float(value) for value in draw(WISHES)]
    weights = [float(draw(st.integers(1, 4))) for _ in wished]
    pairs = [(left, right) for right in range(len(wished)) for left in range(right)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True))
    return wished, weights, [Constraint(*pair, draw(st.integers(1, 20))) for pair in chosen]


@given(problems())
def test_places_are_feasible_and_cannot_be_bettered(
    problem: tuple[list[float], list[float], list[Constraint]],
) -> None:
    wished, weights, constraints = problem
    places = Separator(weights, constraints).solve(wished)
    assert kept(places, constraints)
    best = projected(wished, weights, constraints)
    assert cost(places, wished, weights) <= cost(best, wished, weights) + 0.5


def projected(
    wished: list[float], weights: list[float], constraints: list[Constraint]
) -> list[float]:
    """The optimum by Hildreth's method: slow, and simple enough to be trusted."""
    places = list(wished)
    forces = [0.0] * len(constraints)
    for _ in range(3000):
        for index, (left, right, gap) in enumerate(constraints):
            give = 1 / weights[left] + 1 / weights[right]
            change = max((places[left] + gap - places[right]) / give, -forces[index])
            forces[index] += change
            places[left] -= change / weights[left]
            places[right] += change / weights[right]
    return places


def test_a_crowd_stands_around_the_middle() -> None:
    constraints = [Constraint(n, n + 1, 10) for n in range(4)]
    assert Separator([1] * 5, constraints).solve([0] * 5) == [-20, -10, 0, 10, 20]


def test_what_has_room_stays() -> None:
    assert Separator([1, 1], [Constraint(0, 1, 10)]).solve([0, 30]) == [0, 30]
