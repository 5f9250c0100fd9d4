#!/usr/bin/env python3
"""The other runtimes' side of exported.sh: reads one request a line as JSON, answers with a line of JSON.

    {"do": "versions"}
    {"do": "onnx", "file": FILE, "inputs": FILE, "outputs": FILE}

`inputs` is a safetensors file with the tensors by name, `outputs` one with the tensor "output" as our network
computes it. The answer is the largest difference, by the largest value.
"""

import json
import sys

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file


def error(found, expected):
    if found.shape != expected.shape:
        raise ValueError(f"output {found.shape}, must be {expected.shape}")
    return float(numpy.abs(found - expected).max() / numpy.abs(expected).max())


def run_onnx(file, inputs):
    """Checks the file by the format's own checker, shape inference included, before it is run."""
    onnx.checker.check_model(file, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    return session.run(["output"], {i.name: inputs[i.name] for i in session.get_inputs()})[0]


RUNTIMES = {"onnx": run_onnx}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "versions":
                answer = {m.__name__: m.__version__ for m in (onnx, onnxruntime)}
            else:
                found = RUNTIMES[request["do"]](request["file"], load_file(request["inputs"]))
                answer = {"error": error(found, load_file(request["outputs"])["output"])}
        except Exception as e:  # the other side puts it into the table
            answer = {"failed": f"{type(e).__name__}: {str(e).splitlines()[0] if str(e) else ''}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
