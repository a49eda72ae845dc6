"""What an op does not take, it refuses in words, where it stands in the text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.errors import NetError
from explorer.ops import OPS, OpError, accept, ids, image, tokens, vector
from explorer.space import Candidate
from tests.ops.row import text_of

Bound = Callable[..., Candidate]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("conv 3x3 8 groups=3 > conv 3x3 9 groups=3", "3 groups do not divide 8 outgoing"),
        ("conv 3x3 8 groups=4", "4 groups do not divide 3 incoming channels"),
        ("conv 9x9 8 valid", "conv kernel 9x9 is larger than the grid 8x8"),
        ("conv 3x3 8 valid dilation=4", "conv kernel 3x3 is larger than the grid 8x8"),
        ("conv 11x1 8 pad=(1, 0)", "conv kernel 11x1 is larger than the grid 8x8 padded by 1x0"),
        ("conv 2x2 8", "'same' with kernel 2 at stride 1 cannot keep the grid"),
        ("conv 3x4/(2, 1) 8", "'same' with kernel 4 at stride 1 cannot keep the grid"),
        ("conv 3x3x3 8", "kernel 3x3x3 has 3 sizes, but the grid has 2"),
        ("conv 3x3/(1, 2, 1) 8", "stride 1x2x1 has 3 sizes, but the grid has 2"),
        ("conv 3x3 8 pad=(1, 1, 1)", "conv pad 1x1x1 has 3 sizes, but the grid has 2"),
        ("conv 3x3 0", "channels is a positive whole number, got 0"),
        ("conv 3x3 (7/2)", "channels is a positive whole number, got 7/2"),
        ("conv 0x3 8", "kernel is a positive whole number, got 0"),
        ("conv 3x3/0 8", "stride is a positive whole number, got 0"),
        ("conv 3x3 8 pad=(0 - 1)", "pad is a whole number, not below 0, got -1"),
        ("conv 3x3 8 groups=0", "groups is a positive whole number, got 0"),
        ("dwconv 9x9 valid", "dwconv kernel 9x9 is larger than the grid 8x8"),
        ("dwconv 2x2", "'same' with kernel 2 at stride 1 cannot keep the grid"),
        ("dwconv 3x3 pad=(1, 1, 1)", "dwconv pad 1x1x1 has 3 sizes, but the grid has 2"),
        ("dwconv 3x3 multiplier=0", "multiplier is a positive whole number, got 0"),
        ("maxpool valid", "maxpool needs a kernel, as in: maxpool 3x3/2 valid"),
        ("maxpool 3x3", "maxpool must say 'same' or 'valid'"),
        ("avgpool 9x9 valid", "avgpool kernel 9x9 is larger than the grid 8x8"),
        ("avgpool to=9x8", "avgpool to=9x8 is larger than the grid 8x8"),
        ("avgpool to=(4, 4, 4)", "avgpool to 4x4x4 has 3 sizes, but the grid has 2"),
        ("avgpool 3x3 same to=4", "avgpool takes a window or to=, not both"),
        ("avgpool global to=4", "avgpool takes a window or to=, not both"),
        ("upsample 0", "factor is a positive whole number, got 0"),
        ("upsample 2x2x2", "factor 2x2x2 has 3 sizes, but the grid has 2"),
        ("batchnorm eps=0", "batchnorm eps is positive, got 0"),
        ("groupnorm 2", "2 groups do not divide 3 channels"),
        ("groupnorm 3 eps=0", "groupnorm eps is positive, got 0"),
        ("layernorm eps=(0 - 1)", "layernorm eps is positive, got -1"),
        ("shuffle 2", "2 groups do not divide 3 channels"),
        ("part 4/3", "there is no part 4 of 3"),
        ("part 1/2", "3 channels do not fall into 2 equal parts"),
        ("part 0/3", "part is a positive whole number, got 0"),
        ("droppath 1", "droppath takes a share from 0 to below 1, got 1"),
        ("maxpool 3x3 pad=2", "maxpool pads by 2x2, more than half its kernel 3x3"),
        ("maxpool 2x2 same", "'same' with kernel 2 at stride 1 cannot keep the grid"),
        ("flatten > conv 1x1 8", "conv takes a map, got vector 192"),
        ("flatten > maxpool 1 valid", "maxpool"),
        ("flatten > avgpool global", "avgpool takes a map or tokens, got vector 192"),
        ("flatten > flatten", "flatten takes a map or tokens, got vector 192"),
        ("flatten > lrn", "lrn takes a map, got vector 192"),
        ("linear 10", "linear takes a vector, tokens or a 1x1 map, got map 3x8x8"),
        ("dropout 1", "dropout takes a share from 0 to below 1, got 1"),
        ("dropout (0 - 0.1)", "dropout takes a share from 0 to below 1"),
        (
            "[ conv 3x3/2 8 | id ]",
            "'|' joins equal grids, got 8x4x4 (branch 1) and 3x8x8 (branch 2)",
        ),
        (
            "[ flatten | id ]",
            "'|' joins equal grids, got vector 192 (branch 1) and map 3x8x8 (branch 2)",
        ),
        (
            "[ conv 1x1 8 + id ]",
            "'+' joins equal shapes, got 8x8x8 (branch 1) and 3x8x8 (branch 2)",
        ),
        (
            "[ conv 1x1 2 * id ]",
            "'*' cannot spread 2x8x8 (branch 1) and 3x8x8 (branch 2) to one shape",
        ),
        (
            "[ maxpool 2x2/2 valid * id ]",
            "'*' cannot spread 3x4x4 (branch 1) and 3x8x8 (branch 2) to one shape",
        ),
        (
            "[ tokens | id ]",
            "'|' joins equal grids, got tokens 64x3 (branch 1) and map 3x8x8 (branch 2)",
        ),
        (
            "[ tokens + id ]",
            "'+' joins equal shapes, got tokens 64x3 (branch 1) and map 3x8x8 (branch 2)",
        ),
        ("tokens > grid 8x9", "a grid 8x9 has 72 cells, but 64 tokens arrive"),
        ("tokens > token 65", "there is no token 65, 64 tokens arrive"),
        ("tokens > attention 2", "2 heads do not divide 3 channels"),
        ("tokens > avgpool 3 valid", "avgpool over a window takes a map, got tokens 64x3"),
        (
            "[ flatten * id ]",
            "'*' cannot spread vector 192 (branch 1) and map 3x8x8 (branch 2) to one shape",
        ),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(
    line: str, message: str, bound: Bound
) -> None:
    with pytest.raises(NetError) as caught:
        bound(text_of(line))
    assert message in caught.value.message
    assert caught.value.place is not None
    assert caught.value.place.line == 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("conv 3x3", "conv needs kernel[/stride] channels; channels is missing"),
        ("conv 3x3 8 9", "conv takes kernel[/stride] channels; this is one more"),
        ("conv 3x3 8 sme", "this is one more; did you mean 'same'?"),
        ("conv 3x3 8/2", "conv takes no '/' here"),
        ("conv 3x3 8 same/2", "'same' takes no '/'"),
        ("conv 3x3 8 group=2", "conv has no 'group='; it takes pad=, dilation=, groups="),
        ("conv 3x3 8 group=2", "did you mean 'groups'?"),
        ("conv 3x3 8 groups=1 groups=2", "conv is given its groups twice"),
        ("conv 3x3 8 same valid", "conv is given its pad twice"),
        ("avgpool global 3x3", "avgpool is given its kernel twice"),
        ("conv 3x3 8 act=swish", "act= takes one of: none, relu"),
        ("conv 3x3 8 norm=4", "norm= takes one of: none, batch"),
        ("maxpool 3x3 valid ceil=1", "ceil= is said by a bare word: ceil"),
        ("maxpool 3x3 valid act=relu", "maxpool has no 'act='"),
        ("relu 2", "relu takes no arguments; this is one more"),
        ("relu p=2", "relu has no 'p='; it takes no named arguments"),
        ("lrn size=(3, 3)", "a number is needed here, not sizes"),
        ("conv (h=1, w=7) 8", "sizes have no names, got 'h='"),
        ("dropout", "dropout needs p; p is missing"),
        ("conv 3x3 8 bias nobias", "conv is given its bias twice"),
        ("part 1", "part needs part/of; of is missing"),
        ("dwconv 3x3 8", "dwconv takes kernel[/stride]; this is one more"),
        ("upsample 2 mode=cubic", "mode= takes one of: nearest, bilinear"),
        ("shuffle", "shuffle needs groups; groups is missing"),
    ],
)
def test_arguments_that_an_op_does_not_take_are_refused(
    line: str, message: str, bound: Bound
) -> None:
    with pytest.raises(NetError) as caught:
        bound(text_of(line))
    assert message in caught.value.message
    assert caught.value.place is not None


TAKES = {
    "conv": "map",
    "dwconv": "map",
    "maxpool": "map",
    "avgpool": "map tokens",
    "upsample": "map",
    "batchnorm": "map vector",
    "groupnorm": "map vector",
    "layernorm": "map vector tokens",
    "lrn": "map",
    "shuffle": "map",
    "flatten": "map tokens",
    "linear": "map vector tokens",
    "embedding": "ids",
    "tokens": "map",
    "grid": "tokens",
    "classtoken": "tokens",
    "positions": "tokens",
    "token": "tokens",
    "attention": "tokens",
}


@pytest.mark.parametrize("name", OPS)
def test_an_op_takes_certain_kinds_and_no_other(name: str) -> None:
    taken = TAKES.get(name, "map vector tokens").split()
    for shape in (image(3, 8, 8), vector(10), tokens(196, 768), ids(16)):
        if shape.kind in taken:
            accept(OPS[name], shape)
        else:
            with pytest.raises(OpError, match=f"^{name} takes .*, got {shape.described}$"):
                accept(OPS[name], shape)


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("vector 10", "conv 3x3 8", "conv takes a map, got vector 10"),
        ("tokens 196x768", "conv 3x3 8", "conv takes a map, got tokens 196x768"),
        ("ids 16", "linear 8", "linear takes a map, a vector or tokens, got ids 16"),
        ("ids 16", "relu", "relu takes a map, a vector or tokens, got ids 16"),
        ("ids 16", "[ id | id ]", "concat takes a map, a vector or tokens, got ids 16"),
        ("3x8x8", "embedding 10 4", "embedding takes ids, got map 3x8x8"),
        ("3x8x8", "attention 3", "attention takes tokens, got map 3x8x8"),
        ("tokens 4x6", "batchnorm", "batchnorm takes a map or a vector, got tokens 4x6"),
        (
            "tokens 4x6",
            "[ linear 3 + id ]",
            "'+' joins equal shapes, got tokens 4x3 (branch 1) and tokens 4x6 (branch 2)",
        ),
        (
            "tokens 4x6",
            "[ token 1 | id ]",
            "'|' joins equal grids, got vector 6 (branch 1) and tokens 4x6 (branch 2)",
        ),
        ("tokens 4x6", "part 1/4", "6 channels do not fall into 4 equal parts"),
    ],
)
def test_a_kind_that_does_not_fit_is_said_once(
    source: str, line: str, message: str, bound: Bound
) -> None:
    with pytest.raises(NetError) as caught:
        bound(text_of(line, source))
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("grid 3x4 as m > tokens > attention 2 to=m", "attention to= takes tokens, got map 6x3x4"),
        (
            "token 1 as m > relu\ny: input > attention 2 to=m",
            "attention to= takes tokens, got vector 6",
        ),
        (
            "classtoken as m > linear 6\ny: input > attention 2 causal to=m",
            "causal attention needs as many tokens in its memory, got 12 and 13",
        ),
        ("attention 2 to=nothing", "to= takes the name of a value"),
    ],
)
def test_a_memory_that_does_not_fit_is_refused(lines: str, message: str, bound: Bound) -> None:
    with pytest.raises(NetError) as caught:
        bound(text_of(lines, "tokens 12x6"))
    assert message in caught.value.message
