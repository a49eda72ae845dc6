"""inception_17: trial 17 of the study inception-1.5e9.

Trial 17 of the study inception-1.5e9: a small copy of this net got 70.32 % of the validation set
right.
Begun by: explorer search --budget 1.5e9
Graph g1:74acf8d1e10b66a41d5e7de9ef1d1306933c677836f1cc645d3e0f382d7cad1c
machine x86_64, Linux 6.18.44-fc-v657, python 3.11.7, inception-explorer 0.1.0, torch 2.13.0+cpu,
numpy 2.4.6, optuna 5.0.0, fvcore 0.1.5.post20221221

Input: N x 3 x 224 x 224. Output: N x 1000. Classes: 1000.
Counted: 1,065,299,392 macs, 9,696,088 params, 2,496,080 activations.
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
            conv2=nn.Conv2d(96, 72, 1, bias=False),
            batchnorm2=nn.BatchNorm2d(72),
            relu2=nn.ReLU(),
            conv3=nn.Conv2d(72, 64, 3, padding=1, bias=False),
            batchnorm3=nn.BatchNorm2d(64),
            relu3=nn.ReLU(),
            maxpool2=nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.i3a = I3a(64, 88, 120, 128, 56, 3, 1, 3, 1, 40)
        self.cut3 = chain(maxpool1=nn.MaxPool2d(3, stride=2, padding=1))
        self.i4a = I3a(312, 256, 184, 160, 80, (1, 5), (0, 2), (5, 1), (2, 0), 80)
        self.i4e = I4e()
        self.cut4 = Cut4()
        self.i5b = I5b()
        self.head = chain(
            avgpool1=nn.AdaptiveAvgPool2d(1),
            dropout1=nn.Dropout(0.4),
            flatten_linear1=nn.Flatten(),
            linear1=nn.Linear(1656, 1000),
        )

    def forward(self, x):  # 3x224x224
        x = self.stem(x)  # 64x28x28
        x = self.i3a(x)  # 312x28x28
        x = self.cut3(x)  # 312x14x14
        x = self.i4a(x)  # 576x14x14
        x = self.i4e(x)  # 1328x14x14
        x = self.cut4(x)  # 1704x7x7
        x = self.i5b(x)  # 1656x7x7
        return self.head(x)  # 1000


class I3a(nn.Module):
    """Scope i3a, i4a."""

    def __init__(
        self,
        channels,
        b1_conv1_out,
        b2_conv1_out,
        conv2_out,
        b3_conv1_out,
        conv1_kernel_size,
        conv1_padding,
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
            conv2=nn.Conv2d(b2_conv1_out, conv2_out, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(conv2_out),
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
                b3_conv1_out,
                conv2_kernel_size,
                padding=conv2_padding,
                bias=False,
            ),
            batchnorm2=nn.BatchNorm2d(b3_conv1_out),
            relu2=nn.ReLU(),
        )
        self.b4 = chain(
            maxpool1=nn.MaxPool2d(3, stride=1, padding=1),
            conv1=nn.Conv2d(channels, b4_conv1_out, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(b4_conv1_out),
            relu1=nn.ReLU(),
        )

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], dim=1)


class I4e(nn.Module):
    """Scope i4e."""

    def __init__(self):
        super().__init__()
        self.b1 = chain(
            conv1=nn.Conv2d(576, 408, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(408),
            relu1=nn.ReLU(),
        )
        self.b2 = chain(
            conv1=nn.Conv2d(576, 56, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(56),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(56, 248, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(248),
            relu2=nn.ReLU(),
        )
        self.b3 = chain(
            conv1=nn.Conv2d(576, 24, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(24),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(24, 96, 5, padding=2, bias=False),
            batchnorm2=nn.BatchNorm2d(96),
            relu2=nn.ReLU(),
        )
        self.b4 = chain(avgpool1=nn.AvgPool2d(3, stride=1, padding=1))

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], dim=1)


class Cut4(nn.Module):
    """Scope cut4."""

    def __init__(self):
        super().__init__()
        self.b1 = chain(maxpool1=nn.MaxPool2d(3, stride=2, padding=1))
        self.b2 = chain(
            conv1=nn.Conv2d(1328, 168, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(168),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(168, 376, 3, stride=2, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(376),
            relu2=nn.ReLU(),
        )

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x)], dim=1)


class I5b(nn.Module):
    """Scope i5b."""

    def __init__(self):
        super().__init__()
        self.b1 = chain(
            conv1=nn.Conv2d(1704, 744, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(744),
            relu1=nn.ReLU(),
        )
        self.b2 = chain(
            conv1=nn.Conv2d(1704, 336, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(336),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(336, 760, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(760),
            relu2=nn.ReLU(),
        )
        self.b3 = chain(
            conv1=nn.Conv2d(1704, 104, 3, padding=1, bias=False),
            batchnorm1=nn.BatchNorm2d(104),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(104, 104, 3, padding=1, bias=False),
            batchnorm2=nn.BatchNorm2d(104),
            relu2=nn.ReLU(),
        )
        self.b4 = chain(
            avgpool1=nn.AvgPool2d(3, stride=1, padding=1),
            conv1=nn.Conv2d(1704, 48, 1, bias=False),
            batchnorm1=nn.BatchNorm2d(48),
            relu1=nn.ReLU(),
        )

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
