from __future__ import annotations

import numpy as np
import pytest

from explorer.data import Split
from explorer.data.sets import Parts
from explorer.data.split import complete, divide
from explorer.errors import DataError


def numbered(labels: list[int]) -> Split:
    """Images of one pixel pair; the first pixel says which image it is."""
    images = np.zeros((len(labels), 1, 2, 1), np.uint8)
    images[:, 0, 0, 0] = np.arange(len(labels))
    return Split(images, np.array(labels, np.int64))


def ids(split: Split) -> list[int]:
    return [int(image) for image in split.images[:, 0, 0, 0]]


def test_the_parts_are_disjoint_complete_and_in_order() -> None:
    rest, part = divide(numbered([0, 1, 2, 3] * 10), 4, seed=0)
    assert sorted(ids(rest) + ids(part)) == list(range(40))
    assert ids(rest) == sorted(ids(rest))
    assert ids(part) == sorted(ids(part))
    assert all(label == number % 4 for label, number in zip(part.labels, ids(part), strict=True))


@pytest.mark.parametrize(("count", "taken"), [(1, 0), (2, 1), (4, 1), (7, 1), (8, 2), (100, 25)])
def test_one_in_four_of_every_class_is_taken(count: int, taken: int) -> None:
    rest, part = divide(numbered([0] * count + [1] * 12), 4, seed=3)
    assert np.bincount(part.labels, minlength=2).tolist() == [taken, 3]
    assert np.bincount(rest.labels, minlength=2).tolist() == [count - taken, 9]


def test_the_choice_is_a_function_of_the_seed() -> None:
    whole = numbered([0, 1] * 50)
    first, again, other = (ids(divide(whole, 4, seed)[1]) for seed in (0, 0, 1))
    assert first == again != other


def test_a_bare_training_set_ends_as_60_20_20() -> None:
    data = complete("x", Parts(numbered([0, 1] * 50)), seed=0)
    assert [len(split) for _, split in data.splits()] == [60, 20, 20]
    assert sorted(n for _, split in data.splits() for n in ids(split)) == list(range(100))
    assert data.classes == ("0", "1")


def test_given_splits_are_left_alone() -> None:
    train, val, test = (numbered([0, 1] * count) for count in (10, 3, 2))
    data = complete("x", Parts(train, val, test, ("a", "b")), seed=0)
    assert (data.train, data.val, data.test) == (train, val, test)
    assert data.classes == ("a", "b")


def test_too_few_images_to_divide() -> None:
    with pytest.raises(DataError) as caught:
        complete("x", Parts(numbered([0, 1, 2])), seed=0)
    assert str(caught.value) == (
        "x: no test split can be cut from 3 train images, one of each class; "
        "a class needs 2 images or more"
    )
