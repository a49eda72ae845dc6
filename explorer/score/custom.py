"""A score of the user's own: a function of a candidate and a seed, found by its name."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from math import isfinite
from pathlib import Path
from types import ModuleType
from typing import Any

from explorer.errors import ExplorerError
from explorer.space import Candidate

ScoreFunction = Callable[[Candidate, int], float]

_LARGEST = 1e100  # of a score; the square of a larger one might be no number any more
_LONGEST = 300  # characters of an error's message


def load_function(name: str) -> ScoreFunction:
    """The function that ``module:function`` names; modules of the current folder come first.

    Raises:
        ExplorerError: another form, no such module, an error while it is imported, no such
            function, or nothing that takes a candidate and a seed.
    """
    function: ScoreFunction = load_named(name, "score", ("a candidate", "a seed"))
    return function


def load_named(name: str, role: str, arguments: Sequence[str]) -> Callable[..., Any]:
    """The function that ``module:function`` names.

    Args:
        name: of the function.
        role: what it is for, which begins every message.
        arguments: what it is called with, in words.

    Raises:
        ExplorerError: as of :func:`load_function`.
    """
    where = f"{role} '{name}'"
    module_name, _, function_name = name.partition(":")
    if not (_is_path(module_name) and function_name.isidentifier()):
        example = "tabular:score" if role == "score" else f"tabular:{role}"
        raise ExplorerError(f"{where}: write MODULE:FUNCTION, as in {example}")
    module = _module(module_name, where)
    if not hasattr(module, function_name):
        file = getattr(module, "__file__", None) or "built in"
        raise ExplorerError(
            f"{where}: the module '{module_name}' ({file}) has no '{function_name}'"
        )
    function = getattr(module, function_name)
    _check(function, where, arguments)
    return function  # type: ignore[no-any-return]  # whatever a module of the user's holds


def _is_path(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _module(module_name: str, where: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path[:1]:  # an installed command has its own folder there instead
        sys.path.insert(0, here)
    try:
        return import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and f"{module_name}.".startswith(f"{error.name}."):
            raise ExplorerError(
                f"{where}: there is no module '{error.name}', neither in this folder nor installed"
            ) from None
        problem = in_a_line(error)
    except (Exception, SystemExit) as error:  # a script may end itself when it is imported
        problem = in_a_line(error)
    raise ExplorerError(f"{where}: importing '{module_name}' failed: {problem}")


def _check(function: Any, where: str, arguments: Sequence[str]) -> None:
    if not callable(function):
        kind = type(function).__name__
        raise ExplorerError(f"{where}: a function is needed, and this is of type {kind}")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some that are written in C have none to look at
        return
    try:
        signature.bind(*(None for _ in arguments))
    except TypeError as error:
        raise ExplorerError(
            f"{where}: it is called with {' and '.join(arguments)}, which it does not take "
            f"({error})"
        ) from None


def in_a_line(error: BaseException) -> str:
    """An error as ``ValueError: message``, of which the first line is kept."""
    lines = str(error).strip().splitlines()
    kind = type(error).__name__
    return f"{kind}: {lines[0][:_LONGEST]}" if lines else kind


def as_score(value: object) -> float:
    """What a function of the user's has returned, as a number.

    Raises:
        ValueError: it is none, not finite, or beyond 1e100 on either side.
    """
    number = _number(value)
    if not isfinite(number):
        raise ValueError(f"the score is {number}")
    if abs(number) > _LARGEST:
        raise ValueError(f"the score is {number:.2g}, beyond {_LARGEST:g}")
    return number


def _number(value: Any) -> float:
    if isinstance(value, str | bytes):
        raise ValueError(f"the score is of type {type(value).__name__}, not a number")
    try:
        return float(value)
    except Exception:  # arrays and tensors of many numbers have errors of their own kinds
        kind = "None" if value is None else f"of type {type(value).__name__}"
        raise ValueError(f"the score is {kind}, not a number") from None


def first_line(function: Callable[..., Any]) -> str:
    """What a function says of itself in the first line of its docstring; empty without one."""
    return (inspect.getdoc(function) or "").partition("\n")[0].strip()
