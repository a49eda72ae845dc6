"""Whole numbers as people write them: ``1.5e9``, ``1.5G``, ``500M``, ``64MiB``; and durations.

Counts are integers everywhere in the tool; floating point never touches one.
"""

from __future__ import annotations

import re
from fractions import Fraction

from explorer.errors import ExplorerError

# The bytes of an element, by the type that a net computes in; the usual one first.
ITEM_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}

_SUFFIX = {
    "": 1,
    "k": 10**3,
    "K": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}
_COUNT = re.compile(r"(\d{1,3}(?:[,_]\d{3})+|\d+)(\.\d+)?(e\+?\d{1,2})?\s*([A-Za-z]*)", re.I)


def parse_count(text: str) -> int:
    """The integer that ``text`` says, exactly: ``"1.5e9"`` is 1500000000.

    Raises:
        ExplorerError: not a number, an unknown unit, or not a whole number.
    """
    match = _COUNT.fullmatch(text.strip())
    if match is None or match[4] not in _SUFFIX:
        units = ", ".join(unit for unit in _SUFFIX if unit)
        raise ExplorerError(
            f"'{text}' is not a count; write 1500000000, 1.5e9 or 1.5G (units: {units})"
        )
    digits = re.sub("[_,]", "", match[1]) + (match[2] or "") + (match[3] or "")
    value = Fraction(digits) * _SUFFIX[match[4]]
    if value.denominator != 1:
        raise ExplorerError(f"'{text}' is not a whole number")
    return int(value)


def format_count(value: int) -> str:
    """A short human form with four significant digits: 1582671872 is ``1.583G``."""
    for unit, scale in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        # 999,950 is 1M already: as 999.95k it would round to four digits that say 1000k.
        if abs(value) * 10_000 >= scale * 9_999.5:
            return f"{value / scale:.4g}{unit}"
    return str(value)


def scientific(value: int) -> str:
    """The shortest ``e`` form that :func:`parse_count` reads back exactly: ``1.5e9``."""
    digits = str(value)
    mantissa = digits.rstrip("0") or "0"
    exponent = len(digits) - 1
    if value < 10_000 or len(mantissa) > 4:
        return digits
    whole, rest = mantissa[0], mantissa[1:]
    return f"{whole}.{rest}e{exponent}" if rest else f"{whole}e{exponent}"


def parse_seconds(text: str) -> float:
    """``90``, ``90s``, ``10m``, ``1.5h`` in seconds.

    Raises:
        ExplorerError: it is no duration.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not match or float(match[1]) == 0:
        raise ExplorerError(f"a duration such as 90s, 10m or 1.5h; got '{text}'")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]
