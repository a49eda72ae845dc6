"""The other side of ``verify``: runs an exported file where nothing of this package is.

Started as ``python -I child.py NET.py FOLDER [own]``. It imports torch and the standard library
only, and says what it found as one line of JSON.
"""

from __future__ import annotations

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import torch


def main(file: Path, folder: Path, own: bool) -> dict[str, Any]:
    """What the file's net does with the inputs in the folder.

    Args:
        file: the exported file.
        folder: holds ``case.safetensors`` (``input 0``, ``output 0`` and so on) and
            ``weights.safetensors``.
        own: take the weights that the file comes with, if it does, rather than the folder's.
    """
    torch.set_num_threads(1)
    exported = _load(file)
    case = exported.read_safetensors(folder / "case.safetensors")
    ships = own and hasattr(exported, "WEIGHTS")
    net = exported.load(None if ships else folder / "weights.safetensors").eval()
    with torch.inference_mode():
        result = net(*_every(case, "input"))
    results = result if isinstance(result, tuple) else (result,)
    pairs = list(
        zip(results, _every(case, "output"), strict=False)
    )  # shapes tell if one is missing
    return {
        "shapes": [list(found.shape) for found in results],
        "differences": [_difference(found, expected) for found, expected in pairs],
        "keys": list(net.state_dict()),
        "params": sum(parameter.numel() for parameter in net.parameters()),
        "ours": [name for name in sys.modules if name.partition(".")[0] == "explorer"],
    }


def _every(case: dict[str, torch.Tensor], what: str) -> list[torch.Tensor]:
    """The inputs or the outputs of a case, in their order."""
    count = sum(name.startswith(f"{what} ") for name in case)
    return [case[f"{what} {number}"] for number in range(count)]


def _difference(found: torch.Tensor, expected: torch.Tensor) -> float | None:
    """The largest; None where the shapes have it that there is none."""
    if found.shape != expected.shape:
        return None
    return float((found.double() - expected.double()).abs().max())


def _load(file: Path) -> ModuleType:
    spec = spec_from_file_location("exported", file)
    assert spec is not None and spec.loader is not None
    exported = module_from_spec(spec)
    spec.loader.exec_module(exported)
    return exported


if __name__ == "__main__":
    _, net_file, case_folder, *flags = sys.argv
    sys.stdout.write(json.dumps(main(Path(net_file), Path(case_folder), "own" in flags)))
