"""The costs of many assignments of one space."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.cost.batch.atoms import Exact
from explorer.cost.batch.graphs import Trace
from explorer.cost.batch.latency import predicted
from explorer.cost.batch.least import lower_bound
from explorer.cost.batch.memory import inference_bytes, training_bytes
from explorer.cost.batch.program import Program
from explorer.cost.batch.registers import Array
from explorer.cost.batch.trace import trace
from explorer.cost.batch.truth import Truth, UncompilableError
from explorer.cost.count import count
from explorer.cost.kinds import totals
from explorer.cost.latency import Predictor
from explorer.cost.memory import inference_memory, training_memory
from explorer.errors import ExplorerError, NetError
from explorer.graph import Graph
from explorer.ops import Cost
from explorer.space import Assignment, Space, bind, complete

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """Costs of assignments.

    Attributes:
        costs: by name, one whole number for each assignment; 0 where there is no graph.
        valid: which assignments have a graph: they hold the requirements, and its shapes fit.
    """

    costs: Mapping[str, Array]
    valid: Array

    def __getitem__(self, name: str) -> Array:
        return self.costs[name]


class BatchCounter:
    """Counts assignments of one space, thousands at a time, exactly as one is counted.

    The space's text becomes arithmetic over arrays, once. A text with arithmetic that cannot be
    done so (``reason`` says which) is counted one assignment after another.

    Assignments are given as *codes*: an array of choices x assignments, in which each number is
    the position of a value in its choice's domain, in the order of ``space.choices``.

    Args:
        space: whose assignments are counted.
        predictor: what latencies are predicted by, where they are asked for.
    """

    def __init__(self, space: Space, predictor: Predictor | None = None) -> None:
        self.space = space
        self.predictor = predictor
        self.reason = ""
        self.trace: Trace | None = None
        self._needed: list[Truth] = []
        self._programs: dict[tuple[str, ...], Program] = {}
        self._activity: Program | None = None
        try:
            self.trace = trace(space)
            self._needed = self.trace.needed()
        except UncompilableError as error:
            self._give_up(error)

    def count(self, codes: Array, names: Sequence[str] = Cost._fields) -> Counts:
        """Costs of assignments.

        Args:
            codes: choices x assignments, whole numbers inside the domains.
            names: some of COSTS, or LATENCY.
        """
        program = self._program(tuple(names))
        if program is None:
            return self._one_by_one(codes, names)
        numbers, refused = program.run(codes)
        numbers[:, refused] = 0
        costs = dict(zip(names, numbers, strict=True))
        if LATENCY in costs:
            costs[LATENCY] = self._known.microseconds(costs[LATENCY])
        return Counts(costs, ~refused)

    def active(self, codes: Array) -> Array:
        """Which choices have a part in the graph of each assignment.

        Args:
            codes: choices x assignments, whole numbers inside the domains.

        Returns:
            choices x assignments, bool; arbitrary where an assignment has no graph.
        """
        if self.trace is None:
            return self._active_one_by_one(codes)
        if self._activity is None:
            truths, reads = self.trace.algebra.truths, self.trace.reads
            masks = [
                self.trace.algebra.mask(reads.get(index, truths.false))
                for index in range(len(self.space.choices))
            ]
            self._activity = Program(self.trace.algebra, masks)
        numbers, _ = self._activity.run(codes)
        active: Array = numbers != 0
        return active

    def lower_bound(self, name: str) -> int | None:
        """What a cost is proven never to lie below; None where nothing is known."""
        try:
            (formula,) = self.formulas((name,))
        except UncompilableError:
            return None
        assert self.trace is not None
        bound = lower_bound(self.trace.algebra, formula)
        return int(self._known.microseconds(bound)) if name == LATENCY else bound

    def formulas(self, names: Sequence[str]) -> list[Exact]:
        """The costs as arithmetic over the choices.

        Raises:
            UncompilableError: the space's text has arithmetic that this has no way for.
        """
        if self.trace is None:
            raise UncompilableError(self.reason)
        sums = self._sums()._asdict() if set(names) & set(Cost._fields) else {}
        return [sums[name] if name in sums else self._formula(self.trace, name) for name in names]

    def _formula(self, trace: Trace, name: str) -> Exact:
        if name == LATENCY:
            return predicted(trace, self._needed, self._known)
        return _MEMORY[name](trace, self._needed)

    @property
    def _known(self) -> Predictor:
        if self.predictor is None:
            raise ExplorerError("latencies are predicted from measurements, and there are none")
        return self.predictor

    def _program(self, names: tuple[str, ...]) -> Program | None:
        if self.trace is not None and names not in self._programs:
            try:
                numbers = self.formulas(names)
                program = Program(self.trace.algebra, numbers, self.trace.refused)
                self._programs[names] = program
            except UncompilableError as error:
                self._give_up(error)
        return self._programs.get(names)

    def _give_up(self, error: UncompilableError) -> None:
        self.trace, self.reason = None, str(error)
        self._programs.clear()

    def _sums(self) -> Cost:
        """The cost of every node, where an output depends on it."""
        assert self.trace is not None
        totals: list[Exact] = [0] * len(Cost._fields)
        for node, when in zip(self.trace.nodes, self._needed, strict=True):
            if when is not when.table.false:
                mask = self.trace.algebra.mask(when)
                parts = zip(totals, node.op.cost(node.shapes, node.shape), strict=True)
                totals = [total + part * mask for total, part in parts]
        return Cost(*totals)

    def _active_one_by_one(self, codes: Array) -> Array:
        active = np.zeros(codes.shape, bool)
        for column in range(codes.shape[1]):
            with suppress(NetError):
                read = bind(self.space, decode(self.space, codes[:, column])).active
                active[:, column] = [path in read for path in self.space.choices]
        return active

    def _one_by_one(self, codes: Array, names: Sequence[str]) -> Counts:
        numbers = np.zeros((len(names), codes.shape[1]), object)
        valid = np.ones(codes.shape[1], bool)
        for column in range(codes.shape[1]):
            try:
                graph = bind(self.space, decode(self.space, codes[:, column])).graph
                numbers[:, column] = [cost_of(graph, name, self.predictor) for name in names]
            except NetError:
                valid[column] = False
        return Counts(dict(zip(names, numbers, strict=True)), valid)


def cost_of(graph: Graph, name: str, predictor: Predictor | None = None) -> int:
    """One of COSTS, or the LATENCY that a predictor bounds from above, of one graph."""
    if name == LATENCY and predictor is not None:
        return int(predictor.microseconds(predictor.femtoseconds(totals(graph))))
    if name in _ONE:
        return _ONE[name](graph)
    found: int = getattr(count(graph), name)
    return found


# Beside the sums over nodes: how one graph is counted, and how all graphs of a space are.
_ONE: dict[str, Callable[[Graph], int]] = {
    "memory": inference_memory,
    "training_memory": training_memory,
}
_MEMORY: dict[str, Callable[[Trace, Sequence[Truth]], Exact]] = {
    "memory": inference_bytes,
    "training_memory": training_bytes,
}
COSTS = (*Cost._fields, *_ONE)
LATENCY = "latency"  # microseconds for one batch, which most nets stay below


def encode(space: Space, assignments: Iterable[Assignment]) -> Array:
    """Assignments as codes; what one does not say keeps its default.

    Raises:
        NetError: an unknown name, or a value outside its domain.
    """
    positions = [
        {value: index for index, value in enumerate(choice.values)}
        for choice in space.choices.values()
    ]
    columns = [
        [
            where[value]
            for where, value in zip(positions, complete(space.choices, given).values(), strict=True)
        ]
        for given in assignments
    ]
    codes: Array = np.array(columns, np.int16).reshape(len(columns), len(positions)).T
    return codes


def decode(space: Space, codes: Array) -> Values:
    """The assignment that one column of codes says."""
    pairs = zip(space.choices.items(), codes, strict=True)
    return {path: choice.values[int(code)] for (path, choice), code in pairs}
