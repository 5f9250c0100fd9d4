#!/usr/bin/env python3
"""The peers' side of run.sh: reads one request a line as JSON, and answers with a line of JSON.

    {"do": "list"}                                  the cases and the versions of the libraries
    {"do": "make", "case": NAME, "folder": FOLDER}  a peer with random weights, an input, its outputs
    {"do": "check", "case": NAME, "folder": FOLDER} loads FOLDER/exported.safetensors with strict=True

    peer.py --golden FOLDER [CLASS ...]  writes the smallest networks, each into a folder of its own, for PeerParityTest
    peer.py --convolutional FOLDER  writes narrow networks of torchvision and timm, for ConvolutionalParityTest
    peer.py --heads FOLDER      writes narrow segmentation and detection networks of torchvision, for HeadsParityTest
    peer.py --recurrent FOLDER  writes recurrent networks of PyTorch, for RecurrentParityTest
    peer.py --specs FOLDER      writes networks for the specs and tables in examples/specs, for SpecsParityTest
    peer.py --images FOLDER     writes small transformers and mixers of timm and torchvision, for ImagePeerParityTest
    peer.py --zero-shot FOLDER  writes CLIP and SigLIP with a tokenizer and logits of labels, for ZeroShotTest
    peer.py --names FILE       writes names and shapes of a network of each kind, for PeerNamesTest

`make` writes weights.safetensors (weights.pth for torchvision), input.safetensors and
outputs.safetensors, in which "output" is the network's own output and every other name a layer of
ours; and config.json where the network is described by one. `check` runs the peer on the same input
with the exported weights. float32, evaluation mode, one seed for everything.
"""

import functools
import json
import pathlib
import re
import sys
import tempfile
from collections import OrderedDict

import torch
from safetensors.torch import load_file, save_file

SEED = 1
BATCH = 2
TOKENS = 17
ENCODERS = ("bert", "roberta", "xlm-roberta", "camembert", "distilbert", "electra", "mpnet", "albert", "modernbert")
ENCODERS += ("deberta", "deberta-v2", "nomic_bert", "gte", "eurobert", "ernie", "megatron-bert", "data2vec-text", "rembert")
ENCODERS += ("roberta-prelayernorm", "xlm-roberta-xl", "jina_embeddings_v3", "dpr", "roformer")
# transformers reads and writes other names than those of its modules.
CONVERTED = ("Mixtral", "Qwen2Moe", "Qwen3Moe", "Olmoe", "FlexOlmo", "ExaoneMoe", "HunYuanMoE", "GraniteMoe", "Dots1", "Glm4Moe", "Ernie4_5_Moe", "Mellum")
CONVERTED += ("MiniMaxM2", "SolarOpen", "NomicBert", "Gte")
# Decoders whose texts other small networks generate.
GENERATED = ("gpt2, scores by layer", "mpt", "persimmon", "jais2", "openai-gpt", "bloom, shortcuts after norms", "olmo, clipped", "bitnet")
GENERATED += ("stablelm, norms of heads", "cohere, norms of heads", "cwm", "vaultgemma", "hyperclovax", "granitemoeshared", "flex_olmo")
GENERATED += ("mellum", "minimax_m2", "solar_open", "mvp", "exaone_moe", "hunyuan_v1_moe")
# Cases whose parts other small networks have.
COVERED = ("deberta, classes", "deberta-v2, token classes", "deberta-v2, answers", "deberta-v2, masked tokens")
COVERED += ("roformer, token classes", "roformer, answers", "nomic_bert, masked tokens", "gte, classes", "mixtral, classes", "exaone4, no windows")
PAIRS = ("t5", "mt5", "umt5", "bart", "mvp", "plbart", "mbart", "marian", "pegasus", "blenderbot", "blenderbot-small", "m2m_100")


def peers():
    """By preset, or by the name of a config.json: library, name there, settings."""
    cases = []
    for depth in (18, 34, 50, 101, 152):
        cases.append((f"resnet{depth}", "torchvision", f"resnet{depth}", {}))
        cases.append((f"resnet{depth}", "timm", f"resnet{depth}", {}))
        cases.append((f"resnet{depth}d", "timm", f"resnet{depth}d", {}))
    for depth in (50, 101, 152):
        cases.append((f"resnetv2-{depth}", "timm", f"resnetv2_{depth}", {}))
    for ours, theirs in (
        ("resnext50-32x4d", "resnext50_32x4d"),
        ("resnext101-32x8d", "resnext101_32x8d"),
        ("wide-resnet50-2", "wide_resnet50_2"),
        ("wide-resnet101-2", "wide_resnet101_2"),
    ):
        cases.append((ours, "torchvision", theirs, {}))
        cases.append((ours, "timm", theirs, {}))
    cases.append(("seresnet50", "timm", "seresnet50", {}))
    for theirs in (
        "resnet10t resnet26t resnet50s resnet50_gn seresnext26d_32x4d senet154 ecaresnet26t ecaresnetlight resnetblur18 resnetaa34d "
        "resnetrs50 resnetrs101 res2net50_26w_4s res2next50 resnetv2_18d resnetv2_50d_gn resnetv2_50x1_bit resnetv2_101x1_bit "
        "skresnet18 skresnet50d skresnext50_32x4d resnest14d resnest101e resnest50d_4s2x40d resnest50d_1s4x24d "
        "gernet_s gernet_m repvgg_a0 repvgg_b1g4 repvgg_d2se mobileone_s0 mobileone_s4 resnet51q resnet61q resnet32ts gcresnet33ts "
        "seresnet33ts eca_resnext26ts gcresnext50ts regnetz_b16 regnetz_d8 nf_resnet50 nf_ecaresnet26 nf_regnet_b0 nf_regnet_b1 "
        "nfnet_f0 nfnet_l0 eca_nfnet_l0 eca_nfnet_l1 dm_nfnet_f0 dm_nfnet_f1 legacy_seresnet50 legacy_seresnet101 legacy_seresnet152 legacy_seresnext26_32x4d legacy_senet154 "
        "resnet50_clip resnet50_clip_gap resnet50_mlp legacy_seresnet18 test_resnet"
    ).split():
        cases.append((theirs.replace("_", "-"), "timm", theirs, {}))
    for depth in (11, 13, 16, 19):
        for ours, theirs in ((f"vgg{depth}", f"vgg{depth}"), (f"vgg{depth}-bn", f"vgg{depth}_bn")):
            cases.append((ours, "torchvision", theirs, {}))
            cases.append((ours, "timm", theirs, {}))
    for depth in (121, 161, 169, 201):
        cases.append((f"densenet{depth}", "torchvision", f"densenet{depth}", {}))
        cases.append((f"densenet{depth}", "timm", f"densenet{depth}", {}))
    cases.append(("densenet264d", "timm", "densenet264d", {}))
    for ours in (
        "mobilenetv1-100",
        "mobilenetv2-100",
        "mobilenetv2-120d",
        "mobilenetv3-large-100",
        "mobilenetv3-small-075",
        "tf-mobilenetv3-large-minimal-100",
        "mnasnet-100",
        "semnasnet-075",
        "fbnetc-100",
        "efficientnet-b0",
        "tf-efficientnet-b1",
        "efficientnet-lite0",
        "tf-efficientnetv2-b0",
        "efficientnetv2-s",
        "efficientnetv2-rw-t",
        "efficientnet-es",
        "regnetx-002",
        "regnety-008",
        "convnext-atto",
        "convnext-pico-ols",
        "convnext-tiny",
        "convnextv2-atto",
        "convnextv2-nano",
        "hardcorenas-a",
        "hardcorenas-c",
        "hardcorenas-f",
        "fbnetv3-b",
        "fbnetv3-d",
        "fbnetv3-g",
        "mobilenetv4-conv-small-050",
        "mobilenetv4-conv-medium",
        "mobilenetv4-conv-large",
        "mobilenetv3-rw",
        "mixnet-s",
        "mixnet-l",
        "tf-mixnet-m",
        "mobilenetv3-large-150d",
        "mobilenet-edgetpu-100",
        "test-efficientnet",
        "test-efficientnet-ln",
        "test-convnext",
        "test-convnext2",
        "test-convnext3",
        "convnext-atto-rms",
        "convnext-zepto-rms",
        "test-efficientnet-gn",
        "efficientnet-b0-g8-gn",
        "efficientnet-blur-b0",
        "gc-efficientnetv2-rw-t",
        "mobilenetv4-conv-blur-medium",
        "regnetz-005",
        "regnetv-040",
        "regnetv-064",
        "regnety-040-sgn",
        "densenetblur121d",
        "dla60-res2next",
        "test-byobnet",
        "test-nfnet",
        "mobilenetv4-conv-aa-medium",
        "mobilenetv4-conv-aa-large",
        "mobilenet-edgetpu-v2-xs",
        "mobilenet-edgetpu-v2-m",
        "ghostnet-050",
        "ghostnet-100",
        "ghostnetv2-100",
        "ghostnetv2-160",
        "rexnet-100",
        "rexnet-300",
        "rexnetr-200",
        "legacy-xception",
        "xception41",
        "xception65",
        "xception71",
        "xception41p",
        "xception65p",
        "vovnet39a",
        "ese-vovnet19b-dw",
        "ese-vovnet39b",
        "eca-vovnet39b",
        "hgnet-tiny",
        "hgnetv2-b0",
        "hgnetv2-b4",
        "dpn48b",
        "dpn68",
        "dpn68b",
        "dpn92",
        "hrnet-w18-small",
        "hrnet-w18",
        "hrnet-w32",
        "hrnet-w48-ssld",
        "convmixer-768-32",
        "convmixer-1024-20-ks9-p14",
        "poolformer-s12",
        "poolformer-m36",
        "focalnet-tiny-srf",
        "focalnet-small-lrf",
        "cspresnet50",
        "cspresnext50",
        "cspdarknet53",
        "darknet53",
        "darknetaa53",
        "sedarknet21",
        "cs3darknet-m",
        "cs3darknet-focus-s",
        "cs3sedarknet-xdw",
        "cs3se-edgenet-x",
        "dla34",
        "dla46x-c",
        "dla60",
        "dla102",
        "repvit-m1",
        "repvit-m0-9",
        "pvt-v2-b0",
        "pvt-v2-b2",
        "pvt-v2-b2-li",
        "caformer-s18",
        "convformer-s18",
        "poolformerv2-s12",
    ):
        # timm sets this eps for pretrained weights only.
        settings = {"bn_eps": 1e-3} if ours == "fbnetc-100" else {}
        cases.append((ours, "timm", ours.replace("-", "_"), settings))
    for theirs in ("alexnet", "squeezenet1_0", "squeezenet1_1"):
        cases.append((theirs.replace("_", "-"), "torchvision", theirs, {}))
    cases.append(("inception-v3", "timm", "inception_v3", {}))
    cases.append(("inception-v3", "torchvision", "inception_v3", {"aux_logits": False}))
    cases.append(("googlenet", "torchvision", "googlenet", {"aux_logits": False, "init_weights": False}))
    for size in ("x0_5", "x2_0"):
        cases.append((f"shufflenet-v2-{size.replace('_', '-')}", "torchvision", f"shufflenet_v2_{size}", {}))
    for ours, theirs in (
        ("mobilenetv2-100", "mobilenet_v2"),
        ("mobilenet-v3-large", "mobilenet_v3_large"),
        ("mobilenet-v3-small", "mobilenet_v3_small"),
        ("mnasnet-050", "mnasnet0_5"),
        ("mnasnet-100", "mnasnet1_0"),
        ("mnasnet-130", "mnasnet1_3"),
        ("efficientnet-b0", "efficientnet_b0"),
        ("efficientnet-b1", "efficientnet_b1"),
        ("efficientnet-v2-s", "efficientnet_v2_s"),
        ("efficientnet-v2-m", "efficientnet_v2_m"),
        ("regnetx-004-tv", "regnet_x_400mf"),
        ("regnety-008-tv", "regnet_y_800mf"),
        ("convnext-tiny", "convnext_tiny"),
        ("convnext-small", "convnext_small"),
    ):
        cases.append((ours, "torchvision", theirs, {}))
    heads = {"weights_backbone": None}
    for depth in (50, 101):
        for kind in ("deeplabv3", "fcn"):
            cases.append((f"{kind}-resnet{depth}", "torchvision", f"{kind}_resnet{depth}", {**heads, "aux_loss": True}))
    for kind, settings in (("deeplabv3", {"aux_loss": True}), ("lraspp", {})):
        cases.append((f"{kind}-mobilenet-v3-large", "torchvision", f"{kind}_mobilenet_v3_large", {**heads, **settings}))
    for ours in ("retinanet-resnet50-fpn", "retinanet-resnet50-fpn-v2"):
        cases.append((ours, "torchvision", ours.replace("-", "_"), heads))
    cases.append(("inception-v4", "timm", "inception_v4", {}))
    cases.append(("inception-resnet-v2", "timm", "inception_resnet_v2", {}))
    for size, name, width, heads in (("ti", "tiny", 192, 3), ("s", "small", 384, 6), ("b", "base", 768, 12)):
        vit = {
            "hidden_size": width,
            "num_attention_heads": heads,
            "intermediate_size": 4 * width,
            "layer_norm_eps": 1e-6,
            "num_labels": 1000,
        }
        cases.append((f"vit-{size}-16", "timm", f"vit_{name}_patch16_224", {}))
        cases.append((f"vit-{size}-16", "transformers", "ViTForImageClassification", vit))
        cases.append((f"deit-{size}-16-distilled", "timm", f"deit_{name}_distilled_patch16_224", {}))
        cases.append(
            (f"deit-{size}-16-distilled", "transformers", "DeiTForImageClassificationWithTeacher", vit)
        )
        if size != "ti":
            cases.append((f"deit3-{size}-16", "timm", f"deit3_{name}_patch16_224", {}))
    for ours in ("vit-b-16", "vit-b-32", "vit-l-32"):
        cases.append((ours, "torchvision", ours.replace("-", "_"), {}))
    for size, image in (
        ("xxs24", 224),
        ("xxs24", 384),
        ("xxs36", 224),
        ("xxs36", 384),
        ("xs24", 384),
        ("s24", 224),
        ("s24", 384),
        ("s36", 384),
        ("m36", 384),
        ("m48", 448),
    ):
        preset = f"cait-{size}-16" + ("" if image == 224 else f"-{image}")
        cases.append((preset, "timm", f"cait_{size}_{image}", {}))
    for size, name in (("t", "tiny"), ("s", "small"), ("b", "base"), ("l", "large")):
        cases.append((f"swin-{size}", "timm", f"swin_{name}_patch4_window7_224", {}))
        if size != "l":
            cases.append((f"swin-{size}", "torchvision", f"swin_{size}", {}))
            cases.append((f"swinv2-{size}", "timm", f"swinv2_{name}_window8_256", {}))
            cases.append((f"swinv2-{size}", "torchvision", f"swin_v2_{size}", {}))
    for size, name in (("s", "small"), ("b", "base"), ("l", "large")):
        cases.append((f"dinov2-{size}-14", "timm", f"vit_{name}_patch14_dinov2", {}))
        cases.append((f"dinov2-{size}-14-reg4", "timm", f"vit_{name}_patch14_reg4_dinov2", {}))
    cases.append(("siglip-b-16", "timm", "vit_base_patch16_siglip_224", {}))
    for theirs in (
        "mixer_s32_224 mixer_b16_224 gmixer_12_224 resmlp_12_224 resmlp_big_24_224 gmlp_ti16_224 gmlp_s16_224 "
        "eva02_tiny_patch14_224 eva02_base_patch16_clip_224 vit_small_patch16_rope_224 vit_base_patch16_rope_reg1_gap_256 "
        "vit_small_patch16_dinov3_qkvb vit_small_plus_patch16_dinov3 vit_pe_core_tiny_patch16_384 beit_base_patch16_224 "
        "beit3_base_patch16_224 vit_relpos_small_patch16_224 vit_relpos_medium_patch16_rpn_224 vit_wee_patch16_reg1_gap_256 "
        "vit_so150m_patch16_reg4_map_256 vit_so150m2_patch16_reg1_gap_256 vit_base_patch32_clip_224 "
        "vit_base_patch16_siglip_gap_224 deit3_medium_patch16_224 vit_small_patch16_36x1_224 "
        "swin_base_patch4_window12_384 swin_s3_tiny_224 swinv2_tiny_window16_256 swinv2_base_window12to16_192to256 "
        "vit_tiny_patch16_384 deit_small_patch16_224 deit3_small_patch16_384 vit_small_patch16_384 vit_base_patch16_384 deit_base_patch16_384 deit_base_distilled_patch16_384 test_vit test_vit2 test_vit3 test_vit4 "
        "vit_small_patch16_rope_mixed_ape_224 vit_relpos_medium_patch16_cls_224 vit_srelpos_small_patch16_224 vit_pwee_patch16_reg1_gap_256 swinv2_cr_tiny_ns_224 "
        "vit_small_patch16_lingbot vit_pe_spatial_tiny_patch16_512"
    ).split():
        cases.append((theirs.replace("_", "-"), "timm", theirs, {}))
    cases.append(("gpt1", "transformers", "OpenAIGPTLMHeadModel", {}))
    for name, width, depth, heads, length in (
        ("gpt2", 768, 12, 12, 1024),
        ("gpt2-medium", 1024, 24, 16, 1024),
        ("gpt2-large", 1280, 36, 20, 1024),
        ("gpt2-xl", 1600, 48, 25, 1024),
        ("gpt3-125m", 768, 12, 12, 2048),
        ("gpt3-350m", 1024, 24, 16, 2048),
        ("gpt3-760m", 1536, 24, 16, 2048),
        ("gpt3-1.3b", 2048, 24, 16, 2048),
        ("gpt3-2.7b", 2560, 32, 32, 2048),
        ("gpt3-6.7b", 4096, 32, 32, 2048),
        ("gpt3-13b", 5120, 40, 40, 2048),
        ("gpt3-175b", 12288, 96, 96, 2048),
    ):
        gpt = {"n_embd": width, "n_layer": depth, "n_head": heads, "n_positions": length}
        cases.append((name, "transformers", "GPT2LMHeadModel", gpt))
    for name, width, depth in (
        ("bert-tiny", 128, 2),
        ("bert-mini", 256, 4),
        ("bert-small", 512, 4),
        ("bert-medium", 512, 8),
        ("bert-base-uncased", 768, 12),
        ("bert-large-uncased", 1024, 24),
    ):
        bert = {
            "hidden_size": width,
            "num_hidden_layers": depth,
            "num_attention_heads": width // 64,
            "intermediate_size": 4 * width,
        }
        cases.append((name, "transformers", "BertModel", bert))
        if name.endswith("uncased"):
            cases.append((f"{name}-pretraining", "transformers", "BertForPreTraining", bert))
    for name, vocabulary, width, depth, heads, kv, mlp, base, length, tied in (
        ("llama-2-7b", 32000, 4096, 32, 32, 32, 11008, 1e4, 4096, False),
        ("llama-2-13b", 32000, 5120, 40, 40, 40, 13824, 1e4, 4096, False),
        ("llama-2-70b", 32000, 8192, 80, 64, 8, 28672, 1e4, 4096, False),
        ("llama-3-8b", 128256, 4096, 32, 32, 8, 14336, 5e5, 8192, False),
        ("llama-3-70b", 128256, 8192, 80, 64, 8, 28672, 5e5, 8192, False),
        ("stories260k", 512, 64, 5, 8, 4, 172, 1e4, 512, True),
        ("stories15m", 32000, 288, 6, 6, 6, 768, 1e4, 256, True),
        ("stories42m", 32000, 512, 8, 8, 8, 1376, 1e4, 1024, True),
        ("stories110m", 32000, 768, 12, 12, 12, 2048, 1e4, 1024, True),
    ):
        llama = {
            "vocab_size": vocabulary,
            "hidden_size": width,
            "num_hidden_layers": depth,
            "num_attention_heads": heads,
            "num_key_value_heads": kv,
            "intermediate_size": mlp,
            "rope_theta": base,
            "max_position_embeddings": length,
            "rms_norm_eps": 1e-5,
            "tie_word_embeddings": tied,
        }
        cases.append((name, "transformers", "LlamaForCausalLM", llama))
    return cases + configs()


def configs(width=64, depth=3, vocabulary=512):
    """Small networks that our side knows from their config.json alone."""
    small = {"num_hidden_layers": depth, "num_attention_heads": 4, "hidden_size": width}
    text = {**small, "vocab_size": vocabulary, "max_position_embeddings": 64}
    bert = {**text, "intermediate_size": 5 * width // 2}
    roberta = {**bert, "type_vocab_size": 1, "pad_token_id": 1}
    electra = {**bert, "embedding_size": width // 2}
    rembert = {**bert, "input_embedding_size": width // 2, "output_embedding_size": 5 * width // 4}
    distilled = {
        "dim": width,
        "n_layers": depth,
        "n_heads": 4,
        "hidden_dim": 5 * width // 2,
        "vocab_size": vocabulary,
        "max_position_embeddings": 64,
    }
    mpnet = {**bert, "pad_token_id": 1}
    albert = {**bert, "embedding_size": width // 2, "num_hidden_groups": 2, "inner_group_num": 2}
    modern = {**bert, "local_attention": 8, "pad_token_id": 0, "norm_bias": False}
    distances = {**bert, "relative_attention": True, "position_biased_input": False, "pos_att_type": ["p2c", "c2p"], "max_relative_positions": -1}
    buckets = {**distances, "position_buckets": 8, "max_relative_positions": 24, "norm_rel_ebd": "layer_norm"}
    shared = {**buckets, "share_att_key": True}
    turned = {**bert, "type_vocab_size": 2, "pad_token_id": 0}
    llama = {**text, "num_key_value_heads": 2, "intermediate_size": 5 * width // 2}
    scaled = {
        "rope_type": "llama3",
        "rope_theta": 5e5,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 32,
    }
    ends = {"bos_token_id": vocabulary - 1, "eos_token_id": vocabulary - 1}
    gpt = {"n_layer": depth, "n_head": 4, "n_embd": width, "vocab_size": vocabulary, "n_positions": 64, **ends}
    classes = {"num_labels": 5, "pad_token_id": 0}
    vit = {**small, "intermediate_size": 5 * width // 2, "image_size": 32, "patch_size": 4, "num_labels": 10}
    towers = {k: vit[k] for k in vit if k != "num_labels"}
    words = {**text, "intermediate_size": 5 * width // 2, "bos_token_id": 3, "eos_token_id": vocabulary - 1, "pad_token_id": 1}
    swin = {
        "embed_dim": width // 2,
        "depths": [2, 2],
        "num_heads": [2, 4],
        "image_size": 32,
        "window_size": 4,
        "num_labels": 10,
    }
    return [
        ("config.json: gpt2", "transformers", "GPT2LMHeadModel", gpt),
        ("config.json: gpt2, own head", "transformers", "GPT2LMHeadModel", {**gpt, "tie_word_embeddings": False}),
        ("config.json: gpt2, classes", "transformers", "GPT2ForSequenceClassification", {**gpt, **classes}),
        ("config.json: bert", "transformers", "BertModel", bert),
        ("config.json: bert, masked tokens", "transformers", "BertForMaskedLM", bert),
        ("config.json: bert, own weight of logits", "transformers", "BertForMaskedLM", {**bert, "tie_word_embeddings": False}),
        ("config.json: bert, classes", "transformers", "BertForSequenceClassification", {**bert, "num_labels": 5}),
        ("config.json: bert, token classes", "transformers", "BertForTokenClassification", {**bert, "num_labels": 5}),
        ("config.json: bert, answers", "transformers", "BertForQuestionAnswering", bert),
        ("config.json: bert, next sentence", "transformers", "BertForNextSentencePrediction", bert),
        ("config.json: bert, choices", "transformers", "BertForMultipleChoice", bert),
        ("config.json: roberta", "transformers", "RobertaModel", roberta),
        ("config.json: roberta, masked tokens", "transformers", "RobertaForMaskedLM", roberta),
        ("config.json: roberta, own weight of logits", "transformers", "RobertaForMaskedLM", {**roberta, "tie_word_embeddings": False}),
        ("config.json: roberta, choices", "transformers", "RobertaForMultipleChoice", roberta),
        ("config.json: roberta, classes", "transformers", "RobertaForSequenceClassification", {**roberta, "num_labels": 5}),
        ("config.json: xlm-roberta, token classes", "transformers", "XLMRobertaForTokenClassification", {**roberta, "num_labels": 5}),
        ("config.json: camembert, answers", "transformers", "CamembertForQuestionAnswering", roberta),
        ("config.json: distilbert", "transformers", "DistilBertModel", distilled),
        ("config.json: distilbert, masked tokens", "transformers", "DistilBertForMaskedLM", distilled),
        ("config.json: distilbert, choices", "transformers", "DistilBertForMultipleChoice", distilled),
        ("config.json: distilbert, classes", "transformers", "DistilBertForSequenceClassification", {**distilled, "num_labels": 5}),
        ("config.json: electra", "transformers", "ElectraModel", electra),
        ("config.json: electra, masked tokens", "transformers", "ElectraForMaskedLM", electra),
        ("config.json: electra, replaced tokens", "transformers", "ElectraForPreTraining", electra),
        ("config.json: electra, classes", "transformers", "ElectraForSequenceClassification", {**electra, "num_labels": 5}),
        ("config.json: electra, choices", "transformers", "ElectraForMultipleChoice", electra),
        ("config.json: ernie, masked tokens", "transformers", "ErnieForMaskedLM", bert),
        ("config.json: megatron-bert, masked tokens", "transformers", "MegatronBertForMaskedLM", bert),
        ("config.json: data2vec-text, classes", "transformers", "Data2VecTextForSequenceClassification", {**roberta, "num_labels": 5}),
        ("config.json: roberta-prelayernorm, masked tokens", "transformers", "RobertaPreLayerNormForMaskedLM", roberta),
        ("config.json: xlm-roberta-xl, masked tokens", "transformers", "XLMRobertaXLForMaskedLM", roberta),
        ("config.json: rembert, masked tokens", "transformers", "RemBertForMaskedLM", rembert),
        ("config.json: mpnet", "transformers", "MPNetModel", mpnet),
        ("config.json: mpnet, masked tokens", "transformers", "MPNetForMaskedLM", mpnet),
        ("config.json: mpnet, classes", "transformers", "MPNetForSequenceClassification", {**mpnet, "num_labels": 5}),
        ("config.json: albert", "transformers", "AlbertModel", albert),
        ("config.json: albert, masked tokens", "transformers", "AlbertForMaskedLM", {**albert, "embedding_size": width}),
        ("config.json: albert, classes", "transformers", "AlbertForSequenceClassification", {**albert, "num_labels": 5}),
        ("config.json: modernbert", "transformers", "ModernBertModel", modern),
        ("config.json: modernbert, masked tokens", "transformers", "ModernBertForMaskedLM", {**modern, "classifier_bias": True}),
        (
            "config.json: modernbert, classes of a mean",
            "transformers",
            "ModernBertForSequenceClassification",
            {**modern, "classifier_pooling": "mean", "num_labels": 5, "norm_bias": True},
        ),
        ("config.json: modernbert, answers", "transformers", "ModernBertForQuestionAnswering", {**modern, "num_labels": 2}),
        ("config.json: deberta", "transformers", "DebertaModel", {**distances, "type_vocab_size": 2, "position_biased_input": True}),
        ("config.json: deberta, without distances", "transformers", "DebertaForTokenClassification", {**bert, "num_labels": 5, "type_vocab_size": 0}),
        ("config.json: deberta, masked tokens", "transformers", "DebertaForMaskedLM", {**distances, "max_relative_positions": 6}),
        ("config.json: deberta, classes", "transformers", "DebertaForSequenceClassification", {**distances, "num_labels": 3}),
        ("config.json: deberta-v2, classes", "transformers", "DebertaV2ForSequenceClassification", {**shared, "num_labels": 3}),
        ("config.json: deberta-v2, apart", "transformers", "DebertaV2Model", buckets),
        ("config.json: deberta-v2, convolution", "transformers", "DebertaV2ForSequenceClassification", {**shared, "num_labels": 3, "conv_kernel_size": 3, "conv_act": "gelu"}),
        ("config.json: deberta-v2, token classes", "transformers", "DebertaV2ForTokenClassification", {**shared, "num_labels": 5}),
        ("config.json: deberta-v2, answers", "transformers", "DebertaV2ForQuestionAnswering", {**shared, "pos_att_type": ["c2p"]}),
        ("config.json: deberta-v2, masked tokens", "transformers", "DebertaV2ForMaskedLM", {**shared, "pos_att_type": ["p2c"]}),
        ("config.json: nomic_bert", "transformers", "NomicBertModel", turned),
        ("config.json: nomic_bert, masked tokens", "transformers", "NomicBertForMaskedLM", turned),
        ("config.json: nomic_bert, classes", "transformers", "NomicBertForSequenceClassification", {**turned, "num_labels": 3}),
        ("config.json: gte", "transformers", "GteModel", {**turned, "type_vocab_size": 1}),
        ("config.json: gte, masked tokens", "transformers", "GteForMaskedLM", {**turned, "type_vocab_size": 0}),
        ("config.json: gte, classes", "transformers", "GteForSequenceClassification", {**turned, "num_labels": 1}),
        ("config.json: new", "transformers", "GteModel", {**turned, "type_vocab_size": 1, "rope_scaling": {"type": "ntk", "factor": 8.0}, "rope_theta": 2e4}),
        ("config.json: new, masked tokens", "transformers", "GteForMaskedLM", {**turned, "type_vocab_size": 0, "rope_scaling": {"type": "ntk", "factor": 2.0}, "rope_theta": 5e5}),
        ("config.json: roformer", "transformers", "RoFormerModel", {**bert, "embedding_size": width // 2}),
        ("config.json: roformer, masked tokens", "transformers", "RoFormerForMaskedLM", {**bert, "embedding_size": width // 2, "hidden_act": "relu"}),
        ("config.json: roformer, classes", "transformers", "RoFormerForSequenceClassification", {**bert, "num_labels": 5, "hidden_act": "relu"}),
        ("config.json: roformer, token classes", "transformers", "RoFormerForTokenClassification", {**bert, "num_labels": 5}),
        ("config.json: roformer, answers", "transformers", "RoFormerForQuestionAnswering", bert),
        ("config.json: jina_embeddings_v3", "transformers", "JinaEmbeddingsV3Model", roberta),
        ("config.json: jina_embeddings_v3, masked tokens", "transformers", "JinaEmbeddingsV3ForMaskedLM", roberta),
        ("config.json: jina_embeddings_v3, classes", "transformers", "JinaEmbeddingsV3ForSequenceClassification", {**roberta, "num_labels": 5}),
        ("config.json: dpr, contexts", "transformers", "DPRContextEncoder", bert),
        ("config.json: dpr, questions", "transformers", "DPRQuestionEncoder", {**bert, "projection_dim": width // 2}),
        ("config.json: eurobert", "transformers", "EuroBertModel", {**llama, "pad_token_id": 0, "mask_token_id": 3, "attention_bias": True}),
        ("config.json: eurobert, masked tokens", "transformers", "EuroBertForMaskedLM", {**llama, "pad_token_id": 0, "mask_token_id": 3, "mlp_bias": True}),
        ("config.json: eurobert, classes", "transformers", "EuroBertForSequenceClassification", {**llama, **classes, "mask_token_id": 3}),
        ("config.json: eurobert, token classes", "transformers", "EuroBertForTokenClassification", {**llama, **classes, "mask_token_id": 3}),
        ("config.json: modernbert, biases", "transformers", "ModernBertModel", {**modern, "mlp_bias": True}),
        ("config.json: llama", "transformers", "LlamaForCausalLM", llama),
        (
            "config.json: llama, scaled, tied",
            "transformers",
            "LlamaForCausalLM",
            {**llama, "rope_parameters": scaled, "tie_word_embeddings": True},
        ),
        (
            "config.json: llama, wide heads, biases",
            "transformers",
            "LlamaForCausalLM",
            {**llama, "head_dim": width // 2, "attention_bias": True, "mlp_bias": True},
        ),
        ("config.json: llama, no head", "transformers", "LlamaModel", {**llama, "tie_word_embeddings": True}),
        ("config.json: llama, classes", "transformers", "LlamaForSequenceClassification", {**llama, **classes}),
        ("config.json: mistral, window", "transformers", "MistralForCausalLM", {**llama, "sliding_window": 8}),
        (
            "config.json: mistral, window, classes",
            "transformers",
            "MistralForSequenceClassification",
            {**llama, **classes, "sliding_window": 8},
        ),
        ("config.json: qwen2", "transformers", "Qwen2ForCausalLM", llama),
        ("config.json: qwen2, classes", "transformers", "Qwen2ForSequenceClassification", {**llama, **classes}),
        *decoders(text, llama, gpt, classes),
        *pairs(width, depth, vocabulary),
        ("config.json: vit", "transformers", "ViTForImageClassification", vit),
        (
            "config.json: vit, no head, wide",
            "transformers",
            "ViTModel",
            {**vit, "image_size": [16, 24], "patch_size": [4, 8]},
        ),
        ("config.json: deit, distilled", "transformers", "DeiTForImageClassificationWithTeacher", vit),
        ("config.json: deit, no head", "transformers", "DeiTModel", vit),
        ("config.json: dinov2", "transformers", "Dinov2ForImageClassification", vit),
        ("config.json: dinov2, no head", "transformers", "Dinov2Model", vit),
        (
            "config.json: dinov2, registers, gated",
            "transformers",
            "Dinov2WithRegistersForImageClassification",
            {**vit, "use_swiglu_ffn": True},
        ),
        ("config.json: clip images", "transformers", "CLIPVisionModelWithProjection", {**towers, "projection_dim": 24}),
        ("config.json: siglip images", "transformers", "SiglipVisionModel", towers),
        ("config.json: clip texts", "transformers", "CLIPTextModelWithProjection", {**words, "projection_dim": 24}),
        ("config.json: clip tokens", "transformers", "CLIPTextModel", {**words, "eos_token_id": 2}),
        ("config.json: siglip texts", "transformers", "SiglipTextModel", words),
        ("config.json: clip", "transformers", "CLIPModel", {"text_config": words, "vision_config": towers, "projection_dim": 24}),
        ("config.json: clip, largest id", "transformers", "CLIPModel", {"text_config": {**words, "eos_token_id": 2}, "vision_config": towers, "projection_dim": 24}),
        ("config.json: siglip", "transformers", "SiglipModel", {"text_config": words, "vision_config": towers}),
        ("config.json: resnet", "transformers", "ResNetForImageClassification", {"num_labels": 10}),
        ("config.json: regnet", "transformers", "RegNetForImageClassification", {"num_labels": 10}),
        ("config.json: convnext", "transformers", "ConvNextForImageClassification", {"num_labels": 10}),
        ("config.json: convnextv2", "transformers", "ConvNextV2ForImageClassification", {"num_labels": 10}),
        ("config.json: mobilenet_v2", "transformers", "MobileNetV2ForImageClassification", {"num_labels": 10}),
        (
            "config.json: efficientnet",
            "transformers",
            "EfficientNetForImageClassification",
            {"num_labels": 10, "width_coefficient": 1.0, "depth_coefficient": 1.0, "hidden_dim": 1280, "image_size": 224},
        ),
        ("config.json: swin", "transformers", "SwinForImageClassification", swin),
        ("config.json: swin, no head", "transformers", "SwinModel", swin),
        (
            "config.json: swin v2",
            "transformers",
            "Swinv2ForImageClassification",
            {**swin, "pretrained_window_sizes": [3, 3]},
        ),
    ]


def decoders(text, llama, gpt, classes):
    """Decoders, each with the options that its config.json has."""
    width, depth = text["hidden_size"], text["num_hidden_layers"]
    head = width // 4
    wide = {**llama, "head_dim": 2 * head}
    neo = {"num_layers": depth, "attention_types": [[["global", "local"][:depth], 1]], "window_size": 6, "num_heads": 4}
    neo["attention_types"] += [[["global"], depth - 2]] if depth > 2 else []
    plain = {**text, "intermediate_size": 96}
    slides = {"layer_types": (["sliding_attention", "full_attention"] * depth)[:depth], "sliding_window": 6}
    rope = {"rope_theta": 1e4}
    yarn = {**rope, "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}
    long = {
        **rope,
        "rope_type": "longrope",
        "short_factor": [1.0 + 0.1 * i for i in range(head // 2)],
        "long_factor": [2.0 + 0.5 * i for i in range(head // 2)],
        "original_max_position_embeddings": 16,
    }
    ends = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    experts = {"num_experts": 5, "num_experts_per_tok": 2, "moe_intermediate_size": 12}
    routed = {"n_routed_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 12, "first_k_dense_replace": 1, "routed_scaling_factor": 1.5}
    multiplied = {"embedding_multiplier": 6.0, "logits_scaling": 4.0, "residual_multiplier": 0.4, "attention_multiplier": 0.1}
    ernie = {"moe_num_experts": 5, "moe_k": 2, "moe_intermediate_size": 12, "moe_num_shared_experts": 1}
    ettin = {**llama, **ends, "layer_types": slides["layer_types"], "local_attention": 12}
    near = {"rope_type": "llama3", **rope, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}
    stretched = {"rope_type": "dynamic", **rope, "alpha": 50.0, "factor": 1.0}
    rows = [
        ("gpt_neo", "GPTNeoForCausalLM", {**text, **neo, **ends}),
        ("gpt_neo, classes", "GPTNeoForSequenceClassification", {**text, **neo, **ends, **classes}),
        ("gptj", "GPTJForCausalLM", {**gpt, "rotary_dim": head // 2}),
        ("gptj, classes", "GPTJForSequenceClassification", {**gpt, "rotary_dim": head // 2, **classes}),
        ("gpt_neox", "GPTNeoXForCausalLM", {**plain, "rotary_pct": 0.5}),
        ("gpt_neox, sequential, no biases", "GPTNeoXForCausalLM", {**plain, "rotary_pct": 1.0, "use_parallel_residual": False, "attention_bias": False}),
        ("gpt_neox, classes", "GPTNeoXForSequenceClassification", {**plain, **classes, "rotary_pct": 0.5}),
        ("opt", "OPTForCausalLM", {**text, "ffn_dim": 96, "word_embed_proj_dim": width, **ends}),
        ("opt, classes", "OPTForSequenceClassification", {**text, "ffn_dim": 96, "word_embed_proj_dim": width, **ends, **classes}),
        ("opt, norms after sums", "OPTForCausalLM", {**text, "ffn_dim": 96, "word_embed_proj_dim": width, "do_layer_norm_before": False, **ends}),
        ("opt, projections", "OPTForCausalLM", {**text, "ffn_dim": 96, "word_embed_proj_dim": width // 2, "do_layer_norm_before": False, "enable_bias": False, **ends}),
        ("biogpt", "BioGptForCausalLM", {**plain, **ends}),
        ("xglm", "XGLMForCausalLM", {**text, **ends, "d_model": width, "num_layers": depth, "attention_heads": 4, "ffn_dim": 96}),
        ("openai-gpt", "OpenAIGPTLMHeadModel", gpt),
        ("gpt2, scores by layer", "GPT2LMHeadModel", {**gpt, "scale_attn_weights": False, "scale_attn_by_inverse_layer_idx": True}),
        ("codegen", "CodeGenForCausalLM", {**gpt, "rotary_dim": head // 2}),
        ("mpt", "MptForCausalLM", {"d_model": width, "n_layers": depth, "n_heads": 4, "vocab_size": text["vocab_size"], "max_seq_len": 64, "attn_config": {"clip_qkv": 0.5}}),
        ("persimmon", "PersimmonForCausalLM", {**plain, **ends}),
        ("jais2", "Jais2ForCausalLM", {**llama, **ends}),
        ("bloom, shortcuts after norms", "BloomForCausalLM", {"hidden_size": width, "n_layer": depth, "n_head": 4, "vocab_size": text["vocab_size"], "apply_residual_connection_post_layernorm": True}),
        ("bloom", "BloomForCausalLM", {"hidden_size": width, "n_layer": depth, "n_head": 4, "vocab_size": text["vocab_size"]}),
        ("qwen3", "Qwen3ForCausalLM", {**wide, "attention_bias": True}),
        ("qwen3, some windows, tied", "Qwen3ForCausalLM", {**wide, "use_sliding_window": True, "sliding_window": 6, "max_window_layers": 1, "tie_word_embeddings": True}),
        ("qwen3, classes", "Qwen3ForSequenceClassification", {**wide, **classes}),
        ("gemma", "GemmaForCausalLM", wide),
        ("gemma2", "Gemma2ForCausalLM", {**wide, "sliding_window": 6, "query_pre_attn_scalar": 24}),
        ("gemma3_text", "Gemma3ForCausalLM", {**wide, **slides, "query_pre_attn_scalar": 24}),
        ("gemma3_text, scaled, capped", "Gemma3ForCausalLM", {**wide, **slides, "final_logit_softcapping": 5.0, "rope_parameters": {"full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6}, "sliding_attention": {"rope_type": "default", "rope_theta": 1e4}}}),
        ("phi", "PhiForCausalLM", {**llama, "qk_layernorm": True}),
        ("phi3", "Phi3ForCausalLM", {**llama, **ends, "sliding_window": 6, "partial_rotary_factor": 0.5}),
        ("phi3, long", "Phi3ForCausalLM", {**llama, **ends, "rope_parameters": long, "original_max_position_embeddings": 16}),
        ("olmo", "OlmoForCausalLM", llama),
        ("olmo, clipped", "OlmoForCausalLM", {**llama, "clip_qkv": 0.5, "attention_bias": True}),
        ("olmo2", "Olmo2ForCausalLM", llama),
        ("granite", "GraniteForCausalLM", {**llama, **multiplied}),
        ("stablelm", "StableLmForCausalLM", {**llama, "use_qkv_bias": True, "partial_rotary_factor": 0.5}),
        ("stablelm, norms of heads", "StableLmForCausalLM", {**llama, "qk_layernorm": True, "partial_rotary_factor": 0.5}),
        ("stablelm, parallel", "StableLmForCausalLM", {**llama, "use_parallel_residual": True, "partial_rotary_factor": 0.5}),
        ("smollm3", "SmolLM3ForCausalLM", {**llama, **ends, "no_rope_layer_interval": 2}),
        ("smollm3, windows", "SmolLM3ForCausalLM", {**llama, **ends, "no_rope_layer_interval": 2, "use_sliding_window": True, "sliding_window": 6}),
        ("falcon", "FalconForCausalLM", text),
        ("falcon, groups", "FalconForCausalLM", {**text, "new_decoder_architecture": True, "num_kv_heads": 2}),
        ("falcon, linear biases", "FalconForCausalLM", {**text, "alibi": True, "multi_query": False, "parallel_attn": False, "bias": True}),
        ("cohere", "CohereForCausalLM", {**llama, **ends}),
        ("cohere, norms of heads", "CohereForCausalLM", {**llama, **ends, "use_qk_norm": True}),
        ("cohere2", "Cohere2ForCausalLM", {**llama, **ends, **slides}),
        ("starcoder2", "Starcoder2ForCausalLM", {**llama, "sliding_window": 6, **ends}),
        ("gpt_bigcode", "GPTBigCodeForCausalLM", gpt),
        ("gpt_bigcode, all heads", "GPTBigCodeForCausalLM", {**gpt, "multi_query": False}),
        ("nemotron", "NemotronForCausalLM", llama),
        ("helium", "HeliumForCausalLM", {**llama, **ends, "head_dim": head}),
        ("glm", "GlmForCausalLM", {**wide, **ends, "pad_token_id": 0}),
        ("glm4", "Glm4ForCausalLM", {**wide, **ends, "pad_token_id": 0}),
        ("ernie4_5", "Ernie4_5ForCausalLM", {**wide, **ends, "use_bias": True}),
        ("exaone4", "Exaone4ForCausalLM", {**llama, **ends, **slides}),
        ("exaone4, no windows", "Exaone4ForCausalLM", {**llama, **ends, "sliding_window": None, "layer_types": ["full_attention"] * depth}),
        ("apertus", "ApertusForCausalLM", {**llama, **ends, "rope_parameters": near}),
        ("hunyuan_v1_dense", "HunYuanDenseV1ForCausalLM", {**wide, **ends, "rope_parameters": stretched}),
        ("llama, token classes", "LlamaForTokenClassification", {**llama, "num_labels": 5}),
        ("llama, answers", "LlamaForQuestionAnswering", llama),
        ("gpt2, no head", "GPT2Model", gpt),
        ("gpt2, token classes", "GPT2ForTokenClassification", {**gpt, "num_labels": 5}),
        ("gemma3_text, both directions", "Gemma3TextModel", {**wide, **slides, "sliding_window": 8, "use_bidirectional_attention": True}),
        ("gemma3_text, no head", "Gemma3TextModel", {**wide, **slides, "query_pre_attn_scalar": 24}),
        ("arcee", "ArceeForCausalLM", {**llama, **ends}),
        ("ministral", "MinistralForCausalLM", {**wide, **ends, **slides}),
        ("seed_oss", "SeedOssForCausalLM", {**wide, **ends}),
        ("olmo3", "Olmo3ForCausalLM", {**llama, **ends, **slides}),
        ("modernbert-decoder", "ModernBertDecoderForCausalLM", {**ettin, "tie_word_embeddings": False}),
        ("modernbert-decoder, classes", "ModernBertDecoderForSequenceClassification", {**ettin, **classes, "classifier_bias": True}),
        ("bitnet", "BitNetForCausalLM", {**llama, **ends}),
        ("cwm", "CwmForCausalLM", {**wide, **ends, **slides}),
        ("vaultgemma", "VaultGemmaForCausalLM", {**wide, "sliding_window": 6, "query_pre_attn_scalar": 24}),
        ("hyperclovax", "HyperCLOVAXForCausalLM", {**llama, **ends, **multiplied}),
        ("granite_swa", "GraniteSWAForCausalLM", {**llama, **ends, **slides, **multiplied, "layer_rope_theta": ([0, 5e3] * depth)[:depth]}),
        ("granitemoeshared", "GraniteMoeSharedForCausalLM", {**llama, **ends, **multiplied, "num_local_experts": 4, "shared_intermediate_size": 20}),
        ("flex_olmo", "FlexOlmoForCausalLM", {**llama, **ends, "num_experts": 5, "num_experts_per_tok": 2}),
        ("mellum", "MellumForCausalLM", {**wide, **ends, **slides, **experts, "mlp_layer_types": (["dense", "sparse"] * depth)[:depth]}),
        ("minimax_m2", "MiniMaxM2ForCausalLM", {**wide, **ends, "num_local_experts": 5, "num_experts_per_tok": 2}),
        ("solar_open", "SolarOpenForCausalLM", {**wide, **ends, **{k: v for k, v in routed.items() if k != "first_k_dense_replace"}, "n_shared_experts": 1}),
        ("exaone_moe", "ExaoneMoeForCausalLM", {**llama, **ends, **slides, **experts, "num_shared_experts": 1, "n_group": 1}),
        ("hunyuan_v1_moe", "HunYuanMoEV1ForCausalLM", {**wide, **ends, "num_experts": 5, "moe_topk": 2}),
        ("mixtral", "MixtralForCausalLM", {**llama, "num_local_experts": 4, "sliding_window": 6}),
        ("mixtral, classes", "MixtralForSequenceClassification", {**llama, **classes, "num_local_experts": 4}),
        ("qwen2_moe", "Qwen2MoeForCausalLM", {**llama, **experts, "shared_expert_intermediate_size": 20}),
        ("qwen3_moe", "Qwen3MoeForCausalLM", {**wide, **experts, "norm_topk_prob": True}),
        ("qwen2_moe, every second layer", "Qwen2MoeForCausalLM", {**llama, **experts, "shared_expert_intermediate_size": 20, "decoder_sparse_step": 2}),
        ("qwen3_moe, first layer dense", "Qwen3MoeForCausalLM", {**wide, **experts, "mlp_only_layers": [0]}),
        ("dots1", "Dots1ForCausalLM", {**wide, **ends, **routed, **slides, "n_shared_experts": 1, "n_group": 3, "topk_group": 2, "norm_topk_prob": True}),
        ("glm4_moe", "Glm4MoeForCausalLM", {**wide, **ends, **routed, "n_shared_experts": 2, "use_qk_norm": True, "attention_bias": True}),
        ("ernie4_5_moe", "Ernie4_5_MoeForCausalLM", {**wide, **ends, **ernie}),
        ("gpt_oss", "GptOssForCausalLM", {**wide, **ends, **slides, "num_local_experts": 5, "num_experts_per_tok": 2, "rope_parameters": {**yarn, "truncate": False}}),
        ("granitemoe", "GraniteMoeForCausalLM", {**llama, **multiplied, "num_local_experts": 4}),
        ("olmoe", "OlmoeForCausalLM", {**llama, **ends, "num_experts": 5, "num_experts_per_tok": 3}),
        ("llama, yarn", "LlamaForCausalLM", {**llama, "rope_parameters": yarn}),
    ]
    return [("config.json: " + row, "transformers", kind, settings) for row, kind, settings in rows]


def pairs(width, depth, vocabulary):
    """Encoders with decoders."""
    ids = {"vocab_size": vocabulary, "pad_token_id": 0, "eos_token_id": 2, "decoder_start_token_id": 1}
    bart = {
        **ids,
        "d_model": width,
        "max_position_embeddings": 64,
        "encoder_layers": depth,
        "decoder_layers": depth,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 2,
        "encoder_ffn_dim": 2 * width,
        "decoder_ffn_dim": 3 * width,
        "bos_token_id": 1,
        "forced_eos_token_id": None,
    }
    t5 = {**ids, "d_model": width, "d_kv": width // 2, "d_ff": 2 * width, "num_layers": depth, "num_heads": 4}
    t5.update(relative_attention_num_buckets=8, relative_attention_max_distance=12)
    scaled = {**bart, "scale_embedding": True}
    halves = {**scaled, "activation_function": "swish", "share_encoder_decoder_embeddings": False}
    rows = [
        ("t5", "T5ForConditionalGeneration", {**t5, "num_decoder_layers": depth - 1}),
        ("t5, gated, not scaled", "T5ForConditionalGeneration", {**t5, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}),
        ("t5, no head", "T5Model", t5),
        ("t5, encoder", "T5EncoderModel", t5),
        ("t5, classes", "T5ForSequenceClassification", {**t5, "num_labels": 3}),
        ("t5, answers", "T5ForQuestionAnswering", t5),
        ("t5, token classes", "T5ForTokenClassification", {**t5, "num_labels": 3}),
        ("mt5", "MT5ForConditionalGeneration", t5),
        ("umt5", "UMT5ForConditionalGeneration", {**t5, "feed_forward_proj": "gated-silu"}),
        ("bart", "BartForConditionalGeneration", {**bart, "forced_bos_token_id": 5, "forced_eos_token_id": 2}),
        ("bart, no head", "BartModel", bart),
        ("bart, classes", "BartForSequenceClassification", {**bart, "num_labels": 3}),
        ("bart, answers", "BartForQuestionAnswering", bart),
        ("mbart, classes", "MBartForSequenceClassification", {**scaled, "num_labels": 3}),
        ("plbart", "PLBartForConditionalGeneration", bart),
        ("mvp", "MvpForConditionalGeneration", bart),
        ("mbart", "MBartForConditionalGeneration", scaled),
        ("marian", "MarianMTModel", {**scaled, "activation_function": "swish"}),
        ("marian, two vocabularies", "MarianMTModel", {**halves, "decoder_vocab_size": vocabulary - 4}),
        ("pegasus", "PegasusForConditionalGeneration", {**scaled, "activation_function": "relu"}),
        ("blenderbot", "BlenderbotForConditionalGeneration", bart),
        ("m2m_100", "M2M100ForConditionalGeneration", bart),
    ]
    return [("config.json: " + row, "transformers", kind, settings) for row, kind, settings in rows]


def build(library, name, settings):
    if library == "timm":
        import timm

        return timm.create_model(name, **settings)
    if library == "torchvision":
        import torchvision

        return torchvision.models.get_model(name, weights=None, **settings)
    import transformers

    kind = getattr(transformers, name)
    # The output compared is that of the encoder, which the pooler is no part of.
    options = {"add_pooling_layer": False} if name in ("ViTModel", "DeiTModel") else {}
    scaling = settings.get("rope_scaling") or {}
    authors = name.startswith("Gte") and scaling.get("type") == "ntk"
    config = kind.config_class(**{k: v for k, v in settings.items() if not (authors and k == "rope_scaling")})
    if name.startswith(("Gemma2", "GptOss", "VaultGemma", "GraniteSWA")):
        config._attn_implementation = "eager"  # the default leaves out the cap of the scores, and sinks
    model = kind(config, **options)
    model.config.architectures = [name]
    if authors:
        scale(model, scaling["factor"], settings["rope_theta"])
    return model


def scale(model, factor, base):
    """The rotary positions of GTE's authors (https://kexue.fm/archives/9706, equation 6), which transformers does not have."""
    table = model.base_model.rotary_emb
    width = 2 * len(table.inv_freq)
    shares = torch.arange(0, width, 2).double() / width
    table.inv_freq = ((factor * base) ** -shares * factor ** (-2 / width)).float()


def described(model, settings, folder):
    """Writes the config.json. That of GTE's authors has another type and other settings."""
    model.config.save_pretrained(folder)
    if (settings.get("rope_scaling") or {}).get("type") != "ntk":
        return
    file = folder / "config.json"
    config = json.loads(file.read_text())
    del config["rope_parameters"]
    config.update({k: settings[k] for k in ("rope_theta", "rope_scaling")})
    config.update(model_type="new", architectures=[a.replace("Gte", "New") for a in config["architectures"]])
    config.update(position_embedding_type="rope", layer_norm_type="layer_norm", pack_qkv=True, logn_attention_scale=False)
    config.update(logn_attention_clip1=False, unpad_inputs=False, use_memory_efficient_attention=False, auto_map={"AutoModel": "modeling.NewModel"})
    file.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def draw(model):
    """Makes every stored number matter to the output, and keeps activations near one."""
    g = torch.Generator().manual_seed(SEED)
    # Sines and cosines of positions.
    fixed = [n for n, _ in model.named_parameters() if type(model).__name__.startswith("RoFormer") and n.endswith("embed_positions.weight")]
    with torch.no_grad():
        for name, t in model.state_dict().items():
            leaf = name.rsplit(".", 1)[-1]
            if not t.is_floating_point() or leaf == "relative_coords_table" or name in fixed or name.endswith(("act_fn.beta", "act_fn.eps")):
                continue
            if leaf in ("gamma_1", "gamma_2", "gamma", "lambda1"):
                t.uniform_(0.5, 1.0, generator=g)
            elif leaf == "running_var" or (leaf == "weight" and t.dim() == 1):
                t.uniform_(0.5, 1.5, generator=g)
            elif leaf.endswith("bias") or leaf == "running_mean":
                t.normal_(0, 0.1, generator=g)
            elif t.dim() >= 2 and leaf.endswith(("weight", "gate_up_proj", "down_proj")):
                t.normal_(0, (t[0].numel() if t.dim() > 2 and leaf == "weight" else t.shape[-1]) ** -0.5, generator=g)
            else:
                t.normal_(0, 0.2, generator=g)
    return model.eval()


def inputs(model, library, name):
    g = torch.Generator().manual_seed(SEED + 1)
    if library == "timm":
        return {"input": torch.randn(BATCH, *model.default_cfg["input_size"], generator=g)}
    config = getattr(model, "config", None)
    if name.startswith(("CLIPText", "CLIPModel", "Siglip")) and name != "SiglipVisionModel":
        made = {}
        texts = getattr(config, "text_config", config)
        if texts is not config:
            size = config.vision_config.image_size
            made["input"] = torch.randn(BATCH, 3, size, size, generator=g)
        ids = torch.randint(4, texts.vocab_size - 1, (BATCH, TOKENS), generator=g)
        ids[0, -1] = ids[1, 7:] = texts.vocab_size - 1  # the end, which comes first in the middle of the last row
        return {**made, ("text" if made else "input"): ids}
    # Other sizes of torchvision's Swin V2 pad the last windows.
    square = 256 if name.startswith("swin_v2") else 224
    size = getattr(config, "image_size", 0 if hasattr(config, "vocab_size") else square)
    if size:
        height, width = (size, size) if isinstance(size, int) else size
        return {"input": torch.randn(BATCH, 3, height, width, generator=g)}
    if config.model_type in PAIRS:
        return sources(config, name, g)
    made = {"input": torch.randint(config.vocab_size, (BATCH, TOKENS), generator=g)}
    if config.model_type in ENCODERS:
        made["mask"] = torch.ones(BATCH, TOKENS)
        made["mask"][-1, TOKENS - 5 :] = 0
        if config.model_type.startswith("deberta") and "Sequence" not in name:
            made["mask"][:] = 1  # what it computes for padding reads all tokens
        # RoBERTa counts positions by the ids that are not padding.
        made["input"].clamp_(min=2)
        made["input"][made["mask"] == 0] = config.pad_token_id
        prefixed = "roberta" in config.model_type + str(model.base_model_prefix) and not config.model_type.startswith("jina")
        if (prefixed or config.model_type in ("mpnet", "data2vec-text")) and "Sequence" not in name and "Choice" not in name:
            # Positions of padding matter only to outputs that padding has.
            mask = made["mask"].long()
            made["positions"] = mask.cumsum(1) * mask + config.pad_token_id
    if getattr(config, "type_vocab_size", 0) > 1 and "mask" in made:
        made["segments"] = torch.zeros(BATCH, TOKENS, dtype=torch.int64)
        made["segments"][:, TOKENS // 2 :] = 1
    elif name.endswith("ForSequenceClassification") and config.model_type not in ENCODERS:
        # The first row is padded on the left, the last one on the right. No other token is padding.
        made["input"].clamp_(min=1)
        made["mask"] = torch.ones(BATCH, TOKENS)
        made["mask"][0, :4] = 0
        made["mask"][-1, TOKENS - 5 :] = 0
        made["input"][made["mask"] == 0] = config.pad_token_id
    return made


def sources(config, name, g):
    """A target, and a longer source whose last row is padded."""
    mask = torch.ones(BATCH, TOKENS + 3)
    mask[-1, TOKENS - 5 :] = 0
    source = torch.randint(3, config.vocab_size, mask.shape, generator=g)
    source[mask == 0] = config.pad_token_id
    if name.endswith("ForSequenceClassification"):  # reads the vector of the end token
        source[0, -1] = source[1, TOKENS - 6] = config.eos_token_id
    if name.endswith("ForQuestionAnswering"):
        mask[:] = 1  # what its decoder computes for padding reads padding
        source.clamp_(min=3)
    if name.endswith(("EncoderModel", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering")):
        return {"input": source, "mask": mask}
    ids = getattr(config, "decoder_vocab_size", None) or config.vocab_size
    target = torch.randint(3, ids, (BATCH, TOKENS), generator=g)
    return {"input": target, "source": source, "sourceMask": mask}


def outputs(model, library, name, made):
    with torch.no_grad():
        if name.startswith("retinanet"):
            found = model.head(list(model.backbone(made["input"]).values()))
            return {":classes": found["cls_logits"], ":boxes": found["bbox_regression"]}
        if library != "transformers":
            found = model(made["input"])
            return {":" + k: v for k, v in found.items()} if isinstance(found, dict) else {"output": found}
        if "source" in made:
            r = model(input_ids=made["source"], attention_mask=made["sourceMask"].long(), decoder_input_ids=made["input"])
            return {"output": r.logits if hasattr(r, "logits") else r.last_hidden_state}
        if name.endswith("EncoderModel"):
            mask = made["mask"]
            r = model(input_ids=made["input"], attention_mask=mask.long()).last_hidden_state
            return {"output": r}
        if "text" in made:
            r = model(input_ids=made["text"], pixel_values=made["input"])
            logits = r.logits_per_image.diagonal().unsqueeze(1)
            return {":imageEmbedding": r.image_embeds, ":textEmbedding": r.text_embeds, ":logit": logits}
        if "mask" in made:
            segments = {"token_type_ids": made["segments"]} if "segments" in made else {}
            if name.endswith("ForMultipleChoice"):  # the rows are the choices of one question
                choices = {"input_ids": made["input"], "attention_mask": made["mask"].long(), **segments}
                return {"output": model(**{k: v[None] for k, v in choices.items()}).logits.T}
            r = model(input_ids=made["input"], attention_mask=made["mask"].long(), **segments)
        else:
            r = model(made["input"])
        if name.endswith("ForQuestionAnswering"):
            return {"output": torch.stack([r.start_logits, r.end_logits], -1)}
        if name == "ElectraForPreTraining":
            return {"output": r.logits.unsqueeze(-1)}
        if name in ("BertModel", "RobertaModel", "MPNetModel", "AlbertModel", "RemBertModel", "MegatronBertModel", "JinaEmbeddingsV3Model"):
            return {"output": r.pooler_output, "blocks": r.last_hidden_state}
        if name.startswith("DPR"):
            return {"output": r.pooler_output}
        if name == "CLIPVisionModelWithProjection":
            return {"output": r.image_embeds}
        if name == "SiglipTextModel":
            return {":output": r.last_hidden_state, ":projection": r.pooler_output}
        if name == "CLIPTextModelWithProjection":
            return {"output": r.text_embeds}
        if name in ("SiglipVisionModel", "SwinModel"):
            return {"output": r.pooler_output}
        if name in ("DebertaModel", "DebertaV2Model", "NomicBertModel", "GteModel", "EuroBertModel", "RoFormerModel"):
            return {"output": r.last_hidden_state}
        if name in ("ModernBertModel", "LlamaModel", "Dinov2Model", "ViTModel", "DeiTModel", "DistilBertModel", "ElectraModel", "CLIPTextModel", "GPT2Model", "Gemma3TextModel"):
            return {"output": r.last_hidden_state}
        if name == "BertForPreTraining":
            return {"output": r.prediction_logits, "head.nextSentence": r.seq_relationship_logits}
        return {"output": r.logits}


def stored(model):
    """The state as files hold it, each tensor once: safetensors refuses tensors that share memory."""
    if type(model).__name__.startswith(CONVERTED):
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            return load_file(folder + "/model.safetensors")
    state, seen = {}, set()
    for name, t in model.state_dict().items():
        if t.data_ptr() not in seen or t.numel() < 2:
            state[name] = t.contiguous()
        seen.add(t.data_ptr())
    return state


def make(case, folder):
    preset, library, name, settings = case
    model = draw(build(library, name, settings))
    unread = torch.empty(0)
    beside = [n for n, _ in model.named_parameters() if n.endswith(".decoder.bias")]
    if name.startswith(("OPT", "BioGpt")):
        unread = getattr(model.base_model, "decoder", model.base_model).embed_positions.weight.data[:2]  # of no position
        unread[:] = 0
    elif name.endswith("ForMaskedLM") and beside and not name.startswith("RemBert") and not model.config.tie_word_embeddings:
        unread = model.get_parameter(beside[0].replace(".decoder.", ".")).data  # the decoder has a bias of its own
        unread[:] = model.get_parameter(beside[0]).data
    elif name.startswith("swin_v2"):
        # The biases of keys, which the forward pass replaces with zeros.
        unread = torch.cat([m.qkv.bias[len(m.qkv.bias) // 3 : -len(m.qkv.bias) // 3] for m in model.modules() if hasattr(m, "cpb_mlp")])
    elif name.startswith("RoFormer"):
        unread = model.base_model.encoder.embed_positions.weight.data
    elif name.startswith("Dinov2"):
        unread = model.base_model.embeddings.mask_token.data
    made = inputs(model, library, name)
    save_file(made, folder / "input.safetensors")
    out = outputs(model, library, name, made)
    save_file({k: v.contiguous() for k, v in out.items()}, folder / "outputs.safetensors")
    if library == "torchvision":
        torch.save(model.state_dict(), folder / "weights.pth")
    else:
        beginning = "new." if ": new" in preset else "gte."  # the authors' name of the module
        state = {re.sub("^gte[.]", beginning, k): v for k, v in stored(model).items()}
        save_file(state, folder / "weights.safetensors")
    if preset.startswith("config.json"):
        described(model, settings, folder)
    bias = getattr(model, "final_logits_bias", torch.empty(0))  # a parameter here
    trained = [p for n, p in model.named_parameters() if not n.endswith("e_score_correction_bias")]
    return {"parameters": sum(p.numel() for p in trained) - unread.numel() + bias.numel()}


def error(found, expected):
    """The largest difference, by the largest value."""
    return float((found - expected).abs().max() / expected.abs().max())


def check(case, folder):
    _, library, name, settings = case
    model = build(library, name, settings).eval()
    state = load_file(folder / "exported.safetensors")
    if name.startswith(CONVERTED):
        model, found = loaded(model, state)
        unmatched = [n for key in ("missing_keys", "unexpected_keys", "mismatched_keys") for n in found[key]]
        assert not unmatched, unmatched
        state = model.state_dict()
        if "rope_scaling" in settings:
            scale(model, settings["rope_scaling"]["factor"], settings["rope_theta"])
    if library == "torchvision":
        state = OrderedDict(state)
        state._metadata = {"": {"version": 2}}  # of MnasNet, which safetensors do not hold
    model.load_state_dict(state, strict=True)
    expected = load_file(folder / "outputs.safetensors")
    found = outputs(model, library, name, load_file(folder / "input.safetensors"))
    return {"error": max(error(found[k], expected[k]) for k in expected)}


def loaded(model, state):
    """A model from weights as files hold them, and what did not fit."""
    with tempfile.TemporaryDirectory() as folder:
        model.config.save_pretrained(folder)
        save_file(state, folder + "/model.safetensors", {"format": "pt"})
        read, found = type(model).from_pretrained(folder, output_loading_info=True)
        return read.eval(), found


def lens(model):
    """GPT-2 in the layout of TransformerLens: heads have axes of their own, and the head has a bias."""
    heads = model.config.n_head
    theirs = model.state_dict()
    bias = torch.randn(model.config.vocab_size, generator=torch.Generator().manual_seed(SEED)) / 10
    state = {
        "embed.W_E": theirs["transformer.wte.weight"],
        "pos_embed.W_pos": theirs["transformer.wpe.weight"],
        "ln_final.w": theirs["transformer.ln_f.weight"],
        "ln_final.b": theirs["transformer.ln_f.bias"],
        "unembed.W_U": theirs["lm_head.weight"].t(),
        "unembed.b_U": bias,
    }
    for b in range(model.config.n_layer):
        at = f"transformer.h.{b}."
        for n in (1, 2):
            state[f"blocks.{b}.ln{n}.w"] = theirs[f"{at}ln_{n}.weight"]
            state[f"blocks.{b}.ln{n}.b"] = theirs[f"{at}ln_{n}.bias"]
        weights = theirs[at + "attn.c_attn.weight"].chunk(3, 1)
        biases = theirs[at + "attn.c_attn.bias"].chunk(3)
        for name, w, v in zip("QKV", weights, biases):
            state[f"blocks.{b}.attn.W_{name}"] = w.unflatten(1, (heads, -1)).transpose(0, 1)
            state[f"blocks.{b}.attn.b_{name}"] = v.unflatten(0, (heads, -1))
        state[f"blocks.{b}.attn.W_O"] = theirs[at + "attn.c_proj.weight"].unflatten(0, (heads, -1))
        state[f"blocks.{b}.attn.b_O"] = theirs[at + "attn.c_proj.bias"]
        for name, theirs_name in (("in", "c_fc"), ("out", "c_proj")):
            state[f"blocks.{b}.mlp.W_{name}"] = theirs[f"{at}mlp.{theirs_name}.weight"]
            state[f"blocks.{b}.mlp.b_{name}"] = theirs[f"{at}mlp.{theirs_name}.bias"]
    return {k: v.contiguous().clone() for k, v in state.items()}, bias


def tables(folder):
    """Small networks for the tests of tables of names, whose specs and tables are written by hand."""
    small = {"vocab_size": 32, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4}
    mlp = {"intermediate_size": 40}
    ids = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 1}
    bloom = {"vocab_size": 32, "hidden_size": 16, "n_layer": 2, "n_head": 4}
    cases = {
        "opt": ("OPTForCausalLM", {**small, "ffn_dim": 40, "max_position_embeddings": 32, "word_embed_proj_dim": 16, **ids}),
        "roberta": ("RobertaForMaskedLM", {**small, **mlp, "max_position_embeddings": 34, "type_vocab_size": 1, **ids}),
        "bloom": ("BloomForCausalLM", bloom),
        "gpt-neox": (
            "GPTNeoXForCausalLM",
            {**small, **mlp, "rotary_pct": 1.0, "use_parallel_residual": False, "max_position_embeddings": 32},
        ),
        "gemma": ("GemmaForCausalLM", {**small, **mlp, "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 32}),
        "transformer-lens": ("GPT2LMHeadModel", {"vocab_size": 32, "n_embd": 16, "n_layer": 2, "n_head": 4, "n_positions": 32}),
    }
    for case, (name, settings) in cases.items():
        into = folder / case
        into.mkdir(parents=True, exist_ok=True)
        model = draw(build("transformers", name, settings))
        g = torch.Generator().manual_seed(SEED + 1)
        made = torch.randint(3, 32, (BATCH, TOKENS), generator=g)
        with torch.no_grad():
            out = model(made).logits
        state = stored(model)
        if case == "transformer-lens":
            state, bias = lens(model)
            out = out + bias
        save_file(state, into / "weights.safetensors")
        save_file({"input": made}, into / "input.safetensors")
        save_file({"output": out.contiguous()}, into / "outputs.safetensors")


def specs(folder):
    """Small networks whose residual streams are not plain. Their specs and tables are in examples/specs."""
    small = {
        "vocab_size": 32,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "head_dim": 8,
        "max_position_embeddings": 32,
    }
    rotary = {"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 1.0}
    cases = {
        "granite": (
            "GraniteForCausalLM",
            {
                **small,
                "head_dim": 4,
                "num_key_value_heads": 2,
                "intermediate_size": 40,
                "embedding_multiplier": 12.0,
                "attention_multiplier": 0.3,
                "residual_multiplier": 0.22,
                "logits_scaling": 8.0,
                "tie_word_embeddings": True,
            },
        ),
        # One expert: the router gives it the weight 1. One rotary pair rotates all of a head.
        "deepseek-v4": (
            "DeepseekV4ForCausalLM",
            {
                **small,
                "moe_intermediate_size": 24,
                "q_lora_rank": 12,
                "o_groups": 1,
                "o_lora_rank": 16,
                "n_routed_experts": 1,
                "num_experts_per_tok": 1,
                "layer_types": ["sliding_attention"] * 2,
                "mlp_layer_types": ["hash_moe", "moe"],
                "sliding_window": 8,
                "rope_parameters": {"main": rotary, "compress": rotary},
            },
        ),
        "gemma-3n": (
            "Gemma3nForCausalLM",
            {
                **small,
                "num_key_value_heads": 2,
                "intermediate_size": [40, 40],
                "vocab_size_per_layer_input": 32,
                "hidden_size_per_layer_input": 6,
                "laurel_rank": 4,
                "layer_types": ["sliding_attention", "full_attention"],
                "sliding_window": 8,
                "num_kv_shared_layers": 0,
                "activation_sparsity_pattern": [0.0, 0.0],
            },
        ),
    }
    for case, (name, settings) in cases.items():
        into = folder / case
        into.mkdir(parents=True, exist_ok=True)
        model = draw(build("transformers", name, settings))
        made = {"input": torch.randint(3, 32, (BATCH, TOKENS), generator=torch.Generator().manual_seed(SEED + 1))}
        with torch.no_grad():
            out = model(made["input"], use_cache=False).logits
        save_file(stored(model), into / "weights.safetensors")
        save_file(made, into / "input.safetensors")
        save_file({"output": out.contiguous()}, into / "outputs.safetensors")


def golden(folder, *wanted):
    for case in configs(width=16, depth=2, vocabulary=32):
        if case[0].endswith(COVERED) or wanted and not case[2].startswith(wanted):
            continue
        if case[3] == {"num_labels": 10} or "width_coefficient" in case[3]:
            continue  # convolutional() writes narrow ones
        into = folder / "-".join(re.findall(r"[a-z0-9]+", case[0].split(":")[1]))
        into.mkdir(parents=True, exist_ok=True)
        make(case, into)
        if case[0].split(": ")[1] in GENERATED:
            continue
        # The scores of Hunyuan depend on the padding before the first prompt.
        if case[2].endswith(("ForCausalLM", "LMHeadModel")) and not case[2].startswith("HunYuan"):
            save_file(generated(case, into), into / "generated.safetensors")
        if case[2].endswith(("LMHeadModel", "ForConditionalGeneration", "MTModel")) or case[0].endswith((": llama", ": bloom")):
            found = {}
            for i, search in enumerate(SEARCHES):
                found.update({f"{i}.{k}": v for k, v in searched(case, into, search).items()})
            save_file(found, into / "searched.safetensors")
        if case[0].endswith((": t5", ": bart", ": llama")):
            rules = {k: v for k, v in RULES.items() if not (k.startswith("encoder") and case[2].startswith("Llama"))}
            found = {f"{n}.{k}": v for n in (1, 3) for k, v in ruled(case, into, rules, n).items()}
            save_file(found, into / "ruled.safetensors", {"rules": json.dumps(rules)})


def restored(model, folder):
    state = load_file(folder / "weights.safetensors")
    if type(model).__name__.startswith(CONVERTED):
        return loaded(model, state)[0]
    model.load_state_dict(state, strict=False)
    model.tie_weights()
    return model.eval()


def generated(case, folder, steps=16):
    """Greedy continuations of two prompts in one batch, the first padded on the left. They pass windows and tables of scales."""
    _, library, name, settings = case
    model = restored(build(library, name, settings), folder)
    prompts = load_file(folder / "input.safetensors")["input"][:2, :9].clamp(min=3)
    mask = torch.ones_like(prompts)
    mask[0, :5] = 0
    prompts[mask == 0] = 0
    model.generation_config.eos_token_id = None
    r = model.generate(
        input_ids=prompts,
        attention_mask=mask,
        pad_token_id=0,
        max_new_tokens=steps,
        use_cache=False,  # with one, transformers 5.18 reads the last token only where LongRoPE changes its factors
        do_sample=False,
        output_logits=True,
        return_dict_in_generate=True,
    )
    best = torch.stack(r.logits).topk(2).values
    gap = ((best[..., 0] - best[..., 1]) / best[..., 0].abs()).min()
    print(f"{case[0]}: logits of the best two tokens are at least {gap:.1e} apart", file=sys.stderr)
    return {"prompts": prompts, "mask": mask, "tokens": r.sequences[:, prompts.shape[1] :].contiguous()}


# beams, length penalty, early stopping (0: heuristic, 1: full, 2: never), size of n-grams, least tokens, most tokens
SEARCHES = (
    (1, 1.0, 0, 2, 3, 12),
    (3, 1.0, 0, 0, 0, 12),
    (4, 2.0, 1, 2, 0, 10),
    (2, -0.5, 2, 0, 4, 9),
    (4, 1.5, 2, 3, 0, 14),
)


def searched(case, folder, search):
    """The best texts of two prompts or sources in one batch, one of them padded, and their scores."""
    beams, penalty, stopping, ngram, least, most = search
    _, library, name, settings = case
    model = restored(build(library, name, settings), folder)
    made = load_file(folder / "input.safetensors")
    if model.config.model_type == "m2m_100":  # gives padding no position
        model.generation_config.suppress_tokens = [0]
        model.generation_config.save_pretrained(folder)
    if "source" in made:
        ids = getattr(model.config, "decoder_vocab_size", None) or model.config.vocab_size
        prompts, mask = made["source"].clamp(max=ids - 1), made["sourceMask"].long()
    else:
        prompts = made["input"][:2, :9].clamp(min=3)
        mask = torch.ones_like(prompts)
        if not ngram:  # transformers counts padding as tokens
            mask[0, :5] = 0
        prompts[mask == 0] = 0
    r = model.generate(
        input_ids=prompts,
        attention_mask=mask,
        pad_token_id=0,
        eos_token_id=2,
        max_new_tokens=most,
        min_new_tokens=least,
        num_beams=beams,
        num_return_sequences=beams,
        length_penalty=penalty,
        early_stopping=(False, True, "never")[stopping],
        no_repeat_ngram_size=ngram,
        do_sample=False,
        output_scores=True,
        return_dict_in_generate=True,
    )
    tokens = r.sequences[:, 1 if "source" in made else prompts.shape[1] :]
    found = {"prompts": prompts, "mask": mask, "tokens": tokens.contiguous(), "search": torch.tensor(search)}
    if beams > 1:
        found["scores"] = r.sequences_scores
    return found


# The settings of a generation_config.json that change scores.
RULES = {
    "eos_token_id": [2, 13],
    "suppress_tokens": [7, 20],
    "begin_suppress_tokens": [9, 2, 13],
    "bad_words_ids": [[5], [11, 12], [2], [17, 4, 8]],
    "sequence_bias": [[[6], 1.5], [[8, 10], -2.0], [[14], 2.0], [[14, 15], 3.0]],
    "exponential_decay_length_penalty": [3, 1.2],
    "encoder_no_repeat_ngram_size": 2,
    "forced_bos_token_id": 4,
    "forced_eos_token_id": [2, 13],
}


def ruled(case, folder, rules, beams):
    """The texts and scores of one prompt under such settings. A decay of forbidden end tokens gives NaN in transformers."""
    _, library, name, settings = case
    model = restored(build(library, name, settings), folder)
    made = load_file(folder / "input.safetensors")
    prompts = made["source"][:1] if "source" in made else made["input"][:1, :9]
    prompts = prompts.clamp(min=3)
    model.generation_config.update(**rules)
    r = model.generate(
        input_ids=prompts,
        attention_mask=torch.ones_like(prompts),
        pad_token_id=0,
        max_new_tokens=12,
        num_beams=beams,
        num_return_sequences=beams,
        do_sample=False,
        output_scores=True,
        return_dict_in_generate=True,
    )
    tokens = r.sequences[:, 1 if "source" in made else prompts.shape[1] :]
    found = {"prompts": prompts, "tokens": tokens.contiguous()}
    if beams > 1:
        found["scores"] = r.sequences_scores
    assert not any(s.isnan().any() for s in r.scores)
    return found


def narrow(model, by=32):
    """Divides the channels of a network. Images, classes and the wide linear layers of VGG have sizes of their own."""
    fixed = {3: 3, 10: 10, 4096: 16}

    def size(n):
        return fixed.get(n) or (49 * size(n // 49) if n == 25088 else max(1, int(n / by + 0.5)))

    for module in model.modules():
        own = list(module.named_parameters(recurse=False)) + list(module.named_buffers(recurse=False))
        for name, t in own:
            narrowed = torch.zeros([size(n) for n in t.shape[:2]] + list(t.shape[2:]), dtype=t.dtype)
            setattr(module, name, torch.nn.Parameter(narrowed) if name in module._parameters else narrowed)
        if getattr(module, "groups", 1) > 1:  # depthwise
            module.groups = module.weight.shape[0]
    return model


def recurrent(folder):
    """LSTM, GRU and RNN: stacked, in both directions, packed, with first states; specs are written by hand."""
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    steps, width, units, batch = 7, 3, 4, 3
    lengths = torch.tensor([7, 3, 1])
    kinds = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}
    cases = (
        ("lstm", "lstm", {"num_layers": 2, "bidirectional": True}, ()),
        ("lstm-packed", "lstm", {"num_layers": 2, "bidirectional": True}, ("packed",)),
        ("lstm-first-states", "lstm", {"bidirectional": True}, ("packed", "first")),
        ("gru", "gru", {"num_layers": 2, "bidirectional": True}, ()),
        ("gru-packed", "gru", {"bidirectional": True}, ("packed",)),
        ("gru-first-states", "gru", {"num_layers": 2}, ("first",)),
        ("rnn-tanh", "rnn", {"num_layers": 2, "bidirectional": True}, ()),
        ("rnn-relu-packed", "rnn", {"nonlinearity": "relu", "num_layers": 2}, ("packed",)),
        ("lstm-head", "lstm", {"num_layers": 2}, ("packed", "head")),
    )
    for case, kind, settings, options in cases:
        torch.manual_seed(SEED)
        layer = kinds[kind](width, units, batch_first=True, **settings)
        model = layer
        if "head" in options:
            model = torch.nn.Module()
            model.tagger = layer
            model.fc = torch.nn.Linear(units, 2)
        generator = torch.Generator().manual_seed(SEED + 1)
        x = torch.randn(batch, steps, width, generator=generator)
        inputs = {"input": x}
        names = [
            f"l{i}{end}"
            for i in range(settings.get("num_layers", 1))
            for end in ("", "_reverse")[: 1 + settings.get("bidirectional", False)]
        ]
        parts = ("h", "c") if kind == "lstm" else ("h",)
        first = None
        if "first" in options:
            given = torch.randn(len(parts), len(names), batch, units, generator=generator)
            first = tuple(given) if kind == "lstm" else given[0]
            for part, values in zip(parts, given):
                inputs.update({f"{part}0_{name}": v.contiguous() for name, v in zip(names, values)})
        with torch.no_grad():
            if "packed" in options:
                inputs["mask"] = (torch.arange(steps) < lengths[:, None]).long()
                packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
                out, last = layer(packed, first)
                out = pad_packed_sequence(out, batch_first=True, total_length=steps)[0]
            else:
                out, last = layer(x, first)
            if "head" in options:
                outputs = {"output": model.fc(last[0][-1])}
            else:
                outputs = {":" + f"l{layer.num_layers - 1}": out}
                for part, values in zip(parts, last if kind == "lstm" else (last,)):
                    outputs.update({f":{part}_{name}": v.contiguous() for name, v in zip(names, values)})
        into = folder / case
        into.mkdir(parents=True, exist_ok=True)
        save_file(stored(model), into / "weights.safetensors")
        save_file(inputs, into / "input.safetensors")
        save_file({k: v.contiguous() for k, v in outputs.items()}, into / "outputs.safetensors")


def convolutional(folder):
    """Narrow networks. Specs that are not described here are written by hand."""
    from functools import partial

    from timm.layers import BatchNormAct2d, BlurPool2d, GroupNormAct, StdConv2d
    from timm.layers.cbam import CbamModule, LightCbamModule
    from timm.models.byobnet import ByobNet, ByoBlockCfg, ByoModelCfg
    from timm.layers import GroupNorm1
    from timm.models.convmixer import ConvMixer
    from timm.models.convnext import ConvNeXt
    from timm.models.cspnet import CspModelCfg, CspNet, CspStagesCfg, CspStemCfg
    from timm.models.densenet import DenseNet as TimmDenseNet
    from timm.models.dla import DLA, DlaBasic, DlaBottle2neck, DlaBottleneck
    from timm.models.dpn import DPN
    from timm.models.efficientnet import EfficientNet, decode_arch_def
    from timm.models.focalnet import FocalNet
    from timm.models.ghostnet import _create_ghostnet
    from timm.models.hgnet import HighPerfGpuNet
    from timm.models.hrnet import HighResolutionNet
    from timm.models.metaformer import MetaFormer
    from timm.models.mobilenetv3 import MobileNetV3, SqueezeExcite, round_channels
    from timm.models.regnet import RegNet, RegNetCfg
    from timm.models.nfnet import NfCfg, NormFreeNet
    from timm.models.res2net import Bottle2neck
    from timm.models.resnest import ResNestBottleneck
    from timm.models.resnet import BasicBlock, Bottleneck, ResNet
    from timm.models.repvit import RepVit
    from timm.models.resnetv2 import ResNetV2
    from timm.models.rexnet import RexNet
    from timm.models.senet import SENet, SEResNetBlock
    from timm.models.sknet import SelectiveKernelBasic, SelectiveKernelBottleneck
    from timm.models.vovnet import VovNet
    from timm.models.xception_aligned import XceptionAligned
    from torchvision.models import DenseNet, MNASNet, MobileNetV2
    from torchvision.models import EfficientNet as TorchvisionEfficientNet
    from torchvision.models import MobileNetV3 as TorchvisionMobileNetV3
    from torchvision.models import ShuffleNetV2
    from torchvision.models.convnext import CNBlockConfig
    from torchvision.models.convnext import ConvNeXt as TorchvisionConvNeXt
    from torchvision.models.efficientnet import FusedMBConvConfig, MBConvConfig
    from torchvision.models.mobilenetv3 import InvertedResidualConfig
    from torchvision.models.regnet import BlockParams
    from torchvision.models.regnet import RegNet as TorchvisionRegNet

    def resnet(block, **settings):
        usual = dict(num_classes=10, channels=(8, 16, 32, 64), stem_width=4, stem_type="deep")
        return ResNet(block, settings.pop("layers", (1, 1, 1, 1)), **{**usual, **settings})

    def densenet(stages):
        return DenseNet(growth_rate=4, block_config=(2,) * stages, num_init_features=8, num_classes=10)

    small = densenet(3)  # for 32x32 images: the stem is one convolution
    small.features.conv0 = torch.nn.Conv2d(3, 8, 3, padding=1, bias=False)
    for layer in ("norm0", "relu0", "pool0"):
        delattr(small.features, layer)
    groups = partial(GroupNormAct, num_groups=4)
    stages = [
        ["cn_r1_k3_s1_e1_c8_skip", "ds_r2_k3_s1_e1_c8_se0.25"],
        ["er_r2_k3_s2_e2_c8", "ir_r2_k5_s1_e3_c16_se0.25"],
        ["dsa_r1_k3_s2_c16"],
    ]
    tensorflow = EfficientNet(
        decode_arch_def(stages),
        num_classes=10,
        num_features=24,
        stem_size=8,
        pad_type="same",
        act_layer=torch.nn.SiLU,
        norm_layer=partial(torch.nn.BatchNorm2d, eps=1e-3),
    )
    gate = lambda *a, **k: SqueezeExcite(
        *a, gate_layer="hard_sigmoid", force_act_layer=torch.nn.ReLU, rd_round_fn=round_channels, **k
    )
    third = MobileNetV3(
        decode_arch_def([["ds_r1_k3_s2_e1_c8_se0.25_nre"], ["ir_r2_k5_s2_e4.5_c8_se0.25"], ["cn_r1_k1_s1_c16"]]),
        num_classes=10,
        num_features=24,
        stem_size=8,
        act_layer=torch.nn.Hardswish,
        se_layer=gate,
    )
    regnet = RegNet(RegNetCfg(depth=5, w0=8, wa=8.0, wm=1.6, group_size=4, se_ratio=1.0, stem_width=8), num_classes=10)
    widths = BlockParams([1, 1, 2, 1], [8, 16, 16, 24], [4, 8, 8, 8], [1.0] * 4, [2] * 4, 1.0)
    several = ["ir_r2_k3.5.7_s2_e3_c16_a1.1_p1.1_se0.25", "ir_r1_k3.5_s1_e2_c16"]
    universal = ["uir_r2_a3_k5_s2_e3_c16", "uir_r1_a5_k0_s2_e2_c16", "uir_r1_a0_k0_s1_e2_c16", "uir_r1_a0_k3_s1_e2_c16"]
    narrow_convnext = {"num_classes": 10, "depths": (1, 1, 2, 1), "dims": (8, 16, 16, 24)}
    blocks = [CNBlockConfig(8, 16, 1), CNBlockConfig(16, 16, 1), CNBlockConfig(16, 24, 2), CNBlockConfig(24, None, 1)]
    # torchvision's names need as many blocks as its MobileNets have.
    second = [[e, 8, r, s] for e, r, s in ((1, 1, 1), (2, 2, 2), (2, 3, 2), (2, 4, 2), (2, 3, 1), (2, 3, 2), (2, 1, 1))]
    squeezed = (True, False, False) + (True,) * 8
    small_third = [
        InvertedResidualConfig(8, 5 if u > 2 else 3, 8 if u == 0 else 16, 8, se, "HS" if u > 2 else "RE", 2 if u in (0, 1, 3) else 1, 1, 1)
        for u, se in enumerate(squeezed)
    ]
    compound = [MBConvConfig(1, 3, 1, 8, 8, 2), MBConvConfig(2, 5, 2, 8, 8, 2)] + [MBConvConfig(2, 3, 1, 8, 8, 1)] * 5
    fused = [FusedMBConvConfig(1, 3, 1, 8, 8, 2), FusedMBConvConfig(2, 3, 2, 8, 8, 1), FusedMBConvConfig(2, 3, 1, 8, 16, 1)]
    fused += [MBConvConfig(2, 3, 2, 16, 16, 2), MBConvConfig(2, 3, 1, 16, 16, 1), MBConvConfig(2, 3, 1, 16, 16, 1)]
    tv_norm = {"norm_layer": partial(torch.nn.BatchNorm2d, eps=1e-3)}
    basic, bottle = {"kind": "basic"}, {"kind": "bottleneck"}
    ones = {"units": [1, 1, 1, 1], "classes": 10}
    deep = {"type": "resnet", "stem": "deep", "shortcut": "D", "width": 8, **ones}

    def plain(unit):
        return {"type": "resnet", "stemWidth": 64, "width": 8, "unit": unit, **ones}

    def byob(blocks, size=None, **settings):
        return ByobNet(ByoModelCfg(blocks=tuple(blocks), **settings), num_classes=10, img_size=size)

    def regnets(**settings):
        usual = dict(depth=5, w0=8, wa=8.0, wm=1.6, group_size=4, se_ratio=0.5, stem_width=8, act_layer="silu")
        return RegNet(RegNetCfg(**usual, **settings), num_classes=10)

    regnet_spec = {
        "type": "regnet", "stem": 8, "units": [1, 1, 1, 2], "widths": [8, 16, 24, 32], "groupWidths": [4] * 4,
        "squeezeExcitation": 0.5, "activation": "silu", "classes": 10,
    }
    clip_blocks = [ByoBlockCfg(type="bottle", d=2, c=c, s=s, br=0.25) for c, s in ((32, 1), (64, 2))]
    clip = {"stem_chs": (8, 8, 16), "stem_type": "", "stem_pool": "avg2", "downsample": "avg", "aa_layer": "avg"}
    clip_spec = {
        "type": "byobnet",
        "stem": {"widths": [8, 8, 16], "pool": "average2"},
        "stages": [[{"kind": "bottleneck", "repeats": 2, "channels": c, "stride": s, "ratio": 0.25}] for c, s in ((32, 1), (64, 2))],
        "unit": {"shortcut": "pooled", "averageStride": True},
        "classes": 10,
    }
    groups_of = lambda width: partial(GroupNormAct, group_size=width)

    repvgg = [ByoBlockCfg(type="rep", d=2, c=c, s=s, gs=g) for c, s, g in ((8, 2, 0), (16, 2, 4))]
    rep_rows = [
        [{"kind": "repvgg", "repeats": 2, "channels": c, "stride": 2, "groupWidth": g}] for c, g in ((8, 0), (16, 4))
    ]
    rep_stem = {"widths": [8], "block": "repvgg"}
    rep_spec = {"type": "byobnet", "stem": rep_stem, "stages": rep_rows, "classes": 10}
    rep_se = {"unit": {"squeezeExcitation": 0.75, "squeezeDivisor": 1}}
    folded = byob(repvgg, stem_type="rep", stem_chs=8)
    draw(folded)
    for module in folded.modules():
        if hasattr(module, "reparameterize"):
            module.reparameterize()
    branches = {"num_conv_branches": 2}
    point = {"gs": 0, "attn_layer": "se", "block_kwargs": {**branches, "kernel_size": 1}}
    one = [
        (ByoBlockCfg(type="one", d=1, c=8, s=2, gs=1, block_kwargs=branches), ByoBlockCfg(type="one", d=n, c=c, **point))
        for n, c in ((2, 8), (1, 16))
    ]
    one_rows = [
        [
            {"kind": "mobileone", "channels": 8, "stride": 2, "groupWidth": 1, "branches": 2, "attention": False},
            {"kind": "mobileone", "repeats": n, "channels": c, "branches": 2, "kernel": 1},
        ]
        for n, c in ((2, 8), (1, 16))
    ]
    mixed = [
        ByoBlockCfg(type="edge", d=1, c=16, s=2, gs=0, br=0.5),
        ByoBlockCfg(type="dark", d=2, c=16, s=1, gs=4, br=0.5),
        ByoBlockCfg(type="basic", d=1, c=32, s=2, gs=4, br=0.5),
        ByoBlockCfg(type="bottle", d=2, c=32, s=2, gs=8, br=0.25),
    ]
    quad = [ByoBlockCfg(type="bottle", d=2, c=c, s=s, gs=4, br=0.5) for c, s in ((16, 1), (32, 2))]
    narrow_z = [ByoBlockCfg(type="bottle", d=2, c=c, s=s, gs=8, br=2) for c, s in ((16, 2), (24, 2))]
    half = {"groupWidth": 4, "ratio": 0.5}
    silu, gelu = {"activation": "silu"}, {"activation": "gelu"}
    nf = {"type": "nfnet", "classes": 10}
    branches_of = {
        s: {"num_modules": n, "num_branches": b, "block_type": kind, "num_blocks": (1,) * b, "num_channels": widths, "fuse_method": "SUM"}
        for s, n, b, kind, widths in (
            ("stage1", 1, 1, "BOTTLENECK", (64,)),
            ("stage2", 1, 2, "BASIC", (32, 64)),
            ("stage3", 2, 3, "BASIC", (32, 64, 128)),
            ("stage4", 1, 4, "BASIC", (32, 64, 128, 256)),
        )
    }
    osa = {"stem_chs": [8, 8, 8], "stage_conv_chs": [8] * 4, "stage_out_chs": [16, 16, 24, 24], "layer_per_block": 2}
    osa.update(block_per_stage=[1, 2, 1, 1], residual=True)
    osa_spec = {"type": "vovnet", "stem": [8, 8, 8], "units": [1, 2, 1, 1], "widths": [8] * 4, "channels": [16, 16, 24, 24]}
    osa_spec.update(layers=2, classes=10)

    hg_rows = [[8, 8, 16, 1, False, False, 3, 2], [16, 8, 16, 2, True, False, 3, 2]]
    hg_rows += [[16, 8, 24, 1, True, True, 5, 2], [24, 8, 24, 1, True, False, 3, 1]]
    hg_spec = {"type": "hgnet", "hidden": 32, "classes": 10}
    hg_spec["stages"] = [
        {"width": w, "channels": c, "units": u, "layers": n, "kernel": k, "separable": light}
        for _, w, c, u, _, light, k, n in hg_rows
    ]

    def hgnet(stem, channels, lab):
        cfg = {"stem_type": stem, "stem_chs": channels, **{f"stage{s}": row for s, row in enumerate(hg_rows, 1)}}
        return HighPerfGpuNet(cfg, num_classes=10, head_hidden_size=32, use_lab=lab)

    def dpn():
        """Two of four stages, whose channels are fixed: the last one has 512."""
        model = DPN((1, 2, 1, 1), (4, 4, 4, 4), k_r=8, groups=8, num_classes=10, small=True, num_init_features=8, b=True)
        del model.features.conv4_1, model.features.conv5_1
        model.features.conv5_bn_ac.bn = BatchNormAct2d(144, eps=1e-3)
        model.classifier = torch.nn.Conv2d(144, 10, 1)
        return model

    def aligned(preact):
        rows = [dict(in_chs=64, out_chs=(16, 16, 24), stride=2), dict(in_chs=24, out_chs=24, stride=1)]
        rows.append(dict(in_chs=24, out_chs=(16, 16, 32), stride=1, no_skip=True, **({} if preact else {"start_with_relu": False})))
        spec = {"type": "xception", "style": "preactivated" if preact else "aligned", "classes": 10, "exit": [16, 16, 32]}
        spec["units"] = [{"channels": [16, 16, 24], "stride": 2}, {"channels": [24, 24, 24]}]
        return XceptionAligned(rows, 10, preact=preact), 33, spec

    def csp(stem, act="silu", **stages):
        se = {"attn_layer": "se", "attn_kwargs": {"rd_ratio": 0.5}}
        usual = {"depth": (1, 2), "out_chs": (16, 24), **(se if act == "silu" else {})}
        return CspNet(CspModelCfg(CspStemCfg(**stem), CspStagesCfg(**{**usual, **stages}), act_layer=act), num_classes=10)

    def csp_rows(**settings):
        return [{"units": u, "channels": c, **settings} for u, c in ((1, 16), (2, 24))]

    squeezed_csp = {"type": "cspnet", "squeezeExcitation": 0.5, "activation": "silu", "classes": 10}
    described = {
        "cspnet-timm": (
            csp(
                {"out_chs": (4, 8), "stride": 4, "pool": "max"}, stride=(1, 2), groups=2, expand_ratio=2.0, bottle_ratio=0.5,
                cross_linear=True,
            ),
            64,
            {
                **squeezed_csp,
                "stem": {"widths": [4, 8], "pool": True},
                "stages": [{**row, "stride": u + 1} for u, row in enumerate(csp_rows(expansion=2, width=1, ratio=0.5, groups=2))],
                "unit": "bottleneck",
                "linearSplit": True,
            },
        ),
        "cspnet-direct-timm": (
            csp({"out_chs": 8, "kernel_size": 6, "padding": 2}, block_ratio=0.5, bottle_ratio=1.5, stage_type="cs3", block_type="edge"),
            32,
            {
                **squeezed_csp,
                "stem": {"widths": [8], "kernel": 6},
                "stages": csp_rows(ratio=1.5),
                "split": "direct",
                "unit": "edge",
            },
        ),
        "cspdarknet-timm": (
            csp({"out_chs": 8, "stride": 1}, "leaky_relu", block_ratio=0.5, down_growth=True, block_type="dark"),
            33,
            {"type": "cspnet", "stem": {"widths": [8], "stride": 1}, "stages": csp_rows(), "widerDownsample": True, "classes": 10},
        ),
        "darknet-timm": (
            csp({"out_chs": 8, "stride": 1}, bottle_ratio=0.5, avg_down=True, stage_type="dark", block_type="dark"),
            32,
            {
                **squeezed_csp,
                "stem": {"widths": [8], "stride": 1},
                "stages": csp_rows(width=1, ratio=0.5),
                "split": "none",
                "averageDownsample": True,
            },
        ),
        "focalnet-timm": (
            FocalNet(embed_dim=8, depths=(1, 2), focal_levels=(2, 2), focal_windows=(3, 3), num_classes=10, drop_path_rate=0.0),
            32,
            {"type": "focalnet", "units": [1, 2], "width": 8, "classes": 10},
        ),
        "focalnet-post-norm-timm": (
            FocalNet(
                embed_dim=8, depths=(1, 1), focal_levels=(3, 3), focal_windows=(5, 5), use_overlap_down=True, use_post_norm=True,
                use_post_norm_in_modulation=True, layerscale_value=1.0, num_classes=10, drop_path_rate=0.0,
            ),
            33,
            {
                "type": "focalnet",
                "units": [1, 1],
                "width": 8,
                "levels": 3,
                "window": 5,
                "overlap": True,
                "postNorm": True,
                "modulationNorm": True,
                "layerScale": 1,
                "classes": 10,
            },
        ),
        "dla-timm": (
            DLA((1, 1, 2, 2, 1, 1), (4, 4, 8, 8, 16, 16), block=DlaBasic, num_classes=10),
            64,
            {"type": "dla", "depths": [2, 2, 1, 1], "widths": [4, 4, 8, 8, 16, 16], "bottleneck": False, "classes": 10},
        ),
        "dla-bottleneck-timm": (
            DLA(
                (1, 1, 1, 3, 1, 1), (4, 4, 8, 8, 16, 16), block=DlaBottleneck, cardinality=2, base_width=32, shortcut_root=True,
                num_classes=10,
            ),
            64,
            {
                "type": "dla",
                "depths": [1, 3, 1, 1],
                "widths": [4, 4, 8, 8, 16, 16],
                "cardinality": 2,
                "groupWidth": 32,
                "residualRoots": True,
                "classes": 10,
            },
        ),
        "dla-scales-timm": (
            DLA(
                (1, 1, 1, 2, 1, 1), (4, 4, 16, 16, 16, 32), block=DlaBottle2neck, cardinality=2, base_width=16, num_classes=10,
            ),
            64,
            {
                "type": "dla",
                "depths": [1, 2, 1, 1],
                "widths": [4, 4, 16, 16, 16, 32],
                "cardinality": 2,
                "groupWidth": 16,
                "scales": 4,
                "classes": 10,
            },
        ),
        "densenet-blur-timm": (
            TimmDenseNet(growth_rate=4, block_config=(2, 2), num_classes=10, stem_type="deep", aa_layer=BlurPool2d),
            64,
            {"type": "densenet", "stem": "deep", "units": [2, 2], "growth": 4, "blur": True, "classes": 10},
        ),
        "senet-basic-timm": (
            narrow(SENet(SEResNetBlock, (1, 2, 1, 1), 1, 4, inplanes=64, downsample_padding=0, input_3x3=False, num_classes=10), 8),
            64,
            {
                "type": "resnet",
                "stemPool": "ceil-max",
                "stemWidth": 8,
                "width": 8,
                "units": [1, 2, 1, 1],
                "unit": {
                    "kind": "basic",
                    "attention": {
                        "type": "sequential",
                        "name": "activated",
                        "layers": [
                            {"type": "activation", "function": "relu"},
                            {"type": "squeezeExcitation", "name": "se", "reduction": 4, "divisor": 1},
                        ],
                    },
                },
                "classes": 10,
            },
        ),
        "repvit-timm": (
            RepVit(embed_dim=(8, 16), depth=(2, 1), num_classes=10),
            33,
            {"type": "repvit", "units": [2, 1], "widths": [8, 16], "classes": 10},
        ),
        "repvit-legacy-timm": (
            RepVit(embed_dim=(8, 16), depth=(1, 2), legacy=True, num_classes=10),
            32,
            {"type": "repvit", "units": [1, 2], "widths": [8, 16], "normedSum": False, "classes": 10},
        ),
        "alexnet-torchvision": (
            narrow(build("torchvision", "alexnet", {"num_classes": 10})),
            67,
            {"type": "alexnet", "widths": [2, 6, 12, 8, 8], "hidden": 16, "classes": 10},
        ),
        "squeezenet-torchvision": (
            narrow(build("torchvision", "squeezenet1_1", {"num_classes": 10}), 8),
            67,
            {
                "type": "squeezenet",
                "stem": 8,
                "stemKernel": 3,
                "stages": [[16, 16], [32, 32], [48, 48, 64, 64]],
                "classes": 10,
            },
        ),
        "ghostnet-timm": (
            _create_ghostnet("ghostnet_100", width=0.05, version="v2", num_classes=10),
            96,
            {"type": "ghostnet", "width": 0.05, "attention": True, "classes": 10},
        ),
        "shufflenet-torchvision": (
            ShuffleNetV2([2, 1, 1], [8, 16, 16, 24, 32], 10),
            64,
            {"type": "shufflenetV2", "stem": 8, "units": [2, 1, 1], "widths": [16, 16, 24], "features": 32, "classes": 10},
        ),
        "inception-v3-torchvision": (
            narrow(build("torchvision", "inception_v3", {"num_classes": 10, "aux_logits": False})),
            107,
            {"type": "inceptionV3", "width": 0.03125, "classes": 10},
        ),
        "googlenet-torchvision": (
            narrow(build("torchvision", "googlenet", {"num_classes": 10, "aux_logits": False, "init_weights": False}), 16),
            67,
            {"type": "googlenet", "width": 0.0625, "large": 3, "classes": 10},
        ),
        "rexnet-timm": (RexNet(num_classes=10, width_mult=0.1), 65, {"type": "rexnet", "width": 0.1, "classes": 10}),
        "xception-timm": (
            narrow(build("timm", "legacy_xception", {"num_classes": 10})),
            75,
            {
                "type": "xception",
                "stem": [1, 2],
                "units": [
                    {"channels": [4, 4], "stride": 2},
                    {"channels": [8, 8], "stride": 2},
                    {"channels": [23, 23], "stride": 2},
                    *[{"channels": [23, 23, 23]}] * 8,
                    {"channels": [23, 32], "stride": 2},
                ],
                "exit": [48, 64],
                "classes": 10,
            },
        ),
        "xception-aligned-timm": aligned(False),
        "xception-preactivated-timm": aligned(True),
        "vovnet-timm": (VovNet({**osa, "depthwise": False, "attn": "ese"}, num_classes=10), 65, osa_spec),
        "vovnet-depthwise-timm": (
            VovNet({**osa, "depthwise": True, "attn": "eca", "block_per_stage": [1] * 4}, num_classes=10),
            64,
            {**osa_spec, "units": [1] * 4, "depthwise": True, "attention": "eca"},
        ),
        "hgnet-timm": (
            hgnet("v1", [8, 8, 8], False),
            64,
            {**hg_spec, "stem": [8, 8, 8]},
        ),
        "hgnetv2-timm": (hgnet("v2", [8, 8], True), 64, {**hg_spec, "stem": [8, 8], "affine": True}),
        "dpn-timm": (
            dpn(),
            32,
            {
                "type": "dpn",
                "stem": 8,
                "small": True,
                "units": [1, 2],
                "increments": [4, 4],
                "width": 8,
                "groups": 8,
                "split": True,
                "classes": 10,
            },
        ),
        "hrnet-timm": (
            narrow(HighResolutionNet({"stem_width": 64, **branches_of}, num_classes=10), 16),
            64,
            {
                "type": "hrnet",
                "stem": 4,
                "firstUnits": 1,
                "firstWidth": 4,
                "width": 2,
                "modules": [1, 2, 1],
                "units": 1,
                "headWidth": 2,
                "classes": 10,
            },
        ),
        "convmixer-timm": (
            ConvMixer(16, 2, kernel_size=5, patch_size=4, num_classes=10),
            32,
            {"type": "convmixer", "width": 16, "depth": 2, "kernel": 5, "patch": 4, "classes": 10},
        ),
        "poolformer-timm": (
            MetaFormer(
                num_classes=10, depths=(1, 2), dims=(8, 16), downsample_norm=None, mlp_act=torch.nn.GELU, mlp_bias=True,
                norm_layers=GroupNorm1, layer_scale_init_values=1e-5, res_scale_init_values=None, use_mlp_head=False,
            ),
            32,
            {"type": "poolformer", "units": [1, 2], "widths": [8, 16], "layerScale": 1e-5, "classes": 10},
        ),
        "clip-timm": (byob(clip_blocks, 32, head_type="attn_abs", **clip), 32, {**clip_spec, "poolHeads": 1}),
        "resnet-mlp-timm": (
            byob(clip_blocks, head_type="mlp", head_hidden_size=24, **clip), 64, {**clip_spec, "hidden": 24},
        ),
        "regnetv-timm": (regnets(preact=True), 64, {**regnet_spec, "unit": {"preactivated": True}}),
        "regnetv-pooled-timm": (
            regnets(preact=True, downsample="avg"), 64, {**regnet_spec, "unit": {"preactivated": True, "shortcut": "pooled"}},
        ),
        "regnet-linear-timm": (
            regnets(downsample=None, linear_out=True, bottle_ratio=2.0, num_features=24),
            64,
            {**regnet_spec, "unit": {"ratio": 2, "shortcut": "none", "linear": True}, "features": 24},
        ),
        "regnet-groups-timm": (regnets(norm_layer=groups_of(4)), 64, {**regnet_spec, "norm": {"type": "group", "width": 4}}),
        "efficientnet-groups-timm": (
            EfficientNet(
                decode_arch_def([["ds_r1_k3_s1_e1_c16_se0.25"], ["ir_r2_k3_s2_e3_c16_se0.25"]], group_size=8), num_classes=10,
                num_features=24, stem_size=8, act_layer=torch.nn.SiLU, norm_layer=groups_of(8),
            ),
            37,
            {
                "type": "efficientnet",
                "stem": 8,
                "stages": [["ds_r1_k3_s1_e1_c16_se0.25_gs8"], ["ir_r2_k3_s2_e3_c16_se0.25_gs8"]],
                "block": {**silu, "norm": {"type": "group", "width": 8}},
                "head": {"channels": 24},
                "classes": 10,
            },
        ),
        "efficientnet-context-timm": (
            EfficientNet(
                decode_arch_def([["er_r1_k3_s2_e2_c8"], ["ir_r2_k3_s2_e4_c16_se0.25"]]), num_classes=10, num_features=24,
                stem_size=8, act_layer=torch.nn.SiLU, se_layer="gc",
            ),
            37,
            {
                "type": "efficientnet",
                "stem": 8,
                "stages": [["er_r1_k3_s2_e2_c8"], ["ir_r2_k3_s2_e4_c16_se0.25"]],
                "block": {**silu, "globalContext": True},
                "head": {"channels": 24},
                "classes": 10,
            },
        ),
        "mobilenet-v4-blur-timm": (
            MobileNetV3(
                decode_arch_def([["er_r1_k3_s2_e2_c8"], *[[row] for row in universal]]), num_classes=10, num_features=24, stem_size=8,
                head_bias=False, head_norm=True, layer_scale_init_value=None, aa_layer="blurpc",
            ),
            37,
            {
                "type": "efficientnet",
                "stem": 8,
                "stages": [["er_r1_k3_s2_e2_c8"], *[[row] for row in universal]],
                "block": {"blurStride": True},
                "head": {"channels": 24, "pooled": True, "bias": False, "norm": True},
                "classes": 10,
            },
        ),
        "convnext-rms-timm": (
            ConvNeXt(
                num_classes=10, depths=(1, 1, 2, 1), dims=(8, 16, 16, 24), conv_mlp=True, norm_layer="rmsnorm2d",
                kernel_sizes=(7, 5, 5, 3),
            ),
            64,
            {
                "type": "convnext",
                "units": [1, 1, 2, 1],
                "widths": [8, 16, 16, 24],
                "unit": {"convolutions": True, "norm": {"type": "rms", "eps": 1e-6}, "kernels": [7, 5, 5, 3]},
                "classes": 10,
            },
        ),
        "edgetpu-timm": (
            EfficientNet(
                decode_arch_def([["er_r2_k3_s2_e4_gs8_c16"]]), num_classes=10, num_features=24, stem_size=8, stem_kernel_size=5
            ),
            37,
            {
                "type": "efficientnet",
                "stem": 8,
                "stemKernel": 5,
                "stages": [["er_r2_k3_s2_e4_gs8_c16"]],
                "head": {"channels": 24},
                "classes": 10,
            },
        ),
        "mobilenet-v4-average-timm": (
            MobileNetV3(
                decode_arch_def([["er_r1_k3_s2_e2_c8"], *[[row] for row in universal]]), num_classes=10, num_features=24, stem_size=8,
                head_bias=False, head_norm=True, layer_scale_init_value=None, aa_layer="avg",
            ),
            37,
            {
                "type": "efficientnet",
                "stem": 8,
                "stages": [["er_r1_k3_s2_e2_c8"], *[[row] for row in universal]],
                "block": {"averageStride": True},
                "head": {"channels": 24, "pooled": True, "bias": False, "norm": True},
                "classes": 10,
            },
        ),
        "mixnet-timm": (
            EfficientNet(
                decode_arch_def([[row] for row in several]), num_classes=10, num_features=24, stem_size=8, act_layer=torch.nn.SiLU
            ),
            37,
            {
                "type": "efficientnet",
                "stem": 8,
                "stages": [[row] for row in several],
                "block": silu,
                "head": {"channels": 24},
                "classes": 10,
            },
        ),
        "mobilenet-v4-timm": (
            MobileNetV3(
                decode_arch_def([[row] for row in universal]), num_classes=10, num_features=24, stem_size=8, head_bias=False,
                head_norm=True, layer_scale_init_value=None,
            ),
            37,
            {
                "type": "efficientnet",
                "stem": 8,
                "stages": [[row] for row in universal],
                "head": {"channels": 24, "pooled": True, "bias": False, "norm": True},
                "classes": 10,
            },
        ),
        "skresnet-timm": (
            resnet(SelectiveKernelBasic, stem_type="", stem_width=8, block_args={"sk_kwargs": {"rd_ratio": 1 / 8, "rd_divisor": 4}}),
            64,
            plain({**basic, "paths": {"type": "selectiveKernel", "reduction": 8, "divisor": 4}}),
        ),
        "skresnext-timm": (
            resnet(
                SelectiveKernelBottleneck, channels=(4, 8, 16, 32), cardinality=4, base_width=32, avg_down=True,
                block_args={"sk_kwargs": {"rd_ratio": 1 / 4, "rd_divisor": 4, "split_input": False}},
            ),
            64,
            {
                **deep,
                "stemWidth": 8,
                "width": 4,
                "unit": {
                    **bottle,
                    "groups": 4,
                    "groupWidth": 32,
                    "paths": {"type": "selectiveKernel", "reduction": 4, "divisor": 4, "split": False},
                },
            },
        ),
        "resnest-timm": (
            resnet(ResNestBottleneck, channels=(4, 8, 16, 32), avg_down=True, block_args={"radix": 2, "avd": True, "avd_first": False}),
            64,
            {**deep, "stemWidth": 8, "width": 4, "unit": {**bottle, "paths": {"type": "splitAttention"}}},
        ),
        "resnest-groups-timm": (
            resnet(
                ResNestBottleneck, cardinality=2, base_width=32, avg_down=True,
                block_args={"radix": 4, "avd": True, "avd_first": True},
            ),
            64,
            {
                **deep,
                "unit": {**bottle, "groups": 2, "groupWidth": 32, "paths": {"type": "splitAttention", "radix": 4, "pool": "before"}},
            },
        ),
        "resnest-one-timm": (
            resnet(
                ResNestBottleneck, channels=(4, 8, 16, 32), cardinality=2, base_width=32, avg_down=True,
                block_args={"radix": 1, "avd": False, "avd_first": False},
            ),
            64,
            {
                **deep,
                "stemWidth": 8,
                "width": 4,
                "unit": {
                    **bottle,
                    "groups": 2,
                    "groupWidth": 32,
                    "paths": {"type": "splitAttention", "radix": 1, "pool": "none"},
                },
            },
        ),
        "cbam-timm": (
            resnet(BasicBlock, stem_type="", stem_width=8, block_args={"attn_layer": partial(CbamModule, rd_ratio=0.5)}),
            64,
            plain({**basic, "attention": {"type": "cbam", "name": "cbam", "reduction": 2}}),
        ),
        "cbam-light-timm": (
            resnet(BasicBlock, stem_type="", stem_width=8, block_args={"attn_layer": partial(LightCbamModule, rd_ratio=0.5)}),
            64,
            plain({**basic, "attention": {"type": "cbam", "name": "cbam", "reduction": 2, "light": True}}),
        ),
        "gcnet-timm": (
            resnet(Bottleneck, channels=(4, 8, 16, 32), block_args={"attn_layer": "gc"}),
            64,
            {
                **deep,
                "shortcut": "B",
                "stemWidth": 8,
                "width": 4,
                "unit": {**bottle, "attention": {"type": "globalContext", "name": "context"}},
            },
        ),
        "repvgg-timm": (
            byob(repvgg, stem_type="rep", stem_chs=8, attn_layer="se", attn_kwargs={"rd_ratio": 0.75, "rd_divisor": 1}),
            32,
            {**rep_spec, **rep_se},
        ),
        "repvgg-folded-timm": (folded, 32, {**rep_spec, "folded": True}),
        "mobileone-timm": (
            byob(one, stem_type="one", stem_chs=8),
            32,
            {
                "type": "byobnet",
                "stem": {"widths": [8], "block": "mobileone", "attention": False},
                "stages": one_rows,
                "unit": {"squeezeExcitation": 0.0625},
                "classes": 10,
            },
        ),
        "byobnet-timm": (
            byob(mixed, stem_chs=8, downsample="avg", stem_pool="", attn_layer="se", attn_kwargs={"rd_ratio": 0.25}),
            64,
            {
                "type": "byobnet",
                "stem": {"widths": [8]},
                "stages": [
                    [{"kind": "edge", "channels": 16, "stride": 2, "ratio": 0.5}],
                    [{"kind": "dark", "repeats": 2, "channels": 16, **half}],
                    [{"kind": "basic", "channels": 32, "stride": 2, **half}],
                    [{"kind": "bottleneck", "repeats": 2, "channels": 32, "stride": 2, "groupWidth": 8, "ratio": 0.25}],
                ],
                "unit": {"shortcut": "pooled", "squeezeExcitation": 0.25},
                "classes": 10,
            },
        ),
        "resnet-quad-timm": (
            byob(
                quad, stem_chs=32, stem_type="quad2", stem_pool="", act_layer="silu", num_features=24, attn_layer="gca", attn_kwargs={"rd_ratio": 0.5},
                block_kwargs={"extra_conv": True},
            ),
            64,
            {
                "type": "byobnet",
                "stem": {"widths": [4, 8, 16, 32], "plain": 2},
                "stages": [[{"kind": "bottleneck", "repeats": 2, "channels": c, "stride": s, **half}] for c, s in ((16, 1), (32, 2))],
                "unit": {**silu, "extra": True, "attention": {"type": "globalContext", "name": "context", "reduction": 2, "add": True}},
                "features": 24,
                "classes": 10,
            },
        ),
        "regnetz-timm": (
            byob(
                narrow_z, stem_chs=8, stem_type="7x7", stem_pool="avg", act_layer="silu", downsample="", num_features=24, attn_layer="eca",
                block_kwargs={"bottle_in": True, "linear_out": True},
            ),
            64,
            {
                "type": "byobnet",
                "stem": {"widths": [8], "kernel": 7, "pool": "average"},
                "stages": [
                    [{"kind": "bottleneck", "repeats": 2, "channels": c, "stride": 2, "groupWidth": 8, "ratio": 2}] for c in (16, 24)
                ],
                "unit": {
                    **silu,
                    "attention": {"type": "efficientChannelAttention", "name": "eca"},
                    "shortcut": "none",
                    "ratioOfInput": True,
                    "linear": True,
                },
                "features": 24,
                "classes": 10,
            },
        ),
        "nfnet-timm": (
            NormFreeNet(
                NfCfg(
                    depths=(1, 2), channels=(16, 32), stem_type="deep_quad", stem_chs=16, group_size=8, bottle_ratio=0.5, extra_conv=True,
                    gamma_in_act=True, same_padding=True, skipinit=True, num_features=24, act_layer="gelu", attn_layer="se",
                    attn_kwargs={"rd_ratio": 0.5},
                ),
                num_classes=10,
            ),
            50,
            {
                **nf,
                "stem": {"widths": [2, 4, 8, 16], "end": "convolution"},
                "units": [1, 2],
                "widths": [16, 32],
                "unit": {"ratio": 0.5, "groupWidth": 8, "extra": True, "squeezeExcitation": 0.5},
                "signal": {**gelu, "skipInit": True, "gammaInActivation": True, "same": True},
                "features": 24,
            },
        ),
        "nf-regnet-timm": (
            NormFreeNet(
                NfCfg(
                    depths=(1, 2), channels=(16, 24), stem_type="3x3", group_size=8, bottle_ratio=2.25, num_features=32, reg=True,
                    attn_layer="se", attn_kwargs={"rd_ratio": 0.5},
                ),
                num_classes=10,
            ),
            33,
            {
                **nf,
                "stem": {"widths": [16]},
                "units": [1, 2],
                "widths": [16, 24],
                "unit": {"ratio": 2.25, "regnet": True, "groupWidth": 8, "squeezeExcitation": 0.5},
                "signal": silu,
                "features": 32,
            },
        ),
        "nf-resnet-timm": (
            NormFreeNet(
                NfCfg(
                    depths=(2, 1), channels=(16, 32), stem_type="7x7_pool", stem_chs=8, bottle_ratio=0.25, act_layer="relu",
                    attn_layer="eca", attn_kwargs={},
                ),
                num_classes=10,
            ),
            64,
            {
                **nf,
                "stem": {"widths": [8], "kernel": 7, "end": "pool"},
                "units": [2, 1],
                "widths": [16, 32],
                "unit": {"attention": {"type": "efficientChannelAttention", "name": "eca"}},
            },
        ),
    }
    cases = {
        "mobilenet-v2-torchvision": (MobileNetV2(10, inverted_residual_setting=second, width_mult=0.25), 64),
        "mobilenet-v3-torchvision": (TorchvisionMobileNetV3(small_third, 24, 10), 32),
        "mnasnet-torchvision": (MNASNet(0.02, 10), 64),
        "efficientnet-torchvision": (
            TorchvisionEfficientNet(compound, 0.2, num_classes=10, last_channel=24, **tv_norm),
            33,
        ),
        "efficientnet-v2-torchvision": (
            TorchvisionEfficientNet(fused, 0.2, num_classes=10, last_channel=24, **tv_norm),
            32,
        ),
        "efficientnet-timm": (tensorflow, 37),
        "mobilenet-v3-timm": (third, 32),
        "regnet-timm": (regnet, 64),
        "regnet-torchvision": (TorchvisionRegNet(widths, 10, stem_width=8), 64),
        "convnext-timm": (ConvNeXt(**narrow_convnext, head_hidden_size=12), 64),
        "convnext-tiered-timm": (ConvNeXt(**narrow_convnext, conv_mlp=True, stem_type="overlap", head_norm_first=True), 64),
        "convnext-v2-timm": (ConvNeXt(**narrow_convnext, use_grn=True, ls_init_value=None), 64),
        "convnext-torchvision": (TorchvisionConvNeXt(blocks, num_classes=10), 64),
        "ecaresnet-blur-timm": (
            resnet(
                Bottleneck, stem_width=8, stem_type="deep_tiered", avg_down=True, aa_layer=BlurPool2d, block_args={"attn_layer": "eca"}
            ),
            64,
        ),
        "senet-average-timm": (
            resnet(
                Bottleneck, channels=(4, 8, 16, 32), cardinality=4, base_width=32, block_reduce_first=2, down_kernel_size=3,
                aa_layer=torch.nn.AvgPool2d, block_args={"attn_layer": "se"},
            ),
            64,
        ),
        "resnetrs-timm": (resnet(BasicBlock, replace_stem_pool=True, avg_down=True, channels=(4, 8, 16, 32), stem_width=6), 64),
        "res2net-timm": (resnet(Bottle2neck, layers=(2, 1, 1, 1), base_width=32, avg_down=True, block_args={"scale": 3}), 64),
        "resnetv2-bit-timm": (
            ResNetV2(
                (1, 1, 1, 1), (32, 64, 128, 256), num_classes=10, stem_chs=8, stem_type="fixed", norm_layer=groups,
                conv_layer=partial(StdConv2d, eps=1e-8),
            ),
            64,
        ),
        "vgg11-torchvision": (narrow(build("torchvision", "vgg11", {"num_classes": 10})), 64),
        "vgg13-bn-timm": (narrow(build("timm", "vgg13_bn", {"num_classes": 10})), 64),
        "densenet-torchvision": (densenet(4), 64),
        "densenet-bc-torchvision": (small, 16),
        "inception-v4-timm": (narrow(build("timm", "inception_v4", {"num_classes": 10})), 107),
        "inception-resnet-v2-timm": (narrow(build("timm", "inception_resnet_v2", {"num_classes": 10})), 107),
    }
    staged = {"num_labels": 10, "embedding_size": 8}
    narrow_next = {"num_labels": 10, "hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 2, 1], "image_size": 64}
    transformers = {
        "resnet-huggingface": (
            "ResNet",
            {**staged, "hidden_sizes": [16, 24, 48, 64], "depths": [1, 2, 1, 1], "downsample_in_bottleneck": True},
        ),
        "resnet-basic-huggingface": (
            "ResNet",
            {**staged, "hidden_sizes": [8, 16, 24], "depths": [1, 1, 2], "layer_type": "basic"},
        ),
        "regnet-y-huggingface": ("RegNet", {**staged, "embedding_size": 24, "hidden_sizes": [16, 24, 32], "depths": [1, 2, 1], "groups_width": 8}),
        "regnet-x-huggingface": (
            "RegNet",
            {**staged, "hidden_sizes": [8, 32], "depths": [1, 2], "groups_width": 16, "layer_type": "x", "hidden_act": "silu"},
        ),
        "convnext-huggingface": ("ConvNext", narrow_next),
        "convnext-v2-huggingface": ("ConvNextV2", narrow_next),
        "mobilenet-v2-huggingface": (
            "MobileNetV2",
            {"num_labels": 10, "depth_multiplier": 0.25, "finegrained_output": False, "image_size": 50},
        ),
        "efficientnet-huggingface": (
            "EfficientNet",
            {
                "num_labels": 10,
                "width_coefficient": 0.25,
                "depth_coefficient": 0.5,
                "hidden_dim": 320,
                "image_size": 40,
                "depthwise_padding": [3, 7],
            },
        ),
    }
    for case, (kind, settings) in transformers.items():
        model = build("transformers", kind + "ForImageClassification", settings)
        cases[case] = (model, settings.get("image_size", 64))
        model.config.save_pretrained(folder / case)
    for case, (model, pixels, network) in described.items():
        cases[case] = (model, pixels)
        spec = {"format": "residuum/1", "name": case, "input": {"type": "image", "shape": [3, pixels, pixels]}, "network": network}
        into = folder / case
        into.mkdir(parents=True, exist_ok=True)
        (into / "spec.json").write_text(json.dumps(spec, indent=2) + "\n")
    for case, (model, pixels) in cases.items():
        into = folder / case
        into.mkdir(parents=True, exist_ok=True)
        draw(model)
        made = torch.randn(1, 3, pixels, pixels, generator=torch.Generator().manual_seed(SEED + 1))
        with torch.no_grad():
            out = model(made)
        out = out if torch.is_tensor(out) else out.logits
        save_file(stored(model), into / "weights.safetensors")
        save_file({"input": made}, into / "input.safetensors")
        save_file({"output": out.contiguous()}, into / "outputs.safetensors")


def heads(folder):
    """Narrow networks on the features of a ResNet or a MobileNetV3, whose specs are written by hand."""
    from functools import partial

    from torchvision.models._utils import IntermediateLayerGetter
    from torchvision.models.detection import RetinaNet
    from torchvision.models.detection.anchor_utils import AnchorGenerator
    from torchvision.models.detection.backbone_utils import BackboneWithFPN
    from torchvision.models.detection.image_list import ImageList
    from torchvision.models.detection.retinanet import RetinaNetHead
    from torchvision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3
    from torchvision.models.resnet import Bottleneck, ResNet
    from torchvision.models.segmentation import FCN, LRASPP, DeepLabV3
    from torchvision.models.segmentation.deeplabv3 import ASPP
    from torchvision.models.segmentation.fcn import FCNHead
    from torchvision.ops import boxes
    from torchvision.ops.feature_pyramid_network import LastLevelP6P7

    def resnet(dilate):
        return narrow(ResNet(Bottleneck, [1, 2, 1, 2], replace_stride_with_dilation=[False, dilate, dilate]))

    def dilated():
        return IntermediateLayerGetter(resnet(True), {"layer3": "aux", "layer4": "out"})

    def mobile():
        """The blocks of MobileNetV3, large and dilated, with few channels."""
        steps = [[(8, False, 1)], [(8, False, 2), (8, False, 1)], [(16, True, 2)] + [(16, True, 1)] * 2]
        steps += [[(16, False, 2)] + [(16, False, 1)] * 3, [(16, True, 1)] * 2, [(24, True, 2)] + [(24, True, 1)] * 2]
        rows, before = [], 8
        for stage, blocks in enumerate(steps, 1):
            for channels, squeeze, stride in blocks:
                kernel, expanded = 5 if stage in (3, 6) else 3, before * (2 if rows else 1)
                act = "HS" if stage > 3 else "RE"
                dilation = 2 if stage == 6 else 1
                rows.append(
                    InvertedResidualConfig(before, kernel, expanded, channels, squeeze, act, stride, dilation, 1)
                )
                before = channels
        return IntermediateLayerGetter(MobileNetV3(rows, 16).features, {"4": "low", "16": "high"})

    def deeplab():
        conv = torch.nn.Conv2d(8, 8, 3, padding=1, bias=False)
        return torch.nn.Sequential(
            ASPP(64, [2, 3, 4], 8), conv, torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.Conv2d(8, 10, 1)
        )

    def retinanet(channels, norm):
        fpn = BackboneWithFPN(
            resnet(False), {f"layer{i + 2}": str(i) for i in range(3)}, [16, 32, 64], 8, LastLevelP6P7(channels, 8)
        )
        head = RetinaNetHead(8, 9, 10, norm_layer=norm)
        sizes = tuple((x, int(x * 2 ** (1.0 / 3)), int(x * 2 ** (2.0 / 3))) for x in (8, 16, 32, 64, 128))
        return RetinaNet(fpn, 10, head=head, anchor_generator=AnchorGenerator(sizes, ((0.5, 1.0, 2.0),) * 5))

    def nms(found, scores, threshold):
        """As torchvision's operator, which is missing where its version does not fit PyTorch's."""
        kept = []
        for i in scores.argsort(descending=True, stable=True).tolist():
            if not kept or not (boxes.box_iou(found[i : i + 1], found[kept]) > threshold).any():
                kept.append(i)
        return torch.tensor(kept, dtype=torch.int64)

    boxes.nms = nms
    cases = {
        "deeplabv3-torchvision": DeepLabV3(dilated(), deeplab(), FCNHead(32, 10)),
        "fcn-torchvision": FCN(dilated(), FCNHead(64, 10)),
        "lraspp-torchvision": LRASPP(mobile(), 16, 144, 10, 8),
        "retinanet-torchvision": retinanet(8, None),
        "retinanet-v2-torchvision": retinanet(64, partial(torch.nn.GroupNorm, 4)),
    }
    for case, model in cases.items():
        into = folder / case
        into.mkdir(parents=True, exist_ok=True)
        draw(model)
        # No multiple of the strides, so that levels do not double exactly.
        made = torch.randn(1, 3, 75, 60, generator=torch.Generator().manual_seed(SEED + 1))
        with torch.no_grad():
            if case.startswith("retinanet"):
                levels = list(model.backbone(made).values())
                found = model.head(levels)
                out = {":classes": found["cls_logits"], ":boxes": found["bbox_regression"]}
                counts = [9 * level.shape[2] * level.shape[3] for level in levels]
                anchors = model.anchor_generator(ImageList(made, [(75, 60)]), levels)
                split = {k: list(v.split(counts, dim=1)) for k, v in found.items()}
                best = model.postprocess_detections(split, [list(a.split(counts)) for a in anchors], [(75, 60)])[0]
                save_file({k: v.contiguous() for k, v in best.items()}, into / "detections.safetensors")
            else:
                out = {f":{k}": v for k, v in model(made).items()}
        save_file(stored(model), into / "weights.safetensors")
        save_file({"input": made}, into / "input.safetensors")
        save_file({k: v.contiguous() for k, v in out.items()}, into / "outputs.safetensors")


def images(folder, size=16):
    """Small transformers and mixers for images, each with its spec."""
    from functools import partial

    import timm.layers as layers
    import timm.models as models
    from torchvision.models import swin_transformer as torchvision_swin

    small = {"img_size": size, "embed_dim": 16, "num_classes": 5}
    vit = partial(models.VisionTransformer, **small, patch_size=4, depth=2, num_heads=2)
    eva = partial(models.eva.Eva, **small, patch_size=4, depth=2, num_heads=2)
    ours = {"type": "vit", "patch": 4, "width": 16, "depth": 2, "heads": 2, "classes": 5}
    layer_scale = {"type": "learned", "init": 1, "perChannel": True}
    layer = {"type": "layer", "eps": 1e-6}
    table = {"type": "relativeTable", "grid": 4, "token": True}
    swin = {"type": "swin", "width": 8, "depths": [2, 2], "heads": [2, 4], "patch": 2, "classes": 5}
    swin_1 = partial(models.SwinTransformer, img_size=size, patch_size=2, embed_dim=8, depths=(2, 2), num_heads=(2, 4))
    swin_2 = partial(models.SwinTransformerV2, img_size=size, patch_size=2, embed_dim=8, depths=(2, 2), num_heads=(2, 4))
    torch_swin = partial(
        torchvision_swin.SwinTransformer, [2, 2], 8, [2, 2], [2, 4], [3, 3], stochastic_depth_prob=0.0, num_classes=5
    )
    packed = partial(layers.GluMlp, act_layer=torch.nn.SiLU, gate_last=False)
    mixers = models.mlp_mixer
    mixer = partial(models.MlpMixer, **small, patch_size=4, num_blocks=2)
    mixed = {"type": "mlpMixer", "patch": 4, "width": 16, "depth": 2, "classes": 5}
    gated = {**ours, "gated": True, "activation": "silu"}
    by_mean = {"pool": "mean", "classToken": True, "headNorm": True}
    eps = {"type": "layer", "eps": 1e-6}
    turned = {"type": "rotaryGrid", "base": 100, "columnsFirst": True}
    centered = {"type": "rotaryGrid", "base": 100, "interleaved": False, "coordinates": "centered"}
    relative = {"type": "relativeNetwork", "width": 12, "bounded": False}
    rms = {"type": "rms", "eps": 1e-5}
    root = partial(layers.RmsNorm, eps=1e-5)
    meta = models.metaformer
    pyramid = {"units": [1, 1], "classes": 5}
    pvt = partial(models.PyramidVisionTransformerV2, depths=(1, 1), embed_dims=(8, 16), num_heads=(1, 2), num_classes=5)
    formed = {"type": "metaformer", **pyramid, "scaledStages": 1, "activation": "starRelu"}
    cases = {
        "pvt-v2": (
            pvt(sr_ratios=(2, 1), mlp_ratios=(2, 3)),
            {"type": "pvtV2", **pyramid, "widths": [8, 16], "heads": [1, 2], "reductions": [2, 1], "mlpRatios": [2, 3]},
        ),
        "pvt-v2-pooled": (
            pvt(sr_ratios=(2, 1), mlp_ratios=(2, 3), linear=True),
            {
                "type": "pvtV2", **pyramid, "widths": [8, 16], "heads": [1, 2], "reductions": [2, 1], "mlpRatios": [2, 3],
                "pooled": True,
            },
        ),
        "caformer": (
            meta.MetaFormer(
                depths=(1, 1), dims=(8, 64), token_mixers=[meta.SepConv, meta.Attention], num_classes=5,
                norm_layers=[meta.LayerNorm2dNoBias, meta.LayerNormNoBias], res_scale_init_values=(None, 1.0),
            ),
            {**formed, "widths": [8, 64], "mixers": ["convolution", "attention"]},
        ),
        "poolformer-v2": (
            meta.MetaFormer(
                depths=(1, 1), dims=(8, 16), norm_layers=meta.GroupNorm1NoBias, use_mlp_head=False, num_classes=5,
                res_scale_init_values=(None, 1.0),
            ),
            {
                **formed, "widths": [8, 16], "mixers": ["pool", "pool"], "norm": {"type": "layer", "eps": 1e-6, "bias": False},
                "hiddenHead": False,
            },
        ),
        "mixer": (mixer(), mixed),
        "gmixer": (
            mixer(mlp_ratio=(1.0, 4.0), mlp_layer=layers.GluMlp, act_layer=torch.nn.SiLU),
            {**mixed, "mlpRatio": 2, "gated": True, "activation": "silu"},
        ),
        "resmlp": (
            mixer(mlp_ratio=4, block_layer=mixers.ResBlock, norm_layer=mixers.Affine),
            {**mixed, "mixing": "linear", "norm": "affine", "scale": layer_scale},
        ),
        "gmlp": (
            mixer(mlp_ratio=6, block_layer=mixers.SpatialGatingBlock, mlp_layer=layers.GatedMlp),
            {**mixed, "mixing": "gate", "mlpRatio": 6},
        ),
        "eva02": (
            eva(swiglu_mlp=True, mlp_ratio=2, use_rot_pos_emb=True, ref_feat_shape=6),
            {**gated, **by_mean, "mlpRatio": 2, "keyBias": False, "position": {"type": "rotaryGrid", "trained": 6}},
        ),
        "eva02-apart": (
            eva(
                swiglu_mlp=True, mlp_ratio=2, use_rot_pos_emb=True, qkv_fused=False, scale_mlp=True,
                scale_attn_inner=True, global_pool="token",
            ),
            {**gated, "mlpRatio": 2, "keyBias": False, "position": "rotaryGrid", "innerNorm": eps, "attentionNorm": eps},
        ),
        "eva-post-norm": (
            eva(use_post_norm=True, global_pool="token"),
            {**ours, "keyBias": False, "placement": "resPost"},
        ),
        "vit-rope": (
            eva(
                attn_type="rope", class_token=False, num_reg_tokens=2, rope_grid_indexing="xy", rope_temperature=100.0,
                use_rot_pos_emb=True, use_abs_pos_emb=False, init_values=1.0,
            ),
            {
                **ours, "pool": "mean", "headNorm": True, "registers": 2, "positions": False, "position": turned,
                "scale": layer_scale,
            },
        ),
        "vit-rope-mixed": (
            eva(
                attn_type="rope", rope_type="mixed", rope_grid_indexing="xy", rope_temperature=10.0, use_rot_pos_emb=True,
                no_embed_class=True, global_pool="token", init_values=1.0,
            ),
            {
                **ours, "tokenPositions": False, "scale": layer_scale,
                "position": {"type": "rotaryGrid", "base": 10, "columnsFirst": True, "learned": True},
            },
        ),
        "vit-dinov3": (
            eva(
                rope_type="dinov3", rope_temperature=100.0, rope_rotate_half=True, use_rot_pos_emb=True,
                use_abs_pos_emb=False, num_reg_tokens=2, use_fc_norm=False, qkv_bias=False, init_values=1.0,
            ),
            {
                **ours, "pool": "mean", "classToken": True, "registers": 2, "positions": False, "mapBias": False,
                "position": centered, "scale": layer_scale,
            },
        ),
        "vit-pe": (
            eva(
                attn_type="rope", global_pool="map", attn_pool_num_heads=4, use_pre_transformer_norm=True,
                use_rot_pos_emb=True, ref_feat_shape=4, rope_grid_offset=1.0, rope_grid_indexing="xy",
            ),
            {
                **ours, "inputNorm": True, "pool": "attention", "classToken": True, "poolHeads": 4,
                "position": {"type": "rotaryGrid", "columnsFirst": True, "offset": 1, "trained": 4},
            },
        ),
        "vit-relpos": (
            models.vision_transformer_relpos.VisionTransformerRelPos(
                **small, patch_size=4, depth=2, num_heads=2, qkv_bias=False, fc_norm=True, rel_pos_dim=12
            ),
            {
                **ours, "pool": "mean", "headNorm": True, "mapBias": False, "positions": False, "position": relative,
                "scale": layer_scale,
            },
        ),
        "vit-relpos-class": (
            models.vision_transformer_relpos.VisionTransformerRelPos(
                **small, patch_size=4, depth=2, num_heads=2, fc_norm=False, rel_pos_dim=12, class_token=True, global_pool="token",
            ),
            {**ours, "positions": False, "position": relative, "scale": layer_scale},
        ),
        "vit-srelpos": (
            models.vision_transformer_relpos.VisionTransformerRelPos(
                **small, patch_size=4, depth=2, num_heads=2, fc_norm=False, rel_pos_dim=12, shared_rel_pos=True
            ),
            {**ours, "pool": "mean", "positions": False, "position": {**relative, "shared": True}, "scale": layer_scale},
        ),
        "vit-parallel": (
            vit(block_fn=models.vision_transformer.ParallelScalingBlock, init_values=1.0, mlp_ratio=3),
            {**ours, "placement": "parallel", "mlpRatio": 3, "scale": layer_scale},
        ),
        "vit-xp": (
            vit(
                block_fn=models.vision_transformer.ParallelScalingBlock, pre_norm=True, no_embed_class=True,
                norm_layer=layers.RmsNorm, qkv_bias=False, qk_norm=True,
            ),
            {
                **ours, "placement": "parallel", "norm": {"type": "rms", "eps": 1e-6}, "queryKeyNorm": {"type": "rms", "eps": 1e-6},
                "mapBias": False, "inputNorm": True, "tokenPositions": False,
            },
        ),
        "vit-copies": (
            vit(block_fn=models.vision_transformer.ParallelThingsBlock, init_values=1.0),
            {**ours, "copies": 2, "scale": layer_scale},
        ),
        "vit-map": (
            vit(class_token=False, reg_tokens=2, global_pool="map"),
            {**ours, "pool": "patch-attention", "registers": 2, "registerPositions": True},
        ),
        "vit-no-norm": (vit(init_values=1.0, final_norm=False), {**ours, "scale": layer_scale, "finalNorm": False}),
        "beit3": (
            vit(scale_attn_norm=True, scale_mlp_norm=True, global_pool="avg"),
            {**ours, **by_mean, "attentionNorm": eps, "innerNorm": eps},
        ),
        "aimv2": (
            vit(
                class_token=False, fc_norm=False, global_pool="avg", mlp_ratio=2, qkv_bias=False, proj_bias=False,
                norm_layer=root, embed_norm_layer=root, mlp_layer=layers.SwiGLU, act_layer=torch.nn.SiLU,
            ),
            {
                **gated, "mlpRatio": 2, "pool": "mean", "mapBias": False, "outputBias": False, "norm": rms,
                "patchNorm": rms,
            },
        ),
        "vit-gap": (vit(class_token=False, global_pool="avg", fc_norm=False), {**ours, "pool": "mean"}),
        "vit-fc-norm": (vit(global_pool="avg"), {**ours, "pool": "mean", "classToken": True, "headNorm": True}),
        "vit-qk-norm": (vit(qk_norm=True), {**ours, "queryKeyNorm": layer}),
        "vit-registers": (
            vit(reg_tokens=3, no_embed_class=True, init_values=1.0),
            {**ours, "registers": 3, "tokenPositions": False, "scale": layer_scale},
        ),
        "vit-swiglu": (
            vit(mlp_layer=packed, mlp_ratio=3 * 2, act_layer=torch.nn.SiLU),
            {**ours, "gated": True, "mlpRatio": 3, "activation": "silu"},
        ),
        "vit-clip": (
            vit(pre_norm=True, act_layer=layers.QuickGELU, norm_layer=partial(torch.nn.LayerNorm, eps=1e-5)),
            {**ours, "inputNorm": True, "activation": "quickGelu", "norm": "layer"},
        ),
        "vit-siglip": (vit(class_token=False, global_pool="map"), {**ours, "pool": "attention"}),
        "beit": (
            models.Beit(
                **small, patch_size=4, depth=2, num_heads=2, init_values=1.0, use_abs_pos_emb=False, use_rel_pos_bias=True
            ),
            {
                **ours,
                "pool": "mean",
                "classToken": True,
                "headNorm": True,
                "positions": False,
                "keyBias": False,
                "position": table,
                "scale": layer_scale,
            },
        ),
        "swin": (swin_1(window_size=4, num_classes=5), {**swin, "window": 4}),
        "swin-padded": (torch_swin(), {**swin, "window": 3}),
        "swin-v2": (
            swin_2(window_size=4, num_classes=5, pretrained_window_sizes=(3, 3)),
            {**swin, "window": 4, "version": "v2", "trained": [3, 3]},
        ),
        "swin-v2-cr": (
            models.swin_transformer_v2_cr.SwinTransformerV2Cr(
                img_size=size, window_size=2, patch_size=2, embed_dim=8, depths=(2, 2, 3, 2), num_heads=(2, 2, 4, 4), num_classes=5,
                extra_norm_period=2, extra_norm_stage=True,
            ),
            {
                **swin, "depths": [2, 2, 3, 2], "heads": [2, 2, 4, 4], "window": 2, "version": "v2-cr", "normPeriod": 2,
                "stageNorm": True,
            },
        ),
        "swin-v2-torchvision": (
            torchvision_swin.SwinTransformer(
                [2, 2],
                8,
                [2, 2],
                [2, 4],
                [4, 4],
                stochastic_depth_prob=0.0,
                num_classes=5,
                block=torchvision_swin.SwinTransformerBlockV2,
                downsample_layer=torchvision_swin.PatchMergingV2,
            ),
            {**swin, "window": 4, "version": "v2"},
        ),
    }
    for case, (model, network) in cases.items():
        into = folder / case
        into.mkdir(parents=True, exist_ok=True)
        draw(model)
        made = torch.randn(BATCH, 3, size, size, generator=torch.Generator().manual_seed(SEED + 1))
        with torch.no_grad():
            out = model(made)
        save_file(stored(model), into / "weights.safetensors")
        save_file({"input": made}, into / "input.safetensors")
        save_file({"output": out.contiguous()}, into / "outputs.safetensors")
        spec = {"format": "residuum/1", "name": case, "input": {"type": "image", "shape": [3, size, size]}, "network": network}
        (into / "spec.json").write_text(json.dumps(spec, indent=2) + "\n")


def zero_shot(folder):
    """Small models of images and texts, their tokenizers as CLIP's, and logits of labels in templates."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    labels = ["a small cat", "Dogs!", "an  old\nhouse 1603"]
    templates = ["a photo of {}.", "the {} is here, in a text that is cut at the end of the context of sixteen tokens"]
    start, end = "<|startoftext|>", "<|endoftext|>"

    def tokenizer(model):
        made = Tokenizer(model)
        pattern = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
        spaces = normalizers.Replace(Regex(r"\s+"), " ")
        made.normalizer = normalizers.Sequence([normalizers.NFC(), spaces, normalizers.Lowercase()])
        words = pre_tokenizers.Split(pattern, behavior="removed", invert=True)
        made.pre_tokenizer = pre_tokenizers.Sequence([words, pre_tokenizers.ByteLevel(add_prefix_space=False)])
        made.decoder = decoders.ByteLevel()
        return made

    suffix = {"end_of_word_suffix": "</w>"}
    trained = tokenizer(models.BPE(**suffix))
    texts = [template.replace("{}", label) for template in templates for label in labels]
    trained.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=80, show_progress=False, **suffix))
    model = json.loads(trained.to_str())["model"]
    vocab = {**model["vocab"], start: len(model["vocab"]), end: len(model["vocab"]) + 1}
    merges = [tuple(m) for m in model["merges"]]
    for case, kind in (("clip", "CLIPModel"), ("siglip", "SiglipModel")):
        into = folder / case
        into.mkdir(parents=True, exist_ok=True)
        made = tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token=end, **suffix))
        made.add_special_tokens([AddedToken(start, special=True), AddedToken(end, special=True)])
        single = f"{start} $A {end}" if case == "clip" else f"$A {end}"
        special = [(start, vocab[start]), (end, vocab[end])]
        made.post_processor = processors.TemplateProcessing(single=single, pair=f"$A {end} $B {end}", special_tokens=special)
        made.save(str(into / "tokenizer.json"))
        small = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2}
        length = 16
        padding = vocab[end] if case == "clip" else 1
        ends = {"bos_token_id": vocab[start], "eos_token_id": vocab[end], "pad_token_id": padding}
        settings = {
            "text_config": {**small, **ends, "vocab_size": len(vocab), "max_position_embeddings": length},
            "vision_config": {**small, "image_size": 16, "patch_size": 8},
            **({"projection_dim": 12} if case == "clip" else {}),
        }
        peer = draw(build("transformers", kind, settings))
        peer.config.save_pretrained(into)
        save_file(stored(peer), into / "model.safetensors")
        fast = PreTrainedTokenizerFast(tokenizer_file=str(into / "tokenizer.json"))
        pictures = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(SEED + 1))

        def ids(some):
            rows = [fast(text, truncation=True, max_length=length)["input_ids"] for text in some]
            return torch.tensor([row + [padding] * (length - len(row)) for row in rows])

        with torch.no_grad():
            scale = peer.logit_scale.exp()
            bias = getattr(peer, "logit_bias", 0)
            vectors = []
            for label in labels:
                r = peer(input_ids=ids([t.replace("{}", label) for t in templates]), pixel_values=pictures)
                vectors.append(torch.nn.functional.normalize(r.text_embeds.mean(0), dim=0))
            logits = r.image_embeds @ torch.stack(vectors).t() * scale + bias
        save_file({"input": pictures, "logits": logits.contiguous()}, into / "expected.safetensors")


def names(file):
    wanted = (
        "resnet34 torchvision",
        "resnet50 torchvision",
        "vit-b-16 torchvision",
        "resnet18 timm",
        "resnet18d timm",
        "resnet50d timm",
        "resnetv2-50 timm",
        "seresnet50 timm",
        "resnext50-32x4d timm",
        "vgg16-bn torchvision",
        "vgg11 timm",
        "densenet121 torchvision",
        "inception-v4 timm",
        "inception-resnet-v2 timm",
        "vit-ti-16 timm",
        "deit-ti-16-distilled timm",
        "deit3-s-16 timm",
        "cait-xxs24-16 timm",
        "vit-ti-16 transformers",
        "deit-ti-16-distilled transformers",
        "gpt1 transformers",
        "bert-large-uncased-pretraining transformers",
    )
    written = {}
    for preset, library, name, settings in peers():
        if f"{preset} {library}" in wanted:
            with torch.device("meta"):
                state = build(library, name, settings).state_dict()
            written[f"{preset} {library}"] = {k: list(v.shape) for k, v in state.items()}
    lines = [f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in written.items()]
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main():
    if sys.argv[1:2] == ["--images"]:
        images(pathlib.Path(sys.argv[2]))
        return
    if sys.argv[1:2] == ["--zero-shot"]:
        zero_shot(pathlib.Path(sys.argv[2]))
        return
    if sys.argv[1:2] == ["--names"]:
        names(pathlib.Path(sys.argv[2]))
        return
    if sys.argv[1:2] == ["--golden"]:
        golden(pathlib.Path(sys.argv[2]), *sys.argv[3:])
        return
    if sys.argv[1:2] == ["--convolutional"]:
        convolutional(pathlib.Path(sys.argv[2]))
        return
    if sys.argv[1:2] == ["--heads"]:
        heads(pathlib.Path(sys.argv[2]))
        return
    if sys.argv[1:2] == ["--recurrent"]:
        recurrent(pathlib.Path(sys.argv[2]))
        return
    if sys.argv[1:2] == ["--specs"]:
        specs(pathlib.Path(sys.argv[2]))
        return
    if sys.argv[1:2] == ["--tables"]:
        tables(pathlib.Path(sys.argv[2]))
        return
    cases = {f"{c[0]} {c[1]}": c for c in peers()}
    answers = sys.stdout
    sys.stdout = sys.stderr  # libraries that print
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "list":
                import timm
                import torchvision
                import transformers

                versions = {m.__name__: m.__version__ for m in (torch, torchvision, timm, transformers)}
                rows = [{"case": k, "model": c[0], "library": c[1], "peer": c[2]} for k, c in cases.items()]
                answer = {"versions": versions, "cases": rows}
            else:
                do = {"make": make, "check": check}[request["do"]]
                answer = do(cases[request["case"]], pathlib.Path(request["folder"]))
        except Exception as e:  # the other side puts it into the table
            answer = {"failed": f"{type(e).__name__}: {str(e).splitlines()[0] if str(e) else ''}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
