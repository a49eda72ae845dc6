"""Searches replayed from curves that were measured."""

from __future__ import annotations

from fractions import Fraction

from explorer.score.rungs import Rungs
from scripts.rung_savings import Net, area, climbed, rows

NETS = [Net(1e6 + n * 1e5, (0.2, 0.3, 0.4, 0.45 + n * 7 % 10 / 100)) for n in range(10)]
TELLING = [net._replace(curve=(net.curve[3] - 0.3, *net.curve[1:])) for net in NETS]


def test_without_rungs_all_are_trained_to_the_end() -> None:
    whole = climbed(Rungs((4,)), NETS)
    assert whole.area == area(NETS) > 0
    assert whole.spent == 4 * sum(net.macs for net in NETS)


def test_half_of_the_candidates_save_three_eighths_of_the_training() -> None:
    half = climbed(Rungs((1, 4), Fraction(1, 2)), TELLING)
    whole = climbed(Rungs((4,)), TELLING)
    assert 0.55 < half.spent / whole.spent < 0.7
    assert half.area > 0.9 * whole.area


def test_every_ladder_has_a_row() -> None:
    lines = list(rows(NETS, [6], orders=2))
    assert len(lines) == 2 + 9
    assert all(line.count("|") == 7 for line in lines)
