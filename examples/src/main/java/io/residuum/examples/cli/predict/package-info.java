/** The predict command for images, texts and tensors. */
@NullMarked
package io.residuum.examples.cli.predict;

import org.jspecify.annotations.NullMarked;
