"""Measures what ReadImages.java does, with Pillow and torchvision: read_images.py FOLDER."""

import glob
import os
import sys
import time

import torch
from PIL import Image
from torchvision import transforms

ROUNDS = 5

torch.set_num_threads(1)
files = sorted(glob.glob(os.path.join(sys.argv[1], "*")))
fit = transforms.Compose(
    [transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor()]
)
crop = transforms.Compose([transforms.RandomResizedCrop(224), transforms.ToTensor()])
for _ in range(ROUNDS):
    times = [0.0, 0.0, 0.0]
    for file in files:
        start = time.process_time()
        image = Image.open(file).convert("RGB")
        decoded = time.process_time()
        fit(image)
        fitted = time.process_time()
        crop(image)
        cropped = time.process_time()
        times[0] += decoded - start
        times[1] += fitted - decoded
        times[2] += cropped - fitted
each = tuple(t / len(files) * 1e3 for t in times)
print("ms an image: decode %.2f, fit %.2f, crop at random %.2f" % each)
