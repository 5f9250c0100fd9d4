"""Writes small GGUF files with random weights, and what transformers, sentencepiece and gguf compute from them.

Usage: python gguf_files.py FOLDER      the files of GgufReaderTest
       python gguf_files.py --types FOLDER    a file with a tensor of each type, for GgufTest

Needs torch, transformers, tokenizers, sentencepiece, gguf and safetensors. Names, permutations and the offset of
Gemma's norms are those of llama.cpp; transformers reads each file of an architecture that it supports, and must
compute the same logits as the model that the file was made from.
"""

import io
import json
import os
import sys

import gguf
import numpy as np
import sentencepiece
import torch
import transformers
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

out = os.path.abspath(sys.argv[-1])
os.makedirs(out, exist_ok=True)
Q = gguf.GGMLQuantizationType

CORPUS = [
    "Once upon a time there was a little fox. It lived in the wood, near a river.",
    "He said: \"I'm here, aren't we?\" And they'd gone away in 1998 or 2023.",
    "The quick brown fox jumps over the lazy dog; numbers like 12345 stay numbers.",
    "def add(a, b):\n    return a + b\n\nprint(add(1, 2))",
    "naïve café, Straße, 東京, привет",
] * 4
TEXTS = CORPUS[:5] + ["", "  two  spaces ", "\t\n\n x", "12345678 it's", "<|end|>And on", "😀 tail"]


def forward(arch, name, w, heads, kv):
    """Converts a tensor of transformers to that of llama.cpp."""
    if arch == "llama" and (".attn_q." in name or ".attn_k." in name):
        n = heads if ".attn_q." in name else kv
        return w.reshape(n, 2, w.shape[0] // n // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)
    if arch.startswith("gemma") and name.endswith("norm.weight"):
        return w + 1
    if arch == "gpt2" and name.split(".")[-2] in ("attn_qkv", "attn_output", "ffn_up", "ffn_down") and w.ndim == 2:
        return w.T
    return w


def backward(arch, name, w, heads, kv):
    if arch == "llama" and (".attn_q." in name or ".attn_k." in name):
        n = heads if ".attn_q." in name else kv
        return w.reshape(n, w.shape[0] // n // 2, 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)
    if arch.startswith("gemma") and name.endswith("norm.weight"):
        return w - 1
    return forward(arch, name, w, heads, kv)


def spm(writer, texts):
    data = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=data, vocab_size=340, model_type="bpe", byte_fallback=True,
        character_coverage=0.98, normalization_rule_name="identity", remove_extra_whitespaces=False, num_threads=1,
        minloglevel=2)
    p = sentencepiece.SentencePieceProcessor(model_proto=data.getvalue())
    n = p.get_piece_size()
    kinds = [2 if p.is_unknown(i) else 3 if p.is_control(i) else 6 if p.is_byte(i) else 1 for i in range(n)]
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([p.id_to_piece(i) for i in range(n)])
    writer.add_token_scores([p.get_score(i) for i in range(n)])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(p.bos_id())
    writer.add_eos_token_id(p.eos_id())
    writer.add_unk_token_id(p.unk_id())
    return n, [[1] + p.encode(t) for t in texts if "<|" not in t], [t for t in texts if "<|" not in t]


LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")


def bpe(writer, texts, pre):
    byte = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=pre in ("gpt-2", "smollm"))
    split = {
        "gpt-2": byte,
        "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte]),
        "llama-bpe": pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(LLAMA3), "isolated"), byte]),
        "qwen2": pre_tokenizers.Sequence(
            [pre_tokenizers.Split(Regex(LLAMA3.replace("{1,3}", "")), "isolated"), byte]),
    }[pre]
    t = Tokenizer(models.BPE(ignore_merges=pre == "llama-bpe"))
    t.pre_tokenizer = split
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator(
        CORPUS,
        trainers.BpeTrainer(vocab_size=330, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
                            special_tokens=["<|end|>", "<|begin|>"]))
    if pre == "llama-bpe":
        t.post_processor = processors.TemplateProcessing(single="<|begin|> $A", special_tokens=[("<|begin|>", 1)])
    j = json.loads(t.to_str())
    vocab = sorted(j["model"]["vocab"].items(), key=lambda x: x[1])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list([k for k, _ in vocab])
    writer.add_token_types([3 if k.startswith("<|") else 1 for k, _ in vocab])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in j["model"]["merges"]])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(0)
    if pre == "llama-bpe":
        writer.add_chat_template("{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}")
    return len(vocab), [t.encode(x).ids for x in texts], texts


def llama3_divisors(dim, base, factor):
    divisors = []
    for i in range(0, dim, 2):
        freq = base ** (-i / dim)
        wave = 2 * np.pi / freq
        if wave < 8192 / 4:
            divisors.append(1)
        elif wave > 8192:
            divisors.append(factor)
        else:
            smooth = (8192 / wave - 1) / 3
            divisors.append(1 / ((1 - smooth) / factor + smooth))
    return np.array(divisors, np.float32)


def case(name, arch, config, quantized, head=None, tokenizer=None, divisors=None, check=True, extra=()):
    torch.manual_seed(len(name))
    writer = gguf.GGUFWriter(os.path.join(out, name + ".gguf"), arch)
    writer.add_name(name)
    ids, texts = [], []
    if tokenizer:
        config.vocab_size, ids, texts = tokenizer(writer, TEXTS)
    config.tie_word_embeddings = head is None
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.randn_like(p) * (0.3 if p.ndim > 1 else 0.2) + (1 if p.ndim == 1 and not arch.startswith("gemma") else 0))
    heads = config.num_attention_heads
    kv = getattr(config, "num_key_value_heads", heads)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(getattr(config, "intermediate_size", None) or 4 * config.hidden_size)
    writer.add_head_count(heads)
    if arch == "gpt2":
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
    else:
        writer.add_head_count_kv(kv)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        base = config.rope_parameters
        writer.add_rope_freq_base(base["full_attention"]["rope_theta"] if "full_attention" in base else base["rope_theta"])
        if getattr(config, "head_dim", None) and config.head_dim * heads != config.hidden_size:
            writer.add_key_length(config.head_dim)
            writer.add_value_length(config.head_dim)
        writer.add_vocab_size(config.vocab_size)
    for add, value in extra:
        getattr(writer, add)(value)
    if divisors is not None:
        writer.add_tensor("rope_freqs.weight", divisors)
    names = gguf.get_tensor_name_map(
        next(k for k, v in gguf.MODEL_ARCH_NAMES.items() if v == arch), config.num_hidden_layers)
    state = model.state_dict()
    done = {}
    for key, value in state.items():
        if key == "lm_head.weight" and head is None:
            continue
        base, suffix = key.rsplit(".", 1)
        theirs = names.get_name(base) + "." + suffix
        w = np.ascontiguousarray(forward(arch, theirs, value.numpy(), heads, kv))
        kind = Q.F32 if w.ndim < 2 or "position" in theirs else (
            Q.F16 if theirs == "token_embd.weight" else head if theirs == "output.weight" else quantized)
        data = gguf.quantize(w, kind)
        writer.add_tensor(theirs, data, raw_dtype=kind)
        done[key] = torch.from_numpy(np.ascontiguousarray(backward(arch, theirs, gguf.dequantize(data, kind), heads, kv)))
    model.load_state_dict(done, strict=False)
    model.tie_weights()
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    tokens = torch.randint(2, config.vocab_size, (2, 12), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        logits = model(tokens).logits
        generated = model.generate(tokens[:, :4], max_new_tokens=8, do_sample=False, eos_token_id=None, pad_token_id=0)
    if check:
        theirs = transformers.AutoModelForCausalLM.from_pretrained(
            out, config=config, gguf_file=name + ".gguf", dtype=torch.float32, attn_implementation="eager").eval()
        with torch.no_grad():
            difference = (theirs(tokens).logits - logits).abs().max().item()
        assert difference < 1e-4 * logits.abs().max().item(), (name, difference)
    save_file({"input": tokens.numpy(), "logits": logits.numpy(), "generated": generated.numpy()},
              os.path.join(out, name + ".safetensors"))
    if tokenizer:
        with open(os.path.join(out, name + "-ids.json"), "w", encoding="utf-8") as file:
            json.dump([{"text": t, "ids": i} for t, i in zip(texts, ids)], file, ensure_ascii=False, indent=0)
    print(name, logits.abs().max().item(), os.path.getsize(os.path.join(out, name + ".gguf")))


def types():
    """Writes a tensor of each element type and a metadata value of each type."""
    rng = np.random.default_rng(0)
    writer = gguf.GGUFWriter(os.path.join(out, "types.gguf"), "llama")
    writer.add_uint8("v.u8", 200)
    writer.add_int8("v.i8", -100)
    writer.add_uint16("v.u16", 60000)
    writer.add_int16("v.i16", -30000)
    writer.add_uint32("v.u32", 4000000000)
    writer.add_int32("v.i32", -2000000000)
    writer.add_uint64("v.u64", 2**64 - 1)
    writer.add_int64("v.i64", -(2**63))
    writer.add_float32("v.f32", 1e-5)
    writer.add_float64("v.f64", 1e-300)
    writer.add_bool("v.bool", True)
    writer.add_string("v.text", "naïve")
    writer.add_array("v.numbers", [1, 2, 3])
    writer.add_array("v.texts", ["a", ""])
    expected = {}
    for kind in (Q.F32, Q.F16, Q.BF16, Q.Q8_0, Q.Q4_0, Q.Q4_1):
        w = rng.standard_normal((3, 64)).astype(np.float32)
        w[1, :32] = 0
        data = gguf.quantize(w, kind)
        writer.add_tensor(kind.name, data, raw_dtype=kind)
        expected[kind.name] = gguf.dequantize(data, kind)
    data = rng.integers(0, 256, (2, 210), dtype=np.uint8)
    data[:, 208:] = np.array([[0.01], [-0.003]], np.float16).view(np.uint8)
    writer.add_tensor("Q6_K", data, raw_dtype=Q.Q6_K)
    expected["Q6_K"] = gguf.dequantize(data, Q.Q6_K)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file({k: np.ascontiguousarray(v, np.float32) for k, v in expected.items()}, os.path.join(out, "types.safetensors"))


def sizes(**more):
    return dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
                num_key_value_heads=2, max_position_embeddings=64, vocab_size=48, pad_token_id=0) | more


if "--types" in sys.argv:
    types()
    sys.exit()
t = transformers
case("llama", "llama", t.LlamaConfig(**sizes(), rope_theta=10000.0), Q.Q8_0, Q.Q8_0, spm)
case("llama3", "llama", t.LlamaConfig(**sizes(), rope_parameters={
    "rope_type": "llama3", "rope_theta": 500000.0, "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192}), Q.BF16, None, lambda w, x: bpe(w, x, "llama-bpe"),
    llama3_divisors(8, 500000.0, 32.0))
case("qwen2", "qwen2", t.Qwen2Config(**sizes(), rope_theta=1e6), Q.Q4_0, Q.Q4_0, lambda w, x: bpe(w, x, "qwen2"))
case("qwen3", "qwen3", t.Qwen3Config(**sizes(head_dim=16)), Q.Q8_0, None, lambda w, x: bpe(w, x, "smollm"))
case("gemma", "gemma", t.GemmaConfig(**sizes(head_dim=16)), Q.Q8_0, check=False)
case("gemma2", "gemma2", t.Gemma2Config(**sizes(head_dim=16, sliding_window=8, query_pre_attn_scalar=16)), Q.Q8_0,
     extra=[("add_sliding_window", 8), ("add_attn_logit_softcapping", 50.0), ("add_final_logit_softcapping", 30.0)])
case("gemma3", "gemma3", t.Gemma3TextConfig(**sizes(head_dim=16, sliding_window=8, query_pre_attn_scalar=16,
                                                     num_hidden_layers=7)), Q.Q4_0,
     extra=[("add_sliding_window", 8)])
case("phi3", "phi3", t.Phi3Config(**sizes(), sliding_window=None), Q.Q8_0, Q.F16,
     extra=[("add_rope_dimension_count", 8)])
case("gpt2", "gpt2", t.GPT2Config(n_embd=32, n_layer=2, n_head=4, n_positions=64, vocab_size=48), Q.Q8_0, None,
     lambda w, x: bpe(w, x, "gpt-2"))
