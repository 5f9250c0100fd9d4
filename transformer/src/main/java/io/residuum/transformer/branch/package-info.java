/** Branches of a transformer block (attention and feed-forward) and the parts of attention. */
@NullMarked
package io.residuum.transformer.branch;

import org.jspecify.annotations.NullMarked;
