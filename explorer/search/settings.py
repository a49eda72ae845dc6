"""What a study asks: everything that its answer depends on, in one value that is stored with it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from explorer.budget import Budget, budget_from_json, parse_budget
from explorer.errors import StudyError
from explorer.score import Protocol, protocol_from_json, protocol_to_json
from explorer.search.recipes import AUTO, recipe_values
from explorer.search.starting import own_budget
from explorer.space.library import Text

FORMAT = 1  # of the stored settings and trial attributes
_TRAINED = "of trained proxies"  # where no function of the user's scores
_PRIOR = {True: "around the defaults", False: "none"}


@dataclass(frozen=True, slots=True)
class Objective:
    """A named figure of every trial, and whether more or less of it is wanted."""

    name: str
    direction: Literal["maximize", "minimize"]


OBJECTIVES = (Objective("accuracy", "maximize"), Objective("macs", "minimize"))


def objectives_of(score: str) -> tuple[Objective, ...]:
    """What a study asks for: the accuracy of a proxy, or a score of the user's own; and macs."""
    if not score:
        return OBJECTIVES
    name = score.rpartition(":")[2]
    taken = {objective.name for objective in OBJECTIVES[1:]}
    return (Objective("score" if name in taken else name, "maximize"), *OBJECTIVES[1:])


@dataclass(frozen=True, slots=True)
class Settings:
    """A question: two runs with equal settings are the same study.

    Attributes:
        text: the space, whole, so that no file outside the study is needed to reread it.
        protocol: how a proxy of each candidate is trained; no part of the question where a function
            of the user's own scores.
        data_fingerprint: of the data as trained on; the same path with other bytes is refused.
            Empty where a function of the user's own scores.
        objectives: empty for those that follow from ``score``.
        score: ``module:function`` of the user's own; empty where proxies are trained.
        features: ``module:function`` of the user's own, of what the sampler may look at before a
            candidate is scored; empty without.
        prior: whether the space's defaults are taken for a good net, which the sampler looks around
            first (:class:`explorer.budget.Prior`).
        origin: machine and versions on which the study was begun; not part of the question.
    """

    text: Text
    budget: Budget
    protocol: Protocol
    data_fingerprint: str
    sampler: str
    seed: int
    objectives: tuple[Objective, ...] = ()
    origin: Mapping[str, str] = field(default_factory=dict, compare=False)
    score: str = ""
    features: str = ""
    prior: bool = False

    def __post_init__(self) -> None:
        if not self.objectives:
            object.__setattr__(self, "objectives", objectives_of(self.score))

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "space": {"file": self.text.file, "text": self.text.content},
            "budget": self.budget.to_json(),
            "protocol": protocol_to_json(self.protocol),
            "data_fingerprint": self.data_fingerprint,
            "score": self.score,
            "features": self.features,
            "prior": self.prior,
            "sampler": self.sampler,
            "seed": self.seed,
            "objectives": [{"name": o.name, "direction": o.direction} for o in self.objectives],
            "origin": dict(self.origin),
        }

    def differences(self, other: Settings) -> list[str]:
        """Where two questions differ, in words; ``self`` is the stored one."""
        pairs: list[tuple[str, object, object]] = [
            ("space text", _short(self.text.content), _short(other.text.content)),
            ("budget", str(self.budget), str(other.budget)),
            ("sampler", self.sampler, other.sampler),
            ("seed", self.seed, other.seed),
            ("score", self.score or _TRAINED, other.score or _TRAINED),
            ("features", self.features or "none", other.features or "none"),
            ("prior", _PRIOR[self.prior], _PRIOR[other.prior]),
        ]
        if not (self.score or other.score):
            pairs += _protocols(self, other)
        return [f"{name} {old}, not {new}" for name, old, new in pairs if old != new]


def _protocols(old: Settings, new: Settings) -> list[tuple[str, object, object]]:
    """What decides the score of a proxy, by name."""
    mine, theirs = protocol_to_json(old.protocol), protocol_to_json(new.protocol)
    mine |= mine.pop("recipe")
    theirs |= theirs.pop("recipe")
    prints = (old.data_fingerprint[:15], new.data_fingerprint[:15])
    return [("data bytes", *prints), *((name, mine[name], theirs[name]) for name in mine)]


def settings_from_json(values: Mapping[str, Any], where: str) -> Settings:
    """The settings that a study holds.

    Raises:
        StudyError: another format, or something missing from it.
    """
    if values.get("format") != FORMAT:
        found = values.get("format")
        raise StudyError(f"{where}: stored in format {found}; this version reads format {FORMAT}")
    try:
        return Settings(
            text=Text(values["space"]["file"], values["space"]["text"]),
            budget=budget_from_json(values["budget"]),
            protocol=protocol_from_json(values["protocol"], where),
            data_fingerprint=values["data_fingerprint"],
            sampler=values["sampler"],
            seed=values["seed"],
            objectives=tuple(Objective(**item) for item in values["objectives"]),
            origin=values["origin"],
            score=values.get("score", ""),  # which older studies do not have
            features=values.get("features", ""),  # nor this
            prior=values.get("prior", False),
        )
    except (KeyError, TypeError) as error:
        raise StudyError(f"{where}: the stored settings are incomplete ({error})") from None


def origin() -> dict[str, str]:
    """The machine and the versions that a result depends on."""
    names = ("inception-explorer", "torch", "numpy", "optuna", "fvcore")
    return {
        "machine": f"{platform.machine()}, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: _version(name) for name in names},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _short(text: str) -> str:
    return f"of {len(text)} characters with {hash_text(text)}"


def hash_text(text: str) -> str:
    """Eight hexadecimal digits that tell two texts apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


# ---- recipes: studies/*.toml


@dataclass(frozen=True, slots=True)
class StudyRecipe:
    """A question in a file: the settings of a study, and how much to spend on it.

    Attributes:
        space: empty where the search starts from a net.
        workers: None for as many as a rehearsal finds best.
        start: the net whose surroundings are searched; empty for none.
        prior: whether the net to start from is taken for a good one.
        confirm: how often the nets of the front are scored again in the end.
    """

    space: str
    budget: Budget
    protocol: Protocol
    sampler: str
    seed: int
    trials: int
    workers: int | None
    score: str = ""
    trial_time: float | None = None
    features: str = ""
    start: str = ""
    prior: bool = False
    confirm: int = 0


def read_recipe(path: Path) -> StudyRecipe:
    """The recipe in a TOML file.

    Raises:
        ExplorerError: not TOML, an unknown or missing setting, a value that is none.
    """
    values = recipe_values(path)
    start = str(values.get("start", ""))
    return StudyRecipe(
        str(values.get("space", "")),
        parse_budget(str(values["budget"])) if "budget" in values else own_budget(start),
        protocol_from_json(values.get("protocol", {}), str(path)),
        str(values["sampler"]),
        seed=values["seed"],
        trials=values["trials"],
        workers=None if values["workers"] == AUTO else values["workers"],
        score=str(values.get("score", "")),
        trial_time=values.get("trial_time"),
        features=str(values.get("features", "")),
        start=start,
        prior=bool(start) and values.get("prior", False),
        confirm=values.get("confirm", 0),
    )
