"""The shipped texts, and texts by path: what ``NET`` and ``SPACE`` mean on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from explorer.errors import ExplorerError
from explorer.language import parse
from explorer.space.elaborate import elaborate
from explorer.space.header import Rebind
from explorer.space.names import suggestion
from explorer.space.space import Space

_PACKAGE = Path(__file__).resolve().parent.parent
_INSTALLED, _CHECKOUT = _PACKAGE / "search_spaces", _PACKAGE.parent / "search_spaces"
SUFFIXES = (".net", ".space")


@dataclass(frozen=True, slots=True)
class Text:
    """A text and where it came from; errors print ``file``."""

    file: str
    content: str

    def space(self, rebind: Rebind | None = None) -> Space:
        """The space that the text describes.

        Raises:
            ExplorerError: it is not in the language, or describes nothing.
        """
        return elaborate(parse(self.content, self.file), rebind)


def shipped() -> dict[str, Path]:
    """The shipped texts by name."""
    folder = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return {path.stem: path for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES}


def find_text(name: str) -> Text:
    """The text that ``name`` means: a path when one is there, otherwise a shipped name.

    Raises:
        ExplorerError: neither is there, or the file cannot be read as text.
    """
    path = Path(name)
    known = shipped()
    if not _is_file(path):
        if name not in known:
            hint = suggestion(name, list(known))
            names = ", ".join(sorted(known))
            raise ExplorerError(
                f"no file and no shipped net or space is called '{name}'{hint} (shipped: {names})"
            )
        path = known[name]
    return Text(str(path), read_text(path))


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
    return find_text(name).space(rebind)
