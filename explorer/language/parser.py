"""Text to syntax. The grammar is data (``grammar.lark``); this file only names its pieces."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, Tree
from lark.exceptions import UnexpectedInput, VisitError
from lark.indenter import DedentError, Indenter
from lark.tree import Meta

from explorer.errors import Place, TextError
from explorer.language import syntax
from explorer.language.comments import Comments
from explorer.language.refused import refused


class _Layout(Indenter):
    """Indentation opens and closes block bodies; inside brackets newlines mean nothing."""

    NL_type = "_NL"
    OPEN_PAREN_types = ["LPAR", "LSQB", "LBRACE", "CALL"]  # noqa: RUF012 - the names lark asks for
    CLOSE_PAREN_types = ["RPAR", "RSQB", "RBRACE"]  # noqa: RUF012
    INDENT_type = "_INDENT"
    DEDENT_type = "_DEDENT"
    tab_len = 8

    def handle_NL(self, token: Token) -> Iterator[Token]:  # noqa: N802 - lark's name
        """Lark's own, which does not say where a line has a depth of its own."""
        try:
            yield from super().handle_NL(token)
        except DedentError:
            raise _DepthError(token.end_line or token.line or 1) from None


class _DepthError(Exception):
    """The line with this number is indented as no line above it is."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


# Of an input; no keywords, so they may be names too.
_SETTINGS = ("classes", "width", "rounded", "dtype")
_LONGEST = 50  # digits of a number, and 99 is the largest exponent


@cache
def grammar() -> Lark:
    """The parser that the grammar file describes."""
    text = files("explorer.language").joinpath("grammar.lark").read_text("utf-8")
    return Lark(text, parser="lalr", postlex=_Layout(), propagate_positions=True)


def parse(text: str, file: str = "<text>") -> syntax.File:
    """The syntax tree of ``text``.

    Args:
        text: a net or a space in the graph language.
        file: the name that errors print.

    Raises:
        TextError: the text is not in the language; it carries the place.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip() + "\n"
    lines = text[:-1].split("\n")
    try:
        tree = grammar().parse(text)
    except UnexpectedInput as error:
        raise refused(error, grammar(), file, lines) from None
    except _DepthError as error:
        source = lines[error.line - 1]
        width = len(source) - len(source.lstrip())
        place = Place(file, error.line, 1, width, source, error.line)
        raise TextError("no line above is indented to this depth", place) from None
    try:
        parsed: syntax.File = _Build(file, lines).transform(tree)
    except (VisitError, RecursionError) as error:
        cause = getattr(error, "orig_exc", error)
        if isinstance(cause, RecursionError):
            raise TextError(f"{file}: brackets or signs are nested too deeply") from None
        raise cause from None
    return Comments(text).attach(parsed)


class _Build(Transformer[Token, syntax.File]):
    """One method a rule of the grammar, each making one value of the syntax tree."""

    def __init__(self, file: str, lines: list[str]) -> None:
        super().__init__(visit_tokens=False)
        self._file = file
        self._lines = lines

    def _call_userfunc(self, tree: Tree[Token], new_children: list[Any] | None = None) -> Any:
        """Lark's own, which takes a third of the time of parsing where methods ask for ``meta``."""
        parts = tree.children if new_children is None else new_children
        # A token compares in Python, which a lookup next to the recursion limit takes for "no".
        return getattr(self, str(tree.data))(tree.meta, parts)

    def _place(self, meta: Meta) -> Place:
        source = self._lines[meta.line - 1]
        same_line = meta.end_line == meta.line
        width = (meta.end_column if same_line else len(source) + 1) - meta.column
        return Place(self._file, meta.line, meta.column, width, source, meta.end_line)

    def _number(self, token: Token, meta: Meta) -> str:
        """The text of a number, refused where its value would fill the memory."""
        digits, _, exponent = token.partition("e")
        sizes = digits.split("x")
        if max(map(len, sizes)) > _LONGEST or len(exponent.lstrip("+-0")) > 2:
            message = f"a number has at most {_LONGEST} digits, and an exponent at most two"
            raise TextError(message, self._place(meta))
        return str(token)

    # ---- header

    def start(self, meta: Meta, statements: list[syntax.Statement]) -> syntax.File:
        return syntax.File(self._file, tuple(statements))

    def language(self, meta: Meta, parts: list[Token]) -> syntax.Language:
        version = self._number(parts[0], meta)
        if not version.isdigit():
            message = f"the version of the language is a whole number, got {version}"
            raise TextError(message, self._place(meta))
        return syntax.Language(int(version), place=self._place(meta))

    def net(self, meta: Meta, parts: list[Any]) -> syntax.Net:
        kind, name, title = parts
        quoted = (str(title)[1:-1] or None) if title else None
        word: Any = str(kind)
        return syntax.Net(word, str(name), quoted, place=self._place(meta))

    def use(self, meta: Meta, parts: list[Token]) -> syntax.Use:
        return syntax.Use(str(parts[0])[1:-1], place=self._place(meta))

    def input(self, meta: Meta, parts: list[Any]) -> syntax.Input:
        name, kind, shape, *settings = parts
        given: dict[str, syntax.Expr] = {}
        for setting in settings:
            if setting.name not in _SETTINGS:
                message = f"an input has no '{setting.name}'; allowed: {', '.join(_SETTINGS)}"
                raise TextError(message, setting.place)
            if setting.name in given:
                raise TextError(f"'{setting.name}' is said twice", setting.place)
            given[setting.name] = setting.value
        if ("width" in given) != ("rounded" in given):
            alone = next(setting for setting in settings if setting.name in ("width", "rounded"))
            raise TextError("these stand together: width 1 rounded 8", alone.place)
        label, word = (str(token) if token else None for token in (name, kind))
        values = (given.get(setting) for setting in _SETTINGS)
        return syntax.Input(shape, label, word, *values, place=self._place(meta))

    def output(self, meta: Meta, parts: list[Token]) -> syntax.Output:
        return syntax.Output(tuple(map(str, parts)), place=self._place(meta))

    def default(self, meta: Meta, parts: list[Any]) -> syntax.Default:
        return syntax.Default(str(parts[0]), tuple(parts[1:]), place=self._place(meta))

    def expect(self, meta: Meta, parts: list[Any]) -> syntax.Expect:
        *counts, source = parts
        quoted = str(source)[1:-1] if source else None
        return syntax.Expect(tuple(counts), quoted, place=self._place(meta))

    def member(self, meta: Meta, parts: list[Any]) -> syntax.Member:
        name, values, expect = parts
        return syntax.Member(str(name), values, expect, place=self._place(meta))

    # ---- what may vary

    def param(self, meta: Meta, parts: list[Any]) -> syntax.Param:
        return syntax.Param(str(parts[0]), parts[1], place=self._place(meta))

    def knob(self, meta: Meta, parts: list[Any]) -> syntax.Knob:
        name, default, domain = parts
        return syntax.Knob(str(name), domain, default, place=self._place(meta))

    def span(self, meta: Meta, parts: list[Any]) -> syntax.Span:
        low, high, step, log = parts
        return syntax.Span(low, high, step, log is not None, place=self._place(meta))

    def choices(self, meta: Meta, parts: list[Any]) -> syntax.Choices:
        return syntax.Choices(tuple(parts), place=self._place(meta))

    def lever(self, meta: Meta, parts: list[Any]) -> syntax.Lever:
        name, default, *alternatives = parts
        chosen = str(default) if default else None
        names = tuple(str(word) for word in alternatives)
        return syntax.Lever(str(name), names, chosen, place=self._place(meta))

    def require(self, meta: Meta, parts: list[Any]) -> syntax.Require:
        return syntax.Require(parts[0], place=self._place(meta))

    # ---- blocks and lines

    def block(self, meta: Meta, parts: list[Any]) -> syntax.Block:
        name, *rest = parts
        parameters = tuple(part for part in rest if isinstance(part, syntax.Parameter))
        body = tuple(part for part in rest if isinstance(part, syntax.Statement))
        return syntax.Block(str(name)[:-1], parameters, body, place=self._place(meta))

    def parameter(self, meta: Meta, parts: list[Any]) -> syntax.Parameter:
        return syntax.Parameter(str(parts[0]), parts[1], place=self._place(meta))

    def aux(self, meta: Meta, parts: list[Any]) -> syntax.Aux:
        weight = syntax.Number(self._number(parts[0], meta))
        return syntax.Aux(weight, parts[1], place=self._place(meta))

    def line(self, meta: Meta, parts: list[Any]) -> syntax.Line:
        label = str(parts[0]) if parts[0] else None
        return syntax.Line(parts[1], label, place=self._place(meta))

    # ---- chains

    def chain(self, meta: Meta, parts: list[syntax.Part]) -> syntax.Chain:
        return syntax.Chain(tuple(parts), place=self._place(meta))

    def part(self, meta: Meta, parts: list[Any]) -> syntax.Part:
        alias = str(parts[1]) if parts[1] else None
        return syntax.Part(parts[0], alias, place=self._place(meta))

    def apply(self, meta: Meta, parts: list[Any]) -> syntax.Apply:
        return syntax.Apply(str(parts[0]), tuple(parts[1:]), place=self._place(meta))

    def call(self, meta: Meta, parts: list[Any]) -> syntax.Call:
        items = tuple(part for part in parts[1:] if part is not None)
        return syntax.Call(str(parts[0])[:-1], items, place=self._place(meta))

    def group(self, meta: Meta, parts: list[syntax.Chain]) -> syntax.Group:
        return syntax.Group(parts[0], place=self._place(meta))

    def repeat(self, meta: Meta, parts: list[Any]) -> syntax.Repeat:
        count, each, counter, chain = parts
        name = str(counter) if counter else None
        return syntax.Repeat(count, chain, each is not None, name, place=self._place(meta))

    def conditional(self, meta: Meta, parts: list[Any]) -> syntax.Conditional:
        return syntax.Conditional(*parts, place=self._place(meta))

    def choose(self, meta: Meta, parts: list[Any]) -> syntax.Choose:
        return syntax.Choose(str(parts[0]), tuple(parts[1:]), place=self._place(meta))

    def option(self, meta: Meta, parts: list[Any]) -> syntax.Option:
        return syntax.Option(str(parts[0]), parts[1], place=self._place(meta))

    def concat(self, meta: Meta, branches: list[syntax.Branch]) -> syntax.Join:
        return syntax.Join("|", tuple(branches), place=self._place(meta))

    def sum(self, meta: Meta, branches: list[syntax.Branch]) -> syntax.Join:
        return syntax.Join("+", _without_signs(branches), place=self._place(meta))

    def product(self, meta: Meta, branches: list[syntax.Branch]) -> syntax.Join:
        return syntax.Join("*", _without_signs(branches), place=self._place(meta))

    def branch(self, meta: Meta, parts: list[Any]) -> syntax.Branch:
        return syntax.Branch(parts[0], parts[1], place=self._place(meta))

    def splat(self, meta: Meta, parts: list[Any]) -> syntax.Splat:
        kind: Any = str(parts[0])
        return syntax.Splat(kind, parts[1], place=self._place(meta))

    # ---- arguments

    def positional(self, meta: Meta, parts: list[Any]) -> syntax.Positional:
        return syntax.Positional(parts[0], parts[1], place=self._place(meta))

    def named(self, meta: Meta, parts: list[Any]) -> syntax.Named:
        return syntax.Named(str(parts[0]), parts[1], place=self._place(meta))

    setting = named

    def item(self, meta: Meta, parts: list[Any]) -> syntax.Item:
        return syntax.Item(parts[0], place=self._place(meta))

    def named_item(self, meta: Meta, parts: list[Any]) -> syntax.Item:
        return syntax.Item(parts[1], str(parts[0]), place=self._place(meta))

    def tuple(self, meta: Meta, parts: list[Any]) -> syntax.Tuple:
        items = tuple(part for part in parts if part is not None)
        return syntax.Tuple(items, place=self._place(meta))

    # ---- expressions

    def number(self, meta: Meta, parts: list[Token]) -> syntax.Number:
        return syntax.Number(self._number(parts[0], meta), place=self._place(meta))

    def name(self, meta: Meta, parts: list[Token]) -> syntax.Name:
        return syntax.Name(str(parts[0]), place=self._place(meta))

    def dims(self, meta: Meta, parts: list[Token]) -> syntax.Dims:
        sizes = tuple(int(size) for size in self._number(parts[0], meta).split("x"))
        return syntax.Dims(sizes, place=self._place(meta))

    def binary(self, meta: Meta, parts: list[Any]) -> syntax.Binary:
        left, sign, right = parts
        return syntax.Binary(str(sign), left, right, place=self._place(meta))

    compare = binary

    def greater(self, meta: Meta, parts: list[Any]) -> syntax.Binary:
        return syntax.Binary(">", parts[0], parts[1], place=self._place(meta))

    def either(self, meta: Meta, parts: list[Any]) -> syntax.Binary:
        return syntax.Binary("or", parts[0], parts[1], place=self._place(meta))

    def both(self, meta: Meta, parts: list[Any]) -> syntax.Binary:
        return syntax.Binary("and", parts[0], parts[1], place=self._place(meta))

    def negation(self, meta: Meta, parts: list[Any]) -> syntax.Unary:
        return syntax.Unary("not", parts[0], place=self._place(meta))

    def minus(self, meta: Meta, parts: list[Any]) -> syntax.Unary:
        return syntax.Unary("-", parts[1], place=self._place(meta))

    def function(self, meta: Meta, parts: list[Any]) -> syntax.Function:
        return syntax.Function(str(parts[0])[:-1], tuple(parts[1:]), place=self._place(meta))


def _without_signs(parts: list[Any]) -> tuple[syntax.Branch, ...]:
    return tuple(part for part in parts if isinstance(part, syntax.Branch))
