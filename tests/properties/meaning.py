"""What holds for every text that means something. Each property takes a text and dice."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

from explorer.cost.batch import COSTS, BatchCounter, cost_of, encode
from explorer.errors import ExplorerError
from explorer.graph import Graph, fingerprint, lint, without_heads
from explorer.language import parse, print_syntax
from explorer.space import Rebind, Space, bind, elaborate
from explorer.space.close import close
from explorer.space.library import Text as Named
from explorer.space.members import members
from tests.properties.texts import Text

Property = Callable[[Text, Random], None]


def space_of(text: object, rebind: Rebind | None = None) -> Space:
    return elaborate(parse(str(text), "drawn.net"), rebind)


def assignment(space: Space, dice: Random) -> dict[str, Any]:
    """A value for some of the choices."""
    chosen = [path for path in space.choices if dice.randrange(4)]
    return {path: dice.choice(space.choices[path].values) for path in chosen}


def graph_of(text: object, dice: Random, heads: bool = False) -> Graph:
    """A graph that the text means, under an assignment drawn for it."""
    space = space_of(text)
    return bind(space, assignment(space, dice), heads=heads).graph


# ---- reading and printing


def printing_loses_nothing(text: Text, dice: Random) -> None:
    tree = parse(str(text))
    printed = print_syntax(tree)
    assert parse(printed) == tree
    assert print_syntax(parse(printed)) == printed


def comments_survive(text: Text, dice: Random) -> None:
    written = commented(str(text), dice)
    printed = print_syntax(parse(written))
    assert re.findall(r"# note \d+$", printed, re.M) == re.findall(r"# note \d+$", written, re.M)
    assert print_syntax(parse(printed)) == printed
    assert fingerprint(graph_of(printed, Random(0))) == fingerprint(graph_of(text, Random(0)))


def commented(text: str, dice: Random) -> str:
    """The text with comments and blank lines between its lines and behind them."""
    lines: list[str] = []
    for line in text.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        if not dice.randrange(3):
            lines.append(f"{indent}# note {len(lines)}")
        if not dice.randrange(6) and not indent:
            lines.append("")
        lines.append(line if dice.randrange(4) else f"{line}  # note {len(lines)}")
    return "\n".join(lines) + "\n"


# ---- binding


def graphs_are_sound(text: Text, dice: Random) -> None:
    space = space_of(text)
    values = assignment(space, dice)
    for heads in (False, True):
        candidate = bind(space, values, heads=heads)
        assert lint(candidate.graph) == []
        assert bind(space, values, heads=heads) == candidate
        assert bind(space_of(text), values, heads=heads).graph == candidate.graph
        assert bind(space, candidate.written(), heads=heads).graph == candidate.graph
    whole = bind(space, values, heads=True).graph
    assert fingerprint(without_heads(whole)) == fingerprint(bind(space, values).graph)


def inactive_choices_change_nothing(text: Text, dice: Random) -> None:
    space = space_of(text)
    candidate = bind(space, assignment(space, dice))
    values = dict(candidate.assignment)
    for path in space.choices.keys() - candidate.active:
        values[path] = dice.choice(space.choices[path].values)
    assert fingerprint(bind(space, values).graph) == fingerprint(candidate.graph)


def widths_bind(text: Text, dice: Random) -> None:
    """Whatever the width, a text that says what it rounds to is a net."""
    width = dice.choice((Fraction(1, 2), Fraction(2), Fraction(3, 2), Fraction(5, 7), Fraction(1)))
    try:
        space = space_of(text, Rebind(width=width))
        graph = bind(space, assignment(space, dice)).graph
    except ExplorerError:
        assert text.rounded is None
        return
    assert lint(graph) == []


def members_bind(text: Text, dice: Random) -> None:
    for name in members(parse(str(text))):
        assert lint(bind(Named("drawn.net", str(text), name).space()).graph) == []


# ---- the same computation


def closing_keeps_the_computation(text: Text, dice: Random) -> None:
    space = space_of(text)
    values = assignment(space, dice)
    closed = print_syntax(close(Named("drawn.net", str(text)), values))
    assert parse(closed) == parse(print_syntax(parse(closed)))
    net = space_of(closed)
    assert net.is_net
    for heads in (False, True):
        ours, theirs = (bind(s, v, heads=heads).graph for s, v in ((space, values), (net, {})))
        assert fingerprint(theirs) == fingerprint(ours)


_OWN = re.compile(r"\b(?:y|v|x|cell|k|w|c|p|l|i)\d+\b")


def names_do_not_count(text: Text, dice: Random) -> None:
    """Other names for labels, blocks, numbers and levers."""
    space = space_of(text)
    values = assignment(space, dice)
    words = sorted(set(_OWN.findall(str(text))))
    others = dice.sample([f"name_{n}" for n in range(len(words))], len(words))
    new = dict(zip(words, others, strict=True))

    def renamed(written: str) -> str:
        return _OWN.sub(lambda match: new[match[0]], written)

    other = space_of(renamed(str(text)))
    paths = dict(zip(space.choices, other.choices, strict=True))  # in the order of the text
    given = {paths[path]: value for path, value in values.items()}
    mine, theirs = bind(space, values).graph, bind(other, given).graph
    assert [str(node.op) for node in theirs.nodes] == [str(node.op) for node in mine.nodes]
    assert fingerprint(theirs) == fingerprint(mine)


def order_does_not_count(text: Text, dice: Random) -> None:
    """Another order of blocks, and of lines that do not wait for each other."""
    mine = bind(space_of(text)).graph
    moved = reordered(text, dice)
    assert fingerprint(bind(space_of(moved)).graph) == fingerprint(mine), moved


def reordered(text: Text, dice: Random) -> Text:
    """The text with every line labelled, beginning at a name, and where it may stand as well."""
    blocks = dice.sample(text.blocks, len(text.blocks))
    lines = _explicit(text)
    waiting = {label: _read(line, text.blocks) for label, line in lines.items()}
    order: list[str] = []
    *first, last = lines
    while len(order) < len(first):
        done = {name for label in order for name in _made(lines[label])}
        left = [label for label in first if label not in order]
        ready = [label for label in left if waiting[label] & _others(lines, label) <= done]
        order.append(dice.choice(ready))
    return Text(text.head, [], [*(lines[label] for label in (*order, last)), *blocks])


def _explicit(text: Text) -> dict[str, str]:
    """The lines by label; each says where it begins."""
    current, found = "input", {}
    for number, line in enumerate(text.lines):
        label, body = re.fullmatch(r"(?:((?:aux )?[\w.]+): )?(.*)", line).groups()  # type: ignore
        starts = re.match(r"(?:y|v|in)\d+ > |(?:y|v|in)\d+$|input\b", body)
        body = body if starts else f"{current} > {body}"
        label = label or f"line{number}"
        if label.startswith("aux"):
            found[f"{label} {number}"] = f"{label}: {body}"
        else:
            found[label] = f"{label}: {body}"
            current = label
    return found


def _made(line: str) -> set[str]:
    """The names that a line gives to values."""
    return {line.partition(":")[0], *re.findall(r" as (v\d+)", line)}


def _others(lines: dict[str, str], label: str) -> set[str]:
    return {name for other in lines if other != label for name in _made(lines[other])}


def _read(line: str, blocks: list[str]) -> set[str]:
    """The names in a line, and in the blocks that it calls."""
    found = set(re.findall(r"\w+", line.partition(":")[2]))
    while True:
        called = [b for b in blocks if re.match(r"block (\w+)", b)[1] in found]  # type: ignore
        more = found.union(*(re.findall(r"\w+", block) for block in called))
        if more == found:
            return found
        found = more


def arguments_count(text: Text, dice: Random) -> None:
    """One number changed: the fingerprint is another exactly when a node is."""
    mine = bind(space_of(text)).graph
    numbers = list(re.finditer(r"(?<=[ /=(x])\d+(?=[ )/\n]|$)", "\n".join(text.lines)))
    if not numbers:
        return
    lines, found = "\n".join(text.lines), dice.choice(numbers)
    changed = f"{lines[: found.start()]}{int(found[0]) + 1}{lines[found.end() :]}"
    try:
        other = bind(space_of(Text(text.head, text.blocks, [changed]))).graph
    except ExplorerError as error:
        assert error.message and "\n" not in error.message
        return
    same = _computed(mine) == _computed(other)
    assert (fingerprint(mine) == fingerprint(other)) == same, changed


def _computed(graph: Graph) -> list[object]:
    nodes = [(str(node.op), node.inputs) for node in graph.nodes]
    return [*nodes, *(output.node for output in graph.outputs)]


# ---- costs


def counted_together_as_alone(text: Text, dice: Random) -> None:
    """Arithmetic over arrays finds what every graph costs by itself."""
    space = space_of(text)
    drawn = [assignment(space, dice) for _ in range(6)]
    counter = BatchCounter(space)
    counts = counter.count(encode(space, drawn), COSTS)
    assert not counter.reason
    assert counts.valid.all()
    for column, values in enumerate(drawn):
        graph = bind(space, values).graph
        assert [counts[name][column] for name in COSTS] == [cost_of(graph, n) for n in COSTS]


PROPERTIES: tuple[Property, ...] = (
    printing_loses_nothing,
    comments_survive,
    graphs_are_sound,
    inactive_choices_change_nothing,
    widths_bind,
    members_bind,
    closing_keeps_the_computation,
    names_do_not_count,
    order_does_not_count,
    arguments_count,
    counted_together_as_alone,
)
