#!/usr/bin/env python3
"""Times PyTorch and onnxruntime on the cases of run.sh: one line of JSON for each case.

    peer.py MODEL --mode infer|train|generate --batch N [--runtime eager|compile|onnxruntime]
            [--compute float32|bfloat16] [--device cpu|cuda] [--length N] [--tokens N] [--threads N] [--steps N]
    peer.py --lines <FILE    several cases in one process, with the arguments of one case in each line

MODEL is a network of timm with - for _ (resnet50 is torchvision's where there is no timm), vit-s-16
or vit-b-16 (timm's), resnet20 (for CIFAR, below), gpt2 (that of transformers, as its configuration
says), a folder beside this file with the config.json of a decoder, or char-gpt (nanoGPT's for CPUs,
below). --runtime compile is torch.compile; onnxruntime runs the same network, exported, and only
infers. --compute bfloat16 is torch.autocast.
Steps are taken as `residuum bench` takes them: a warm-up until three steps differ by at most a
tenth, then at least 10 steps and 3 seconds; float32, one batch that lies in memory. A step of
`generate` reads a prompt of --length tokens and adds --tokens tokens greedily, with a cache.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WARM_UP_LEAST, WARM_UP_MOST, WARM_UP_SECONDS, STEADY = 3, 50, 20.0, 1.1
LEAST_STEPS, MOST_STEPS, SECONDS = 10, 10_000, 3.0


def cifar_resnet(depth, classes=10):
    """The CIFAR network of He et al. 2015, Section 4.2, with option A: 6n + 2 layers."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Unit(nn.Module):
        def __init__(self, c_in, c_out, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
            self.norm1 = nn.BatchNorm2d(c_out)
            self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
            self.norm2 = nn.BatchNorm2d(c_out)
            self.stride = stride
            self.extra = c_out - c_in

        def forward(self, x):
            y = F.relu(self.norm1(self.conv1(x)))
            y = self.norm2(self.conv2(y))
            if self.stride > 1 or self.extra:
                before = self.extra // 2
                x = x[:, :, :: self.stride, :: self.stride]
                x = F.pad(x, (0, 0, 0, 0, before, self.extra - before))
            return F.relu(x + y)

    n, rest = divmod(depth - 2, 6)
    if rest:
        raise ValueError(f"depth must be 6n + 2, got {depth}")
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    width = 16
    for stage in (16, 32, 64):
        for unit in range(n):
            layers.append(Unit(width, stage, 2 if stage > 16 and unit == 0 else 1))
            width = stage
    net = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, classes))
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
    return net


def char_gpt(vocabulary=65, length=64, width=128, depth=4, heads=4):
    """The network of nanoGPT's setting for CPUs: pre-norm, no biases, tied head, no dropout."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1 = nn.LayerNorm(width, bias=False)
            self.qkv = nn.Linear(width, 3 * width, bias=False)
            self.output = nn.Linear(width, width, bias=False)
            self.norm2 = nn.LayerNorm(width, bias=False)
            self.up = nn.Linear(width, 4 * width, bias=False)
            self.down = nn.Linear(4 * width, width, bias=False)

        def forward(self, x):
            n, t, c = x.shape
            parts = self.qkv(self.norm1(x)).view(n, t, 3, heads, c // heads).permute(2, 0, 3, 1, 4)
            y = F.scaled_dot_product_attention(*parts, is_causal=True)
            x = x + self.output(y.transpose(1, 2).reshape(n, t, c))
            return x + self.down(F.gelu(self.up(self.norm2(x))))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.token = nn.Embedding(vocabulary, width)
            self.position = nn.Embedding(length, width)
            self.blocks = nn.Sequential(*[Block() for _ in range(depth)])
            self.norm = nn.LayerNorm(width, bias=False)

        def forward(self, ids):
            x = self.token(ids) + self.position(torch.arange(ids.shape[1], device=ids.device))
            return self.norm(self.blocks(x)) @ self.token.weight.T

    return Net()


def hidden_states(net):
    """An encoder as a function of the ids alone, which can be exported."""
    import torch

    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, ids):
            return self.net(input_ids=ids).last_hidden_state

    return Encoder()


def described():
    """The folders beside this file with the config.json of a decoder."""
    return [d for d in os.listdir(HERE) if os.path.isfile(os.path.join(HERE, d, "config.json"))]


def language_model(name):
    """The network, as ids to logits, its size, and where it comes from."""
    if name == "char-gpt":
        return char_gpt(), 65, 64, "peer.py"
    import transformers

    if name == "minilm-shaped":
        config = transformers.BertConfig(
            hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536
        )
        net = hidden_states(transformers.BertModel(config, add_pooling_layer=False))
        return net, 30522, 512, f"transformers {transformers.__version__}"
    if name in described():
        config = transformers.AutoConfig.from_pretrained(os.path.join(HERE, name))
        net = transformers.AutoModelForCausalLM.from_config(config)
        return net, config.vocab_size, 1024, f"transformers {transformers.__version__}"
    net = transformers.GPT2LMHeadModel(transformers.GPT2Config())
    return net, 50257, 1024, f"transformers {transformers.__version__}"


def build(name):
    """The network, the shape of an image, and where the network comes from."""
    if name == "resnet20":
        return cifar_resnet(20), (3, 32, 32), "peer.py"
    vits = {"vit-s-16": "vit_small_patch16_224", "vit-b-16": "vit_base_patch16_224"}
    try:
        import timm
    except ImportError:
        if name != "resnet50":
            raise
        import torchvision

        net = torchvision.models.resnet50(weights=None)
        return net, (3, 224, 224), f"torchvision {torchvision.__version__}"
    peer = vits.get(name, name.replace("-", "_"))
    if not timm.is_model(peer):
        raise SystemExit(
            "MODEL must be a network of timm with - for _, vit-s-16, vit-b-16, resnet20, gpt2,"
            f" char-gpt, minilm-shaped or one of {described()}, got {name}"
        )
    net = timm.create_model(peer)
    return net, tuple(net.pretrained_cfg["input_size"]), f"timm {timm.__version__}"


def lowered(args):
    """What the forward pass runs under."""
    import torch

    return torch.autocast(args.device, torch.bfloat16, enabled=args.compute == "bfloat16")


def inference(args, net, images):
    import torch

    net.eval()

    def step():
        with torch.inference_mode(), lowered(args):
            net(images).float().sum().item()

    return step


def exported(net, inputs, threads):
    """A step of onnxruntime on the exported network."""
    import os
    import tempfile

    import onnxruntime
    import torch

    net.eval()
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "net.onnx")
        torch.onnx.export(
            net, (inputs,), file, dynamo=False, opset_version=17, input_names=["data"]
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(file, options, ["CPUExecutionProvider"])
    array = inputs.numpy()

    def step():
        session.run(None, {"data": array})[0].sum()

    return step


def training(args, net, images, classes):
    import torch
    from torch.nn import functional as F

    net.train()
    labels = torch.randint(classes, (images.shape[0],), device=images.device)
    decayed = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    optimizer = torch.optim.SGD(
        [{"params": decayed, "weight_decay": 1e-4}, {"params": others, "weight_decay": 0.0}],
        lr=1e-3,
        momentum=0.9,
    )

    def step():
        optimizer.zero_grad(set_to_none=True)
        with lowered(args):
            logits = net(images)
        loss = F.cross_entropy(logits.float(), labels)
        loss.backward()
        optimizer.step()
        (logits.argmax(1) == labels).sum().item()
        loss.item()

    return step


def logits_of(output):
    return output.logits if hasattr(output, "logits") else output


def text_inference(args, net, ids):
    import torch

    net.eval()

    def step():
        with torch.inference_mode(), lowered(args):
            logits_of(net(ids)).float().sum().item()

    return step


def text_training(args, net, ids):
    import torch
    from torch.nn import functional as F

    net.train()
    labels = torch.randint(int(ids.max()) + 1, ids.shape, device=ids.device)
    decayed = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
        lr=1e-3,
        betas=(0.9, 0.99),
    )

    def step():
        optimizer.zero_grad(set_to_none=True)
        with lowered(args):
            logits = logits_of(net(ids)).flatten(0, 1)
        loss = F.cross_entropy(logits.float(), labels.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        (logits.argmax(1) == labels.flatten()).sum().item()
        loss.item()

    return step


def generation(args, net, ids, tokens):
    import torch

    net.eval()
    mask = torch.ones_like(ids)

    def step():
        with torch.inference_mode(), lowered(args):
            net.generate(
                ids,
                attention_mask=mask,
                do_sample=False,
                min_new_tokens=tokens,
                max_new_tokens=tokens,
                pad_token_id=0,
            )

    return step


def prepared(args, net):
    import torch

    net = net.to(args.device)
    return torch.compile(net) if args.runtime == "compile" else net


def text_step(args, net, vocabulary, longest):
    """A step, and how many tokens it takes or makes."""
    import torch

    ids = torch.randint(vocabulary, (args.batch, args.length or longest), device=args.device)
    if args.mode == "generate":
        return generation(args, net, ids, args.tokens), args.batch * args.tokens
    if args.runtime == "onnxruntime":
        return exported(net, ids, args.threads), ids.numel()
    make = text_inference if args.mode == "infer" else text_training
    return make(args, net, ids), ids.numel()


def image_step(args, net, shape):
    import torch

    images = torch.randn(args.batch, *shape, device=args.device)
    if args.runtime == "onnxruntime":
        return exported(net, images, args.threads)
    if args.mode == "infer":
        return inference(args, net, images)
    return training(args, net, images, 10 if args.model == "resnet20" else 1000)


def millis(step):
    start = time.perf_counter()
    step()
    return (time.perf_counter() - start) * 1000


def measure(step, steps, before=0):
    for _ in range(before):
        step()
    warm = []
    while len(warm) < WARM_UP_MOST and sum(warm) < 1000 * WARM_UP_SECONDS:
        warm.append(millis(step))
        last = warm[-WARM_UP_LEAST:]
        if len(warm) >= WARM_UP_LEAST and max(last) <= STEADY * min(last):
            break
    times = []
    least, most = (steps, steps) if steps else (LEAST_STEPS, MOST_STEPS)
    while len(times) < least or (len(times) < most and sum(times) < 1000 * SECONDS):
        times.append(millis(step))
    return times


def percentile(times, percent):
    ordered = sorted(times)
    at = percent / 100 * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def peak_resident_bytes():
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def device_bytes(args):
    """What is taken of the GPU in the end: PyTorch's allocator keeps what it once had."""
    import torch

    if args.device != "cuda":
        return None
    free, total = torch.cuda.mem_get_info()
    return total - free


def version(args):
    import torch

    if args.runtime == "onnxruntime":
        import onnxruntime

        return onnxruntime.__version__
    return torch.__version__


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--mode", choices=("infer", "train", "generate"), default="infer")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--runtime", choices=("eager", "compile", "onnxruntime"), default="eager")
    parser.add_argument("--compute", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--length", type=int, help="of a sequence. Default: the longest")
    parser.add_argument("--tokens", type=int, default=64, help="how many to generate")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--steps", type=int, help="measure exactly so many steps")
    return parser


def result(args):
    """Measures one case."""
    if args.runtime == "onnxruntime" and (args.mode != "infer" or args.device != "cpu"):
        raise SystemExit("--runtime onnxruntime is for --mode infer on the CPU")

    import torch

    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    if args.model in ("gpt2", "char-gpt", "minilm-shaped", *described()):
        net, vocabulary, longest, source = language_model(args.model)
        net = prepared(args, net)
        step, samples = text_step(args, net, vocabulary, longest)
        unit = "tokens"
    else:
        net, shape, source = build(args.model)
        net = prepared(args, net)
        step, samples = image_step(args, net, shape), args.batch
        unit = "images"
    # The first steps of torch.compile compile.
    times = measure(step, args.steps, before=3 if args.runtime == "compile" else 0)
    median = statistics.median(times)
    return {
        "model": args.model,
        "mode": args.mode,
        "batch": args.batch,
        "engine": "PyTorch (Python)" if args.runtime != "onnxruntime" else "onnxruntime",
        "engineVersion": version(args),
        "runtime": args.runtime,
        "compute": args.compute,
        "source": source,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
        "parameters": sum(p.numel() for p in net.parameters()),
        "device": args.device,
        "steps": len(times),
        "medianMs": median,
        "p10Ms": percentile(times, 10),
        "p90Ms": percentile(times, 90),
        "unit": unit,
        "samplesPerSecond": samples * 1000 / median,
        "peakResidentBytes": peak_resident_bytes(),
        "deviceBytes": device_bytes(args),
    }


def freed():
    """Frees the memory of the case before."""
    import gc

    import torch

    torch.compiler.reset()
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def main():
    if sys.argv[1:] != ["--lines"]:
        print(json.dumps(result(arguments().parse_args())))
        return
    for line in sys.stdin:
        try:
            found = result(arguments().parse_args(line.split()))
        except Exception as e:
            found = {"error": str(e)[:2000]}
        print(json.dumps(found), flush=True)
        freed()


if __name__ == "__main__":
    main()
