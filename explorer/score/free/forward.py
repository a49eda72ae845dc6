"""The one forward pass that all scores of activations and features are read off."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from explorer.score.free.features import Entropies
from explorer.score.free.patterns import Codes
from explorer.score.free.subject import Subject


def forward(subject: Subject) -> dict[str, float | None]:
    """The scores of :class:`Codes` and of :class:`Entropies`."""
    observers = (Codes(subject), Entropies(subject))

    def rule(index: int, call: Callable[..., Tensor], *values: Tensor) -> Tensor:
        value = call(*values)
        for observer in observers:
            observer.see(index, value)
        return value

    with torch.inference_mode():
        subject.net().trace(rule, *subject.inputs())
    return {name: value for each in observers for name, value in each.scores().items()}
