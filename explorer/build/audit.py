"""The second opinion: the built module, recounted by fvcore and compared operator by operator."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import torch

from explorer.build.example import examples
from explorer.build.module import build
from explorer.cost import Cost, count, node_cost
from explorer.errors import NetError
from explorer.graph import Graph, Node
from explorer.ops.attention import Attention
from explorer.ops.conv import Conv, DepthwiseConv
from explorer.ops.linear import Linear
from explorer.ops.norm import BatchNorm, GroupNorm, LayerNorm
from explorer.ops.pool import AdaptiveAvgPool, GlobalAvgPool
from explorer.ops.upsample import Upsample

# The operators whose figures are multiply-adds.
_MACS = ("conv", "linear", "matmul", "addmm", "bmm")

# Operators that fvcore has no rule for, and the ops of ours that lead to them.
_NO_RULE = {
    "maxpool": {"max_pool1d", "max_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d"},
    "avgpool": {"avg_pool1d", "avg_pool2d", "adaptive_avg_pool1d", "mean"},
    "upsample": {"upsample_nearest1d", "upsample_linear1d"},
    "lrn": {"mul", "div", "add", "pow", "avg_pool3d", "avg_pool2d", "constant_pad_nd", "pad"},
    "relu": {"relu"},
    "relu6": {"relu6", "hardtanh"},
    "leakyrelu": {"leaky_relu"},
    "prelu": {"prelu"},
    "elu": {"elu"},
    "silu": {"silu"},
    "gelu": {"gelu"},
    "mish": {"mish"},
    "softplus": {"softplus"},
    "hardswish": {"hardswish"},
    "sigmoid": {"sigmoid"},
    "hardsigmoid": {"hardsigmoid"},
    "tanh": {"tanh"},
    "softmax": {"softmax"},
    "dropout": {"dropout", "feature_dropout"},
    "droppath": set(),
    "scale": {"mul"},
    "layerscale": {"mul"},
    "zero": {"zeros_like"},
    "part": {"narrow"},
    "shuffle": {"channel_shuffle"},
    "layernorm": {"movedim"},
    "flatten": {"flatten"},
    "embedding": {"embedding"},
    "tokens": {"flatten", "transpose"},
    "grid": {"transpose", "unflatten"},
    "classtoken": {"expand", "cat"},
    "positions": {"add"},
    "token": {"select"},
    "attention": {"mul", "softmax", "triu", "masked_fill", "unflatten", "transpose", "flatten"},
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
    inputs = examples(graph, 1, torch.Generator().manual_seed(0))
    with warnings.catch_warnings():
        # The tracer's, about itself; fvcore uses it from its import on.
        warnings.simplefilter("ignore")
        from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis

        flops, activations = FlopCountAnalysis(net, inputs), ActivationCountAnalysis(net, inputs)
        for analysis in (flops, activations):
            analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
            analysis.tracer_warnings("none")
        by_operator, by_path = flops.by_operator(), flops.by_module()
        unknown = set(flops.unsupported_ops())
        put_out = int(activations.total())
    _check_known(graph, unknown)
    rows = tuple(_row(graph, *kind, nodes, by_path) for kind, nodes in _kinds(graph).items())
    macs = int(sum(by_operator.get(name, 0) for name in _MACS))
    params = sum(parameter.numel() for parameter in net.parameters())
    return Audit(count(graph), Cost(macs, params, put_out), rows)


Kind = tuple[str, str]  # what a row is about, and the unit of its figures

_NO_UNIT = "elements"  # put out: what is shown where fvcore has no rule


def _kinds(graph: Graph) -> dict[Kind, list[Node]]:
    """The nodes by op; those that fvcore has a rule for apart from the others."""
    kinds: dict[Kind, list[Node]] = {}
    for node in graph.nodes[len(graph.inputs) :]:
        unit, _ = _figure(graph, node)
        kinds.setdefault((_label(node), unit), []).append(node)
    return kinds


def _label(node: Node) -> str:
    match node.op:
        case GlobalAvgPool():
            return "avgpool global"
        case AdaptiveAvgPool():
            return "avgpool to="
    return node.op.name


def _figure(graph: Graph, node: Node) -> tuple[str, int]:
    """What fvcore counts in a node where it has a rule, and our figure for it.

    Multiply-adds for whatever has weights or multiplies matrices, and its own estimates for others:
    two operations an element for batch normalisation at inference, five for other norms, one for
    each element that a pool to a fixed grid reads, one or four for each that is interpolated.
    """
    put_out = node.shape.elements
    read = graph.shapes(node)[0]
    is_plane = read.kind == "map" and len(read.grid) == 2
    match node.op:
        case Conv() | DepthwiseConv() | Linear() | Attention():
            return "macs", node_cost(graph, node).macs
        case BatchNorm():
            return "operations", 2 * put_out
        case GroupNorm() | LayerNorm():
            return "operations", 5 * put_out
        case GlobalAvgPool() | AdaptiveAvgPool() if is_plane:
            return "elements read", read.elements
        case Upsample(mode=mode) if is_plane:
            return "operations", (4 if mode == "bilinear" else 1) * put_out
    if node.op.name not in _NO_RULE:
        raise NetError(f"the audit has no entry for the op '{node.op.name}'")
    return _NO_UNIT, put_out


def _row(
    graph: Graph, label: str, unit: str, nodes: list[Node], by_path: Mapping[str, float]
) -> AuditRow:
    ours = sum(_figure(graph, node)[1] for node in nodes)
    theirs = int(sum(by_path[node.path] for node in nodes))
    return AuditRow(label, len(nodes), unit, ours, None if unit == _NO_UNIT else theirs)


def _check_known(graph: Graph, unsupported: set[str]) -> None:
    expected = {operator for node in graph.nodes for operator in _NO_RULE.get(node.op.name, ())}
    unknown = {name.removeprefix("aten::").rstrip("_") for name in unsupported} - expected
    if unknown:
        raise NetError(f"fvcore met operators that nobody counts: {', '.join(sorted(unknown))}")
