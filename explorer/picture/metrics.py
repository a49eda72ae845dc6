"""How wide a text is, without drawing it: the advances of DejaVu Sans, which matplotlib brings.

A table rather than a renderer, so that a layout is arithmetic: the same numbers on every machine.
"""

from __future__ import annotations

from unicodedata import east_asian_width

_FIRST = 32  # the space; the table runs on to the tilde
_ADVANCES = [
    int(width)
    for width in """
    318 401 460 838 636 950 780 275 390 390 500 838 318 361 318 337 636 636 636 636 636 636 636 636
    636 636 337 337 838 838 838 531 1000 684 686 698 770 632 575 775 752 295 295 656 557 863 748
    787 603 787 695 635 611 732 684 989 685 611 685 390 337 390 838 500 500 613 635 550 635 615 352
    635 634 278 278 579 278 974 634 612 635 635 411 521 392 634 592 818 592 592 525 636 337 636 838
    """.split()
]  # in thousandths of the font size
_SIGNS = {"·": 318, "×": 838, "→": 838, "…": 1000, "–": 500, "−": 838}
_OTHER, _WIDE = 700, 1050
_BOLD = 1.14  # bold over regular, where it differs most among the letters that names use
LINE = 1.3  # line height over font size


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of one line, in the unit of ``size``."""
    return sum(map(_advance, text)) * size / 1000 * (_BOLD if bold else 1)


def _advance(sign: str) -> int:
    index = ord(sign) - _FIRST
    if 0 <= index < len(_ADVANCES):
        return _ADVANCES[index]
    is_wide = east_asian_width(sign) in "WF"
    return _SIGNS.get(sign, _WIDE if is_wide else _OTHER)


def wrap(text: str, size: float, width: float, bold: bool = False) -> list[str]:
    """The words of a text in lines of at most ``width``; a longer word has a line to itself."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
