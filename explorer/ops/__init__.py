"""The closed vocabulary of the graph. A new op is a class in this package and a line below."""

from __future__ import annotations

from explorer.ops.base import (
    Argument,
    Condition,
    Cost,
    Layer,
    Op,
    OpError,
    Parameter,
    Shapes,
    Signature,
    Snippet,
    Specification,
    TorchFunction,
    infer,
)
from explorer.ops.conv import Conv
from explorer.ops.elementwise import ACTIVATIONS, Dropout
from explorer.ops.join import Add, Concat, Multiply
from explorer.ops.linear import Flatten, Linear
from explorer.ops.norm import LRN, BatchNorm
from explorer.ops.pool import AvgPool, MaxPool
from explorer.ops.shape import Shape, image, vector
from explorer.ops.source import Input

# Everything that a text may name.
_NAMED: tuple[type[Op], ...] = (
    *(Conv, MaxPool, AvgPool, BatchNorm, LRN),
    *ACTIVATIONS,
    *(Dropout, Flatten, Linear),
)
OPS: dict[str, type[Op]] = {op.name: op for op in _NAMED}

# The joins, by the sign between their branches.
JOINS: dict[str, type[Op]] = {"|": Concat, "+": Add, "*": Multiply}

# What norm= and act= may say, as the op that each adds behind a convolution.
NORMS = {"none": None, "batch": "batchnorm"}
ACTS = {"none": None, **{op.name: op.name for op in ACTIVATIONS}}

__all__ = [
    "ACTS",
    "JOINS",
    "NORMS",
    "OPS",
    "Argument",
    "Condition",
    "Cost",
    "Input",
    "Layer",
    "Op",
    "OpError",
    "Parameter",
    "Shape",
    "Shapes",
    "Signature",
    "Snippet",
    "Specification",
    "TorchFunction",
    "image",
    "infer",
    "vector",
]
