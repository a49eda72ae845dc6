"""How a candidate is scored: on what data, at what size, for how long, by which recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from explorer.data import SHIPPED, Dataset, load
from explorer.errors import ExplorerError
from explorer.ops import image
from explorer.score.rungs import Rungs
from explorer.space import Rebind


@dataclass(frozen=True, slots=True)
class Recipe:
    """One training run: SGD with Nesterov momentum under a one-cycle rate (Smith & Topin 2017).

    Attributes:
        images: training images an epoch; 0 means all.
        rate: the peak of the learning rate, reached after ``warmup`` of all steps.
        clip: the largest norm of the gradient; longer ones are shortened to it.
        smoothing: label smoothing (Szegedy et al. 2015, section 7).
        average: what is measured is a running average of the weights (Polyak & Juditsky 1992), of
            which every step keeps this share; 0 measures the weights themselves.
        shift: random shifts of up to this many pixels, or points of a signal; images are mirrored
            too when ``mirror``, signals never.
    """

    epochs: int = 6
    batch: int = 32
    images: int = 0
    rate: float = 0.2
    warmup: float = 0.25
    momentum: float = 0.9
    decay: float = 5e-4
    clip: float = 2.0
    smoothing: float = 0.1
    average: float = 0.0
    shift: int = 2
    mirror: bool = True


@dataclass(frozen=True, slots=True)
class Protocol:
    """What a score means. Two scores can be compared when their protocols are equal.

    Attributes:
        data: a shipped name or a path.
        resolution: pixels of the square that images are brought to; smaller images stay smaller,
            and signals keep their length.
        width: factor on the candidate's channel counts.
        params: values for params of the space's text, such as strides to drop on small images.
            Params that a text does not have are passed over.
        rungs: after how many epochs candidates wait, ascending, before the last; none of them wait
            where there are none.
        promote: which share of those that wait at a rung goes on.
        heads: train with the auxiliary heads of the text, their losses added by weight. Heads made
            for large images do not fit the grids of small ones.
    """

    data: str = "cluttered"
    resolution: int = 32
    width: Fraction = Fraction(1)
    params: Mapping[str, int] = field(default_factory=dict)
    recipe: Recipe = field(default_factory=Recipe)
    heads: bool = False
    rungs: tuple[int, ...] = ()
    promote: Fraction = Fraction(2, 3)

    @property
    def ladder(self) -> Rungs:
        """The rungs with the last, which is the whole training."""
        return Rungs((*self.rungs, self.recipe.epochs), self.promote)

    def open_data(self) -> Dataset:
        """The data at the protocol's resolution.

        Raises:
            DataError: see :func:`explorer.data.load`.
        """
        return _open(self.data, self.resolution)

    def rebind(self, data: Dataset, known: Mapping[str, object]) -> Rebind:
        """The header under which candidates are trained.

        Args:
            data: what :meth:`open_data` gave.
            known: the params that the space's text has.
        """
        params = {name: value for name, value in self.params.items() if name in known}
        return Rebind(image(data.channels, *data.size), len(data.classes), self.width, params)


@lru_cache(maxsize=2)  # a search asks three times before its first trial
def _open(name: str, resolution: int) -> Dataset:
    if name not in SHIPPED and Path(name).is_dir():  # image files have no size of their own
        return load(name, size=resolution)
    data = load(name)
    fits = data.kind == "signals" or max(data.size) <= resolution
    return data if fits else load(name, size=resolution)


def protocol_to_json(protocol: Protocol) -> dict[str, Any]:
    """A protocol as JSON and TOML hold it; the width as exact text."""
    return {
        "data": protocol.data,
        "resolution": protocol.resolution,
        "width": str(protocol.width),
        "params": dict(protocol.params),
        "heads": protocol.heads,
        "rungs": list(protocol.rungs),
        "promote": str(protocol.promote),
        "recipe": asdict(protocol.recipe),
    }


def protocol_from_json(values: Mapping[str, Any], where: str) -> Protocol:
    """The protocol that a study or a recipe file holds; what is missing keeps its default.

    Raises:
        ExplorerError: an unknown name, or a value of the wrong type or sign; ``where`` is named.
    """
    _check_names(values, Protocol, where)
    given = values.get("recipe", {})
    _check_names(given, Recipe, f"{where}, recipe")
    standard = Protocol()
    try:
        protocol = Protocol(
            data=str(values.get("data", standard.data)),
            resolution=int(values.get("resolution", standard.resolution)),
            width=Fraction(str(values.get("width", 1))),
            params={str(name): int(value) for name, value in values.get("params", {}).items()},
            heads=_same_type(standard.heads, values.get("heads", False)),
            rungs=tuple(_same_type(0, epochs) for epochs in values.get("rungs", ())),
            promote=Fraction(str(values.get("promote", standard.promote))),
            recipe=Recipe(
                **{
                    name: _same_type(getattr(standard.recipe, name), value)
                    for name, value in given.items()
                }
            ),
        )
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise ExplorerError(f"{where}: {error}") from None
    _check_values(protocol, where)
    protocol.ladder.check(where)
    return protocol


def _same_type(standard: Any, value: Any) -> Any:
    """The value as the type of its default; a text is never a truth value or a number.

    Raises:
        TypeError: another type.
    """
    if isinstance(value, str) or isinstance(value, bool) != isinstance(standard, bool):
        raise TypeError(f"expected a value like {standard!r}, got {value!r}")
    return type(standard)(value)


def _check_values(protocol: Protocol, where: str) -> None:
    recipe = protocol.recipe
    numbers = (protocol.resolution, protocol.width, recipe.epochs, recipe.batch, recipe.rate)
    if not all(number > 0 for number in (*numbers, recipe.clip)) or recipe.images < 0:
        raise ExplorerError(
            f"{where}: resolution, width, epochs, batch, rate and clip are positive"
        )
    above = (recipe.warmup, recipe.momentum)
    from_zero = (recipe.smoothing, recipe.average)
    if not (min(above) > 0 and min(from_zero) >= 0 and max(above + from_zero) < 1):
        raise ExplorerError(f"{where}: warmup, momentum, smoothing and average lie between 0 and 1")


def _check_names(values: object, kind: type, where: str) -> None:
    if not isinstance(values, Mapping):
        raise ExplorerError(f"{where}: expected a table of settings, got {values!r}")
    allowed = [item.name for item in fields(kind)]
    for name in values:
        if name not in allowed:
            raise ExplorerError(
                f"{where}: no setting is called '{name}' (allowed: {', '.join(allowed)})"
            )
