"""A space with some of its choices made."""

from __future__ import annotations

from dataclasses import replace

from explorer.space.knobs import Assignment, complete
from explorer.space.requirements import check_possible
from explorer.space.space import Space


def fix(space: Space, assignment: Assignment) -> Space:
    """The space in which each choice that is assigned has that value alone.

    Raises:
        NetError: an unknown name, a value outside its domain, or requirements that nothing
            satisfies any more.
    """
    full = complete(space.choices, assignment)
    choices = {
        path: replace(choice, values=(full[path],), default=full[path])  # type: ignore[arg-type]
        if path in assignment
        else choice
        for path, choice in space.choices.items()
    }
    check_possible(space.requirements, choices, space.header.classes)
    return replace(space, choices=choices)
