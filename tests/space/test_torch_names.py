"""The list of names that a layer cannot have is the one that torch has."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.errors import NetError
from explorer.space import Space


def test_no_label_hides_an_attribute_of_a_torch_module(space_of: Callable[..., Space]) -> None:
    torch = pytest.importorskip("torch")
    taken = [name for name in dir(torch.nn.Module()) if not name.startswith("_")]
    words = [name for name in taken if name == name.lower()]
    assert len(words) > 50
    for name in words:
        for line in (f"{name}: relu", f"x: relu as {name}"):
            with pytest.raises(NetError) as caught:
                space_of(f"net n\ninput 3x8x8\n{line}\n")
            assert caught.value.message == (
                f"'{name}' is an attribute of every torch module; choose another name"
            )


def test_a_knob_may_have_such_a_name(space_of: Callable[..., Space]) -> None:
    space = space_of("space s\ninput 3x8x8\nknob half in 1..4\nx: conv 1x1 half\n")
    assert list(space.choices) == ["half"]
