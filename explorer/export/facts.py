"""What an exported file says about itself beyond what the graph knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """Trained weights that lie beside the exported file.

    Attributes:
        file: the name of the safetensors file, without a folder.
        trained: what follows "trained on": data, epochs, the accuracy that was reached.
    """

    file: str
    trained: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Where a net comes from.

    Attributes:
        title: what the text calls it, in a line.
        origin: free lines: study, trial, assignment, command, versions.
        weights: None when the file comes without.
    """

    title: str = ""
    origin: tuple[str, ...] = ()
    weights: Weights | None = None
