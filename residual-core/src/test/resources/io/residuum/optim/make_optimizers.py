"""Writes optimizers.tsv, averages.tsv, sam.tsv and schedules.tsv: weights after 20 steps of torch.optim, timm.optim or the
papers' formulas, in float64.

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


class ScheduleFree:
    """Defazio et al. 2024, arXiv:2405.15682, Algorithm 1: the three sequences as the paper writes them."""

    def __init__(self, decay, beta1=0.9, beta2=0.999, eps=1e-8, power=0.0, rate_power=2.0):
        self.decay, self.beta1, self.beta2, self.eps = decay, beta1, beta2, eps
        self.power, self.rate_power = power, rate_power
        self.t, self.sum, self.largest, self.all = 0, 0.0, 0.0, None

    def step(self, parameters, rate):
        if self.all is None:
            self.all = [{"z": p.detach().clone(), "x": p.detach().clone(), "v": torch.zeros_like(p)} for p in parameters]
        self.t += 1
        self.largest = max(self.largest, rate)
        weight = self.t ** self.power * self.largest ** self.rate_power
        self.sum += weight
        c = weight / self.sum
        for p, s, decay in zip(parameters, self.all, (self.decay, 0.0)):
            y = p.data
            s["v"] = self.beta2 * s["v"] + (1 - self.beta2) * p.grad ** 2
            direction = p.grad / ((s["v"] / (1 - self.beta2 ** self.t)).sqrt() + self.eps) + decay * y
            s["z"] = s["z"] - rate * direction
            s["x"] = (1 - c) * s["x"] + c * s["z"]
            p.data = (1 - self.beta1) * s["z"] + self.beta1 * s["x"]


def schedule_free(**options):
    """Returns the weights of training, and the averages in averages.tsv."""
    weight = torch.tensor(initial(12), dtype=torch.float64).reshape(4, 3).requires_grad_()
    bias = torch.tensor(initial(4), dtype=torch.float64).requires_grad_()
    optimizer = ScheduleFree(**options)
    for step in range(1, STEPS + 1):
        for p in (weight, bias):
            p.grad = torch.tensor(gradient(p.numel(), step), dtype=torch.float64).reshape(p.shape)
        optimizer.step([weight, bias], rate(step))
    flat = lambda a, b: a.detach().flatten().tolist() + b.detach().tolist()
    return flat(weight, bias), flat(optimizer.all[0]["x"], optimizer.all[1]["x"])


FREE = [({"type": "scheduleFreeAdamW"}, {"decay": 0.0}),
        ({"type": "scheduleFreeAdamW", "beta1": 0.8, "weightDecay": 0.1, "power": 1.0, "ratePower": 1.0},
         {"decay": 0.1, "beta1": 0.8, "power": 1.0, "rate_power": 1.0})]
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
free = [({"optimizer": spec}, schedule_free(**options)) for spec, options in FREE]
rows += [(spec, y) for spec, (y, x) in free]
write("averages.tsv", [(spec, x) for spec, (y, x) in free])


def sam(rho, adaptive=False, eta=0.01):
    """Foret et al. 2021, Algorithm 1, and Kwon et al. 2021, Algorithm 1, with momentum, on the network of SamTest."""
    shapes = {"in.weight": (4, 3), "in.bias": (4,), "out.weight": (3, 4), "out.bias": (3,)}
    w = {k: torch.tensor([0.4 * math.sin(1.3 * i + n) for i in range(math.prod(s))], dtype=torch.float64)
         .reshape(s).requires_grad_() for n, (k, s) in enumerate(shapes.items())}
    optimizer = torch.optim.SGD(w.values(), lr=0.1, momentum=0.9)
    for step in range(STEPS):
        x = torch.tensor([math.cos(0.9 * i + 0.5 * step) for i in range(15)], dtype=torch.float64).reshape(5, 3)
        labels = torch.tensor([(i + step) % 3 for i in range(5)])

        def backward():
            optimizer.zero_grad()
            hidden = torch.tanh(x @ w["in.weight"].T + w["in.bias"])
            torch.nn.functional.cross_entropy(hidden @ w["out.weight"].T + w["out.bias"], labels).backward()

        backward()
        sizes = [p.detach().abs() + eta if adaptive else torch.ones_like(p) for p in w.values()]
        norm = sum(((t * p.grad) ** 2).sum() for t, p in zip(sizes, w.values())).sqrt() + 1e-12
        old = [p.detach().clone() for p in w.values()]
        for p, t in zip(w.values(), sizes):
            p.data += rho * t ** 2 * p.grad / norm
        backward()
        for p, before in zip(w.values(), old):
            p.data = before
        optimizer.step()
    return [v for p in w.values() for v in p.detach().flatten().tolist()]


write("sam.tsv", [({"rho": 0.05}, sam(0.05)), ({"rho": 0.5}, sam(0.5)),
                  ({"rho": 0.5, "adaptive": True, "eta": 0.01}, sam(0.5, True)),
                  ({"rho": 2.0, "adaptive": True, "eta": 0.0}, sam(2.0, True, 0.0))])
write("optimizers.tsv", rows)
write("schedules.tsv", [(spec, rates(make)) for spec, make in SCHEDULES])
