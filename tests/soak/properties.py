"""Properties of thousands of random texts: ``python -m tests.soak.properties [COUNT] [SEED]``.

The count is that of texts; each has the properties of texts, and every eighth those of modules.
"""

from __future__ import annotations

import re
import sys
from random import Random

from tests.properties import meaning, tensors
from tests.properties.meaning import Property
from tests.properties.test_used_files import alone_means_the_same
from tests.properties.texts import Text, a_net, a_space
from tests.soak.minimise import minimised
from tests.soak.series import Failure, Task, arguments, keep, one_of_each, run

COUNT = 4_000
_OF_TEXTS = (*meaning.PROPERTIES, alone_means_the_same)
_BY_NAME = {holds.__name__: holds for holds in (*_OF_TEXTS, *tensors.PROPERTIES)}


def text_of(seed: str, number: int) -> Text:
    return (a_space if number % 2 else a_net)(Random(f"{seed}:{number}"))


def failures(task: Task) -> list[Failure]:
    seed, start, end = task
    found = [(number, reason) for number in range(start, end) for reason in _wrong(seed, number)]
    return [Failure(number, reason) for number, reason in found]


def _wrong(seed: str, number: int) -> list[str]:
    """The properties that a text does not have, and how."""
    every = (*_OF_TEXTS, *(tensors.PROPERTIES if number % 8 < 1 else ()))
    reasons = ((holds, broken(holds, text_of(seed, number))) for holds in every)
    return [f"{holds.__name__}: {reason}" for holds, reason in reasons if reason]


def broken(holds: Property, text: Text) -> str | None:
    """How a text lacks a property; None when it has it."""
    try:
        holds(text, Random(str(text)))
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300]
    return None


def main(count: int, seed: str) -> int:
    """How many properties of the texts failed."""
    found = run("properties", failures, count, seed, chunk=20)
    for each in one_of_each(found):
        keep("properties", seed, each, _small(seed, each))
    return len(found)


def _small(seed: str, found: Failure) -> str:
    """A smaller text that still means something, and lacks the property in the same way."""
    name, _, reason = found.reason.partition(": ")
    holds, kind = _BY_NAME[name], reason.partition(":")[0]

    def fails(text: str) -> bool:
        if broken(meaning.graphs_are_sound, read(text)) and name != "graphs_are_sound":
            return False
        return (broken(holds, read(text)) or "").startswith(kind)

    return minimised(str(text_of(seed, found.number)), fails)


_HEAD = r"(language|net|space|use|input|output|default|expect|param|knob|lever|require|member) "


def read(text: str) -> Text:
    """A text in the form in which it is drawn."""
    found = Text()
    for line in text.splitlines():
        if re.match(r"block \w+\(", line):
            found.blocks.append(line)
        elif line.startswith(" ") and found.blocks:
            found.blocks[-1] += f"\n{line}"
        elif line:
            (found.head if re.match(_HEAD, line) else found.lines).append(line)
    rounded = re.search(r"rounded (\d+)", text)
    found.rounded = int(rounded[1]) if rounded else None
    return found


if __name__ == "__main__":
    sys.exit(bool(main(*arguments(COUNT))))
