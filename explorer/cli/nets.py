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
    known = text.space().header.params
    params = {name: value for name, value in given.items() if name in known}
    choices = {name: value for name, value in given.items() if name not in known}
    space = text.space(read_rebind(arguments, params))
    return text, space, bind(space, choices)
