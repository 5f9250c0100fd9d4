"""Writes optimizers.tsv and schedules.tsv: weights after 20 steps of torch.optim and timm.optim, in float64.

Each line of optimizers.tsv: a recipe, then the 12 weights and the 4 biases. OptimizerPeersTest has the same gradients.
"""
import json
import math
import os

import torch
from timm.optim import Lamb, Lion, RMSpropTF
from timm.utils.agc import adaptive_clip_grad

STEPS = 20
HERE = os.path.dirname(os.path.abspath(__file__))
# Muon's iterations in the type of the weights: bfloat16 has no digits to compare.
torch.Tensor.bfloat16 = lambda self: self.clone()


def initial(count):
    return [0.5 * math.cos(1.7 * i + count) for i in range(count)]


def gradient(count, step):
    return [math.sin(0.7 * i * i + 1.3 * step + count) * (1 + i) / 4 for i in range(count)]


def rate(step):
    return 0.01 * (1 + step % 3)


def values(make, clip=None):
    weight = torch.tensor(initial(12), dtype=torch.float64).reshape(4, 3).requires_grad_()
    bias = torch.tensor(initial(4), dtype=torch.float64).requires_grad_()
    optimizers = make(weight, bias)
    for step in range(1, STEPS + 1):
        for p in (weight, bias):
            p.grad = torch.tensor(gradient(p.numel(), step), dtype=torch.float64).reshape(p.shape)
        if clip:
            adaptive_clip_grad([weight, bias], **clip)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate(step)
            optimizer.step()
    return weight.detach().flatten().tolist() + bias.detach().tolist()


def both(cls, decay=0.0, **options):
    def make(weight, bias):
        groups = [{"params": [weight], "weight_decay": decay}, {"params": [bias], "weight_decay": 0.0}]
        return [cls(groups, lr=0.01, **options)]
    return make


def muon(adjust, **options):
    def make(weight, bias):
        return [torch.optim.Muon([weight], weight_decay=0.1, adjust_lr_fn=adjust, **options),
                torch.optim.AdamW([bias], betas=(0.9, 0.95), weight_decay=0.0)]
    return make


CASES = [
    ({"type": "lion", "weightDecay": 0.1}, both(Lion, 0.1)),
    ({"type": "lamb", "weightDecay": 0.1}, both(Lamb, 0.1, max_grad_norm=None)),
    ({"type": "lamb", "trustClip": True}, both(Lamb, 0.01, max_grad_norm=None, trust_clip=True)),
    ({"type": "nadam", "weightDecay": 0.1}, both(torch.optim.NAdam, 0.1)),
    ({"type": "nadam", "decoupled": True, "weightDecay": 0.1, "momentumDecay": 0.01},
     both(torch.optim.NAdam, 0.1, decoupled_weight_decay=True, momentum_decay=0.01)),
    ({"type": "rmsprop", "weightDecay": 0.1}, both(torch.optim.RMSprop, 0.1)),
    ({"type": "rmsprop", "centered": True, "momentum": 0.9, "eps": 0.01},
     both(torch.optim.RMSprop, centered=True, momentum=0.9, eps=0.01)),
    ({"type": "rmsprop", "tensorflow": True, "alpha": 0.9, "momentum": 0.9, "eps": 0.001, "weightDecay": 1e-2},
     both(RMSpropTF, 1e-2, alpha=0.9, momentum=0.9, eps=0.001)),
    ({"type": "rmsprop", "tensorflow": True, "centered": True, "alpha": 0.9, "eps": 0.1},
     both(RMSpropTF, alpha=0.9, centered=True, eps=0.1)),
    ({"type": "muon"}, muon("match_rms_adamw")),
    ({"type": "muon", "matchAdamW": False, "nesterov": False}, muon("original", nesterov=False)),
]
CLIP = {"optimizer": {"type": "sgd", "weightDecay": 0.0}, "adaptiveClip": {"factor": 0.1}}

SCHEDULES = [
    ({"type": "oneCycle"}, lambda o: torch.optim.lr_scheduler.OneCycleLR(
        o, 1.0, total_steps=STEPS + 1, pct_start=(0.3 * STEPS + 1) / (STEPS + 1))),
    ({"type": "oneCycle", "rise": 0.5, "startFactor": 0.1, "finalFactor": 0.01, "curve": "linear"},
     lambda o: torch.optim.lr_scheduler.OneCycleLR(
         o, 1.0, total_steps=STEPS + 1, pct_start=(0.5 * STEPS + 1) / (STEPS + 1), div_factor=10,
         final_div_factor=10, anneal_strategy="linear")),
    ({"type": "polynomial", "power": 2.0}, lambda o: torch.optim.lr_scheduler.PolynomialLR(o, STEPS, 2.0)),
]


def write(name, rows):
    with open(os.path.join(HERE, name), "w") as file:
        for spec, numbers in rows:
            file.write(json.dumps(spec) + "\t" + " ".join("%.9g" % n for n in numbers) + "\n")


def rates(make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    found = []
    for _ in range(STEPS + 1):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(found) <= STEPS:
            scheduler.step()
    return found


rows = [({"optimizer": spec}, values(make)) for spec, make in CASES]
rows.append((CLIP, values(both(torch.optim.SGD, momentum=0.9), {"clip_factor": 0.1})))
write("optimizers.tsv", rows)
write("schedules.tsv", [(spec, rates(make)) for spec, make in SCHEDULES])
