"""Which of the CUDA devices each worker is given."""

from __future__ import annotations

import os

VISIBLE = "CUDA_VISIBLE_DEVICES"


def devices_of(device: str) -> tuple[str, ...]:
    """What :func:`spread` says of this machine.

    Raises:
        ExplorerError: there is no such device.
    """
    import torch

    from explorer.score import pick_device

    if pick_device(device).type != "cuda":
        return ()
    return spread(device, torch.cuda.device_count(), os.environ.get(VISIBLE))


def spread(device: str, count: int, visible: str | None) -> tuple[str, ...]:
    """The CUDA devices that workers are spread over, as CUDA_VISIBLE_DEVICES names each.

    Args:
        device: as it was asked for; one with a number, such as ``cuda:1``, is the only one, and
            nothing needs to be spread.
        count: how many devices can be used.
        visible: CUDA_VISIBLE_DEVICES of this process; None where it is not set.
    """
    if device not in ("auto", "cuda"):
        return ()
    names = map(str, range(count)) if visible is None else map(str.strip, visible.split(","))
    return tuple(names)[:count]
