"""What is scored: a graph, a batch for it, and fresh random weights as often as a score wants."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.build import Net, build, examples
from explorer.errors import ExplorerError
from explorer.graph import Graph, without_heads

FEWEST = 2  # images: one image has no statistics for a batch normalisation


@dataclass(frozen=True, eq=False)
class Batch:
    """Images to look at, in an order that depends on nothing but the images.

    Sums of floating-point numbers depend on the order of their terms, and a sign next to zero on
    such a sum; so a batch is sorted before anything is computed, and scores are the same to the
    last digit in whatever order its images came.

    Attributes:
        inputs: for each input of the net, N x its shape, N at least 2.
        labels: N classes, or None where nobody knows them.

    Raises:
        ExplorerError: fewer than two images, or not equally many everywhere.
    """

    inputs: tuple[Tensor, ...]
    labels: Tensor | None = None

    def __post_init__(self) -> None:
        parts = [*self.inputs, *([] if self.labels is None else [self.labels])]
        if len({len(part) for part in parts}) != 1 or len(parts[0]) < FEWEST:
            raise ExplorerError(
                f"a batch has {FEWEST} images at least, and as many labels; "
                f"got {', '.join(str(len(part)) for part in parts)}"
            )
        order = torch.tensor(_order(parts))
        object.__setattr__(self, "inputs", tuple(part[order] for part in self.inputs))
        if self.labels is not None:
            object.__setattr__(self, "labels", self.labels[order])

    def __len__(self) -> int:
        return len(self.inputs[0])

    @classmethod
    def random(cls, graph: Graph, count: int, seed: int = 0) -> Batch:
        """Random values of each input's type, where there are no data."""
        return cls(examples(graph, count, torch.Generator().manual_seed(seed)))


def _order(parts: list[Tensor]) -> list[int]:
    """The samples by their bytes; samples that are equal in everything may stand as they like."""
    rows = [part.detach().cpu().contiguous().numpy() for part in parts]
    keys = [b"".join(part[index].tobytes() for part in rows) for index in range(len(rows[0]))]
    return sorted(range(len(keys)), key=keys.__getitem__)


@dataclass(frozen=True, eq=False)
class Subject:
    """One graph under scoring, as it is at inference: without auxiliary heads.

    Attributes:
        graph: the net.
        batch: images of its input shape; float32 or the type that the input has.
        seed: of all weights and of whatever else is drawn.
    """

    graph: Graph
    batch: Batch
    seed: int = 0

    @classmethod
    def of(cls, graph: Graph, batch: Batch, seed: int = 0) -> Subject:
        """The subject of a graph that may have auxiliary heads.

        Raises:
            ExplorerError: the batch does not fit the inputs of the net.
        """
        graph = without_heads(graph)
        wanted = [node.shape.sizes for node in graph.inputs]
        given = [tuple(part.shape[1:]) for part in batch.inputs]
        if given != wanted:
            raise ExplorerError(f"{graph.name}: takes inputs of {wanted}, the batch has {given}")
        return cls(graph, batch, seed)

    def generator(self) -> torch.Generator:
        """Decided by the seed alone, and the same whenever it is asked for."""
        return torch.Generator().manual_seed(self.seed)

    def net(self) -> Net:
        """The net with weights of the seed, channels last; torch's own generator is left alone.

        Batch normalisation works with the statistics of the batch, since those that it would have
        learned are not there; everything else is as at inference, so that nothing is dropped.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            net = build(self.graph)
        net.eval()
        for layer in net.modules():
            if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                layer.train()
        net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return net

    def inputs(self) -> tuple[Tensor, ...]:
        """The batch, its images channels last, which pooling is faster in."""
        return tuple(
            part.contiguous(memory_format=torch.channels_last) if part.dim() == 4 else part
            for part in self.batch.inputs
        )
