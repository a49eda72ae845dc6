"""Ops on tokens, and those that keep the shape or take a part of it."""

from __future__ import annotations

from explorer.ops import Cost, Layer, Snippet, TorchFunction
from tests.ops.row import Row


def function(name: str, **options: object) -> TorchFunction:
    return TorchFunction(name, kwargs=tuple(options.items()))


def narrow(dim: int, start: int, length: int) -> TorchFunction:
    return function("narrow", dim=dim, start=start, length=length)


ACTIVATION_ROWS = [
    *(
        Row(word, word, "2x3x4", (2, 3, 4), Cost(), Layer(name))
        for word, name in (
            ("relu", "ReLU"),
            ("relu6", "ReLU6"),
            ("leakyrelu", "LeakyReLU"),
            ("elu", "ELU"),
            ("silu", "SiLU"),
            ("gelu", "GELU"),
            ("mish", "Mish"),
            ("softplus", "Softplus"),
            ("hardswish", "Hardswish"),
            ("sigmoid", "Sigmoid"),
            ("hardsigmoid", "Hardsigmoid"),
            ("tanh", "Tanh"),
        )
    ),
    *(
        Row("gelu", "gelu", source, sizes, Cost(), Layer("GELU"))
        for source, sizes in (("2x5", (2, 5)), ("vector 7", (7,)), ("tokens 4x6", (4, 6)))
    ),
    Row("leakyrelu", "leakyrelu slope=0.2", "3x4", (3, 4), Cost(), Layer("LeakyReLU", (0.2,))),
    Row("prelu", "prelu", "2x3x4", (2, 3, 4), Cost(params=1), Layer("PReLU")),
    Row("prelu", "prelu", "tokens 3x4", (3, 4), Cost(params=1), Layer("PReLU")),
    Row("softmax", "softmax", "2x3x4", (2, 3, 4), Cost(), Layer("Softmax", (), (("dim", 1),))),
    Row("softmax", "softmax", "vector 4", (4,), Cost(), Layer("Softmax", (), (("dim", 1),))),
    Row("softmax", "softmax", "tokens 3x4", (3, 4), Cost(), Layer("Softmax", (), (("dim", 2),))),
]

ELEMENT_ROWS = [
    Row("dropout", "dropout 0.4", "2x3x4", (2, 3, 4), Cost(), Layer("Dropout", (0.4,))),
    Row("dropout", "dropout 0", "tokens 2x3", (2, 3), Cost(), Layer("Dropout", (0.0,))),
    Row("droppath", "droppath 0.1", "2x3x4", (2, 3, 4), Cost(), Snippet("DropPath", (0.1,))),
    Row("droppath", "droppath 0", "tokens 3x4", (3, 4), Cost(), Snippet("DropPath", (0.0,))),
    Row("scale", "scale 0.17", "2x3x4", (2, 3, 4), Cost(), function("mul", other=0.17)),
    Row("scale", "scale (0 - 2)", "tokens 3x4", (3, 4), Cost(), function("mul", other=-2.0)),
    Row(
        "layerscale",
        "layerscale",
        "2x3x4",
        (2, 3, 4),
        Cost(params=2),
        Snippet("LayerScale", (2, 1e-6), (("axes", 2),)),
    ),
    Row(
        "layerscale",
        "layerscale init=0.1",
        "2x9",
        (2, 9),
        Cost(params=2),
        Snippet("LayerScale", (2, 0.1), (("axes", 1),)),
    ),
    Row(
        "layerscale",
        "layerscale init=0",
        "tokens 3x4",
        (3, 4),
        Cost(params=4),
        Snippet("LayerScale", (4, 0.0)),
    ),
    Row("zero", "zero", "2x3x4", (2, 3, 4), Cost(), function("zeros_like")),
    Row("zero", "zero", "tokens 3x4", (3, 4), Cost(), function("zeros_like")),
    Row(
        "part", "part 1/2", "6x3x4", (3, 3, 4), Cost(), function("narrow", dim=1, start=0, length=3)
    ),
    Row("part", "part 3/3", "6x5", (2, 5), Cost(), narrow(1, 4, 2)),
    Row("part", "part 2/2", "vector 8", (4,), Cost(), narrow(1, 4, 4)),
    Row(
        "part",
        "part 2/3",
        "tokens 4x6",
        (4, 2),
        Cost(),
        narrow(2, 2, 2),
    ),
]

TOKEN_ROWS = [
    Row("flatten", "flatten", "2x3x4", (24,), Cost(), Layer("Flatten")),
    Row("flatten", "flatten", "tokens 3x4", (12,), Cost(), Layer("Flatten")),
    Row(
        "linear",
        "avgpool global > linear 10",
        "7x3x4",
        (10,),
        Cost(70, 80, 10),
        Layer("Linear", (7, 10)),
    ),
    Row(
        "linear",
        "linear 10 nobias",
        "vector 7",
        (10,),
        Cost(70, 70, 10),
        Layer("Linear", (7, 10), (("bias", False),)),
    ),
    Row(
        "linear",
        "linear 8",
        "tokens 5x6",
        (5, 8),
        Cost(5 * 48, 48 + 8, 40),
        Layer("Linear", (6, 8)),
    ),
    Row("avgpool", "avgpool global", "tokens 5x6", (6,), Cost(), function("mean", dim=1)),
    Row("tokens", "tokens", "6x3x4", (12, 6), Cost(), Snippet("Tokens")),
    Row("tokens", "tokens", "6x5", (5, 6), Cost(), Snippet("Tokens")),
    Row("grid", "grid 3x4", "tokens 12x6", (6, 3, 4), Cost(), Snippet("Grid", ((3, 4),))),
    Row("grid", "grid 12", "tokens 12x6", (6, 12), Cost(), Snippet("Grid", ((12,),))),
    Row(
        "classtoken",
        "classtoken",
        "tokens 12x6",
        (13, 6),
        Cost(params=6),
        Snippet("ClassToken", (6,)),
    ),
    Row(
        "positions",
        "positions",
        "tokens 12x6",
        (12, 6),
        Cost(params=72),
        Snippet("Positions", (12, 6)),
    ),
    Row("token", "token 12", "tokens 12x6", (6,), Cost(), function("select", dim=1, index=11)),
    Row(
        "embedding",
        "embedding 100 6",
        "ids 12",
        (12, 6),
        Cost(params=600),
        Layer("Embedding", (100, 6)),
    ),
    Row(
        "attention",
        "attention 3",
        "tokens 12x6",
        (12, 6),
        Cost(4 * 12 * 36 + 2 * 144 * 6, 4 * 42, 5 * 72 + 3 * 144),
        Snippet("Attention", (6, 3)),
    ),
    Row(
        "attention",
        "attention 2 causal",
        "tokens 12x6",
        (12, 6),
        Cost(4 * 12 * 36 + 2 * 144 * 6, 4 * 42, 5 * 72 + 2 * 144),
        Snippet("Attention", (6, 2), (("causal", True),)),
    ),
    Row(
        "attention",
        "tokens > linear 9 as memory\ny: input > tokens > attention 2 to=memory",
        "6x3x4",
        (12, 6),
        Cost(2 * 12 * 36 + 2 * 12 * 54 + 2 * 144 * 6, 2 * 42 + 2 * (54 + 6), 5 * 72 + 2 * 144),
        Snippet("Attention", (6, 2), (("memory_channels", 9),)),
    ),
]

JOIN_ROWS = [
    Row(
        "concat",
        "[ conv 1x1 4 | id | conv 1x1 2 ]",
        "3x5x5",
        (9, 5, 5),
        Cost(),
        TorchFunction("cat", listed=True, kwargs=(("dim", 1),)),
    ),
    Row("add", "[ conv 1x1 3 + id ]", "3x5x5", (3, 5, 5), Cost(), TorchFunction("add")),
    Row(
        "multiply",
        "[ avgpool global > sigmoid * id ]",
        "3x5x5",
        (3, 5, 5),
        Cost(),
        TorchFunction("mul"),
    ),
    Row(
        "multiply",
        "[ id * conv 1x1 1 ]",
        "3x5x5",
        (3, 5, 5),
        Cost(),
        TorchFunction("mul"),
    ),
    Row(
        "concat",
        "[ linear 4 | id ]",
        "tokens 5x6",
        (5, 10),
        Cost(),
        TorchFunction("cat", listed=True, kwargs=(("dim", 2),)),
    ),
    Row("add", "[ linear 6 + id ]", "tokens 5x6", (5, 6), Cost(), TorchFunction("add")),
    Row("multiply", "[ linear 1 * id ]", "tokens 5x6", (5, 6), Cost(), TorchFunction("mul")),
    Row("multiply", "[ linear 6 * id ]", "vector 6", (6,), Cost(), TorchFunction("mul")),
]
