#!/usr/bin/env bash
#
# Compares the presets, on both engines, with timm, torchvision and transformers in Python: random weights of
# theirs are read here, and written back for them. Writes docs/parity/results.json and the table of docs/parity.md.
#
#   RESIDUUM_PYTHON=venv/bin/python docs/parity/run.sh [PATTERN ...]
#
# PATTERN            presets to compare, with * for any text; the others keep their rows. Default: all
# RESIDUUM_PYTHON    a Python with torch, torchvision, timm, transformers and safetensors. Default: python3
# LIMIT              leave out networks with more parameters. Default: 250000000
# RESIDUUM_JAVA_OPTS options for Java. Default: -Xmx8g
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
"$java" ${RESIDUUM_JAVA_OPTS--Xmx8g} -XX:+UseSerialGC -Dparity.work="$work" -Dparity.limit="${LIMIT-250000000}" \
    -Dparity.python="${RESIDUUM_PYTHON-python3}" \
    -cp "$(<"$root/target/launcher/classpath")" "$here/Parity.java" "$here" "$@"
