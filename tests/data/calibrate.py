"""How hard a data set is: a linear model against a small network. Not a test; run it by hand.

    OMP_NUM_THREADS=1 python -m tests.data.calibrate cluttered --epochs 6

Same recipe for both: SGD with Nesterov momentum .9, cosine rate without warm-up, batches of 64,
no augmentation. Prints validation accuracy; the test split is not looked at.
"""

from __future__ import annotations

import argparse
import time

import torch
from torch import Tensor, nn

from explorer.data import Split, load


def tensors(split: Split) -> tuple[Tensor, Tensor]:
    """Images N x C x H x W in -1 .. 1, and labels."""
    images = torch.from_numpy(split.images).permute(0, 3, 1, 2).float()
    return images / 127.5 - 1, torch.from_numpy(split.labels)


def small_cnn(channels: int, classes: int) -> nn.Module:
    """Four 3x3 convolutions, 24 to 96 wide, on a grid halved twice, and one linear layer."""
    layers: list[nn.Module] = []
    for width, stride in ((24, 1), (48, 2), (96, 2), (96, 1)):
        layers += [
            nn.Conv2d(channels, width, 3, stride, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
        ]
        channels = width
    return nn.Sequential(
        *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)
    )


def train(model: nn.Module, split: Split, epochs: int, rate: float) -> None:
    """Train in place."""
    images, labels = tensors(split)
    optimiser = torch.optim.SGD(model.parameters(), rate, 0.9, weight_decay=5e-4, nesterov=True)
    steps = epochs * -(-len(labels) // 64)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(epochs):
        shuffled = torch.randperm(len(labels))
        for start in range(0, len(labels), 64):
            batch = shuffled[start : start + 64]
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()


@torch.no_grad()
def accuracy(model: nn.Module, split: Split) -> float:
    """The share of images whose class the model names."""
    images, labels = tensors(split)
    model.eval()
    return float((model(images).argmax(1) == labels).float().mean())


def main() -> None:
    """Train both models on one data set and print a line for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", nargs="?", default="cluttered")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = load(options.data)
    height, width = data.size
    torch.manual_seed(options.seed)
    linear = nn.Linear(height * width * data.channels, len(data.classes))
    models = {
        "linear": (nn.Sequential(nn.Flatten(), linear), 0.001),
        "small cnn": (small_cnn(data.channels, len(data.classes)), 0.05),
    }
    for name, (model, rate) in models.items():
        start = time.perf_counter()
        train(model, data.train, options.epochs, rate)
        seconds = time.perf_counter() - start
        print(f"{data.name} {name}: {accuracy(model, data.val):.3f} val, {seconds:.0f} s")


if __name__ == "__main__":
    main()
