#!/usr/bin/env bash
#
# Compares what other runtimes compute from the files of `residuum export` with what the networks compute: random
# weights, two samples. Writes docs/parity/exported.json and the table "Exported graphs" of docs/parity.md.
#
#   RESIDUUM_PYTHON=venv/bin/python docs/parity/exported.sh [PATTERN ...]
#
# PATTERN            presets to compare, with * for any text; the others keep their rows. Default: one or more of
#                    each family
# RESIDUUM_PYTHON    a Python with onnx, onnxruntime, torch and safetensors. Default: python3
# RESIDUUM_JAVA_OPTS options for Java. Default: -Xmx4g
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

# Builds where that is needed.
"$root/residuum" --version >/dev/null

java=java
[[ -z ${JAVA_HOME-} ]] || java=$JAVA_HOME/bin/java
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2086 # several options in one variable
"$java" ${RESIDUUM_JAVA_OPTS--Xmx4g} -XX:+UseSerialGC -Dparity.work="$work" -Dparity.python="${RESIDUUM_PYTHON-python3}" \
    -cp "$(<"$root/target/launcher/classpath")" "$here/Exported.java" "$here" "$@"
