"""Count what a net costs: multiply-adds, parameters, memory; exactly and without torch."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from explorer.errors import ExplorerError, NetError

if TYPE_CHECKING:
    from explorer.build import Audit
    from explorer.graph import Graph
    from explorer.space import Candidate, Space

HELP = "exact macs, params, activations and memory of a net"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from explorer.cli.options import add_header_options
    from explorer.units import ITEM_BYTES

    parser.add_argument(
        "net", metavar="NET", help="a shipped name or a path; a space means its defaults"
    )
    parser.add_argument(
        "--by", choices=("block", "node", "op"), default="block", help="rows of the table"
    )
    parser.add_argument(
        "--audit", action="store_true", help="recount with fvcore and compare (loads torch)"
    )
    parser.add_argument(
        "--dtype", choices=ITEM_BYTES, default="float32", help="type that the bytes are counted in"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_header_options(parser)


def run(arguments: argparse.Namespace) -> int:
    from explorer.cli.nets import open_net

    _, space, candidate = open_net(arguments.net, arguments)
    graph = candidate.graph
    audited = _audit(graph) if arguments.audit else None
    if arguments.json:
        result = {"net": space.name, **_figures(graph, arguments.dtype)}
        if audited is not None:
            result["audit"] = audited.to_json()
        print(json.dumps(result))
    else:
        from explorer.cli.tables import print_audit, print_counts

        heads = _heads(space, candidate)
        print_counts(space, candidate, arguments.by, arguments.dtype, heads)
        if audited is not None:
            print_audit(audited)
    if audited is not None and not audited.agrees:
        raise ExplorerError(f"{arguments.net}: fvcore counts otherwise; see the table")
    return 0


def _figures(graph: Graph, dtype: str) -> dict[str, object]:
    """Everything that is counted, for machines; bytes are those of ``dtype``."""
    from explorer import cost
    from explorer.units import ITEM_BYTES

    itemsize = ITEM_BYTES[dtype]
    peak, field = cost.inference_peak(graph, itemsize), cost.receptive_field(graph)
    return {
        "input": list(graph.input.sizes),
        **cost.count(graph)._asdict(),
        "weight_layers": graph.depth(*cost.WEIGHTED),
        "dtype": dtype,
        "weight_bytes": cost.weight_memory(graph, itemsize),
        "memory": peak.bytes,
        "memory_at": graph.nodes[peak.node].path,
        "training_memory": cost.training_memory(graph, itemsize),
        "receptive_field": field and {**asdict(field), "node": graph.nodes[field.node].path},
    }


def _heads(space: Space, candidate: Candidate) -> str:
    """A line on the auxiliary heads, which training alone has; empty without any."""
    from explorer.cost import count
    from explorer.space import bind

    try:
        whole = bind(space, candidate.assignment, heads=True).graph
    except NetError:
        return "auxiliary heads: none on this grid, which is too small for them"
    if not whole.heads:
        return ""
    more = count(whole).params - count(candidate.graph).params
    weights = ", ".join(f"{float(head.weight or 0):g}" for head in whole.heads)
    return (
        f"auxiliary heads, in training only and not counted: {len(whole.heads)} with "
        f"{more:,} params, losses weighted {weights}"
    )


def _audit(graph: Graph) -> Audit:
    from explorer.build import audit

    return audit(graph)
