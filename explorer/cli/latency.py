"""How long a net takes at inference here: measured, or predicted for every net of a space.

A net, or a candidate of a space (--set), is measured. Of a space some nets are measured and a
predictor for all others is fitted, which -o keeps and --predict uses without measuring.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.options import make_folder, positive, whole, write_text
from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.budget import Budget
    from explorer.build import Latency
    from explorer.cost.latency import Predictor
    from explorer.graph import Graph
    from explorer.space import Space

HELP = "how long a net takes at inference, measured or predicted"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from explorer.cli.options import add_header_options

    add = parser.add_argument
    add("net", metavar="NET|SPACE", help="a shipped name or a path")
    add("--device", default="cpu", metavar="D", help="cpu, cuda, mps (default: cpu)")
    add("--threads", type=positive, default=1, metavar="N", help="of a CPU (default: 1)")
    add("--batch", type=positive, default=1, metavar="N", help="images at once (default: 1)")
    add("--time", metavar="T", help="about how long to measure, such as 10s")
    add("--budget", metavar="B", help="of a space: measure nets within it, such as 1.5e9")
    add("--seed", type=whole, default=0, metavar="N", help="of a space: which nets are measured")
    add("--predict", metavar="FILE", help="predict by what -o wrote, instead of measuring")
    add("-o", "--output", metavar="FILE.json", help="of a space: where to keep the predictor")
    add("--json", action="store_true", help="print one JSON object")
    add_header_options(parser)


def run(arguments: argparse.Namespace) -> int:
    from explorer.cli.nets import open_net
    from explorer.cli.options import read_assignments

    _check(arguments)
    _, space, candidate = open_net(arguments.net, arguments)
    if arguments.predict:
        return _predict(candidate.graph, arguments)
    if space.choices and not read_assignments(arguments.assignments).keys() & space.choices.keys():
        return _fit(space, arguments)
    if arguments.output:
        raise ExplorerError("-o: keeps the predictor of a space; a net is measured")
    return _measure(candidate.graph, arguments)


def _check(arguments: argparse.Namespace) -> None:
    if arguments.seed < 0:
        raise ExplorerError(f"--seed: a whole number from 0, got {arguments.seed}")
    if arguments.predict and arguments.output:
        raise ExplorerError("-o: keeps what is fitted, and --predict fits nothing")


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """What measuring and fitting are both told."""
    from explorer.cli.options import read_seconds
    from explorer.score import pick_device

    given: dict[str, Any] = {"batch": arguments.batch, "threads": arguments.threads}
    if arguments.time is not None:
        given["seconds"] = read_seconds(arguments.time)
    return {"device": pick_device(arguments.device), **given}


# ---- a net


def _measure(graph: Graph, arguments: argparse.Namespace) -> int:
    from explorer.build import measure_latency

    latency = measure_latency(graph, **_given(arguments))
    kinds = _by_kind(graph, latency)
    if arguments.json:
        print(json.dumps({"net": graph.name, **latency.to_json(), "kinds": kinds}))
        return 0
    low, high = latency.quartiles
    _title(graph, str(latency.setting))
    print(
        f"{latency.ms:.2f} ms, the median of {latency.rounds} rounds; "
        f"half of them took {low:.2f} to {high:.2f}, the shortest {latency.least:.2f}"
    )
    _say_busy(latency.busy)
    _table(graph, kinds)
    return 0


def _by_kind(graph: Graph, latency: Latency) -> dict[str, float]:
    """The milliseconds of all nodes of a kind, the largest first."""
    from explorer.cost.kinds import kind, timed

    found: dict[str, float] = {}
    for node in timed(graph):
        name = kind(node.op)
        found[name] = found.get(name, 0.0) + latency.nodes[node.path]
    return dict(sorted(found.items(), key=lambda part: -part[1]))


def _predict(graph: Graph, arguments: argparse.Namespace) -> int:
    predictor = _read(Path(arguments.predict))
    kinds = predictor.by_kind(graph)
    ms, upper = predictor.predict(graph), predictor.upper(graph)
    if arguments.json:
        result = {"net": graph.name, "ms": ms, "upper": upper, "kinds": kinds}
        print(json.dumps({**result, "unseen": predictor.unseen(graph)}))
        return 0
    _title(graph, str(predictor.setting))
    _say_predicted(graph, predictor)
    _table(graph, kinds)
    return 0


def _read(path: Path) -> Predictor:
    """The predictor in a file.

    Raises:
        ExplorerError: it cannot be read, or holds none.
    """
    from explorer.cost.latency import Predictor

    try:
        return Predictor.from_json(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise ExplorerError(f"--predict: {path}: cannot be read ({error.strerror})") from None
    except ValueError:
        raise ExplorerError(f"--predict: {path}: is not JSON") from None
    except ExplorerError as error:
        raise ExplorerError(f"--predict: {path}: {error.message}") from None


# ---- a space


def _fit(space: Space, arguments: argparse.Namespace) -> int:
    from explorer.build.predictor import fit_predictor, within
    from explorer.cli.bar import Bar
    from explorer.space import bind

    if arguments.output:
        make_folder(Path(arguments.output).parent)
    given = _given(arguments)
    if arguments.budget:
        given["propose"] = within(space, _budget(arguments.budget))
    with Bar("measuring nets") as bar:
        predictor = fit_predictor(space, seed=arguments.seed, on_progress=bar.show, **given)
    text = json.dumps(predictor.to_json())
    if arguments.output:
        write_text(Path(arguments.output), text + "\n")
    if arguments.json:
        print(text)
        return 0
    graph = bind(space).graph
    _title(graph, str(predictor.setting))
    print(f"{len(predictor.weights)} kinds of nodes; {predictor.error}")
    _say_busy(predictor.busy)
    if predictor.disturbed:
        print(f"{predictor.disturbed:.0%} of the nets were only seen while others slowed them down")
    print("\nthe defaults of the space: ", end="")
    _say_predicted(graph, predictor)
    _table(graph, predictor.by_kind(graph))
    if arguments.output:
        print(arguments.output)
    return 0


def _budget(text: str) -> Budget:
    from explorer.budget import LATENCY, parse_budget

    budget = parse_budget(text)
    if LATENCY in budget.limits:
        raise ExplorerError("--budget: latency is what the measurement is to tell; bound macs")
    return budget


# ---- what is printed


def _title(graph: Graph, setting: str) -> None:
    print(f"{graph.name}  ·  input {graph.input}  ·  {setting}")


def _say_predicted(graph: Graph, predictor: Predictor) -> None:
    ms, upper, error = predictor.predict(graph), predictor.upper(graph), predictor.error
    print(f"{ms:.2f} ms predicted, with {error.share:.0%} probability below {upper:.2f}")
    if unseen := predictor.unseen(graph):
        print(f"never measured, so estimated by others alike: {', '.join(unseen)}")


def _say_busy(share: float) -> None:
    if share > 0.05:
        print(f"the machine was busy: {share:.0%} of the time went to other processes")


def _table(graph: Graph, kinds: dict[str, float]) -> None:
    """Milliseconds and macs by kind."""
    from rich.table import Table

    from explorer.cli.tables import console
    from explorer.cost.kinds import FEATURES, totals

    sums, all_ms = totals(graph), sum(kinds.values())
    table = Table(box=None)
    table.add_column("kind")
    for name in ("nodes", "ms", "share", "macs"):
        table.add_column(name, justify="right")
    for name, ms in kinds.items():
        found = dict(zip(FEATURES, sums[name], strict=True))
        count, macs = found["nodes"], found["macs"]
        table.add_row(name, f"{count}", f"{ms:.3f}", f"{ms / all_ms:.1%}", f"{macs:,}")
    console().print(table)
