"""A random use of every op: a text that it takes, and what becomes of the value that enters it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.properties.numbers import ACTS, Names, chance, share, tail, width
from tests.properties.values import Drawn, Goal, Value, made
from tests.properties.windows import avgpool, conv, dwconv, maxpool

Drawer = Callable[[Random, Names, Value], Drawn | None]

LARGEST = 4096  # elements of a vector


def _same(text: str, value: Value) -> Drawn:
    return Drawn(text, made(value.kind, value.grid, value.multiple, value.most), True, True)


def _plain(name: str, *kinds: str) -> Drawer:
    """An op without arguments that changes no shape."""
    return lambda dice, names, value: _same(name, value) if value.kind in kinds else None


def _options(name: str, kinds: tuple[str, ...], *options: str) -> Drawer:
    """An op that changes no shape, with some of these options."""

    def draw(dice: Random, names: Names, value: Value) -> Drawn | None:
        if value.kind not in kinds:
            return None
        return _same(" ".join([name, *(o for o in options if chance(dice, 30))]), value)

    return draw


def _argument(name: str, *texts: str) -> Drawer:
    """An op with one number that changes no shape."""

    def draw(dice: Random, names: Names, value: Value) -> Drawn | None:
        return None if value.kind == "ids" else _same(f"{name} {dice.choice(texts)}", value)

    return draw


def _share(name: str) -> Drawer:
    def draw(dice: Random, names: Names, value: Value) -> Drawn | None:
        return None if value.kind == "ids" else _same(f"{name} {share(dice, names)}", value)

    return draw


def _groups(name: str, kinds: tuple[str, ...], *options: str) -> Drawer:
    """An op with a number that divides the channels; a group has more than one element."""

    def draw(dice: Random, names: Names, value: Value) -> Drawn | None:
        groups = [n for n in (2, 4, 3, 1) if value.multiple % (2 * n) == 0]
        if value.kind not in kinds or not groups:
            return None
        more = [option for option in options if chance(dice, 30)]
        return _same(" ".join([f"{name} {dice.choice(groups)}", *more]), value)

    return draw


# ---- ops that change shapes


def _part(dice: Random, names: Names, value: Value) -> Drawn | None:
    whole = [n for n in (2, 4, 3) if value.multiple % n == 0]
    if value.kind == "ids" or not whole:
        return None
    of = dice.choice(whole)
    text = f"part {dice.randrange(1, of + 1)}/{of}"
    return Drawn(text, made(value.kind, value.grid, value.multiple // of, value.most // of), True)


def _upsample(dice: Random, names: Names, value: Value) -> Drawn | None:
    if value.kind != "map" or max(value.grid) > 12:
        return None
    factors = [dice.choice((2, 3, 1)) for _ in value.grid]
    grid = tuple(size * factor for size, factor in zip(value.grid, factors, strict=True))
    factor = "x".join(map(str, factors))
    mode = dice.choice(("", " bilinear", " nearest", " mode=nearest"))
    text = f"upsample {factor}{mode}"
    return Drawn(text, made("map", grid, value.multiple, value.most), False, True)


def _flatten(dice: Random, names: Names, value: Value) -> Drawn | None:
    if value.kind not in ("map", "tokens") or value.most * value.cells > LARGEST:
        return None
    into = made("vector", (), value.multiple * value.cells, value.most * value.cells)
    return Drawn("flatten", into)


def _linear(dice: Random, names: Names, value: Value) -> Drawn | None:
    is_cell = value.kind == "map" and set(value.grid) == {1}
    if value.kind not in ("tokens", "vector") and not is_cell:
        return None
    wanted = width(dice, names)
    kind, grid = ("vector", ()) if is_cell else value.where
    text = " ".join([f"linear {wanted.text}", *tail(dice, names, kind)])
    return Drawn(text, made(kind, grid, wanted.multiple, wanted.most), not is_cell)


def _embedding(dice: Random, names: Names, value: Value) -> Drawn | None:
    if value.kind != "ids":
        return None
    wanted = width(dice, names)
    text = f"embedding {dice.choice((10, 40))} {wanted.text}"
    return Drawn(text, made("tokens", value.grid, wanted.multiple, wanted.most))


def _tokens(dice: Random, names: Names, value: Value) -> Drawn | None:
    if value.kind != "map":
        return None
    return Drawn("tokens", made("tokens", (value.cells,), value.multiple, value.most), False, True)


def _grid(dice: Random, names: Names, value: Value) -> Drawn | None:
    if value.kind != "tokens":
        return None
    (length,) = value.grid
    sides = [n for n in range(1, length + 1) if length % n == 0 and n * n <= length * 4]
    side = dice.choice(sides)
    line = f"grid {length}"
    text, grid = dice.choice(
        ((f"grid {side}x{length // side}", (side, length // side)), (line, (length,)))
    )
    return Drawn(text, made("map", grid, value.multiple, value.most), False, True)


def _classtoken(dice: Random, names: Names, value: Value) -> Drawn | None:
    if value.kind != "tokens":
        return None
    into = made("tokens", (value.grid[0] + 1,), value.multiple, value.most)
    return Drawn("classtoken", into, False, True)


def _token(dice: Random, names: Names, value: Value) -> Drawn | None:
    if value.kind != "tokens":
        return None
    text = f"token {dice.randrange(1, value.grid[0] + 1)}"
    return Drawn(text, made("vector", (), value.multiple, value.most), False, True)


def _attention(dice: Random, names: Names, value: Value) -> Drawn | None:
    heads = [n for n in (1, 2, 4, 3) if value.multiple % n == 0]
    if value.kind != "tokens":
        return None
    words = [f"attention {dice.choice(heads)}"]
    known = {name: other for name, other in names.values.items() if other.kind == "tokens"}
    memory = dice.choice(sorted(known)) if known and chance(dice, 60) else None
    words += [f"to={memory}"] if memory else []
    may_hide = memory is None or known[memory].grid == value.grid
    words += ["causal"] if may_hide and chance(dice, 30) else []
    steady = memory is None  # the same tokens, however many they are
    drawn = _same(" ".join(words), value)
    return drawn if steady else Drawn(drawn.text, drawn.value, "causal" not in words, True)


_NUMBERS = ("map", "tokens", "vector")
DRAWERS: dict[str, Drawer] = {
    "conv": conv,
    "dwconv": dwconv,
    "maxpool": maxpool,
    "avgpool": avgpool,
    "upsample": _upsample,
    "batchnorm": _options("batchnorm", ("map", "vector"), "eps=1e-3", "momentum=0.01"),
    "groupnorm": _groups("groupnorm", ("map", "vector"), "eps=1e-3"),
    "layernorm": _options("layernorm", _NUMBERS, "eps=1e-6"),
    "lrn": _options("lrn", ("map",), "size=3", "alpha=1e-3", "beta=(1/2)", "k=2"),
    **{name: _plain(name, *_NUMBERS) for name in ACTS},
    "leakyrelu": _options("leakyrelu", _NUMBERS, "slope=0.2"),
    "dropout": _share("dropout"),
    "droppath": _share("droppath"),
    "scale": _argument("scale", "0.5", "(1/3)", "2", "(-1)"),
    "layerscale": _options("layerscale", _NUMBERS, "init=0.1"),
    "zero": _plain("zero", *_NUMBERS),
    "part": _part,
    "shuffle": _groups("shuffle", ("map",)),
    "flatten": _flatten,
    "linear": _linear,
    "embedding": _embedding,
    "tokens": _tokens,
    "grid": _grid,
    "classtoken": _classtoken,
    "positions": _plain("positions", "tokens"),
    "token": _token,
    "attention": _attention,
}


def an_op(dice: Random, names: Names, value: Value, goal: Goal) -> Drawn:
    """An op that takes the value and may stand in a chain with this goal."""
    if value.kind == "ids":
        usual = ["embedding"] * 99
    else:
        usual = ["conv"] * 4 if value.kind == "map" else ["linear"] * 4
    for _ in range(40):
        drawn = DRAWERS[dice.choice([*usual, *DRAWERS])](dice, names, value)
        if drawn is not None and goal.allows(drawn) and drawn.value.most <= 2 * LARGEST:
            return drawn
    return _same("relu", value)
