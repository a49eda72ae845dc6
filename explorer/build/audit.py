"""The second opinion: the built module, recounted by fvcore and compared operator by operator."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from math import prod

import torch

from explorer.build.module import build
from explorer.cost import Cost, count, node_cost
from explorer.errors import NetError
from explorer.graph import Graph, Node
from explorer.ops import Shape
from explorer.ops.pool import GlobalAvgPool

# What fvcore calls our ops, and what it counts there. Multiply-adds for convolutions and linear
# layers; two operations an element for batch normalisation at inference; one for each element that
# a global pool reads.
_MACS = {"conv": "conv", "linear": "linear"}
_BATCHNORM = "batch_norm"
_GLOBAL = "adaptive_avg_pool"

# Operators that fvcore has no rule for, and the ops of ours that lead to them.
_NO_RULE = {
    "maxpool": {"max_pool1d", "max_pool2d"},
    "avgpool": {"avg_pool1d", "avg_pool2d", "adaptive_avg_pool1d"},
    "lrn": {"mul", "div", "add", "pow", "avg_pool3d", "avg_pool2d", "constant_pad_nd", "pad"},
    "relu": {"relu"},
    "relu6": {"relu6", "hardtanh"},
    "silu": {"silu"},
    "gelu": {"gelu"},
    "hardswish": {"hardswish"},
    "sigmoid": {"sigmoid"},
    "tanh": {"tanh"},
    "dropout": {"dropout", "feature_dropout"},
    "flatten": {"flatten"},
    "concat": {"cat"},
    "add": {"add"},
    "multiply": {"mul"},
}


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One kind of op: our figure beside fvcore's, which is None where it has no rule."""

    op: str
    nodes: int
    unit: str
    ours: int
    fvcore: int | None

    @property
    def agrees(self) -> bool:
        return self.fvcore is None or self.fvcore == self.ours


@dataclass(frozen=True, slots=True)
class Audit:
    """Both counts of one net. ``recounted`` holds fvcore's macs and activations, torch's params."""

    counted: Cost
    recounted: Cost
    rows: tuple[AuditRow, ...]

    @property
    def agrees(self) -> bool:
        return self.counted == self.recounted and all(row.agrees for row in self.rows)

    def to_json(self) -> dict[str, object]:
        return {
            "agrees": self.agrees,
            "fvcore": self.recounted._asdict(),
            "operators": [asdict(row) for row in self.rows],
        }


def audit(graph: Graph) -> Audit:
    """Build the net, recount it with fvcore and compare.

    Raises:
        NetError: an operator that neither fvcore nor our list of uncounted ones knows.
    """
    net = build(graph).eval()
    images = torch.zeros(1, *graph.input.sizes)
    with warnings.catch_warnings():
        # The tracer's, about itself; fvcore uses it from its import on.
        warnings.simplefilter("ignore")
        from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis

        flops, activations = FlopCountAnalysis(net, images), ActivationCountAnalysis(net, images)
        for analysis in (flops, activations):
            analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
            analysis.tracer_warnings("none")
        by_operator = {name: int(value) for name, value in flops.by_operator().items()}
        unknown = set(flops.unsupported_ops())
        put_out = int(activations.total())
    _check_known(graph, unknown)
    rows = tuple(_row(graph, name, nodes, by_operator) for name, nodes in _kinds(graph).items())
    macs = sum(by_operator.get(name, 0) for name in _MACS.values())
    params = sum(parameter.numel() for parameter in net.parameters())
    return Audit(count(graph), Cost(macs, params, put_out), rows)


def _kinds(graph: Graph) -> dict[str, list[Node]]:
    """The nodes by op; global pools, which fvcore knows, apart from the others."""
    kinds: dict[str, list[Node]] = {}
    for node in graph.nodes[1:]:
        is_global = isinstance(node.op, GlobalAvgPool)
        kinds.setdefault("avgpool global" if is_global else node.op.name, []).append(node)
    return kinds


def _row(graph: Graph, kind: str, nodes: list[Node], by_operator: dict[str, int]) -> AuditRow:
    if kind in _MACS:
        ours = sum(node_cost(graph, node).macs for node in nodes)
        return AuditRow(kind, len(nodes), "macs", ours, by_operator.get(_MACS[kind], 0))
    if kind == "batchnorm":
        ours = 2 * sum(node.shape.elements for node in nodes)
        return AuditRow(kind, len(nodes), "operations", ours, by_operator.get(_BATCHNORM, 0))
    if kind == "avgpool global":
        ours = sum(_read(graph, node) for node in nodes)
        axes = len(graph.shapes(nodes[0])[0].grid)
        known = by_operator.get(f"{_GLOBAL}{axes}d")
        return AuditRow(kind, len(nodes), "elements read", ours, known)
    if kind not in _NO_RULE:
        raise NetError(f"the audit has no entry for the op '{kind}'")
    ours = sum(node.shape.elements for node in nodes)
    return AuditRow(kind, len(nodes), "elements", ours, None)


def _read(graph: Graph, node: Node) -> int:
    return sum(_elements(shape) for shape in graph.shapes(node))


def _elements(shape: Shape) -> int:
    return prod(shape.sizes)


def _check_known(graph: Graph, unsupported: set[str]) -> None:
    expected = {operator for node in graph.nodes for operator in _NO_RULE.get(node.op.name, ())}
    unknown = {name.removeprefix("aten::").rstrip("_") for name in unsupported} - expected
    if unknown:
        raise NetError(f"fvcore met operators that nobody counts: {', '.join(sorted(unknown))}")
