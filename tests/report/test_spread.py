"""The figure of a profile: what is drawn and where, without overlaps."""

from __future__ import annotations

from itertools import combinations

import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from explorer.budget import Profile, parse_budget, profile
from explorer.report.spread import draw
from explorer.space.library import find_text


def profile_of(name: str, budget: str | None = None) -> Profile:
    return profile(find_text(name).space(), parse_budget(budget) if budget else None)


def settled(found: Profile) -> Figure:
    figure = draw(found)
    FigureCanvasAgg(figure).draw()
    return figure


def texts(axes: Axes) -> list[str]:
    titles = [axes.get_title(loc) for loc in ("left", "right")]
    return [*titles, *(text.get_text() for text in axes.texts)]


def boxes(figure: Figure) -> list[Bbox]:
    """Where every text stands that is seen."""
    found = []
    for axes in figure.get_axes():
        parts = [axes.title, axes._left_title, axes._right_title, *axes.texts]  # type: ignore[attr-defined]
        if axes.xaxis.get_visible():
            parts += axes.get_xticklabels()
        if axes.yaxis.get_visible():
            parts += axes.get_yticklabels()
        found += [part.get_window_extent() for part in parts if part.get_text()]
    return found


@pytest.mark.parametrize(
    ("name", "budget"),
    [
        ("nasbench_macro", "3e7"),
        ("nasbench_macro", "8e7..9e7"),
        ("nasbench_macro", "2e7..1e8,params=2.9e6,training_memory=8MiB"),
        ("plain", None),
        ("resnext_forms", None),
    ],
)
def test_no_text_covers_another_or_leaves_the_page(name: str, budget: str | None) -> None:
    figure = settled(profile_of(name, budget))
    page = figure.bbox
    found = boxes(figure)
    assert len(found) > 10
    for box in found:
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1
    for one, other in combinations(found, 2):
        assert not one.overlaps(other)


def test_a_panel_for_every_cost_and_one_for_what_decides() -> None:
    figure = settled(profile_of("nasbench_macro", "3e7"))
    macs, params, _, memory, drivers = figure.get_axes()
    assert texts(macs) == ["macs", "least 7.71M, most 106M", "budget 30M"]
    assert texts(params) == ["params", "least 388k, most 2.93M"]
    assert texts(memory)[0] == "memory, MiB"
    assert texts(drivers)[0] == "what decides macs"
    assert "17.4%" in texts(drivers)
    assert "identity: 48.2M  →  mb6_k5: 63.3M" in texts(drivers)
    assert macs.get_xscale() == "log"
    (words,) = [sub.get_suptitle() for sub in figure.subfigs if sub.get_suptitle()]
    assert words == (
        "nasbench_macro: all 6,561 nets\n"
        "3.66% of the space fits within 30M macs (240 of 6,561 assignments)"
    )


def test_a_band_is_two_lines() -> None:
    figure = settled(profile_of("nasbench_macro", "8e7..9e7"))
    assert "budget 80M to 90M" in texts(figure.get_axes()[0])


def test_what_is_the_same_in_all_nets_decides_nothing() -> None:
    figure = settled(profile_of("resnext_forms"))
    assert texts(figure.get_axes()[-1])[0] == "no choice stands out in deciding macs"
