"""The shipped texts, and texts by path: what ``NET`` and ``SPACE`` mean on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from os.path import normpath
from pathlib import Path
from typing import Literal

from explorer.errors import ExplorerError, NetError, UnknownTextError
from explorer.language import parse, print_syntax, syntax
from explorer.space.elaborate import elaborate
from explorer.space.header import Rebind
from explorer.space.members import select
from explorer.space.names import suggestion
from explorer.space.space import Space
from explorer.space.uses import include

_PACKAGE = Path(__file__).resolve().parent.parent
_INSTALLED, _CHECKOUT = _PACKAGE / "search_spaces", _PACKAGE.parent / "search_spaces"
SUFFIXES = (".net", ".space")


@dataclass(frozen=True, slots=True)
class Text:
    """A text and where it came from; errors print ``file``."""

    file: str
    content: str
    member: str | None = None

    def parsed(self) -> syntax.File:
        """The text's own syntax: every member, and used files by their names alone.

        Raises:
            TextError: it is not in the language.
        """
        return _parsed(self.content, self.file)

    def syntax(self) -> syntax.File:
        """The text's syntax, with the blocks that it uses, for the member that is meant.

        Raises:
            ExplorerError: it is not in the language, or a file or member is not there.
        """
        whole = include(self.parsed(), _read_used)
        return select(whole, self.member) if self.member else whole

    def space(self, rebind: Rebind | None = None) -> Space:
        """The space that the text describes.

        Raises:
            ExplorerError: it is not in the language, or describes nothing.
        """
        return elaborate(self.syntax(), rebind)

    def alone(self) -> Text:
        """The same space as a text that needs no other file and has no members.

        Raises:
            ExplorerError: see :meth:`syntax`.
        """
        alone = self.syntax()
        if alone == self.parsed():
            return self
        return Text(self.file, print_syntax(alone))


@lru_cache(maxsize=8)
def _parsed(content: str, file: str) -> syntax.File:
    """A text's syntax, read once for all members of a family."""
    return parse(content, file)


def shipped() -> dict[str, Path]:
    """The shipped texts by the names of their files."""
    folder = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return {path.name: path for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES}


def find_text(name: str, kind: Literal["net", "space"] = "net") -> Text:
    """The text that ``name`` means: a path when one is there, otherwise a shipped name.

    Args:
        name: ``efficientnet``; ``efficientnet:b4`` is one member of a family, and so is
            ``resnet101``, of a shipped family whose members' names say whose they are.
        kind: which is meant where a net and the space around it share a name, as ``resnet`` do;
            ``resnet.net`` and ``resnet.space`` tell them apart.

    Raises:
        ExplorerError: neither is there, or the file cannot be read as text.
    """
    member = None
    if not _is_file(Path(name)) and ":" in name:
        name, _, member = name.rpartition(":")
    path = Path(name)
    if not _is_file(path):
        found = _shipped(name, kind)
        if found is None and member is None and (found := _family(name)) is not None:
            member = name
        if found is None:
            if path.is_dir():
                raise ExplorerError(f"'{name}' is a folder; expected a file or a shipped name")
            names = sorted({Path(known).stem for known in shipped()})
            hint = suggestion(name, names) or f" (shipped: {', '.join(names)})"
            raise UnknownTextError(name, names, hint)
        path = found
    return Text(str(path), read_text(path), member)


def _shipped(name: str, kind: str) -> Path | None:
    """The shipped file of a name, with or without its suffix."""
    known = shipped()
    tried = (name, f"{name}.{kind}", *(f"{name}{suffix}" for suffix in SUFFIXES))
    return next((known[each] for each in tried if each in known), None)


def _family(member: str) -> Path | None:
    """The first shipped text with a member of this name that repeats the family's, if any."""
    return next(
        (
            path
            for path in shipped().values()
            if member.startswith(path.stem) and _has_member(path, member)
        ),
        None,
    )


def _has_member(path: Path, name: str) -> bool:
    return any(line.split()[:2] == ["member", name] for line in read_text(path).splitlines())


def _read_used(use: syntax.Use, file: str) -> syntax.File:
    """The syntax of a used file: a path from the using file's folder, or a shipped name."""
    # Without "..", so that a file has one name however it is reached.
    path = Path(normpath(Path(file).parent / use.path))
    if not _is_file(path):
        found = _shipped(use.path, "net")
        if found is None:
            hint = suggestion(use.path, [Path(known).stem for known in shipped()])
            message = f"no file {path} and no shipped text '{use.path}'{hint}"
            raise NetError(message, use.place)
        path = found
    return parse(read_text(path), str(path))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than any file's may be
        return False


def read_text(path: Path) -> str:
    """The content of a text file.

    Raises:
        ExplorerError: it cannot be read, is no text, or is far larger than any text of ours.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ExplorerError(f"{path}: cannot be read ({error.strerror})") from None
    if len(content) > _LARGEST:
        raise ExplorerError(
            f"{path}: {len(content)} bytes are too many for a net (at most {_LARGEST})"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ExplorerError(f"{path}: is not a text (expected a net or a space in UTF-8)") from None


_LARGEST = 4_000_000


def open_space(name: str, rebind: Rebind | None = None) -> Space:
    """The space of a shipped name or a path; a net is a space without choices.

    Raises:
        ExplorerError: see :func:`find_text` and :meth:`Text.space`.
    """
    return find_text(name, "space").space(rebind)
