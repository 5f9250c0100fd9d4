"""Writes policies.tsv: what torchvision's and timm's augmentations make of fixed images with recorded random draws.

Each line: a transform as JSON, the image (its height, width and seed), the draws, and the values of the result in base64,
channels last. Draws are i (an integer below a bound), u (uniform in [0, 1)) and g (standard normal).
"""
import base64
import json
import math
import os
import random

import numpy as np
import PIL.Image
import torch
from timm.data import auto_augment as timm_aa
from torchvision.transforms import InterpolationMode, autoaugment
from torchvision.transforms import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
OPS = ["Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast",
       "Sharpness", "Posterize", "Solarize", "SolarizeAdd", "AutoContrast", "Equalize", "Invert"]
TORCH = [o for o in OPS if o not in ("SolarizeAdd", "Invert")]
MIX = TORCH[1:]
TIMM = OPS[1:]
MODES = {"nearest": InterpolationMode.NEAREST, "bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC}


def image(height, width, seed):
    """Smooth colours with some noise; Java makes the same from the same integers."""
    state = seed
    values = np.zeros((height, width, 3), np.uint8)
    for y in range(height):
        for x in range(width):
            for c in range(3):
                state = (state * 1103515245 + 12345) % (1 << 31)
                values[y, x, c] = (40 + 5 * x + 3 * y * (c + 1) + (state >> 16) % 64) % 224
    return PIL.Image.fromarray(values)


class Draws:
    """Random numbers that are recorded."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.log = []

    def integer(self, bound):
        value = self.random.randrange(bound)
        self.log.append("i%d" % value)
        return value

    def uniform(self):
        value = self.random.random()
        self.log.append("u%r" % value)
        return value

    def normal(self):
        value = self.random.gauss(0, 1)
        self.log.append("g%r" % value)
        return value


def level(draws, magnitudes, signed, index):
    magnitude = float(magnitudes[index].item()) if magnitudes.ndim > 0 else 0.0
    return -magnitude if signed and draws.integer(2) else magnitude


def apply(img, name, magnitude, spec):
    fill = spec.get("fill")
    fill = fill[0] if fill and len(fill) == 1 else fill
    default = "bilinear" if spec["type"] == "augMix" else "nearest"
    return autoaugment._apply_op(img, name, magnitude, MODES[spec.get("interpolation", default)], fill)


def rand_augment(spec, img, draws):
    reference = autoaugment.RandAugment(spec.get("operations", 2), spec.get("magnitude", 9), spec.get("bins", 31))
    space = reference._augmentation_space(reference.num_magnitude_bins, (img.height, img.width))
    for _ in range(reference.num_ops):
        name = TORCH[draws.integer(len(space))]
        img = apply(img, name, level(draws, *space[name], reference.magnitude), spec)
    return img


def trivial(spec, img, draws):
    reference = autoaugment.TrivialAugmentWide(spec.get("bins", 31))
    space = reference._augmentation_space(reference.num_magnitude_bins)
    name = TORCH[draws.integer(len(space))]
    index = draws.integer(reference.num_magnitude_bins) if space[name][0].ndim else 0
    return apply(img, name, level(draws, *space[name], index), spec)


def auto_augment(spec, img, draws):
    reference = autoaugment.AutoAugment(autoaugment.AutoAugmentPolicy(spec.get("policy", "imagenet")))
    space = reference._augmentation_space(10, (img.height, img.width))
    pair = reference.policies[draws.integer(len(reference.policies))]
    chances = [draws.uniform(), draws.uniform()]
    signs = [draws.integer(2), draws.integer(2)]
    for i, (name, p, magnitude) in enumerate(pair):
        if chances[i] <= p:
            magnitudes, signed = space[name]
            value = float(magnitudes[magnitude].item()) if magnitude is not None else 0.0
            img = apply(img, name, -value if signed and signs[i] == 0 else value, spec)
    return img


def aug_mix(spec, img, draws):
    """The weights are given, since Java draws them otherwise."""
    reference = autoaugment.AugMix(spec.get("severity", 3), all_ops=spec.get("allOperations", True))
    space = reference._augmentation_space(10, (img.height, img.width))
    names = [o for o in MIX if o in space]
    kept, chains = 0.4, [0.1, 0.3, 0.2]
    mix = np.float32(kept) * np.asarray(img, np.float32)
    for weight in chains:
        pixels = img
        for _ in range(draws.integer(3) + 1):
            name = names[draws.integer(len(names))]
            index = draws.integer(reference.severity) if space[name][0].ndim else 0
            pixels = apply(pixels, name, level(draws, *space[name], index), spec)
        mix += np.float32(weight) * np.asarray(pixels, np.float32)
    return PIL.Image.fromarray(mix.astype(np.uint8))


def timm_rand(spec, img, draws):
    hparams = {"img_mean": tuple((spec.get("fill", [128]) * 3)[:3])}
    transform = timm_aa.rand_augment_transform(spec["config"], hparams)
    by_name = {}
    for op in transform.ops:
        by_name[op.name.replace("Increasing", "").replace("Rel", "")] = op

    class Random:
        random = staticmethod(draws.uniform)

        @staticmethod
        def gauss(mean, deviation):
            return mean + deviation * draws.normal()

        @staticmethod
        def uniform(low, high):
            return low + (high - low) * draws.uniform()

        @staticmethod
        def choice(options):
            return options[draws.integer(2)]

    old, timm_aa.random = timm_aa.random, Random
    try:
        if transform.choice_weights is None:
            names = [TIMM[draws.integer(len(TIMM))] for _ in range(transform.num_layers)]
        else:
            weights = {o: w for o, w in zip(transform.ops, transform.choice_weights)}
            left = [weights[by_name[name]] for name in TIMM]
            names = []
            for _ in range(transform.num_layers):
                at = draws.uniform() * sum(left)
                index = next(i for i in range(len(left)) if at < sum(left[:i + 1]))
                names.append(TIMM[index])
                left[index] = 0
        for name in names:
            img = by_name[name](img)
    finally:
        timm_aa.random = old
    return img


MAKERS = {"randAugment": rand_augment, "trivialAugmentWide": trivial, "autoAugment": auto_augment, "augMix": aug_mix,
          "timmRandAugment": timm_rand}
SPECS = [({"type": "randAugment"}, 12), ({"type": "randAugment", "operations": 3, "magnitude": 24, "fill": [10, 20, 30]}, 12),
         ({"type": "randAugment", "operations": 1, "magnitude": 6, "bins": 8, "interpolation": "bilinear"}, 12),
         ({"type": "trivialAugmentWide"}, 24), ({"type": "trivialAugmentWide", "interpolation": "bicubic", "fill": [99]}, 12),
         ({"type": "autoAugment"}, 12), ({"type": "autoAugment", "policy": "cifar10"}, 12),
         ({"type": "autoAugment", "policy": "svhn"}, 12),
         ({"type": "augMix"}, 8), ({"type": "augMix", "severity": 9, "allOperations": False}, 8),
         ({"type": "timmRandAugment", "config": "rand-m9-mstd0.5-inc1"}, 24),
         ({"type": "timmRandAugment", "config": "rand-m7-n4-p1"}, 12),
         ({"type": "timmRandAugment", "config": "rand-m15-mmax20-mstd101-inc1-tweights", "fill": [124, 116, 104]}, 12)]

with open(os.path.join(HERE, "policies.tsv"), "w") as file:
    seed = 0
    for spec, count in SPECS:
        for _ in range(count):
            seed += 1
            height, width = (12, 9) if seed % 3 else (7, 15)
            draws = Draws(seed)
            made = MAKERS[spec["type"]](spec, image(height, width, seed), draws)
            file.write("%s\t%d %d %d\t%s\t%s\n" % (json.dumps(spec), height, width, seed, " ".join(draws.log),
                                               base64.b64encode(np.asarray(made).tobytes()).decode()))

# Every operation and every level of the wide range on larger images, as checksums of the values.
with open(os.path.join(HERE, "levels.tsv"), "w") as file:
    img = image(32, 32, 7)
    space = autoaugment.TrivialAugmentWide()._augmentation_space(31)
    for name in TORCH:
        for index in range(31 if space[name][0].ndim else 1):
            for negative in (0, 1) if space[name][1] else (0,):
                magnitudes = space[name][0]
                value = float(magnitudes[index].item()) if magnitudes.ndim else 0.0
                value = -value if negative else value
                sums = []
                for mode in MODES.values():
                    made = np.asarray(autoaugment._apply_op(img, name, value, mode, [7, 8, 9]))
                    flat = made.astype(np.int64).flatten()
                    sums.append(int((flat * (np.arange(flat.size) + 1)).sum()))
                if name.startswith("Shear"):  # by an angle, whose last digit depends on the math library
                    value = math.tan(math.radians(math.degrees(math.atan(value))))
                file.write("%s\t%d\t%d\t%r\t%s\n" % (name, index, negative, value, " ".join(map(str, sums))))
