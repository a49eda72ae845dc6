"""What a report shows, as plain values: computed here, drawn and worded elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import hypot, sqrt

from explorer.cost import count, rows
from explorer.graph import Graph
from explorer.report.confirmed import Confirmation, confirmation
from explorer.report.unit import Unit, unit_of
from explorer.score.noise import Noise, honest_difference, seed_noise
from explorer.search import StudyRecord, Trial

CLEAR = 2.0  # standard errors of counting from which on a difference counts, without repeats
_KNOWN = {"inception": "GoogLeNet (defaults)"}  # spaces whose defaults have a name of their own


def standard_error(accuracy: float, images: int) -> float:
    """The binomial standard error of an accuracy that was counted on so many images."""
    return sqrt(accuracy * (1 - accuracy) / images)


@dataclass(frozen=True, slots=True)
class Point:
    """A candidate that was scored.

    Attributes:
        number: of its trial.
        accuracy: the mean of its scores, where it was scored again.
        noise: what :attr:`FrontInfo.noise_name` says, of its accuracy.
        waits: at a rung: it was not trained to the end.
        scores: those that its accuracy is the mean of, that of the search first.
    """

    number: int
    macs: int
    accuracy: float
    params: int
    noise: float
    on_front: bool
    waits: bool = False
    scores: tuple[float, ...] = ()

    @property
    def is_mean(self) -> bool:
        return len(self.scores) > 1


@dataclass(frozen=True, slots=True)
class Mark:
    """The space's defaults, scored but not searched."""

    name: str
    macs: int
    accuracy: float


@dataclass(frozen=True, slots=True)
class Step:
    """From one trial on the front to a better one.

    A gain above ``limit`` is more than noise: the honest significant difference between seeds or,
    where those were not measured, two standard errors as if both were counted on images of their
    own.
    """

    cheaper: int
    better: int
    gain: float
    limit: float

    @property
    def is_clear(self) -> bool:
        return self.gain > self.limit


@dataclass(frozen=True, slots=True)
class FrontInfo:
    """Scores against cost.

    Attributes:
        points: the complete trials, from the cheapest up.
        best: the most accurate that fits the budget; of equal ones the cheapest.
        frugal: the cheapest that fits and lies within the best's noise of the best.
        seeds: the noise between seeds, where at least two trials have been trained twice.
        honest: the honest significant difference between two single scores on the front, where
            ``seeds`` is known and there are two.
        steps: along the front, from the cheapest up.
        climb: all of them at once, from the cheapest to the best.
        val_images: on which accuracies were counted; 0 for scores of the user's own.
        failed: how many trials failed.
        unfinished: how many trials wait or run.
        unit: of the scores.
        confirmation: what became of the front when its nets were scored again, if they were.
    """

    points: tuple[Point, ...]
    budget: int | None
    reference: Mark | None
    best: Point | None
    frugal: Point | None
    seeds: Noise | None
    honest: float | None
    steps: tuple[Step, ...]
    climb: Step | None
    val_images: int
    failed: int
    unfinished: int
    x_label: str
    unit: Unit
    confirmation: Confirmation | None = None

    @property
    def y_label(self) -> str:
        return self.unit.axis

    @property
    def front(self) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.on_front)

    @property
    def complete(self) -> int:
        return len(self.points)

    @property
    def noise_name(self) -> str:
        """What one unit of noise is, in words: error bars and "±" are of it; empty if unknown."""
        if self.seeds:
            what = "error" if self.has_means else "deviation"
            return f"standard {what} between seeds"
        return "standard error of counting" if self.val_images else ""

    @property
    def has_means(self) -> bool:
        """Whether a net of the front has more than one score."""
        return any(point.is_mean for point in self.front)

    def limits(self, one: Point | None = None) -> tuple[float, float]:
        """The least honest significant difference between trials on the front, and the largest.

        They differ where nets have unlike numbers of scores.

        Args:
            one: only from this trial to the others.

        Raises:
            ValueError: there is no other trial, or the noise is not known.
        """
        if self.honest is None:
            raise ValueError("the noise between seeds is not known")
        pairs = combinations(self.front, 2)
        found = [_limit(*pair, self.honest) for pair in pairs if one is None or one in pair]
        return min(found), max(found)

    @property
    def fewest(self) -> int:
        """How many scores the nets of the front have at least, but for those that wait at rungs."""
        return min((len(point.scores) for point in self.front if not point.waits), default=1)

    @property
    def can_be_confirmed(self) -> bool:
        """Whether scoring the nets of the front again can tell anything that is not known."""
        if self.is_exact or all(point.waits for point in self.front):
            return False
        return self.confirmation is None or bool(self.confirmation.single)

    @property
    def is_exact(self) -> bool:
        """Whether second seeds gave the same scores to the last digit."""
        return self.seeds is not None and self.seeds.sigma == 0

    @property
    def has_bars(self) -> bool:
        """Whether there is noise to draw and to write behind a score."""
        return bool(self.noise_name) and not self.is_exact


def front_info(record: StudyRecord, val_images: int) -> FrontInfo:
    """What a study found, with its noise.

    Noise is that between seeds where the study has measured it, otherwise that of accuracies
    counted on ``val_images`` images; for scores of the user's own, which are none, taken to be 0.
    """
    val_images = 0 if record.settings.score else val_images
    twice = [trial for trial in record.complete if trial.repeats]
    seeds = seed_noise([t.first for t in twice], [t.repeats[0] for t in twice])
    points = _points(record, val_images, seeds)
    fitting = {t.number for t in record.complete if record.settings.budget.fits(t.costs)}
    front = [point for point in points if point.on_front]
    honest = honest_difference(seeds, len(front)) if seeds and len(front) > 1 else None
    best, frugal = _best([point for point in points if point.number in fitting])
    states = [trial.state for trial in record.trials if not trial.seed]
    return FrontInfo(
        points=points,
        budget=record.settings.budget.macs,
        reference=_reference(record),
        best=best,
        frugal=frugal,
        seeds=seeds,
        honest=honest,
        steps=tuple(step(low, high, honest) for low, high in pairwise(front)),
        climb=step(front[0], front[-1], honest) if len(front) > 1 else None,
        val_images=val_images,
        failed=states.count("failed"),
        unfinished=states.count("waiting") + states.count("running"),
        x_label=f"multiply-adds (macs) for one {_input(record)} image",
        unit=unit_of(record.settings),
        confirmation=confirmation(record),
    )


def _points(record: StudyRecord, val_images: int, seeds: Noise | None) -> tuple[Point, ...]:
    on_front = {trial.number for trial in record.front}
    top = record.settings.protocol.ladder.top
    found = [
        Point(
            trial.number,
            trial.cost.macs,
            trial.accuracy,
            trial.cost.params,
            _noise(trial, val_images, seeds),
            trial.number in on_front,
            trial.rung < top,
            trial.counted,
        )
        for trial in record.complete
    ]
    return tuple(sorted(found, key=lambda point: (point.macs, point.number)))


def _noise(trial: Trial, val_images: int, seeds: Noise | None) -> float:
    if seeds:
        return seeds.sigma / sqrt(len(trial.counted))
    return standard_error(trial.accuracy, val_images) if val_images else 0.0


def _best(points: Sequence[Point]) -> tuple[Point | None, Point | None]:
    """The best, and the cheapest that is as good within its noise."""
    if not points:
        return None, None
    best = max(points, key=lambda point: (point.accuracy, -point.macs, -point.number))
    good = [point for point in points if point.accuracy >= best.accuracy - best.noise]
    return best, min(good, key=lambda point: (point.macs, -point.accuracy, point.number))


def step(low: Point, high: Point, honest: float | None) -> Step:
    """From one trial to a better one, by the honest significant difference of single scores."""
    limit = CLEAR * hypot(low.noise, high.noise) if honest is None else _limit(low, high, honest)
    return Step(low.number, high.number, high.accuracy - low.accuracy, limit)


def _limit(one: Point, other: Point, honest: float) -> float:
    """The honest significant difference between two means (Kramer 1956), from single scores'."""
    return honest * sqrt((1 / len(one.scores) + 1 / len(other.scores)) / 2)


def _reference(record: StudyRecord) -> Mark | None:
    found = record.reference
    if found is None:
        return None
    name = found.name if "default" in found.name else f"{found.name} defaults"
    return Mark(_KNOWN.get(name.removesuffix(" defaults"), name), found.cost.macs, found.accuracy)


def _input(record: StudyRecord) -> str:
    sizes = record.settings.text.space().header.input.sizes
    return "×".join(str(size) for size in sizes)


# ---- learning


@dataclass(frozen=True, slots=True)
class Curve:
    """A trial's validation accuracy after each epoch."""

    number: int
    accuracies: tuple[float, ...]
    on_front: bool


@dataclass(frozen=True, slots=True)
class LearningInfo:
    """How the trials learned; ``curves`` are of all trials that finished an epoch."""

    curves: tuple[Curve, ...]
    epochs: int
    x_label: str = "epoch"
    y_label: str = "validation accuracy (%)"

    @property
    def front(self) -> tuple[Curve, ...]:
        return tuple(curve for curve in self.curves if curve.on_front)


def learning_info(record: StudyRecord) -> LearningInfo:
    """The learning curves of a study, in the order of the trials."""
    on_front = {trial.number for trial in record.front}
    curves = tuple(
        Curve(trial.number, tuple(trial.curve), trial.number in on_front)
        for trial in sorted(record.trials, key=_number)
        if trial.curve and not trial.seed
    )
    return LearningInfo(curves, max((len(curve.accuracies) for curve in curves), default=0))


def _number(trial: Trial) -> int:
    return trial.number


# ---- where a net's cost lies


@dataclass(frozen=True, slots=True)
class CostRow:
    """A top-level piece of a net; ``share`` is its part of all macs, 0 to 1."""

    name: str
    shape: str
    macs: int
    params: int
    share: float


def cost_rows(graph: Graph) -> tuple[CostRow, ...]:
    """What each top-level piece of a net costs, in the order of the net."""
    macs = max(1, count(graph).macs)
    return tuple(
        CostRow(row.name, row.shape, row.cost.macs, row.cost.params, row.cost.macs / macs)
        for row in rows(graph, "block")
    )
