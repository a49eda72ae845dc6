"""Numbers of a random text: names that mean some, and arithmetic with them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import gcd
from random import Random

from tests.properties.values import Value, Width

ACTS = "relu relu6 leakyrelu prelu elu silu gelu mish softplus hardswish sigmoid".split()
ACTS += "hardsigmoid tanh softmax".split()
WIDTHS = (8, 4, 16, 12, 6, 24, 2, 3, 5, 10)
KERNELS = (3, 1, 5)
SHARES = ("0.2", "0", "1/4", "0.5")


def chance(dice: Random, percent: int) -> bool:
    """Whether something that is not needed is there; what shrinks leaves it out."""
    return dice.randrange(100) >= 100 - percent


@dataclass(frozen=True)
class Number:
    """A name for a number: its role, the values that it may have, whether it is known."""

    name: str
    role: str  # width, kernel, count or share; of a block also norm, act, lever or value
    values: tuple[object, ...]
    constant: bool = True

    @property
    def multiple(self) -> int:
        return gcd(*(int(str(value)) for value in self.values))

    @property
    def most(self) -> int:
        return max(int(str(value)) for value in self.values)


@dataclass
class Names:
    """What one frame of a text can name: the top, or a block."""

    entry: Value
    rounded: int | None = None
    numbers: list[Number] = field(default_factory=list)
    levers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    in_block: bool = False
    has_classes: bool = False

    def of(self, *roles: str, constant: bool = False) -> list[Number]:
        found = [number for number in self.numbers if number.role in roles]
        return [number for number in found if number.constant or not constant]

    def inside(self) -> Names:
        """The same names for a piece whose own are not there outside it."""
        return replace(self, numbers=[*self.numbers], values=dict(self.values))


# ---- widths


def width(dice: Random, names: Names, divisor: int = 1, literal: bool = False) -> Width:
    """A number of channels that ``divisor`` divides, whatever the width of the net."""
    ways = [_literal, _literal, _named, _computed, _of_channels]
    for _ in range(1 if literal else 6):
        found = _literal(dice, names) if literal else dice.choice(ways)(dice, names)
        if found is not None and found.multiple % divisor == 0 and found.most <= 64:
            return found
    return _rounded(names, str(8 * divisor), 8 * divisor, 8 * divisor)


def _rounded(names: Names, text: str, multiple: int, most: int) -> Width:
    """What is left of a width's divisors when the net's own width scales it."""
    if names.rounded is None:
        return Width(text, multiple, most)
    return Width(text, gcd(multiple, names.rounded), 2 * most + names.rounded)


def _literal(dice: Random, names: Names) -> Width:
    value = dice.choice(WIDTHS)
    return _rounded(names, str(value), value, value)


def _named(dice: Random, names: Names) -> Width | None:
    known = names.of("width")
    if not known:
        return None
    number = dice.choice(known)
    return _rounded(names, number.name, number.multiple, number.most)


def _computed(dice: Random, names: Names) -> Width | None:
    known = names.of("width")
    if not known:
        return None
    n, m, more = dice.choice(known), dice.choice(known), dice.choice((4, 8))
    both = gcd(n.multiple, m.multiple)
    text, multiple, most = dice.choice(
        (
            (f"(2*{n.name})", 2 * n.multiple, 2 * n.most),
            (f"({n.name} + {m.name})", both, n.most + m.most),
            (f"({n.name} + {more})", gcd(n.multiple, more), n.most + more),
            (f"(max({n.name}, {m.name}))", both, max(n.most, m.most)),
            (f"(min({n.name}, 16))", gcd(n.multiple, 16), 16),
            (f"(to8(3*{n.name}/2))", 8, 3 * n.most),
            (f"(4*ceil({n.name}/3))", 4, 4 * n.most),
            (f"({n.name} - {n.name}//2 + 1)", 1, n.most),
            (f"(floor({n.name}/5)*2 + 2)", 2, n.most + 2),
            (f"(2*round({n.name}/4 + 1))", 2, n.most + 2),
        )
    )
    return _rounded(names, text, multiple, most)


def _of_channels(dice: Random, names: Names) -> Width | None:
    entry = names.entry
    if entry.kind == "ids" or not names.in_block:
        return None
    known = [Width("channels", entry.multiple, entry.most)]
    known.append(Width("(2*channels)", 2 * entry.multiple, 2 * entry.most))
    known.append(Width("(channels + 4)", gcd(4, entry.multiple), entry.most + 4))
    if entry.multiple % 2 == 0:
        known.append(Width("(channels/2)", entry.multiple // 2, entry.most // 2))
    return dice.choice(known)


# ---- others


def kernel(dice: Random, names: Names, rank: int, sizes: tuple[int, ...]) -> tuple[str, list[int]]:
    """A window: its text, and its sizes; a name's own are unknown, but odd."""
    known = names.of("kernel")
    if known and set(KERNELS) <= set(sizes) and chance(dice, 30):
        name = dice.choice(known).name
        forms = [name, f"({name}, 1)", f"(1, {name})", f"({name}, {name})"] if rank == 2 else [name]
        return dice.choice(forms), [0] * rank
    drawn = [dice.choice(sizes) for _ in range(rank)]
    if chance(dice, 60):
        drawn = drawn[:1] * rank
        if chance(dice, 30):
            return str(drawn[0]), drawn
    return "x".join(map(str, drawn)), drawn


def share(dice: Random, names: Names) -> str:
    known = [number.name for number in names.of("share")]
    return dice.choice([*("0.2", "0", "(1/4)", "0.5"), *known])


def tail(dice: Random, names: Names, kind: str = "map") -> list[str]:
    """What may stand behind a convolution or a linear layer: words, or names that mean some."""
    norms = ("layer", "none") if kind == "tokens" else ("batch", "layer", "none")
    passed = [n.name for n in names.of("norm")] if kind == "map" else []
    words = [f"norm={dice.choice((*norms, *passed, *passed))}"] if chance(dice, 40) else []
    acts = [number.name for number in names.of("act")]
    words += [f"act={dice.choice((*ACTS, 'none', *acts * 9))}"] if chance(dice, 40) else []
    return words + ([dice.choice(("bias", "nobias"))] if chance(dice, 20) else [])


def count(dice: Random, names: Names) -> tuple[str, int]:
    """How many copies, as text, and at most."""
    known = names.of("count")
    if known and chance(dice, 60):
        number = dice.choice(known)
        return number.name, number.most
    many = dice.choice((2, 1, 3))
    return str(many), many


def test(dice: Random, names: Names) -> str:
    """A condition, without its parentheses; it may hold or not."""
    known = names.of("width", "kernel", "count")
    if not known:
        return dice.choice(("1 < 2", "2 <= 1", "not 1 == 2"))
    number, other = dice.choice(known), dice.choice(known)
    value = dice.choice(number.values)
    simple = f"{number.name} {dice.choice(('>', '>=', '<', '<=', '==', '!='))} {value}"
    forms = [simple, simple, f"not {simple}", f"{simple} or {other.name} > {value}"]
    forms += [f"{simple} and {other.name} - 1 < {value}"]
    forms += [f"classes > {value}"] if names.has_classes else []
    forms += [f"channels <= {value}"] if names.in_block and names.entry.kind != "ids" else []
    return dice.choice(forms)
