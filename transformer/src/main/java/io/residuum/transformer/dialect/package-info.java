/** Maps the weight names of other libraries to those of our transformers. */
@NullMarked
package io.residuum.transformer.dialect;

import org.jspecify.annotations.NullMarked;
