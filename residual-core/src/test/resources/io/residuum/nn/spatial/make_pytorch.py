"""Writes pytorch.tsv: layers as specs, shapes of inputs, and the outputs that PyTorch computes.

Inputs and parameters follow formulas that the test repeats. Sequences are (N, T, C) in the file, and
(N, C, T) in PyTorch.
"""

import json

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)

IMAGE, SEQUENCE, VOLUME = [2, 4, 5, 3], [2, 6, 4], [1, 4, 3, 4, 2]


def values(shape, step, phase):
    count = torch.Size(shape).numel()
    return torch.sin(step * torch.arange(count) + phase).reshape(shape).float().double()


def conv(kind, **settings):
    names = {"filters": "out_channels", "kernel": "kernel_size", "outputPadding": "output_padding"}
    layer = kind(in_channels=4, **{names.get(k, k): v for k, v in settings.items()})
    layer.weight.data = values(layer.weight.shape, 0.7, 1)
    layer.bias.data = values(layer.bias.shape, 1.3, 2)
    name = {nn.ConvTranspose1d: "convTranspose1d", nn.ConvTranspose2d: "convTranspose2d"}.get(
        kind, kind.__name__.lower()
    )
    return {"type": name, **settings}, layer


def pad(sides, mode="constant", value=0.0):
    """Sides are given per axis; PyTorch wants the last axis first."""
    flat = [n for side in reversed(sides) for n in side]
    spec = {"type": "pad", "border": sides, "mode": mode}
    if value:
        spec["value"] = value
    return spec, lambda x: F.pad(x, flat, mode=mode, value=value if mode == "constant" else None)


def resize(mode, rank, scale=None, size=None, corners=False):
    spec = {"type": "resize", "mode": mode}
    spec.update({"scale": scale} if scale else {"size": size})
    if corners:
        spec["alignCorners"] = True
    torch_mode = {"bilinear": {3: "linear", 4: "bilinear", 5: "trilinear"}[rank]}.get(mode, mode)
    options = {} if mode == "nearest" else {"align_corners": corners}
    return spec, lambda x: F.interpolate(x, size, scale, torch_mode, **options)


CASES = [
    (SEQUENCE, conv(nn.Conv1d, filters=6, kernel=3, stride=2, padding=2, dilation=2, groups=2)),
    (VOLUME, conv(nn.Conv3d, filters=2, kernel=[2, 3, 2], stride=[1, 2, 1], padding=[1, 1, 0], groups=2)),
    (SEQUENCE, conv(nn.ConvTranspose1d, filters=2, kernel=4, stride=2, padding=1)),
    (SEQUENCE, conv(nn.ConvTranspose1d, filters=6, kernel=3, stride=3, outputPadding=2, dilation=2, groups=2)),
    (IMAGE, conv(nn.ConvTranspose2d, filters=3, kernel=2, stride=2)),
    (
        IMAGE,
        conv(
            nn.ConvTranspose2d,
            filters=4,
            kernel=[3, 2],
            stride=[2, 3],
            padding=[1, 0],
            outputPadding=[1, 2],
            dilation=[2, 1],
            groups=2,
        ),
    ),
    (SEQUENCE, ({"type": "maxPool1d", "kernel": 3, "padding": 1}, nn.MaxPool1d(3, 2, 1))),
    (
        SEQUENCE,
        (
            {"type": "averagePool1d", "kernel": 2, "padding": 1, "ceil": True, "countIncludePad": False},
            nn.AvgPool1d(2, 2, 1, ceil_mode=True, count_include_pad=False),
        ),
    ),
    (SEQUENCE, ({"type": "averagePool1d", "kernel": 3, "padding": 1}, nn.AvgPool1d(3, 2, 1))),
    (VOLUME, ({"type": "maxPool3d", "kernel": [2, 3, 1], "stride": 1, "padding": [1, 1, 0]}, nn.MaxPool3d((2, 3, 1), 1, (1, 1, 0)))),
    (
        VOLUME,
        (
            {"type": "averagePool3d", "kernel": 2, "padding": 1, "ceil": True, "countIncludePad": False},
            nn.AvgPool3d(2, 2, 1, ceil_mode=True, count_include_pad=False),
        ),
    ),
    (IMAGE, pad([[1, 2], [3, 0]], value=0.5)),
    (IMAGE, pad([[1, 2], [2, 0]], "reflect")),
    (IMAGE, pad([[1, 2], [3, 0]], "replicate")),
    (SEQUENCE, pad([[3, 2]], "reflect")),
    (VOLUME, pad([[1, 0], [2, 1], [0, 1]], "replicate")),
    (IMAGE, ({"type": "crop", "border": [[1, 2], [0, 1]]}, lambda x: x[:, :, 1:-2, :-1])),
    (IMAGE, ({"type": "channelSlice", "begin": 1, "end": 3}, lambda x: x[:, 1:3])),
    (IMAGE, ({"type": "channelShuffle", "groups": 2}, nn.ChannelShuffle(2))),
    (SEQUENCE, ({"type": "channelShuffle", "groups": 2}, nn.ChannelShuffle(2))),
    (IMAGE, ({"type": "pixelShuffle", "factor": 2}, nn.PixelShuffle(2))),
    ([1, 2, 4, 6], ({"type": "pixelUnshuffle", "factor": 2}, nn.PixelUnshuffle(2))),
    (IMAGE, ({"type": "permute", "order": [2, 3, 1]}, lambda x: x.permute(0, 2, 3, 1))),
    (IMAGE, ({"type": "reshape", "shape": [6, -1]}, lambda x: x.reshape(2, 6, -1))),
    (IMAGE, resize("nearest", 4, scale=2.0)),
    (IMAGE, resize("nearest", 4, scale=0.6)),
    (IMAGE, resize("nearest", 4, size=[7, 2])),
    (IMAGE, resize("bilinear", 4, scale=2.0)),
    (IMAGE, resize("bilinear", 4, scale=1.5)),
    (IMAGE, resize("bilinear", 4, size=[7, 2])),
    (IMAGE, resize("bilinear", 4, scale=2.0, corners=True)),
    (IMAGE, resize("bicubic", 4, scale=2.0)),
    (IMAGE, resize("bicubic", 4, scale=1.4)),
    (IMAGE, resize("bicubic", 4, size=[3, 7], corners=True)),
    (SEQUENCE, resize("nearest", 3, scale=1.7)),
    (SEQUENCE, resize("bilinear", 3, scale=1.7)),
    (VOLUME, resize("bilinear", 5, scale=1.5)),
    (VOLUME, resize("nearest", 5, size=[2, 6, 4])),
]

with open("pytorch.tsv", "w") as out:
    for shape, (spec, layer) in CASES:
        x = values(shape, 0.9, 0.5)
        sequence = len(shape) == 3
        y = layer(x.transpose(1, 2) if sequence else x)
        y = y.transpose(1, 2) if sequence else y
        numbers = ",".join(f"{v:.6g}" for v in y.reshape(-1).tolist())
        out.write(f"{json.dumps(spec)}\t{','.join(map(str, shape))}\t{','.join(map(str, y.shape))}\t{numbers}\n")
