"""The colours of a picture: one hue from light to dark for shares of macs, greys for the rest."""

from __future__ import annotations

PAPER, INK, FAINT = "#ffffff", "#30343b", "#6b717b"
PLAIN, JOIN = "#ffffff", "#eef0f3"  # a box without macs, a join
RIM, LINE = "#8a8f98", "#5b616b"
BANDS = ("#ffffff", "#f5f6f8")
_LEGIBLE = 4.5  # contrast ratio that small text needs
_RAMP = ("#e4f0f8", "#a9d1ea", "#56a3d3", "#0069a6", "#024a77", "#06304f")


def ramp(value: float) -> str:
    """The colour of a value from 0 to 1."""
    place = min(max(value, 0.0), 1.0) * (len(_RAMP) - 1)
    index = min(int(place), len(_RAMP) - 2)
    pairs = zip(_parts(_RAMP[index]), _parts(_RAMP[index + 1]), strict=True)
    mixed = [round(one + (other - one) * (place - index)) for one, other in pairs]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def ink(paper: str) -> str:
    """The colour of text on a colour: our dark one where it can be read, else black or white."""
    if contrast(INK, paper) >= _LEGIBLE:
        return INK
    return max(("#000000", PAPER), key=lambda colour: contrast(colour, paper))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of the W3C's accessibility guidelines, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
