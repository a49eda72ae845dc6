"""From ``NET`` and the options behind it to a candidate."""

from __future__ import annotations

import argparse

from explorer.cli.options import read_assignments, read_rebind
from explorer.space import Candidate, Space, bind
from explorer.space.library import Text, find_text


def open_net(name: str, arguments: argparse.Namespace) -> tuple[Text, Space, Candidate]:
    """The net that a name and the options mean; a space stands for its defaults."""
    text = find_text(name)
    given = read_assignments(arguments.assignments)
    plain = text.space()
    params = {key: given.pop(key) for key in list(given) if key in plain.header.params}
    width = None if "width" in plain.choices else given.pop("width", None)
    space = text.space(read_rebind(arguments, params, width))
    return text, space, bind(space, given)
