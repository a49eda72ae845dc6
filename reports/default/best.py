"""inception_17: trial 17 of the study inception-1.5e9.

Trial 17 of the study inception-1.5e9: a small copy of this net got 69.90 % of the validation set
right.
Begun by: explorer search --budget 1.5e9
Graph g1:0c314ecc19b9b6dc179e82ada479e899e470ac7008b002b99d80c102f9917ace
machine x86_64, Linux 6.18.44-fc-v657, python 3.11.7, inception-explorer 0.1.0, torch 2.13.0+cpu,
numpy 2.4.6, optuna 5.0.0, fvcore 0.1.5.post20221221

Input: N x 3 x 224 x 224. Output: N x 1000. Classes: 1000.
Counted: 1,408,474,048 macs, 3,635,752 params, 3,607,400 activations.
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


class Inception17(nn.Module):
    """N x 3x224x224 in, N x 1000 out."""

    def __init__(self):
        super().__init__()
        self.stem = chain(
            conv1=nn.Conv2d(3, 96, 7, stride=2, padding=3, bias=False),
            batchnorm1=nn.BatchNorm2d(96),
            relu1=nn.ReLU(),
            maxpool1=nn.MaxPool2d(3, stride=2, padding=1),
            conv2=nn.Conv2d(96, 56, 1, bias=False),
            batchnorm2=nn.BatchNorm2d(56),
            relu2=nn.ReLU(),
            conv3=nn.Conv2d(56, 248, 3, padding=1, bias=False),
            batchnorm3=nn.BatchNorm2d(248),
            relu3=nn.ReLU(),
            maxpool2=nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.i3a = I3a()
        self.i3b = Inception(256, 128, 128, 192, 96, 64)
        self.cut3 = chain(maxpool1=nn.MaxPool2d(3, stride=2, padding=1))
        self.i4a = Inception(480, 256, 80, 80, 88, 80)
        self.i4b = I4b()
        self.i4c = I4c()
        self.i4e = I4e(640, 280, 56, 152, 24, 1, 0, 96, 5, 2, 168)
        self.cut4 = Cut4()
        self.i5b = I4e(872, 224, 48, 120, 48, (1, 5), (0, 2), 48, (5, 1), (2, 0), 40)
        self.head = chain(
            avgpool1=nn.AdaptiveAvgPool2d(1),
            dropout1=nn.Dropout(0.4),
            flatten_linear1=nn.Flatten(),
            linear1=nn.Linear(432, 1000),
        )

    def forward(self, x):  # 3x224x224
        x = self.stem(x)  # 248x28x28
        x = self.i3a(x)  # 256x28x28
        x = self.i3b(x)  # 480x28x28
        x = self.cut3(x)  # 480x14x14
        x = self.i4a(x)  # 504x14x14
        x = self.i4b(x)  # 176x14x14
        x = self.i4c(x)  # 640x14x14
        x = self.i4e(x)  # 696x14x14
        x = self.cut4(x)  # 872x7x7
        x = self.i5b(x)  # 432x7x7
        return self.head(x)  # 1000


class I3a(nn.Module):
    """Scope i3a."""

    def __init__(self):
        super().__init__()
        self.b1 = chain(
            conv1=nn.Conv2d(248, 96, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(96),
            relu1=nn.ReLU(),
        )
        self.b2 = chain(
            conv1=nn.Conv2d(248, 144, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(144),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(144, 64, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(64),
            relu2=nn.ReLU(),
        )
        self.b3 = chain(
            conv1=nn.Conv2d(248, 8, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(8),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(8, 56, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(56),
            relu2=nn.ReLU(),
            conv3=nn.Conv2d(56, 56, 3, padding=1, bias=False),
            batchnorm3=nn.BatchNorm2d(56),
            relu3=nn.ReLU(),
        )
        self.b4 = chain(
            avgpool1=nn.AvgPool2d(3, stride=1, padding=1),
            conv1=nn.Conv2d(248, 40, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(40),
            relu1=nn.ReLU(),
        )

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], dim=1)


class Inception(nn.Module):
    """Block inception: i3b, i4a."""

    def __init__(self, channels, n1, r3, n3, n5, np):
        super().__init__()
        self.b1 = chain(
            conv1=nn.Conv2d(channels, n1, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(n1),
            relu1=nn.ReLU(),
        )
        self.b2 = chain(
            conv1=nn.Conv2d(channels, r3, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(r3),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(r3, n3, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(n3),
            relu2=nn.ReLU(),
        )
        self.b3 = chain(
            conv1=nn.Conv2d(channels, 32, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(32),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(32, n5, (1, 5), padding=(0, 2), bias=False),
            batchnorm2=nn.BatchNorm2d(n5),
            relu2=nn.ReLU(),
            conv3=nn.Conv2d(n5, n5, (5, 1), padding=(2, 0), bias=False),
            batchnorm3=nn.BatchNorm2d(n5),
            relu3=nn.ReLU(),
        )
        self.b4 = chain(
            maxpool1=nn.MaxPool2d(3, stride=1, padding=1),
            conv1=nn.Conv2d(channels, np, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(np),
            relu1=nn.ReLU(),
        )

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], dim=1)


class I4b(nn.Module):
    """Scope i4b."""

    def __init__(self):
        super().__init__()
        self.b1 = chain(
            conv1=nn.Conv2d(504, 40, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(40),
            relu1=nn.ReLU(),
        )
        self.b2 = chain(
            conv1=nn.Conv2d(504, 80, 3, padding=1, bias=False),
            batchnorm1=nn.BatchNorm2d(80),
            relu1=nn.ReLU(),
        )
        self.b3 = chain(
            conv1=nn.Conv2d(504, 24, 3, padding=1, bias=False),
            batchnorm1=nn.BatchNorm2d(24),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(24, 24, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(24),
            relu2=nn.ReLU(),
        )
        self.b4 = chain(
            maxpool1=nn.MaxPool2d(3, stride=1, padding=1),
            conv1=nn.Conv2d(504, 32, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(32),
            relu1=nn.ReLU(),
        )

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], dim=1)


class I4c(nn.Module):
    """Scope i4c."""

    def __init__(self):
        super().__init__()
        self.b1 = chain(
            conv1=nn.Conv2d(176, 216, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(216),
            relu1=nn.ReLU(),
        )
        self.b2 = chain(
            conv1=nn.Conv2d(176, 144, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(144),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(144, 224, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(224),
            relu2=nn.ReLU(),
        )
        self.b3 = chain(
            conv1=nn.Conv2d(176, 24, 3, padding=1, bias=False),
            batchnorm1=nn.BatchNorm2d(24),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(24, 24, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(24),
            relu2=nn.ReLU(),
        )
        self.b4 = chain(maxpool1=nn.MaxPool2d(3, stride=1, padding=1))

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], dim=1)


class I4e(nn.Module):
    """Scope i4e, i5b."""

    def __init__(
        self,
        channels,
        b1_conv1_out,
        b2_conv1_out,
        b2_conv2_out,
        b3_conv1_out,
        conv1_kernel_size,
        conv1_padding,
        b3_conv2_out,
        conv2_kernel_size,
        conv2_padding,
        b4_conv1_out,
    ):
        super().__init__()
        self.b1 = chain(
            conv1=nn.Conv2d(channels, b1_conv1_out, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(b1_conv1_out),
            relu1=nn.ReLU(),
        )
        self.b2 = chain(
            conv1=nn.Conv2d(channels, b2_conv1_out, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(b2_conv1_out),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(b2_conv1_out, b2_conv2_out, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(b2_conv2_out),
            relu2=nn.ReLU(),
        )
        self.b3 = chain(
            conv1=nn.Conv2d(
                channels,
                b3_conv1_out,
                conv1_kernel_size,
                padding=conv1_padding,
                bias=False,
            ),
            batchnorm1=nn.BatchNorm2d(b3_conv1_out),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(
                b3_conv1_out,
                b3_conv2_out,
                conv2_kernel_size,
                padding=conv2_padding,
                bias=False,
            ),
            batchnorm2=nn.BatchNorm2d(b3_conv2_out),
            relu2=nn.ReLU(),
        )
        self.b4 = chain(
            avgpool1=nn.AvgPool2d(3, stride=1, padding=1),
            conv1=nn.Conv2d(channels, b4_conv1_out, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(b4_conv1_out),
            relu1=nn.ReLU(),
        )

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], dim=1)


class Cut4(nn.Module):
    """Scope cut4."""

    def __init__(self):
        super().__init__()
        self.b1 = chain(maxpool1=nn.MaxPool2d(3, stride=2, padding=1))
        self.b2 = chain(
            conv1=nn.Conv2d(696, 104, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(104),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(104, 176, 3, stride=2, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(176),
            relu2=nn.ReLU(),
        )

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x)], dim=1)


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
    net = Inception17()
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
