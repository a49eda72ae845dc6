from __future__ import annotations

from fractions import Fraction

import pytest

from explorer.errors import ExplorerError
from explorer.ops import image
from explorer.score import Protocol, Recipe, protocol_from_json, protocol_to_json

FULL = Protocol("fashion", 24, Fraction(1, 8), {"stride1": 1}, Recipe(epochs=3, mirror=False))


def test_a_protocol_survives_json() -> None:
    again = protocol_from_json(protocol_to_json(FULL), "here")
    assert again == FULL
    assert protocol_from_json({}, "here") == Protocol()


def test_only_params_that_the_text_has_are_rebound() -> None:
    data = FULL.open_data()
    assert data.size == (24, 24)
    assert FULL.rebind(data, {"other": 1}).params == {}
    rebind = FULL.rebind(data, {"stride1": 2, "other": 1})
    assert (rebind.input, rebind.classes, rebind.width) == (image(1, 24, 24), 10, Fraction(1, 8))
    assert rebind.params == {"stride1": 1}


def test_small_images_stay_small() -> None:
    assert Protocol("fashion", 224).open_data().size == (28, 28)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"resolutoin": 3}, "no setting is called 'resolutoin' .allowed: data, resolution"),
        ({"recipe": {"epoch": 3}}, "here, recipe: no setting is called 'epoch'"),
        ({"recipe": 3}, "expected a table"),
        ({"resolution": "big"}, "here: invalid literal"),
        ({"resolution": float("inf")}, "here: cannot convert"),
        ({"recipe": {"mirror": "false"}}, "expected a value like True, got 'false'"),
        ({"recipe": {"warmup": 2}}, "lie between 0 and 1"),
        ({"width": "1/0"}, "here"),
        ({"width": -1}, "are positive"),
        ({"recipe": {"epochs": 0}}, "are positive"),
        ({"params": {"stride1": "x"}}, "here: invalid literal"),
    ],
)
def test_wrong_settings(values: dict[str, object], message: str) -> None:
    with pytest.raises(ExplorerError, match=message):
        protocol_from_json(values, "here")
