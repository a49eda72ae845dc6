"""Graph to torch module. The first place in the pipeline where torch is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial, reduce
from typing import Any

import torch
from torch import Tensor, nn

from explorer.build import snippets
from explorer.graph import Graph, Node, without_heads
from explorer.ops import Input, Layer, Snippet, TorchFunction

Rule = Callable[..., Tensor]  # (index of a node, its own computation, *values that it reads)


class Net(nn.Module):
    """A graph as a module. A node's path is the prefix of its keys in the state_dict.

    Input: a tensor for each input of the graph, N x its shape; uint8 becomes float. Output: N x the
    shape of the output node, or a tuple of such when the graph has several. While it trains, the
    values of auxiliary heads stand behind them in that tuple; at inference they are not computed.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph
        first = len(graph.inputs)
        self._floats = [_is_raw(node) for node in graph.inputs]
        self._steps = [_Step(graph, index, self) for index in range(first, len(graph.nodes))]
        kept = {node.path for node in without_heads(graph).nodes}
        self._inference = [step for step in self._steps if graph.nodes[step.index].path in kept]

    def forward(self, *inputs: Tensor) -> Any:
        values = self._start(inputs)
        for step in self._steps if self.training else self._inference:
            step.run(values)
        wanted = self.graph.outputs
        leaving = [o for o in wanted if self.training or o.weight is None]
        results = tuple(values[output.node] for output in leaving)
        return results[0] if len(results) == 1 else results

    def walk(self, *inputs: Tensor) -> Iterator[Node]:
        """Compute node by node, as at inference; yields each node once its value is there."""
        values = self._start(inputs)
        for step in self._inference:
            step.run(values)
            yield self.graph.nodes[step.index]

    def trace(self, rule: Rule, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Compute as at inference, with ``rule`` in the place of every node's own computation.

        Args:
            rule: given the index of a node, what computes it, and the values that it reads;
                returns the value that its readers get.
            inputs: as :meth:`forward` takes them.

        Returns:
            The values that leave the net, without auxiliary heads.
        """
        values = self._start(inputs)
        for step in self._inference:
            step.run(values, rule=rule)
        wanted = (values[output.node] for output in self.graph.outputs if output.weight is None)
        return tuple(value for value in wanted if value is not None)

    def _start(self, inputs: tuple[Tensor, ...]) -> list[Tensor | None]:
        pairs = zip(inputs, self._floats, strict=True)
        entered = [value.float() if floats else value for value, floats in pairs]
        return [*entered, *[None] * len(self._steps)]

    @torch.no_grad()
    def shapes(self, *inputs: Tensor) -> list[tuple[int, ...]]:
        """The shape of what every node puts out, without the batch; compare with the inferred."""
        values = self._start(inputs)
        found = [tuple(value.shape[1:]) for value in inputs]
        for step in self._steps:
            step.run(values, keep=True)
            value = values[step.index]
            assert value is not None
            found.append(tuple(value.shape[1:]))
        return found


def _is_raw(node: Node) -> bool:
    """Whether an input is of bytes, which layers cannot take as they are."""
    return isinstance(node.op, Input) and node.op.dtype == "uint8"


class _Step:
    """One node at work: reads its inputs, writes its value, drops what nobody reads any more."""

    def __init__(self, graph: Graph, index: int, root: nn.Module) -> None:
        node = graph.nodes[index]
        self.index = index
        self.inputs = node.inputs
        self.call = _callable(graph, node, root)
        kept = {output.node for output in graph.outputs}
        self.drop = [
            source for source in set(node.inputs) - kept if graph.readers[source][-1] == index
        ]

    def run(
        self, values: list[Tensor | None], keep: bool = False, rule: Rule | None = None
    ) -> None:
        read: Any = [values[source] for source in self.inputs]
        values[self.index] = rule(self.index, self.call, *read) if rule else self.call(*read)
        if not keep:
            for source in self.drop:
                values[source] = None


def build(graph: Graph) -> Net:
    """The module that computes a graph, with freshly initialised weights.

    Weights follow :func:`initialise`; call ``torch.manual_seed`` before for the same ones again.
    """
    net = Net(graph)
    initialise(net)
    return net


def initialise(module: nn.Module) -> None:
    """He et al. 2015 for weights (fan-out, as before a ReLU), zero biases.

    Embeddings, and with them all learned tokens and positions, are small, as in Devlin et al.
    2019. Other layers begin as torch has them.
    """
    for layer in module.modules():
        if isinstance(layer, (nn.Conv1d, nn.Conv2d)):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            # The fan-out that torch finds is of all groups together, where a weight feeds one.
            layer.weight.data.mul_(layer.groups**0.5)
        elif isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
        elif isinstance(layer, nn.Embedding):
            nn.init.normal_(layer.weight, std=0.02)
        if isinstance(layer, (nn.Conv1d, nn.Conv2d, nn.Linear)) and layer.bias is not None:
            nn.init.zeros_(layer.bias)


def _callable(graph: Graph, node: Node, root: nn.Module) -> Callable[..., Tensor]:
    assert not isinstance(node.op, Input)
    specification = node.op.layer(graph.shapes(node))
    if isinstance(specification, TorchFunction):
        return torch_function(specification)
    module = instantiate(specification)
    _register(root, node.path, module)
    return module


def instantiate(specification: Layer | Snippet) -> nn.Module:
    """The layer that a specification describes."""
    home = snippets if isinstance(specification, Snippet) else nn
    made: nn.Module = getattr(home, specification.name)(
        *specification.args, **dict(specification.kwargs)
    )
    return made


def torch_function(specification: TorchFunction) -> Callable[..., Tensor]:
    """The function that a specification describes, taking any number of tensors."""
    function: Callable[..., Any] = partial(
        getattr(torch, specification.name), **dict(specification.kwargs)
    )
    if specification.listed:
        return lambda *tensors: function(tensors)
    return lambda first, *others: reduce(function, others, first) if others else function(first)


def _register(root: nn.Module, path: str, module: nn.Module) -> None:
    """Hang a layer into the tree of containers that its path names."""
    *parents, name = path.split(".")
    here = root
    for parent in parents:
        if parent not in here._modules:
            here.add_module(parent, nn.Module())
        here = here.get_submodule(parent)
    here.add_module(name, module)
