"""Functions that an exported file may carry, copied as they stand here.

Each uses what it names, torch and the standard library, and nothing else of this package.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from math import prod
from pathlib import Path

import torch
from torch import nn


def chain(**layers: nn.Module) -> nn.Sequential:
    """Layers one after another, each with its name in the state_dict."""
    return nn.Sequential(OrderedDict(layers))


def copies(*layers: nn.Module) -> nn.Sequential:
    """Layers one after another, called 1, 2, 3 ... in the state_dict."""
    return nn.Sequential(OrderedDict((str(n), layer) for n, layer in enumerate(layers, start=1)))


def read_safetensors(path: str | Path) -> dict[str, torch.Tensor]:
    """The tensors of a safetensors file: the header's length, the header as JSON, raw numbers.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is cut short, or is no safetensors file.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"the weights {path} are not there")
    data = bytearray(Path(path).read_bytes())
    start = 8 + int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8:start])
        header.pop("__metadata__", None)
        end = start + max((entry["data_offsets"][1] for entry in header.values()), default=0)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError(f"{path} is cut short, or is no safetensors file") from None
    if len(data) < end:
        raise ValueError(f"{path} is cut short: {len(data)} bytes of {end}")
    return {
        name: read_tensor(data, entry["dtype"], entry["shape"], start + entry["data_offsets"][0])
        for name, entry in header.items()
    }


def read_tensor(data: bytearray, kind: str, shape: list[int], offset: int) -> torch.Tensor:
    """The tensor that starts at ``offset``; ``kind`` is its type as safetensors calls it."""
    kinds = {
        "F64": torch.float64,
        "F32": torch.float32,
        "F16": torch.float16,
        "BF16": torch.bfloat16,
        "I64": torch.int64,
        "I32": torch.int32,
        "U8": torch.uint8,
        "BOOL": torch.bool,
    }
    if kind not in kinds:
        raise ValueError(f"a tensor of type {kind}, where one of {', '.join(kinds)} can be read")
    count = prod(shape)
    if count == 0:
        return torch.empty(shape, dtype=kinds[kind])
    return torch.frombuffer(data, dtype=kinds[kind], count=count, offset=offset).reshape(shape)
