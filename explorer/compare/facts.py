"""Ops in the words of a comparison: their family, their arguments, their levers, their short form.

Everything here is read off an op's name and fields, so that an op that is new to the vocabulary
is compared as well, under its own name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from functools import cache
from typing import Any

from explorer.ops import ACTS, JOINS, Op

# In the order in which a comparison tells them.
LEVERS = (
    *("input", "classes", "output", "depth", "branch", "join", "wiring"),
    *("factorization", "reduction", "projection", "kernel", "channels", "groups", "dilation"),
    *("stride", "padding", "pooling", "normalization", "activation", "bias", "dropout"),
)

_KINDS: Mapping[str, tuple[str, ...]] = {
    "conv": ("conv", "dwconv"),
    "pooling": ("maxpool", "avgpool"),
    "normalization": ("batchnorm", "groupnorm", "layernorm", "lrn"),
    "activation": tuple(name for name in ACTS if name != "none"),
    "dropout": ("dropout", "droppath"),
    "join": tuple(join.name for join in JOINS.values()),
}
_FAMILIES = {name: kind for kind, names in _KINDS.items() for name in names}
# What counts as part of the layer in front of it; a norm over neighbours is a layer of its own.
TAILS = frozenset({*_KINDS["normalization"], *_KINDS["activation"]} - {"lrn"})
SIGNS: Mapping[str, str] = {join.name: sign for sign, join in JOINS.items()}


def family(op: Op) -> str:
    """What an op may be laid beside: pools of either kind, activations, joins, its own kind."""
    return _FAMILIES.get(op.name, op.name)


def lever_of(op: Op, argument: str) -> str:
    """The lever that an argument of an op belongs to; the op itself when it is no lever's."""
    if argument == "pad":
        return "padding"
    own = family(op)
    if argument in LEVERS and own != "normalization":
        return argument
    return own if own in LEVERS else op.name


def kind_lever(op: Op) -> str:
    """The lever that turns an op into another of its family."""
    own = "groups" if family(op) == "conv" else family(op)
    return own if own in LEVERS else op.name


def layer_lever(op: Op) -> str:
    """The lever that an op is, when it comes or goes."""
    own = family(op)
    return own if own in LEVERS else "depth"


@cache
def arguments(op: Op) -> Mapping[str, Any]:
    """The arguments of an op by name; a pool over the whole grid has the kernel ``global``."""
    found = {item.name: getattr(op, item.name) for item in fields(op)}
    return found or ({"kernel": "global"} if family(op) == "pooling" else {})


def written(value: Any) -> str:
    """An argument as a text has it."""
    if isinstance(value, tuple):
        return "x".join(str(size) for size in value)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Fraction):
        return f"{float(value):g}"
    return str(value)


def written_as(argument: str, value: Any) -> str:
    """The value of an argument; a stride that is the same on every axis is one number."""
    alike = isinstance(value, tuple) and len(set(value)) == 1
    return str(value[0]) if alike and argument in ("stride", "dilation") else written(value)


@cache
def sized(op: Op) -> str:
    """An op and its kernel, where it has one: ``conv 3x3``."""
    kernel = arguments(op).get("kernel")
    return op.name if kernel is None else f"{op.name} {written(kernel)}"


@cache
def short(op: Op) -> str:
    """An op as a person would write it: ``conv 3x3/2 64 groups=4``, ``dropout 0.4``."""
    given = arguments(op)
    text = sized(op)
    if set(given.get("stride", (1,))) != {1}:
        text += f"/{written_as('stride', given['stride'])}"
    if "channels" in given:
        text += f" {given['channels']}"
    if given.get("groups", 1) != 1:
        text += f" groups={given['groups']}"
    return f"{text} {written(given['p'])}" if "p" in given else text


@cache
def full(op: Op) -> str:
    return str(op)


@cache
def named(op: Op) -> str:
    """An op of a tail, with the arguments that are not what they usually are."""
    usual = {item.name: item.default for item in fields(op)}
    moved = [
        f"{name}={written(value)}"
        for name, value in arguments(op).items()
        if value != usual.get(name)
    ]
    return " ".join([op.name, *moved])


def paddings(op: Op) -> frozenset[str]:
    """Every way to write an op's padding: ``same`` of a 1x1 is ``valid`` as well."""
    given = arguments(op)
    pad, kernel = given["pad"], given["kernel"]
    spread = given.get("dilation", (1,) * len(kernel))
    same = tuple(d * (k - 1) // 2 for k, d in zip(kernel, spread, strict=True))
    words = {f"pad={written(pad)}"}
    words |= {"same"} if pad == same else set()
    words |= {"valid"} if not any(pad) else set()
    return frozenset(words)


def padding(op: Op) -> str:
    """The padding in one word."""
    words = paddings(op)
    return next((word for word in ("same", "valid") if word in words), min(words))
