"""Figures of what searches reach."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.errors import ExplorerError
from scripts.curves import curves, panels

PLACES = np.arange(1, 4)
FOUND = {
    "one": [np.array([0.0, 0.2, 0.4]), np.array([0.0, 0.4, 0.6])],
    "other": [np.array([0.1, 0.1, 0.1])],
    "none": [],
}


def test_means_are_thick_and_named_and_searches_thin() -> None:
    (axes,) = curves(FOUND, PLACES, "trials", "area").axes
    thick = {str(line.get_label()): line for line in axes.lines if line.get_linewidth() > 2}
    assert list(thick) == ["one", "other"]
    assert thick["one"].get_ydata() == pytest.approx([0, 0.3, 0.5])
    assert len(axes.lines) - len(thick) == 3
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("trials", "area")
    assert axes.get_xlim() == (1, 3) and axes.get_ylim()[0] == 0


def test_means_alone_between_bounds() -> None:
    (axes,) = curves(FOUND, PLACES, "trials", "area", (0.5, 1), singles=False).axes
    assert len(axes.lines) == 2
    assert axes.get_ylim() == (0.5, 1)


def test_names_that_cannot_be_told_apart() -> None:
    with pytest.raises(ExplorerError, match="tells 8 names apart, got 0, 1, "):
        curves({str(n): FOUND["one"] for n in range(9)}, PLACES, "trials", "area")


def test_a_panel_for_each_question() -> None:
    figure = panels({str(n): FOUND for n in range(5)}, PLACES, "trials", "share")
    drawn = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_title() for axes in drawn] == ["0", "1", "2", "3", "4"]
    assert all(len(axes.lines) == 2 and axes.get_ylim() == (0, 1) for axes in drawn)
    lowest = [axes.get_title() for axes in drawn if axes.get_xlabel() == "trials"]
    assert lowest == ["1", "2", "3", "4"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["one", "other"]
