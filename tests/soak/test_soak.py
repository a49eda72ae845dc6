"""The long runs of `make soak`, and a slice of the fuzzing that every `make test` takes."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.soak import fuzz, kills, properties
from tests.soak.follow import failure, input_of
from tests.soak.minimise import minimised
from tests.soak.series import fresh_seed

SLICE = 1_300
PARTS = 6  # so that the processes of a test run share them


@pytest.mark.parametrize("part", range(PARTS))
def test_a_text_with_mistakes_is_read_or_refused(part: int) -> None:
    """A text that fails here is made small by: python -m tests.soak.fuzz 1300 slice."""
    for number in range(part, SLICE, PARTS):
        reason = failure(input_of("slice", number), seconds=4)
        assert reason is None, f"{number}: {reason}\n{input_of('slice', number)}"


def test_a_failing_text_is_made_small() -> None:
    text = "net n\ninput 3x8x8\n# a note\nstem: conv 3x3 8 > [ relu | (id > gelu) ] > flatten\n"
    assert minimised(text, lambda other: "gelu" in other) == "gelu"


def test_a_text_that_is_drawn_is_read_in_the_same_form() -> None:
    for number in range(40):
        text = properties.text_of("form", number)
        assert properties.read(str(text)) == text


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")
@pytest.mark.parametrize("kind", kills.FORKED)
def test_a_search_whose_processes_are_killed_loses_and_repeats_nothing(
    kind: kills.Kind, tmp_path: Path
) -> None:
    killer = kills.disturbed(kind, Random(2), tmp_path.resolve(), candidates=8, times=8)
    assert len(killer.ended) > 1


@pytest.mark.soak
def test_searches_whose_processes_are_killed() -> None:
    assert kills.main(kills.minutes(), fresh_seed()) == 0


@pytest.mark.soak
def test_properties_of_thousands_of_texts() -> None:
    assert properties.main(properties.COUNT, fresh_seed()) == 0


@pytest.mark.soak
def test_a_hundred_thousand_texts_with_mistakes() -> None:
    assert fuzz.main(fuzz.COUNT, fresh_seed()) == 0
