#!/usr/bin/env python3
"""Writes small models of sentence-transformers beside this file, and what the library computes with them.

    make.py        needs torch, transformers and sentence-transformers 6; writes mean/, cls-max/, weighted/, dense/ and t5/
"""

import json
import pathlib
import shutil
import sys

import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer, models
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers import models as tokens
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, T5Config, T5EncoderModel

HERE = pathlib.Path(__file__).parent
WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] a cat dog sat slept on the mat train is late ##s ##ly".split()
TEXTS = [
    "A cat sat on the mat",
    "the dog slept",
    "",
    "The trains is late",
    "a cat a cat a cat a cat a cat",
]


def encoder(folder):
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=12,
        initializer_range=0.5,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    library = Tokenizer(tokens.WordPiece({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    library.normalizer = normalizers.BertNormalizer(lowercase=True)
    library.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    library.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    special = {"unk": "[UNK]", "pad": "[PAD]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    PreTrainedTokenizerFast(
        tokenizer_object=library, **{f"{k}_token": v for k, v in special.items()}
    ).save_pretrained(folder)


def before_version_6(folder):
    """Writes the same model as sentence-transformers 2 to 5 do."""
    kinds = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(kinds.items())
    ]
    pooling = {"word_embedding_dimension": 8, "include_prompt": True}
    for mode in ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens"):
        pooling[f"pooling_mode_{mode}"] = mode == "mean_tokens"
    shutil.rmtree(folder / "2_Normalize")
    for file, content in (
        ("modules.json", modules),
        ("1_Pooling/config.json", pooling),
        ("sentence_bert_config.json", {"max_seq_length": 9, "do_lower_case": False}),
    ):
        (folder / file).write_text(json.dumps(content, indent=2) + "\n")
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text())
    tokenizer["model_max_length"] = 512
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=2) + "\n")


def dense(scratch):
    """Writes a model with dense layers and prompts, and its vectors with each prompt."""
    folder = HERE / "dense"
    torch.manual_seed(11)
    model = SentenceTransformer(
        modules=[
            models.Transformer(str(scratch), max_seq_length=9),
            models.Pooling(8, pooling_mode=("mean", "max")),
            models.Dense(16, 6),
            models.Dense(6, 5, bias=False, activation_function=torch.nn.GELU()),
            models.Normalize(),
        ],
        device="cpu",
        prompts={"query": "the dog: ", "passage": "a mat ", "cats": "cat "},
        default_prompt_name="cats",
    )
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(str(folder))
    (folder / "README.md").unlink(missing_ok=True)
    made = {
        "embeddings": model.encode(TEXTS, batch_size=2),
        "queries": model.encode_query(TEXTS),
        "passages": model.encode(TEXTS, prompt_name="passage"),
        "without": model.encode(TEXTS, prompt=""),
    }
    save_file({k: torch.tensor(v).contiguous() for k, v in made.items()}, folder / "expected.safetensors")


def t5(scratch):
    """Writes the encoder of a T5 with a pooling, as sentence-t5 and gtr-t5 are, with the tokenizer of the others."""
    folder = HERE / "t5"
    torch.manual_seed(13)
    config = T5Config(
        vocab_size=len(WORDS),
        d_model=8,
        d_kv=4,
        d_ff=16,
        num_layers=2,
        num_heads=2,
        initializer_factor=3.0,
        pad_token_id=0,
        eos_token_id=3,
    )
    T5EncoderModel(config).save_pretrained(scratch)
    model = SentenceTransformer(
        modules=[
            models.Transformer(str(scratch), max_seq_length=9),
            models.Pooling(8),
            models.Dense(8, 6, bias=False, activation_function=torch.nn.Identity()),
            models.Normalize(),
        ],
        device="cpu",
    )
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(str(folder))
    (folder / "README.md").unlink(missing_ok=True)
    made = torch.tensor(model.encode(TEXTS, batch_size=2))
    save_file({"embeddings": made.contiguous()}, folder / "expected.safetensors")


def main():
    scratch = HERE / "encoder"
    encoder(scratch)
    for name, modes, normalized in (
        ("mean", ["mean"], True),
        ("cls-max", ["cls", "max"], False),
        ("weighted", ["mean_sqrt_len_tokens", "weightedmean", "lasttoken"], True),
    ):
        base = models.Transformer(str(scratch), max_seq_length=9)
        flags = {
            "cls": "pooling_mode_cls_token",
            "max": "pooling_mode_max_tokens",
            "mean": "pooling_mode_mean_tokens",
            "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens",
            "weightedmean": "pooling_mode_weightedmean_tokens",
            "lasttoken": "pooling_mode_lasttoken",
        }
        asked = {flag: mode in modes for mode, flag in flags.items()}
        pool = models.Pooling(8, **asked)
        parts = [base, pool] + ([models.Normalize()] if normalized else [])
        model = SentenceTransformer(modules=parts, device="cpu")
        folder = HERE / name
        shutil.rmtree(folder, ignore_errors=True)
        model.save_pretrained(str(folder))
        (folder / "README.md").unlink(missing_ok=True)
        if name == "mean":
            before_version_6(folder)
            model = SentenceTransformer(str(folder), device="cpu")
        made = torch.tensor(model.encode(TEXTS, batch_size=2))
        save_file({"embeddings": made.contiguous()}, folder / "expected.safetensors")
    dense(scratch)
    t5(scratch)
    (HERE / "texts.json").write_text(json.dumps(TEXTS, indent=2) + "\n")
    shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main())
