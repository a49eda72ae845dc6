"""An assignment in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.space import Candidate, Knob, Space

_FEW = 6


def shortly(space: Space, candidate: Candidate) -> str:
    """What an assignment chooses, said once for choices of one name that are chosen alike.

    ``every knob at its smallest but depth3 = 2; five = crossed, squeeze3 = on``. Choices that have
    no part in the graph are not spoken of.
    """
    values = candidate.assignment
    active = {path: c for path, c in space.choices.items() if path in candidate.active}
    knobs = {path: choice for path, choice in active.items() if isinstance(choice, Knob)}
    others = {p: values[p] for p, choice in knobs.items() if values[p] != choice.values[0]}
    parts = [_knobs(len(knobs), others)] if knobs else []
    levers = {path: values[path] for path in active if path not in knobs}
    if levers:
        parts.append(_listed(levers))
    return "; ".join(parts)


def _knobs(count: int, others: Mapping[str, Any]) -> str:
    if not others:
        return "every knob at its smallest"
    if len(others) * 2 < count:
        return f"every knob at its smallest but {_listed(others)}"
    return _listed(others)


def _listed(values: Mapping[str, Any]) -> str:
    """``pool = max`` where every path that ends so says it, ``i3a.five = full`` elsewhere."""
    by_name: dict[str, dict[str, Any]] = {}
    for path, value in values.items():
        by_name.setdefault(path.rpartition(".")[2], {})[path] = value
    said: list[str] = []
    for name, found in by_name.items():
        alike = set(map(str, found.values()))
        if len(alike) == 1 and len(found) > 1:
            said.append(f"{name} = {alike.pop()}")
        else:
            said += [f"{path} = {value}" for path, value in found.items()]
    more = [f"{len(said) - _FEW} more"] if len(said) > _FEW + 1 else []
    return ", ".join([*said[: _FEW if more else None], *more])
