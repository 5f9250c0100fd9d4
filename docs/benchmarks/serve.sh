#!/usr/bin/env bash
#
# Loads `residuum serve` from a second process on this machine, and prints a table in Markdown: latencies, throughput, refused
# requests and memory for growing numbers of clients, and over many requests. The last column tells whether memory is flat.
# Fails if any request has another result than an answer or status 429.
#
#   docs/benchmarks/serve.sh
#
# MODEL     the model to serve. Default: resnet18 with random weights
# SIDE      height and width of the picture that is sent. Default: 224
# CLIENTS   numbers of clients, each with one request at a time. Default: 1 2 4 8 16 32 64
# REQUESTS  requests for each number of clients. Default: 500
# LONG      requests of the last row, which is for memory. Default: 100000
# OPTIONS   options of residuum serve. Default: none
# PEER      the URL of another server with the same model, to be loaded the same way, such as
#           http://127.0.0.1:8080/predictions/resnet18 of DJL Serving. Default: none
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

model=${MODEL-resnet18}
side=${SIDE-224}
clients=${CLIENTS-1 2 4 8 16 32 64}
requests=${REQUESTS-500}
long=${LONG-100000}
peer=${PEER-}

work=$(mktemp -d)
server=
stop() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT

"$root/residuum" version >/dev/null
# shellcheck disable=SC2086 # several options in one variable
"$root/residuum" serve "$model" --port 0 ${OPTIONS-} >"$work/out" 2>"$work/err" &
server=$!
for ((i = 0; i < 600; i++)); do
    url=$(sed -n 's|^serving .* at \(http://[^ ]*\).*|\1|p' "$work/out")
    [[ -z $url ]] || break
    kill -0 "$server" 2>/dev/null || { cat "$work/err" >&2; exit 1; }
    sleep 0.1
done

javac -d "$work" "$here/ServeLoad.java"
load() {
    java -XX:+UseSerialGC -cp "$work" ServeLoad "$@"
}

head_of_table() {
    printf '| clients | answered | refused | failed | requests/s | p50 ms | p95 ms | p99 ms | MiB before | MiB after |\n'
    printf '|---|---|---|---|---|---|---|---|---|---|\n'
}

grep '^engine' "$work/err" || true
printf '%s, pictures of %s x %s, %s\n\n' "$model" "$side" "$side" "${OPTIONS-default options}"
load "$url/v1/predict" - 4 50 "$side" >/dev/null
head_of_table
for n in $clients; do
    load "$url/v1/predict" "$url/metrics" "$n" "$requests" "$side"
done
last=${clients##* }
load "$url/v1/predict" "$url/metrics" "$last" "$long" "$side"
if [[ -n $peer ]]; then
    printf '\n%s\n\n' "$peer"
    load "$peer" - 4 50 "$side" >/dev/null
    head_of_table
    for n in $clients; do
        load "$peer" - "$n" "$requests" "$side"
    done
fi
