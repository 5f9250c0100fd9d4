/** Classifies images over HTTP, in batches, with metrics and health. */
@NullMarked
package io.residuum.examples.http;

import org.jspecify.annotations.NullMarked;
