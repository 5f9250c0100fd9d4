#!/usr/bin/env python3
"""Writes torch_layers.json: outputs of PyTorch's and timm's layers, for TorchLayersTest.

Inputs and parameters follow from formulas that the test repeats. Made with torch 2.13.0 and timm 1.0.29.
"""

import json
import math
import pathlib

import torch
from timm.layers import AvgPool2dSame, BlurPool2d, Conv2dSame, StdConv2d
from timm.layers.pool2d_same import MaxPool2dSame
from torch import nn
from torch.nn import functional as F

IMAGE = [1, 3, 5, 6]
SMALL = [2, 3, 2, 3]
SEQUENCE = [2, 4, 3]


class Call(nn.Module):
    """A function of x as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class GeM(nn.Module):
    """Radenovic et al. 2018, Equation 3."""

    def __init__(self, eps):
        super().__init__()
        self.p = nn.Parameter(torch.ones(1))
        self.eps = eps

    def forward(self, x):
        axes = list(range(2, x.dim()))
        return x.clamp(min=self.eps).pow(self.p).mean(axes).pow(1 / self.p)


class PaddedConv(nn.Conv2d):
    """A convolution after zeros at the left, right, top and bottom."""

    def __init__(self, sides, *args, **options):
        super().__init__(*args, **options)
        self.sides = sides

    def forward(self, x):
        return super().forward(F.pad(x, self.sides))


class OfSequences(nn.Module):
    """A module of (N, C, T) for (N, T, C)."""

    def __init__(self, inner):
        super().__init__()
        for name, p in inner.named_parameters():
            self.register_parameter(name, p)
        self.inner = [inner]

    def forward(self, x):
        return self.inner[0](x.transpose(1, 2)).transpose(1, 2)


def activation(function, module, shape=SMALL):
    return {"type": "activation", "function": function}, module, shape


def norm(settings, module, shape=SMALL):
    return {"type": "norm", "norm": settings}, module, shape


def conv(**settings):
    return {"type": "conv2d", "filters": 2, **settings}


def standardized(**settings):
    return {"type": "weightStandardizedConv2d", "conv": {"filters": 2, **settings}}


def cases():
    yield activation("hardSigmoid", nn.Hardsigmoid())
    yield activation("hardSwish", nn.Hardswish())
    yield activation({"type": "leakyRelu", "slope": 0.2}, nn.LeakyReLU(0.2))
    yield activation({"type": "elu", "alpha": 0.7}, nn.ELU(0.7))
    yield activation("mish", nn.Mish())
    yield activation("prelu", nn.PReLU())
    yield activation({"type": "prelu", "perChannel": True}, nn.PReLU(3))
    yield activation("quickGelu", Call(lambda x: x * torch.sigmoid(1.702 * x)))
    yield activation("relu6", nn.ReLU6())
    yield activation("reluSquared", Call(lambda x: F.relu(x) ** 2))
    yield activation("selu", nn.SELU())
    yield activation("softmax", nn.Softmax(-1))
    yield activation({"type": "softmax", "axis": 1}, nn.Softmax(1))
    yield activation("softmax", nn.Softmax(-1), SEQUENCE)
    yield activation("softplus", nn.Softplus())
    yield norm("instance", nn.InstanceNorm2d(3))
    yield norm({"type": "instance", "affine": True}, nn.InstanceNorm2d(3, affine=True))
    yield norm("instance", OfSequences(nn.InstanceNorm1d(3)), SEQUENCE)
    yield norm({"type": "group", "groups": 3}, OfSequences(nn.GroupNorm(3, 3)), SEQUENCE)
    yield {"type": "localResponseNorm", "alpha": 0.3}, nn.LocalResponseNorm(5, 0.3), SMALL
    yield (
        {"type": "localResponseNorm", "size": 2, "alpha": 0.3, "beta": 0.5, "k": 2},
        nn.LocalResponseNorm(2, 0.3, 0.5, 2),
        SMALL,
    )
    yield {"type": "l2Normalize"}, Call(lambda x: F.normalize(x, dim=1)), SMALL
    yield {"type": "l2Normalize"}, Call(lambda x: F.normalize(x, dim=-1)), SEQUENCE
    yield {"type": "gemPool", "eps": 1e-3}, GeM(1e-3), IMAGE
    yield {"type": "blurPool2d"}, BlurPool2d(3), IMAGE
    yield {"type": "blurPool2d", "kernel": 4}, BlurPool2d(3, 4), IMAGE
    yield {"type": "blurPool2d", "kernel": 5, "stride": 1}, BlurPool2d(3, 5, 1), IMAGE
    yield {"type": "blurPool2d", "kernel": 2, "stride": 3}, BlurPool2d(3, 2, 3), IMAGE
    yield {"type": "adaptiveAveragePool2d", "size": [2, 4]}, nn.AdaptiveAvgPool2d((2, 4)), IMAGE
    yield {"type": "adaptiveAveragePool2d", "size": [5, 2]}, nn.AdaptiveAvgPool2d((5, 2)), IMAGE
    yield {"type": "adaptiveAveragePool2d", "size": 7}, nn.AdaptiveAvgPool2d(7), IMAGE
    yield (
        {"type": "maxPool2d", "kernel": 2, "ceil": True},
        nn.MaxPool2d(2, 2, ceil_mode=True),
        IMAGE,
    )
    yield (
        {"type": "maxPool2d", "kernel": 3, "padding": 1, "ceil": True},
        nn.MaxPool2d(3, 2, 1, ceil_mode=True),
        IMAGE,
    )
    yield {"type": "maxPool2d", "kernel": 3, "padding": "same"}, MaxPool2dSame(3, 2), IMAGE
    yield {"type": "averagePool2d", "kernel": 3, "padding": "same"}, AvgPool2dSame(3, 2), IMAGE
    yield (
        {"type": "maxPool2d", "kernel": 3, "padding": [0, 1, 1, 0]},
        Call(lambda x: F.max_pool2d(F.pad(x, [1, 0, 0, 1], value=-math.inf), 3, 2)),
        IMAGE,
    )
    yield (
        conv(kernel=3, stride=2, padding="same"),
        Conv2dSame(3, 2, 3, 2),
        IMAGE,
    )
    yield (
        conv(kernel=[2, 3], stride=[1, 2], padding="same", dilation=2),
        Conv2dSame(3, 2, (2, 3), (1, 2), dilation=2),
        IMAGE,
    )
    yield (
        conv(kernel=3, stride=2, padding=[1, 2, 0, 3]),
        PaddedConv([0, 3, 1, 2], 3, 2, 3, 2),
        IMAGE,
    )
    yield standardized(kernel=3, padding=1), StdConv2d(3, 2, 3, padding=1, bias=True), IMAGE


def values(count, offset):
    return [1.2 * math.cos(1.7 * i + offset) for i in range(count)]


def main():
    done = []
    for layer, module, shape in cases():
        module = module.double()
        x = torch.tensor([3 * v for v in values(math.prod(shape), 0.3)], dtype=torch.float64)
        with torch.no_grad():
            for name, p in module.named_parameters():
                p.copy_(1.5 + torch.tensor(values(p.numel(), len(name))).reshape(p.shape))
            y = module(x.reshape(shape))
        output = [float(f"{v:.7g}") for v in y.flatten().tolist()]
        names = [name for name, _ in module.named_parameters()]
        done.append(
            {
                "layer": layer,
                "parameters": names,
                "input": shape,
                "shape": list(y.shape),
                "output": output,
            }
        )
    lines = ",\n".join(json.dumps(case) for case in done)
    file = pathlib.Path(__file__).with_name("torch_layers.json")
    file.write_text('{"cases": [\n' + lines + "\n]}\n")


if __name__ == "__main__":
    main()
