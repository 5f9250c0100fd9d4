/** Text classification and generation as a user of a trained network calls them. */
@NullMarked
package io.residuum.transformer.predict;

import org.jspecify.annotations.NullMarked;
