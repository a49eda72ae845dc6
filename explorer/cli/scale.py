"""Scale a net's depth, width and resolution together: by phi, to a budget, or by hand.

Compound scaling (Tan & Le 2019, EfficientNet, section 3.3, equation 3): depth alpha^phi, width
beta^phi, resolution gamma^phi. docs/scaling.md says what each of them does to a text.
"""

from __future__ import annotations

import argparse
import json
import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.options import make_folder, positive, write_text
from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.budget import Budget
    from explorer.cli.scaling import Entry, Law
    from explorer.scale import Baseline, Coefficients, ScaledNet

HELP = "scale a net's depth, width and resolution together"

_WAYS = "--phi P, --budget B, --width W --depth D --resolution R, --published, or --grid"
_ONLY_GRID = ("data", "seeds", "recipe", "device", "yes")
_COEFFICIENTS = ("alpha", "beta", "gamma")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("net", metavar="NET", help="a shipped name, NAME:MEMBER or a path")
    add("--phi", type=float, metavar="P", help="by equation 3: about 2^P times the macs")
    add("--budget", metavar="B", help="the largest phi that fits; as in search: 5e9, params=2e7")
    for name, usual in zip(_COEFFICIENTS, ("1.2", "1.1", "1.15"), strict=True):
        add(f"--{name}", type=float, metavar="X", help=f"of equation 3 (default: {usual})")
    add("--width", type=_factor, metavar="W", help="by hand: a factor on the channels")
    add("--depth", type=_factor, metavar="D", help="by hand: a factor on the modules of a stage")
    add("--resolution", type=_grid, metavar="R", help="by hand: the input's side in pixels")
    add("--published", action="store_true", help="the family's published nets beside equation 3")
    add("-o", "--output", metavar="PATH", help="the text to write; of --grid, the folder of scores")
    add("--json", action="store_true", help="print one JSON object")
    grid = parser.add_argument_group(
        "the grid search for alpha, beta and gamma, which trains (--resolution: the net's own side)"
    )
    add = grid.add_argument
    add("--grid", action="store_true", help="train all that cost about twice the net, at phi = 1")
    add("--data", metavar="DATA", help="a shipped name, an .npz, a folder, IDX files")
    add("--seeds", type=positive, metavar="N", help="runs of each (default: 1)")
    add("--recipe", metavar="NAME", help="the study whose protocol trains (default: default)")
    add("--device", metavar="D", help="auto, cpu, cuda, mps")
    add("--yes", action="store_true", default=None, help="train without asking")


def run(arguments: argparse.Namespace) -> int:
    from explorer.scale import open_baseline

    _check(arguments)
    base = open_baseline(arguments.net)
    if arguments.grid:
        from explorer.cli.coefficients import search_grid

        return search_grid(base, arguments)
    if arguments.published:
        return _published(base, arguments)
    return _scaled(base, arguments)


# ---- what was asked


def _check(arguments: argparse.Namespace) -> None:
    """Refuse options that do not go together.

    Raises:
        ExplorerError: no way to scale is given, more than one, or an option of another.
    """
    by_hand = arguments.width or arguments.depth or (arguments.resolution and not arguments.grid)
    ways = {
        "--phi": arguments.phi is not None,
        "--budget": arguments.budget is not None,
        "--width, --depth, --resolution": bool(by_hand),
        "--published": arguments.published,
        "--grid": arguments.grid,
    }
    given = [name for name, is_given in ways.items() if is_given]
    if len(given) != 1:
        problem = f"{' and '.join(given)} exclude each other" if given else "say how to scale"
        raise ExplorerError(f"{problem}: {_WAYS}")
    for name in _ONLY_GRID:
        if getattr(arguments, name) is not None and not arguments.grid:
            raise ExplorerError(f"--{name}: goes with --grid alone")
    for name in _COEFFICIENTS:
        if getattr(arguments, name) is not None and (by_hand or arguments.grid):
            raise ExplorerError(f"--{name}: goes with --phi, --budget or --published")
    if arguments.published and arguments.output:
        raise ExplorerError("-o: --published writes nothing; name the net, as in efficientnet:b3")


def _coefficients(arguments: argparse.Namespace) -> Coefficients:
    from explorer.scale import Coefficients

    given = {name: getattr(arguments, name) for name in _COEFFICIENTS}
    return Coefficients(**{name: value for name, value in given.items() if value is not None})


def _factor(text: str) -> Fraction:
    """A factor such as 1.1 or 9/8, for argparse."""
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"a factor such as 1.1 or 9/8, got '{text}'") from None
    if not Fraction(1, 100) <= value <= 100:
        raise argparse.ArgumentTypeError(f"a factor lies between 0.01 and 100, got '{text}'")
    return value


def _grid(text: str) -> tuple[int, ...]:
    """A side such as 256, or 256x320, for argparse."""
    if not re.fullmatch(r"[1-9]\d{0,4}(x[1-9]\d{0,4})?", text):
        raise argparse.ArgumentTypeError(f"a side in pixels such as 256, got '{text}'")
    return tuple(map(int, text.split("x")))


# ---- one net


def _scaled(base: Baseline, arguments: argparse.Namespace) -> int:
    from explorer.scale import fit

    coefficients = _coefficients(arguments)
    phi, budget = arguments.phi, None
    if arguments.budget is not None:
        from explorer.budget import parse_budget

        budget = parse_budget(arguments.budget)
        fitted = fit(base, coefficients, budget)
        phi, net = fitted.phi, fitted.net
    elif phi is not None:
        net = base.scaled(coefficients.factors(phi))
    else:
        net = _by_hand(base, arguments)
    law = None if phi is None else (phi, coefficients)
    written = _write(net, arguments.output, law) if arguments.output else None
    if arguments.json:
        print(json.dumps(_as_json(base, net, law, budget)))
    else:
        from explorer.cli.scaling import print_scaled

        print_scaled(base, net, law, budget, written)
    return 0


def _by_hand(base: Baseline, arguments: argparse.Namespace) -> ScaledNet:
    one = Fraction(1)
    grid = arguments.resolution or base.input.grid
    if len(grid) == 1:
        grid *= len(base.input.grid)
    if len(grid) != len(base.input.grid):
        raise ExplorerError(f"--resolution: the input of {base.name} is {base.input}")
    return base.exactly(arguments.depth or one, arguments.width or one, grid)


def _write(net: ScaledNet, output: str, law: Law | None) -> Path:
    """Write the text of a net.

    Raises:
        ExplorerError: it cannot be written.
    """
    path = Path(output)
    reason = ""
    if law is not None:
        reason = f"equation 3 of Tan & Le 2019 at phi = {law[0]:g}, {law[1]}"
    make_folder(path.parent)
    write_text(path, net.text(reason))
    return path


def _as_json(
    base: Baseline, net: ScaledNet, law: Law | None, budget: Budget | None
) -> dict[str, object]:
    from explorer.cli.scaling import entries

    before, *after = (_entry(entry) for entry in entries(base, net, law))
    result: dict[str, object] = {"net": base.name, "before": before, "after": after[0]}
    if law is not None:
        result |= {"phi": law[0]} | {name: getattr(law[1], name) for name in _COEFFICIENTS}
    if budget is not None:
        result["budget"] = budget.to_json()
    result["stages"] = [[change.before, change.after] for change in net.changes]
    result["auxiliary_heads_left_out"] = net.heads_lost
    result["published"] = after[1:]
    return result


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "name": entry.name,
        "phi": entry.phi,
        "depth": float(entry.depth),
        "width": float(entry.width),
        "resolution": list(entry.input.grid),
        "weight_layers": entry.layers,
        **entry.cost._asdict(),
        "ratio": entry.ratio,
        "promised": entry.promised,
    }


# ---- a family


def _published(base: Baseline, arguments: argparse.Namespace) -> int:
    from explorer.scale import published

    family = published(base)
    if not family:
        raise ExplorerError(
            f"--published: {base.name} has no members with params for width, depth and the side of "
            "the input, as efficientnet has"
        )
    from explorer.cli.scaling import family_entries, position, print_family

    coefficients, first = _coefficients(arguments), position(base, family)
    phis = range(-first, len(family) - first)
    nets = [base.scaled(coefficients.factors(phi)) for phi in phis]
    rows = family_entries(base, coefficients, family, nets)
    if arguments.json:
        print(json.dumps([{"published": _entry(a), "equation3": _entry(b)} for a, b in rows]))
    else:
        print_family(base, coefficients, rows)
    return 0
