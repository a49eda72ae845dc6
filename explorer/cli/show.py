"""Draw a net in layers, as the figures of papers do: boxes shaded by their share of the macs."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

HELP = "draw a net as an SVG or PNG"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from explorer.cli.options import add_header_options

    parser.add_argument(
        "net", metavar="NET", help="a shipped name or a path; a space means its defaults"
    )
    parser.add_argument(
        "-o", "--out", metavar="FILE", type=Path, help="where to, .svg or .png (default: NAME.svg)"
    )
    parser.add_argument(
        "--depth",
        type=_depth,
        metavar="N",
        help="levels of blocks to open, 0 for none (default: as many as stay readable)",
    )
    parser.add_argument(
        "--open",
        action="append",
        default=[],
        metavar="PATH",
        dest="opened",
        help="open this block fully, such as i3a or body.2; may be given several times",
    )
    parser.add_argument(
        "--across", action="store_true", help="from left to right instead of downwards"
    )
    add_header_options(parser)


def run(arguments: argparse.Namespace) -> int:
    from explorer.cli.nets import open_net
    from explorer.picture import check_suffix, layout, save

    if arguments.out is not None:
        check_suffix(arguments.out)
    _, space, candidate = open_net(arguments.net, arguments)
    picture = layout(
        candidate.graph, space.title, arguments.depth, arguments.opened, arguments.across
    )
    path = save(picture, arguments.out or Path(f"{_file_name(space.name)}.svg"))
    print(f"{path}: {len(picture.boxes)} boxes")
    return 0


def _depth(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must be at least 0, got {value}")
    return value


def _file_name(name: str) -> str:
    """A net's name as a file's."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-") or "net"
