"""How scores are written and spoken of: accuracies in percent, scores of one's own as they are."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.search import Settings

_NARROW = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"
_DIGITS, _FEW = 5, 3  # significant digits of a score, and of a difference
_LOST = ("second scoring", "failed")
_PLAIN = (1e-4, 1e6)  # magnitudes that are written without a power of ten


@dataclass(frozen=True, slots=True)
class Unit:
    """Accuracies, 0 to 1: shares of the validation set, written in percent.

    Attributes:
        name: of the score, in tables and labels.
        title: the same, at the beginning of a sentence.
        head: the same, as the head of a column.
        best: what the trial with the highest score is.
        axis: the label of an axis of scores.
        column: its name in tables for machines.
        factor: what an axis shows is a score times it.
        of: what a score is a share of, to be said behind it.
        done: what was done to a candidate, in a sentence.
        doing: the same as an activity.
        lost: what a second time is called, and how it came to no score.
    """

    name: str = "accuracy"
    title: str = "Validation accuracy"
    head: str = "Accuracy"
    best: str = "most accurate"
    axis: str = "validation accuracy (%)"
    column: str = "accuracy"
    factor: float = 100.0
    of: str = " of the validation set right"
    done: str = "trained"
    doing: str = "training"
    lost: tuple[str, str] = ("second training", "diverged")

    def value(self, score: float) -> str:
        """A score in a sentence."""
        return f"{rounded(score, 2, 1)}{_NARROW}%"

    def difference(self, difference: float) -> str:
        return f"{rounded(difference, 2, 1)} points"

    def noisy(self, score: float, noise: float) -> str:
        """A score with one unit of noise."""
        shown = f"{rounded(score, 2, 1)} ± {rounded(noise, 2, 1)} %"
        return shown.replace(" ", _NARROW)

    def exact(self, score: float) -> str:
        """A score with a digit more, as the origin of a net says it."""
        return f"{rounded(score, 2, 2)} %"

    def bare(self, score: float) -> str:
        """A score in a table of the terminal."""
        return rounded(score, 0, 3)

    def short(self, score: float) -> str:
        """A score in a list of such."""
        return rounded(score, 2, 1)

    def margin(self, low: float, high: float) -> float:
        """What a picture shows beyond the least and the largest score."""
        return 0.005


@dataclass(frozen=True, slots=True)
class OwnUnit(Unit):
    """Scores of a function of the user's: any number, written with a few significant digits.

    Nothing is known of how they come about, so there is no noise of counting to speak of.
    """

    def value(self, score: float) -> str:
        return significant(score, _DIGITS).replace("-", _MINUS)

    def difference(self, difference: float) -> str:
        return significant(difference, _FEW).replace("-", _MINUS)

    def noisy(self, score: float, noise: float) -> str:
        return f"{self.value(score)}{_NARROW}±{_NARROW}{self.difference(noise)}"

    def exact(self, score: float) -> str:
        return significant(score, _DIGITS)

    def bare(self, score: float) -> str:
        return significant(score, _DIGITS)

    def short(self, score: float) -> str:
        return self.value(score)

    def margin(self, low: float, high: float) -> float:
        return 0.05 * (high - low) or 0.05 * abs(high) or 1.0


def rounded(number: float, shift: int, digits: int) -> str:
    """A number times ten to the ``shift``, with so many digits behind the point.

    Halves go up, as they stand in the shortest decimal that is the number: .6575 is .658 and
    65.8 %. Of what binary fractions make of it, the one could go down and the other up.
    """
    shifted = Decimal(repr(float(number))).scaleb(shift)
    return str(shifted.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def significant(number: float, digits: int) -> str:
    """A number with so many significant digits, and a power of ten only far from one."""
    size = abs(number)
    if not number or not _PLAIN[0] <= size < _PLAIN[1]:
        return f"{number:.{digits}g}"
    whole = len(str(int(size))) if size >= 1 else 0
    return f"{number:,.0f}" if whole >= digits else f"{number:.{digits}g}"


ACCURACY = Unit()


def unit_of(settings: Settings) -> Unit:
    """The unit of a study's scores."""
    if not settings.score:
        return ACCURACY
    name = settings.score.rpartition(":")[2]
    axis = f"{name} (more is better)"
    return OwnUnit(name, name, name, "best", axis, "score", 1.0, "", "scored", "scoring", _LOST)
