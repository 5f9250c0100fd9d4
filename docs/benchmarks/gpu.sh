#!/usr/bin/env bash
#
# Measures training and generation on a GPU beside PyTorch in Python on the same card, in bfloat16, eager and compiled,
# and runs the contracts of blocks there first.
#
#   RESIDUUM_PYTHON=venv/bin/python docs/benchmarks/gpu.sh
#
# The variables of run.sh set all else. It writes docs/benchmarks/results-gpu-DATE.md and .json.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

if [[ -z ${NO_TESTS-} ]]; then
    "$root/mvnw" -q -B -f "$root/pom.xml" -pl transformer,vision -am test -Dresiduum.test.device=gpu \
        -Dtest='BlockContractTest,ContractTest,Torch*Test,CompiledTrainingTest,PastTest,PeerParityTest,ResNetTest' \
        -Dsurefire.failIfNoSpecifiedTests=false
fi

export DEVICE=gpu
export OURS=${OURS-pytorch pytorch/bfloat16 pytorch/ops}
export PEERS=${PEERS-eager eager/bfloat16 compile/bfloat16}
export CASES=${CASES-resnet50:train:128 vit-b-16:train:128 gpt2:train:8:1024 gpt2:generate:1:64 resnet50:infer:1 vit-b-16:infer:32}
export RESULTS=${RESULTS-$here/results-gpu-$(date +%Y-%m-%d)}
exec "$here/run.sh"
