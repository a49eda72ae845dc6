"""Random blocks, drawn where they are first called, and calls of them."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.properties import numbers
from tests.properties.chains import Block, Drawer, project
from tests.properties.choices import declarations
from tests.properties.numbers import Names, Number, chance
from tests.properties.values import Drawn, Goal, Value

MOST_BLOCKS = 5


def call(draw: Drawer, names: Names, value: Value, goal: Goal, depth: int) -> Drawn | None:
    """A call of a block that suits the value, which may be drawn for it."""
    known = [b for b in draw.blocks if b.suits(value, goal) and _has_all(names, b)]
    if not known or (len(draw.blocks) < MOST_BLOCKS and chance(draw.dice, 50)):
        if len(draw.blocks) >= MOST_BLOCKS or draw.left < 8:
            return None
        block = _block(draw, names, value, goal, depth)
    else:
        block = draw.dice.choice(known)
    gives = block.gives
    out = replace(gives.value, grid=value.grid) if block.steady else gives.value
    if gives.same_channels:
        out = replace(out, multiple=value.multiple, most=value.most)
    behind = out.behind if not block.steady else frozenset([value.where])
    out = replace(out, behind=behind | value.behind | {value.where})
    return Drawn(_written(draw.dice, names, block), out, gives.same_grid, gives.same_channels)


def _written(dice: Random, names: Names, block: Block) -> str:
    """A call with its arguments, by position and then by name."""
    items: list[str] = []
    named = False
    for parameter in block.parameters:
        if parameter.name in block.defaults and chance(dice, 50):
            named = True
            continue
        value = _argument(dice, names, parameter)
        named = named or chance(dice, 20)
        items.append(f"{parameter.name}={value}" if named else value)
    return f"{block.name}({', '.join(items)})"


def _has_all(names: Names, block: Block) -> bool:
    """Whether there are the levers and values that the block is to be given."""
    return all(_given(names, parameter) for parameter in block.parameters)


def _given(names: Names, parameter: Number) -> list[str]:
    """The names that may be passed where no literal can stand."""
    match parameter.role:
        case "lever":
            return [name for name, words in names.levers.items() if words == parameter.values]
        case "value":
            return [n for n, value in names.values.items() if value.where in parameter.values]
    return [parameter.name]


def _argument(dice: Random, names: Names, parameter: Number) -> str:
    """A value that the parameter may have."""
    if parameter.role in ("lever", "value"):
        return dice.choice(_given(names, parameter))
    fitting = [
        number.name
        for number in names.of(parameter.role)
        if set(number.values) <= set(parameter.values)
    ]
    literals = [str(value) for value in parameter.values]
    if parameter.role == "width":
        literals += [f"{value} + 4 - 4" for value in literals]
    return dice.choice([*literals, *fitting])


# ---- blocks


_PARAMETERS: tuple[tuple[str, tuple[object, ...]], ...] = (
    *(("width", (8, 16, 4)), ("width", (12, 8)), ("kernel", (3, 1, 5)), ("count", (2, 1))),
    *(("act", ("relu", "none", "softmax")), ("norm", ("layer", "none"))),
)


def _parameters(draw: Drawer, outer: Names) -> list[Number]:
    """Up to four parameters: numbers, words, a lever, a value."""
    dice = draw.dice
    found = [dice.choice(_PARAMETERS) for _ in range(dice.randrange(4))]
    if draw.top.levers and chance(dice, 30):
        found.append(("lever", draw.top.levers[dice.choice(sorted(draw.top.levers))]))
    if outer.values and chance(dice, 25):
        found.append(("value", (outer.values[dice.choice(sorted(outer.values))].where,)))
    return [Number(draw.fresh("w"), role, values, constant=False) for role, values in found]


def _block(draw: Drawer, outer: Names, value: Value, goal: Goal, depth: int) -> Block:
    """A block for a value; it is known to others once it is whole, so that none calls itself."""
    dice = draw.dice
    takes = replace(value, behind=value.behind | {value.where})
    parameters = _parameters(draw, outer)
    names = Names(takes, outer.rounded, [*draw.top.numbers, *parameters], {**draw.top.levers})
    names.in_block, names.has_classes = True, outer.has_classes
    for parameter in parameters:
        if parameter.role == "lever":
            names.levers[parameter.name] = tuple(map(str, parameter.values))
    seen = _seen(draw, outer, parameters)
    names.values |= {name: other for name, other in seen.items() if other.kind == "tokens"}
    lines = declarations(draw, names, "  ")
    if value.behind <= {value.where} and value.kind != "ids" and chance(dice, 25):
        drawn = _two_back(draw, names, takes, goal)
        lines.append(f"  {drawn.text}")
    else:
        drawn, more = _lines(draw, names, takes, goal, depth + 1)
        lines += more
    beside = [name for name, other in seen.items() if other.where == drawn.value.where]
    if beside and goal.channels == "any" and chance(dice, 60):
        drawn = replace(drawn, value=replace(drawn.value, multiple=1, most=drawn.value.most + 64))
        lines.append(f"  [ id | {dice.choice(beside)} ]")
    steady = goal.grid == "keep" and drawn.same_grid and not seen
    block = Block(draw.fresh("cell"), parameters, drawn, takes, steady)
    written = [_parameter(dice, block, parameter) for parameter in parameters]
    block.text = "\n".join([f"block {block.name}({', '.join(written)}):", *lines])
    draw.blocks.append(block)
    return block


def _seen(draw: Drawer, outer: Names, parameters: list[Number]) -> dict[str, Value]:
    """The values that a block may read: those that it is given, and some of the top's."""
    seen: dict[str, Value] = {}
    for parameter in parameters:
        if parameter.role == "value":
            (where,) = parameter.values
            seen[parameter.name] = Value(*where, 1, 64)  # type: ignore[misc]
    if chance(draw.dice, 15):
        seen |= draw.top.values
    return {name: value for name, value in seen.items() if value.kind != "ids"}


def _parameter(dice: Random, block: Block, parameter: Number) -> str:
    """A parameter in the head of a block, sometimes with a default."""
    if parameter.role in ("lever", "value") or not chance(dice, 30):
        return parameter.name
    value = str(dice.choice(parameter.values))
    block.defaults[parameter.name] = value
    return f"{parameter.name} = {value}"


def _two_back(draw: Drawer, names: Names, value: Value, goal: Goal) -> Drawn:
    """What enters a block, and what entered the call before it."""
    text = "channels" if goal.channels == "keep" else ""
    wanted = numbers.width(draw.dice, names)
    if text:
        wanted = replace(wanted, text=text, multiple=value.multiple, most=value.most)
    mine = project(value, wanted)
    signs = "+" if text else draw.dice.choice("+|")
    out = mine.value if signs == "+" else replace(mine.value, most=2 * mine.value.most)
    joined = f"[ input > {mine.text} {signs} before > {mine.text} ]"
    return Drawn(joined, out, True, bool(text))


def _lines(
    draw: Drawer, names: Names, value: Value, goal: Goal, depth: int
) -> tuple[Drawn, list[str]]:
    """The lines of a block: one after another, or beside each other and then joined."""
    if goal.grid == "keep" and goal.channels == "any" and chance(draw.dice, 40):
        return _beside(draw, names, value, depth)
    lines: list[str] = []
    whole = Drawn("", value, True, True)
    for number in range(draw.dice.choice((1, 1, 2))):
        drawn = draw.chain(names, whole.value, goal, depth)
        start = "input > " if not number and chance(draw.dice, 15) else ""
        label = draw.fresh("x") if chance(draw.dice, 50) else ""
        lines.append(f"  {label}{': ' * bool(label)}{start}{drawn.text}")
        names.values |= {label: drawn.value} if label else {}
        whole = Drawn(
            "",
            drawn.value,
            whole.same_grid and drawn.same_grid,
            whole.same_channels and drawn.same_channels,
        )
    return whole, lines


def _beside(draw: Drawer, names: Names, value: Value, depth: int) -> tuple[Drawn, list[str]]:
    """Lines that all begin at the block's input, and a join of them all."""
    lines, ends, wanted = [], [], numbers.width(draw.dice, names)
    for number in range(2):
        drawn = draw.chain(names, value, Goal("keep", wanted), depth)
        label = draw.fresh("x")
        lines.append(f"  {label}: {'input > ' if number else ''}{drawn.text}")
        ends.append(label)
        names.values[label] = drawn.value
        behind = drawn.value.behind
    sign = draw.dice.choice("+|*")
    joined = f"[ {f' {sign} '.join(ends)} ]"
    made_ = project(value, wanted).value
    out = replace(made_, most=made_.most * 2 if sign == "|" else made_.most)
    out = replace(out, behind=out.behind | behind)
    return Drawn(joined, out, True), [*lines, f"  {joined}"]
