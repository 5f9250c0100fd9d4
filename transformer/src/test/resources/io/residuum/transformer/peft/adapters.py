"""Writes tiny models of transformers, adapters of PEFT for them, and their logits.

Made with torch 2.13, transformers 5 and peft 0.21; run it in an empty folder.
"""
import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM


def gpt2():
    return GPT2LMHeadModel(
        GPT2Config(n_embd=16, n_layer=2, n_head=2, vocab_size=11, n_positions=8))


def llama():
    return LlamaForCausalLM(LlamaConfig(
        hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, vocab_size=11, max_position_embeddings=8))


BERT = dict(hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4,
            vocab_size=11, max_position_embeddings=8)


def bert():
    return BertForMaskedLM(BertConfig(**BERT))


def classifier():
    return BertForSequenceClassification(BertConfig(num_labels=3, **BERT))


def config(targets, **more):
    return LoraConfig(r=2, lora_alpha=6, target_modules=targets, **more)


CASES = {
    "gpt2": (gpt2, config(["c_attn", "mlp.c_proj"], lora_dropout=0.1, fan_in_fan_out=True)),
    "gpt2dora": (gpt2, config(["c_attn", "mlp.c_proj"], lora_dropout=0.1, fan_in_fan_out=True,
                              use_dora=True, use_rslora=True)),
    "llama": (llama, config(["q_proj", "v_proj", "down_proj"])),
    "bert": (bert, config(["query", "value", "output.dense"],
                          alpha_pattern={"attention.self.value": 3})),
    # PEFT trains and saves the head of this task in full.
    "classifier": (classifier, config(["query", "value"], task_type="SEQ_CLS")),
    "gpt2patterns": (gpt2, config(["c_attn", "mlp.c_proj"], fan_in_fan_out=True, use_rslora=True,
                                  rank_pattern={"mlp.c_proj": 3},
                                  alpha_pattern={"^transformer.h.1.attn.c_attn": 3},
                                  exclude_modules=["h.0.mlp.c_proj"])),
    "gpt2bias": (gpt2, config(["c_attn", "mlp.c_proj"], fan_in_fan_out=True, bias="lora_only",
                              layers_to_transform=[1])),
    "bertbias": (bert, config(["query", "key", "value"], bias="all", init_lora_weights="mica")),
}

# Cases without a base model of their own, which have that of another one.
BASES = {"gpt2patterns": "gpt2", "gpt2bias": "gpt2", "bertbias": "bert"}

for name, (build, lora) in CASES.items():
    torch.manual_seed(0)
    model = build()
    if name not in BASES:
        model.save_pretrained(f"{name}/base")
    adapted = get_peft_model(model, lora)
    for path, parameter in adapted.named_parameters():
        if "magnitude" in path:
            parameter.data *= 1.2
        elif "lora_" in path:
            torch.nn.init.normal_(parameter, std=0.3)
        elif "modules_to_save" in path:
            torch.nn.init.normal_(parameter)
        elif path.endswith(".bias") and parameter.requires_grad:
            torch.nn.init.normal_(parameter)
    adapted.eval()
    adapted.save_pretrained(f"{name}/adapter")
    ids = torch.arange(8).reshape(1, 8) % 11
    np.save(f"{name}/logits.npy", adapted(ids).logits.detach().numpy())
