"""Figures draw what the info says; labels keep clear of what is drawn."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from explorer.report.figures import learning, pareto
from explorer.report.info import (
    Curve,
    FrontInfo,
    LearningInfo,
    Mark,
    Point,
    front_info,
    learning_info,
    standard_error,
)
from explorer.report.labels import Box, Label, around, place, spread
from explorer.report.look import log_ticks, save
from tests.report.studies import searched

WIDE = Box(0, 0, 400, 300)


@pytest.fixture(scope="module")
def info() -> FrontInfo:
    return front_info(searched(), 2000)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_front_is_labelled_with_numbers_and_names(info: FrontInfo) -> None:
    named = replace(info, reference=Mark("GoogLeNet (defaults)", 500_000, 0.7), budget=600_000)
    shown = texts(pareto(named))
    assert {"GoogLeNet\n(defaults)", "budget 600k"} <= set(shown)
    numbers = {str(point.number) for point in info.front}
    assert numbers & set(shown) and len(set(shown) - numbers) == 2


def test_the_axes_say_what_they_are(info: FrontInfo) -> None:
    axes = pareto(info).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == (info.x_label, info.y_label)
    assert axes.get_title() == ""


@pytest.mark.parametrize(("dearest", "scale"), [(3_000, "linear"), (30_000, "log")])
def test_costs_far_apart_get_a_logarithmic_axis(info: FrontInfo, dearest: int, scale: str) -> None:
    points = tuple(replace(info.points[0], number=n, macs=m) for n, m in enumerate((1000, dearest)))
    axes = pareto(replace(info, points=points, budget=None, reference=None)).axes[0]
    assert axes.get_xscale() == scale
    assert 3 <= len(axes.get_xticks()) <= 8


@pytest.mark.parametrize("is_alone", [True, False])
def test_few_points_are_enough(info: FrontInfo, is_alone: bool) -> None:
    point = Point(3, 0 if is_alone else 10**9, 1.0, 5, 0.0, True)
    bare = replace(info, points=(point,), budget=None, reference=None)
    assert texts(pareto(bare)) == ["3"]
    assert texts(learning(LearningInfo((Curve(3, (0.5,), True),), 1))) == ["3"]


def test_a_front_of_many_is_drawn(info: FrontInfo) -> None:
    points = tuple(
        Point(n, 10**7 + n * 10**6, 0.5 + n / 200, 1, standard_error(0.5, 100), n % 2 == 0)
        for n in range(80)
    )
    shown = texts(pareto(replace(info, points=points)))
    assert len(shown) < 60


def test_every_curve_is_drawn() -> None:
    found = learning_info(searched())
    axes = learning(found).axes[0]
    assert len(axes.get_lines()) == len(found.curves)
    assert texts(learning(found)) == [str(curve.number) for curve in found.front]


def test_files_are_the_same_each_time(info: FrontInfo, tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg", "one.png", "two.png"):
        save(pareto(info), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    text = (tmp_path / "one.svg").read_text("utf-8")
    ElementTree.fromstring(text)
    assert "dc:date" not in text and "http://matplotlib" not in text


def test_the_style_of_others_is_left_alone(info: FrontInfo) -> None:
    names = ("font.size", "svg.hashsalt", "axes.spines.top", "axes.edgecolor")
    before = [matplotlib.rcParams[name] for name in names]
    pareto(info)
    assert [matplotlib.rcParams[name] for name in names] == before


@pytest.mark.parametrize(("low", "high"), [(2e7, 1.6e9), (1e6, 7e6), (1e3, 1e15), (3e8, 2e9)])
def test_ticks_are_few_and_round(low: float, high: float) -> None:
    ticks = log_ticks(low, high)
    assert len(ticks) <= 7
    assert all(f"{tick:.1e}"[0] in "12357" for tick in ticks)


# ---- labels


def test_the_best_place_is_above_and_to_the_left() -> None:
    (corner,) = place([Label(100, 100, 20, 10)], [], WIDE)
    assert corner is not None and corner[0] < -20 and corner[1] > 0


def test_a_label_without_room_is_left_out() -> None:
    assert place([Label(100, 100, 20, 10)], [WIDE], WIDE) == [None]


def test_a_line_is_crossed_only_in_need() -> None:
    line = around(80, 0, 1, 1000)
    (corner,) = place([Label(100, 100, 30, 10)], [], WIDE, [line])
    assert corner is not None and corner[0] > 0
    (corner,) = place([Label(100, 100, 30, 10)], [Box(101, 0, 400, 300)], WIDE, [line])
    assert corner is not None and corner[0] < 0


def test_a_label_is_nearest_to_its_own_mark() -> None:
    own, bar, wall = around(100, 100, 3), around(84, 90, 3, 20), Box(40, 80, 81, 300)
    line = around(107, 0, 1, 1000)
    for lines in ([], [line]):  # there is room above the bar, and to the right, across the line
        (corner,) = place([Label(100, 100, 12, 8)], [own, bar, wall], WIDE, lines)
        assert corner is not None
        found = Box(0, 0, 12, 8).moved(100 + corner[0], 100 + corner[1])
        assert found.gap(own) <= min(found.gap(bar), found.gap(wall))
    assert Box(0, 0, 1, 1).gap(Box(4, 5, 6, 6)) == 5 and bar.gap(wall) == 0


spots = st.tuples(st.integers(0, 400), st.integers(0, 300))


@given(st.lists(spots, max_size=12))
def test_labels_never_overlap_and_never_leave_the_frame(anchors: list[tuple[int, int]]) -> None:
    labels = [Label(x, y, 24, 11) for x, y in anchors]
    marks = [around(x, y, 3) for x, y in anchors]
    corners = place(labels, marks, WIDE)
    boxes = [
        Box(0, 0, 24, 11).moved(label.x + corner[0], label.y + corner[1])
        for label, corner in zip(labels, corners, strict=True)
        if corner
    ]
    for index, box in enumerate(boxes):
        assert box.slid_into(WIDE) == box
        assert not any(box.overlaps(other) for other in boxes[:index] + marks)


@given(st.lists(st.integers(0, 100), max_size=20))
def test_spread_keeps_the_order_and_the_gap(positions: list[int]) -> None:
    found = spread(positions, 10)
    order = sorted(range(len(positions)), key=lambda index: (positions[index], index))
    ordered = [found[index] for index in order]
    assert all(high - low >= 10 - 1e-6 for low, high in pairwise(ordered))
    if len(positions) == 1:
        assert found == [positions[0]]
