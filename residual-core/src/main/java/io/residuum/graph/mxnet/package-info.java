/**
 * Graphs as MXNet symbols: written as the JSON that MXNet loads, fused by oneDNN for inference, and
 * run as one operation of the engine.
 */
@NullMarked
package io.residuum.graph.mxnet;

import org.jspecify.annotations.NullMarked;
