"""Random declarations of numbers and of what may vary: params, knobs, levers, requirements."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.properties.chains import Drawer
from tests.properties.numbers import Names, Number, chance

Declared = tuple[str, Number]


def declarations(draw: Drawer, names: Names, indent: str) -> list[str]:
    """Some declarations, whose names are then known."""
    lines: list[str] = []
    for _ in range(draw.dice.choice((0, 1, 2, 3) if draw.is_space else (0, 0, 1))):
        ways = [_param, _knob, _knob, _lever] if draw.is_space else [_param]
        lines.append(indent + draw.dice.choice(ways)(draw, names))
    lines += [indent + line for line in _requirement(draw, names)]
    return lines


def _param(draw: Drawer, names: Names) -> str:
    if names.in_block and names.of("width") and chance(draw.dice, 60):
        return _derived(draw, names)
    role, texts = draw.dice.choice(
        (
            ("width", ("8", "16", "2*6", "40//3 - 1")),
            ("count", ("2", "1", "6/3")),
            ("kernel", ("3", "5", "1")),
            ("share", ("0.25", "2/5", "0")),
        )
    )
    text = draw.dice.choice(texts)
    name = draw.fresh("p")
    number = Number(name, role, (_VALUES.get(text, text),))
    names.numbers.append(number)
    return f"param {name} = {text}"


_VALUES: dict[str, object] = {"2*6": 12, "40//3 - 1": 12, "6/3": 2}


def _derived(draw: Drawer, names: Names) -> str:
    """A param of a block that follows from another number."""
    number = draw.dice.choice(names.of("width"))
    name = draw.fresh("p")
    doubled = tuple(2 * int(str(value)) for value in number.values)
    names.numbers.append(Number(name, "width", doubled, number.constant))
    return f"param {name} = 2*{number.name}"


def _knob(draw: Drawer, names: Names) -> str:
    """A knob; its name stays known as a number that waits for its value."""
    way: Callable[[Random, Names], tuple[str, str, list[object]]] = draw.dice.choice(
        (_widths, _widths, _listed, _kernels, _counts, _shares, _around)
    )
    role, domain, values = way(draw.dice, names)
    name = draw.fresh("k")
    default = f" = {draw.dice.choice(values)}" if chance(draw.dice, 50) else ""
    names.numbers.append(Number(name, role, tuple(values), constant=False))
    return f"knob {name}{default} in {domain}"


def _widths(dice: Random, names: Names) -> tuple[str, str, list[object]]:
    low, step = dice.choice((4, 8, 2)), dice.choice((4, 2, 8))
    high = low + 8
    values = [n for n in range(low, high + 1) if n % step == 0]
    return "width", f"{low}..{high} step {step}{' log' * chance(dice, 30)}", [*values]


def _listed(dice: Random, names: Names) -> tuple[str, str, list[object]]:
    values = dice.choice(((8, 4, 16), (6, 12), (3, 5, 9)))
    return "width", f"{{{', '.join(map(str, values))}}}", [*values]


def _kernels(dice: Random, names: Names) -> tuple[str, str, list[object]]:
    return "kernel", "{1, 3, 5}", [1, 3, 5]


def _counts(dice: Random, names: Names) -> tuple[str, str, list[object]]:
    high = dice.choice((2, 3))
    return "count", f"1..{high}", [*range(1, high + 1)]


def _shares(dice: Random, names: Names) -> tuple[str, str, list[object]]:
    return "share", "0..1/2 step 1/4", ["0", "1/4", "1/2"]


def _around(dice: Random, names: Names) -> tuple[str, str, list[object]]:
    """The multiples of 4 around a number that is known."""
    known = [n for n in names.of("width", constant=True) if len(n.values) == 1]
    if not known:
        return _widths(dice, names)
    number = dice.choice(known)
    low, high = number.most, 2 * number.most
    values = [n for n in range(low, high + 1) if n % 4 == 0]
    return "width", f"{number.name}..2*{number.name} step 4", [*values]


def _lever(draw: Drawer, names: Names) -> str:
    words = draw.dice.choice((("on", "off"), ("full", "stacked", "crossed"), ("max", "avg")))
    name = draw.fresh("l")
    names.levers[name] = words
    default = f" = {draw.dice.choice(words)}" if chance(draw.dice, 40) else ""
    return f"lever {name}{default} in {{{', '.join(words)}}}"


def _requirement(draw: Drawer, names: Names) -> list[str]:
    """A requirement that some values satisfy, and the others seldom break."""
    known = names.of("width", "kernel", "count")
    if not known or not chance(draw.dice, 25):
        return []
    number = draw.dice.choice(known)
    low = min(int(str(value)) for value in number.values)
    more = draw.dice.choice((f"{number.name} >= {low}", f"not {number.name} < {low}"))
    return [f"require {more} and {number.name} <= {number.most}"]
