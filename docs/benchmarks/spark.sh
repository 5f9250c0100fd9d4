#!/usr/bin/env bash
# Measures scoring on Spark: two executors with one core each against one, on this machine.
# It needs two idle cores. Arguments: PRESET IMAGES
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# For the driver and the executors: the packages that Spark reads by reflection.
JDK_JAVA_OPTIONS=$(sed -n 's|.*<spark.opens>\(--.*\)</spark.opens>.*|\1|p' examples/spark/pom.xml)
export JDK_JAVA_OPTIONS SPARK_HOME="$PWD/examples/spark/target/quick/spark-home" SPARK_SCALA_VERSION=2.13 SPARK_LOCAL_IP=127.0.0.1
export OMP_NUM_THREADS=1 OPT_OUT_TRACKING=true
./mvnw -q -Dquick -pl examples/spark -am test-compile exec:exec -Dexec.executable=java -Dexec.classpathScope=test \
    -Dexec.args="-cp %classpath io.residuum.spark.ScoringThroughput ${1:-resnet20} ${2:-20000}"
