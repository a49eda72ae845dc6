"""SynFlow: how much flow the weights carry when nothing is negative (Tanaka et al. 2020)."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call

from explorer.ops import Input
from explorer.ops.attention import Attention
from explorer.ops.base import Op
from explorer.ops.elementwise import Activation, Dropout
from explorer.ops.join import Multiply
from explorer.ops.norm import LRN, BatchNorm, GroupNorm, LayerNorm
from explorer.ops.residual import DropPath
from explorer.ops.sequence import ClassToken, Embedding, Positions
from explorer.score.free.subject import Subject

# What lets the flow through unchanged: on positive numbers a ReLU does; norms would undo the flow.
_OPEN: tuple[type[Op], ...] = (
    *(Activation, Dropout, DropPath),
    *(BatchNorm, GroupNorm, LayerNorm, LRN),
)


def synflow(subject: Subject) -> dict[str, float | None]:
    """The natural logarithm of the SynFlow score.

    "Pruning neural networks without any data by iteratively conserving synaptic flow", algorithm 1:
    with all weights replaced by their absolute values, an input of ones and R the sum of the
    outputs, the score is the sum over all weights of w dR/dw. As a score of nets it is from
    Abdelfattah et al. 2021, who take batch normalisation for the identity, as is done here.

    Flow is linear, so every norm and every activation is the identity here, and attention, whose
    weights depend on the input, looks at all tokens alike. A product has the scale of its smallest
    factor; the others are taken for gates, which in a net lie between 0 and 1, and are divided by
    their largest element.

    A flow grows by a factor of tens with every layer, and with it float64 ends at some hundred
    layers. So every value is divided by its largest element, and the logarithms of these factors
    are added up beside it: all values have a maximum of one, whatever the depth. Ids of zeros stand
    for the ones of an input of ids. Not defined where no weight reaches an output.
    """
    net = subject.net().double()
    for parameter in net.parameters():
        parameter.data.abs_()
    flow = _Flow(subject)
    ones = [
        torch.ones(1, *node.shape.sizes, dtype=torch.float64)
        if node.shape.kind != "ids"
        else torch.zeros(1, *node.shape.sizes, dtype=torch.int64)
        for node in subject.graph.inputs
    ]
    ends = net.trace(flow.rule, *ones)
    scales = [flow.scales[output.node] for output in subject.graph.outputs]
    largest = max(scales)
    total = sum(
        (end.sum() * math.exp(scale - largest) for end, scale in zip(ends, scales, strict=True)),
        start=torch.zeros((), dtype=torch.float64),
    )
    weights = [each for each in net.parameters() if each.requires_grad]
    if not total.requires_grad:
        return {"synflow": None}
    gradients = torch.autograd.grad(total, weights, allow_unused=True)
    carried = sum(
        float((weight.detach() * gradient).abs().sum())
        for weight, gradient in zip(weights, gradients, strict=True)
        if gradient is not None
    )
    return {"synflow": math.log(carried) + largest if carried > 0 else None}


class _Flow:
    """Values divided by their largest element, and the logarithms of what they were divided by."""

    def __init__(self, subject: Subject) -> None:
        self.graph = subject.graph
        self.scales = {
            index: 0.0
            for index, node in enumerate(subject.graph.nodes)
            if isinstance(node.op, Input)
        }

    def rule(self, index: int, call: Callable[..., Tensor], *values: Tensor) -> Tensor:
        node = self.graph.nodes[index]
        scales = [self.scales[source] for source in node.inputs]
        values = tuple(value.double() if value.is_floating_point() else value for value in values)
        value, scale = _apply(node.op, call, values, scales)
        largest = float(value.detach().abs().max())
        if largest > 0:
            value, scale = value / largest, scale + math.log(largest)
        self.scales[index] = scale
        return value


def _apply(
    op: Op, call: Callable[..., Tensor], values: tuple[Tensor, ...], scales: list[float]
) -> tuple[Tensor, float]:
    """The flow behind a node, and the logarithm of what it is to be multiplied by."""
    if isinstance(op, _OPEN):
        return values[0], scales[0]
    if isinstance(op, Multiply):
        return call(*values), min(scales)
    if isinstance(op, Attention):
        return _spread(call, values[0], values[-1]), scales[-1]
    if isinstance(op, (Positions, ClassToken, Embedding)):
        return _shrunk(call, values[0], scales[0]), scales[0]
    largest = max(scales)
    alike = (value * math.exp(scale - largest) for value, scale in zip(values, scales, strict=True))
    return call(*alike), largest


def _spread(attention: Callable[..., Tensor], asking: Tensor, read: Tensor) -> Tensor:
    """What attention puts out that looks at all tokens alike, and so the same for each."""
    assert isinstance(attention, nn.Module)
    mixed = attention.get_submodule("value")(read.mean(1, keepdim=True))
    result: Tensor = attention.get_submodule("out")(mixed)
    return result.expand(-1, asking.shape[1], -1)


def _shrunk(call: Callable[..., Tensor], value: Tensor, scale: float) -> Tensor:
    """A layer that adds its weights to the flow, with weights on the scale of the flow."""
    assert isinstance(call, nn.Module)
    weights = {name: each * math.exp(-scale) for name, each in call.named_parameters()}
    result: Tensor = functional_call(call, weights, (value,))
    return result
