"""Which branches of a join do not fit each other, as the text counts them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from explorer.errors import NetError
from explorer.space.template import JoinElement

_BRANCH = re.compile(r"\(branch (\d+)\)")


def in_branches(error: NetError, join: JoinElement, numbers: Sequence[int]) -> NetError:
    """The error of a join, told of the branches that are written and at the one that differs.

    Args:
        error: its message counts the values that are joined.
        join: the join as written.
        numbers: of each value the number of its branch, which ``when`` makes differ from its own.
    """
    named = [numbers[int(found) - 1] for found in _BRANCH.findall(error.message)]
    if not named:
        return error
    told = iter(named)
    message = _BRANCH.sub(lambda _: f"(branch {next(told)})", error.message)
    place = join.branches[named[-1] - 1].place or error.place
    return NetError(message, place, error.calls)
