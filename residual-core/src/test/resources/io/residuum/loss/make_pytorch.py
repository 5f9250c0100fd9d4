"""Writes pytorch.tsv: losses as JSON, outputs, targets, and the mean and gradient that PyTorch or timm computes.

Outputs follow a formula that the test repeats. Dice has no counterpart in PyTorch and is written out.
A target is labels (-1 is ignored), rows of probabilities, or numbers (nan is unknown).
"""

import json
import math

import torch
from timm.loss import BinaryCrossEntropy
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
NAN = math.nan


def output(shape):
    count = torch.Size(shape).numel()
    x = (2 * torch.sin(0.9 * torch.arange(count) + 0.5)).float().double()
    return x.reshape(shape).requires_grad_()


def numbers(shape, step=1.3):
    count = torch.Size(shape).numel()
    return torch.sin(step * torch.arange(count)).float().double().reshape(shape)


def bits(shape):
    return (numbers(shape, 2.1) > 0).double()


def rows(shape):
    return F.softmax(3 * numbers(shape), -1).float().double()


def masked(x, holes):
    y = x.clone().reshape(-1)
    y[holes] = NAN
    return y.reshape(x.shape)


def known(each, target):
    found = torch.where(target.isnan(), torch.zeros_like(each), each)
    return found.sum() / (~target.isnan()).sum()


def filled(target):
    return target.nan_to_num(0)


def channels_last(x):
    return x if x.dim() < 4 else x.movedim(1, -1)


def cross_entropy(x, target, **options):
    if x.dim() == 3:
        x = x.movedim(-1, 1)
        target = target if target.dim() == 2 else target.movedim(-1, 1)
    return F.cross_entropy(x, target, **options)


LABELS = torch.tensor([2, 0, 3, 1, -1, 2])
SEGMENTS = torch.tensor([0, 2, 1, 255, 1, 0, 2, 2, 0, 1, 1, 0]).reshape(2, 2, 3)
WEIGHTS = [0.5, 2.0, 1.0, 3.0]


def infonce(x, temperature, symmetric):
    z = F.normalize(x, dim=-1)
    logits = z[:, 0] @ z[:, 1].T / temperature
    partners = torch.arange(len(x))
    loss = F.cross_entropy(logits, partners)
    return (loss + F.cross_entropy(logits.T, partners)) / 2 if symmetric else loss


def dice(probabilities, target, smooth):
    counts = (~target.isnan()).double()
    p, t = probabilities * counts, filled(target)
    axes = tuple(range(2, t.dim()))
    each = 1 - (2 * (p * t).sum(axes) + smooth) / ((p + t).sum(axes) + smooth)
    seen = counts.sum(axes) > 0
    return each[seen].mean()


def cases():
    four, image = [6, 4], [2, 3, 2, 3]
    w = torch.tensor(WEIGHTS)
    ce = {"type": "crossEntropy"}
    yield ce, four, LABELS, lambda x, t: cross_entropy(x, t, ignore_index=-1)
    yield {**ce, "labelSmoothing": 0.2}, four, LABELS, lambda x, t: cross_entropy(
        x, t, ignore_index=-1, label_smoothing=0.2
    )
    yield {**ce, "classWeights": WEIGHTS}, four, LABELS, lambda x, t: cross_entropy(
        x, t, ignore_index=-1, weight=w
    )
    yield {**ce, "classWeights": WEIGHTS, "labelSmoothing": 0.1}, four, LABELS, lambda x, t: cross_entropy(
        x, t, ignore_index=-1, weight=w, label_smoothing=0.1
    )
    yield ce, [2, 3, 4], LABELS.reshape(2, 3), lambda x, t: cross_entropy(x, t, ignore_index=-1)
    yield ce, [3, 4], rows([3, 4]), cross_entropy
    yield {**ce, "labelSmoothing": 0.2}, [3, 4], rows([3, 4]), lambda x, t: cross_entropy(
        x, t, label_smoothing=0.2
    )
    yield {**ce, "classWeights": WEIGHTS, "labelSmoothing": 0.2}, [3, 4], rows([3, 4]), lambda x, t: cross_entropy(
        x, t, weight=w, label_smoothing=0.2
    )
    yield {**ce, "ignoreIndex": 255}, image, SEGMENTS, lambda x, t: cross_entropy(x, t, ignore_index=255)
    yield {**ce, "ignoreIndex": 255, "classWeights": [0.5, 2.0, 1.0]}, image, SEGMENTS, lambda x, t: cross_entropy(
        x, t, ignore_index=255, weight=torch.tensor([0.5, 2.0, 1.0])
    )
    yield {**ce, "labelSmoothing": 0.1}, image, F.softmax(numbers(image), 1).float().double(), lambda x, t: cross_entropy(
        x, t, label_smoothing=0.1
    )

    bce = {"type": "binaryCrossEntropy"}
    full = F.binary_cross_entropy_with_logits
    yield bce, four, bits(four), full
    yield bce, four, masked(bits(four), [1, 5, 6]), lambda x, t: known(full(x, filled(t), reduction="none"), t)
    yield {**bce, "posWeights": WEIGHTS}, four, masked(bits(four), [3]), lambda x, t: known(
        full(x, filled(t), reduction="none", pos_weight=w), t
    )
    yield {**bce, "posWeights": [3.0]}, four, (numbers(four) + 1) / 2, lambda x, t: full(
        x, t, pos_weight=torch.tensor([3.0])
    )
    yield {**bce, "posWeights": [0.5, 2.0, 1.0]}, image, bits(image), lambda x, t: full(
        x, t, pos_weight=torch.tensor([0.5, 2.0, 1.0]).reshape(3, 1, 1)
    )

    labels = LABELS.clamp(min=0)
    yield bce, four, labels, BinaryCrossEntropy(0.0)
    yield {**bce, "labelSmoothing": 0.1}, four, labels, BinaryCrossEntropy(0.1)
    yield {**bce, "threshold": 0.2}, [3, 4], rows([3, 4]), BinaryCrossEntropy(0.0, 0.2)

    for kind, function in {
        "mse": F.mse_loss,
        "l1": F.l1_loss,
        "huber": lambda x, t, **o: F.huber_loss(x, t, delta=0.7, **o),
    }.items():
        spec = {"type": kind, **({"delta": 0.7} if kind == "huber" else {})}
        yield spec, four, numbers(four), function
        yield spec, [2, 3, 2], masked(numbers([2, 3, 2]), [0, 4, 11]), lambda x, t, f=function: known(
            f(x, filled(t), reduction="none"), t
        )

    def kl(x, t, temperature=1.0):
        q = F.log_softmax(channels_last(x) / temperature, -1)
        p = channels_last(t)
        keep = ~p.isnan().any(-1)
        return temperature**2 * nn.KLDivLoss(reduction="none")(q[keep], p[keep]).sum(-1).mean()

    yield {"type": "kl"}, [3, 4], rows([3, 4]), kl
    yield {"type": "kl", "temperature": 3.0}, [3, 4], masked(rows([3, 4]), [4]), lambda x, t: kl(x, t, 3.0)
    yield {"type": "kl"}, image, F.softmax(numbers(image), 1).float().double(), kl

    def cosine(x, t):
        a, b = (channels_last(v).reshape(-1, channels_last(v).shape[-1]) for v in (x, t))
        keep = ~b.isnan().any(-1)
        return nn.CosineEmbeddingLoss()(a[keep], b[keep], torch.ones(int(keep.sum())))

    yield {"type": "cosine"}, four, numbers(four), cosine
    yield {"type": "cosine"}, [2, 3, 4], masked(numbers([2, 3, 4]), [5]), cosine
    yield {"type": "cosine"}, image, numbers(image), cosine

    for margin in (1.0, 0.2):
        yield {"type": "triplet", "margin": margin}, [4, 3, 5], None, lambda x, t, m=margin: nn.TripletMarginLoss(m)(
            x[:, 0], x[:, 1], x[:, 2]
        )
    yield {"type": "infoNce"}, [4, 2, 5], None, lambda x, t: infonce(x, 0.1, True)
    yield {"type": "infoNce", "temperature": 0.5, "symmetric": False}, [4, 2, 5], None, lambda x, t: infonce(
        x, 0.5, False
    )

    yield {"type": "dice"}, image, masked(bits(image), [0, 7, 18, 19, 20, 21, 22, 23]), lambda x, t: dice(
        torch.sigmoid(x), t, 1.0
    )

    def dice_of_labels(x, t):
        one_hot = F.one_hot(t.clamp(min=0), 3).double().movedim(-1, 1)
        one_hot[(t < 0).unsqueeze(1).expand(one_hot.shape)] = NAN
        return dice(torch.softmax(x, 1), one_hot, 0.5)

    yield {"type": "dice", "smooth": 0.5}, image, torch.where(SEGMENTS == 255, -1, SEGMENTS), dice_of_labels

    pinball = {
        "type": "graph",
        "inputs": ["output", "target"],
        "layers": [
            {"type": "add", "name": "over", "from": ["output", "target"], "weights": [1.0, -1.0]},
            {"type": "activation", "name": "a", "function": "relu"},
            {"type": "add", "name": "under", "from": ["target", "output"], "weights": [1.0, -1.0]},
            {"type": "activation", "name": "b", "function": "relu"},
            {"type": "add", "name": "sum", "from": ["a", "b"], "weights": [0.1, 0.9]},
        ],
    }
    yield {"type": "layer", "layer": pinball}, four, masked(numbers(four), [2, 3]), lambda x, t: known(
        torch.maximum(0.9 * (filled(t) - x), 0.1 * (x - filled(t))), t
    )
    yield {"type": "layer", "layer": pinball}, [3, 4], torch.tensor([1, 3, 0]), lambda x, t: torch.maximum(
        0.9 * (F.one_hot(t, 4) - x), 0.1 * (x - F.one_hot(t, 4))
    ).mean()


def text(values):
    return ",".join(repr(v) for v in values.detach().reshape(-1).tolist())


with open("pytorch.tsv", "w") as out:
    for spec, shape, target, loss in cases():
        x = output(shape)
        value = loss(x, target)
        value.backward()
        kind = "none" if target is None else "labels" if target.dtype == torch.int64 else "numbers"
        given = "" if target is None else text(target)
        line = [json.dumps(spec), ",".join(map(str, shape)), kind, given, repr(value.item()), text(x.grad)]
        out.write("\t".join(line) + "\n")
