"""The bytes of values, beside those that torch holds and saves."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
import torch
from torch import Tensor

from explorer.build import build, examples
from explorer.build.module import Net
from explorer.cost import (
    Peak,
    inference_memory,
    inference_peak,
    training_memory,
    weight_memory,
)
from explorer.cost.memory import kept, live, value_bytes
from explorer.graph import Graph
from explorer.ops import ids, image
from explorer.space import Candidate, bind
from explorer.space.library import Text, shipped
from explorer.units import ITEM_BYTES
from tests.build.small import small
from tests.build.test_every_op import TEXTS
from tests.build.test_module import MANY_OPS
from tests.ops.row import text_of

Bound = Callable[..., Candidate]

# Views of views, memory that several values share, values that stay to the end.
ENTANGLED = {
    "three factors": text_of("[ id * conv 1x1 1 * avgpool global > sigmoid ] > relu"),
    "part of a part": text_of("conv 1x1 8 > part 2/2 > part 1/2 > conv 1x1 2"),
    "a view outlives its source": text_of("conv 1x1 8 as y\nz: y > part 1/2 > relu > conv 3x3 4"),
    "one value, kept once": text_of("conv 1x1 8 > relu > [ conv 3x3 8 + conv 5x5 8 + id ] > relu"),
    "no dropout": text_of("relu > dropout 0 > conv 1x1 4"),
    "dropout": text_of("relu > dropout 0.5 > conv 1x1 4"),
    "one average": text_of("avgpool to=1x1 > flatten > linear 4"),
    "one head": text_of("tokens > linear 6 > attention 1 > attention 6 causal"),
    "tokens as they lie": text_of("tokens > [ attention 2 + id ] > linear 3", "4x4x4"),
    "two ways out": (
        "net n\ninput left: 3x8x8\ninput right: 3x8x8\na: left > conv 1x1 4\n"
        "b: right > conv 3x3 4 > [ id + a ] > relu\nc: b > maxpool 2x2/2 valid\noutput a, c\n"
    ),
}
GRAPHS = TEXTS | ENTANGLED | {"many ops": MANY_OPS}


@pytest.fixture(params=[*GRAPHS, *shipped()])
def graph(request: pytest.FixtureRequest) -> Graph:
    name = request.param
    return bind(Text("test", GRAPHS[name]).space()).graph if name in GRAPHS else small(name)


def storages(tensors: Iterable[Tensor | None]) -> dict[int, int]:
    """The bytes of every piece of memory that tensors lie in, by its address."""
    pieces = [tensor.untyped_storage() for tensor in tensors if tensor is not None]
    return {piece.data_ptr(): piece.nbytes() for piece in pieces}


def inputs(graph: Graph, images: int) -> tuple[Tensor, ...]:
    return examples(graph, images, torch.Generator().manual_seed(3))


def held_by_torch(graph: Graph) -> list[int]:
    """The bytes of values that are there while each step runs."""
    net = build(graph).eval()
    values = net._start(inputs(graph, 1))
    found = []
    with torch.no_grad():
        for step in net._steps:
            before = storages(values)
            step.run(values)
            found.append(sum((before | storages([values[step.index]])).values()))
    return found


def saved_by_torch(net: Net, images: int) -> int:
    """The bytes that autograd saves, but for parameters and running statistics."""
    saved: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    entering = inputs(net.graph, images)
    leaves = [x.requires_grad_() if x.is_floating_point() else x for x in entering]
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        results = net.train()(*leaves)
    own = storages([*net.parameters(), *net.buffers()])
    del results
    return sum(size for address, size in storages(saved).items() if address not in own)


def saved_for_one_image(graph: Graph) -> int:
    net = build(graph)
    norms = [node for node in graph.nodes if node.op.name == "batchnorm"]
    if all(node.shape.elements > node.shape.channels for node in norms):
        return saved_by_torch(net, 1)
    # Batch normalisation refuses one value a channel. What grows with the images grows evenly.
    return 2 * saved_by_torch(net, 2) - saved_by_torch(net, 3)


def test_inference_holds_at_every_step_what_is_counted(graph: Graph) -> None:
    sizes = [value_bytes(node.shape) for node in graph.nodes]
    counted = [sum(sizes[index] for index in step) for step in live(graph)]
    held = held_by_torch(graph)
    assert counted[len(graph.inputs) :] == held
    assert inference_memory(graph) == max(held)


def test_training_saves_what_is_counted(graph: Graph) -> None:
    assert saved_for_one_image(graph) == training_memory(graph)


@pytest.mark.parametrize("line", ["tokens > flatten", "layernorm > flatten > relu"])
def test_a_flattening_of_what_lies_transposed_copies_it_and_is_not_counted(
    line: str, bound: Bound
) -> None:
    """As docs/counting.md says."""
    graph = bound(text_of(line)).graph
    flat = next(index for index, node in enumerate(graph.nodes) if node.op.name == "flatten")
    counted = sum(value_bytes(graph.nodes[index].shape) for index in live(graph)[flat])
    missing = held_by_torch(graph)[flat - 1] - counted
    assert missing == value_bytes(graph.nodes[flat].shape)


def test_by_hand(bound: Bound) -> None:
    text = (
        "net n\ninput 3x8x8 classes 10\nx: conv 3x3 4\ny: [ x | relu > dropout 0.5 ]\nz: flatten\n"
    )
    graph = bound(text).graph
    assert [node.op.name for node in graph.nodes[1:]] == [
        *("conv", "relu", "dropout", "concat", "flatten")
    ]
    # The dropout is the relu's memory, and the flattening the concatenation's.
    assert live(graph) == ((0,), (0, 1), (1, 2), (1, 2), (1, 2, 4), (4,))
    assert inference_peak(graph) == Peak(4 * (256 + 256 + 512), 4)
    # The image for the convolution, what the relu put out, the mask of the dropout.
    assert kept(graph) == (0, 2)
    assert training_memory(graph) == 4 * (192 + 256 + 256)
    assert weight_memory(graph) == 4 * (3 * 4 * 9 + 4)


@pytest.mark.parametrize(("dtype", "itemsize"), ITEM_BYTES.items())
def test_the_type_decides_on_numbers_and_not_on_ids(
    dtype: str, itemsize: int, bound: Bound
) -> None:
    assert getattr(torch, dtype).itemsize == itemsize
    assert value_bytes(image(3, 4, 5), itemsize) == 60 * itemsize
    assert value_bytes(ids(7), itemsize) == 56
    graph = bound(text_of("embedding 9 4", "ids 6")).graph
    assert inference_memory(graph, itemsize) == 48 + 24 * itemsize
    assert training_memory(graph, itemsize) == 48
    pooled = bound(text_of("maxpool 2x2/2 valid", "1x4x4")).graph
    assert training_memory(pooled, itemsize) == 16 * itemsize + 4 * 8


def test_a_net_of_nothing_holds_its_input(bound: Bound) -> None:
    graph = bound("net n\ninput 3x8x8\nx: id\n").graph
    assert inference_peak(graph) == Peak(768, 0)
    assert training_memory(graph) == weight_memory(graph) == 0


def test_the_first_of_equal_peaks_is_named(bound: Bound) -> None:
    graph = bound(text_of("relu > relu > relu")).graph
    assert inference_peak(graph).node == 1
