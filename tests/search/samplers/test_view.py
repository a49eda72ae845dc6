"""What trials have taught, as the samplers look at it."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from explorer.search.model.ehvi import Improvement, expected_improvement
from explorer.search.model.encoding import Rows
from explorer.search.model.surrogate import Belief
from explorer.search.model.warp import improvement_unwarped
from explorer.search.samplers.view import View, banded


class Sure:
    """Expects of a row what stands in its first column."""

    def predict(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return rows[:, 0], np.full(len(rows), 1e-9)


def rows(accuracies: list[float], macs: list[float]) -> Rows:
    values = np.array(accuracies)[:, None]
    return Rows(np.zeros((1, len(macs)), int), values, np.array(macs))


@pytest.mark.parametrize(
    ("improvement", "better"), [(improvement_unwarped, 0), (expected_improvement, 1)]
)
def test_gains_are_counted_in_the_unit_of_the_view(improvement: Improvement, better: int) -> None:
    """A low step is the lower one in the model's unit, and the higher one in that of scores."""
    view = View(cast(Belief, Sure()), (-4.0, 3.0), improvement)
    stairs = view.staircase(rows([-3.0, 0.0], [0.0, 2.0]))
    asked = rows([-2.0, 1.5], [1.0, 2.0])
    gains = view.gains(stairs, asked)
    assert np.argmax(gains) == better
    means, deviations = Sure().predict(asked.values)
    assert np.array_equal(view.weighed(stairs, asked, means, deviations), gains)


def test_a_shortlist_is_of_all_bands_of_macs() -> None:
    gains = np.array([9.0, 8.0, 7.0, 6.0, 5.0, 4.0])
    macs = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert banded(gains, macs, 3)[:3].tolist() == [0, 2, 4]
