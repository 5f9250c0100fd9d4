"""Quantization-aware training in PyTorch, by its own fake_quantize operators, for QuantizationAwareTest.

Writes quantization.tsv: case, path, the values after each update. Made with PyTorch 2.13.
"""

import math
import os

import torch
from torch.nn import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = 3
SHAPES = {"a.weight": (6, 2, 3, 3), "norm.weight": (6,), "norm.bias": (6,), "unit.branch.b.weight": (6, 6, 1, 1),
          "unit.branch.b.bias": (6,), "c.weight": (12, 6, 1, 1), "c.bias": (12,), "hidden.weight": (10, 12),
          "hidden.bias": (10,), "head.weight": (3, 10), "head.bias": (3,)}
# scale, zero point of the input and the output of each layer
RANGES = {"a": [(0.012, 130), (0.002, 0)], "b": [(0.002, 0), (0.004, 120)], "c": [(0.0043, 20), (0.005, 128)],
          "hidden": [(0.003137, 125), None]}


class Rounding:
    """A pass in training of the network of QuantizationAwareTest."""

    def __init__(self, bits, group, activations):
        self.bits, self.group, self.activations = bits, group, activations

    def weight(self, w):
        rows = w.shape[0]
        matrix = w.reshape(rows, -1)
        if self.bits == 8:
            scale = matrix.detach().abs().amax(1) / 127
            return torch.fake_quantize_per_channel_affine(
                w, scale, torch.zeros(rows, dtype=torch.int32), 0, -127, 127)
        columns = matrix.shape[1]
        width = self.group or columns
        padded = F.pad(matrix, (0, -columns % width)).reshape(-1, width)
        rounded = torch.cat([self.four(row) for row in padded])
        return rounded.reshape(rows, -1)[:, :columns].reshape(w.shape)

    @staticmethod
    def four(row):
        x = row.detach()
        extreme = x.max() if x.max() + x.min() >= 0 else x.min()
        scales = [extreme / -(level / 2) for level in range(12, 21)]
        errors = [((x - s * (x / s).round().clamp(-8, 7)) ** 2).sum() for s in scales]
        scale = scales[min(range(len(scales)), key=lambda i: errors[i])]
        # A scale may be negative, which the operator does not take.
        return scale * torch.fake_quantize_per_tensor_affine(row / scale, 1.0, 0, -8, 7)

    def layer(self, name, side, x):
        pair = RANGES[name][side] if self.activations else None
        return x if pair is None else torch.fake_quantize_per_tensor_affine(x, pair[0], pair[1], 0, 255)

    def logits(self, w, statistics, x):
        conv = (lambda p: self.weight(p)) if self.activations else (lambda p: p)
        y = F.conv2d(self.layer("a", 0, x), conv(w["a.weight"]), padding=1)
        y = F.batch_norm(y, *statistics, w["norm.weight"], w["norm.bias"], training=True)
        y = self.layer("a", 1, F.relu(y))
        z = self.layer("b", 1, F.conv2d(y, conv(w["unit.branch.b.weight"]), w["unit.branch.b.bias"]))
        y = F.relu(y + z)
        y = self.layer("c", 1, F.conv2d(self.layer("c", 0, y), conv(w["c.weight"]), w["c.bias"]))
        y = y.mean((2, 3))
        y = torch.tanh(F.linear(self.layer("hidden", 0, y), self.weight(w["hidden.weight"]), w["hidden.bias"]))
        head = w["head.weight"] if self.activations else self.weight(w["head.weight"])
        return F.linear(y, head, w["head.bias"])


def trained(rounding):
    w = {path: torch.tensor([0.4 * math.sin(1.3 * i + n) for i in range(math.prod(shape))])
         .reshape(shape).requires_grad_() for n, (path, shape) in enumerate(SHAPES.items())}
    statistics = torch.zeros(6), torch.ones(6)
    optimizer = torch.optim.SGD(w.values(), lr=0.5, momentum=0.9)
    found = {path: [] for path in w}
    for step in range(STEPS):
        x = torch.tensor([1.6 * math.cos(0.9 * i + 0.5 * step) for i in range(160)]).reshape(5, 2, 4, 4)
        labels = torch.tensor([(i + step) % 3 for i in range(5)])
        optimizer.zero_grad()
        F.cross_entropy(rounding.logits(w, statistics, x), labels).backward()
        optimizer.step()
        for path, values in w.items():
            found[path] += values.detach().flatten().tolist()
    return found


with open(os.path.join(HERE, "quantization.tsv"), "w") as file:
    for name, rounding in {"8 0 activations": Rounding(8, 0, True), "8 0 weights": Rounding(8, 0, False),
                           "4 0 weights": Rounding(4, 0, False), "4 5 weights": Rounding(4, 5, False)}.items():
        for path, values in trained(rounding).items():
            file.write("\t".join([name, path, " ".join("%.9g" % v for v in values)]) + "\n")
