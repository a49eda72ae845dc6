"""Recipes as files: where they lie, and what stands in them. Without torch."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from explorer.errors import ExplorerError
from explorer.space.library import read_text
from explorer.units import parse_seconds

_PACKAGE = Path(__file__).resolve().parent.parent
_INSTALLED, _CHECKOUT = _PACKAGE / "studies", _PACKAGE.parent / "studies"
_OPTIONAL = {
    "question", "protocol", "score", "features", "trial_time", "workers", "prior", "confirm"
}  # fmt: skip
_KEYS = {"space", "start", "budget", "sampler", "seed", "trials", *_OPTIONAL}
AUTO = "auto"  # in the place of a number of workers: as many as a rehearsal finds best


def find_recipe(name: str) -> Path | None:
    """The recipe file of a name or path; None when there is none."""
    if name.endswith(".toml") and Path(name).is_file():
        return Path(name)
    candidates = (folder / f"{name}.toml" for folder in _folders())
    return next((path for path in candidates if path.is_file()), None)


def known_recipes() -> list[str]:
    """The names of all recipes, shipped ones and those here."""
    return sorted({path.stem for folder in _folders() for path in folder.glob("*.toml")})


def _folders() -> tuple[Path, Path]:
    """Where recipes lie; what is in the first hides what is in the second."""
    return Path("studies"), _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT


def recipe_values(path: Path) -> dict[str, Any]:
    """The settings in a TOML file, with all that a recipe needs.

    Raises:
        ExplorerError: not TOML, an unknown or missing setting, a count that is none.
    """
    try:
        values = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ExplorerError(f"{path}: {error}") from None
    unknown = sorted(set(values) - _KEYS)
    if unknown:
        allowed = ", ".join(sorted(_KEYS))
        raise ExplorerError(f"{path}: no setting is called '{unknown[0]}' (allowed: {allowed})")
    if "space" in values and "start" in values:
        raise ExplorerError(f"{path}: 'space' and 'start' exclude each other")
    spared = {"space", "budget"} if "start" in values else {"start"}
    missing = sorted(_KEYS - _OPTIONAL - spared - set(values))
    if missing:
        raise ExplorerError(f"{path}: '{missing[0]}' is missing")
    if "score" in values and "protocol" in values:
        raise ExplorerError(
            f"{path}: 'score' and 'protocol' exclude each other: a function of your own trains no "
            "proxy"
        )
    for name in ("seed", "trials"):
        if not _is_count(values[name], least=int(name != "seed")):
            raise ExplorerError(
                f"{path}: '{name}' is a positive whole number, got {values[name]!r}"
            )
    if "prior" in values and ("start" not in values or not isinstance(values["prior"], bool)):
        raise ExplorerError(f"{path}: 'prior' is true or false, and goes with 'start'")
    if not _is_count(values.get("confirm", 0), least=0):
        raise ExplorerError(f"{path}: 'confirm' is a whole number, got {values['confirm']!r}")
    workers = values.setdefault("workers", AUTO)
    if workers != AUTO and not _is_count(workers, least=1):
        raise ExplorerError(
            f"{path}: 'workers' is a positive whole number, or \"{AUTO}\"; got {workers!r}"
        )
    if "trial_time" in values:
        values["trial_time"] = _seconds(path, values["trial_time"])
    return values


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _seconds(path: Path, value: object) -> float:
    try:
        return parse_seconds(str(value))
    except ExplorerError as error:
        raise ExplorerError(f"{path}: 'trial_time' is {error.message}") from None
