#!/usr/bin/env python3
"""The other runtimes' side of exported.sh: reads one request a line as JSON, answers with a line of JSON.

    {"do": "versions"}
    {"do": "onnx" or "torchscript", "file": FILE, "names": [NAME, ...], "inputs": FILE, "outputs": FILE}

`names` are those of the inputs in their order, `inputs` is a safetensors file with the tensors by name, `outputs`
one with the tensor "output" as our network computes it. The answer is the largest difference, by the largest value.
"""

import json
import sys

import numpy
import onnx
import onnxruntime
import torch
from safetensors.numpy import load_file


def error(found, expected):
    if found.shape != expected.shape:
        raise ValueError(f"output {found.shape}, must be {expected.shape}")
    return float(numpy.abs(found - expected).max() / numpy.abs(expected).max())


def run_onnx(file, names, inputs):
    """Checks the file by the format's own checker, shape inference included, before it is run."""
    onnx.checker.check_model(file, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    return session.run(["output"], {name: inputs[name] for name in names})[0]


def run_torchscript(file, names, inputs):
    """Twice: from the second run on, PyTorch runs what it has fused."""
    torch.set_num_threads(2)
    module = torch.jit.load(file)
    arrays = [torch.from_numpy(inputs[name]) for name in names]
    with torch.inference_mode():
        module(*arrays)
        return module(*arrays).numpy()


RUNTIMES = {"onnx": run_onnx, "torchscript": run_torchscript}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "versions":
                answer = {m.__name__: m.__version__ for m in (onnx, onnxruntime, torch)}
            else:
                run = RUNTIMES[request["do"]]
                found = run(request["file"], request["names"], load_file(request["inputs"]))
                answer = {"error": error(found, load_file(request["outputs"])["output"])}
        except Exception as e:  # the other side puts it into the table
            answer = {"failed": f"{type(e).__name__}: {str(e).splitlines()[0] if str(e) else ''}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
