#!/usr/bin/env bash
#
# Measures Residuum on both engines beside PyTorch and onnxruntime in Python, in turn, on this machine, and writes
# docs/benchmarks/results-DATE.md and .json.
#
#   RESIDUUM_PYTHON=venv/bin/python docs/benchmarks/run.sh
#
# RESIDUUM_PYTHON  a Python with torch, timm, transformers, onnx and onnxruntime; without it only ours is measured
# ROUNDS           how often each case is measured. Default: 3
# THREADS          threads of every engine. Default: the number of processors
# STEPS            measure exactly so many steps. Default: at least 10 and 3 seconds
# CASES            those to measure, as MODEL:MODE:BATCH or MODEL:MODE:BATCH:LENGTH; MODEL is also the path of a config.json
#                  in a folder beside this file. Default: those of docs/benchmarks.md
# OURS             what is measured of ours: an engine; behind a slash, ops (operation by operation), a runtime
#                  (onnxruntime, auto) or a type to compute in. Default: mxnet pytorch pytorch/bfloat16 mxnet/ops pytorch/ops
# PEERS            what is measured beside: eager, compile, onnxruntime (inference, but of GPTs), or eager/bfloat16.
#                  Default: eager onnxruntime
# DEVICE           cpu or gpu. Default: cpu
# BUSY             numbers of endless loops to run beside: "0 4" measures each case alone and beside 4. Default: 0
# RESULTS          the files to write, without ending. Default: docs/benchmarks/results-DATE
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

rounds=${ROUNDS-3}
threads=${THREADS-$(getconf _NPROCESSORS_ONLN)}
cases=${CASES-resnet50:infer:1 resnet50:infer:16 resnet20:infer:1 vit-s-16:infer:1 vit-s-16:infer:8 resnet50:train:16 resnet20:train:128 gpt2:train:2:128 gpt2:generate:1:64 char-gpt:train:12}
ours=${OURS-mxnet pytorch pytorch/bfloat16 mxnet/ops pytorch/ops}
peers=${PEERS-eager onnxruntime}
device=${DEVICE-cpu}
busy=${BUSY-0}
results=${RESULTS-$here/results-$(date +%Y-%m-%d)}
python=${RESIDUUM_PYTHON-}

# Both sides read it when they start. Unset, Residuum chooses for itself.
[[ -z ${THREADS-} ]] || export OMP_NUM_THREADS=$threads

work=$(mktemp -d)
loops=()
trap 'stop_loops; rm -rf "$work"' EXIT
lines=$work/measurements.jsonl

# Runs a command that prints one JSON object, and notes it with the command and its case.
measure() {
    local name=$1 round=$2 who=$3 output
    shift 3
    printf '%-22s round %s  %-16s ' "$name" "$round" "$who" >&2
    if ! output=$("$@" 2>"$work/errors"); then
        printf 'failed\n' >&2
        cat "$work/errors" >&2
        exit 1
    fi
    output=$(tr -d '\n' <<<"$output")
    printf '{"case": "%s", "round": %s, "who": "%s", "command": "%s", "result": %s}\n' \
        "$name" "$round" "$who" "$(shorten "$*")" "$output" >>"$lines"
    sed 's/.*"medianMs" *: *\([0-9.]*\).*/\1 ms/' <<<"$output" >&2
}

start_loops() {
    local i
    for ((i = 0; i < $1; i++)); do
        while :; do :; done &
        loops+=($!)
    done
}

stop_loops() {
    # In braces, since the shell reports what it kills.
    ((${#loops[@]} == 0)) || { kill "${loops[@]}" && wait "${loops[@]}"; } 2>/dev/null || true
    loops=()
}

# A command as one would type it in the root of the project.
shorten() {
    local text=$1
    text=${text//"$root"\//}
    [[ -z $python ]] || text=${text//"$python"/python}
    printf '%s' "${text/#residuum/./residuum}"
}

cpu() {
    if [[ -r /proc/cpuinfo ]]; then
        sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1
    else
        sysctl -n machdep.cpu.brand_string 2>/dev/null || uname -m
    fi
}

# Builds where that is needed, so that no measurement waits for it.
"$root/residuum" --version >"$work/version" 2>"$work/errors" || {
    cat "$work/errors" >&2
    exit 1
}

extra=()
[[ -z ${STEPS-} ]] || extra=(--steps "$STEPS")

# Measures one case, ours and the peers' in turn.
measure_case() {
    local name=$1 round=$2 label=$3 model mode batch length who common options
    IFS=: read -r model mode batch length <<<"$name"
    common=("$model" --mode "$mode" --batch "$batch" ${extra[@]+"${extra[@]}"})
    [[ -z $length ]] || common+=(--length "$length")
    for who in $ours; do
        options=()
        case $who in
            */ops) options=(--no-compile) ;;
            */onnxruntime | */auto) options=(--runtime "${who#*/}") ;;
            */*) options=(--compute "${who#*/}") ;;
        esac
        measure "$label" "$round" "$who" "$root/residuum" bench "${common[@]}" \
            ${options[@]+"${options[@]}"} --engine "${who%%/*}" --device "$device" --json
    done
    [[ -n $python ]] || return 0
    for who in $peers; do
        [[ $who != onnxruntime ]] || [[ $mode == infer && $model != *gpt* ]] || continue
        options=(--runtime "${who%%/*}")
        [[ $who != */* ]] || options+=(--compute "${who#*/}")
        measure "$label" "$round" "$who" "$python" "$here/peer.py" "$(basename "${model%/config.json}" .json)" "${common[@]:1}" "${options[@]}" \
            --threads "$threads" --device "${device/gpu/cuda}"
    done
}

for ((round = 1; round <= rounds; round++)); do
    for name in $cases; do
        for number in $busy; do
            label=$name
            ((number == 0)) || label="$name beside $number loops"
            start_loops "$number"
            measure_case "$name" "$round" "$label"
            stop_loops
        done
    done
done

# What runs here in any case is Java: the table is written by the same launcher's Java, as a source file.
java=java
[[ -z ${JAVA_HOME-} ]] || java=$JAVA_HOME/bin/java
"$java" -cp "$(<"$root/target/launcher/classpath")" "$here/Table.java" \
    "$lines" "$results" "$(head -n 1 "$work/version")" "$(cpu)" "$(uname -sr)" "$threads" "$rounds" "$peers"
printf 'wrote %s.md and .json\n' "$results" >&2
