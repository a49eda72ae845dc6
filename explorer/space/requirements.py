"""Requirements that an assignment breaks, and those that no assignment satisfies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from explorer.errors import NetError
from explorer.space.bounds import cannot_hold
from explorer.space.expression import Operation, Value, evaluate, knob_paths
from explorer.space.knobs import Choice, describe
from explorer.space.space import Requirement, Space
from explorer.space.written import values

MAX_TRIED = 20_000  # joint values of the knobs of requirements that hang together
MAX_DROPPED = 10  # requirements tried to do without, so that an error names few

Choices = Mapping[str, Choice]


def broken_requirements(space: Space, full: Mapping[str, Value | str]) -> list[Requirement]:
    """The requirements that do not hold under a full assignment."""
    known = {**full, "classes": space.header.classes or 1}
    return [r for r in space.requirements if not evaluate(r.test, known, {})]


def check_assignment(space: Space, full: Mapping[str, Value | str]) -> None:
    """Refuse an assignment that breaks a requirement.

    Raises:
        NetError: with the values that break it.
    """
    for requirement in broken_requirements(space, full):
        said = values(requirement.written, {**full, "classes": space.header.classes}, {})
        shown = f" ({said})" if said else ""
        what = f"{_who(space, requirement, full)}: {requirement.text}{shown}"
        raise NetError(what, requirement.site.place, requirement.site.calls)


def _who(space: Space, requirement: Requirement, full: Mapping[str, Value | str]) -> str:
    if not _knobs(requirement):
        return "a requirement does not hold"
    usual = all(full[path] == choice.default for path, choice in space.choices.items())
    return f"the {'defaults break' if usual else 'assignment breaks'} a requirement"


def check_possible(
    requirements: Sequence[Requirement], choices: Choices, classes: int | None
) -> None:
    """Refuse requirements that no assignment satisfies, as far as that is soon seen.

    Where the defaults satisfy them all, nothing is tried.

    Raises:
        NetError: with the requirements that exclude each other.
    """
    fixed: dict[str, Any] = {"classes": classes or 1}
    usual = {**fixed, **{path: choice.default for path, choice in choices.items()}}
    broken = (r for r in requirements if _knobs(r) and not _hold([r], usual))
    first = next(broken, None)
    if first is None:
        return
    for group in ([first], _connected(first, requirements)):
        if _impossible(group, choices, fixed):
            raise _refusal(_smallest(group, choices, fixed), choices)


def _refusal(group: Sequence[Requirement], choices: Choices) -> NetError:
    paths = sorted(set().union(*map(_knobs, group)))
    domains = ", ".join(f"{path} in {describe(choices[path])}" for path in paths)
    told = " and ".join(requirement.text for requirement in group)
    which = f"{told} together" if len(group) > 1 else f"the requirement {told}"
    site = group[-1].site
    return NetError(f"no values satisfy {which} ({domains})", site.place, site.calls)


def _knobs(requirement: Requirement) -> set[str]:
    return knob_paths(requirement.test) - {"classes"}


def _hold(group: Iterable[Requirement], known: Mapping[str, Any]) -> bool:
    try:
        return all(evaluate(requirement.test, known, {}) for requirement in group)
    except NetError:  # arithmetic without a result
        return False


def _size(requirement: Requirement) -> int:
    """How many operations it takes to see whether a requirement holds."""
    return requirement.test.size if isinstance(requirement.test, Operation) else 1


def _connected(start: Requirement, requirements: Sequence[Requirement]) -> list[Requirement]:
    """The requirements that share knobs with one, directly or through each other."""
    reached = _knobs(start)
    while True:
        found = [r for r in requirements if _knobs(r) & reached]
        more = reached.union(*map(_knobs, found))
        if more == reached:
            return found
        reached = more


def _impossible(group: Sequence[Requirement], choices: Choices, fixed: Mapping[str, Any]) -> bool:
    """Whether no values of the knobs satisfy all; False where that is not soon seen."""
    paths = sorted(set().union(*map(_knobs, group)))
    domains = [choices[path].values for path in paths]
    tried = prod(map(len, domains))
    if tried > MAX_TRIED or tried * sum(map(_size, group)) > 10 * MAX_TRIED:
        ends: dict[str, tuple[Any, Any]] = {
            path: (domain[0], domain[-1]) for path, domain in zip(paths, domains, strict=True)
        }
        ends |= {path: (value, value) for path, value in fixed.items()}
        return any(cannot_hold(requirement.test, ends) for requirement in group)
    every = (zip(paths, found, strict=True) for found in product(*domains))
    return not any(_hold(group, {**fixed, **dict(known)}) for known in every)


def _smallest(
    group: Sequence[Requirement], choices: Choices, fixed: Mapping[str, Any]
) -> list[Requirement]:
    """The group without the requirements that it is impossible without."""
    left = list(group)
    for requirement in group[:MAX_DROPPED]:
        others = [other for other in left if other is not requirement]
        if others and _impossible(others, choices, fixed):
            left = others
    return left
