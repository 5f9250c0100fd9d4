/** Attention within windows of an image, and the networks that are made of it. */
@NullMarked
package io.residuum.transformer.window;

import org.jspecify.annotations.NullMarked;
