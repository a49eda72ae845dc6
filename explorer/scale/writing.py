"""Numbers as a text writes them."""

from __future__ import annotations

from fractions import Fraction

from explorer.language import syntax
from explorer.space.trees import literal

_SHORT = 12  # digits of a decimal that anyone wants to read


def decimal(value: Fraction) -> str | None:
    """``1.1`` for 11/10; None for a number without a short exact decimal, such as a third."""
    for digits in range(_SHORT):
        scaled = abs(value) * 10**digits
        if scaled.denominator == 1:
            whole = f"{scaled.numerator:0{digits + 1}}"
            sign = "-" if value < 0 else ""
            return sign + (f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole)
    return None


def number(value: Fraction) -> syntax.Expr:
    """A positive number exactly: a decimal where it is short, a fraction otherwise."""
    text = decimal(value)
    return literal(value) if text is None else syntax.Number(text)


def factor(value: Fraction) -> str:
    """A factor for people: a decimal of at most four digits behind the point."""
    return decimal(Fraction(round(value * 10_000), 10_000)) or str(value)
