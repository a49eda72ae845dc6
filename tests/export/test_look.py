"""How an exported text reads: what shares a class, what things are called."""

from __future__ import annotations

from explorer.export import Facts, source
from tests.export.cases import BODIES, HEAD, SPACES, bound, exported, graph_of, images


def source_of(body: str) -> str:
    return source(bound(HEAD + body), Facts())


def test_equal_scopes_share_a_class() -> None:
    text = source_of(BODIES["residual"])
    assert text.count("class ") == 2
    assert "self.r1 = Residual()\n        self.r2 = Residual()" in text


def test_scopes_that_differ_in_numbers_share_a_class() -> None:
    graph = bound((SPACES / "reference/googlenet.net").read_text("utf-8"))
    text = source(graph, Facts())
    assert "def __init__(self, channels, n1, r3, n3, r5, n5, pool):" in text
    assert "self.i3a = Inception(192, 64, 96, 128, 16, 32, 32)" in text
    assert "return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], dim=1)" in text
    assert "x = self.i3a(x)  # 256x28x28" in text


def test_numbers_of_different_kinds_are_not_one() -> None:
    body = "block odd(n):\n  [ conv n n | id ]\na: conv 1x1 3 > odd(3)\nb: conv 1x1 3 > odd(5)"
    text = source_of(body)
    assert "def __init__(self, n, kernel_size):" in text
    assert "nn.Conv2d(3, n, kernel_size, padding=kernel_size // 2)" in text
    assert "odd1=Odd(5, 5)" in text


def test_strides_and_paddings_that_some_lack_are_numbers() -> None:
    body = "block unit(k, s):\n  [ conv k/s 4 valid | conv k/s 4 valid ]\n"
    text = source_of(f"{body}a: unit(3, 1)\nb: unit(3, 2) > conv 1x1 3\nc: unit(3, 2)")
    assert text.count("class Unit") == 1
    assert "nn.Conv2d(channels, 4, 3, stride=stride)" in text
    assert "self.a = Unit(3, 1)" in text


def test_paddings_that_are_no_half_of_the_kernel_are_given() -> None:
    body = "block unit(k, p):\n  [ conv k 4 pad=p > conv 1x1 3 | conv k 3 pad=p ]\n"
    text = source_of(f"{body}a: unit(3, 1)\nb: unit(3, 0)\nc: unit(5, 2)")
    assert "nn.Conv2d(channels, 4, kernel_size, padding=padding)" in text


def test_many_equal_copies_are_written_once() -> None:
    text = source_of("stem: conv 3x3 8\nrest: repeat 3 ([ conv 3x3 8 + id ])")
    assert "self.rest = copies(*[Rest() for _ in range(3)])" in text
    assert "self.rest = copies(Rest(), Rest())" in source_of(
        "stem: conv 3x3 8\nrest: repeat 2 ([ conv 3x3 8 + id ])"
    )


def test_copies_that_grow_evenly_are_written_once() -> None:
    text = source_of("stem: conv 3x3 8\nrest: repeat 5 ([ id | conv 3x3 6 ])")
    assert "self.rest = copies(*[Rest(n) for n in range(8, 33, 6)])" in text


def test_a_function_takes_no_more_numbers_than_it_makes_layers() -> None:
    body = "block two(n, k):\n  conv k n > conv 1x1 (2*n) act=none\n"
    text = source_of(f"{body}a: [| repeat 3 (two(4, 3)) ]\nb: [| repeat 3 (two(6, 5)) ]")
    assert "def two(" not in text


def test_pieces_of_different_blocks_are_not_one_class() -> None:
    blocks = "block a(n):\n  [ conv 1x1 n | id ]\nblock b(n):\n  [ conv 1x1 n | id ]\n"
    text = source_of(f"{blocks}x1: a(3)\nx2: b(4)\nx3: a(5)")
    assert text.count("class A(") == text.count("class B(") == 1


def test_numbers_of_functions_are_attributes() -> None:
    text = source_of(
        "block half():\n  [ part 1/2 | part 2/2 > conv 3x3 (channels/2) ]\n"
        "a: conv 1x1 8 > half()\nb: conv 1x1 12 > half()"
    )
    assert text.count("class Half(") == text.count("class HalfB2(") == 1
    assert "half1=Half(4)" in text
    assert "half1=Half(6)" in text
    assert "self.conv1_in = conv1_in\n" in text
    assert "torch.narrow(x, dim=1, start=0, length=self.conv1_in)" in text
    assert "torch.narrow(x, dim=1, start=self.conv1_in, length=self.conv1_in)" in text


def test_numbers_are_called_as_in_the_text_wherever_it_has_a_name() -> None:
    text = source_of(
        "block half(n):\n  [ part 1/2 | part 2/2 > conv 3x3 n ]\n"
        "a: conv 1x1 8 > half(4)\nb: conv 1x1 12 > half(6)"
    )
    assert "torch.narrow(x, dim=1, start=0, length=self.n)" in text


def test_a_constant_factor_is_an_attribute_where_it_differs() -> None:
    text = source_of(
        "block a(factor):\n  [ conv 3x3 channels > scale factor + id ]\n"
        "stem: conv 1x1 8\nb: repeat 2 (a(0.5)) > a(1)"
    )
    assert "def __init__(self, factor):" in text
    assert "a1=A(1.0)" in text
    assert "* self.factor" in text


def test_many_numbers_are_written_out() -> None:
    text = source_of(BODIES["more numbers than a constructor takes"])
    assert text.count("many1=Many()") == 2
    assert text.count("many1=Many2()") == 1


def test_a_chain_called_twice_is_a_function() -> None:
    text = source_of(BODIES["copies side by side"])
    assert "def path(channels):\n" in text
    assert "torch.cat([copy(x) for copy in self.b1.values()], dim=1)" in text
    assert "reduce(torch.add, (copy(x) for copy in self.b1.values()))" in text
    assert 'self.b1["1"](x) * self.b1["2"](x)' in text


def test_equal_sizes_are_one_number() -> None:
    text = source_of("conv 3x3/2 4 > conv 1x5 4 > maxpool 3x3/2")
    assert "nn.Conv2d(3, 4, 3, stride=2, padding=1)" in text
    assert "nn.Conv2d(4, 4, (1, 5), padding=(0, 2))" in text
    assert "nn.MaxPool2d(3, stride=2, padding=1)" in text


def test_aliases_are_returned_beside() -> None:
    text = source_of(BODIES["aliases"])
    assert "early, late, stem = self.stem(x)" in text


def test_a_constant_factor_is_a_sign() -> None:
    assert "return self.relu1(x) * 0.17  #" in source_of("conv 1x1 4 > scale 0.17")
    assert "return self.relu1(x) * -2.0  #" in source_of("conv 1x1 4 > scale (0-2)")


def test_a_function_of_one_value_is_called() -> None:
    assert "torch.narrow(self.relu1(x), dim=1, start=2, length=2)" in source_of(
        "conv 1x1 4 > part 2/2"
    )
    assert "torch.zeros_like(self.relu1(x))" in source_of("conv 1x1 4 > zero")
    text = source_of("conv 1x1 4 > tokens > token 3")
    assert "torch.select(" in text
    assert "dim=1, index=2)" in text
    assert "dim=1)" in source_of("conv 1x1 4 > tokens > avgpool global")


def test_an_attention_is_given_its_memory() -> None:
    text = source(graph_of("translator"), Facts())
    assert "Attention(16, 2, causal=True)" in text
    assert "Attention(16, 2, memory_channels=24)" in text
    assert "self.attention1(layernorm1, memory)" in text
    assert text.count("class Attention(") == 1


def test_depthwise_groups_are_the_channels() -> None:
    text = source(graph_of("shufflenet"), Facts())
    assert "groups=channels," in text
    assert "def __init__(self, channels):" in text


def test_ids_are_whole_numbers() -> None:
    text = source(graph_of("translator"), Facts())
    assert "torch.zeros(1, 12, dtype=torch.int64)" in text
    assert "dtype" not in source_of("conv 1x1 4").partition("if __name__")[2]


def test_a_block_may_have_the_name_of_a_copied_module() -> None:
    graph = bound(
        "net attention\ninput 3x4x4\n"
        "block tensor(n):\n  [ conv 1x1 n | id ] > layernorm\n"
        "block channel_norm(n):\n  [ tensor(n) | id ] > tokens > positions\n"
        "a: channel_norm(4) > attention 2\n"
    )
    assert exported(graph)(images(graph)).shape == (2, 16, 10)
    text = source(graph, Facts())
    for line in ("AttentionNet(nn.Module)", "Attention(nn.Module)", "ChannelNorm(nn.LayerNorm)"):
        assert text.count(f"class {line}:") == 1
    assert "class Tensor(" not in text
