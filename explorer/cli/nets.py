"""From ``NET`` and the options behind it to a candidate."""

from __future__ import annotations

import argparse
from typing import Literal

from explorer.cli.options import read_assignments, read_rebind
from explorer.space import Candidate, Space, bind
from explorer.space.library import Text, find_text


def open_space(
    name: str, arguments: argparse.Namespace, kind: Literal["net", "space"] = "space"
) -> tuple[Text, Space, dict[str, str]]:
    """The space that a name and the options mean, and the choices that they make in it.

    Args:
        name: a shipped name or a path.
        arguments: with those of ``add_header_options``.
        kind: which one is meant where a net and a space have this name.
    """
    text = find_text(name, kind)
    given = read_assignments(arguments.assignments)
    plain = text.space()
    params = {key: given.pop(key) for key in list(given) if key in plain.header.params}
    width = None if "width" in plain.choices else given.pop("width", None)
    return text, text.space(read_rebind(arguments, params, width)), given


def open_net(name: str, arguments: argparse.Namespace) -> tuple[Text, Space, Candidate]:
    """The net that a name and the options mean; a space stands for its defaults."""
    text, space, given = open_space(name, arguments, "net")
    return text, space, bind(space, given)
