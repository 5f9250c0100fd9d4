#!/usr/bin/env python3
"""Writes small models of transformers with the heads of text, tokenizers of three kinds, and what transformers computes with
them, beside this file.

    make.py        needs torch, transformers 5 and tokenizers; writes tags/, spans/, masked/, pairs/, labels/, number/,
                   bpe.json, unigram.json, encodings.json and heads.json
"""

import json
import pathlib

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
    PreTrainedTokenizerFast,
    pipeline,
)

HERE = pathlib.Path(__file__).parent
CORPUS = [
    "Ada Lovelace wrote the first program in London, and Charles Babbage built the engine.",
    "A residual network adds the input of a block to its output, so gradients reach early layers.",
    "The café in Zürich serves naïve travellers; the trains were late again, weren't they?",
    "Tokenizers split words into pieces: unbelievable, rewriting, tokenization, networks, blocks.",
    "Who built the engine? Where did Ada write programs? When were the trains late?",
]
TEXTS = [
    "Ada wrote programs in Zürich.",
    "the engine 😀 networks!",
    "  unbelievable\tgradients weren't  late ",
    "",
    "Where did Charles Babbage build the tokenization engine, and were the travellers late again?",
]


def trained(kind):
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    if kind == "wordpiece":
        library = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        library.normalizer = normalizers.BertNormalizer(lowercase=True)
        library.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        library.decoder = decoders.WordPiece()
        trainer = trainers.WordPieceTrainer(vocab_size=150, special_tokens=specials, show_progress=False)
    elif kind == "bpe":
        specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
        library = Tokenizer(models.BPE())
        library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        library.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=340, special_tokens=specials, initial_alphabet=alphabet, show_progress=False
        )
    else:
        specials = ["<s>", "<pad>", "</s>", "<unk>"]
        library = Tokenizer(models.Unigram())
        library.normalizer = normalizers.NFKC()
        library.pre_tokenizer = pre_tokenizers.Metaspace()
        library.decoder = decoders.Metaspace()
        trainer = trainers.UnigramTrainer(
            vocab_size=120, special_tokens=specials, unk_token="<unk>", show_progress=False
        )
    library.train_from_iterator(CORPUS, trainer)
    if kind == "wordpiece":
        library.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]",
            pair="[CLS] $A [SEP] $B:1 [SEP]:1",
            special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
        )
    elif kind == "bpe":
        library.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    else:
        library.post_processor = processors.TemplateProcessing(
            single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 2)]
        )
    return library


def utf16(text, offset):
    return len(text[:offset].encode("utf-16-le")) // 2


def encodings(library, kind):
    rows = []
    for text in TEXTS:
        found = library.encode(text, add_special_tokens=False)
        rows.append(
            {
                "kind": kind,
                "text": text,
                "ids": found.ids,
                "tokens": found.tokens,
                "starts": [utf16(text, s) for s, _ in found.offsets],
                "ends": [utf16(text, e) for _, e in found.offsets],
                "words": [-1 if w is None else w for w in found.word_ids],
            }
        )
    pairs = []
    for strategy in ["longest_first", "only_first", "only_second"]:
        for side in ["left", "right"]:
            for length in [16, 27, 200]:
                library.enable_truncation(length, strategy=strategy, direction=side)
                for first, second in [(0, 1), (0, 4), (4, 0), (1, 2)]:
                    try:
                        found = library.encode(TEXTS[first], TEXTS[second])
                    except Exception:
                        continue
                    row = {"kind": kind, "first": TEXTS[first], "second": TEXTS[second], "length": length}
                    row |= {"strategy": strategy, "side": side, "ids": found.ids, "segments": found.type_ids}
                    pairs.append(row)
                library.no_truncation()
    windows = []
    # With truncation, tokenizers 0.23 does not read the whole text, so that windows are missing.
    first = library.encode(TEXTS[1], add_special_tokens=False)
    second = library.encode(TEXTS[4] + " " + TEXTS[4], add_special_tokens=False)
    room = 24 - library.num_special_tokens_to_add(True) - len(first.ids)
    second.truncate(room, stride=5)
    parts = [second, *second.overflowing]
    windows.append({"kind": kind, "ids": [library.post_process(first, w).ids for w in parts]})
    return rows, pairs, windows


def config(library, **settings):
    return BertConfig(
        vocab_size=library.get_vocab_size(),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=48,
        initializer_range=0.7,
        **settings,
    )


def plain(value):
    return json.loads(json.dumps(value, default=float))


def main():
    rows, pairs, windows = [], [], []
    for kind in ["wordpiece", "bpe", "unigram"]:
        library = trained(kind)
        if kind == "wordpiece":
            wordpiece = Tokenizer.from_str(library.to_str())
        else:
            library.save(str(HERE / f"{kind}.json"), pretty=False)
        for all_, some in zip((rows, pairs, windows), encodings(library, kind)):
            all_.extend(some)
    (HERE / "encodings.json").write_text(
        json.dumps({"tokens": rows, "pairs": pairs, "windows": windows}), encoding="utf-8"
    )
    special = {"unk": "[UNK]", "pad": "[PAD]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=wordpiece,
        model_max_length=48,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **{f"{k}_token": v for k, v in special.items()},
    )
    found = {}

    def saved(name, kind, **settings):
        torch.manual_seed(len(name))
        model = kind(config(wordpiece, **settings)).eval()
        model.save_pretrained(HERE / name)
        wordpiece.save(str(HERE / name / "tokenizer.json"), pretty=False)
        return model

    names = dict(enumerate(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]))
    tags = saved("tags", BertForTokenClassification, id2label=names, label2id={v: k for k, v in names.items()})
    found["tags"] = []
    for how in ["none", "simple", "first", "average", "max"]:
        tagger = pipeline("token-classification", model=tags, tokenizer=tokenizer, aggregation_strategy=how)
        for text in TEXTS[:3]:
            found["tags"].append({"aggregation": how, "text": text, "entities": plain(tagger(text))})

    masked = saved("masked", BertForMaskedLM)
    text = "Ada [MASK] the first [MASK]."
    filler = pipeline("fill-mask", model=masked, tokenizer=tokenizer, top_k=3)
    found["masked"] = {"text": text, "fills": plain(filler(text))}

    spans = saved("spans", BertForQuestionAnswering)
    question, context = "Who built?", CORPUS[0]
    library = Tokenizer.from_str(wordpiece.to_str())
    answers = []
    for window in [library.encode(question, context)]:
        with torch.no_grad():
            out = spans(torch.tensor([window.ids]), token_type_ids=torch.tensor([window.type_ids]))
        counts = torch.tensor([i == 0 or s == 1 for i, s in enumerate(window.sequence_ids)])
        start, end = (
            torch.where(counts, x[0].double(), -torch.inf).softmax(-1) for x in (out.start_logits, out.end_logits)
        )
        for i in range(1, len(window.ids)):
            for j in range(i, min(i + 15, len(window.ids))):
                if window.sequence_ids[i] == 1 and window.sequence_ids[j] == 1:
                    a = window.word_to_chars(window.token_to_word(i), 1)[0]
                    b = window.word_to_chars(window.token_to_word(j), 1)[1]
                    answers.append((float(start[i] * end[j]), a, b))
    best = max(answers)
    found["spans"] = {"question": question, "context": context, "score": best[0], "start": best[1], "end": best[2]}

    for name, settings in {
        "pairs": {"num_labels": 3},
        "labels": {"num_labels": 3, "problem_type": "multi_label_classification"},
        "number": {"num_labels": 1, "problem_type": "regression"},
    }.items():
        model = saved(name, BertForSequenceClassification, **settings)
        classifier = pipeline("text-classification", model=model, tokenizer=tokenizer, top_k=None)
        pair = {"text": TEXTS[0], "text_pair": TEXTS[1]}
        found[name] = {**pair, "scores": plain(classifier(pair))}
    (HERE / "heads.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
