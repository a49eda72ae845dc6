from __future__ import annotations

import numpy as np
import pytest

from explorer.data.draws import below, octets, order, stream
from explorer.errors import DataError


def test_the_words_are_those_that_numpy_promises() -> None:
    assert below(stream(0), 1000, 6).tolist() == [636, 269, 40, 16, 813, 912]
    assert order(stream(0), 6).tolist() == [3, 2, 1, 0, 4, 5]
    words = stream(7).random_raw(1)
    assert octets(stream(7), 8).tobytes() == int(words[0]).to_bytes(8, "little")


def test_below_stays_below_and_reaches_every_number() -> None:
    drawn = below(stream(3), 6, 4, 500)
    assert drawn.shape == (4, 500)
    counts = np.bincount(drawn.ravel())
    assert len(counts) == 6
    assert 2000 / 6 * 0.8 < counts.min() <= counts.max() < 2000 / 6 * 1.2


def test_order_is_a_permutation() -> None:
    assert sorted(order(stream(5), 1000)) == list(range(1000))


def test_octets_need_not_fill_a_word() -> None:
    assert octets(stream(1), 3, 5).shape == (3, 5)


def test_streams_of_one_seed_differ() -> None:
    first, second = (order(stream(0, path), 100) for path in (1, 2))
    assert (first != second).any()


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(DataError, match=r"^seed -1 is negative; a seed is a whole number from 0$"):
        stream(-1)
