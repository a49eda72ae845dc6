from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import ExplorerError
from explorer.units import format_count, parse_count, scientific


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("1582671872", 1_582_671_872),
        ("1_582_671_872", 1_582_671_872),
        ("1,582,671,872", 1_582_671_872),
        ("1.5e9", 1_500_000_000),
        ("1.5E9", 1_500_000_000),
        ("1e+3", 1_000),
        ("1.5G", 1_500_000_000),
        (" 500 M ", 500_000_000),
        ("2k", 2_000),
        ("2K", 2_000),
        ("3T", 3_000_000_000_000),
        ("64MiB", 67_108_864),
        ("1KiB", 1_024),
        ("0.5GiB", 536_870_912),
    ],
)
def test_a_count_is_read_exactly(text: str, value: int) -> None:
    result = parse_count(text)
    assert result == value
    assert type(result) is int


@pytest.mark.parametrize(
    "text", ["", "G", "-1", "1.5.2", ".5G", "1e", "1e-3", "1.5 X", "1.5g", "1 000", "nan", "0x10"]
)
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(ExplorerError, match=r"is not a count; write .* \(units: k, K, M, G, T"):
        parse_count(text)


@pytest.mark.parametrize("text", ["1.5", "1.0001k", "0.3KiB"])
def test_a_part_of_one_is_refused(text: str) -> None:
    with pytest.raises(ExplorerError, match="is not a whole number"):
        parse_count(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1k"),
        (6_998_552, "6.999M"),
        (1_582_671_872, "1.583G"),
        (1_500_000_000, "1.5G"),
        (-2_500, "-2.5k"),
    ],
)
def test_a_count_is_shown_in_four_digits(value: int, text: str) -> None:
    assert format_count(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (9_000, "9000"),
        (10_000, "1e4"),
        (1_500_000_000, "1.5e9"),
        (1_582_671_872, "1582671872"),
        (1_583_000_000, "1.583e9"),
    ],
)
def test_the_scientific_form_is_used_where_it_is_short(value: int, text: str) -> None:
    assert scientific(value) == text


@given(st.integers(0, 10**25))
def test_plain_and_scientific_forms_are_read_back(value: int) -> None:
    assert parse_count(str(value)) == value
    assert parse_count(scientific(value)) == value


@given(st.integers(1, 9_999), st.integers(0, 20))
def test_short_mantissas_are_read_back(mantissa: int, exponent: int) -> None:
    value = mantissa * 10**exponent
    assert parse_count(scientific(value)) == value


@given(st.integers(0, 10**13 - 10**9))
def test_the_short_form_is_close_and_has_one_unit(value: int) -> None:
    text = format_count(value)
    assert re.fullmatch(r"\d+(\.\d+)?[kMGT]?", text)
    assert abs(parse_count(text) - value) <= value / 1_000
