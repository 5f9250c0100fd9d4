#!/usr/bin/env python3
"""Writes every-layer-outputs.json: the outputs of every-layer.json in PyTorch, for EveryLayerTest.

The input and the parameters follow from formulas that the test repeats. Made with torch 2.13.0 and timm 1.0.29.
"""

import json
import math
import pathlib

import torch
from timm.layers import BlurPool2d, Conv2dSame, StdConv2d
from torch import nn
from torch.nn import functional as F

RECURRENT = {"weight_ih": "ih.weight", "weight_hh": "hh.weight", "bias_ih": "ih.bias", "bias_hh": "hh.bias"}


def values(path, shape):
    """The values of a parameter of this library's path."""
    count = math.prod(shape)
    phase = sum(ord(c) for c in path) % 100 / 10
    waves = torch.cos(1.7 * torch.arange(count, dtype=torch.float64) + phase)
    if len(shape) > 1:
        return (waves / math.sqrt(count / shape[0])).reshape(shape)
    return (0.0 if path.endswith(".bias") else 1.0) + 0.2 * waves


def path_of(prefix, name):
    """The path of a parameter of a module, by the names of this library."""
    for theirs, ours in RECURRENT.items():
        if name.startswith(theirs + "_l0"):
            way = "backward" if name.endswith("_reverse") else "forward"
            return f"{prefix}.l0.{way}.{ours}"
    return f"{prefix}.{name}"


def filled(prefix, module):
    module = module.double()
    with torch.no_grad():
        for name, p in module.named_parameters():
            p.copy_(values(path_of(prefix, name), list(p.shape)))
    return module


def gem(x):
    p = values("gem.p", [1])
    return x.clamp(min=1e-6).pow(p).mean([2, 3]).pow(1 / p)


def shuffled(x, groups):
    n, c, h, w = x.shape
    return x.reshape(n, groups, c // groups, h, w).transpose(1, 2).reshape(n, c, h, w)


def forward(x):
    x = F.hardswish(filled("stem", Conv2dSame(3, 8, 3, 2))(x))
    asymmetric = filled("asymmetric", nn.Conv2d(8, 8, 3))
    x = asymmetric(F.pad(x, [2, 0, 0, 2]))
    x = filled("prelu", nn.PReLU(8))(filled("instance", nn.InstanceNorm2d(8, affine=True))(x))
    left, right = x.split(4, 1)
    left = F.relu6(filled("standardized", StdConv2d(4, 4, 3, padding=1, bias=True))(left))
    right = nn.LocalResponseNorm(3, 0.5)(right)
    right = right * torch.sigmoid(1.702 * right)
    x = shuffled(torch.cat([left, right], 1), 2)
    unit = x + filled("unit.branch.conv", nn.Conv2d(8, 8, 1))(F.relu(x) ** 2)
    x = unit - 0.5 * asymmetric(F.pad(unit, [2, 0, 0, 2]))
    x = filled("fineConv", nn.Conv2d(2, 4, 3, padding=1))(F.pixel_shuffle(x, 2))
    coarse = F.pixel_unshuffle(F.hardsigmoid(x), 2)
    mix = filled("mix", nn.Conv2d(24, 8, 1))(torch.cat([unit, coarse], 1))
    blurred = BlurPool2d(8).double()(mix)
    soft = F.softplus(filled("up", nn.ConvTranspose2d(8, 6, 4, 2, 1))(blurred))
    x = F.interpolate(soft, scale_factor=2, mode="bilinear")
    x = F.pad(x, [0, 1, 1, 2], mode="reflect")[:, :, :-1, :-1]
    x = F.max_pool2d(x, 3, 2, ceil_mode=True)
    x = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
    out = filled("map", nn.Conv2d(4, 2, 1))(x[:, 1:5])
    x = filled("conv3d", nn.Conv3d(2, 3, 3, padding=1))(mix.reshape(-1, 2, 4, 6, 8))
    x = F.avg_pool3d(F.max_pool3d(x, 2), (1, 3, 3), 1, (0, 1, 1))
    dense = filled("dense", nn.Linear(72, 8))(x.flatten(1))
    x = filled("conv1d", nn.Conv1d(8, 8, 3, 2, 1))(blurred.reshape(-1, 8, 12))
    x = filled("longer", nn.ConvTranspose1d(8, 8, 4, 2, 1))(x)
    x = F.avg_pool1d(F.max_pool1d(x, 2), 3, 1, 1).transpose(1, 2)
    x = filled("gru", nn.GRU(8, 4, batch_first=True, bidirectional=True))(x)[0]
    sequence = filled("sequence", nn.LSTM(8, 5, batch_first=True))(x)[0]
    seen = torch.cat([F.normalize(gem(soft), dim=1), dense], 1)
    vector = F.softmax(filled("logits", nn.Linear(14, 5))(seen), 1)
    return {"map": out, "vector": vector, "sequence": sequence}


def main():
    shape = [2, 3, 12, 16]
    x = torch.sin(0.9 * torch.arange(math.prod(shape), dtype=torch.float64) + 0.5).reshape(shape)
    with torch.no_grad():
        outputs = {name: y.flatten().tolist() for name, y in forward(x).items()}
    rounded = {name: [float(f"{v:.7g}") for v in y] for name, y in outputs.items()}
    file = pathlib.Path(__file__).with_name("every-layer-outputs.json")
    lines = ",\n".join(f'"{name}": {json.dumps(y)}' for name, y in rounded.items())
    file.write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
