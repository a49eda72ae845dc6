"""inception_8: trial 8 of the study inception-1.5e9.

Trial 8 of the study inception-1.5e9: a small copy of this net got 70.72 % of the validation images
right.
Begun by: explorer search --budget 1.5e9
Graph g1:71457b2cf58d1417d47b3b5b7e395af29b9e3980432512c48f74b06a90fdaa1a
machine x86_64, Linux 6.18.44-fc-v445, python 3.11.7, inception-explorer 0.1.0, torch 2.13.0+cpu,
numpy 2.4.6, optuna 5.0.0, fvcore 0.1.5.post20221221

Input: N x 3 x 224 x 224. Output: N x 1000. Classes: 1000.
Counted: 1,069,086,400 macs, 11,575,120 params, 2,083,304 activations.
Macs are the multiply-adds of convolutions, linear layers and matrix products for one image at
inference, without biases; activations are the elements that these put out.

Weights: none. load() initialises them; load(path) reads a safetensors file.
This file needs torch and nothing else; run by itself, it shows that it works.
"""

import json
from collections import OrderedDict
from math import prod
from pathlib import Path

import torch
from torch import nn


class Inception8(nn.Module):
    """N x 3x224x224 in, N x 1000 out."""

    def __init__(self):
        super().__init__()
        self.stem = chain(
            conv1=nn.Conv2d(3, 72, 7, stride=2, padding=3, bias=False),
            batchnorm1=nn.BatchNorm2d(72),
            relu1=nn.ReLU(),
            maxpool1=nn.MaxPool2d(3, stride=2, padding=1),
            conv2=nn.Conv2d(72, 48, 1, bias=False),
            batchnorm2=nn.BatchNorm2d(48),
            relu2=nn.ReLU(),
            conv3=nn.Conv2d(48, 64, 3, padding=1, bias=False),
            batchnorm3=nn.BatchNorm2d(64),
            relu3=nn.ReLU(),
            maxpool2=nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.i3a = Inception(64, 48, 112, 24, 16)
        self.cut3 = Reduction(200, 120, 192)
        self.i4a = Inception(392, 208, 104, 32, 72)
        self.i4b = I4b()
        self.i4e = I4e()
        self.cut4 = Reduction(1168, 248, 80)
        self.i5a = I5a()
        self.i5b = I5b()
        self.head = chain(
            avgpool1=nn.AdaptiveAvgPool2d(1),
            dropout1=nn.Dropout(0.4),
            flatten_linear1=nn.Flatten(),
            linear1=nn.Linear(2376, 1000),
        )

    def forward(self, x):  # 3x224x224
        x = self.stem(x)  # 64x28x28
        x = self.i3a(x)  # 200x28x28
        x = self.cut3(x)  # 392x14x14
        x = self.i4a(x)  # 416x14x14
        x = self.i4b(x)  # 792x14x14
        x = self.i4e(x)  # 1168x14x14
        x = self.cut4(x)  # 1248x7x7
        x = self.i5a(x)  # 1432x7x7
        x = self.i5b(x)  # 2376x7x7
        return self.head(x)  # 1000


class Inception(nn.Module):
    """Block inception: i3a, i4a."""

    def __init__(self, channels, n1, n3, n5, np):
        super().__init__()
        self.b1 = chain(
            conv1=nn.Conv2d(channels, n1, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(n1),
            relu1=nn.ReLU(),
        )
        self.b2 = chain(
            conv1=nn.Conv2d(channels, n3, 3, padding=1, bias=False),
            batchnorm1=nn.BatchNorm2d(n3),
            relu1=nn.ReLU(),
        )
        self.b3 = chain(
            conv1=nn.Conv2d(channels, n5, (1, 5), padding=(0, 2), bias=False),
            batchnorm1=nn.BatchNorm2d(n5),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(n5, n5, (5, 1), padding=(2, 0), bias=False),
            batchnorm2=nn.BatchNorm2d(n5),
            relu2=nn.ReLU(),
        )
        self.b4 = chain(
            maxpool1=nn.MaxPool2d(3, stride=1, padding=1),
            conv1=nn.Conv2d(channels, np, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(np),
            relu1=nn.ReLU(),
        )

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], dim=1)


class Reduction(nn.Module):
    """Block reduction: cut3, cut4."""

    def __init__(self, channels, nr, nc):
        super().__init__()
        self.b1 = chain(maxpool1=nn.MaxPool2d(3, stride=2, padding=1))
        self.b2 = chain(
            conv1=nn.Conv2d(channels, nr, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(nr),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(nr, nc, 3, stride=2, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(nc),
            relu2=nn.ReLU(),
        )

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x)], dim=1)


class I4b(nn.Module):
    """Scope i4b."""

    def __init__(self):
        super().__init__()
        self.b1 = chain(
            conv1=nn.Conv2d(416, 128, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(128),
            relu1=nn.ReLU(),
        )
        self.b2 = chain(
            conv1=nn.Conv2d(416, 144, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(144),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(144, 192, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(192),
            relu2=nn.ReLU(),
        )
        self.b3 = chain(
            conv1=nn.Conv2d(416, 56, 3, padding=1, bias=False),
            batchnorm1=nn.BatchNorm2d(56),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(56, 56, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(56),
            relu2=nn.ReLU(),
        )
        self.b4 = chain(maxpool1=nn.MaxPool2d(3, stride=1, padding=1))

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], dim=1)


class I4e(nn.Module):
    """Scope i4e."""

    def __init__(self):
        super().__init__()
        self.b1 = chain(
            conv1=nn.Conv2d(792, 184, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(184),
            relu1=nn.ReLU(),
        )
        self.b2 = chain(
            conv1=nn.Conv2d(792, 168, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(168),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(168, 80, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(80),
            relu2=nn.ReLU(),
        )
        self.b3 = chain(
            conv1=nn.Conv2d(792, 16, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(16),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(16, 112, (1, 5), padding=(0, 2), bias=False),
            batchnorm2=nn.BatchNorm2d(112),
            relu2=nn.ReLU(),
            conv3=nn.Conv2d(112, 112, (5, 1), padding=(2, 0), bias=False),
            batchnorm3=nn.BatchNorm2d(112),
            relu3=nn.ReLU(),
        )
        self.b4 = chain(maxpool1=nn.MaxPool2d(3, stride=1, padding=1))

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], dim=1)


class I5a(nn.Module):
    """Scope i5a."""

    def __init__(self):
        super().__init__()
        self.b1 = chain(
            conv1=nn.Conv2d(1248, 440, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(440),
            relu1=nn.ReLU(),
        )
        self.b2 = chain(
            conv1=nn.Conv2d(1248, 64, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(64),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(64, 608, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(608),
            relu2=nn.ReLU(),
        )
        self.b3 = chain(
            conv1=nn.Conv2d(1248, 232, (1, 5), padding=(0, 2), bias=False),
            batchnorm1=nn.BatchNorm2d(232),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(232, 232, (5, 1), padding=(2, 0), bias=False),
            batchnorm2=nn.BatchNorm2d(232),
            relu2=nn.ReLU(),
        )
        self.b4 = chain(
            maxpool1=nn.MaxPool2d(3, stride=1, padding=1),
            conv1=nn.Conv2d(1248, 152, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(152),
            relu1=nn.ReLU(),
        )

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], dim=1)


class I5b(nn.Module):
    """Scope i5b."""

    def __init__(self):
        super().__init__()
        self.b1 = chain(
            conv1=nn.Conv2d(1432, 184, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(184),
            relu1=nn.ReLU(),
        )
        self.b2 = chain(
            conv1=nn.Conv2d(1432, 96, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(96),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(96, 680, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(680),
            relu2=nn.ReLU(),
        )
        self.b3 = chain(
            conv1=nn.Conv2d(1432, 80, 5, padding=2, bias=False),
            batchnorm1=nn.BatchNorm2d(80),
            relu1=nn.ReLU(),
        )
        self.b4 = chain(avgpool1=nn.AvgPool2d(3, stride=1, padding=1))

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], dim=1)


def chain(**layers: nn.Module) -> nn.Sequential:
    """Layers one after another, each with its name in the state_dict."""
    return nn.Sequential(OrderedDict(layers))


def initialise(module: nn.Module) -> None:
    """He et al. 2015 for weights (fan-out, as before a ReLU), zero biases.

    Embeddings, and with them all learned tokens and positions, are small, as in Devlin et al.
    2019. Other layers begin as torch has them.
    """
    for layer in module.modules():
        if isinstance(layer, (nn.Conv1d, nn.Conv2d)):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            # The fan-out that torch finds is of all groups together, where a weight feeds one.
            layer.weight.data.mul_(layer.groups**0.5)
        elif isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
        elif isinstance(layer, nn.Embedding):
            nn.init.normal_(layer.weight, std=0.02)
        if isinstance(layer, (nn.Conv1d, nn.Conv2d, nn.Linear)) and layer.bias is not None:
            nn.init.zeros_(layer.bias)


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


def load(path=None, device="cpu"):
    """The net on a device, freshly initialised or with the weights of a safetensors file."""
    net = Inception8()
    if path is None:
        initialise(net)
    else:
        net.load_state_dict(read_safetensors(path))
    return net.to(device)


if __name__ == "__main__":
    net, images = load().eval(), torch.zeros(1, 3, 224, 224)
    with torch.inference_mode():
        result = net(images)
    params = sum(parameter.numel() for parameter in net.parameters())
    print(f"{tuple(images.shape)} -> {tuple(result.shape)}, {params:,} parameters")
