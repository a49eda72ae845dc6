"""The arguments behind an op's name, matched with its signature."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from explorer.errors import NetError
from explorer.language import syntax
from explorer.language.printer import expression as show
from explorer.ops import ACTS, NORMS, Argument, Op, Parameter
from explorer.ops.base import REQUIRED
from explorer.space.expression import Expression, knob_paths, mentions_channels
from explorer.space.names import Frame, ValueName, Word, suggestion
from explorer.space.template import OpArgument
from explorer.space.written import written

Resolve = Callable[[syntax.Expr], Expression]
Arguments = dict[str, OpArgument]

# norm= and act= belong to the ops that take them, and become nodes of their own.
_TAIL = {
    "norm": Parameter("norm", Argument.WORD, default="none", words=tuple(NORMS)),
    "act": Parameter("act", Argument.WORD, default="none", words=tuple(ACTS)),
}


def read_arguments(
    op: type[Op], written: tuple[syntax.Argument, ...], resolve: Resolve, frame: Frame | None
) -> Arguments:
    """The arguments as written, by parameter; ``frame`` knows the values that one may name.

    Raises:
        NetError: more than the op takes, an unknown name, a word that is not allowed.
    """
    found: Arguments = {}
    positions = iter(op.signature.positional)
    for argument in written:
        argument = _spelled(argument, frame)
        if isinstance(argument, syntax.Named) and _is_value(op, argument):
            found[argument.name] = _value(_named(op, argument), argument, frame)
            continue
        for given in _one(op, argument, positions, resolve):
            if given.parameter.name in found:
                message = f"{op.name} is given its {given.parameter.name} twice"
                raise NetError(message, argument.place)
            found[given.parameter.name] = given
    return found


def _one(
    op: type[Op], argument: syntax.Argument, positions: Iterator[Parameter], resolve: Resolve
) -> Iterator[OpArgument]:
    """What one argument says; two things when a stride stands behind it."""
    if isinstance(argument, syntax.Named):
        yield _argument(op, _named(op, argument), argument.value, resolve)
    elif (flag := _flag(op, argument)) is not None:
        yield flag
    else:
        parameter = next(positions, None) or _too_many(op, argument)
        try:
            yield _argument(op, parameter, argument.value, resolve)
        except NetError as error:
            raise _or_flag(op, argument, error) from None
        if argument.over is not None:
            over = op.signature.over
            if over is None or parameter is not op.signature.positional[0]:
                raise NetError(_no_over(op, argument), argument.over.place)
            yield _argument(op, over, argument.over, resolve)


def _or_flag(op: type[Op], argument: syntax.Positional, error: NetError) -> NetError:
    """The error that a word is no number, with the word of the op that it may be meant to be."""
    word = argument.value.name if isinstance(argument.value, syntax.Name) else ""
    hint = suggestion(word, list(op.signature.flags))
    if not hint or "did you mean" in error.message:
        return error
    return NetError(error.message + hint, error.place, error.calls)


def _spelled(argument: syntax.Argument, frame: Frame | None) -> syntax.Argument:
    """The argument with the word that a block was given for its parameter."""
    if frame and isinstance(argument, syntax.Named) and isinstance(argument.value, syntax.Name):
        meaning = frame.find(argument.value.name)
        if isinstance(meaning, Word):
            return replace(argument, value=replace(argument.value, name=meaning.word))
    return argument


def _is_value(op: type[Op], argument: syntax.Named) -> bool:
    parameter = op.signature.parameters().get(argument.name)
    return parameter is not None and parameter.kind is Argument.VALUE


def _value(parameter: Parameter, argument: syntax.Named, frame: Frame | None) -> OpArgument:
    """The value that an op reads beside the one that arrives."""
    word = argument.value.name if isinstance(argument.value, syntax.Name) else None
    meaning = frame.find(word) if frame and word else None
    if not isinstance(meaning, ValueName):
        values = frame.values() if frame else []
        hint = suggestion(word or "", values)
        message = f"{parameter.name}= takes the name of a value, got {show(argument.value)}{hint}"
        raise NetError(message, argument.value.place)
    return OpArgument(parameter, key=meaning.key)


def fill(op: type[Op], given: Mapping[str, OpArgument], place: syntax.Located) -> Arguments:
    """The arguments with the op's own defaults behind them.

    Raises:
        NetError: an argument that must be written is missing.
    """
    filled: Arguments = {}
    for name, parameter in op.signature.parameters().items():
        if name in given:
            filled[name] = given[name]
        elif parameter.default is REQUIRED:
            raise NetError(f"{op.name} needs {usage(op)}; {name} is missing", place.place)
        else:
            filled[name] = OpArgument(parameter, word=parameter.default)
    return filled


def tail_word(given: Mapping[str, OpArgument], name: str) -> str:
    """What ``norm=`` or ``act=`` says."""
    argument = given.get(name)
    return str(argument.word) if argument else str(_TAIL[name].default)


def _no_over(op: type[Op], argument: syntax.Positional) -> str:
    """What is wrong with a ``/`` behind an argument."""
    assert argument.over is not None
    sum_ = f"arithmetic stands in parentheses: ({show(argument.value)}/{show(argument.over)})"
    over = op.signature.over
    where = f"its {over.name} stands behind its {op.signature.positional[0].name}, " if over else ""
    return f"{op.name} takes no '/' here; {where}{sum_}"


def usage(op: type[Op]) -> str:
    """The op's arguments as its reference writes them: ``kernel[/stride] channels``."""
    words = [parameter.name for parameter in op.signature.positional]
    over = op.signature.over
    if over and words:
        words[0] += f"/{over.name}" if over.default is REQUIRED else f"[/{over.name}]"
    return " ".join(words) or "no arguments"


def _named(op: type[Op], argument: syntax.Named) -> Parameter:
    known = {parameter.name: parameter for parameter in op.signature.named}
    if op.tail:
        known |= _TAIL
    if argument.name not in known:
        message = f"{op.name} has no '{argument.name}='; {_taken(op, argument, list(known))}"
        raise NetError(message, argument.place)
    return known[argument.name]


def _taken(op: type[Op], argument: syntax.Named, known: list[str]) -> str:
    """What an op takes in the place of a name that it does not know."""
    over = op.signature.over
    if over and argument.name == over.name:
        first = op.signature.positional[0].name
        return f"the {over.name} stands behind the {first}: 3x3/{show(argument.value)}"
    by_word = {name for name, _ in op.signature.flags.values()}
    said = [name for name in known if name not in by_word or name == "pad"]
    names = ", ".join([*(f"{name}=" for name in said), *op.signature.flags])
    return f"it takes {names or 'no named arguments'}{suggestion(argument.name, known)}"


def _flag(op: type[Op], argument: syntax.Positional) -> OpArgument | None:
    if not isinstance(argument.value, syntax.Name):
        return None
    target = op.signature.flags.get(argument.value.name)
    if target is None:
        return None
    if argument.over is not None:
        raise NetError(f"'{argument.value.name}' takes no '/'", argument.place)
    name, value = target
    return OpArgument(op.signature.parameters()[name], word=value)


def _argument(
    op: type[Op], parameter: Parameter, value: syntax.Expr, resolve: Resolve
) -> OpArgument:
    if isinstance(value, syntax.Name) and _is_word(parameter, value.name):
        return OpArgument(parameter, word=value.name)
    if parameter.kind is Argument.WORD:
        raise NetError(_no_word(op, parameter, value), value.place)
    sizes = _sizes(value) if parameter.kind in (Argument.SIZES, Argument.PADDING) else None
    if sizes is not None:
        found = tuple(resolve(size) for size in sizes)
        said = tuple(written(size, resolve) for size in sizes)
        return OpArgument(parameter, found, is_tuple=True, written=said)
    if isinstance(value, syntax.Dims) and parameter is not next(iter(op.signature.positional), 0):
        raise NetError(f"{op.name} takes {usage(op)}, in this order", value.place)
    expression = resolve(value)
    scaled = parameter.kind is Argument.WIDTH and not (
        mentions_channels(expression) or "classes" in knob_paths(expression)
    )
    said = (written(value, resolve),)
    return OpArgument(parameter, (expression,), scaled=scaled, written=said)


def _no_word(op: type[Op], parameter: Parameter, value: syntax.Expr) -> str:
    """What is wrong with a value where a word is wanted."""
    got = show(value)
    if parameter.words:
        hint = suggestion(got, list(parameter.words))
        return f"{parameter.name}= takes one of: {', '.join(parameter.words)}; got {got}{hint}"
    words = [word for word, (name, _) in op.signature.flags.items() if name == parameter.name]
    return f"{parameter.name}= is said by a bare word: {' or '.join(words)}"


def _is_word(parameter: Parameter, word: str) -> bool:
    if parameter.kind is Argument.PADDING:
        return word in ("same", "valid")
    return parameter.kind is Argument.WORD and word in parameter.words


def _sizes(value: syntax.Expr) -> tuple[syntax.Expr, ...] | None:
    """The sizes of ``1x7`` or ``(1, k)``; None for a single number."""
    if isinstance(value, syntax.Dims):
        return tuple(syntax.Number(str(size), place=value.place) for size in value.sizes)
    if isinstance(value, syntax.Tuple) and len(value.items) > 1:
        named = next((item for item in value.items if item.name is not None), None)
        if named is not None:
            raise NetError(f"sizes have no names, got '{named.name}='", named.place)
        return tuple(item.value for item in value.items)
    return None


def _too_many(op: type[Op], argument: syntax.Positional) -> Parameter:
    hint = ""
    if isinstance(argument.value, syntax.Name):
        hint = suggestion(argument.value.name, list(op.signature.flags))
    raise NetError(f"{op.name} takes {usage(op)}; this is one more{hint}", argument.place)
