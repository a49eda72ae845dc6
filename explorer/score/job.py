"""One job in, one result out: a candidate, trained by a protocol with a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from explorer.build import build
from explorer.cost import Cost, count
from explorer.data import Dataset
from explorer.errors import NetError
from explorer.graph import Graph, without_heads
from explorer.ops.conv import Conv, DepthwiseConv
from explorer.score.feed import Feed
from explorer.score.free import DEFAULT, Batch, Scores, draw_batch, free_scores
from explorer.score.protocol import Protocol
from explorer.score.train import Run, Training
from explorer.space import Assignment, Space, bind
from explorer.space.library import Text

SMALLEST_GRID = 3  # below it, the 3x3 and 5x5 alternatives of a lever see the same pixels


def training_seed(study_seed: int, fingerprint: str, repeat: int = 0) -> int:
    """The seed of a candidate's training: the same wherever, whenever and in whatever order."""
    text = f"{study_seed} {fingerprint} {repeat}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big")


@dataclass
class Scorer:
    """Scores candidates of one space by one protocol; holds the data in memory."""

    text: Text
    protocol: Protocol
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    def __post_init__(self) -> None:
        self.data: Dataset = self.protocol.open_data()
        known = self.text.space().header.params
        self.space: Space = self.text.space(self.protocol.rebind(self.data, known))
        self._feed: Feed | None = None
        self._batch: Batch | None = None

    @property
    def feed(self) -> Feed:
        if self._feed is None:
            self._feed = Feed(self.data, self.device)
        return self._feed

    def proxy(self, assignment: Assignment) -> Graph:
        """The candidate's graph as it is trained: the protocol's input, classes and width.

        Raises:
            NetError: the candidate cannot be built at the protocol's size, or does not end in one
                number for each class.
        """
        graph = bind(self.space, assignment, heads=self.protocol.heads).graph
        if len(graph.inputs) > 1 or len(graph.outputs) - len(graph.heads) > 1:
            raise NetError("only a net with one input and one output can be scored on data")
        shape = graph.nodes[graph.output].shape
        if shape.sizes != (len(self.data.classes),):
            raise NetError(
                f"the net puts out {shape}, not one number a class; end it with: linear classes"
            )
        return graph

    def cost(self, assignment: Assignment) -> Cost:
        """What the graph that is trained costs, which is far less than the candidate itself."""
        return count(without_heads(self.proxy(assignment)))

    def small_grids(self, graph: Graph) -> list[str]:
        """Convolutions with a real kernel that see a grid smaller than 3 x 3."""
        return [
            f"{node.path} sees {shape}"
            for node in graph.nodes
            if isinstance(node.op, Conv | DepthwiseConv) and max(node.op.kernel) > 1
            for shape in graph.shapes(node)
            if min(shape.grid) < SMALLEST_GRID
        ]

    def free(self, assignment: Assignment, names: Iterable[str] = DEFAULT) -> Scores:
        """Training-free scores of what is trained, on images of the protocol.

        Raises:
            NetError: it cannot be built at the protocol's size.
        """
        if self._batch is None:
            self._batch = draw_batch(self.data)
        return free_scores(without_heads(self.proxy(assignment)), self._batch, names=names)

    def begin(self, assignment: Assignment, seed: int) -> Run:
        """Build the candidate's proxy; its training, of which no epoch is done yet.

        Raises:
            NetError: it cannot be built at the protocol's size.
        """
        torch.manual_seed(seed)
        net = build(self.proxy(assignment))
        weights = tuple(float(head.weight or 0) for head in net.graph.heads)
        return Run(net, self.feed, self.protocol.recipe, seed, weights)

    def score(
        self,
        assignment: Assignment,
        seed: int,
        on_epoch: Callable[[int, float], None] = lambda epoch, accuracy: None,
    ) -> tuple[Training, nn.Module]:
        """Build the candidate's proxy and train it from the first epoch to the last.

        Raises:
            NetError: it cannot be built at the protocol's size.
            DivergedError: its loss stopped being a number.
        """
        run = self.begin(assignment, seed)
        return run.advance(self.protocol.recipe.epochs, on_epoch), run.net


def describe(protocol: Protocol, data: Dataset) -> dict[str, Any]:
    """The facts of a protocol that a report prints."""
    recipe = protocol.recipe
    return {
        "data": protocol.data,
        "input": data.shape,
        "kind": data.kind,
        "classes": len(data.classes),
        "width": str(protocol.width),
        "training images": min(recipe.images or len(data.train), len(data.train)),
        "validation images": len(data.val),
        "validation objects": len(data.val) // data.val_copies,
        "epochs": recipe.epochs,
    }
