"""Random elements of chains: copies, choices, joins. Each is None where it cannot stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.properties import numbers
from tests.properties.blocks import call
from tests.properties.chains import Drawer, project
from tests.properties.numbers import Names, chance
from tests.properties.values import KEEP, SAME, Drawn, Goal, Value, beside, either, made

Way = Callable[[Drawer, Names, Value, Goal, int], Drawn | None]


def _group(draw: Drawer, names: Names, value: Value, goal: Goal, depth: int) -> Drawn | None:
    drawn = draw.chain(names, value, goal, depth)
    return replace(drawn, text=f"({drawn.text})")


def _body(draw: Drawer, names: Names, value: Value, depth: int) -> Drawn:
    """A chain that can follow itself."""
    if chance(draw.dice, 50):
        return draw.chain(names, value, SAME, depth)
    wanted = numbers.width(draw.dice, names, value.multiple)
    return draw.chain(names, value, Goal("keep", wanted), depth)


def _repeat(draw: Drawer, names: Names, value: Value, goal: Goal, depth: int) -> Drawn | None:
    if value.kind == "ids":
        return None
    looser = _loosened(draw.dice, value, names.rounded)
    head, inner = _copies(draw, names, goal)
    drawn = (
        draw.chain(inner, looser, SAME, depth)
        if goal.channels == "keep"
        else _body(draw, inner, looser, depth)
    )
    behind = drawn.value.behind | value.behind | {value.where}
    most = max(drawn.value.most, value.most)
    out = replace(value, multiple=looser.multiple, most=most, behind=behind)
    return Drawn(f"{head} ({drawn.text})", out, True, drawn.same_channels)


def _loosened(dice: Random, value: Value, rounded: int | None) -> Value:
    """The value as little as copies may know of it, so that each can follow the one before."""
    few = [n for n in (4, 2, 1, 8) if value.multiple % n == 0 and (rounded or n) % n == 0]
    behind = value.behind | {value.where}
    return Value(value.kind, value.grid, dice.choice(few), max(value.most, 64), behind)


def _copies(draw: Drawer, names: Names, goal: Goal) -> tuple[str, Names]:
    """The head of a repeat, and the names inside it."""
    count, most = numbers.count(draw.dice, names)
    inner = names.inside()
    if not chance(draw.dice, 40):
        return f"repeat {count}{' each' * chance(draw.dice, 30)}", inner
    name = draw.fresh("i")
    inner.numbers.append(numbers.Number(name, "count", tuple(range(1, most + 1))))
    return f"repeat {count}{' each' * chance(draw.dice, 30)} as {name}", inner


def _branching(goal: Goal, dice: Random, value: Value) -> Goal:
    """A goal that ways beside each other can share."""
    if goal.grid == "any" and value.kind == "map" and chance(dice, 30):
        return Goal("half")
    return Goal("keep", goal.channels)


def _conditional(draw: Drawer, names: Names, value: Value, goal: Goal, depth: int) -> Drawn | None:
    if value.kind == "ids":
        return None
    test, shared = numbers.test(draw.dice, names), _branching(goal, draw.dice, value)
    then = draw.chain(names.inside(), value, shared, depth)
    if shared.grid == "keep" and chance(draw.dice, 40):
        out = either(then.value, value)
        return Drawn(f"if ({test}) ({then.text})", out, True, then.same_channels)
    other = draw.chain(names.inside(), value, shared, depth)
    text = f"if ({test}) ({then.text}) else ({other.text})"
    return _one_of(text, shared, then, other)


def _one_of(text: str, shared: Goal, *ways: Drawn) -> Drawn:
    out = either(*(way.value for way in ways))
    return Drawn(text, out, shared.grid == "keep", shared.channels == "keep")


def _choose(draw: Drawer, names: Names, value: Value, goal: Goal, depth: int) -> Drawn | None:
    if not names.levers or value.kind == "ids":
        return None
    lever = draw.dice.choice(sorted(names.levers))
    shared = _branching(goal, draw.dice, value)
    words = names.levers[lever]
    ways = [draw.chain(names.inside(), value, shared, depth) for _ in words]
    options = " | ".join(f"{word}: {way.text}" for word, way in zip(words, ways, strict=True))
    return _one_of(f"choose {lever} {{ {options} }}", shared, *ways)


def _concat(draw: Drawer, names: Names, value: Value, goal: Goal, depth: int) -> Drawn | None:
    if goal.channels == "keep" or value.kind == "ids" or value.most > 256:
        return None
    shared = _branching(goal, draw.dice, value)
    ways = [draw.chain(names.inside(), value, shared, depth) for _ in range(_many(draw))]
    texts = [_with_when(draw, names, way.text, index) for index, way in enumerate(ways)]
    out = beside(*(way.value for way in ways))
    return Drawn(f"[ {' | '.join(texts)} ]", out, shared.grid == "keep")


def _many(draw: Drawer) -> int:
    return draw.dice.choice((2, 2, 3, 4)) if draw.left > 10 else 2


def _with_when(draw: Drawer, names: Names, text: str, index: int) -> str:
    """A branch, which may be left out unless it is the first."""
    if not index or not chance(draw.dice, 20):
        return text
    return f"{text} when ({numbers.test(draw.dice, names)})"


def _sum(draw: Drawer, names: Names, value: Value, goal: Goal, depth: int) -> Drawn | None:
    if value.kind == "ids":
        return None
    shared = _branching(goal, draw.dice, value)
    if shared.channels == "any":
        shared = replace(shared, channels=numbers.width(draw.dice, names))
    ways = [draw.chain(names.inside(), value, shared, depth) for _ in range(_many(draw))]
    texts = [_with_when(draw, names, way.text, index) for index, way in enumerate(ways)]
    if shared.channels == "keep":
        texts += ["id"] * chance(draw.dice, 50) + ["zero"] * chance(draw.dice, 20)
    out = either(*(way.value for way in ways), *([value] if shared.channels == "keep" else []))
    if shared.channels == "keep":
        out = replace(out, multiple=value.multiple)
    out = replace(out, behind=out.behind | {out.where})
    return Drawn(f"[ {' + '.join(texts)} ]", out, shared.grid == "keep", shared.channels == "keep")


def _product(draw: Drawer, names: Names, value: Value, goal: Goal, depth: int) -> Drawn | None:
    if value.kind == "ids":
        return None
    first = draw.chain(names.inside(), value, SAME, depth)
    other = _gate(draw, names, value) or draw.chain(names.inside(), value, SAME, depth).text
    behind = first.value.behind | {value.where}
    return Drawn(f"[ {first.text} * {other} ]", replace(value, behind=behind), True, True)


def _gate(draw: Drawer, names: Names, value: Value) -> str | None:
    """One cell, or one channel, that is spread over the rest."""
    if value.kind == "map" and chance(draw.dice, 40):
        return f"avgpool global > {draw.dice.choice(('sigmoid', 'hardsigmoid', 'softmax'))}"
    if names.rounded is None and chance(draw.dice, 30):
        return ("conv 1 1" if value.kind == "map" else "linear 1") + " > sigmoid"
    return None


def _splat(draw: Drawer, names: Names, value: Value, goal: Goal, depth: int) -> Drawn | None:
    if value.kind == "ids" or value.most > 128:
        return None
    kinds = "+*" if goal.channels == "keep" else "|+*"
    kind = draw.dice.choice(kinds)
    head, inner = _copies(draw, names, goal)
    shared = KEEP if kind == "|" else SAME
    if kind == "+" and goal.channels != "keep" and chance(draw.dice, 50):
        # Without the counter: all copies end in as many channels.
        shared = Goal("keep", numbers.width(draw.dice, names))
    drawn = draw.chain(inner, value, shared, depth)
    out = either(drawn.value) if kind != "|" else beside(*[drawn.value] * 3)
    if shared == SAME:
        out = replace(value, behind=value.behind | out.behind)
    out = replace(out, behind=out.behind | {out.where})
    return Drawn(f"[{kind} {head} ({drawn.text}) ]", out, True, shared == SAME)


def _residual(draw: Drawer, names: Names, value: Value, goal: Goal, depth: int) -> Drawn | None:
    """The residual of a block that may widen: identity where it fits, else a projection."""
    entered = names.in_block and value is names.entry
    if goal.channels == "keep" or not entered or value.kind == "ids":
        return None
    wanted = numbers.width(draw.dice, names, literal=chance(draw.dice, 50))
    way = draw.chain(names.inside(), value, Goal("keep", wanted), depth)
    other = project(value, wanted)
    text = f"{way.text} + id when (channels == {wanted.text})"
    text = f"[ {text} + {other.text} when (channels != {wanted.text}) ]"
    return Drawn(text, replace(other.value, behind=other.value.behind | way.value.behind), True)


def _squeeze(draw: Drawer, names: Names, value: Value, goal: Goal, depth: int) -> Drawn | None:
    """A gate behind a bottleneck, as in squeeze-and-excitation."""
    entered = names.in_block and value is names.entry
    if not entered or value.kind != "map" or value.multiple % 2:
        return None
    inner = "conv 1 (channels/2) norm=none act=relu > conv 1 channels norm=none act=sigmoid"
    return Drawn(f"[ id * avgpool global > {inner} ]", made(*_four(value)), True, True)


def _four(value: Value) -> tuple[str, tuple[int, ...], int, int]:
    return value.kind, value.grid, value.multiple, value.most


NESTED: tuple[Way, ...] = (
    *(_group, call, call, call, _repeat, _repeat, _conditional, _choose, _choose),
    *(_concat, _concat, _sum, _sum, _product, _splat, _residual, _squeeze),
)
