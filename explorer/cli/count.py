"""Count the multiply-adds, parameters and activations of a net, exactly and without torch."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.build import Audit
    from explorer.graph import Graph

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
    from explorer.cost import count

    _, space, candidate = open_net(arguments.net, arguments)
    graph = candidate.graph
    cost = count(graph)
    audited = _audit(graph) if arguments.audit else None
    if arguments.json:
        result = {"net": space.name, "input": list(graph.input.sizes), **cost._asdict()}
        result["weight_layers"] = graph.depth("conv", "linear")
        if audited is not None:
            result["audit"] = audited.to_json()
        print(json.dumps(result))
    else:
        from explorer.cli.tables import print_audit, print_counts

        print_counts(space, candidate, arguments.by)
        if audited is not None:
            print_audit(audited)
    if audited is not None and not audited.agrees:
        raise ExplorerError(f"{arguments.net}: fvcore counts otherwise; see the table")
    return 0


def _audit(graph: Graph) -> Audit:
    from explorer.build import audit

    return audit(graph)
