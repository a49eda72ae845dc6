"""The expressions of a text, for all assignments at once: exact fractions of :class:`Number`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from explorer.cost.batch.atoms import Exact
from explorer.cost.batch.numbers import Algebra, Number
from explorer.cost.batch.truth import Truth, UncompilableError
from explorer.space.expression import Channels, Constant, Expression, Ref, calculate

LARGEST = 10**15  # what the language allows a number to be


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """A fraction; ``under`` is above zero."""

    over: Exact
    under: Exact

    def __lt__(self, other: int) -> Any:
        return self.over < other * self.under

    def __le__(self, other: int) -> Any:
        return self.over <= other * self.under

    def __ge__(self, other: int) -> Any:
        return self.over >= other * self.under

    def __eq__(self, other: object) -> Any:
        return self.over == other * self.under

    def __ne__(self, other: object) -> Any:
        return self.over != other * self.under

    __hash__ = None  # type: ignore[assignment]


Value = Any  # int | Fraction | bool | Number | Truth | Ratio


@dataclass(frozen=True, slots=True)
class Formulas:
    """Reads expressions.

    Attributes:
        knobs: what each knob is, by path.
        channels: how many channels entered each call that is open.
    """

    algebra: Algebra
    knobs: Mapping[str, Value]
    channels: Mapping[str, Exact]

    def value(self, expression: Expression) -> Value:
        """What an expression is.

        Raises:
            NetError: arithmetic of constants that has no result.
            UncompilableError: arithmetic that may have none.
        """
        match expression:
            case Constant(value):
                return value
            case Ref(path):
                return self.knobs[path]
            case Channels(key):
                return self.channels[key]
        values = [self.value(operand) for operand in expression.operands]
        if not any(isinstance(value, (Number, Truth, Ratio)) for value in values):
            return calculate(expression.function, values, expression.place)
        return self._calculate(expression.function, values)

    def truth(self, value: Value) -> Truth:
        """Whether a value counts as true: a condition, or a number that is not zero."""
        truths = self.algebra.truths
        if isinstance(value, (bool, Truth)):
            return truths.of(value)
        over = value.over if isinstance(value, Ratio) else value
        return truths.of(over != 0)

    def whole(self, value: Value) -> tuple[Exact, Truth | bool]:
        """A value rounded down, and whether that is what it was: a truth value is no number."""
        if isinstance(value, (bool, Truth)):
            return 1, False
        over, under = self._parts(value)
        if isinstance(under, int) and under == 1:
            return over, True
        return over // under, over % under == 0

    def greater(self, value: Value, bound: int) -> Truth | bool:
        """Whether a value, rounded down, is above a whole number."""
        over, under = self._parts(value)
        whole: Exact = over // under
        truth: Truth | bool = whole > bound
        return truth

    def rounded_width(self, value: Exact, width: Fraction, multiple: int) -> Exact:
        """A channel count under the net's width."""
        scaled = self._divide(width.numerator * value, width.denominator)
        return self._round_width(scaled, multiple)

    # ---- functions

    def _calculate(self, function: str, values: Sequence[Value]) -> Value:
        if function in ("and", "or"):
            left, right = (self.truth(value) for value in values)
            return left & right if function == "and" else left | right
        if function == "not":
            return ~self.truth(values[0])
        if function == "scaled":
            value, width, multiple = values
            return self._round_width(self._calculate("*", (value, width)), multiple)
        parts = [self._parts(value) for value in values]
        if function in ("max", "min"):
            return self._extreme(parts, largest=function == "max")
        if function in _COMPARISONS:
            (a, b), (c, d) = parts
            return _COMPARISONS[function](a * d, c * b)
        return self._arithmetic(function, parts)

    def _arithmetic(self, function: str, parts: Sequence[tuple[Exact, Exact]]) -> Value:
        (a, b), (c, d) = (*parts, (0, 1))[:2]
        match function:
            case "+" | "-":
                c = -c if function == "-" else c
                same = isinstance(b, int) and isinstance(d, int) and b == d
                return self._divide(a + c, b) if same else self._divide(a * d + c * b, b * d)
            case "*":
                return self._divide(a * c, b * d)
            case "/":
                return self._divide(*_upright(a * d, b * c))
            case "//":
                over, under = _upright(a * d, b * c)
                return self._small(over // under)
            case "negative":
                return self._divide(-a, b)
            case "floor":
                return a // b
            case "ceil":
                return -(-a // b)
            case "round":
                return (2 * a + b) // (2 * b)
            case "to8":
                return self._round_width(self._divide(a, b), 8)
        raise UncompilableError(f"'{function}' is not known")

    def _extreme(self, parts: Sequence[tuple[Exact, Exact]], largest: bool) -> Value:
        if not all(isinstance(under, int) for _, under in parts):
            raise UncompilableError("the largest or smallest of fractions of knobs")
        common, sign = lcm(*(under for _, under in parts)), 1 if largest else -1
        values = (over * (sign * common // under) for over, under in parts)
        return self._divide(self.algebra.largest(values) * sign, common)

    def _round_width(self, value: Value, multiple: int) -> Exact:
        """The arithmetic of :func:`explorer.space.expression.round_width`."""
        over, under = self._parts(value)
        truths = self.algebra.truths
        nearest = (2 * over + multiple * under) // (2 * under * multiple) * multiple
        low = truths.of(nearest < multiple)
        rounded = self.algebra.switch([(low, multiple), (~low, nearest)])
        short = truths.of(rounded * 10 * under < 9 * over)
        return self.algebra.switch([(short, rounded + multiple), (~short, rounded)])

    def _parts(self, value: Value) -> tuple[Exact, Exact]:
        if isinstance(value, Ratio):
            return value.over, value.under
        if isinstance(value, Fraction):
            return value.numerator, value.denominator
        if isinstance(value, Truth):
            return self.algebra.mask(value), 1
        return (value if isinstance(value, Number) else int(value)), 1

    def _divide(self, over: Exact, under: Exact) -> Value:
        """A fraction in lowest terms, as far as that is seen; a number when it is whole."""
        if isinstance(under, int):
            if isinstance(over, int):
                return Fraction(over, under) if over % under else over // under
            common = gcd(under, *over.terms.values())
            if common > 1:
                over = self.algebra.made({p: f // common for p, f in over.terms.items()})
                under //= common
            if under == 1:
                return self._small(over)
        return Ratio(self._small(over), under)

    def _small(self, value: Exact) -> Exact:
        """Refuse what the language would for some of the assignments."""
        low, high = value.bounds if isinstance(value, Number) else (value, value)
        if max(-low, high) > LARGEST:
            raise UncompilableError("a number may lie beyond 10^15")
        return value


def _upright(over: Exact, under: Exact) -> tuple[Exact, Exact]:
    """A fraction with what is above zero below the line."""
    low, high = under.bounds if isinstance(under, Number) else (under, under)
    if low > 0:
        return over, under
    if high < 0:
        return -over, -under
    raise UncompilableError("a division by what may be zero")


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
}
