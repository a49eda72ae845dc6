"""Count the multiply-adds, parameters and activations of a net, exactly and without torch."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from explorer.errors import ExplorerError, NetError

if TYPE_CHECKING:
    from explorer.build import Audit
    from explorer.graph import Graph
    from explorer.space import Candidate, Space

HELP = "exact macs, params and activations of a net"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from explorer.cli.options import add_header_options

    parser.add_argument(
        "net", metavar="NET", help="a shipped name or a path; a space means its defaults"
    )
    parser.add_argument(
        "--by", choices=("block", "node", "op"), default="block", help="rows of the table"
    )
    parser.add_argument(
        "--audit", action="store_true", help="recount with fvcore and compare (loads torch)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_header_options(parser)


def run(arguments: argparse.Namespace) -> int:
    from explorer.cli.nets import open_net
    from explorer.cost import WEIGHTED, count

    _, space, candidate = open_net(arguments.net, arguments)
    graph = candidate.graph
    cost = count(graph)
    audited = _audit(graph) if arguments.audit else None
    if arguments.json:
        result = {"net": space.name, "input": list(graph.input.sizes), **cost._asdict()}
        result["weight_layers"] = graph.depth(*WEIGHTED)
        if audited is not None:
            result["audit"] = audited.to_json()
        print(json.dumps(result))
    else:
        from explorer.cli.tables import print_audit, print_counts

        print_counts(space, candidate, arguments.by, _heads(space, candidate))
        if audited is not None:
            print_audit(audited)
    if audited is not None and not audited.agrees:
        raise ExplorerError(f"{arguments.net}: fvcore counts otherwise; see the table")
    return 0


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
