"""Random syntax trees: every value of ``syntax`` that some text means, comments included."""

from __future__ import annotations

from hypothesis import strategies as st

from explorer.language import syntax
from explorer.language.parser import grammar

KEYWORDS = {
    terminal.pattern.value
    for terminal in grammar().terminals
    if terminal.pattern.type == "str" and terminal.pattern.value.isidentifier()
}

names = st.one_of(
    st.sampled_from(["a", "n1", "r_2", "conv", "cell", "id", "same", "x", "e4", "i3a", "global"]),
    st.from_regex(r"[a-z_][a-z0-9_]{0,7}", fullmatch=True),
    st.sampled_from(["quite_a_long_name_of_a_value", "another_name_that_fills_a_line"]),
).filter(lambda name: name not in KEYWORDS)
numbers = st.one_of(
    st.integers(0, 4096).map(str),
    st.sampled_from(["0.4", "1.5", "1e-4", "2e9", "1e+3", "0.001", "007"]),
).map(syntax.Number)
dims = st.lists(st.integers(0, 999), min_size=2, max_size=3).map(
    lambda sizes: syntax.Dims(tuple(sizes))
)

_CALCULATION = ["+", "-", "*", "/", "//"]
_COMPARISON = ["==", "!=", "<", "<=", ">", ">="]
_SIGNS = [*_CALCULATION, *_COMPARISON, "and", "or"]


def _larger(inner: st.SearchStrategy[syntax.Expr]) -> st.SearchStrategy[syntax.Expr]:
    return st.one_of(
        st.builds(syntax.Binary, st.sampled_from(_SIGNS), inner, inner),
        st.builds(syntax.Unary, st.sampled_from(["-", "not"]), inner),
        st.builds(syntax.Function, names, _some(inner, 1, 3)),
    )


def _some(items: st.SearchStrategy, least: int, most: int) -> st.SearchStrategy[tuple]:
    return st.lists(items, min_size=least, max_size=most).map(tuple)


def _maybe(items: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(st.none(), items)


expressions = st.recursive(numbers | names.map(syntax.Name), _larger, max_leaves=5)
item = st.builds(syntax.Item, expressions, _maybe(names))
tuples = st.builds(syntax.Tuple, _some(item, 0, 3))
atoms = st.one_of(numbers, names.map(syntax.Name), dims, tuples)
positional = st.builds(syntax.Positional, atoms, _maybe(atoms))
named = st.builds(syntax.Named, names, atoms)
arguments = st.one_of(positional, named)

# ---- chains

_chains = st.deferred(lambda: _chain_of(st.one_of(_simple, _nested)))
_simple = st.one_of(
    st.builds(syntax.Apply, names, _some(arguments, 0, 4)),
    st.builds(syntax.Call, names, _some(item, 0, 6)),
)


def _chain_of(elements: st.SearchStrategy[syntax.Element]) -> st.SearchStrategy[syntax.Chain]:
    part = st.builds(syntax.Part, elements, _maybe(names))
    return st.builds(syntax.Chain, _some(part, 1, 4))


_plain = _chain_of(_simple)
_inner = st.one_of(_plain, _plain, _chains)
_kinds = st.sampled_from(["|", "+", "*"])
_repeat = st.builds(syntax.Repeat, atoms, _inner, st.booleans(), _maybe(names))
_branch = st.builds(syntax.Branch, _inner, _maybe(expressions))
_option = st.builds(syntax.Option, names, _inner)
_nested = st.one_of(
    st.builds(syntax.Group, _inner),
    _repeat,
    st.builds(syntax.Conditional, expressions, _inner, _maybe(_inner)),
    st.builds(syntax.Choose, names, _some(_option, 2, 3)),
    st.builds(syntax.Join, _kinds, _some(_branch, 2, 4)),
    st.builds(syntax.Splat, _kinds, _repeat),
)
chains = st.one_of(_plain, _chains)

# ---- comments, as the parser hands them out: no two blank lines together, nothing behind the text

_notes = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from('"#>|\t'), max_size=12
).map(lambda text: f"#{text}".rstrip())


def _lines(*, lead: bool, tail: bool) -> st.SearchStrategy[tuple[str, ...]]:
    """Comment lines and blank ones; a blank one may ``lead``, or stand at the ``tail``."""

    def tidy(lines: list[str]) -> tuple[str, ...]:
        kept: list[str] = []
        for line in lines:
            if line or ((kept or lead) and kept[-1:] != [""]):
                kept.append(line)
        while kept and not kept[-1] and not tail:
            kept.pop()
        return tuple(kept)

    lists = st.lists(st.one_of(st.just(""), _notes), max_size=3).map(tidy)
    return st.one_of(st.just(()), st.just(()), lists)


# ---- statements

_between = _lines(lead=True, tail=True)
_shared = {"before": _between, "after": _maybe(_notes)}
_titles = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=20)
_title = _titles.filter(lambda text: '"' not in text and len(text.splitlines()) == 1)
_span = st.builds(syntax.Span, expressions, expressions, _maybe(expressions), st.booleans())
_choices = st.builds(syntax.Choices, _some(expressions, 2, 4))
_counts = _some(named, 1, 3)

_param = st.builds(syntax.Param, names, expressions, **_shared)
_knob = st.builds(syntax.Knob, names, _span | _choices, _maybe(expressions), **_shared)
_lever = st.builds(syntax.Lever, names, _some(names, 2, 4), _maybe(names), **_shared)
_require = st.builds(syntax.Require, expressions, **_shared)
_line = st.builds(syntax.Line, chains, _maybe(names), **_shared)
_body = st.one_of(_param, _knob, _lever, _require, _line, _line)


@st.composite
def _inputs(draw: st.DrawFn) -> syntax.Input:
    rounded = draw(_maybe(atoms))
    return syntax.Input(
        draw(st.one_of(dims, tuples, numbers)),
        draw(_maybe(names)),
        draw(_maybe(names)),
        draw(_maybe(atoms)),
        None if rounded is None else draw(atoms),
        rounded,
        draw(_maybe(atoms)),
        before=draw(_between),
        after=draw(_shared["after"]),
    )


_sources = _maybe(_title)
_expect = st.builds(syntax.Expect, _counts, _sources, **_shared)
_plain_expect = st.builds(syntax.Expect, _counts, _sources)
_below = _lines(lead=True, tail=False)
_parameter = st.builds(syntax.Parameter, names, _maybe(expressions))
_statement = st.one_of(
    _line,
    _line,
    _body,
    st.builds(syntax.Block, names, _some(_parameter, 0, 4), _some(_body, 1, 3), _below, **_shared),
    st.builds(syntax.Language, st.integers(0, 99), **_shared),
    st.builds(syntax.Net, st.sampled_from(["net", "space"]), names, _maybe(_title), **_shared),
    st.builds(syntax.Use, st.just("") | _title, **_shared),
    _inputs(),
    st.builds(syntax.Default, names, _some(arguments, 1, 3), **_shared),
    st.builds(syntax.Output, _some(names, 1, 3), **_shared),
    _expect,
    st.builds(syntax.Member, names, tuples, _maybe(_plain_expect), **_shared),
    st.builds(syntax.Aux, numbers, chains, **_shared),
)


def _headed(statements: tuple[syntax.Statement, ...], before: tuple[str, ...]) -> tuple:
    """A text does not begin with a blank line."""
    from dataclasses import replace

    return (replace(statements[0], before=before), *statements[1:])


files = st.builds(
    syntax.File,
    st.just("random.net"),
    st.builds(_headed, _some(_statement, 1, 5), _lines(lead=False, tail=True)),
    _lines(lead=True, tail=False),
)
