"""Random nets and spaces that mean something, whole texts of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tests.properties.chains import Drawer
from tests.properties.choices import declarations
from tests.properties.numbers import ACTS, Names, chance
from tests.properties.values import Goal, Value, made


@dataclass
class Text:
    """A text that was drawn.

    Attributes:
        head: the statements before the blocks, one an entry.
        blocks: the blocks, whole.
        lines: the lines of the net.
        rounded: what the net's width rounds to, where one may be given.
    """

    head: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    rounded: int | None = None

    def __str__(self) -> str:
        return "\n".join([*self.head, *self.blocks, *self.lines]) + "\n"


def a_net(dice: Random) -> Text:
    """A text in which nothing is open."""
    return _text(dice, is_space=False)


def a_space(dice: Random) -> Text:
    """A text with knobs and levers."""
    return _text(dice, is_space=True)


def _text(dice: Random, is_space: bool) -> Text:
    text = Text(["space drawn" if is_space else "net drawn"])
    if chance(dice, 20):
        text.head = ["language 1", f'{text.head[0]} "a title, 3x3 # and more"']
    classes = chance(dice, 70)
    text.rounded = dice.choice((4, 2, 8)) if chance(dice, 35) else None
    inputs = _inputs(dice, text, classes)
    names = Names(next(iter(inputs.values())), text.rounded, has_classes=classes)
    draw = Drawer(dice, is_space, names)
    text.head += _defaults(dice)
    if chance(dice, 15):
        text.head.append('expect macs=1e9 params=12 "nobody"')
    text.head += declarations(draw, names, "")
    text.head += _members(draw, names)
    names.values = {name: value for name, value in inputs.items() if name}
    _lines(draw, names, text)
    text.blocks = [block.text for block in draw.blocks]
    return text


# ---- the head


def _inputs(dice: Random, text: Text, classes: bool) -> dict[str, Value]:
    """The inputs by name; one alone may have none."""
    found: dict[str, Value] = {}
    several = dice.choice((1, 1, 1, 1, 2, 3)) if chance(dice, 50) else 1
    for number in range(several):
        shape, value = _input(dice)
        name = f"in{number}" if several > 1 or chance(dice, 15) else ""
        words = ["input", *([f"{name}:"] if name else []), shape]
        if not number:
            words += ["classes 10"] if classes else []
            words += [f"width 1 rounded {text.rounded}"] if text.rounded else []
        if chance(dice, 20):
            words.append(f"dtype {'int32' if value.kind == 'ids' else 'uint8'}")
        text.head.append(" ".join(words))
        found[name] = value
    return found


def _input(dice: Random) -> tuple[str, Value]:
    channels = dice.choice((3, 4, 8, 2, 1, 12))
    kind = dice.choice(("map", "map", "map", "line", "tokens", "vector", "ids"))
    if kind == "map":
        grid = dice.choice(((8, 8), (12, 12), (7, 9), (16, 16), (5, 5)))
        return f"{channels}x{grid[0]}x{grid[1]}", made("map", grid, channels, channels)
    length = dice.choice((12, 9, 16, 7))
    if kind == "line":
        return f"({channels}, 2*{length})", made("map", (2 * length,), channels, channels)
    if kind == "tokens":
        return f"tokens {length}x{channels}", made("tokens", (length,), channels, channels)
    if kind == "vector":
        return f"vector {4 * channels}", made("vector", (), 4 * channels, 4 * channels)
    return f"ids {length}", Value("ids", (length,), 1, 0)


def _defaults(dice: Random) -> list[str]:
    lines = []
    for op in ("conv", "dwconv"):
        if chance(dice, 40):
            words = [f"norm={dice.choice(('batch', 'layer'))}", f"act={dice.choice(ACTS)}"]
            lines.append(f"default {op} same {dice.choice(words)}")
    if chance(dice, 20):
        lines.append("default layernorm eps=1e-6")
    return lines


def _members(draw: Drawer, names: Names) -> list[str]:
    """Two of a family, where there is something for them to differ in."""
    open_ = [number for number in names.numbers if not number.constant]
    if not (open_ or names.levers) or not chance(draw.dice, 30):
        return []
    items = [f"{number.name}={draw.dice.choice(number.values)}" for number in open_]
    items += [f"{name}={draw.dice.choice(words)}" for name, words in names.levers.items()]
    first, second = draw.fresh("m"), draw.fresh("m")
    return [f"member {first} ({', '.join(items)})", f"member {second} ({items[0]}) expect macs=1"]


# ---- the lines


@dataclass
class _Flow:
    """Where the lines have come to.

    Attributes:
        value: what flows into the next line.
        name: its label, or nothing.
        unread: the names of values that nothing has read yet.
    """

    value: Value
    name: str
    unread: set[str]


def _lines(draw: Drawer, names: Names, text: Text) -> None:
    """Lines until enough is drawn; what is left unread then leaves the net, or is joined."""
    first = next(iter(names.values), "")
    flow = _Flow(names.entry, first, set(names.values) - {first})
    for _ in range(draw.dice.choice((2, 3, 1, 4, 6))):
        _line(draw, names, text, flow)
    _end(draw, names, text, flow)


def _line(draw: Drawer, names: Names, text: Text, flow: _Flow) -> None:
    start = _elsewhere(draw.dice, names, flow) if flow.name and chance(draw.dice, 35) else ""
    drawn = draw.chain(names, flow.value, Goal())
    flow.value, flow.name = drawn.value, draw.fresh("y") if chance(draw.dice, 75) else ""
    text.lines.append(f"{flow.name}{': ' * bool(flow.name)}{start}{drawn.text}")
    if flow.name:
        names.values[flow.name] = flow.value
    if chance(draw.dice, 8):
        weight, start = draw.dice.choice(("0.3", "1")), f"{flow.name} > " if flow.name else ""
        text.lines.append(f"aux {weight}: {start}{_to_vector(flow.value)} > linear 5")


def _elsewhere(dice: Random, names: Names, flow: _Flow) -> str:
    """Let the next line start at another value than the one that flows."""
    flow.unread.add(flow.name)
    name = dice.choice(sorted(names.values))
    flow.unread.discard(name)
    flow.value = names.values[name]
    return f"{name} > "


def _end(draw: Drawer, names: Names, text: Text, flow: _Flow) -> None:
    """Everything that is unread leaves, or is joined and leaves."""
    left = sorted(flow.unread | ({flow.name} if flow.name else set()))
    if flow.name and len(left) > 1 and chance(draw.dice, 40):
        text.head.append(f"output {', '.join(left)}")
        return
    if not flow.unread - {flow.name}:
        if chance(draw.dice, 50):
            return
        text.lines.append(f"head: {_to_vector(flow.value)} > {_last(names)}")
        return
    ends = [f"{name} > {_to_vector(names.values[name])}" for name in left]
    ends += [] if flow.name else [_to_vector(flow.value)]
    text.lines.append(f"head: [ {' | '.join(ends)} ] > {_last(names)}")


def _last(names: Names) -> str:
    return "linear classes" if names.has_classes else "linear 10"


def _to_vector(value: Value) -> str:
    """A chain that makes a vector of any value."""
    ways = {"map": "avgpool global > flatten", "tokens": "avgpool global", "vector": "id"}
    return ways.get(value.kind, "embedding 10 4 > avgpool global")
