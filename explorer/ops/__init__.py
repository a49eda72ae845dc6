"""The closed vocabulary of the graph. A new op is a class in this package and a line below."""

from __future__ import annotations

from explorer.ops.attention import Attention
from explorer.ops.base import (
    Argument,
    Condition,
    Cost,
    Layer,
    Op,
    OpError,
    Parameter,
    Saved,
    Shapes,
    Signature,
    Snippet,
    Specification,
    TorchFunction,
    accept,
    infer,
)
from explorer.ops.channels import Part, Shuffle
from explorer.ops.conv import Conv, DepthwiseConv
from explorer.ops.elementwise import ACTIVATIONS, Dropout, Scale, Zero
from explorer.ops.join import Add, Concat, Multiply
from explorer.ops.linear import Flatten, Linear
from explorer.ops.norm import LRN, BatchNorm, GroupNorm, LayerNorm
from explorer.ops.pool import AvgPool, MaxPool
from explorer.ops.residual import DropPath, LayerScale
from explorer.ops.sequence import ClassToken, Embedding, Grid, Positions, Token, Tokens
from explorer.ops.shape import Kind, Shape, ids, image, tokens, vector
from explorer.ops.source import FLOATING, WHOLE, Input
from explorer.ops.upsample import Upsample

# Everything that a text may name.
_NAMED: tuple[type[Op], ...] = (
    *(Conv, DepthwiseConv, MaxPool, AvgPool, Upsample),
    *(BatchNorm, GroupNorm, LayerNorm, LRN),
    *ACTIVATIONS,
    *(Dropout, DropPath, Scale, LayerScale, Zero, Part, Shuffle),
    *(Flatten, Linear),
    *(Embedding, Tokens, Grid, ClassToken, Positions, Token, Attention),
)
OPS: dict[str, type[Op]] = {op.name: op for op in _NAMED}

# The joins, by the sign between their branches.
JOINS: dict[str, type[Op]] = {"|": Concat, "+": Add, "*": Multiply}

# What norm= and act= may say, as the op that each adds behind a convolution.
NORMS = {"none": None, "batch": "batchnorm", "layer": "layernorm"}
ACTS = {"none": None, **{op.name: op.name for op in ACTIVATIONS}}

__all__ = [
    "ACTS",
    "FLOATING",
    "JOINS",
    "NORMS",
    "OPS",
    "WHOLE",
    "Argument",
    "Condition",
    "Cost",
    "Input",
    "Kind",
    "Layer",
    "Op",
    "OpError",
    "Parameter",
    "Saved",
    "Shape",
    "Shapes",
    "Signature",
    "Snippet",
    "Specification",
    "TorchFunction",
    "Zero",
    "accept",
    "ids",
    "image",
    "infer",
    "tokens",
    "vector",
]
