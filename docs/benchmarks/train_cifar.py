#!/usr/bin/env python3
"""Trains a CIFAR ResNet in PyTorch by a recipe.json of Residuum, for comparison.

    train_cifar.py --recipe recipe.json --train A.bin [B.bin ...] --test C.bin [--depth 20]

The recipe is what `residuum train ... --print-recipe` prints or a run folder holds. What it asks for
and this program does not do is an error, never ignored. Data are CIFAR-10 binary files. Prints a
JSON object an epoch: epoch, trainLoss, trainAccuracy, testLoss, testAccuracy, learningRate, seconds.
"""

import argparse
import json
import math
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

from peer import cifar_resnet, peak_resident_bytes

RECORD = 1 + 3 * 32 * 32

# Normalization of the presets for CIFAR, as in the spec of resnet20.
MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)

RECIPE = {
    "epochs": 10,
    "batch": 128,
    "accumulate": 1,
    "optimizer": "sgd",
    "learningRate": 0.1,
    "schedule": "cosine",
    "warmupEpochs": 0.0,
    "decayNormsAndBiases": False,
    "labelSmoothing": 0.0,
    "clipNorm": None,
    "ema": None,
    "augmentation": None,
    "mixing": [],
    "freeze": [],
    "seed": 0,
}
OPTIMIZERS = {
    "sgd": {"momentum": 0.9, "nesterov": False, "weightDecay": 1e-4},
    "adamw": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weightDecay": 0.05},
}
SCHEDULES = {
    "constant": {},
    "step": {"milestones": [0.5, 0.75], "gamma": 0.1},
    "cosine": {"finalFactor": 0.0},
}
AUGMENTATIONS = {"randomCrop": {"padding": 4}, "horizontalFlip": {"probability": 0.5}}

# What Residuum takes for CIFAR where a recipe says nothing.
USUAL = [{"type": "randomCrop", "padding": 4}, {"type": "horizontalFlip", "probability": 0.5}]


def filled(value, kinds, where):
    """An object with all its fields: a bare string is a type, a missing field has its default."""
    given = {"type": value} if isinstance(value, str) else dict(value)
    kind = given.pop("type", None)
    if kind not in kinds:
        raise SystemExit(f"{where}: type must be one of {', '.join(kinds)}, got {kind}")
    unknown = set(given) - set(kinds[kind])
    if unknown:
        raise SystemExit(f"{where}: unknown keys {sorted(unknown)}")
    return {"type": kind, **kinds[kind], **given}


def read_recipe(path):
    with open(path, encoding="utf-8") as file:
        given = json.load(file)
    unknown = set(given) - set(RECIPE)
    if unknown:
        raise SystemExit(f"{path}: unknown keys {sorted(unknown)}")
    recipe = {**RECIPE, **given}
    for key in ("ema", "mixing", "freeze"):
        if recipe[key]:
            raise SystemExit(f"{path}: {key} is not done here, got {recipe[key]}")
    recipe["optimizer"] = filled(recipe["optimizer"], OPTIMIZERS, "optimizer")
    recipe["schedule"] = filled(recipe["schedule"], SCHEDULES, "schedule")
    augmentation = USUAL if recipe["augmentation"] is None else recipe["augmentation"]
    recipe["augmentation"] = [filled(a, AUGMENTATIONS, "augmentation") for a in augmentation]
    return recipe


def read_cifar(paths):
    parts = []
    for path in paths:
        raw = np.fromfile(path, dtype=np.uint8)
        if raw.size == 0 or raw.size % RECORD:
            raise SystemExit(f"{path}: must be whole records of {RECORD} bytes, got {raw.size}")
        parts.append(raw.reshape(-1, RECORD))
    raw = np.concatenate(parts)
    images = torch.from_numpy(raw[:, 1:].reshape(-1, 3, 32, 32).copy()).float().div_(255)
    return images, torch.from_numpy(raw[:, 0].astype(np.int64))


def factor(schedule, at, warmup, epochs):
    """The schedule's factor at a point of the training, in epochs."""
    if schedule["type"] == "constant":
        return 1.0
    if schedule["type"] == "step":
        passed = [m for m in schedule["milestones"] if at >= (m * epochs if m < 1 else m)]
        return schedule["gamma"] ** len(passed)
    done = min(1.0, (at - warmup) / max(epochs - warmup, sys.float_info.min))
    final = schedule["finalFactor"]
    return final + (1 - final) * (1 + math.cos(math.pi * done)) / 2


def learning_rate(recipe, at, update):
    warmup = recipe["warmupEpochs"]
    if at < warmup:
        return recipe["learningRate"] * min(1.0, (at + update) / warmup)
    return recipe["learningRate"] * factor(recipe["schedule"], at, warmup, recipe["epochs"])


def new_optimizer(recipe, net):
    settings = recipe["optimizer"]
    decayed, others = [], []
    for p in net.parameters():
        (decayed if p.ndim > 1 or recipe["decayNormsAndBiases"] else others).append(p)
    groups = [
        {"params": decayed, "weight_decay": settings["weightDecay"]},
        {"params": others, "weight_decay": 0.0},
    ]
    if settings["type"] == "adamw":
        return torch.optim.AdamW(
            groups,
            lr=recipe["learningRate"],
            betas=(settings["beta1"], settings["beta2"]),
            eps=settings["eps"],
        )
    return torch.optim.SGD(
        groups,
        lr=recipe["learningRate"],
        momentum=settings["momentum"],
        nesterov=settings["nesterov"],
    )


def augment(images, augmentations, random):
    """Changes of images in [0, 1], drawn for each image."""
    n = images.shape[0]
    for a in augmentations:
        if a["type"] == "horizontalFlip":
            flipped = torch.rand(n, generator=random) < a["probability"]
            images = torch.where(flipped[:, None, None, None], images.flip(3), images)
        else:
            p = a["padding"]
            padded = F.pad(images, (p, p, p, p))
            tops = torch.randint(2 * p + 1, (n,), generator=random)
            lefts = torch.randint(2 * p + 1, (n,), generator=random)
            images = torch.stack(
                [padded[i, :, t : t + 32, l : l + 32] for i, (t, l) in enumerate(zip(tops, lefts))]
            )
    return images


def normalized(images):
    mean = torch.tensor(MEAN).view(1, 3, 1, 1)
    std = torch.tensor(STD).view(1, 3, 1, 1)
    return (images - mean) / std


def evaluate(net, images, labels, batch):
    net.eval()
    loss, correct = 0.0, 0
    with torch.inference_mode():
        for at in range(0, len(labels), batch):
            logits = net(normalized(images[at : at + batch]))
            wanted = labels[at : at + batch]
            loss += F.cross_entropy(logits, wanted, reduction="sum").item()
            correct += (logits.argmax(1) == wanted).sum().item()
    return loss / len(labels), correct / len(labels)


def train_epoch(net, optimizer, recipe, images, labels, epoch, random):
    """One epoch, counted from 0: mean loss and accuracy of the images seen, and the last rate."""
    net.train()
    batch, accumulate = recipe["batch"], recipe["accumulate"]
    batches = len(labels) // batch
    updates = -(-batches // accumulate)
    order = torch.randperm(len(labels), generator=random)
    loss_sum, correct, rate = 0.0, 0, 0.0
    for update in range(updates):
        first = update * accumulate
        passes = min(accumulate, batches - first)
        optimizer.zero_grad(set_to_none=True)
        for b in range(first, first + passes):
            chosen = order[b * batch : (b + 1) * batch]
            x = normalized(augment(images[chosen], recipe["augmentation"], random))
            logits = net(x)
            loss = F.cross_entropy(logits, labels[chosen], label_smoothing=recipe["labelSmoothing"])
            (loss / passes).backward()
            loss_sum += loss.item() * len(chosen)
            correct += (logits.argmax(1) == labels[chosen]).sum().item()
        if recipe["clipNorm"] is not None:
            torch.nn.utils.clip_grad_norm_(net.parameters(), recipe["clipNorm"])
        rate = learning_rate(recipe, epoch + update / updates, 1 / updates)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
    if not math.isfinite(loss_sum):
        raise SystemExit(f"the loss of epoch {epoch + 1} is not finite")
    seen = batches * batch
    return loss_sum / seen, correct / seen, rate


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", required=True)
    parser.add_argument("--train", required=True, nargs="+")
    parser.add_argument("--test", required=True, nargs="+")
    parser.add_argument("--depth", type=int, default=20)
    parser.add_argument("--seed", type=int, help="default: the recipe's")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--epochs", type=int, help="stop after so many, the schedule unchanged")
    args = parser.parse_args()

    recipe = read_recipe(args.recipe)
    seed = recipe["seed"] if args.seed is None else args.seed
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    images, labels = read_cifar(args.train)
    test_images, test_labels = read_cifar(args.test)
    if len(labels) < recipe["batch"]:
        raise SystemExit(f"a batch of {recipe['batch']} needs as many images, got {len(labels)}")
    net = cifar_resnet(args.depth)
    optimizer = new_optimizer(recipe, net)
    epochs = min(recipe["epochs"], args.epochs or recipe["epochs"])
    for epoch in range(epochs):
        start = time.perf_counter()
        loss, accuracy, rate = train_epoch(net, optimizer, recipe, images, labels, epoch, random)
        test_loss, test_accuracy = evaluate(net, test_images, test_labels, recipe["batch"])
        line = {
            "epoch": epoch + 1,
            "trainLoss": loss,
            "trainAccuracy": accuracy,
            "testLoss": test_loss,
            "testAccuracy": test_accuracy,
            "learningRate": rate,
            "seconds": time.perf_counter() - start,
            "peakResidentBytes": peak_resident_bytes(),
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
