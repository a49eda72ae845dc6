"""Names: what they may be, what they mean in a block, and the paths that they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from explorer.errors import NetError, Place
from explorer.ops import ACTS, NORMS, OPS
from explorer.space.expression import NAMED, Expression, Value

_WORDS = {"classes", "channels", "input", "before", "id", "zero", "same", "valid", "ceil", "global"}
_WORDS |= {
    "excludepad",
    "repeat",
    "each",
    "if",
    "else",
    "choose",
    "when",
    "as",
    "in",
    "step",
    "log",
}
_WORDS |= {"net", "space", "knob", "lever", "param", "block", "require", "default", "expect"}
_WORDS |= {"language", "use", "member", "aux", "output", "and", "or", "not", *NAMED}

# Attributes of torch.nn.Module: a layer of that name would hide one. A test keeps this complete.
_TORCH = frozenset(
    """
    add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half ipu load_state_dict modules mtia named_buffers named_children named_modules
    named_parameters parameters register_backward_hook register_buffer register_forward_hook
    register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module
    register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
    set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu
    zero_grad
    """.split()
)


def check_name(name: str, place: Place | None, is_value: bool = False) -> None:
    """A name that is declared must not mean something already.

    Raises:
        NetError: it is a word of the language, an op, or (for values) an attribute of torch's.
    """
    where = place.at(name) if place else None
    if is_reserved(name):
        raise NetError(f"'{name}' is a word of the language; choose another name", where)
    if is_value and name in _TORCH:
        raise NetError(
            f"'{name}' is an attribute of every torch module; choose another name", where
        )


def is_reserved(name: str) -> bool:
    """Whether a name is a word of the language, which nothing of a text may be called."""
    return name in _WORDS or name in OPS


def twice(name: str, place: Place | None, first: Place | None) -> NetError:
    """The error that a name is declared again."""
    before = f"; first in line {first.line}" if first else ""
    return NetError(f"'{name}' is declared twice{before}", place.at(name) if place else None)


@dataclass(frozen=True, slots=True)
class LeverName:
    """A name that means a lever."""

    path: str


@dataclass(frozen=True, slots=True)
class ValueName:
    """A name that means a value computed earlier."""

    key: str


@dataclass(frozen=True, slots=True)
class Word:
    """A name that means an activation or a normalisation, as ``act=`` and ``norm=`` take them."""

    word: str

    @property
    def op(self) -> str | None:
        """The op that the word stands for; None for ``none``."""
        return (NORMS | ACTS)[self.word]


Meaning = Expression | LeverName | ValueName | Word


@dataclass(slots=True)
class Frame:
    """The names inside one call of a block (or at the top), and how it was reached."""

    entry: str
    names: dict[str, Meaning] = field(default_factory=dict)
    outer: Frame | None = None
    calls: tuple[Place, ...] = ()
    blocks: tuple[str, ...] = ()
    scaling: tuple[Value, int] = (1, 1)  # the net's width, and the multiple that it rounds to
    places: dict[str, Place | None] = field(default_factory=dict)  # of what is declared here
    labels: set[str] = field(default_factory=set)  # of the lines here, also of those below

    def find(self, name: str) -> Meaning | None:
        if name in self.names:
            return self.names[name]
        return self.outer.find(name) if self.outer else None

    def declare(self, name: str, meaning: Meaning, place: Place | None) -> None:
        """Give a name its meaning, once.

        Raises:
            NetError: the name is taken.
        """
        check_name(name, place, is_value=isinstance(meaning, ValueName))
        if name in self.names:
            error = twice(name, place, self.places.get(name))
            raise NetError(error.message, error.place, self.calls)
        self.names[name] = meaning
        self.places[name] = place

    def all_labels(self) -> set[str]:
        """The labels of lines here and around."""
        return self.labels | (self.outer.all_labels() if self.outer else set())

    def visible(self) -> list[str]:
        return [*self.names, *(self.outer.visible() if self.outer else [])]

    def values(self) -> list[str]:
        """The names that mean values."""
        return [name for name in self.visible() if isinstance(self.find(name), ValueName)]


@dataclass(slots=True)
class PathScope:
    """The prefix of the paths of what stands inside, and the names already taken there.

    ``path`` names nodes, with every copy counted; ``knobs`` names knobs, where only the copies of
    ``repeat ... each`` are.
    """

    path: str = ""
    knobs: str = ""
    taken: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def reserve(self, labels: Iterable[str]) -> None:
        """Keep these names for the lines that carry them, whatever stands before those."""
        self.taken.update(labels)

    def labelled(self, label: str) -> PathScope:
        """The scope of a labelled line, whose name was reserved."""
        return self._inner(label)

    def numbered(self, word: str) -> str:
        """The path of the next nameless thing of a kind: ``conv1``, ``conv2``."""
        return self.inside(self._next(word))

    def child(self, word: str) -> PathScope:
        """The scope of a thing with a name of its own; a second one gets a number."""
        if word in self.taken:
            return self.numbered_child(word)
        self.taken.add(word)
        self.counts[word] = max(1, self.counts[word])
        return self._inner(word)

    def numbered_child(self, word: str) -> PathScope:
        return self._inner(self._next(word))

    def copy(self, number: int, each: bool) -> PathScope:
        """The scope of one copy of a ``repeat``, counted from 1."""
        return PathScope(
            self.inside(str(number)), f"{self.knobs}[{number}]" if each else self.knobs
        )

    def inside(self, word: str) -> str:
        return f"{self.path}.{word}" if self.path else word

    def _next(self, word: str) -> str:
        while True:
            self.counts[word] += 1
            mark = "_" if word[-1].isdigit() else ""  # relu6_1, not relu61
            name = f"{word}{mark}{self.counts[word]}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def _inner(self, name: str) -> PathScope:
        return PathScope(self.inside(name), f"{self.knobs}.{name}" if self.knobs else name)


def suggestion(word: str, known: list[str]) -> str:
    """``; did you mean 'conv'?``, or nothing."""
    close = get_close_matches(word, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
