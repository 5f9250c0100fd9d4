"""Writes the small PyTorch files that the tests of io.residuum.weights read.

Run in this folder with PyTorch 2.13 (CPU): python make_torch_files.py
The values are simple enough to be written out in the tests; see TorchFilesTest.java.
"""

import argparse
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import pathlib
import uuid
import zoneinfo

import numpy as np
import torch


def tensors():
    base = torch.arange(6.0).reshape(2, 3)
    return collections.OrderedDict(
        [
            ("base", base),
            ("transposed", base.t()),  # the same storage, not contiguous
            ("row", base[1]),  # the same storage, with an offset
            ("every_other", base[:, ::2]),
            ("scalar", torch.tensor(1.5)),
            ("empty", torch.zeros(0, 3)),
            ("parameter", torch.nn.Parameter(torch.tensor([0.5, -2.0]))),
            ("f16", torch.tensor([1.0, -2.5, 65504.0], dtype=torch.float16)),
            ("bf16", torch.tensor([1.0, -3.140625], dtype=torch.bfloat16)),
            ("f64", torch.tensor([0.1], dtype=torch.float64)),
            ("i8", torch.tensor([-128, 127], dtype=torch.int8)),
            ("u8", torch.tensor([0, 255], dtype=torch.uint8)),
            ("i16", torch.tensor([-32768, 32767], dtype=torch.int16)),
            ("i32", torch.tensor([-(2**31)], dtype=torch.int32)),
            ("i64", torch.tensor(-(2**63))),
            ("bool", torch.tensor([True, False, True])),
            ("u16", torch.tensor([65535, 1], dtype=torch.uint16)),
            ("f8", torch.tensor([1.0]).to(torch.float8_e4m3fn)),
            ("c64", torch.tensor([1 + 2j])),
        ]
    )


def model():
    """The state dict of a real module, with the attributes that such dictionaries carry."""
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))


def checkpoint():
    """What training scripts put beside the weights."""
    wrapped = torch.nn.DataParallel(model())
    average = torch.optim.swa_utils.AveragedModel(model())
    optimizer = torch.optim.AdamW(wrapped.parameters())
    return {
        "epoch": 90,
        "best_acc1": torch.tensor(76.13),
        "arch": "tiny",
        "args": argparse.Namespace(
            lr=0.1, out=pathlib.PurePosixPath("runs/tiny"), at=datetime.datetime(2026, 1, 2)
        ),
        "loss": np.float64(0.25),
        "curve": np.arange(3.0),
        "seen": {1, 2},
        "raw": b"\x00\xff",
        "milestones": collections.Counter([30, 60]),
        "dtype": torch.float16,
        "device": torch.device("cpu"),
        "size": torch.Size([1, 2]),
        "big": 2**70,
        "nothing": None,
        "state_dict": wrapped.state_dict(),
        "state_dict_ema": average.state_dict(),
        "optimizer": optimizer.state_dict(),
    }


@dataclasses.dataclass
class Settings:
    lr: float = 0.1
    betas: tuple = (0.9, 0.999)


class Mode(enum.Enum):
    TRAIN = "train"


class Flags(enum.IntFlag):
    A = 1
    B = 2


Point = collections.namedtuple("Point", "x y")


class Options(dict):
    """As OmegaConf's and EasyDict's: a dictionary with attributes."""

    def __init__(self, **values):
        super().__init__(values)
        self.__dict__.update(values)


class Slotted:
    __slots__ = ("a",)

    def __init__(self):
        self.a = torch.zeros(1)


class Quantized(torch.Tensor):
    pass


def objects():
    """Classes of scripts and of Python's library beside the weights."""
    return {
        "state_dict": model().state_dict(),
        "settings": Settings(),
        "mode": Mode.TRAIN,
        "flags": Flags.A | Flags.B,
        "point": Point(1, 2),
        "options": Options(a=1, b=Options(c=2)),
        "slotted": Slotted(),
        "zone": datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc),
        "named_zone": datetime.datetime(2026, 1, 2, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
        "time": datetime.time(1, 2),
        "decimal": decimal.Decimal("0.1"),
        "fraction": fractions.Fraction(1, 3),
        "uuid": uuid.UUID(int=1),
        "partial": functools.partial(max, 1),
        "frozen": frozenset([1]),
        "range": range(3),
        "generator": torch.Generator().get_state(),
        "sparse": torch.eye(2).to_sparse(),
        "quantized": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
        "complex": torch.tensor([1 + 2j], dtype=torch.complex128),
        "subclass": torch.ones(2).as_subclass(Quantized),
        "scalars": [np.float32(1), np.int64(2), np.bool_(True), np.datetime64("2026-01-02")],
        "structured": np.zeros(1, dtype=[("a", "f4")]),
        "epoch": 3,
    }


legacy = {"_use_new_zipfile_serialization": False}
torch.save(tensors(), "tensors.pt")
torch.save(tensors(), "tensors-legacy.pt", **legacy)
for protocol in (1, 4, 5):
    torch.save(model().state_dict(), f"protocol{protocol}.pt", pickle_protocol=protocol)
    torch.save(
        model().state_dict(), f"protocol{protocol}-legacy.pt", pickle_protocol=protocol, **legacy
    )
torch.save(checkpoint(), "checkpoint.pt")
torch.save(checkpoint(), "checkpoint-legacy.pt", **legacy)
torch.save(model(), "whole-model.pt")
for protocol in (2, 4):
    torch.save(objects(), f"objects{protocol}.pt", pickle_protocol=protocol)
