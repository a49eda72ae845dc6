"""Properties of random nets and spaces that mean something; `make soak` draws many more."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import Phase, given, settings

from tests.properties import meaning, tensors
from tests.properties.meaning import Property
from tests.properties.strategies import dice, texts
from tests.properties.texts import Text

DRAW = (Phase.generate,)  # what fails is shown as it was drawn: soak makes it small, and faster


@pytest.mark.parametrize("holds", meaning.PROPERTIES, ids=lambda holds: holds.__name__)
@settings(max_examples=40, phases=DRAW)
@given(text=texts, chances=dice)
def test_of_texts(holds: Property, text: Text, chances: Random) -> None:
    holds(text, chances)


@pytest.mark.parametrize("holds", tensors.PROPERTIES, ids=lambda holds: holds.__name__)
@settings(max_examples=20, phases=DRAW)
@given(text=texts, chances=dice)
def test_of_modules(holds: Property, text: Text, chances: Random) -> None:
    holds(text, chances)
