"""What people write today: Optuna suggests, torch builds, fvcore counts, and what is over is lost.

A net of nine Inception modules whose filter counts are suggested around GoogLeNet's, half to twice
each; the kind of script that `explorer search` replaces, kept here to be measured against.
"""

from __future__ import annotations

import warnings

import optuna
import torch
from torch import Tensor, nn

MODULES = (
    (64, 96, 128, 16, 32, 32),
    (128, 128, 192, 32, 96, 64),
    (192, 96, 208, 16, 48, 64),
    (160, 112, 224, 24, 64, 64),
    (128, 128, 256, 24, 64, 64),
    (112, 144, 288, 32, 64, 64),
    (256, 160, 320, 32, 128, 128),
    (256, 160, 320, 32, 128, 128),
    (384, 192, 384, 48, 128, 128),
)
POOLED = (2, 7)  # the modules in front of which the grid is halved


def conv(into: int, out: int, kernel: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(into, out, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU(inplace=True),
    )


class Inception(nn.Module):
    def __init__(self, into: int, widths: list[int]) -> None:
        super().__init__()
        n1, r3, n3, r5, n5, pool = widths
        self.branches = nn.ModuleList(
            [
                conv(into, n1, 1),
                nn.Sequential(conv(into, r3, 1), conv(r3, n3, 3)),
                nn.Sequential(conv(into, r5, 1), conv(r5, n5, 5)),
                nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(into, pool, 1)),
            ]
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], 1)


def net(widths: list[list[int]]) -> nn.Sequential:
    layers: list[nn.Module] = [conv(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1), conv(64, 64, 1)]
    layers += [conv(64, 192, 3), nn.MaxPool2d(3, 2, 1)]
    into = 192
    for index, module in enumerate(widths):
        if index in POOLED:
            layers.append(nn.MaxPool2d(3, 2, 1))
        layers.append(Inception(into, module))
        into = module[0] + module[2] + module[4] + module[5]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(into, 1000))


def counted(trial: optuna.Trial) -> int:
    """The multiply-adds of a net that Optuna suggests, by fvcore."""
    widths = [
        [
            trial.suggest_int(f"m{index}.{name}", usual // 2, usual * 2, step=4)
            for name, usual in zip(("n1", "r3", "n3", "r5", "n5", "pool"), module, strict=True)
        ]
        for index, module in enumerate(MODULES)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fvcore.nn import FlopCountAnalysis

        analysis = FlopCountAnalysis(net(widths).eval(), torch.zeros(1, 3, 224, 224))
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        return int(analysis.by_operator()["conv"] + analysis.by_operator()["linear"])


def candidates(count: int, budget: int, seed: int = 0) -> int:
    """How many of so many random candidates fit a budget."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed))
    fitting = 0
    for _ in range(count):
        trial = study.ask()
        macs = counted(trial)
        fitting += macs <= budget
        study.tell(trial, macs)
    return fitting
