#!/usr/bin/env bash
# Measures scoring on Spark: two executors with one core each against one, on this machine.
# It needs two idle cores. Arguments: PRESET IMAGES
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
opens=$(sed -n 's|.*<spark.opens>\(.*\)</spark.opens>.*|\1|p' examples/spark/pom.xml)
export SPARK_HOME="$PWD/examples/spark/target/quick/spark-home" SPARK_SCALA_VERSION=2.13 SPARK_LOCAL_IP=127.0.0.1
export OMP_NUM_THREADS=1 OPT_OUT_TRACKING=true
./mvnw -q -Dquick -DskipTests -pl residual-core,vision,transformer,examples/spark test-compile exec:exec@throughput \
    -Dthroughput.skip=false -Dthroughput.args="$opens -Dspark.opens=\"$opens\" -cp %classpath io.residuum.spark.ScoringThroughput ${1:-resnet20} ${2:-20000}"
