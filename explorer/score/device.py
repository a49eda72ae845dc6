"""Which device trains, and how torch is set up in a process that trains."""

from __future__ import annotations

import gc

import torch

from explorer.errors import ExplorerError

_KINDS = ("cpu", "cuda", "mps")


def pick_device(name: str = "auto") -> torch.device:
    """The device called ``name``; ``auto`` is CUDA, else Apple's, else the CPU.

    Raises:
        ExplorerError: the name means nothing, or this machine has no such device.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        if name.partition(":")[0] not in _KINDS:
            allowed = ", ".join(("auto", *_KINDS))
            raise ExplorerError(
                f"--device: no device is called '{name}' (allowed: {allowed}; cuda:1 is the second)"
            ) from None
        reason = str(error).splitlines()[0]
        raise ExplorerError(f"--device: '{name}' cannot be used here ({reason})") from None
    return device


def prepare_process(threads: int = 1) -> None:
    """Set torch up to train on a CPU: with one thread, where nothing else was measured to be best.

    Two processes of one thread trained 1.6 times as many images a second as two threads did.
    """
    torch.set_num_threads(threads)


def free_memory() -> None:
    """Give back what a failed candidate held: the allocator of a GPU keeps it for the next one."""
    gc.collect()  # nets have cycles, whose tensors would otherwise stay for a while
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
