"""Which choices of a space decide what its nets cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from explorer.budget.sample import Array, Figures, Sample, quantiles
from explorer.space import Choice, Knob, Space, write_value

_TAIL = 0.01  # of the sample: a median of fewer says little


@dataclass(frozen=True, slots=True)
class End:
    """A value of a choice, and the median cost of the nets that have it."""

    value: int | str
    cost: int


@dataclass(frozen=True, slots=True)
class Driver:
    """How much a choice decides of a cost.

    Attributes:
        path: of the choice.
        share: its first-order Sobol' index: the part of the variance of the cost's logarithm that
            goes away when the choice is known. Estimated from a sample, it may lie below 0.
        ends: of a knob its smallest value and its largest, of a lever the cheapest alternative and
            the dearest. Values of a knob that are rare in a sample are taken together with their
            neighbours.
    """

    path: str
    share: float
    ends: tuple[End, End]


def drivers(space: Space, sample: Sample, name: str) -> list[Driver]:
    """All open choices of a space, the one that decides most of a cost first."""
    sample = sample.ordered(name)  # for the many medians
    found = [
        Driver(path, share, _ends(choice, codes, sample, name))
        for (path, choice), codes, share in zip(
            space.choices.items(), sample.codes, first_order(sample, name), strict=True
        )
        if len(choice.values) > 1
    ]
    return sorted(found, key=lambda driver: -driver.share)


def first_order(sample: Sample, name: str) -> list[float]:
    """First-order Sobol' indices of the choices: the correlation ratio of each.

    Var(E[log cost | choice]) / Var(log cost) (Sobol' 1993; Saltelli et al. 2008). The means of
    groups in a sample differ by chance already, which is subtracted (Kelley's epsilon squared,
    1935), so that a choice without any effect has 0 on average. Of a whole space it is exact.
    """
    logs = np.log(np.maximum(sample.costs[name].astype(float), 1))
    logs -= sample.chances @ logs
    total = float(sample.chances @ logs**2)
    if total < 1e-20:
        return [0.0] * len(sample.codes)
    between = [_between(codes, logs, sample) for codes in sample.codes]
    return [variance / total for variance in between]


def _between(codes: Array, logs: Figures, sample: Sample) -> float:
    """The variance of the means of groups, without what chance has made of it."""
    weights = np.bincount(codes, sample.chances)
    sums = np.bincount(codes, sample.chances * logs)
    there = weights > 0
    between = float((sums[there] ** 2 / weights[there]).sum())
    groups, size = int(there.sum()), sample.size
    if sample.is_every or size <= groups:
        return between
    within = max(float(sample.chances @ logs**2) - between, 0.0)
    return between - (groups - 1) * within / (size - groups)


def _ends(choice: Choice, codes: Array, sample: Sample, name: str) -> tuple[End, End]:
    if isinstance(choice, Knob):
        low, high = codes <= _until(codes), codes >= -_until(-codes)
        return (
            End(write_value(choice.values[0]), _median(low, sample, name)),
            End(write_value(choice.values[-1]), _median(high, sample, name)),
        )
    found = sorted(_alternatives(choice, codes, sample, name), key=lambda end: end.cost)
    return found[0], found[-1]


def _until(codes: Array) -> int:
    """The smallest value below which there is enough of a sample."""
    return int(np.quantile(codes, _TAIL, method="inverted_cdf"))


def _alternatives(choice: Choice, codes: Array, sample: Sample, name: str) -> Iterator[End]:
    for index, value in enumerate(choice.values):
        inside = codes == index
        if inside.any():
            yield End(write_value(value), _median(inside, sample, name))


def _median(inside: Array, sample: Sample, name: str) -> int:
    """The median cost of a part of a sample."""
    (median,) = quantiles(sample.costs[name][inside], sample.chances[inside], [0.5])
    return median
