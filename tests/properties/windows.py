"""Random ops that slide a window: convolutions and pools."""

from __future__ import annotations

from random import Random

from tests.properties.numbers import KERNELS, Names, chance, kernel, tail, width
from tests.properties.values import Drawn, Value, made, slid


def conv(dice: Random, names: Names, value: Value, halve: bool = False) -> Drawn | None:
    if value.kind != "map":
        return None
    wanted = width(dice, names)
    window, grid, same = _window(dice, names, value, halve)
    words = [f"conv {window[0]} {wanted.text}", *window[1:]]
    group = dice.choice((1, 1, 2, 4, 3))
    if group > 1 and value.multiple % group == 0 and wanted.multiple % group == 0:
        words.append(f"groups={group}")
    text = " ".join([*words, *tail(dice, names)])
    return Drawn(text, made("map", grid, wanted.multiple, wanted.most), same)


def dwconv(dice: Random, names: Names, value: Value, halve: bool = False) -> Drawn | None:
    if value.kind != "map":
        return None
    window, grid, same = _window(dice, names, value, halve)
    many = 2 if chance(dice, 25) and value.most <= 64 else 1
    more = [f"multiplier={many}"] if many > 1 else []
    text = " ".join([f"dwconv {window[0]}", *window[1:], *more, *tail(dice, names)])
    made_ = made("map", grid, value.multiple * many, value.most * many)
    return Drawn(text, made_, same, many == 1)


def _window(
    dice: Random, names: Names, value: Value, halve: bool
) -> tuple[list[str], tuple[int, ...], bool]:
    """A window's words, the grid behind it, and whether it keeps every grid."""
    rank = len(value.grid)
    if halve:
        text, sizes = kernel(dice, names, rank, KERNELS)
        return [f"{text}/2", "same"], halved(value.grid), False
    if chance(dice, 30):
        return _free(dice, names, value)
    text, sizes = kernel(dice, names, rank, (*KERNELS, 7))
    spread = 2 if chance(dice, 15) else 1
    words = [text, *([f"dilation={spread}"] if spread > 1 else [])]
    if 0 not in sizes and chance(dice, 15):
        pads = [spread * (size - 1) // 2 for size in sizes]
        words.append(f"pad=({', '.join(map(str, pads))})" if rank > 1 else f"pad={pads[0]}")
    elif chance(dice, 30):
        words.append("same")
    return words, value.grid, True


def _free(dice: Random, names: Names, value: Value) -> tuple[list[str], tuple[int, ...], bool]:
    """Any window that fits, with its own stride, padding and dilation."""
    rank, least = len(value.grid), min(value.grid)
    fitting = tuple(size for size in (3, 2, 1, 5, 4) if size <= least)
    text, sizes = kernel(dice, Names(value), rank, fitting)
    steps = [dice.choice((1, 2, 3)) for _ in range(rank)] if chance(dice, 60) else [1] * rank
    pad = dice.choice((0, 0, 1))
    grid = tuple(
        slid(size, k, step, pad) for size, k, step in zip(value.grid, sizes, steps, strict=True)
    )
    stride = str(steps[0]) if len(set(steps)) == 1 else f"({', '.join(map(str, steps))})"
    return [f"{text}/{stride}", f"pad={pad}" if pad else "valid"], grid, False


def halved(grid: tuple[int, ...]) -> tuple[int, ...]:
    """What an odd window with 'same' and stride 2 leaves."""
    return tuple((size + 1) // 2 for size in grid)


# ---- pools


def maxpool(dice: Random, names: Names, value: Value, halve: bool = False) -> Drawn | None:
    return _pool("maxpool", dice, names, value, halve)


def avgpool(dice: Random, names: Names, value: Value, halve: bool = False) -> Drawn | None:
    if value.kind == "tokens":
        return Drawn("avgpool global", made("vector", (), value.multiple, value.most), False, True)
    if value.kind == "map" and not halve and chance(dice, 15):
        grid = tuple(dice.randrange(1, size + 1) for size in value.grid)
        text = f"avgpool to={'x'.join(map(str, grid))}"
        return Drawn(text, made("map", grid, value.multiple, value.most), False, True)
    drawn = _pool("avgpool", dice, names, value, halve)
    if drawn is None or "global" in drawn.text or not chance(dice, 30):
        return drawn
    return Drawn(f"{drawn.text} excludepad", drawn.value, drawn.same_grid, drawn.same_channels)


def _pool(name: str, dice: Random, names: Names, value: Value, halve: bool) -> Drawn | None:
    if value.kind != "map":
        return None
    rank = len(value.grid)
    if halve:
        text, _ = kernel(dice, names, rank, KERNELS)
        return _kept(f"{name} {text}/2 same", value, halved(value.grid))
    if chance(dice, 12):
        return _kept(f"{name} global", value, (1,) * rank)
    if chance(dice, 40):
        return _slid(name, dice, value)
    text, _ = kernel(dice, names, rank, KERNELS)
    drawn = _kept(f"{name} {text}{dice.choice(('', '/1'))} same", value, value.grid)
    return Drawn(drawn.text, drawn.value, True, True)


def _slid(name: str, dice: Random, value: Value) -> Drawn:
    """Any window that fits; ``ceil`` may keep a last one that does not fit whole."""
    fitting = [size for size in (2, 3, 4) if size <= min(value.grid)] or [1]
    size, step, ceil = dice.choice(fitting), dice.choice((2, 1, 3)), chance(dice, 40)
    pad = 1 if size > 1 and chance(dice, 40) else 0
    grid = tuple(slid(axis, size, step, pad, ceil=ceil) for axis in value.grid)
    words = [f"{name} {size}/{step}", f"pad={pad}" if pad else "valid", *(["ceil"] * ceil)]
    return _kept(" ".join(words), value, grid)


def _kept(text: str, value: Value, grid: tuple[int, ...]) -> Drawn:
    return Drawn(text, made("map", grid, value.multiple, value.most), False, True)
