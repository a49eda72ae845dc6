"""Attention: every token gathers from all others what it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from explorer.ops.base import (
    Argument,
    Condition,
    Cost,
    Op,
    Parameter,
    Saved,
    Shapes,
    Signature,
    Snippet,
)
from explorer.ops.shape import Kind, Shape


@dataclass(frozen=True, slots=True)
class Attention(Op):
    """``attention H [to=VALUE] [causal]``: H heads (Vaswani et al. 2017, section 3.2.2).

    The tokens T x D ask, and those of the memory S x E answer, which are the same tokens unless
    ``to=`` names others. ``causal`` lets each see itself and those before it. Four projections
    with biases; macs are those of the projections and of two matrix products, T x S x D each.
    """

    heads: int
    causal: bool = False

    name: ClassVar[str] = "attention"
    sees_all: ClassVar[bool] = True
    takes: ClassVar[tuple[Kind, ...]] = ("tokens",)
    signature: ClassVar[Signature] = Signature(
        positional=(Parameter("heads", Argument.COUNT),),
        named=(
            Parameter("to", Argument.VALUE, default=None),
            Parameter("causal", Argument.WORD, default=False),
        ),
        flags={"causal": ("causal", True)},
    )

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        asking, memory = inputs[0], inputs[-1]
        yield Condition(
            memory.kind != "tokens",
            lambda: f"attention to= takes tokens, got {memory.described}",
        )
        yield Condition(
            asking.channels % self.heads != 0,
            lambda: f"{self.heads} heads do not divide {asking.channels} channels",
        )
        yield Condition(
            self.causal and asking.grid != memory.grid,
            lambda: (
                "causal attention needs as many tokens in its memory, "
                f"got {asking.grid[0]} and {memory.grid[0]}"
            ),
        )

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        asking, memory = inputs[0], inputs[-1]
        (length,), (answers,), channels = asking.grid, memory.grid, asking.channels
        weights = 2 * channels * channels + 2 * memory.channels * channels
        projected = 2 * length * channels * channels + 2 * memory.elements * channels
        products = 2 * length * answers * channels
        # Queries, the sums over the memory and the result; keys and values; the scores.
        put_out = 3 * asking.elements + 2 * answers * channels + self.heads * length * answers
        return Cost(projected + products, weights + 4 * channels, put_out)

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        asking, memory = inputs[0], inputs[-1]
        (length,), (answers,), channels = asking.grid, memory.grid, asking.channels
        # Queries and the sums over the memory; keys and values; the scores as shares of one.
        inside = 2 * asking.elements + 2 * answers * channels + self.heads * length * answers
        mask = length * answers if self.causal else 0
        return Saved(inputs=True, elements=inside, fixed_bytes=mask)

    def layer(self, inputs: Shapes) -> Snippet:
        channels, memory = inputs[0].channels, inputs[-1].channels
        options: list[tuple[str, object]] = []
        if memory != channels:
            options.append(("memory_channels", memory))
        if self.causal:
            options.append(("causal", True))
        return Snippet("Attention", (channels, self.heads), tuple(options))
