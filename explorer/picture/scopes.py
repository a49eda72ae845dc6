"""Which scopes of a net are drawn open, and which are closed to one box."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from explorer.errors import ExplorerError
from explorer.graph import Graph, Scope
from explorer.ops import JOINS

_BRANCH = re.compile(r"b?\d+")  # how the language names branches, and copies that are branches
_JOINS = {op.name for op in JOINS.values()}


@dataclass(frozen=True)
class Scopes:
    """The scopes of a graph as levels that can be opened one after the other.

    A branch of a join is no level of its own: it is seen as soon as the join is.
    """

    graph: Graph

    @cached_property
    def inside(self) -> tuple[tuple[int, ...], ...]:
        """For every scope, the nodes in it and in the scopes within it."""
        found: list[list[int]] = [[] for _ in self.graph.scopes]
        for index, node in enumerate(self.graph.nodes):
            for scope in around(self.graph, node.scope):
                found[scope].append(index)
        return tuple(map(tuple, found))

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """How many scopes must be opened to see what is in each; the whole net is level 0."""
        found: list[int] = []
        for index, scope in enumerate(self.graph.scopes):
            above = found[scope.parent] if scope.parent >= 0 else -1
            found.append(above + (not self._is_clear(index)))
        return tuple(found)

    @property
    def deepest(self) -> int:
        return max(self.levels)

    def is_level(self, index: int) -> bool:
        """Whether a scope is one that can be closed."""
        return index > 0 and not self._is_clear(index)

    def closed(self, depth: int, opened: Collection[str] = ()) -> list[int | None]:
        """For every node the outermost closed scope that it lies in, if it lies in one."""
        hidden = [
            self.is_level(index) and level > depth and not _is_open(scope, opened)
            for index, (scope, level) in enumerate(zip(self.graph.scopes, self.levels, strict=True))
        ]
        outermost: list[int | None] = []
        for index, scope in enumerate(self.graph.scopes):
            above = outermost[scope.parent] if scope.parent >= 0 else None
            outermost.append(index if above is None and hidden[index] else above)
        return [outermost[node.scope] for node in self.graph.nodes]

    def check(self, paths: Collection[str]) -> None:
        """Paths to open must be scopes.

        Raises:
            ExplorerError: one is none.
        """
        known = [scope.path for scope in self.graph.scopes[1:]]
        for path in paths:
            if not any(name == path or name.startswith(f"{path}.") for name in known):
                close = get_close_matches(path, known, n=1)
                top = ", ".join(name for name in known if "." not in name)
                hint = f"; did you mean '{close[0]}'?" if close else f" (at the top: {top})"
                raise ExplorerError(f"no scope is called '{path}'{hint}")

    def _is_clear(self, index: int) -> bool:
        """Whether a scope is drawn open always: a branch, or nodes that do not lie together."""
        return index > 0 and (self._is_branch(index) or self._is_scattered(index))

    def _is_branch(self, index: int) -> bool:
        scope, nodes = self.graph.scopes[index], self.inside[index]
        if scope.block is not None or not nodes or not _BRANCH.fullmatch(_last(scope.path)):
            return False
        readers = (self.graph.nodes[reader] for reader in self.graph.readers[nodes[-1]])
        return any(r.scope == scope.parent and r.op.name in _JOINS for r in readers)

    def _is_scattered(self, index: int) -> bool:
        """Only nodes that follow each other can become one box without making a cycle."""
        nodes = self.inside[index]
        return not nodes or nodes[-1] - nodes[0] + 1 != len(nodes)


def around(graph: Graph, scope: int) -> list[int]:
    """A scope and those around it, the innermost first."""
    found = []
    while scope >= 0:
        found.append(scope)
        scope = graph.scopes[scope].parent
    return found


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _is_open(scope: Scope, opened: Collection[str]) -> bool:
    """Whether a scope is one of those to open, lies in one, or around one."""
    return any(
        f"{scope.path}.".startswith(f"{path}.") or path.startswith(f"{scope.path}.")
        for path in opened
    )
