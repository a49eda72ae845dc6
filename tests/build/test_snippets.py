"""Our own modules against torch's, where torch has one, and against what they promise."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explorer.build import snippets


def rand(*sizes: int) -> Tensor:
    return torch.randn(*sizes, generator=torch.Generator().manual_seed(len(sizes)))


def taught(attention: snippets.Attention, memory_channels: int, heads: int) -> nn.Module:
    """torch's attention with the weights of ours."""
    channels = attention.query.in_features
    theirs = nn.MultiheadAttention(
        channels, heads, kdim=memory_channels, vdim=memory_channels, batch_first=True
    )
    names = ("query", "key", "value")
    ours = [attention.get_submodule(name) for name in names]
    state = {"in_proj_bias": torch.cat([layer.bias for layer in ours])}  # type: ignore[list-item]
    if memory_channels == channels:
        state["in_proj_weight"] = torch.cat([layer.weight for layer in ours])  # type: ignore[list-item]
    else:
        state |= {f"{n[0]}_proj_weight": layer.weight for n, layer in zip(names, ours, strict=True)}  # type: ignore[misc]
    state |= {f"out_proj.{name}": value for name, value in attention.out.state_dict().items()}
    theirs.load_state_dict(state)
    return theirs


@pytest.mark.parametrize(("heads", "memory_channels"), [(1, 12), (3, 12), (4, 20), (12, 7)])
def test_attention_is_that_of_torch(heads: int, memory_channels: int) -> None:
    torch.manual_seed(0)
    ours = snippets.Attention(12, heads, memory_channels)
    theirs = taught(ours, memory_channels, heads)
    x, memory = rand(2, 5, 12), rand(2, 7, memory_channels)
    expected, _ = theirs(x, memory, memory)
    assert torch.allclose(ours(x, memory), expected, atol=1e-6)


@pytest.mark.parametrize("causal", [False, True])
def test_attention_to_itself_is_that_of_torch(causal: bool) -> None:
    torch.manual_seed(1)
    ours, x = snippets.Attention(12, 3, causal=causal), rand(2, 6, 12)
    mask = torch.ones(6, 6, dtype=torch.bool).triu(1) if causal else None
    expected, _ = taught(ours, 12, 3)(x, x, x, attn_mask=mask)
    assert torch.allclose(ours(x), expected, atol=1e-6)
    query, key, value = (ours.split(layer(x)) for layer in (ours.query, ours.key, ours.value))
    mixed = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=causal)
    assert torch.allclose(ours(x), ours.out(mixed.transpose(1, 2).flatten(2)), atol=1e-6)


def test_a_causal_token_does_not_see_what_comes_later() -> None:
    attention, x = snippets.Attention(8, 2, causal=True), rand(1, 6, 8)
    other = x.clone()
    other[:, 4:] += 1
    assert torch.equal(attention(x)[:, :4], attention(other)[:, :4])
    assert not torch.allclose(attention(x)[:, 4:], attention(other)[:, 4:])


@pytest.mark.parametrize("grid", [(4,), (4, 5)])
def test_a_channel_norm_normalises_each_cell(grid: tuple[int, ...]) -> None:
    norm, x = snippets.ChannelNorm(6, eps=1e-3), rand(2, 6, *grid)
    norm.weight.data, norm.bias.data = rand(6), rand(6)
    cell = nn.functional.layer_norm(x[1].flatten(1)[:, 2], (6,), norm.weight, norm.bias, 1e-3)
    assert torch.allclose(norm(x)[1].flatten(1)[:, 2], cell, atol=1e-6)
    assert norm(x).shape == x.shape


@pytest.mark.parametrize(("axes", "sizes"), [(0, (2, 5, 3)), (0, (2, 3)), (1, (2, 3, 5))])
def test_a_layer_scale_multiplies_channels(axes: int, sizes: tuple[int, ...]) -> None:
    scale, x = snippets.LayerScale(3, 0.5, axes), rand(*sizes)
    assert torch.equal(scale(x), x / 2)
    scale.gamma.data.flatten()[1] = 0
    assert scale(x).movedim(1 if axes else -1, 0)[1].count_nonzero() == 0


def test_a_path_is_dropped_whole_and_in_training_only() -> None:
    torch.manual_seed(0)
    drop, x = snippets.DropPath(0.25), torch.ones(4000, 2, 3)
    assert torch.equal(drop.eval()(x), x)
    dropped = drop.train()(x)
    assert dropped.unique().tolist() == pytest.approx([0, 4 / 3])
    assert torch.equal(dropped, dropped[:, :1, :1].expand_as(x))
    assert float(dropped.mean()) == pytest.approx(1, abs=0.05)
    assert torch.equal(snippets.DropPath(0.0).train()(x), x)


@pytest.mark.parametrize("grid", [(12,), (3, 4)])
def test_tokens_are_cells_row_by_row_and_back(grid: tuple[int, ...]) -> None:
    x = rand(2, 5, *grid)
    tokens = snippets.Tokens()(x)
    assert tokens.shape == (2, 12, 5)
    assert torch.equal(tokens[:, 7], x.flatten(2)[:, :, 7])
    assert torch.equal(snippets.Grid(grid)(tokens), x)


def test_a_class_token_stands_first() -> None:
    first, x = snippets.ClassToken(5), rand(2, 3, 5)
    assert torch.equal(first(x)[:, 1:], x)
    assert torch.equal(first(x)[1, 0], first.token.weight[0])


def test_positions_are_added_to_every_image() -> None:
    positions, x = snippets.Positions(3, 5), torch.zeros(2, 3, 5)
    assert torch.equal(positions(x), positions.position.weight.expand_as(x))
