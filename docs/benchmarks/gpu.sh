#!/usr/bin/env bash
#
# Tests and measures Residuum on a GPU beside PyTorch in Python on the same card. The machine with the GPU needs an NVIDIA
# driver and a Python with PyTorch for CUDA, but neither Java nor a network:
#
#   docs/benchmarks/gpu.sh bundle DIR            here: makes a folder with a Java runtime, jars, tests and scripts (60 MiB)
#   DIR/gpu.sh run                               there: tests and measures in under 9 minutes, and writes DIR/results
#   docs/benchmarks/gpu.sh table DIR/results     here: writes docs/benchmarks/results-DATE-gpu.md and .json
#
# Variables of `run`:
#
# PYTHON    a Python with torch, timm and transformers. Default: python3
# JNI       DJL's JNI library for this version of torch. Default: the one that DJL publishes, for torch 2.7.1 (docs/engines.md)
# DEVICE    gpu or cpu. Default: gpu
# DO        steps in order. Default: env smoke tests ours peers waits
# CASES     those to measure, as in run.sh
# OURS      as in run.sh, with PyTorch as the engine
# PEERS     as in run.sh
# EXTRA     more cases of ours, as CASE=WHO
# STEPS     measured steps of each case. Default: 20
# RESULTS   the folder to write. Default: results beside the script
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

bundle() {
    local dir root entry modules=java.base,java.desktop,java.logging,java.management,java.naming,java.net.http
    modules+=,java.sql,java.xml,jdk.random,jdk.unsupported,jdk.zipfs
    root=$(cd "$here/../.." && pwd)
    dir=$(mkdir -p "$1" && cd "$1" && pwd)
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    "$root/residuum" --version
    (cd "$root" && ./mvnw -q -B -Dquick test-compile)
    rm -rf "${dir:?}"/{runtime.tar.xz,jars,tests}
    mkdir -p "$dir"/{jars,tests}
    jlink --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --output "$work/runtime"
    tar cJf "$dir/runtime.tar.xz" -C "$work" runtime

    # All but the libraries for CPUs, for other systems, and for tables, diagrams and servers.
    tr ':' '\n' <"$root/target/launcher/classpath" \
        | grep -v -e -native- -e parquet -e zstd-jni -e snappy -e eclipse -e pdfbox -e fontbox -e openpdf -e jts-core \
            -e javalin -e jetty -e kotlin -e jakarta -e prometheus -e micrometer -e HdrHistogram \
        | xargs -I{} cp {} "$dir/jars"
    for entry in pytorch-jni tokenizers onnxruntime; do
        mkdir "$work/$entry"
        (cd "$work/$entry" && jar xf "$dir/jars/$entry"-* \
            && find . \( -path '*/win-*' -o -path '*/osx-*' -o -path '*/linux-aarch64*' -o -path '*/onnxruntime/native/*' \) -type f -delete)
        rm -f "$dir/jars/$entry"-*
        jar cf "$dir/jars/$entry.jar" -C "$work/$entry" .
    done

    local version
    version=$(sed -n 's/.*<junit.version>\(.*\)<.*/\1/p' "$root/pom.xml")
    (cd "$root" && ./mvnw -q -B dependency:get -Dartifact="org.junit.platform:junit-platform-console-standalone:$version")
    cp "$HOME/.m2/repository/org/junit/platform/junit-platform-console-standalone/$version/"*"$version.jar" "$dir/tests"
    for entry in residual-core vision transformer examples; do
        mkdir -p "$work/tests"
        cp -r "$root/$entry/target/quick/test-classes" "$work/tests/$entry"
    done
    tar cJf "$dir/tests/classes.tar.xz" -C "$work" tests
    cp "$here"/{gpu.sh,peer.py,cuda_calls.c} "$dir"
    "$root/residuum" --version | head -n 1 >"$dir/version"
    du -sh "$dir"
}

# Runs a step with a time limit; its output goes to a log, and its end to the terminal.
limited() {
    local name=$1 seconds=$2 status=0
    shift 2
    local start=$SECONDS
    timeout -k 5 "$seconds" "$@" >"$results/$name.log" 2>&1 || status=$?
    printf '%-28s status %d, %d s\n' "$name" "$status" "$((SECONDS - start))"
    return "$status"
}

setup() {
    results=${RESULTS-$here/results}
    python=${PYTHON-python3}
    device=${DEVICE-gpu}
    steps=${STEPS-20}
    mkdir -p "$results"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT

    local version cudart
    export PYTORCH_LIBRARY_PATH
    PYTORCH_LIBRARY_PATH=$("$python" -c 'import importlib.util, os; print(os.path.dirname(importlib.util.find_spec("torch").origin) + "/lib")')
    version=$(sed -n "s/^__version__ = '\(.*\)'/\1/p" "$PYTORCH_LIBRARY_PATH/../version.py")
    export PYTORCH_VERSION=${version%%+*} PYTORCH_FLAVOR=${version##*+} DJL_CACHE_DIR=$work/djl DJL_OFFLINE=true
    [[ $device == gpu ]] || PYTORCH_FLAVOR=cpu
    if [[ -n ${JNI-} ]]; then
        mkdir -p "$DJL_CACHE_DIR/pytorch/$PYTORCH_VERSION-$PYTORCH_FLAVOR-linux-x86_64"
        cp "$JNI" "$DJL_CACHE_DIR/pytorch/$PYTORCH_VERSION-$PYTORCH_FLAVOR-linux-x86_64/0.36.0-libdjl_torch.so"
    fi
    # DJL looks for libcudart.so to count GPUs and to read their memory; Python's packages have it with a version only.
    cudart=$(find "$PYTORCH_LIBRARY_PATH/../.." /usr/local/cuda*/lib64 -name 'libcudart.so.1*' 2>/dev/null | head -n 1) || true
    if [[ $device == gpu && -n $cudart ]]; then
        mkdir -p "$work/cuda"
        ln -s "$(readlink -f "$cudart")" "$work/cuda/libcudart.so"
        export LD_LIBRARY_PATH=$work/cuda${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    fi
    "$python" -m tarfile -e "$here/runtime.tar.xz" "$work"
    java=("$work/runtime/bin/java" -XX:+UseSerialGC -Xmx8g -Dai.djl.offline=true "-XX:ErrorFile=$results/hs_err_%p.log")
    residuum=("${java[@]}" -cp "$here/jars/*" io.residuum.examples.cli.Residuum)
}

environment() {
    nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || true
    nvidia-smi || true
    uname -sr
    sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | sort | uniq -c
    env | grep -e PYTORCH -e DJL -e LD_LIBRARY
    ls -la "$PYTORCH_LIBRARY_PATH" "$work"/cuda "$DJL_CACHE_DIR"/*/*
    "${java[@]}" -version
    "$python" - <<'P'
import importlib.metadata as m, sys
print(sys.version)
for name in ("torch", "timm", "transformers", "triton", "nvidia-cudnn-cu13", "nvidia-cublas"):
    try:
        print(name, m.version(name))
    except m.PackageNotFoundError:
        print(name, "absent")
import torch
print(torch.version.cuda, torch.backends.cudnn.version(), torch.cuda.is_available() and torch.cuda.get_device_name())
P
}

# One case of ours: CASE WHO, and the number of steps.
ours() {
    local name=$1 who=$2 count=$3 model mode batch length options
    IFS=: read -r model mode batch length <<<"$name"
    options=(bench "$model" --mode "$mode" --batch "$batch" --engine pytorch --device "$device" --steps "$count" --json)
    [[ -z $length ]] || options+=(--length "$length")
    case $who in
        */ops) options+=(--no-compile) ;;
        */*) options+=(--compute "${who#*/}") ;;
    esac
    local log="ours-${name//:/-}-${who//\//-}" output
    if limited "$log" "${CASE_SECONDS-75}" "${residuum[@]}" "${options[@]}"; then
        output=$(sed -n '/^{/,/^}/p' "$results/$log.log" | tr -d '\n')
        printf '{"case": "%s", "round": 1, "who": "%s", "command": "residuum %s", "result": %s}\n' \
            "$name" "$who" "${options[*]}" "$output" >>"${measured-$results/measurements.jsonl}"
        sed 's/.*"medianMs" *: *\([0-9.]*\).*"deviceBytes" *: *\([0-9nul]*\).*/    \1 ms \2 B/' <<<"$output"
        grep -i -e warn -e 'not compiled' "$results/$log.log" | grep -v AutoNonVariable | head -n 3 || true
    else
        tail -n 5 "$results/$log.log"
    fi
}

peers() {
    local name who model mode batch length line
    : >"$work/peers" >"$work/lines"
    # What compiles comes last.
    for who in $peers; do
        for name in $cases; do
            IFS=: read -r model mode batch length <<<"$name"
            [[ $mode == train || $who != compile* ]] || continue
            line="$model --mode $mode --batch $batch${length:+ --length $length} --runtime ${who%%/*} --steps $steps"
            [[ $who != */* ]] || line+=" --compute ${who#*/}"
            line+=" --device ${device/gpu/cuda}"
            printf '%s\n' "$line" >>"$work/lines"
            printf '{"case": "%s", "round": 1, "who": "%s", "command": "python peer.py %s", "result": \n' \
                "$name" "$who" "$line" >>"$work/peers"
        done
    done
    limited peers "${PEERS_SECONDS-240}" "$python" "$here/peer.py" --lines <"$work/lines" || true
    grep '^{' "$results/peers.log" | paste -d '' <(head -n "$(grep -c '^{' "$results/peers.log")" "$work/peers") - \
        | grep -v '"error"' | sed 's/$/}/' >>"$results/measurements.jsonl"
    grep '^{' "$results/peers.log" | sed 's/.*"model": "\([^"]*\)", "mode": "\([^"]*\)", "batch": \([0-9]*\).*"runtime": "\([^"]*\)", "compute": "\([^"]*\)".*"medianMs": \([0-9.]*\).*"deviceBytes": \(.*\)}/\1 \2 \3 \4 \5: \6 ms \7 B/'
}

tests() {
    local folders all=$work/tests
    folders=$(printf ":$all/%s" "$@")
    "${java[@]}" "-Dresiduum.test.device=$device" -cp "$all/residual-core:$all/vision:$all/transformer:$all/examples:$here/tests/*:$here/jars/*" \
        org.junit.platform.console.ConsoleLauncher execute --scan-classpath "${folders#:}" --details=testfeed --disable-banner \
        --include-classname ".*\\.($tests)"
}

# Counts waits and copies in the steady state of training: the differences between the last seconds, for each step.
waits() {
    local name who
    cc -shared -fPIC -O1 -o "$work/calls.so" "$here/cuda_calls.c" -ldl -lpthread
    for name in ${WAIT_CASES-resnet50:train:128 gpt2:train:8:1024}; do
        for who in ${WAIT_WHO-pytorch/bfloat16 pytorch/ops}; do
            rm -f "$work"/calls.[0-9]*
            measured=/dev/null LD_PRELOAD=$work/calls.so CUDA_CALLS=$work/calls ours "$name" "$who" "${WAIT_STEPS-60}" >/dev/null
            printf '%s %s: %s ms a step; per second: waits, copies to device, to host, on device\n' "$name" "$who" \
                "$(sed -n 's/.*"medianMs" *: *\([0-9.]*\).*/\1/p' "$results/ours-${name//:/-}-${who//\//-}.log")"
            awk 'NR > 1 {printf "  %.1f s:", $1; for (i = 2; i <= 5; i++) printf " %d", ($i - last[i]) / ($1 - last[1]); print ""}
                 {for (i = 1; i <= 5; i++) last[i] = $i}' "$(ls -S "$work"/calls.[0-9]* | head -n 1)" | tail -n 8
        done
    done
}

run() {
    setup
    local what name who pair
    : "${CASES=resnet50:train:128 vit-b-16:train:128 gpt2:train:8:1024 gpt2:generate:1:64 resnet50:infer:1 resnet50:infer:32}"
    cases=$CASES
    local mine=${OURS-pytorch/bfloat16 pytorch} extra=${EXTRA-resnet50:train:128=pytorch/ops gpt2:train:8:1024=pytorch/ops gpt2:generate:1:64=pytorch/ops}
    peers=${PEERS-eager/bfloat16 eager compile/bfloat16}
    tests=${TESTS-BlockContractTest|GradientTest|JavaMemoryTest|TorchTargetTest|TorchPrecisionTest|TorchLayersTest|TorchResNetTest|TorchTransformerTest|CompilerTest|CompiledTrainingTest|CheckpointedTrainingTest|TrainingStepTest|CrossEntropyTest|LossScaleTest|OptimizerTest|DropPathTest|ReferenceTest|ContractTest|CheckpointedTransformersTest|AttentionTest|CacheTest|GeneratorTest|ContinuousBatchingTest|PeerParityTest|ImagePeerParityTest|StoriesTest|ResNetTest}
    for what in ${DO-env smoke tests ours peers waits}; do
        printf '== %s, %d s\n' "$what" "$SECONDS"
        case $what in
            env) environment >"$results/env.log" 2>&1 || true ; head -n 1 "$results/env.log" ;;
            smoke)
                for name in char-gpt:train:12=pytorch/ops char-gpt:train:12=pytorch resnet20:infer:8=pytorch; do
                    measured=/dev/null ours "${name%=*}" "${name#*=}" 3
                done ;;
            tests)
                export -f tests
                export NVIDIA_TF32_OVERRIDE=0 here work device tests
                "$python" -m tarfile -e "$here/tests/classes.tar.xz" "$work"
                limited tests-core "${TEST_SECONDS-150}" bash -c "$(declare -p java); tests residual-core" & local core=$!
                limited tests-others "${TEST_SECONDS-150}" bash -c "$(declare -p java); tests vision transformer" & local others=$!
                limited tests-gpu "${TEST_SECONDS-150}" bash -c "$(declare -p java); tests=GpuTest tests examples" || true
                wait "$core" || true
                wait "$others" || true
                unset NVIDIA_TF32_OVERRIDE
                for name in core others gpu; do
                    grep -e 'tests \(found\|successful\|failed\|skipped\)' -e '^relative error' "$results/tests-$name.log" || true
                done
                limited tests-gpu-tf32 "${TF32_SECONDS-45}" bash -c "$(declare -p java); tests=GpuTest tests examples" || true
                grep '^relative error' "$results/tests-gpu-tf32.log" || true ;;
            ours)
                for name in $cases; do
                    for who in $mine; do
                        ours "$name" "$who" "$steps"
                    done
                done
                for pair in $extra; do
                    ours "${pair%=*}" "${pair#*=}" "$steps"
                done ;;
            peers) peers ;;
            waits) waits | tee "$results/waits.log" ;;
        esac
    done
    printf '== end, %d s\n' "$SECONDS"
}

table() {
    local results=$1 root gpu driver cores version
    root=$(cd "$here/../.." && pwd)
    IFS=, read -r gpu driver _ <"$results/env.log"
    cores=$(sed -n 's/^ *\([0-9][0-9]*\) .*/\1/p' "$results/env.log" | head -n 1)
    version=$("$root/residuum" --version | head -n 1)
    java -cp "$(<"$root/target/launcher/classpath")" "$here/Table.java" "$results/measurements.jsonl" \
        "$here/results-$(date +%Y-%m-%d)-gpu" "$version" "one $gpu, driver$driver, $cores CPU cores" \
        "$(grep -m 1 ^Linux "$results/env.log")" "$cores" 1 "eager/bfloat16 eager compile/bfloat16"
}

case ${1-} in
    bundle) bundle "$2" ;;
    run) run ;;
    table) table "$2" ;;
    *)
        sed -n '3,24s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
esac
