"""Features are looked at as far as they predict: a blend of a model with and one without them.

The shares follow from how well each predicts every trial from the others (the leave-one-out
predictive density of Rasmussen and Williams 2006, section 5.4.2, as in Bayesian stacking). So a
search with features that mislead becomes one without in the end, where their slopes alone could not
undo what else follows from them. The trial that is left out has its part in hyperparameters and in
the unit of the trend, which favours the model that has more of them: a dozen trials seldom suffice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.search.model.encoding import Encoding
from explorer.search.model.surrogate import Belief, Surrogate

Array = npt.NDArray[np.float64]

_TRUST = 2 / 3  # share of the model with features where both predict equally well
_FEWEST = 3  # trials before there is anything to compare
_SURE = 0.05  # smaller shares are none: one model is asked instead of two


@dataclass(frozen=True, slots=True)
class Blend:
    """What two models believe.

    Attributes:
        featured: of rows with features.
        plain: of the same without; their columns are the first of the rows.
        share: of the first. At 0 or 1 the other is not asked.
    """

    featured: Belief
    plain: Belief
    share: float

    def predict(self, rows: Array) -> tuple[Array, Array]:
        """Means and standard deviations of the blend, as :meth:`Belief.predict` gives them."""
        if self.share == 1:
            return self.featured.predict(rows)
        if self.share == 0:
            return self.plain.predict(self._without(rows))
        first, first_deviation = self.featured.predict(rows)
        other, other_deviation = self.plain.predict(self._without(rows))
        means = self.share * first + (1 - self.share) * other
        squares = self.share * (first_deviation**2 + first**2)
        squares += (1 - self.share) * (other_deviation**2 + other**2)
        return means, np.sqrt(np.maximum(squares - means**2, 1e-12))

    def believing(self, rows: Array) -> Blend:
        """The same, as if nets that are still being trained reached what is expected of them."""
        plain = self.plain if self.share == 1 else self.plain.believing(self._without(rows))
        featured = self.featured if self.share == 0 else self.featured.believing(rows)
        return Blend(featured, plain, self.share)

    def _without(self, rows: Array) -> Array:
        return rows[:, : self.plain.surrogate.encoding.costs.stop]


class BlendedSurrogate:
    """Learns with and without features.

    Args:
        encoding: of the rows.
        features: how many columns of features follow.
    """

    def __init__(self, encoding: Encoding, features: int) -> None:
        self.featured = Surrogate(encoding, features=features)
        self.plain = Surrogate(encoding)

    def learn(self, rows: Array, targets: Array) -> Belief | Blend:
        """What is believed after trials, as of :meth:`Surrogate.learn`."""
        featured = self.featured.learn(rows, targets)
        if len(targets) < _FEWEST:
            return featured
        plain = self.plain.learn(rows[:, : self.plain.encoding.costs.stop], targets)
        return Blend(featured, plain, _share(featured.left_out - plain.left_out))


def _share(advantage: float) -> float:
    """The share of a model whose log predictive density is larger by so much."""
    odds = np.log(_TRUST / (1 - _TRUST)) + advantage
    share = float(1 / (1 + np.exp(-np.clip(odds, -50, 50))))
    return share if _SURE <= share <= 1 - _SURE else round(share)
