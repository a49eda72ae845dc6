"""What a comparison says: changes in words of levers, equal ones gathered with their places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from explorer.compare.facts import LEVERS

SHOWN = 3  # places in a line

# What stands in front of what follows a layer, where there are several.
_PLURALS = {
    "conv": "convolutions",
    "dwconv": "depthwise convolutions",
    "linear": "linear layers",
    "concat": "concatenations",
    "add": "sums",
    "multiply": "products",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something changed: the paths in both nets, None in the one that has nothing there."""

    a: str | None
    b: str | None

    def __str__(self) -> str:
        if self.a and self.b and self.a != self.b:
            return f"{self.a} = {self.b}"
        return self.a or self.b or ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change, and everywhere it was made.

    Attributes:
        lever: its name: ``kernel``, ``factorization``, ``depth``, ...
        what: the op or piece that it is about; may be empty.
        a: how it is in the first net; None where it is not there.
        b: how it is in the second.
        where: words on the neighbourhood: ``before conv 3x3``; of a branch, its join.
        behind: whether it follows a layer, as a normalisation does.
    """

    lever: str
    what: str
    a: str | None
    b: str | None
    spots: tuple[Spot, ...] = ()
    where: str = ""
    behind: bool = False

    @property
    def is_there(self) -> bool:
        """Whether it is in both nets, another way."""
        return self.a is not None and self.b is not None

    def reversed(self) -> Change:
        spots = tuple(Spot(spot.b, spot.a) for spot in self.spots)
        return replace(self, a=self.b, b=self.a, spots=spots)

    def line(self, shown: int | None = SHOWN) -> str:
        """The change in one line with the first places; None shows them all."""
        return f"{self.lever}: {self.said()}{self._places(shown)}"

    def said(self) -> str:
        """What changed, without its lever and places."""
        if self.is_there:
            what = "" if self.behind else self.what
            return f"{what} {self.a} -> {self.b}".strip()
        verb, sort = ("added", "to ") if self.a is None else ("removed", "from ")
        where = sort + self.where if self.lever == "branch" else self.where
        return f"{self.what} {verb} {where}".strip()

    def _places(self, shown: int | None) -> str:
        if not self.spots:
            return ""
        if len(self.spots) == 1:
            return f" {'behind' if self.behind else 'at'} {self.spots[0]}"
        names = [str(spot) for spot in self.spots[:shown]]
        names += ["..."] if len(names) < len(self.spots) else []
        count = len(self.spots)
        plural = _PLURALS.get(self.what, f"{self.what} layers")
        where = f"behind {count} {plural}" if self.behind else f"in {count} places"
        return f" {where} ({', '.join(names)})"

    def to_json(self) -> dict[str, Any]:
        return {
            "lever": self.lever,
            "what": self.what,
            "a": self.a,
            "b": self.b,
            "where": self.where,
            "count": len(self.spots),
            "places": [{"a": spot.a, "b": spot.b} for spot in self.spots],
        }


def gathered(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Equal changes as one, in the order of the levers and then of the nets."""
    groups: dict[Change, list[Spot]] = {}
    for change in changes:
        groups.setdefault(replace(change, spots=()), []).extend(change.spots)
    found = [replace(change, spots=tuple(dict.fromkeys(spots))) for change, spots in groups.items()]
    return tuple(sorted(found, key=lambda change: _rank(change.lever)))


def _rank(lever: str) -> tuple[int, str]:
    return (LEVERS.index(lever), "") if lever in LEVERS else (len(LEVERS), lever)
