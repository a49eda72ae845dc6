"""What may stand at a place of a text, in words that a reader of the language knows."""

from __future__ import annotations

from collections.abc import Iterable

from lark import Lark

# Tokens that a reader sees as one thing, the larger sets first.
_GROUPS = (
    (
        "a statement",
        *("NET", "SPACE", "LANGUAGE", "USE", "INPUT", "OUTPUT", "DEFAULT", "EXPECT", "MEMBER"),
        *("PARAM", "KNOB", "LEVER", "REQUIRE", "AUX", "BLOCK"),
    ),
    ("a param, knob, lever or requirement", "PARAM", "KNOB", "LEVER", "REQUIRE"),
    ("a comparison", "COMPARE", "MORETHAN"),
    ("an operator", "PLUS", "MINUS", "STAR", "SLASH", "FLOOR"),
    ("an operator", "PLUS", "MINUS"),
    ("'and' or 'or'", "AND", "OR"),
    ("a chain", "NAME", "CALL", "LPAR", "REPEAT", "IF", "CHOOSE", "LSQB"),
    ("a condition or a number", "NOT", "MINUS", "LPAR", "CALL", "NAME", "NUMBER"),
    ("a number", "MINUS", "LPAR", "CALL", "NAME", "NUMBER"),
    ("a number, a name or sizes like 3x3", "LPAR", "NAME", "NUMBER", "DIMS"),
)
_WORDS = {
    "NAME": "a name",
    "NUMBER": "a number",
    "DIMS": "sizes like 3x3",
    "STRING": "a quoted text",
    "CALL": "a call like cell(1, 2)",
    "COMPARE": "a comparison",
    "MORETHAN": "'>'",
    "_NL": "the end of the line",
    "$END": "the end of the text",
    "_INDENT": "an indented line",
    "_DEDENT": "the end of the block",
}


def words(tokens: Iterable[str], parser: Lark) -> str:
    """The kinds of token as a list in words, those that belong together as one."""
    left = set(tokens)
    said: list[str] = []
    for name, *group in _GROUPS:
        if left.issuperset(group):
            left -= set(group)
            said.append(name)
    said += sorted(_word(token, parser) for token in left)
    return ", ".join(said)


def _word(name: str, parser: Lark) -> str:
    if name in _WORDS:
        return _WORDS[name]
    pattern = parser.get_terminal(name).pattern
    return f"'{pattern.value}'" if pattern.type == "str" else name.lower()
