/** Classifies images in Flink. */
@NullMarked
package io.residuum.examples.flink;

import org.jspecify.annotations.NullMarked;
